//! Today, as JSON for programs and as text for terminals. Figures are decimals as text, estimates are numbers; each line names
//! the page of its records.

use dialmark_govern::today::left::Left;
use dialmark_govern::today::pace::Needed;
use dialmark_govern::today::{
    Callbacks, Cause, Due, Exceptions, Gaps, Hours, HoursLeft, Lists, Moved, Pace, PaceTarget, Panel,
    Records, Today, Was,
};
use dialmark_metrics::{Cell, Ratio};
use serde_json::{Map, Value, json};

use super::{decimal, standings, why};
use crate::pages::overview::Lead;
use crate::today;

/// The whole answer. A panel that has nothing to say is `{"nothing": why}`.
pub fn today(all: &Today) -> Value {
    json!({
        "asked_at": all.asked_at.to_string(),
        "at": all.at.to_string(),
        "data_to": all.data_to.to_string(),
        "day": all.day.to_string(),
        "yesterday": all.yesterday.map(|day| day.to_string()),
        "zone": all.zone,
        "place": all.place,
        "lead": today::lead(all).iter().map(|says| sentence(says)).collect::<Vec<_>>(),
        "yesterday_kpis": panel(&all.figures, |figures| figures.iter().map(was).collect()),
        "moved": panel(&all.moved, moved),
        "pace": panel(&all.pace, pace),
        "lists": panel(&all.lists, lists),
        "callbacks": panel(&all.callbacks, callbacks),
        "exceptions": all.floor.as_ref().map(|floor| panel(floor, |all| all.iter().map(exception).collect())),
        "calling": all.calling.as_ref().map(|calling| panel(calling, super::ledger)),
        "gaps": gaps(&all.gaps),
        "cases": all.cases.as_ref().map(|cases| cases.iter().map(due).collect::<Vec<_>>()),
        "contact_by_hour": panel(&all.hours, hours),
    })
}

fn panel<T>(panel: &Panel<T>, of: impl Fn(&T) -> Value) -> Value {
    match panel {
        Ok(found) => of(found),
        Err(why) => json!({ "nothing": why }),
    }
}

fn records(records: &Records) -> Value {
    Value::from(today::link(records).to_string())
}

fn number(value: Option<Ratio>) -> Value {
    value.map_or(Value::Null, |value| Value::from(decimal(value)))
}

fn cell(cell: &Cell) -> Value {
    match &cell.value {
        Ok(value) => Value::from(decimal(*value)),
        Err(reason) => json!({ "nothing": reason.to_string() }),
    }
}

fn sentence(pieces: &[Lead]) -> Value {
    let text: String = pieces.iter().map(said).collect();
    let links: Vec<Value> = pieces
        .iter()
        .filter_map(|piece| match piece {
            Lead::Figure(figure, href) => Some(json!({ "figure": figure, "records": href.to_string() })),
            Lead::Words(_) => None,
        })
        .collect();
    json!({ "says": text, "figures": links })
}

fn said(piece: &Lead) -> &str {
    match piece {
        Lead::Words(text) | Lead::Figure(text, _) => text,
    }
}

fn was(was: &Was) -> Value {
    let standing = standings(std::slice::from_ref(&was.standing));
    let mut object = match standing {
        Value::Array(mut all) => all.pop().unwrap_or_default(),
        other => other,
    };
    if let Value::Object(object) = &mut object {
        object.insert("is_of_day".to_owned(), Value::from(was.is_of_day));
        let like = was.like.as_ref().map(|like| json!({ "value": decimal(like.value), "of": like.of }));
        object.insert("like".to_owned(), like.unwrap_or_default());
        let course: Map<String, Value> =
            was.course.iter().map(|(day, value)| (day.to_string(), number(*value))).collect();
        object.insert("course".to_owned(), Value::Object(course));
        object.insert("records".to_owned(), records(&was.records));
    }
    object
}

fn moved(moved: &Moved) -> Value {
    let cause = |one: &Cause| {
        let looked = moved.looked.get(one.at);
        json!({
            "kpi": looked.map(|looked| looked.kpi.clone()),
            "by": one.by,
            "is": one.effect.key.iter().map(ToString::to_string).collect::<Vec<_>>(),
            "total": one.effect.total,
            "rate": one.effect.rate,
            "mix": one.effect.mix,
            "sure": one.is_sure,
            "says": one.says,
            "records": looked.and_then(|looked| today::cause_link(looked, one)).map(|href| href.to_string()),
        })
    };
    json!({
        "causes": moved.causes.iter().map(cause).collect::<Vec<_>>(),
        "looked": moved.looked.iter().map(|one| json!({
            "kpi": one.kpi,
            "weighs": one.weighs.iter().map(|weight| json!({
                "by": weight.by, "is": weight.key.to_string(), "says": weight.says,
                "records": today::weight_link(weight).map(|href| href.to_string()),
            })).collect::<Vec<_>>(),
            "rest": one.rest.2,
            "rest_says": today::rest(one),
            "why": why(&one.why),
        })).collect::<Vec<_>>(),
        "passed_over": moved.passed_over.iter().map(|(kpi, why)| json!({ "kpi": kpi, "why": why })).collect::<Vec<_>>(),
    })
}

fn pace(pace: &Pace) -> Value {
    json!({
        "hours_left": match &pace.hours {
            HoursLeft::Planned => json!({ "from": "plan" }),
            HoursLeft::Typical(days) => json!({ "from": "same_weekdays", "days": days }),
            HoursLeft::Unknown(why) => json!({ "nothing": why }),
        },
        "aims": pace.aims.iter().map(|aim| json!({
            "kpi": aim.kpi,
            "counted": aim.counted,
            "owner": aim.owner,
            "target": match aim.target {
                PaceTarget::Day(target) => json!({ "in_the_day": decimal(target) }),
                PaceTarget::Hour(target) => json!({ "an_hour": decimal(target) }),
            },
            "rows": aim.rows.iter().map(|row| json!({
                "place": row.place,
                "is_part": row.is_part,
                "made": decimal(row.made),
                "goal": number(row.goal),
                "logged_ms": decimal(row.logged_ms),
                "left_ms": number(row.left_ms),
                "now_an_hour": number(row.now),
                "needed": needed(row.needed),
                "ends_on": number(row.ends_on),
                "records": records(&row.records),
            })).collect::<Vec<_>>(),
        })).collect::<Vec<_>>(),
    })
}

fn needed(needed: Needed) -> Value {
    match needed {
        Needed::Reached => json!({ "is": "reached" }),
        Needed::AnHour(rate) => json!({ "is": "an_hour", "an_hour": decimal(rate) }),
        Needed::TooLate(lacking) => json!({ "is": "no_hour_left", "lacking": decimal(lacking) }),
        Needed::HoursUnknown(lacking) => json!({ "is": "hours_unknown", "lacking": decimal(lacking) }),
        Needed::NoTarget => json!({ "is": "no_target" }),
    }
}

fn lists(lists: &Lists) -> Value {
    json!({
        "pace_of": { "from": lists.pace_of.0.to_string(), "last": lists.pace_of.1.to_string(), "dialling_days": lists.pace_of.2 },
        "rows": lists.rows.iter().map(|row| json!({
            "list_id": row.list,
            "uncalled_leads": cell(&row.uncalled),
            "new_leads_per_day": cell(&row.fresh_a_day),
            "days_left": match row.left { Left::Days(days) => Value::from(decimal(days)), _ => Value::Null },
            "left": today::left(row.left),
            "attempts_per_lead": cell(&row.attempts),
            "invalid_number_rate": cell(&row.invalid),
            "records": records(&row.records),
        })).collect::<Vec<_>>(),
        "notes": lists.notes,
    })
}

fn callbacks(callbacks: &Callbacks) -> Value {
    json!({
        "grace_ms": callbacks.grace_ms,
        "days_back": callbacks.days_back,
        "rows": callbacks.rows.iter().map(|row| json!({
            "campaign_id": row.campaign,
            "due": row.due,
            "due_records": records(&row.due_records),
            "overdue": row.overdue,
            "overdue_records": records(&row.overdue_records),
        })).collect::<Vec<_>>(),
    })
}

fn exception(one: &Exceptions) -> Value {
    json!({
        "label": one.label,
        "threshold_ms": one.threshold_ms,
        "count": one.count.as_ref().map_or_else(|why| json!({ "nothing": why }), |count| Value::from(*count)),
        "agents": one.agents.iter().map(|(agent, count, behind)| json!({
            "agent_id": agent, "count": count, "records": records(behind),
        })).collect::<Vec<_>>(),
        "records": records(&one.records),
    })
}

fn gaps(gaps: &Gaps) -> Value {
    json!({
        "since": gaps.since.map(|day| day.to_string()),
        "sources": gaps.sources.iter().map(|gap| json!({
            "source": gap.source, "table": gap.table, "from": gap.from.to_string(), "to": gap.to.to_string(),
            "received": gap.received, "usual": gap.usual,
        })).collect::<Vec<_>>(),
        "sites": gaps.sites.iter().map(|gap| json!({
            "site_id": gap.site, "from": gap.quiet.from.to_string(), "to": gap.quiet.to.to_string(),
            "logged_ms": gap.quiet.logged_ms.to_string(), "usual_ms": gap.quiet.usual_ms.to_string(),
            "records": records(&gap.records),
        })).collect::<Vec<_>>(),
        "without_sites": gaps.without_sites,
    })
}

fn due(due: &Due) -> Value {
    json!({
        "case": due.id,
        "kpi": due.label,
        "place": due.place,
        "missed": due.missed,
        "causes": due.causes,
        "next": due.next.as_ref().map(|next| json!({
            "says": next.says, "owner": next.owner, "due_at": next.due_at.to_string(), "is_late": next.is_late,
        })),
    })
}

fn hours(hours: &Hours) -> Value {
    let row = |(day, cells): &(u8, Vec<Option<Cell>>)| {
        let values = hours
            .hours
            .iter()
            .zip(cells)
            .map(|(hour, one)| (hour.to_string(), one.as_ref().map_or(Value::Null, cell)));
        json!({ "weekday": dialmark_metrics::Key::Weekday(*day).to_string(), "by_hour": values.collect::<Map<_, _>>() })
    };
    json!({
        "metric": hours.metric.to_string(),
        "from": hours.days.0.to_string(),
        "last": hours.days.1.to_string(),
        "rows": hours.rows.iter().map(row).collect::<Vec<_>>(),
    })
}

//! Today for a terminal: the same panels as the page, in the same order.

use dialmark_govern::calling::{Budget, Entry, Share};
use dialmark_govern::today::{Gaps, Panel, Today};
use dialmark_metrics::metric::Unit;

use super::gap;
use crate::pages::compliance::{share_of, whole};
use crate::pages::overview::Lead;
use crate::{format, judged, today, when};

/// A part of the text: its title, and tables or sentences below it.
pub struct Part {
    /// Title.
    pub title: String,
    /// Head of the columns and rows, where it is a table.
    pub table: Option<(Vec<&'static str>, Vec<Vec<String>>)>,
    /// Sentences below.
    pub says: Vec<String>,
}

/// The sentences at the top, without their links.
pub fn lead_text(all: &Today) -> Vec<String> {
    let text = |pieces: Vec<Lead>| {
        let pieces = pieces.into_iter().map(|piece| match piece {
            Lead::Words(text) | Lead::Figure(text, _) => text,
        });
        pieces.collect::<String>()
    };
    today::lead(all).into_iter().map(text).collect()
}

/// Everything below.
pub fn today_parts(all: &Today) -> Vec<Part> {
    let mut parts = vec![figures(all), moved(all), pace(all), lists(all), callbacks(all)];
    parts.extend(budget(all));
    parts.extend(floor(all));
    parts.push(gaps(all, &all.gaps));
    parts.extend(cases(all));
    parts
}

fn nothing(title: &str, why: &str) -> Part {
    Part { title: title.to_owned(), table: None, says: vec![why.to_owned()] }
}

fn part<T>(title: &str, panel: &Panel<T>, of: impl Fn(&T) -> Part) -> Part {
    match panel {
        Ok(found) => of(found),
        Err(why) => nothing(title, why),
    }
}

fn figures(all: &Today) -> Part {
    let title =
        all.yesterday.map_or_else(|| "Yesterday".to_owned(), |day| format!("Yesterday, {}", when::day(day)));
    part(&title, &all.figures, |figures| {
        let row = |was: &dialmark_govern::today::Was| {
            vec![
                was.standing.kpi.label.clone(),
                judged::value(&was.standing),
                format!("{} {}", judged::sign(&was.standing.status), was.standing.status.label()),
                judged::target(&was.standing),
                today::moved(was).unwrap_or_default(),
                judged::interval(&was.standing).unwrap_or_default(),
                format::count(was.standing.cell.n),
                was.standing.kpi.owner.clone(),
            ]
        };
        Part {
            title: title.clone(),
            table: Some((
                vec!["KPI", "value", "status", "target", "against", "95 % interval", "n", "owner"],
                figures.iter().map(row).collect(),
            )),
            says: Vec::new(),
        }
    })
}

fn moved(all: &Today) -> Part {
    let title = "What moved, and what did it";
    part(title, &all.moved, |moved| {
        let causes = moved.causes.iter().filter_map(|cause| {
            let looked = moved.looked.get(cause.at)?;
            let (size, name) = (today::cause_size(looked, cause), today::cause_name(cause));
            let doubt = if cause.is_sure { "" } else { " (cannot be told from chance)" };
            Some(format!("{size}  {}, {name}{doubt}: {}", looked.label, today::cause_how(cause)))
        });
        let mut says: Vec<String> = causes.collect();
        says.extend(moved.looked.iter().map(|one| format!("{}: {}", one.label, today::rest(one))));
        says.extend(moved.looked.iter().flat_map(|one| {
            one.weighs.iter().map(|weight| {
                format!(
                    "Keeps {} from its target: {}, {}",
                    one.label,
                    today::weight_name(weight),
                    today::weight_says(weight)
                )
            })
        }));
        says.extend(moved.passed_over.iter().map(|(kpi, why)| format!("{kpi} was not taken apart: {why}.")));
        if says.is_empty() {
            says.push("Nothing was missed or got worse.".to_owned());
        }
        Part { title: title.to_owned(), table: None, says }
    })
}

fn pace(all: &Today) -> Part {
    let title = "Pace of today";
    part(title, &all.pace, |pace| {
        let rows = pace.aims.iter().flat_map(|aim| {
            aim.rows.iter().map(|row| {
                let indent = if row.is_part { "  " } else { "" };
                vec![
                    format!("{indent}{}", today::place(&row.place)),
                    aim.counted.clone(),
                    today::many(row.made),
                    row.goal.map_or_else(String::new, today::many),
                    row.now.map_or_else(|| format::DASH.to_owned(), today::rate),
                    today::needed(row),
                    row.left_ms.map_or_else(|| format::DASH.to_owned(), today::hours),
                    row.ends_on.map_or_else(|| format::DASH.to_owned(), today::many),
                ]
            })
        });
        let rows = rows.collect();
        let head = vec!["place", "what", "made", "of", "an hour now", "needed", "hours left", "ends on"];
        Part {
            title: title.to_owned(),
            table: Some((head, rows)),
            says: vec![today::hours_left(&pace.hours)],
        }
    })
}

fn lists(all: &Today) -> Part {
    let title = "Days of data left";
    part(title, &all.lists, |lists| {
        let figure = |cell: &dialmark_metrics::Cell, unit| match &cell.value {
            Ok(value) => format::figure(*value, unit, None).to_string(),
            Err(reason) => format!("{} {reason}", format::DASH),
        };
        use dialmark_metrics::metric::Unit::{Count, Share};
        let row = |row: &dialmark_govern::today::ListLeft| {
            vec![
                row.list.clone().unwrap_or_else(|| "no list".to_owned()),
                figure(&row.uncalled, Count),
                figure(&row.fresh_a_day, Count),
                today::left(row.left),
                figure(&row.attempts, Count),
                figure(&row.invalid, Share),
            ]
        };
        let mut says = vec![pace_of(lists.pace_of)];
        says.extend(lists.notes.iter().cloned());
        Part {
            title: title.to_owned(),
            table: Some((
                vec!["list", "never called", "first calls a day", "left", "calls a lead", "invalid"],
                lists.rows.iter().map(row).collect(),
            )),
            says,
        }
    })
}

/// Which days the pace is taken of.
pub fn pace_of((first, last, days): (jiff::civil::Date, jiff::civil::Date, usize)) -> String {
    let days = crate::parts::counted(days, "dialling day", "dialling days");
    format!("At the pace of the last {days}, {}.", when::days(first, last))
}

fn callbacks(all: &Today) -> Part {
    let title = "Callbacks";
    part(title, &all.callbacks, |callbacks| {
        let row = |row: &dialmark_govern::today::CallbackRow| {
            vec![
                row.campaign.clone().unwrap_or_else(|| "no campaign".to_owned()),
                format::count(row.due),
                format::count(row.overdue),
            ]
        };
        let rows: Vec<Vec<String>> = callbacks.rows.iter().map(row).collect();
        match rows.is_empty() {
            true => nothing(title, "None is due in the rest of the day, and none is overdue."),
            false => Part {
                title: title.to_owned(),
                table: Some((vec!["campaign", "due later today", "overdue"], rows)),
                says: vec![gap::overdue(callbacks)],
            },
        }
    })
}

fn budget(all: &Today) -> Option<Part> {
    let title = "Budget of abandoned calls";
    Some(part(title, all.calling.as_ref()?, |ledger| {
        let row = |(entry, share, budget): &(&Entry, &Share, Budget)| {
            let limit = entry.rule.limit();
            vec![
                share.campaign.clone().unwrap_or_else(|| "no campaign".to_owned()),
                entry.rule.label.clone(),
                share_of(&share.now),
                limit.map_or(format::DASH.to_owned(), |limit| {
                    format::figure(limit, Unit::Share, None).to_string()
                }),
                whole(budget.left),
                budget.left_today.map_or(format::DASH.to_owned(), whole),
            ]
        };
        let rows: Vec<Vec<String>> = ledger.tightest().iter().map(row).collect();
        match rows.is_empty() {
            true => nothing(
                title,
                "No rule that limits abandoned calls holds here, or none of its calls was made.",
            ),
            false => Part {
                title: title.to_owned(),
                table: Some((
                    vec!["campaign", "rule", "abandoned", "at most", "left now", "left at today's volume"],
                    rows,
                )),
                says: vec!["`dialmark compliance` shows all calling rules.".to_owned()],
            },
        }
    }))
}

fn floor(all: &Today) -> Option<Part> {
    let title = "Exceptions today";
    Some(part(title, all.floor.as_ref()?, |kinds| {
        let row = |one: &dialmark_govern::today::Exceptions| {
            let agents = one.agents.iter().map(|(agent, number, _)| format!("{agent} ({number})"));
            vec![
                one.label.clone(),
                one.threshold_ms.map_or_else(String::new, |ms| format!("over {}", today::length(ms))),
                one.count.as_ref().map_or_else(|why| format!("{} {why}", format::DASH), format::count),
                agents.collect::<Vec<_>>().join(", "),
            ]
        };
        let rows = kinds.iter().map(row).collect();
        Part {
            title: title.to_owned(),
            table: Some((vec!["what", "threshold", "so far", "most at"], rows)),
            says: Vec::new(),
        }
    }))
}

fn gaps(all: &Today, gaps: &Gaps) -> Part {
    let sites = gaps.sites.iter().map(|one| gap::site(all, one));
    let mut says: Vec<String> = sites.chain(gaps.sources.iter().map(|one| gap::source(all, one))).collect();
    if says.is_empty() {
        says.push(gap::none(gaps));
    }
    Part { title: "Data gaps".to_owned(), table: None, says }
}

fn cases(all: &Today) -> Option<Part> {
    let cases = all.cases.as_ref()?;
    if cases.is_empty() {
        return Some(nothing("Cases", "No case is open."));
    }
    let zone = today::zone(all);
    let rows = cases.iter().map(|due| {
        let next = due.next.as_ref();
        vec![
            due.id.to_string(),
            due.label.clone(),
            due.missed.clone(),
            next.map_or_else(|| "nothing is due".to_owned(), |next| next.says.clone()),
            next.map_or_else(String::new, |next| when::instant(next.due_at, &zone)),
            next.map_or_else(String::new, |next| if next.is_late { "late" } else { "open" }.to_owned()),
        ]
    });
    let rows = rows.collect();
    let head = vec!["case", "KPI", "missed", "next", "due", ""];
    Some(Part { title: "Cases".to_owned(), table: Some((head, rows)), says: Vec::new() })
}

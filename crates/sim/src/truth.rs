//! `truth.json`: what was planted, and what was counted while it was made.

use std::collections::BTreeMap;

use jiff::civil::Date;
use serde::Serialize;
use serde_json::{Value, json};

use crate::calendar::plus;
use crate::campaign::Campaign;
use crate::layout::State;
use crate::lists::{AGED_LIST, LISTS};
use crate::plan::Plan;
use crate::story::{EIGHTH_CALL_ACCOUNTS, FALLEN_CALLER, Story};
use crate::tallies::{CallTally, PromiseTally, StageTally, Tallies};

/// A share as numerator and denominator; nothing is divided here.
fn ratio(numerator: u64, denominator: u64) -> Value {
    json!({ "numerator": numerator, "denominator": denominator })
}

/// The planted causes with their dates and figures, and the oracle's tallies.
pub fn truth(plan: &Plan, tallies: &Tallies) -> Value {
    let story = Story::of(plan.end);
    json!({
        "plan": {
            "seed": plan.seed,
            "days": plan.days,
            "calls_per_day": plan.calls_per_day,
            "first_day": plan.first_day().to_string(),
            "end": plan.end.to_string(),
            "now": plan.now().to_string(),
            "zone": crate::plan::ZONE,
        },
        "units": {
            "_ms": "milliseconds",
            "_pence": "hundredths of a pound",
            "_units": "ten-thousandths of a pound",
        },
        "causes": causes(plan, &story, tallies),
        "faults": faults(&story, tallies),
        "tallies": {
            "total": tallies.calls_where(|_, _, _| true),
            "calls": rows(&tallies.calls, |(day, campaign, list)| json!({
                "day": day.to_string(), "campaign": campaign.id(), "list": list, "lead_source": source_of(list),
            })),
            "hours": rows(&tallies.hours, |(day, campaign, hour)| json!({
                "day": day.to_string(), "campaign": campaign.id(), "hour": hour,
            })),
            "callers": rows(&tallies.callers, |(day, caller)| json!({
                "day": day.to_string(), "caller_id": caller_name(*caller),
            })),
            "agents": tallies.agents.iter().map(|((day, agent), tally)| json!({
                "day": day.to_string(),
                "agent": agent.to_string(),
                "calls": tally.calls,
                "states_ms": states(&tally.states.0),
                "logged_ms": tally.logged_ms,
            })).collect::<Vec<_>>(),
            "agents_of_other_floors": rows(&tallies.other_agents, |day| json!({ "day": day.to_string() })),
            "deals": rows(&tallies.deals, |(day, campaign)| json!({
                "day": day.to_string(), "campaign": campaign.id(),
            })),
            "clawbacks": tallies.clawbacks.iter().map(|(day, n)| json!({ "day": day.to_string(), "clawbacks": n }))
                .collect::<Vec<_>>(),
            "promises": rows(&tallies.promises, |day| json!({ "day": day.to_string() })),
            "payments": tallies.payments.iter().map(|(day, (count, pence))| json!({
                "day": day.to_string(), "payments": count, "paid_pence": pence,
            })).collect::<Vec<_>>(),
            "costs": tallies.costs.iter().map(|((day, category), units)| json!({
                "day": day.to_string(), "category": category, "cost_units": units,
            })).collect::<Vec<_>>(),
            "voice": rows(&tallies.voice, |day| json!({ "day": day.to_string() })),
        },
    })
}

fn rows<K, T: Serialize>(map: &BTreeMap<K, T>, key: impl Fn(&K) -> Value) -> Vec<Value> {
    map.iter()
        .map(|(k, tally)| {
            let mut row = key(k);
            if let (Some(row), Ok(Value::Object(tally))) = (row.as_object_mut(), serde_json::to_value(tally))
            {
                row.extend(tally);
            }
            row
        })
        .collect()
}

fn states(ms: &[u64; 7]) -> Value {
    State::ALL.iter().zip(ms).map(|(state, ms)| (state.word().to_owned(), json!(ms))).collect()
}

fn source_of(list: &str) -> &'static str {
    LISTS.iter().find(|l| l.code == list).map_or("", |l| l.source)
}

fn caller_name(caller: u8) -> String {
    let mut name = crate::text::Text::default();
    crate::refs::caller_of(&mut name, caller);
    name.as_str().to_owned()
}

/// What was planted, with what came of it.
fn causes(plan: &Plan, story: &Story, tallies: &Tallies) -> Value {
    json!({
        "list_not_team": list_not_team(plan, story, tallies),
        "outage_and_abandonment": outage(plan, story, tallies),
        "star": star(plan, story, tallies),
        "promises": promises(story, tallies),
        "caller_id": caller_id(story, tallies),
        "roster": roster(story, tallies),
        "statement": statement(plan, story, tallies),
        "site_joins": { "site": "durban", "from": story.offshore_joins.to_string() },
        "team_move": { "from": "L-HOME-1", "to": "L-HOME-2", "first_day": story.team_move.to_string() },
    })
}

fn list_not_team(plan: &Plan, story: &Story, tallies: &Tallies) -> Value {
    let home = |from: Date, until: Date, source: Option<&str>| {
        tallies.calls_where(|day, campaign, list| {
            campaign == Campaign::HomeSwitch
                && (from..until).contains(&day)
                && source.is_none_or(|s| source_of(list) == s)
        })
    };
    let period = |from, until| {
        let all = home(from, until, None);
        let by = ["web", "partner", "cold"].map(|source| {
            let part = home(from, until, Some(source));
            json!({
                "lead_source": source,
                "share_of_dials": ratio(part.dials, all.dials),
                "sales_per_dial": ratio(part.successes, part.dials),
                "invalid_per_dial": ratio(part.invalid, part.dials),
            })
        });
        json!({ "sales_per_dial": ratio(all.successes, all.dials), "by_source": by })
    };
    json!({
        "what": "Sales per dial fall because the mix turns cold, not because anybody sells worse.",
        "campaign": Campaign::HomeSwitch.id(),
        "changed_on": story.mix_change.to_string(),
        "list": LISTS[AGED_LIST].code,
        "list_age_days": LISTS[AGED_LIST].age_days,
        "blamed_team": "D-HOME-2",
        "planted": {
            "mix_before": [0.20, 0.40, 0.40], "mix_after": [0.12, 0.26, 0.62],
            "rates_before": [0.060, 0.025, 0.005], "rates_after": [0.062, 0.026, 0.005],
            "invalid_before": 0.04, "invalid_after": 0.19,
        },
        "before": period(plan.first_day(), story.mix_change),
        "after": period(story.mix_change, plus(plan.end, 1)),
    })
}

fn outage(plan: &Plan, story: &Story, tallies: &Tallies) -> Value {
    let home = |from: Date, until: Date| {
        tallies
            .calls_where(|day, campaign, _| campaign == Campaign::HomeSwitch && (from..until).contains(&day))
    };
    let day = home(story.outage, plus(story.outage, 1));
    let month = home(plus(plan.end, -30), plan.end);
    json!({
        "what": "The onshore site is down, the dialler goes on dialling for it; two abandonment rates are true.",
        "campaign": Campaign::HomeSwitch.id(),
        "site": "leeds",
        "day": story.outage.to_string(),
        "from": "10:05",
        "until": "11:20",
        "planted": { "drops": 231, "dials": 21_000, "live_answers": 2_925 },
        "drops_per_dial": ratio(day.drops, day.dials),
        "drops_per_live_answer": ratio(day.drops, day.live_answers),
        "thirty_days": {
            "from": plus(plan.end, -30).to_string(),
            "until": plus(plan.end, -1).to_string(),
            "drops_per_live_answer": ratio(month.drops, month.live_answers),
            "unmapped_conversations": month.unmapped,
        },
    })
}

fn star(plan: &Plan, story: &Story, tallies: &Tallies) -> Value {
    let people = crate::people::agents(0, story, plan.first_day(), plan.end);
    let star = people.iter().find(|agent| agent.is_star).map_or(0, |agent| agent.no);
    let mut others = StageTally::default();
    for (agent, tally) in &tallies.stages {
        if *agent != star {
            others.conversations += tally.conversations;
            others.appointments += tally.appointments;
            others.matured += tally.matured;
            others.held += tally.held;
            others.qualified += tally.qualified;
            others.won += tally.won;
        }
    }
    json!({
        "what": "One agent leads in appointments that do not qualify; the last four differ by chance only.",
        "campaign": Campaign::B2b.id(),
        "agent": star.to_string(),
        "mature_after_days": crate::crm::MATURE_DAYS,
        "planted": {
            "appointments_per_conversation": [0.31, 0.17],
            "qualified_per_matured": [0.22, 0.61],
            "won_per_matured": [0.03, 0.14],
        },
        "star": tallies.stages.get(&star).copied().unwrap_or_default(),
        "others": others,
        "by_agent": tallies.stages.iter().map(|(agent, tally)| (agent.to_string(), json!(tally)))
            .collect::<serde_json::Map<_, _>>(),
    })
}

fn promises(story: &Story, tallies: &Tallies) -> Value {
    let part = |is_before: bool| {
        let calls = tallies.calls_where(|day, campaign, _| {
            campaign == Campaign::Arrears && (day < story.promises_change) == is_before
        });
        let sum = tallies
            .promises
            .iter()
            .filter(|(day, _)| (**day < story.promises_change) == is_before)
            .fold(PromiseTally::default(), |sum, (_, tally)| PromiseTally {
                made: sum.made + tally.made,
                decided: sum.decided + tally.decided,
                kept: sum.kept + tally.kept,
                matured: sum.matured + tally.matured,
                matured_kept: sum.matured_kept + tally.matured_kept,
                promised_pence: sum.promised_pence + tally.promised_pence,
                paid_pence: sum.paid_pence + tally.paid_pence,
            });
        json!({
            "promises_per_right_party_contact": ratio(calls.successes, calls.right_party_contacts),
            "kept_per_matured": ratio(sum.matured_kept, sum.matured),
            "promises": sum,
        })
    };
    json!({
        "what": "More promises, fewer kept: less is kept per right-party contact than before.",
        "campaign": Campaign::Arrears.id(),
        "changed_on": story.promises_change.to_string(),
        "planted": {
            "promises_per_right_party_contact": [0.34, 0.41],
            "kept_per_promise": [0.68, 0.52],
        },
        "before": part(true),
        "after": part(false),
        "eighth_calls": {
            "accounts": (1..=EIGHTH_CALL_ACCOUNTS).map(|n| format!("HBX{n:09}")).collect::<Vec<_>>(),
            "lists": ["EA-CARDS", "EA-LOANS"],
            "from": story.eighth_calls.to_string(),
            "until": plus(story.eighth_calls, 4).to_string(),
            "calls_each": 8,
        },
    })
}

fn caller_id(story: &Story, tallies: &Tallies) -> Value {
    let part = |calls: &BTreeMap<u8, CallTally>, fallen: bool| {
        calls.iter().filter(|(caller, _)| (**caller == FALLEN_CALLER) == fallen).fold(
            ratio(0, 0),
            |sum, (_, tally)| {
                let old = |key: &str| sum.get(key).and_then(Value::as_u64).unwrap_or(0);
                ratio(old("numerator") + tally.answers, old("denominator") + tally.dials)
            },
        )
    };
    json!({
        "what": "One of eight caller IDs is answered less from a certain hour on.",
        "campaign": Campaign::HomeSwitch.id(),
        "caller_id": caller_name(FALLEN_CALLER),
        "day": story.caller_drop.to_string(),
        "from": "14:00",
        "planted": { "answers_per_dial": [0.24, 0.11] },
        "before": part(&tallies.callers_before, true),
        "after": part(&tallies.callers_after, true),
        "others_before": part(&tallies.callers_before, false),
        "others_after": part(&tallies.callers_after, false),
    })
}

fn roster(story: &Story, tallies: &Tallies) -> Value {
    let part = |hours: std::ops::Range<u8>| {
        let wanted = |day: Date, campaign: Campaign, hour: u8| {
            campaign == Campaign::HomeSwitch
                && day >= story.mix_change
                && day != story.outage
                && hours.contains(&hour)
        };
        let calls = tallies.hours_where(wanted);
        let states = tallies.states_where(wanted);
        let busy = states.handle_ms();
        json!({
            "contacts_per_dial": ratio(calls.contacts, calls.dials),
            "occupancy": ratio(busy, busy + states.of(State::Wait)),
        })
    };
    json!({
        "what": "Agents wait in the evening, when people answer; they are overloaded in the morning, when people do not.",
        "campaign": Campaign::HomeSwitch.id(),
        "since": story.mix_change.to_string(),
        "planted": { "occupancy": [0.93, 0.58], "contacts_per_dial": [0.14, 0.27], "agents_in_the_wrong_hours": 6 },
        "from_10_to_12": part(10..12),
        "from_18_to_20": part(18..20),
        "hires": 12,
        "hires_who_left": 5,
    })
}

fn statement(plan: &Plan, story: &Story, tallies: &Tallies) -> Value {
    let clawbacks: u64 =
        tallies.clawbacks.iter().filter(|(day, _)| **day >= story.mix_change).map(|(_, n)| n).sum();
    json!({
        "what": "What the client's statement of the running month is made of.",
        "client": Campaign::HomeSwitch.client(),
        "from": story.mix_change.to_string(),
        "until": plan.end.to_string(),
        "seats": 34,
        "price_per_seat_pence": 260_000,
        "penalty_pence": 442_000,
        "penalty_after_exclusion_pence": 221_000,
        "excluded": { "site": "leeds", "day": story.outage.to_string(), "from": "10:05", "until": "11:20" },
        "clawback_pence": 3_500,
        "clawbacks": clawbacks,
    })
}

/// The faults that run through the streams.
fn faults(story: &Story, tallies: &Tallies) -> Value {
    let unmapped = tallies.calls_where(|_, _, _| true).unmapped;
    json!({
        "streams": tallies.streams.iter().map(|(stream, tally)| {
            (stream.source().to_owned(), json!(tally))
        }).collect::<serde_json::Map<_, _>>(),
        "unmapped_disposition": {
            "code": "NIX",
            "from": story.unmapped_from.to_string(),
            "until": story.unmapped_until.to_string(),
            "calls": unmapped,
        },
    })
}

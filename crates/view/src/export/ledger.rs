//! How calls stand against calling rules, as JSON for programs.

use dialmark_govern::calling::{
    Asks, Consent, Entry, Found, Ledger, MOST_NAMED, Opens, Parts, Share, To, Unjudged, Violation, Windowed,
    Within, kind_word, sentences,
};
use serde_json::{Value, json};

use super::decimal;
use crate::pages::compliance::calls_of;

/// The ledger with every rule, its windows and budgets, its violations with their calls (the latest thousand a rule; `violations`
/// counts all), and what cannot be judged. Shares and limits are decimals as text with their exact parts.
pub fn ledger(ledger: &Ledger) -> Value {
    json!({
        "at": ledger.at.to_string(),
        "day": ledger.day.to_string(),
        "since": ledger.since.to_string(),
        "jurisdictions": ledger.jurisdictions,
        "violations": ledger.violations(),
        "rules": ledger.entries.iter().map(entry).collect::<Vec<_>>(),
        "notes": ledger.notes,
    })
}

fn entry(entry: &Entry) -> Value {
    let rule = &entry.rule;
    let mut found = json!({
        "rule": rule.name,
        "label": rule.label,
        "in": rule.holds_in,
        "says": rule.says,
        "source": rule.source,
        "confidence": rule.confidence.word(),
        "force": rule.force.word(),
        "from": rule.days.from.map(|day| day.to_string()),
        "until": rule.days.until.map(|day| day.to_string()),
        "kind": kind_word(&rule.asks),
        "asks": asks(&rule.asks),
        "where": entry.only,
        "declared_in": rule.declared_in,
        "violations": entry.violations(),
        "unjudged": entry.unjudged.iter().map(unjudged).collect::<Vec<_>>(),
        "stands": sentences(entry),
    });
    let more = match &entry.found {
        Found::Shares(shares) => json!({ "shares": shares.iter().map(share).collect::<Vec<_>>() }),
        Found::Calls(violations) => json!({
            "judged": violations.judged,
            "by_campaign": violations.by_campaign.iter().map(|(campaign, count)| json!({
                "campaign_id": campaign, "violations": count,
            })).collect::<Vec<_>>(),
            "calls": violations.named.iter().map(violation).collect::<Vec<_>>(),
            "named_at_most": MOST_NAMED,
        }),
    };
    if let (Some(found), Value::Object(more)) = (found.as_object_mut(), more) {
        found.extend(more);
    }
    found
}

fn asks(asks: &Asks) -> Value {
    match asks {
        Asks::Abandoned(abandoned) => json!({
            "metric": abandoned.metric.to_string(),
            "at_most": abandoned.at_most.map(decimal),
            "window": abandoned.window.word(),
            "clock": abandoned.clock,
        }),
        Asks::Attempts { to, at_most, within } => {
            let (hours, days) = match within {
                Within::Hours(hours) => (Some(hours), None),
                Within::Days(days) => (None, Some(days)),
            };
            json!({ "to": to_word(*to), "at_most": at_most, "within_hours": hours, "within_days": days })
        }
        Asks::Rest { to, days } => json!({ "to": to_word(*to), "days": days }),
        Asks::Hours { from, until } => json!({
            "opens": from.strftime("%H:%M").to_string(),
            "closes": until.strftime("%H:%M").to_string(),
        }),
        Asks::NoRedial { hours } => json!({ "hours": hours }),
        Asks::NotListed { registry, fresh_days } => json!({ "registry": registry, "fresh_days": fresh_days }),
        Asks::Consent { asks } => json!({
            "asks": match asks { Consent::Given => "given", Consent::NotRevoked => "not_revoked" },
        }),
    }
}

const fn to_word(to: To) -> &'static str {
    to.noun()
}

fn share(share: &Share) -> Value {
    let budget = share.budget;
    let estimate = share.estimate.as_ref().map(|estimate| {
        json!({
            "rate": estimate.rate.map(decimal),
            "machines": estimate.machines.lost,
            "put_through": estimate.machines.base,
            "interval": estimate.interval.map(|i| json!({ "low": i.low(), "high": i.high(), "confidence": 0.95 })),
        })
    });
    json!({
        "campaign_id": share.campaign,
        "now": windowed(&share.now),
        "left": budget.map(|budget| budget.left),
        "today": budget.map(|budget| json!({ "abandoned": budget.today.lost, "base": budget.today.base })),
        "expected": budget.and_then(|budget| budget.expected),
        "left_today": budget.and_then(|budget| budget.left_today),
        "over": share.over.iter().map(windowed).collect::<Vec<_>>(),
        "worst": share.worst.as_ref().map(windowed),
        "estimate": estimate,
    })
}

fn windowed(window: &Windowed) -> Value {
    let Parts { lost, base } = window.parts;
    json!({
        "from": window.from.to_string(),
        "until": window.until.to_string(),
        "period": window.number,
        "abandoned": lost,
        "base": base,
        "share": window.parts.share().map(decimal),
        "opens": opens(&window.opens),
    })
}

fn violation(violation: &Violation) -> Value {
    json!({
        "source": violation.source,
        "source_id": violation.source_id,
        "at": violation.at.to_string(),
        "zone": violation.zone,
        "campaign_id": violation.campaign,
        "whom": violation.whom,
        "count": violation.count,
        "says": violation.says,
        "opens": opens(&violation.opens),
    })
}

fn opens(opens: &Opens) -> Value {
    json!({
        "metric": opens.metric.as_ref().map(ToString::to_string),
        "where": opens.condition,
        "from": opens.from.to_string(),
        "to": opens.to.to_string(),
        "page": calls_of(opens).to_string(),
    })
}

fn unjudged(one: &Unjudged) -> Value {
    json!({ "source": one.source, "calls": one.calls, "of": one.of, "says": one.says })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sample;

    #[test]
    fn every_violation_and_budget_opens_its_calls() {
        let found = ledger(&sample::ledger());
        assert_eq!(found["violations"], 2);
        let rules = found["rules"].as_array().unwrap();
        let share = &rules[0]["shares"][0];
        assert_eq!((&share["left"], &share["left_today"]), (&json!(191), &json!(221)));
        assert_eq!(share["now"]["share"], "0.027000752634219769");
        assert!(share["now"]["opens"]["page"].as_str().unwrap().starts_with("/calls?metric=drop_rate"));
        let call = &rules[1]["calls"][0];
        assert_eq!((&call["count"], &call["whom"]), (&json!(8), &json!("HBX000000001")));
        assert!(call["opens"]["page"].as_str().unwrap().contains("table=calls"));
        assert!(rules[2]["unjudged"][0]["says"].as_str().unwrap().contains("cannot be judged"));
    }
}

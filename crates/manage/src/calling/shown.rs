//! What sources do not show, and a rule needs: said source by source instead of a zero.

use dialmark_govern::calling::{Asks, To, Unjudged, Within, grouped};
use dialmark_metrics::{Exact, Expr, Key, MetricQuery, MetricRef};
use dialmark_model::civil::Period;

use super::asked::Asked;
use crate::error::NotDone;
use crate::rows::condition;

/// What a call must show: a condition, and what is missing where it does not hold.
struct Need {
    holds: &'static str,
    lacks: &'static str,
    /// Whether it is enough that some calls of a source show it: others are about something else.
    may_be_some: bool,
    /// What is done with those that do not; `None` where they are not judged.
    instead: Option<&'static str>,
}

const NUMBER: Need = Need {
    holds: "called_number is not null",
    lacks: "which number was called (`called_number`)",
    may_be_some: false,
    instead: None,
};
const DEBT: Need = Need {
    holds: "account_id is not null",
    lacks: "about which debt it was (`account_id`)",
    may_be_some: true,
    instead: None,
};
const PLACE: Need = Need {
    holds: "called_zone is not null",
    lacks: "in which zone the called place lies (`called_zone`)",
    may_be_some: false,
    instead: None,
};
const RESULT: Need = Need {
    holds: "disposition is not null and not is_unmapped",
    lacks: "by a code that a map knows what came of it (`disposition`)",
    may_be_some: false,
    instead: None,
};

const DAY: Need = Need {
    holds: "called_zone is not null",
    lacks: "in which zone the called place lies (`called_zone`)",
    may_be_some: false,
    instead: Some("their days are taken by the centre's clock"),
};

/// What calls do not show that the rule needs.
pub(super) async fn of_calls(asked: &Asked<'_>) -> Result<Vec<Unjudged>, NotDone> {
    let needs: &[Need] = match &asked.rule().asks {
        Asks::Abandoned(_) => &[],
        Asks::Attempts { to: To::Number, within: Within::Hours(_), .. } => &[NUMBER],
        Asks::Attempts { to: To::Number, within: Within::Days(_), .. } => &[NUMBER, DAY],
        Asks::Attempts { to: To::Debt, within: Within::Hours(_), .. } => &[DEBT],
        Asks::Attempts { to: To::Debt, within: Within::Days(_), .. } => &[DEBT, DAY],
        Asks::Rest { to: To::Number, .. } => &[NUMBER, RESULT, DAY],
        Asks::Rest { to: To::Debt, .. } => &[DEBT, RESULT, DAY],
        Asks::NoRedial { .. } => &[NUMBER, RESULT],
        Asks::Hours { .. } => &[PLACE],
        Asks::NotListed { .. } | Asks::Consent { .. } => &[NUMBER],
    };
    lacking(asked, asked.filter(), needs).await
}

/// A rule of a part of a country needs the called region.
pub(super) async fn of_region(asked: &Asked<'_>) -> Result<Vec<Unjudged>, NotDone> {
    if asked.in_force.region.is_none() {
        return Ok(Vec::new());
    }
    let need = Need {
        holds: "called_region is not null",
        lacks: "in which region the called place lies (`called_region`)",
        may_be_some: false,
        instead: None,
    };
    lacking(asked, asked.anywhere.clone(), &[need]).await
}

/// What shares leave out: calls whose code no map knows, and answers without the times that the clock needs.
pub(super) async fn of_shares(asked: &Asked<'_>, metric: &MetricRef) -> Result<Vec<Unjudged>, NotDone> {
    let mut unjudged = lacking(asked, asked.filter(), &[RESULT]).await?;
    let live = MetricRef::parse("outbound_abandonment_rate/live_answers").map_err(NotDone::Refused)?;
    let question = MetricQuery {
        metrics: vec![metric.clone(), live],
        by: vec!["source".to_owned()],
        filter: asked.filter(),
        period: Period { from: Some(asked.stretch.from), to: Some(asked.stretch.to) },
        scope: asked.scope.clone(),
        ..MetricQuery::default()
    };
    let table = match asked.engine.query(&question).await {
        Ok(table) => table,
        // The metric cannot be asked so, which the shares themselves have said.
        Err(dialmark_engine::EngineError::Question(_)) => return Ok(unjudged),
        Err(other) => return Err(other.into()),
    };
    let whole = |part: Option<Exact>| {
        part.and_then(Exact::as_integer).and_then(|n| u64::try_from(n).ok()).unwrap_or(0)
    };
    for row in &table.rows {
        let [own, live] = row.cells.as_slice() else { continue };
        let (base, answers) = (whole(own.denominator), whole(live.denominator));
        if base < answers {
            let source = name(row.keys.first());
            let lost = answers - base;
            let says = match base {
                0 => format!(
                    "{}: cannot be judged: its calls do not show when they were answered and when an agent came (`answered_at`, `connected_at`).",
                    shown(source.as_deref())
                ),
                _ => format!(
                    "{}: {lost} of {answers} calls that a person answered are not judged: they do not show when they were answered or when an agent came.",
                    shown(source.as_deref())
                ),
            };
            unjudged.push(Unjudged { source, calls: lost, of: answers, says });
        }
    }
    Ok(unjudged)
}

/// How many calls of the stretch show something.
pub(super) async fn with(asked: &Asked<'_>, holds: &str) -> Result<u64, NotDone> {
    let wanted = asked.calls(None, jiff::SignedDuration::ZERO);
    let counts = asked.engine.dialled_counts(&[], &wanted, &[condition(holds)?]).await?;
    Ok(counts.values().filter_map(|counts| counts.get(1)).sum())
}

/// A sentence that no source is to blame for.
pub(super) fn of_nobody(says: String) -> Unjudged {
    Unjudged { source: None, calls: 0, of: 0, says }
}

async fn lacking(asked: &Asked<'_>, filter: Option<Expr>, needs: &[Need]) -> Result<Vec<Unjudged>, NotDone> {
    if needs.is_empty() {
        return Ok(Vec::new());
    }
    let mut wanted = asked.calls(None, jiff::SignedDuration::ZERO);
    wanted.filter = filter;
    let conditions: Vec<Expr> = needs.iter().map(|need| condition(need.holds)).collect::<Result<_, _>>()?;
    let counts = asked.engine.dialled_counts(&["source"], &wanted, &conditions).await?;
    let mut unjudged = Vec::new();
    for (keys, counts) in counts {
        let Some((all, held)) = counts.split_first() else { continue };
        let source = name(keys.first());
        for (need, held) in needs.iter().zip(held) {
            let lost = all.saturating_sub(*held);
            if lost == 0 || (*held > 0 && need.may_be_some) {
                continue;
            }
            let (who, all_calls, lost_calls) = (shown(source.as_deref()), grouped(*all), grouped(lost));
            if let Some(instead) = need.instead {
                let says =
                    format!("{who}: {lost_calls} of {all_calls} calls do not say {}; {instead}.", need.lacks);
                unjudged.push(Unjudged { source: source.clone(), calls: 0, of: *all, says });
                continue;
            }
            let says = match held {
                0 => format!("{who}: cannot be judged: none of its {all_calls} calls says {}.", need.lacks),
                _ => format!(
                    "{who}: {lost_calls} of {all_calls} calls are not judged: they do not say {}.",
                    need.lacks
                ),
            };
            unjudged.push(Unjudged { source: source.clone(), calls: lost, of: *all, says });
        }
    }
    Ok(unjudged)
}

fn name(key: Option<&Key>) -> Option<String> {
    key.filter(|key| **key != Key::None).map(ToString::to_string)
}

fn shown(source: Option<&str>) -> String {
    source.map_or_else(|| "Calls of no source".to_owned(), |name| format!("`{name}`"))
}

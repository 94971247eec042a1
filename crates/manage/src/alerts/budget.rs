//! How much of a limit of abandoned calls is used up.

use dialmark_govern::Place;
use dialmark_govern::alert::{Edge, Found, Opens, Reading, Subject, Verdict};
use dialmark_govern::benchmark::shown;
use dialmark_govern::calling::{Budget, Entry, Share};
use dialmark_metrics::metric::Unit;
use jiff::Timestamp;

use crate::calling::{Question, ledger};
use crate::desk::Desk;
use crate::error::NotDone;

/// One reading a rule with a limit and a campaign with calls.
pub(super) async fn readings(
    desk: &Desk<'_>,
    campaign: Option<&str>,
    edge: &Edge,
) -> Result<Vec<Reading>, NotDone> {
    let Some((_, last)) = desk.engine.extent().await? else { return Ok(Vec::new()) };
    let at = last.min(desk.now);
    let since = Some(desk.engine.calendar().day_of(at));
    let question = Question { at: Some(at), since, campaign, only_budgets: true, ..Question::default() };
    let ledger = ledger(desk, &question).await?;
    let budgets = ledger.budgets();
    let readings: Vec<Reading> =
        budgets.filter_map(|(entry, share, budget)| reading(entry, share, budget, edge, at)).collect();
    Ok(readings)
}

fn reading(entry: &Entry, share: &Share, budget: Budget, edge: &Edge, at: Timestamp) -> Option<Reading> {
    let limit = entry.rule.limit()?;
    let parts = share.now.parts;
    // The share of calls that were abandoned, over the share that may be.
    let used = parts.share().and_then(|rate| rate.over(limit));
    let campaign = share.campaign.as_deref();
    let place = Place::of("campaign_id", campaign.unwrap_or_default());
    let rate = |share| shown(share, Unit::Share, None);
    let left = match budget.left {
        left if left < 0 => format!("{} too many were abandoned.", left.unsigned_abs()),
        left => format!("{left} more may be abandoned before the limit is reached."),
    };
    let today =
        budget.left_today.map(|left| format!("At today's volume it is {left} by the end of the day."));
    let window = format!("The window runs from {} until {}.", share.now.from, share.now.until);
    Some(Reading {
        subject: Subject {
            key: format!("{} {}", entry.rule.name, campaign.unwrap_or_default()),
            label: format!("{}, {}", entry.rule.label, campaign.unwrap_or("calls of no campaign")),
            place,
        },
        verdict: used.map_or(Verdict::Unknown, |used| edge.verdict(used, parts.base)),
        found: Found {
            at,
            value: used.map(|used| used.to_string()),
            shown: match (used, parts.share()) {
                (Some(used), Some(share)) => {
                    format!(
                        "{} of the limit: {} of {} calls, {}",
                        rate(used),
                        parts.lost,
                        parts.base,
                        rate(share)
                    )
                }
                _ => "no call in this window".to_owned(),
            },
            limit: format!("{} of at most {}", rate(edge.raises_at()), rate(limit)),
            n: Some(parts.base),
            notes: [Some(left), today, Some(window)].into_iter().flatten().collect(),
            opens: Opens::Calling { campaign: campaign.map(str::to_owned) },
        },
    })
}

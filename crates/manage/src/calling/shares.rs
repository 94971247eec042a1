//! Shares of abandoned calls by campaign, over each window, and what is left of a limit.

use std::collections::BTreeMap;

use dialmark_govern::calling::{self, Abandoned, Budget, Estimate, Opens, Parts, Share, Windowed};
use dialmark_metrics::{Cell, Exact, Expr, Key, MetricQuery, MetricRef};
use dialmark_model::civil::{self, Grain, Period};
use dialmark_stats::Confidence;
use jiff::ToSpan;
use jiff::civil::Date;

use super::asked::{Asked, joined};
use crate::error::NotDone;
use crate::rows::{condition, quoted};

const CAMPAIGN: &str = "campaign_id";
/// Weeks from whose same weekday the rest of a day is told.
const WEEKS: i64 = 4;

/// Calls of a campaign by day.
type Days = BTreeMap<Date, Parts>;
type ByCampaign<T> = BTreeMap<Option<String>, T>;

/// How each campaign stands.
pub(super) async fn shares(asked: &Asked<'_>, question: &Abandoned) -> Result<Vec<Share>, NotDone> {
    let days = by_day(asked, &question.metric).await?;
    let so_far = match question.at_most {
        Some(_) => same_weekdays(asked, &question.metric).await?,
        None => Vec::new(),
    };
    let mut estimates = match &question.adjusted {
        Some(adjusted) => estimates(asked, &adjusted.rate, &adjusted.evidence).await?,
        None => BTreeMap::new(),
    };
    let mut all = Vec::new();
    for (campaign, days) in days {
        let Some(first) = days.keys().next().copied() else { continue };
        let windows = Windows { asked, question, days: &days, first, campaign: campaign.as_deref() };
        let Some(now) = windows.around(asked.stretch.last) else { continue };
        let looked_at = windows.since(asked.stretch.first);
        let worst =
            looked_at.iter().filter(|one| one.parts.base > 0).fold(None, |worst: Option<&Windowed>, one| {
                match worst {
                    Some(worst) if one.parts.share() <= worst.parts.share() => Some(worst),
                    _ => Some(one),
                }
            });
        let worst = worst.cloned();
        if now.parts.base == 0 && worst.is_none() {
            // Nothing to divide by on any of these days: the campaign is over.
            continue;
        }
        let over = match question.at_most {
            Some(limit) => looked_at.into_iter().filter(|one| one.parts.is_over(limit)).collect(),
            None => Vec::new(),
        };
        let budget = question.at_most.and_then(|limit| {
            let weekdays: Vec<(Parts, Parts)> = so_far
                .iter()
                .filter_map(|(day, before)| {
                    let whole = days.get(day).copied()?;
                    Some((before.get(&campaign).copied().unwrap_or_default(), whole))
                })
                .collect();
            let today = days.get(&asked.stretch.last).copied().unwrap_or_default();
            Budget::of(limit, now.parts, today, &weekdays)
        });
        let estimate = estimates.remove(&campaign);
        all.push(Share { campaign, now, budget, over, worst, estimate });
    }
    Ok(all)
}

/// The windows of a campaign.
struct Windows<'w> {
    asked: &'w Asked<'w>,
    question: &'w Abandoned,
    days: &'w Days,
    /// The campaign's first day.
    first: Date,
    campaign: Option<&'w str>,
}

impl Windows<'_> {
    /// The window that belongs to a day.
    fn around(&self, day: Date) -> Option<Windowed> {
        let (from, until, number) = calling::around(self.question.window, self.first, day)?;
        let parts = self.days.range(from..until).fold(Parts::default(), |sum, (_, parts)| sum.plus(*parts));
        Some(Windowed { from, until, number, parts, opens: self.opens(from, until)? })
    }

    /// The windows that belong to days since one, each once, in the order of time.
    fn since(&self, first: Date) -> Vec<Windowed> {
        let mut all: Vec<Windowed> = Vec::new();
        let mut day = first.max(self.first);
        while day <= self.asked.stretch.last {
            if self.asked.rule().days.hold(day)
                && let Some(found) = self.around(day)
                && all.last().is_none_or(|last| last.from != found.from || last.until != found.until)
            {
                all.push(found);
            }
            let Ok(next) = day.tomorrow() else { break };
            day = next;
        }
        all
    }

    fn opens(&self, from: Date, until: Date) -> Option<Opens> {
        let calendar = self.asked.calendar();
        let campaign = match self.campaign {
            Some(name) => format!("{CAMPAIGN} = {}", quoted(name)),
            None => format!("{CAMPAIGN} is null"),
        };
        Some(Opens {
            metric: Some(self.question.metric.clone()),
            condition: joined(Some(campaign), self.asked.only.as_deref()),
            from: calendar.day_start(from)?,
            to: calendar.day_start(until)?.min(self.asked.stretch.to),
        })
    }
}

/// Calls by campaign and day, from the first of the records on, as far as the rule holds.
async fn by_day(asked: &Asked<'_>, metric: &MetricRef) -> Result<ByCampaign<Days>, NotDone> {
    let question = MetricQuery {
        grain: Some(Grain::Day),
        period: Period { from: None, to: Some(asked.stretch.to) },
        ..of_campaigns(asked, metric)?
    };
    let mut found: ByCampaign<Days> = BTreeMap::new();
    for row in &asked.engine.query(&question).await?.rows {
        let ([Key::Day(day), campaign], Some(cell)) = (row.keys.as_slice(), row.cells.first()) else {
            continue;
        };
        if asked.rule().days.hold(*day) {
            found.entry(name(campaign)).or_default().insert(*day, parts(cell)?);
        }
    }
    Ok(found)
}

/// Calls by campaign on the same weekdays before, up to the same time of day.
async fn same_weekdays(
    asked: &Asked<'_>,
    metric: &MetricRef,
) -> Result<Vec<(Date, ByCampaign<Parts>)>, NotDone> {
    let calendar = asked.calendar();
    let wall = calendar.zone.to_datetime(asked.stretch.to);
    let mut found = Vec::new();
    for week in 1..=WEEKS {
        let back = (7 * week).days();
        let Some((day, until)) = asked.stretch.last.checked_sub(back).ok().zip(wall.checked_sub(back).ok())
        else {
            continue;
        };
        let until = civil::place(until, &calendar.zone).map(|(until, _)| until);
        let Some((from, until)) = calendar.day_start(day).zip(until) else { continue };
        let mut of_day: ByCampaign<Parts> = BTreeMap::new();
        if from < until {
            let period = Period { from: Some(from), to: Some(until) };
            let question = MetricQuery { period, ..of_campaigns(asked, metric)? };
            for row in &asked.engine.query(&question).await?.rows {
                if let (Some(campaign), Some(cell)) = (row.keys.first(), row.cells.first()) {
                    of_day.insert(name(campaign), parts(cell)?);
                }
            }
        }
        found.push((day, of_day));
    }
    Ok(found)
}

/// The rate with estimated machines, and how many machines agents met, over the days that are looked at.
async fn estimates(
    asked: &Asked<'_>,
    rate: &MetricRef,
    evidence: &MetricRef,
) -> Result<ByCampaign<Estimate>, NotDone> {
    let question = MetricQuery {
        metrics: vec![rate.clone(), evidence.clone()],
        period: Period { from: Some(asked.stretch.from), to: Some(asked.stretch.to) },
        ..of_campaigns(asked, rate)?
    };
    let mut found = BTreeMap::new();
    for row in &asked.engine.query(&question).await?.rows {
        let (Some(campaign), [rate, machines]) = (row.keys.first(), row.cells.as_slice()) else { continue };
        let machines = parts(machines)?;
        let interval = dialmark_stats::Share::new(machines.lost, machines.base)
            .map(|share| share.wilson(Confidence::P95));
        let rate = rate.value.as_ref().ok().copied();
        found.insert(name(campaign), Estimate { rate, machines, interval });
    }
    Ok(found)
}

fn of_campaigns(asked: &Asked<'_>, metric: &MetricRef) -> Result<MetricQuery, NotDone> {
    let outbound = condition("direction = 'outbound'")?;
    let filter: Expr = match asked.filter() {
        Some(filter) => filter.and(outbound),
        None => outbound,
    };
    Ok(MetricQuery {
        metrics: vec![metric.clone()],
        by: vec![CAMPAIGN.to_owned()],
        filter: Some(filter),
        zone: asked.calendar().zone.iana_name().map(str::to_owned),
        scope: asked.scope.clone(),
        ..MetricQuery::default()
    })
}

fn name(key: &Key) -> Option<String> {
    (*key != Key::None).then(|| key.to_string())
}

/// Counts of a cell. A rate of anything but counted calls cannot be held against a budget of calls.
fn parts(cell: &Cell) -> Result<Parts, NotDone> {
    let whole = |part: Option<Exact>| match part {
        None => Ok(0),
        Some(part) => part.as_integer().and_then(|whole| u64::try_from(whole).ok()).ok_or_else(|| {
            NotDone::refused(format!(
                "The rate's part {part} is no number of calls, so nothing can be counted by it."
            ))
        }),
    };
    Ok(Parts { lost: whole(cell.numerator)?, base: whole(cell.denominator)? })
}

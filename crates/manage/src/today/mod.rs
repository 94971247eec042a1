//! Today: asks what yesterday was, why, how today goes and what waits, for one page and one command.

mod data;
mod days;
mod figures;
mod floor;
mod gaps;
mod hours;
mod moved;
mod pace;

use async_recursion::async_recursion as compiled_here;
use dialmark_engine::{Engine, EngineError};
use dialmark_govern::calling::Ledger;
use dialmark_govern::case::clocks;
use dialmark_govern::today::{Due, DueNext, Panel, Today};
use dialmark_govern::{Governed, Kpi, Place};
use dialmark_metrics::expr::Expr;
use dialmark_metrics::{MetricQuery, MetricTable};
use dialmark_model::civil::{Calendar, Period};
use dialmark_state::Filed;
use jiff::{SignedDuration, Timestamp};

use crate::calling::{Question, ledger};
use crate::desk::Desk;
use crate::error::NotDone;
use days::Days;

/// How long after the last call began the clock counts and not the last call: on a floor that works, one begins more often.
const WORKING: SignedDuration = SignedDuration::from_mins(15);

/// What is asked.
pub struct Asked<'a> {
    /// Records and figures that the asker may see.
    pub engine: &'a Engine,
    /// The engine without confinement, for whether records have a value of a dimension at all.
    pub whole: &'a Engine,
    /// KPIs that the asker sees.
    pub kpis: &'a [&'a Kpi],
    /// Whose records; the centre for all.
    pub place: &'a Place,
    /// Now.
    pub now: Timestamp,
    /// Whether the asker may look at agents.
    pub shows_agents: bool,
}

/// What is the same for all panels.
struct Seen<'a> {
    asked: &'a Asked<'a>,
    days: Days,
    condition: Option<Expr>,
    zone: String,
}

/// Everything of today but budgets of calling rules ([`budgets`]) and cases ([`due`]); `None` where there is no record up to then.
#[compiled_here]
pub async fn today(asked: &Asked<'_>) -> Result<Option<Today>, NotDone> {
    let Some((first, last)) = asked.whole.extent().await? else { return Ok(None) };
    if asked.now < first {
        return Ok(None);
    }
    let at = moment(last, asked.now);
    let calendar = asked.engine.calendar();
    let day = calendar.day_of(at);
    let bounds = calendar.period(Some(day), day.tomorrow().ok());
    let (Some(day_from), Some(day_to)) = (bounds.from, bounds.to) else { return Ok(None) };
    let zone = calendar.zone.iana_name().unwrap_or("UTC").to_owned();
    let condition = asked.place.condition();
    let mut seen = Seen {
        days: Days { first_at: first, at, day, day_from, day_to, dialled: Vec::new() },
        asked,
        condition,
        zone,
    };
    seen.days.dialled = days::dialled(&seen).await?;
    let figures = figures::figures(&seen).await?;
    let moved = moved::moved(&seen, &figures).await?;
    Ok(Some(Today {
        asked_at: asked.now,
        at,
        data_to: last.min(at),
        day,
        day_from,
        day_to,
        yesterday: seen.days.yesterday(),
        place: asked.place.clone(),
        figures,
        moved,
        pace: pace::pace(&seen).await?,
        lists: data::lists(&seen).await?,
        callbacks: data::callbacks(&seen).await?,
        floor: match asked.shows_agents {
            true => Some(floor::exceptions(&seen).await?),
            false => None,
        },
        calling: None,
        gaps: gaps::gaps(&seen).await?,
        cases: None,
        hours: hours::hours(&seen).await?,
        zone: seen.zone,
    }))
}

/// Up to when is told: the clock while calls come in; else the last call, however long that is ago.
pub fn moment(last: Timestamp, now: Timestamp) -> Timestamp {
    match last.checked_add(WORKING) {
        Ok(end) if now <= end => now,
        _ => last.min(now),
    }
}

impl Seen<'_> {
    /// A question about the asker's records.
    fn question(&self, metrics: &[&str], by: &[&str], period: Period) -> Result<MetricQuery, EngineError> {
        let metrics = metrics.iter().map(|metric| {
            dialmark_metrics::MetricRef::parse(metric)
                .map_err(|error| EngineError::Question(format!("`{metric}`: {error}")))
        });
        Ok(MetricQuery {
            metrics: metrics.collect::<Result<_, _>>()?,
            by: by.iter().map(|one| (*one).to_owned()).collect(),
            filter: self.condition.clone(),
            period,
            complete_until: Some(self.days.at),
            ..MetricQuery::default()
        })
    }

    /// Asks; what the engine refuses is a sentence.
    async fn ask(&self, question: &MetricQuery) -> Result<Panel<MetricTable>, EngineError> {
        match self.asked.engine.query(question).await {
            Ok(table) => Ok(Ok(table)),
            Err(EngineError::Question(sentence)) => Ok(Err(sentence)),
            Err(other) => Err(other),
        }
    }

    /// The condition narrowed to a place.
    fn narrowed(&self, place: &Place) -> Option<Expr> {
        Expr::both(self.condition.clone(), place.condition())
    }
}

/// What is left of the limits of abandoned calls at a place.
#[compiled_here]
pub async fn budgets(desk: &Desk<'_>, place: &Place, at: Timestamp) -> Result<Panel<Ledger>, NotDone> {
    let question = Question {
        at: Some(at),
        campaign: place.value("campaign_id"),
        only_budgets: true,
        ..Question::default()
    };
    match ledger(desk, &question).await {
        Ok(found) => Ok(Ok(found)),
        Err(NotDone::Refused(sentence)) => Ok(Err(sentence)),
        Err(other) => Err(other),
    }
}

/// What is due next of each open case about a place, what is due first in front.
pub fn due(
    governed: &Governed,
    calendar: &Calendar,
    cases: &[Filed],
    place: &Place,
    now: Timestamp,
) -> Vec<Due> {
    let open = cases.iter().filter_map(|filed| {
        let case = filed.case();
        if case.closed.is_some() || !touches(place, &case.opening.place) {
            return None;
        }
        let next = clocks(&case, calendar).into_iter().find(|clock| clock.is_open());
        let opening = case.opening;
        let label = governed.kpis.get(&opening.kpi).map(|kpi| kpi.label.clone());
        Some(Due {
            id: filed.id,
            label: label.unwrap_or_else(|| opening.kpi.clone()),
            missed: format!("{}; the target was {}", opening.shown, opening.target),
            place: opening.place,
            causes: opening.causes,
            next: next.map(|clock| DueNext {
                is_late: clock.is_late(now),
                says: clock.says,
                owner: clock.owner,
                due_at: clock.due_at,
            }),
        })
    });
    let mut open: Vec<Due> = open.collect();
    open.sort_by_key(|one| (one.next.as_ref().map_or(Timestamp::MAX, |next| next.due_at), one.id));
    open
}

/// Whether a case is about a place that is looked at, as far as their names say.
fn touches(looked_at: &Place, of_case: &Place) -> bool {
    looked_at.iter().all(|(dimension, value)| of_case.value(dimension).is_none_or(|of_case| of_case == value))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_clock_counts_while_calls_come_in_and_the_last_call_afterwards() {
        let at = |text: &str| text.parse::<Timestamp>().unwrap();
        let last = at("2026-11-19T10:39:58Z");
        assert_eq!(moment(last, at("2026-11-19T10:40:00Z")), at("2026-11-19T10:40:00Z"));
        assert_eq!(moment(last, at("2026-11-23T08:00:00Z")), last);
        // Looked at from before, nothing of later counts.
        assert_eq!(moment(last, at("2026-11-19T09:00:00Z")), at("2026-11-19T09:00:00Z"));
    }
}

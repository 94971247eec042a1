//! Which hours of a period lack records: what sources delivered, laid beside what they usually deliver.

use std::collections::BTreeSet;

use async_recursion::async_recursion as compiled_here;
use dialmark_metrics::coverage::{self, Hour};
use dialmark_model::civil::Period;
use dialmark_model::facts;
use jiff::{SignedDuration, Timestamp};
use serde::Serialize;

use crate::asked::Asked;
use crate::engine::Engine;
use crate::error::EngineError;

const SECONDS_PER_HOUR: i64 = 3600;
const HOUR: SignedDuration = SignedDuration::from_hours(1);
const SECONDS_PER_DAY: i64 = 86_400;

/// What one source delivered into one table.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct SourceCoverage {
    /// The source.
    pub source: String,
    /// The table.
    pub table: String,
    /// Hours of the period, from the first that brought anything to the last that is over or brought something.
    pub hours: Vec<Hour>,
    /// Records of the period, or of its last days, that are dated into hours which have not come yet.
    pub ahead: u64,
}

/// What all sources delivered.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Coverage {
    /// By source and table.
    pub sources: Vec<SourceCoverage>,
    /// Hours before this one are over, and judged; `None` where nothing was ever delivered.
    pub judged_until: Option<Timestamp>,
}

impl SourceCoverage {
    /// Hours of which records are missing.
    pub fn gaps(&self) -> impl Iterator<Item = &Hour> {
        self.hours.iter().filter(|hour| hour.is_gap)
    }
}

impl Engine {
    /// What each source delivered in a period, hour by hour. An hour is over when any source has delivered something of
    /// a later one, or, where the time is told, by the clock ([`coverage::over_until`]). Tables that hold plans are left
    /// out, and so are records without a time of day.
    #[compiled_here]
    pub async fn coverage(&self, period: &Period, now: Option<Timestamp>) -> Result<Coverage, EngineError> {
        let over = |newest| now.map_or(newest, |now| coverage::over_until(newest, period.to, now));
        self.covered_until(period, None, over).await
    }

    /// The same where whoever asks says which hours are over: those before `over`, whatever came since. A source that falls
    /// silent is found out as soon as its records are due, and not when those of another come.
    #[compiled_here]
    pub async fn coverage_before(&self, period: &Period, over: Timestamp) -> Result<Coverage, EngineError> {
        self.covered_until(period, None, |_| over).await
    }

    /// The same of these tables alone, up to whatever `over` makes of the newest hour of all.
    async fn covered_until(
        &self,
        period: &Period,
        tables: Option<&BTreeSet<String>>,
        over: impl FnOnce(Timestamp) -> Timestamp,
    ) -> Result<Coverage, EngineError> {
        // What is usual stands in the weeks before, and a record lies at most a day off the day of its file.
        let margin = SignedDuration::from_hours(24 * (7 * coverage::WEEKS + 2));
        let day = |at: Timestamp| i32::try_from(at.as_second().div_euclid(SECONDS_PER_DAY)).ok();
        let first = period.from.and_then(|from| day(from.checked_sub(margin).ok()?));
        let last = period.to.and_then(|to| day(to)?.checked_add(2));
        let mut received = self.lake().received((first, last)).await?;
        received.retain(|one| !facts::is_planned(&one.table));
        // Whatever came later, of whatever source, ends the hours before it.
        let newest = self.lake().newest_hour(|table| !facts::is_planned(table)).await?;
        let newest = newest.and_then(|hour| Timestamp::from_second(hour * SECONDS_PER_HOUR).ok());
        let Some(until) = newest.map(over) else { return Ok(Coverage::default()) };
        received.retain(|one| tables.is_none_or(|tables| tables.contains(&one.table)));
        let zone = &self.calendar().zone;
        // Hours behind the period are nobody's question; the one in which it ends is judged when it is over.
        let judge_until =
            period.to.map_or(until, |to| to.checked_add(HOUR).map_or(until, |end| end.min(until)));
        let judged = received.into_iter().map(|one| {
            let mut hours = coverage::judged(&one.hours, zone, judge_until);
            // An hour of which a part is asked about is one that is asked about.
            hours.retain(|hour| {
                let ends_at = hour.starts_at.checked_add(HOUR).unwrap_or(hour.starts_at);
                period.from.is_none_or(|from| ends_at > from)
                    && period.to.is_none_or(|to| hour.starts_at < to)
            });
            SourceCoverage { source: one.source, table: one.table, hours, ahead: one.ahead }
        });
        Ok(Coverage { sources: judged.collect(), judged_until: Some(until) })
    }

    /// A sentence for each of these tables of which a period reaches back beyond what is kept.
    pub(crate) async fn retired_notes(
        &self,
        period: &Period,
        tables: &BTreeSet<String>,
    ) -> Result<Vec<String>, EngineError> {
        let mut notes = Vec::new();
        for (table, day) in self.lake().retired().await? {
            let first = Timestamp::from_second(i64::from(day) * SECONDS_PER_DAY).unwrap_or(Timestamp::MIN);
            if tables.contains(&table) && period.from.is_none_or(|from| from < first) {
                notes.push(format!(
                    "Records of `{table}` from before {} were let go of for their age (`[retention]`), so figures of \
                     that time lack them.",
                    first.strftime("%Y-%m-%d")
                ));
            }
        }
        Ok(notes)
    }

    /// A sentence for each source of these tables of which records are missing in a period.
    pub(crate) async fn gap_notes(
        &self,
        asked: &Asked<'_>,
        tables: &BTreeSet<String>,
    ) -> Result<Vec<String>, EngineError> {
        let period = &asked.question.period;
        // In the zone of the question; hours are judged by the centre's clock all the same.
        let zone = asked.zone.calendar.zone.clone();
        let mut notes = Vec::new();
        let mut newest = None;
        let over = |until: Timestamp| {
            newest = Some(until);
            period.to.map_or(until, |to| to.max(until))
        };
        let coverage = self.covered_until(period, Some(tables), over).await?;
        let is_over = |hour: &&Hour| newest.is_some_and(|newest| hour.starts_at < newest);
        let day_of = |at: Timestamp| self.calendar().day_of(at);
        let mut later = BTreeSet::new();
        for one in coverage.sources.iter().filter(|one| tables.contains(&one.table)) {
            // The day of the newest records goes on: that it is not whole yet is nothing to be told of.
            let is_later =
                |hour: &&Hour| newest.is_some_and(|newest| day_of(hour.starts_at) > day_of(newest));
            later.extend(one.gaps().filter(is_later).map(|hour| hour.starts_at));
            let Some(first) = one.gaps().find(is_over) else { continue };
            let at = first.starts_at.to_zoned(zone.clone());
            let count = one.gaps().filter(is_over).count();
            let hours = if count == 1 { "1 hour".to_owned() } else { format!("{count} hours") };
            notes.push(format!(
                "Records are missing: in {hours} of this time, first on {}, `{}` delivered less than a fifth of the \
                 usual records of `{}`. `dialmark coverage` shows which.",
                at.strftime("%Y-%m-%d at %H:%M"),
                one.source,
                one.table
            ));
        }
        // Whether they are to come or lost the clock would say, which figures do not ask.
        if let Some(end) = newest.filter(|_| !later.is_empty()) {
            let end = end.to_zoned(zone.clone());
            let lack = match later.len() {
                1 => "1 hour of the days after it, which usually brings some, lacks".to_owned(),
                hours => format!("{hours} hours of the days after it, which usually bring some, lack"),
            };
            notes.push(format!(
                "The newest records of any source are of {}, so {lack} them.",
                end.strftime("%Y-%m-%d, %H:00")
            ));
        }
        Ok(notes)
    }
}

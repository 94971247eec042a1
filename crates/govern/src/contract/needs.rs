//! Which figures a statement of a contract is computed from.

use dialmark_metrics::MetricRef;
use jiff::civil::Date;
use serde::{Deserialize, Serialize};

use super::exclusion::{Effect, Exclusion, Stretch};
use super::period::{BillingPeriod, CivilDays};
use super::price::{Clawback, Price};
use super::service_level::ServiceLevel;
use super::{Contract, Measured};
use crate::Place;

/// A figure that is asked for: a metric of a place over civil days, with or without some stretches of time.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Need {
    /// The metric as the contract names it.
    #[serde(with = "metric_text")]
    pub metric: MetricRef,
    /// Whose records.
    pub place: Place,
    /// First civil day.
    pub from: Date,
    /// First civil day that does not count.
    pub until: Date,
    /// Time whose records are left out, in order; mostly none.
    pub left_out: Vec<Stretch>,
}

impl Need {
    fn of(measured: &Measured, days: CivilDays, left_out: Vec<Stretch>) -> Need {
        Need {
            metric: measured.metric.clone(),
            place: measured.place.clone(),
            from: days.from(),
            until: days.until(),
            left_out,
        }
    }
}

impl Price {
    /// The days of a period on which it is paid.
    pub fn days_in(&self, period: BillingPeriod) -> Option<CivilDays> {
        period.days().within(&self.days)
    }

    /// The figure that it is multiplied with in a period, if it is paid in it and has one.
    pub fn need(&self, period: BillingPeriod) -> Option<Need> {
        Some(Need::of(self.kind.measured()?, self.days_in(period)?, Vec::new()))
    }
}

impl Clawback {
    /// The count of a period, if it is counted in it.
    pub fn need(&self, period: BillingPeriod) -> Option<Need> {
        Some(Need::of(&self.of, period.days().within(&self.days)?, Vec::new()))
    }
}

impl ServiceLevel {
    /// The days of a period on which it counts.
    pub fn days_in(&self, period: BillingPeriod) -> Option<CivilDays> {
        period.days().within(&self.days)
    }

    /// The figure of a period, with all records.
    pub fn need(&self, period: BillingPeriod) -> Option<Need> {
        Some(Need::of(&self.of, self.days_in(period)?, Vec::new()))
    }
}

impl Contract {
    /// The exclusions that touch the days of a service level in a period, agreed or not, in the order of writing.
    pub fn exclusions_of<'c>(&'c self, level: &ServiceLevel, period: BillingPeriod) -> Vec<&'c Exclusion> {
        let Some(days) = level.days_in(period) else { return Vec::new() };
        let covers = |exclusion: &&Exclusion| {
            exclusion.service_level.as_ref().is_none_or(|name| *name == level.name)
                && exclusion.stretch.days().is_some_and(|touched| touched.within(&days.days()).is_some())
        };
        self.exclusions.iter().filter(covers).collect()
    }

    /// The figure of a service level without the records of what both had agreed to leave out by the end of a day;
    /// `None` when there is nothing to leave out.
    pub fn need_without(&self, level: &ServiceLevel, period: BillingPeriod, today: Date) -> Option<Need> {
        let exclusions = self.exclusions_of(level, period).into_iter();
        let counted = exclusions
            .filter(|exclusion| exclusion.effect == Effect::LeaveOut && exclusion.agreed.by_both(today));
        let mut left_out: Vec<Stretch> = counted.map(|exclusion| exclusion.stretch.clone()).collect();
        left_out.sort();
        left_out.dedup();
        let days = level.days_in(period)?;
        (!left_out.is_empty()).then(|| Need::of(&level.of, days, left_out))
    }

    /// Every figure that the statement of a period is computed from, each once and in a stable order. `today` is the
    /// day of the statement: what was agreed later does not count yet.
    pub fn needs(&self, period: BillingPeriod, today: Date) -> Vec<Need> {
        let prices = self.prices.iter().filter_map(|price| price.need(period));
        let clawbacks = self.clawbacks.iter().filter_map(|clawback| clawback.need(period));
        let levels = self.service_levels.iter();
        let levels =
            levels.flat_map(|level| [level.need(period), self.need_without(level, period, today)]).flatten();
        let mut needs: Vec<Need> = prices.chain(clawbacks).chain(levels).collect();
        needs.sort();
        needs.dedup();
        needs
    }
}

/// A metric as the text that names it.
pub(crate) mod metric_text {
    use dialmark_metrics::MetricRef;
    use serde::{Deserialize, Deserializer, Serializer};

    pub(crate) fn serialize<S: Serializer>(metric: &MetricRef, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(metric)
    }

    pub(crate) fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<MetricRef, D::Error> {
        let text = String::deserialize(deserializer)?;
        MetricRef::parse(&text).map_err(serde::de::Error::custom)
    }
}

//! What a strategy needs to know of a KPI.

use dialmark_metrics::metric::{Formula, Metric, Perspective, Process, Unit};
use dialmark_metrics::{Catalogue, Direction, MetricRef, Variant};

use crate::kpi::Kpi;

/// A KPI as a strategy sees it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KpiFacts {
    /// Name, as in `[kpi.NAME]`.
    pub name: String,
    /// Name to show.
    pub label: String,
    /// What is measured.
    pub metric: MetricRef,
    /// How its values are to be read.
    pub unit: Unit,
    /// Which way is better.
    pub direction: Direction,
    /// View of a balanced scorecard.
    pub perspective: Option<Perspective>,
    /// Whether it is more of something: a plain count, a plain sum of money, or so many an hour, of which less is not
    /// better.
    pub is_volume: bool,
    /// Whether it shows how good the work is: no volume, and an outcome, or named as a guard by a metric of the catalogue
    /// that is a volume.
    pub is_quality: bool,
}

impl KpiFacts {
    /// What is known of a KPI. An error says why its metric is not known.
    pub fn of(kpi: &Kpi, catalogue: &Catalogue) -> Result<KpiFacts, String> {
        let facts = KpiFacts::of_metric(&kpi.name, &kpi.label, &kpi.metric, catalogue)?;
        let perspective = kpi.perspective.or(facts.perspective);
        Ok(KpiFacts { direction: kpi.direction, perspective, ..facts })
    }

    /// The same from name, label and metric.
    pub fn of_metric(
        name: &str,
        label: &str,
        wanted: &MetricRef,
        catalogue: &Catalogue,
    ) -> Result<KpiFacts, String> {
        let resolved = catalogue.resolve(wanted)?;
        let metric = resolved.metric;
        let is_volume = is_volume(metric, resolved.variant);
        let guards_a_volume = || {
            catalogue.metrics.values().any(|other| {
                other.guards.contains(&metric.id)
                    && other.variant(None).is_some_and(|variant| self::is_volume(other, variant))
            })
        };
        Ok(KpiFacts {
            name: name.to_owned(),
            label: label.to_owned(),
            metric: wanted.clone(),
            unit: metric.unit,
            direction: metric.direction,
            perspective: metric.perspective,
            is_volume,
            is_quality: !is_volume && (metric.process == Some(Process::Outcome) || guards_a_volume()),
        })
    }
}

fn is_volume(metric: &Metric, variant: &Variant) -> bool {
    let is_more_of_something = match metric.unit {
        Unit::Count | Unit::PerHour => true,
        Unit::Money => matches!(variant.formula, Formula::Simple { .. }),
        Unit::Share | Unit::Duration | Unit::Ratio | Unit::Score => false,
    };
    is_more_of_something && metric.direction != Direction::Down
}

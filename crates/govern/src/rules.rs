//! Rules that need to know the day and the catalogue: stale targets, definitions that moved, conversion without quality.

use dialmark_metrics::metric::{Process, Unit};
use dialmark_metrics::{Catalogue, MetricRef};
use dialmark_model::declared::Section;
use jiff::ToSpan;
use jiff::civil::Date;

use crate::kpi::Kpi;
use crate::lint;

/// After so many months without a review a target is stale: a quarter, and two weeks to get round to it.
const MONTHS: i32 = 3;
const DAYS_OF_GRACE: i32 = 14;

/// Reports what a KPI lacks that only shows against the day and the catalogue.
pub(crate) fn kpi(
    kpi: &Kpi,
    section: &Section<'_>,
    catalogue: &Catalogue,
    today: Date,
    mark: &dyn Fn(&MetricRef) -> Option<String>,
) {
    let until = kpi.reviewed_on.and_then(|day| day.checked_add(MONTHS.months().days(DAYS_OF_GRACE)).ok());
    if let Some((reviewed, until)) = kpi.reviewed_on.zip(until)
        && until < today
    {
        section.breaks(
            lint::STALE_TARGET.id(),
            "reviewed_on",
            format!("its target was looked at last on {reviewed}."),
            Some("Confirm or raise it, and write the day down here.".to_owned()),
        );
    }
    if let (Some(written), Some(now)) = (&kpi.defined_as, mark(&kpi.metric))
        && *written != now
    {
        section.breaks(
            lint::DEFINITION_CHANGED.id(),
            "defined_as",
            format!(
                "the definition of `{}` is another than the one that the target was set for.",
                kpi.metric
            ),
            Some(format!("Look at the target again, then write `defined_as = \"{now}\"`.")),
        );
    }
    if is_conversion(kpi) && !kpi.guards.iter().any(|guard| is_quality(guard, catalogue)) {
        section.breaks(
            lint::NO_QUALITY_GUARD.id(),
            if section.has("guards") { "guards" } else { "metric" },
            "nothing guards the quality of this conversion.",
            Some(
                "Add `guards = [...]` with a metric that follows it, such as `cancellation_rate`.".to_owned(),
            ),
        );
    }
}

/// Conversion by its name: the catalogue's metrics of converting leads, calls and contacts are called so.
fn is_conversion(kpi: &Kpi) -> bool {
    kpi.unit == Unit::Share && kpi.metric.metric.contains("conversion")
}

/// A metric of what comes of the work later: outcomes, which is where loose conversions show.
fn is_quality(guard: &MetricRef, catalogue: &Catalogue) -> bool {
    catalogue.resolve(guard).is_ok_and(|found| found.metric.process == Some(Process::Outcome))
}

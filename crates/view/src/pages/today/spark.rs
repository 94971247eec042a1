//! The course of a KPI with the target that it is held to.

use dialmark_govern::target::Aim;
use dialmark_govern::today::Was;
use dialmark_metrics::Ratio;
use jiff::civil::Date;
use maud::Markup;

use crate::chart;

/// Four weeks up to yesterday, and the target as a dashed line, or two for a band.
pub(super) fn course(was: &Was) -> Markup {
    // Weekdays on which nothing is ever counted are no gaps.
    let is_worked = |day: Date| {
        was.course.iter().any(|(other, value)| value.is_some() && other.weekday() == day.weekday())
    };
    let days = was.course.iter().filter(|(day, _)| is_worked(*day));
    let values: Vec<Option<f64>> = days.map(|(_, value)| value.map(Ratio::to_f64)).collect();
    let targets: Vec<f64> = match was.standing.goal.as_ref().map(|goal| goal.aim) {
        Ok(Aim::AtLeast(edge) | Aim::AtMost(edge)) => vec![edge.to_f64()],
        Ok(Aim::Within(from, to)) => vec![from.to_f64(), to.to_f64()],
        Err(_) => Vec::new(),
    };
    let says =
        format!("{}: the shape of the last {} days, with its target", was.standing.kpi.label, values.len());
    chart::spark_towards(&values, &targets, &says)
}

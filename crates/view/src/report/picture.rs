//! A course of values as bars, with the target as a line.

use dialmark_govern::target::Aim;
use dialmark_govern::{Standing, report};
use dialmark_metrics::Ratio;
use jiff::civil::Date;

use super::Picture;
use super::png::{Canvas, Ink};
use crate::{judged, when};

const WIDTH: usize = 560;
const HEIGHT: usize = 96;
/// Dots above the largest value and below the line of zero.
const MARGIN: usize = 4;

/// The target lines of a KPI.
pub(super) fn targets(standing: &Standing) -> Vec<f64> {
    match standing.goal.as_ref().map(|goal| goal.aim) {
        Ok(Aim::AtLeast(edge) | Aim::AtMost(edge)) => vec![edge.to_f64()],
        Ok(Aim::Within(from, to)) => vec![from.to_f64(), to.to_f64()],
        Err(_) => Vec::new(),
    }
}

/// A KPI by time: its bars, its target, and what is to be seen in words.
pub(super) fn course(
    name: &str,
    standing: &Standing,
    values: &[(Date, Option<Ratio>)],
    of: &str,
) -> Option<Picture> {
    let (first, last) = (values.first()?.0, values.last()?.0);
    let shown: Vec<Option<f64>> = values.iter().map(|(_, value)| value.map(Ratio::to_f64)).collect();
    let says = format!(
        "{} by {of}, {}; the line is the target, {}.",
        standing.kpi.label,
        when::days(first, last),
        judged::target(standing)
    );
    let png = bars(&shown, &targets(standing))?;
    Some(Picture { name: format!("{name}@dialmark"), says, png, width: WIDTH, height: HEIGHT })
}

/// The same of a course by weeks.
pub(super) fn weeks(name: &str, standing: &Standing, course_of: &report::Course) -> Option<Picture> {
    let values: Vec<(Date, Option<Ratio>)> =
        course_of.weeks.iter().map(|(day, cell)| (*day, cell.value.as_ref().ok().copied())).collect();
    course(name, standing, &values, "week")
}

/// Bars from zero up or down; where there is no value there is no bar. `None` without a value.
fn bars(values: &[Option<f64>], targets: &[f64]) -> Option<Vec<u8>> {
    let all = || values.iter().flatten().chain(targets).copied().filter(|value| value.is_finite());
    let high = all().fold(0.0_f64, f64::max);
    let low = all().fold(0.0_f64, f64::min);
    if values.iter().all(Option::is_none) || high <= low {
        return None;
    }
    let mut canvas = Canvas::new(WIDTH, HEIGHT);
    let row = |value: f64| whole((high - value) / (high - low), HEIGHT - 2 * MARGIN - 1) + MARGIN;
    let zero = row(0.0);
    canvas.fill((0, zero), (WIDTH, 1), Ink::Faint);
    let step = (WIDTH / values.len().max(1)).max(2);
    let thick = (step * 2 / 3).max(1);
    for (at, value) in values.iter().enumerate() {
        let Some(value) = value.filter(|value| value.is_finite()) else { continue };
        let end = row(value);
        let (top, height) = if end <= zero { (end, zero - end + 1) } else { (zero, end - zero + 1) };
        canvas.fill((at * step + (step - thick) / 2, top), (thick, height), Ink::Dark);
    }
    for target in targets.iter().filter(|target| target.is_finite()) {
        canvas.fill((0, row(*target)), (WIDTH, 2), Ink::Accent);
    }
    Some(canvas.png())
}

/// A share of a number of dots, as a whole number.
fn whole(share: f64, dots: usize) -> usize {
    // There are less than a hundred of them: counting is exact, and no cast can go wrong.
    (0..=dots)
        .rev()
        .find(|dot| u32::try_from(*dot).is_ok_and(|dot| f64::from(dot) <= share * count(dots) + 0.5))
        .unwrap_or(0)
}

fn count(dots: usize) -> f64 {
    u32::try_from(dots).map_or(f64::MAX, f64::from)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_share_of_dots_is_rounded() {
        assert_eq!((whole(0.0, 90), whole(0.5, 90), whole(1.0, 90), whole(0.006, 90)), (0, 45, 90, 1));
    }

    #[test]
    fn nothing_is_drawn_of_nothing() {
        assert_eq!(bars(&[None, None], &[0.8]), None);
        assert_eq!(bars(&[Some(0.0)], &[]), None);
        let one = bars(&[Some(0.5), None, Some(0.7)], &[0.6]).unwrap();
        assert_eq!(one, bars(&[Some(0.5), None, Some(0.7)], &[0.6]).unwrap());
        assert_ne!(one, bars(&[Some(0.5), None, Some(0.1)], &[0.6]).unwrap());
        assert!(one.len() < 20_000);
    }
}

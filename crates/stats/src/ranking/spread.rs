//! How much figures vary: by chance, and beyond it.

use super::Figure;
use crate::clusters::{Part, is_zero};

pub(super) fn sum(parts: &[Part]) -> Part {
    // In an order of their own, so that theirs moves no digit.
    let (mut tops, mut bottoms): (Vec<f64>, Vec<f64>) =
        parts.iter().map(|part| (part.top, part.bottom)).unzip();
    tops.sort_by(f64::total_cmp);
    bottoms.sort_by(f64::total_cmp);
    Part { top: tops.iter().sum(), bottom: bottoms.iter().sum() }
}

/// Variance of a figure whose divisor is 1: that of a figure is this over its own. Within entrants, so that what they truly
/// differ by has no part in it. `None` where amounts have no two parts of anybody.
pub(super) fn of_unit<'a>(
    entrants: impl Iterator<Item = &'a [Part]>,
    all: Part,
    figure: Figure,
) -> Option<f64> {
    let (mut squares, mut size) = (Vec::new(), Vec::new());
    for parts in entrants {
        let parts: Vec<Part> = parts.iter().copied().filter(|part| !part.is_empty()).collect();
        let (whole, k) = (sum(&parts), parts.len() as f64);
        if parts.len() < 2 || is_zero(whole.bottom) {
            continue;
        }
        let own = whole.top / whole.bottom;
        let residuals = Part {
            top: parts.iter().map(|part| (part.top - own * part.bottom).powi(2)).sum::<f64>() * k / (k - 1.0),
            bottom: whole.bottom,
        };
        squares.push(residuals.top);
        size.push(residuals.bottom);
    }
    squares.sort_by(f64::total_cmp);
    size.sort_by(f64::total_cmp);
    let (squares, size): (f64, f64) = (squares.iter().sum(), size.iter().sum());
    let seen = (size > 0.0).then(|| squares / size).filter(|unit| unit.is_finite());
    match figure {
        Figure::Amount => seen,
        Figure::Share => {
            let share = (all.top / all.bottom).clamp(0.0, 1.0);
            let coins = share * (1.0 - share);
            Some(seen.map_or(coins, |seen| seen.max(coins)))
        }
    }
}

/// Mean of the true figures and their variance beyond chance (DerSimonian and Laird, 1986): how much further figures lie from
/// their weighted mean than they should by chance; zero when they lie nearer. Weights are sizes, so that three hits of three
/// do not make everybody look different.
pub(super) fn between(values: &[f64], chance: &[f64]) -> Option<(f64, f64)> {
    let degrees = values.len() as f64 - 1.0;
    let mean_of = |weights: &[f64]| {
        weights.iter().zip(values).map(|(w, v)| w * v).sum::<f64>() / weights.iter().sum::<f64>()
    };
    let sound =
        |mean: f64, between: f64| (mean.is_finite() && between.is_finite()).then_some((mean, between));
    if chance.iter().all(|c| is_zero(*c)) {
        let mean = mean_of(&vec![1.0; values.len()]);
        return sound(mean, values.iter().map(|v| (v - mean).powi(2)).sum::<f64>() / degrees);
    }
    let weights: Vec<f64> = chance.iter().map(|c| 1.0 / c).collect();
    let (mean, weight) = (mean_of(&weights), weights.iter().sum::<f64>());
    let distance: f64 = weights.iter().zip(values).map(|(w, v)| w * (v - mean).powi(2)).sum();
    let room = weight - weights.iter().map(|w| w * w).sum::<f64>() / weight;
    let between = if room > 0.0 { ((distance - degrees) / room).max(0.0) } else { 0.0 };
    let weights: Vec<f64> = chance.iter().map(|c| 1.0 / (between + c)).collect();
    sound(mean_of(&weights), between)
}

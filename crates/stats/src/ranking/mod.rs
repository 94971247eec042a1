//! Honest rankings: who is surely better than whom, when chance had many tries.
//!
//! A figure of few records lies far from the truth more often than one of many, so the top and the bottom of a plain ranking
//! are mostly those with the least behind them. Here each figure is drawn towards that of all by as much as chance accounts
//! for, places are ranges, and those who cannot be told apart stand together.

mod compare;
mod groups;
mod spread;

use self::compare::Compare;
use crate::clusters::{Part, is_zero};
use crate::false_discovery::adjusted;
use crate::interval::{Confidence, Interval};
use crate::special::beta_quantile;

/// Who is ranked at most: all pairs are compared.
pub const MOST_ENTRANTS: usize = 2_000;

/// Somebody or something to be ranked.
#[derive(Debug, Clone, PartialEq)]
pub struct Entrant<K> {
    /// Its name, in whatever form the caller knows it.
    pub key: K,
    /// What it did, by records that hang together: an agent's days, a list's days.
    pub parts: Vec<Part>,
}

/// What the figures are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Figure {
    /// Counted things of counted things: they vary at least as coins do, and lie from 0 to 1.
    Share,
    /// Any other ratio of sums: an average, an amount an hour.
    Amount,
}

/// Which end is the good one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Better {
    /// More is better.
    High,
    /// Less is better.
    Low,
}

/// How sure one wants to be.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Sureness {
    /// Of the interval of each figure.
    pub confidence: Confidence,
    /// Share of all that is said to differ that may be false on the average.
    pub false_discoveries: f64,
}

impl Default for Sureness {
    /// 95 % intervals, at most one false in twenty.
    fn default() -> Sureness {
        Sureness { confidence: Confidence::P95, false_discoveries: 0.05 }
    }
}

/// Whether somebody stands out from all.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Standing {
    /// Surely better than the rest together.
    Better,
    /// Surely worse.
    Worse,
    /// Chance accounts for the distance.
    NotTold,
}

/// Somebody with a place.
#[derive(Debug, Clone, PartialEq)]
pub struct Placed<K> {
    /// The name.
    pub key: K,
    /// The plain figure.
    pub value: f64,
    /// What it is divided by: how much there is behind it.
    pub size: f64,
    /// The figure drawn towards that of all, by as much as chance accounts for.
    pub shrunk: f64,
    /// Where the true figure lies, given all the others.
    pub interval: Interval,
    /// Against the rest together.
    pub standing: Standing,
    /// The best place that it could have: one more than there are surely better ones.
    pub best: usize,
    /// The worst place that it could have.
    pub worst: usize,
    /// Its group, counted from 1: no two of a group can be told apart.
    pub group: usize,
}

/// All of them.
#[derive(Debug, Clone, PartialEq)]
pub struct Ranking<K> {
    /// The figure of all together.
    pub all: f64,
    /// How far true figures lie apart, as a standard deviation; zero when chance accounts for everything.
    pub apart: f64,
    /// The best first, by the shrunk figure.
    pub placed: Vec<Placed<K>>,
}

/// Ranks figures. Those with nothing to divide by are left out.
///
/// How much a figure of a size varies by chance is taken from the parts of all together (for shares at least what coins do); how
/// much true figures vary beyond that is DerSimonian and Laird's estimate (1986), and figures are drawn towards the mean as Efron
/// and Morris do (1975). Comparisons, of each with the rest and of all pairs, are held to a rate of false discoveries
/// (Benjamini and Hochberg). The order of entrants changes nothing but that of equals.
///
/// `None` for fewer than two with something behind them or more than two thousand, parts that are not finite, or a divisor that
/// is not above zero; for amounts, where nobody has two parts, so that nothing is known of how they vary.
pub fn rank<K>(
    entrants: impl IntoIterator<Item = Entrant<K>>,
    figure: Figure,
    better: Better,
    sureness: Sureness,
) -> Option<Ranking<K>> {
    let known: Vec<Entrant<K>> =
        entrants.into_iter().filter(|one| one.parts.iter().any(|part| !is_zero(part.bottom))).collect();
    if !(2..=MOST_ENTRANTS).contains(&known.len()) {
        return None;
    }
    let sums: Vec<Part> = known.iter().map(|one| spread::sum(&one.parts)).collect();
    let all = spread::sum(&sums);
    let sound = |part: &Part| part.top.is_finite() && part.bottom.is_finite() && part.bottom > 0.0;
    if !sums.iter().all(sound) || !sound(&all) {
        return None;
    }
    let unit = spread::of_unit(known.iter().map(|one| one.parts.as_slice()), all, figure)?;
    let values: Vec<f64> = sums.iter().map(|sum| sum.top / sum.bottom).collect();
    let chance: Vec<f64> = sums.iter().map(|sum| unit / sum.bottom).collect();
    let (mean, between) = spread::between(&values, &chance)?;
    let sign = if better == Better::High { 1.0 } else { -1.0 };
    let shrunk: Vec<f64> = values.iter().zip(&chance).map(|(v, c)| drawn_to(mean, between, *v, *c)).collect();
    let mut order: Vec<usize> = (0..known.len()).collect();
    order.sort_by(|a, b| {
        (sign * shrunk[*b])
            .total_cmp(&(sign * shrunk[*a]))
            .then((sign * values[*b]).total_cmp(&(sign * values[*a])))
    });
    let compare = Compare::of(figure, unit, all);
    let standings = standings(&sums, all, compare, better, sureness)?;
    let apart = groups::apart(&sums, compare, sureness)?;
    let groups = groups::along(&order, &apart);
    let mut placed: Vec<Placed<usize>> = Vec::with_capacity(known.len());
    for (at, group) in order.iter().copied().zip(groups) {
        let is_above = |other: usize| sign * (values[other] - values[at]) > 0.0;
        let told = || (0..known.len()).filter(|other| apart.told(at, *other));
        let (above, below) =
            (told().filter(|o| is_above(*o)).count(), told().filter(|o| !is_above(*o)).count());
        placed.push(Placed {
            key: at,
            value: values[at],
            size: sums[at].bottom,
            shrunk: shrunk[at],
            interval: interval(figure, between, shrunk[at], chance[at], sureness.confidence)?,
            standing: standings[at],
            best: above + 1,
            worst: known.len() - below,
            group,
        });
    }
    let mut keys: Vec<Option<K>> = known.into_iter().map(|one| Some(one.key)).collect();
    let placed = placed.into_iter().filter_map(|one| {
        let key = keys.get_mut(one.key)?.take()?;
        let Placed { value, size, shrunk, interval, standing, best, worst, group, .. } = one;
        Some(Placed { key, value, size, shrunk, interval, standing, best, worst, group })
    });
    Some(Ranking { all: all.top / all.bottom, apart: between.sqrt(), placed: placed.collect() })
}

fn drawn_to(mean: f64, between: f64, value: f64, chance: f64) -> f64 {
    if between + chance > 0.0 { (value * between + mean * chance) / (between + chance) } else { value }
}

/// Each against the rest together.
fn standings(
    sums: &[Part],
    all: Part,
    compare: Compare,
    better: Better,
    sureness: Sureness,
) -> Option<Vec<Standing>> {
    let rest = |sum: &Part| Part { top: all.top - sum.top, bottom: all.bottom - sum.bottom };
    let p_values: Vec<f64> = sums.iter().map(|sum| compare.p_value(*sum, rest(sum))).collect();
    let standing = |(sum, p): (&Part, f64)| {
        let is_above = sum.top / sum.bottom > all.top / all.bottom;
        match (p <= sureness.false_discoveries, is_above == (better == Better::High)) {
            (false, _) => Standing::NotTold,
            (true, true) => Standing::Better,
            (true, false) => Standing::Worse,
        }
    };
    Some(sums.iter().zip(adjusted(&p_values)?).map(standing).collect())
}

fn interval(
    figure: Figure,
    between: f64,
    shrunk: f64,
    chance: f64,
    confidence: Confidence,
) -> Option<Interval> {
    if between + chance <= 0.0 {
        return Interval::new(shrunk, shrunk);
    }
    let variance = between * chance / (between + chance);
    // A share that is neither none nor all has a beta distribution of this mean and variance.
    let room = shrunk * (1.0 - shrunk);
    if figure == Figure::Share && room > 0.0 && variance > 0.0 && room > variance {
        let size = room / variance - 1.0;
        let (a, b) = (shrunk * size, (1.0 - shrunk) * size);
        if a > 1e-6 && b > 1e-6 && size < 1e10 {
            let tail = confidence.tail();
            // Of next to nothing the mean of a beta distribution can lie beyond its own quantiles.
            let (low, high) = (beta_quantile(a, b, tail), beta_quantile(a, b, 1.0 - tail));
            return Interval::new(low.min(shrunk), high.max(shrunk));
        }
    }
    Interval::around(shrunk, confidence.z() * variance.sqrt())
}

#[cfg(test)]
mod tests;

//! Why a figure differs between two periods or places, by segment.

mod by_day;
mod product;
mod telling;
mod within;

use thiserror::Error;

use crate::clusters::{Part, is_zero};

pub use by_day::{Doubt, Sides, by_day};
pub use product::{Factor, MOST_FACTORS, Product, Weighing, product};
pub use telling::{Told, tell};
pub use within::{Cell, Inside, Within, within};

/// Share of the bottom that must have moved one way for the movement to be everybody's.
const NEARLY_ALL: f64 = 0.75;

/// What a segment adds to a ratio on either side; nothing where it does not occur.
#[derive(Debug, Clone, PartialEq)]
pub struct Segment<K> {
    /// Its name, in whatever form the caller knows it.
    pub key: K,
    /// Before, or here.
    pub before: Part,
    /// After, or there.
    pub after: Part,
}

/// Where a segment occurs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Presence {
    /// On both sides.
    Both,
    /// After only: it has no rate to compare with, its effect is all mix.
    New,
    /// Before only: likewise.
    Gone,
    /// On neither side.
    Nowhere,
    /// It has a top without a bottom on one side (costs without a sale): no rate there, so that its effect cannot
    /// be taken apart and stands as rate.
    WithoutBottom,
}

/// What a segment has to do with the change, in the unit of the ratio.
#[derive(Debug, Clone, PartialEq)]
pub struct Effect<K> {
    /// The segment.
    pub key: K,
    /// Where it occurs.
    pub presence: Presence,
    /// How much the ratio moved because the segment's own rate did.
    pub rate: f64,
    /// How much it moved because the segment's share did: more of what is above the average raises it.
    pub mix: f64,
    /// Both.
    pub total: f64,
    /// What of it is the segment's own: the total without what [`Decomposition::common`] makes of it.
    pub own: f64,
    /// Share of the bottom, before and after.
    pub shares: (f64, f64),
    /// The segment's own ratio, before and after; `None` without a bottom.
    pub rates: (Option<f64>, Option<f64>),
}

/// A change of a ratio, taken apart.
#[derive(Debug, Clone, PartialEq)]
pub struct Decomposition<K> {
    /// The ratio before.
    pub before: f64,
    /// The ratio after.
    pub after: f64,
    /// After less before: the sum of all totals, but for rounding.
    pub change: f64,
    /// Sum of the rate effects.
    pub rate: f64,
    /// Sum of the mix effects.
    pub mix: f64,
    /// How far the rates of nearly all moved: the largest movement that segments with three quarters of the bottom share, zero
    /// where they do not move the same way. A large segment that moved as everybody did is no cause of anything.
    pub common: f64,
    /// Segments, those with the largest total (of either sign) first; equal ones as they came.
    pub effects: Vec<Effect<K>>,
}

/// Why a change cannot be taken apart.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
pub enum Unfit {
    /// A number is not finite, or a sum is too large.
    #[error("a part of a segment is not a finite number")]
    NotFinite,
    /// There is no ratio before.
    #[error("before, the denominators add up to zero")]
    NothingBefore,
    /// There is no ratio after.
    #[error("after, the denominators add up to zero")]
    NothingAfter,
    /// A product has more than [`MOST_FACTORS`].
    #[error("there are more than twelve factors")]
    TooManyFactors,
}

/// Takes the change of a ratio of sums apart by segment: Kitagawa (1955), symmetric, and centred on the mean of the two
/// ratios so that a large segment of average rate has no mix effect. With the share w = bottom / sum of bottoms and
/// the rate r = top / bottom of a segment and R of all,
///
/// ```text
/// rate = mean(w) * (r after - r before)      mix = (mean(r) - mean(R)) * (w after - w before)
/// ```
///
/// There is no interaction left, and the totals add up to the change. Two factors so treated are Shapley's values.
pub fn ratio<K>(segments: impl IntoIterator<Item = Segment<K>>) -> Result<Decomposition<K>, Unfit> {
    let segments: Vec<Segment<K>> = segments.into_iter().collect();
    let before = Whole::of(segments.iter().map(|s| s.before)).ok_or(Unfit::NotFinite)?;
    let after = Whole::of(segments.iter().map(|s| s.after)).ok_or(Unfit::NotFinite)?;
    let (r_before, r_after) =
        (before.ratio().ok_or(Unfit::NothingBefore)?, after.ratio().ok_or(Unfit::NothingAfter)?);
    if !(r_before.is_finite() && r_after.is_finite()) {
        return Err(Unfit::NotFinite);
    }
    let mut effects: Vec<Effect<K>> =
        segments.into_iter().map(|segment| effect(segment, before, after)).collect();
    effects.sort_by(|a, b| b.total.abs().total_cmp(&a.total.abs()));
    let common = common(&effects);
    for effect in &mut effects {
        effect.own = effect.total - movement(effect).map_or(0.0, |(weight, _)| weight * common);
    }
    let rates = |e: &Effect<K>| [e.rates.0, e.rates.1].into_iter().flatten().all(f64::is_finite);
    if !effects.iter().all(|e| {
        e.rate.is_finite() && e.mix.is_finite() && e.total.is_finite() && e.own.is_finite() && rates(e)
    }) {
        return Err(Unfit::NotFinite);
    }
    let (rate, mix) = effects.iter().fold((0.0, 0.0), |(rate, mix), e| (rate + e.rate, mix + e.mix));
    Ok(Decomposition {
        before: r_before,
        after: r_after,
        change: r_after - r_before,
        rate,
        mix,
        common,
        effects,
    })
}

/// The weight of a segment that is there on both sides, and how far its rate moved.
fn movement<K>(effect: &Effect<K>) -> Option<(f64, f64)> {
    let (before, after) = (effect.rates.0?, effect.rates.1?);
    (effect.presence == Presence::Both)
        .then(|| (f64::midpoint(effect.shares.0, effect.shares.1), after - before))
}

fn common<K>(effects: &[Effect<K>]) -> f64 {
    let mut movements: Vec<(f64, f64)> = effects.iter().filter_map(movement).collect();
    movements.sort_by(|a, b| a.1.total_cmp(&b.1).then(a.0.total_cmp(&b.0)));
    let all: f64 = movements.iter().map(|(weight, _)| weight).sum();
    // Three quarters that are just reached must not be missed by rounding.
    let nearly_all = all * (NEARLY_ALL - 1e-12);
    let shared = |movements: &mut dyn Iterator<Item = &(f64, f64)>| {
        let mut weight = 0.0;
        for (more, by) in movements {
            weight += more;
            if weight >= nearly_all {
                return *by;
            }
        }
        0.0
    };
    let down = shared(&mut movements.iter()).min(0.0);
    let up = shared(&mut movements.iter().rev()).max(0.0);
    if up > 0.0 { up } else { down }
}

/// One side of all segments.
#[derive(Debug, Clone, Copy)]
struct Whole {
    top: f64,
    bottom: f64,
}

impl Whole {
    /// `None` when a part or a sum is not finite.
    fn of(parts: impl Iterator<Item = Part>) -> Option<Whole> {
        let (mut tops, mut bottoms): (Vec<f64>, Vec<f64>) = parts.map(|part| (part.top, part.bottom)).unzip();
        // Added up in an order of their own: that of the segments must not move the last digit.
        tops.sort_by(f64::total_cmp);
        bottoms.sort_by(f64::total_cmp);
        let whole = Whole { top: tops.iter().sum(), bottom: bottoms.iter().sum() };
        (whole.top.is_finite() && whole.bottom.is_finite()).then_some(whole)
    }

    fn ratio(self) -> Option<f64> {
        (!is_zero(self.bottom)).then(|| self.top / self.bottom)
    }
}

fn effect<K>(segment: Segment<K>, before: Whole, after: Whole) -> Effect<K> {
    let (was, is) = (segment.before, segment.after);
    let shares = (was.bottom / before.bottom, is.bottom / after.bottom);
    let own = |part: Part| (!is_zero(part.bottom)).then(|| part.top / part.bottom);
    let rates = (own(was), own(is));
    let mean_ratio = f64::midpoint(before.top / before.bottom, after.top / after.bottom);
    let presence = presence(was, is);
    let (rate, mix) = match (presence, rates) {
        (Presence::Both, (Some(r0), Some(r1))) => (
            f64::midpoint(shares.0, shares.1) * (r1 - r0),
            (f64::midpoint(r0, r1) - mean_ratio) * (shares.1 - shares.0),
        ),
        // The rate that the segment has stands for the one that it lacks.
        (Presence::New, (_, Some(r1))) => (0.0, (r1 - mean_ratio) * shares.1),
        (Presence::Gone, (Some(r0), _)) => (0.0, (mean_ratio - r0) * shares.0),
        (Presence::Nowhere, _) => (0.0, 0.0),
        // What the segment adds to the ratio, without dividing by its bottom.
        _ => {
            let added = is.top / after.bottom - was.top / before.bottom;
            (added - mean_ratio * (shares.1 - shares.0), 0.0)
        }
    };
    let total = rate + mix;
    Effect { key: segment.key, presence, rate, mix, total, own: total, shares, rates }
}

fn presence(was: Part, is: Part) -> Presence {
    let has_no_rate = |part: Part| is_zero(part.bottom) && !is_zero(part.top);
    match (was.is_empty(), is.is_empty()) {
        _ if has_no_rate(was) || has_no_rate(is) => Presence::WithoutBottom,
        (false, false) => Presence::Both,
        (true, false) => Presence::New,
        (false, true) => Presence::Gone,
        (true, true) => Presence::Nowhere,
    }
}

/// What a segment has to do with the change of a sum, in the unit of the sum.
#[derive(Debug, Clone, PartialEq)]
pub struct Change<K> {
    /// The segment.
    pub key: K,
    /// Its sum before.
    pub before: f64,
    /// Its sum after.
    pub after: f64,
    /// After less before.
    pub change: f64,
}

/// Takes the change of a sum (calls, money) apart: each segment's own change, the largest of either sign first, equal
/// ones as they came. From key, sum before and sum after; zero where a segment does not occur.
pub fn sum<K>(segments: impl IntoIterator<Item = (K, f64, f64)>) -> Result<Vec<Change<K>>, Unfit> {
    let mut changes: Vec<Change<K>> = segments
        .into_iter()
        .map(|(key, before, after)| Change { key, before, after, change: after - before })
        .collect();
    if !changes.iter().all(|c| c.before.is_finite() && c.after.is_finite() && c.change.is_finite()) {
        return Err(Unfit::NotFinite);
    }
    changes.sort_by(|a, b| b.change.abs().total_cmp(&a.change.abs()));
    Ok(changes)
}

#[cfg(test)]
mod tests;

//! Targets as dated functions: what is to be reached, where, on which day.

mod read;

use std::fmt;

use dialmark_metrics::{Exact, Ratio};
use dialmark_model::validity::Days;
use jiff::civil::Date;

use crate::place::Place;
use crate::window::Stretch;

pub(crate) use read::{About, targets};

/// What a figure should be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Aim {
    /// This or more.
    AtLeast(Ratio),
    /// This or less.
    AtMost(Ratio),
    /// Between the two, which belong to it.
    Within(Ratio, Ratio),
}

impl Aim {
    /// Both edges; a level has one.
    fn edges(self) -> (Option<Ratio>, Option<Ratio>) {
        match self {
            Aim::AtLeast(low) => (Some(low), None),
            Aim::AtMost(high) => (None, Some(high)),
            Aim::Within(low, high) => (Some(low), Some(high)),
        }
    }

    /// The same kind of aim with other edges.
    fn with(
        self,
        low: impl FnOnce(Ratio) -> Option<Ratio>,
        high: impl FnOnce(Ratio) -> Option<Ratio>,
    ) -> Option<Aim> {
        Some(match self {
            Aim::AtLeast(edge) => Aim::AtLeast(low(edge)?),
            Aim::AtMost(edge) => Aim::AtMost(high(edge)?),
            Aim::Within(from, to) => Aim::Within(low(from)?, high(to)?),
        })
    }

    fn is_like(self, other: Aim) -> bool {
        std::mem::discriminant(&self) == std::mem::discriminant(&other)
    }
}

/// How far a figure may miss its target and still be called close.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Tolerance {
    /// So much, in the metric's unit.
    By(Ratio),
    /// Such a part of the target.
    Part(Ratio),
}

/// A programme's first days, in which less is asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Ramp {
    /// First day, on which the ramp is at its easiest.
    pub starts: Date,
    /// Days after which the whole target holds.
    pub days: u16,
    /// Where it begins.
    pub from: RampFrom,
}

/// Where a ramp begins.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RampFrom {
    /// At this value; for a level only.
    Value(Ratio),
    /// Easier than the target by such a part of it.
    EasedBy(Ratio),
}

/// Days of each year on which a target is another.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Season {
    /// First month and day.
    pub from: (i8, i8),
    /// Last month and day, which belongs to it; it may lie in the next year.
    pub to: (i8, i8),
    /// What the target is multiplied by.
    pub times: Ratio,
}

impl Season {
    fn holds(&self, day: Date) -> bool {
        let at = (day.month(), day.day());
        match self.from <= self.to {
            true => self.from <= at && at <= self.to,
            false => self.from <= at || at <= self.to,
        }
    }
}

/// What a value beyond some edge means, such as burnout above 85 %.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Beyond {
    /// The edge.
    pub edge: Edge,
    /// What it means.
    pub says: String,
}

/// An edge beyond which something is to be said.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Edge {
    /// More than this.
    Above(Ratio),
    /// Less than this.
    Below(Ratio),
}

impl Edge {
    fn is_passed_by(self, value: Ratio) -> bool {
        match self {
            Edge::Above(edge) => value > edge,
            Edge::Below(edge) => value < edge,
        }
    }
}

/// One target of a KPI: where and on which days it holds, and what is to be reached.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Target {
    /// On which days.
    pub days: Days,
    /// For whom; narrower places inherit it unless they have one of their own.
    pub place: Place,
    /// What is to be reached in the long run.
    pub aim: Aim,
    /// How far it may be missed.
    pub tolerance: Tolerance,
    /// Where a score has fallen to nothing, measured from the target; five tolerances when it is not said.
    pub zero_after: Option<Ratio>,
    /// The beginning, when it was easier.
    pub ramp: Option<Ramp>,
    /// Parts of the year in which it is another; of several that hold, the first counts.
    pub seasons: Vec<Season>,
    /// What values beyond certain edges mean.
    pub beyond: Vec<Beyond>,
    /// Line of the declaration.
    pub line: usize,
}

impl Target {
    /// What is to be reached on one day; `None` when the target does not hold then, or numbers do not fit 128 bits.
    pub fn on(&self, day: Date) -> Option<Aim> {
        if !self.days.hold(day) {
            return None;
        }
        let season = self.seasons.iter().find(|season| season.holds(day));
        let aim = match season {
            Some(season) => self.aim.with(|low| low.times(season.times), |high| high.times(season.times))?,
            None => self.aim,
        };
        match self.ramp {
            Some(ramp) => ramp.eased(aim, day),
            None => Some(aim),
        }
    }

    fn tolerance_of(&self, aim: Aim) -> Option<Ratio> {
        match self.tolerance {
            Tolerance::By(value) => Some(value),
            Tolerance::Part(part) => {
                // Of a band, of its width: a part of an edge would differ from edge to edge.
                let whole = match aim.edges() {
                    (Some(low), Some(high)) => high.minus(low)?,
                    (Some(edge), None) | (None, Some(edge)) => edge,
                    (None, None) => Ratio::ZERO,
                };
                absolute(whole.times(part)?)
            }
        }
    }
}

impl Ramp {
    /// On the first day all of the ease, on day `days` none, in a straight line between.
    fn eased(&self, aim: Aim, day: Date) -> Option<Aim> {
        let passed = i128::from(self.starts.until(day).ok()?.get_days()).max(0);
        let left = i128::from(self.days) - passed;
        if left <= 0 {
            return Some(aim);
        }
        let part_left = Ratio::of(Exact::integer(left), Exact::integer(i128::from(self.days)))?;
        let easier = |edge: Ratio, harder_is_more: bool| {
            let ease = match self.from {
                RampFrom::Value(value) => edge.minus(value)?,
                RampFrom::EasedBy(part) => {
                    let ease = absolute(edge)?.times(part)?;
                    if harder_is_more { ease } else { Ratio::ZERO.minus(ease)? }
                }
            };
            edge.minus(ease.times(part_left)?)
        };
        aim.with(|low| easier(low, true), |high| easier(high, false))
    }
}

fn absolute(value: Ratio) -> Option<Ratio> {
    if value < Ratio::ZERO { Ratio::ZERO.minus(value) } else { Some(value) }
}

/// What is to be reached in a stretch of days: the mean of what is to be reached on each of them, which is the target itself
/// when it is the same on all.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Goal {
    /// The target.
    pub aim: Aim,
    /// How far it may be missed and still be called close, in the metric's unit.
    pub tolerance: Ratio,
    /// Distance from the target at which a score has fallen to nothing.
    pub zero_after: Ratio,
}

/// Where there is no target for a stretch.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum NoGoal {
    /// No target holds there on any of the days.
    None,
    /// One holds on some of the days only; this is the first without.
    From(Date),
    /// Its numbers do not fit 128 bits.
    TooLarge,
}

impl fmt::Display for NoGoal {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            NoGoal::None => write!(out, "no target holds there and then"),
            NoGoal::From(day) => write!(out, "no target holds on {day}"),
            NoGoal::TooLarge => write!(out, "the numbers of the target are too large"),
        }
    }
}

/// The target that holds for a place on a day: of those whose place holds it, the narrowest.
pub fn holding<'t>(targets: &'t [Target], place: &Place, day: Date) -> Option<&'t Target> {
    targets
        .iter()
        .filter(|target| target.place.holds(place) && target.days.hold(day))
        .max_by_key(|target| target.place.narrowness())
}

/// What is to be reached at a place in a stretch of days.
pub fn goal(targets: &[Target], place: &Place, stretch: &Stretch) -> Result<Goal, NoGoal> {
    let days: Vec<Date> = stretch.days().collect();
    let held: Vec<(Date, &Target)> =
        days.iter().filter_map(|day| Some((*day, holding(targets, place, *day)?))).collect();
    let Some((_, first)) = held.first() else { return Err(NoGoal::None) };
    if let Some(bare) = days.iter().find(|day| !held.iter().any(|(held, _)| held == *day)) {
        return Err(NoGoal::From(*bare));
    }
    let mut sums: Option<(Aim, Ratio, Ratio)> = None;
    for (day, target) in &held {
        let one = of_day(target, *day).ok_or(NoGoal::TooLarge)?;
        sums = Some(match sums {
            None => one,
            Some(sum) => added(sum, one).ok_or(NoGoal::TooLarge)?,
        });
    }
    // The same target on all days is that target, whatever the number of days.
    let same =
        held.iter().all(|(day, target)| std::ptr::eq(*target, *first) && target.on(*day) == Some(first.aim));
    let mean = match same {
        true => held.first().and_then(|(day, target)| of_day(target, *day)),
        false => sums.and_then(|sum| divided(sum, held.len())),
    };
    let (aim, tolerance, zero_after) = mean.ok_or(NoGoal::TooLarge)?;
    Ok(Goal { aim, tolerance, zero_after })
}

fn of_day(target: &Target, day: Date) -> Option<(Aim, Ratio, Ratio)> {
    let aim = target.on(day)?;
    let tolerance = target.tolerance_of(aim)?;
    let five = Ratio::exact(Exact::integer(5))?;
    let zero_after = match target.zero_after {
        Some(distance) => distance,
        None => tolerance.times(five)?,
    };
    Some((aim, tolerance, zero_after))
}

fn added(a: (Aim, Ratio, Ratio), b: (Aim, Ratio, Ratio)) -> Option<(Aim, Ratio, Ratio)> {
    let (low, high) = b.0.edges();
    let aim = a.0.with(|edge| edge.plus(low?), |edge| edge.plus(high?))?;
    Some((aim, a.1.plus(b.1)?, a.2.plus(b.2)?))
}

fn divided(sum: (Aim, Ratio, Ratio), days: usize) -> Option<(Aim, Ratio, Ratio)> {
    let days = Ratio::exact(Exact::integer(i128::try_from(days).ok()?))?;
    let aim = sum.0.with(|edge| edge.over(days), |edge| edge.over(days))?;
    Some((aim, sum.1.over(days)?, sum.2.over(days)?))
}

/// What a value at a place on a day means beyond being good or bad, such as "burnout risk".
pub fn beyond<'t>(targets: &'t [Target], place: &Place, day: Date, value: Ratio) -> Vec<&'t str> {
    let Some(target) = holding(targets, place, day) else { return Vec::new() };
    let passed = target.beyond.iter().filter(|beyond| beyond.edge.is_passed_by(value));
    passed.map(|beyond| beyond.says.as_str()).collect()
}

#[cfg(test)]
mod tests;

//! How a KPI stands: met, close, missed, or not enough evidence to say. And whether it has moved.

use std::fmt;

use dialmark_metrics::{Direction, Ratio, answer::Reason};
use dialmark_stats::Interval;
use jiff::civil::Date;

use crate::kpi::Evidence;
use crate::target::{Aim, Goal, NoGoal};

/// How a figure stands against its target.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Status {
    /// The target is met: green.
    Met,
    /// It is missed by no more than the tolerance: yellow.
    Close,
    /// It is missed: red.
    Missed,
    /// Nothing can be said: grey, and why.
    NotEnough(NotEnough),
}

/// Why nothing can be said.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum NotEnough {
    /// There is no figure.
    NoFigure(Reason),
    /// There is no target.
    NoGoal(NoGoal),
    /// Too many records are missing.
    Gaps(Missing),
    /// The figure holds only a part of the window.
    Part(OnlyPart),
    /// It is of one agent on one day, and nothing says how it varies.
    Single,
    /// Most of what it is divided by has no value of this dimension, so it is no figure of one value.
    Without(String),
    /// The target lies within the figure's interval.
    Straddles,
}

impl Status {
    /// A word for programs.
    pub const fn word(&self) -> &'static str {
        match self {
            Status::Met => "met",
            Status::Close => "close",
            Status::Missed => "missed",
            Status::NotEnough(_) => "not_enough_evidence",
        }
    }

    /// A word for people, beside the colour.
    pub const fn label(&self) -> &'static str {
        match self {
            Status::Met => "Met",
            Status::Close => "Close",
            Status::Missed => "Missed",
            Status::NotEnough(_) => "Not enough evidence",
        }
    }
}

impl fmt::Display for NotEnough {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            NotEnough::NoFigure(reason) => write!(out, "{reason}"),
            NotEnough::NoGoal(none) => write!(out, "{none}"),
            NotEnough::Gaps(missing) => write!(out, "{missing}"),
            NotEnough::Part(part) => write!(out, "{part}"),
            NotEnough::Single => {
                out.write_str("it is of one agent on one day, so nothing says how much of it is chance")
            }
            NotEnough::Without(dimension) => {
                write!(
                    out,
                    "most records that it is divided by have no `{dimension}`, so this is no figure of one"
                )
            }
            NotEnough::Straddles => write!(out, "the target lies within the figure's interval"),
        }
    }
}

/// Records that should have come and did not: those that hours usually bring, less those that they brought.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Missing {
    /// Hours that brought less than a fifth of what they usually bring.
    pub hours: u32,
    /// Records that they lack.
    pub records: u64,
    /// Records that came, in all hours.
    pub received: u64,
}

impl Missing {
    /// One record of so many may be missing before a figure is not judged any more.
    pub const ONE_OF: u64 = 50;

    /// Whether more than one record of fifty is missing.
    pub const fn is_much(&self) -> bool {
        self.records.saturating_mul(Missing::ONE_OF) > self.received.saturating_add(self.records)
    }
}

impl fmt::Display for Missing {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let hours = if self.hours == 1 { "1 hour".to_owned() } else { format!("{} hours", self.hours) };
        write!(out, "about {} records are missing in {hours}", self.records)
    }
}

/// Why a figure holds only a part of its window.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum OnlyPart {
    /// The window is not over.
    SoFar,
    /// Records begin on this day, after the window did.
    Since(Date),
}

impl fmt::Display for OnlyPart {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            OnlyPart::SoFar => out.write_str("the time is not over, and what is added up goes on"),
            OnlyPart::Since(day) => write!(out, "records begin on {day}, after this time did"),
        }
    }
}

/// A figure, and what is known of its worth.
#[derive(Debug, Clone, PartialEq)]
pub struct Figure {
    /// The value, or why there is none.
    pub value: Result<Ratio, Reason>,
    /// Where the value could as well lie; `None` when that cannot be said of this kind of figure.
    pub interval: Option<Interval>,
    /// What is missing of its time, if anything is.
    pub missing: Option<Missing>,
    /// Why it holds only a part of its window, if it does.
    pub part: Option<OnlyPart>,
    /// Whether it grows with time, as counts and sums do.
    pub adds_up: bool,
    /// The dimension of its place that most of what it is divided by has no value of.
    pub without: Option<String>,
    /// Whether it is an estimate from a single draw, one agent's one day, so that it has no interval.
    pub is_single: bool,
}

/// How a figure stands.
///
/// Missing records come first: a figure without them is wrong by an unknown amount. A sum over a part of its window is judged
/// when the rest, which can only add to it, decides nothing any more. A figure that is estimated is judged by its interval:
/// when the target lies inside, the same work on other calls could as well have met it as missed it.
pub fn judge(figure: &Figure, goal: &Result<Goal, NoGoal>, evidence: Evidence) -> Status {
    let value = match &figure.value {
        Ok(value) => *value,
        Err(reason) => return Status::NotEnough(NotEnough::NoFigure(reason.clone())),
    };
    let goal = match goal {
        Ok(goal) => goal,
        Err(none) => return Status::NotEnough(NotEnough::NoGoal(*none)),
    };
    if let Some(missing) = figure.missing.filter(Missing::is_much) {
        return Status::NotEnough(NotEnough::Gaps(missing));
    }
    if let Some(part) = figure.part
        && !(figure.adds_up && is_beyond(value, goal.aim))
    {
        return Status::NotEnough(NotEnough::Part(part));
    }
    if let Some(dimension) = &figure.without {
        return Status::NotEnough(NotEnough::Without(dimension.clone()));
    }
    if evidence == Evidence::Estimated && figure.is_single {
        return Status::NotEnough(NotEnough::Single);
    }
    if evidence == Evidence::Estimated
        && let Some(interval) = &figure.interval
        && straddles(interval, goal.aim)
    {
        return Status::NotEnough(NotEnough::Straddles);
    }
    match missed_by(value, goal.aim) {
        None => Status::Met,
        Some(by) if by <= goal.tolerance => Status::Close,
        Some(_) => Status::Missed,
    }
}

/// Whether a sum that grows stays on the side of the target on which it is.
fn is_beyond(value: Ratio, aim: Aim) -> bool {
    match aim {
        Aim::AtLeast(edge) => value >= edge,
        Aim::AtMost(edge) | Aim::Within(_, edge) => value > edge,
    }
}

/// Whether an edge of the target lies inside of an interval. One that only touches it does not decide otherwise.
fn straddles(interval: &Interval, aim: Aim) -> bool {
    let inside = |edge: Ratio| {
        let edge = edge.to_f64();
        interval.low() < edge && edge < interval.high()
    };
    match aim {
        Aim::AtLeast(edge) | Aim::AtMost(edge) => inside(edge),
        Aim::Within(from, to) => inside(from) || inside(to),
    }
}

/// How far a value lies on the wrong side of a target; `None` when it is met.
pub fn missed_by(value: Ratio, aim: Aim) -> Option<Ratio> {
    match aim {
        Aim::AtLeast(edge) if value < edge => edge.minus(value),
        Aim::AtMost(edge) if value > edge => value.minus(edge),
        Aim::Within(from, _) if value < from => from.minus(value),
        Aim::Within(_, to) if value > to => value.minus(to),
        _ => None,
    }
}

/// Whether a figure has moved against an earlier, comparable one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Trend {
    /// It got better.
    Better,
    /// It got worse.
    Worse,
    /// It rose, and neither way is better.
    Higher,
    /// It fell, and neither way is better.
    Lower,
    /// No change can be told from chance.
    Steady,
    /// There is nothing to compare it with.
    Unknown,
}

impl Trend {
    /// A word for programs.
    pub const fn word(self) -> &'static str {
        match self {
            Trend::Better => "better",
            Trend::Worse => "worse",
            Trend::Higher => "higher",
            Trend::Lower => "lower",
            Trend::Steady => "steady",
            Trend::Unknown => "unknown",
        }
    }

    /// From two values and the interval of their difference (now minus before), where there is one; a figure that is
    /// counted has moved when it is another.
    pub fn of(
        now: &Result<Ratio, Reason>,
        before: &Result<Ratio, Reason>,
        difference: Option<&Interval>,
        direction: Direction,
    ) -> Trend {
        let (Ok(now), Ok(before)) = (now, before) else { return Trend::Unknown };
        let is_more = match difference {
            Some(interval) if interval.low() > 0.0 => true,
            Some(interval) if interval.high() < 0.0 => false,
            Some(_) => return Trend::Steady,
            None if now == before => return Trend::Steady,
            None => now > before,
        };
        match (direction, is_more) {
            (Direction::Up, true) | (Direction::Down, false) => Trend::Better,
            (Direction::Up, false) | (Direction::Down, true) => Trend::Worse,
            (Direction::Neither, true) => Trend::Higher,
            (Direction::Neither, false) => Trend::Lower,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ratio(text: &str) -> Ratio {
        Ratio::parse(text).unwrap()
    }

    fn goal(aim: Aim) -> Result<Goal, NoGoal> {
        Ok(Goal { aim, tolerance: ratio("0.02"), zero_after: ratio("0.1") })
    }

    fn figure(value: &str) -> Figure {
        Figure {
            value: Ok(ratio(value)),
            interval: None,
            missing: None,
            part: None,
            adds_up: false,
            without: None,
            is_single: false,
        }
    }

    fn between(low: f64, high: f64) -> Interval {
        Interval::new(low, high).unwrap()
    }

    #[test]
    fn a_figure_is_met_close_or_missed() {
        let level = goal(Aim::AtLeast(ratio("0.80")));
        for (value, wanted) in [("0.80", "met"), ("0.79", "close"), ("0.78", "close"), ("0.7799", "missed")] {
            assert_eq!(judge(&figure(value), &level, Evidence::Counted).word(), wanted, "{value}");
        }
        let most = goal(Aim::AtMost(ratio("0.05")));
        for (value, wanted) in [("0.05", "met"), ("0.07", "close"), ("0.0701", "missed")] {
            assert_eq!(judge(&figure(value), &most, Evidence::Counted).word(), wanted, "{value}");
        }
        let band = goal(Aim::Within(ratio("0.75"), ratio("0.85")));
        for (value, wanted) in [("0.75", "met"), ("0.86", "close"), ("0.72", "missed"), ("0.90", "missed")] {
            assert_eq!(judge(&figure(value), &band, Evidence::Counted).word(), wanted, "{value}");
        }
    }

    #[test]
    fn a_target_inside_of_the_interval_is_neither_met_nor_missed() {
        let level = goal(Aim::AtLeast(ratio("0.80")));
        let wide = Figure { interval: Some(between(0.70, 0.85)), ..figure("0.77") };
        assert_eq!(judge(&wide, &level, Evidence::Estimated), Status::NotEnough(NotEnough::Straddles));
        // What was agreed to count is what it is.
        assert_eq!(judge(&wide, &level, Evidence::Counted), Status::Missed);
        let narrow = Figure { interval: Some(between(0.76, 0.79)), ..figure("0.77") };
        assert_eq!(judge(&narrow, &level, Evidence::Estimated), Status::Missed);
        let band = goal(Aim::Within(ratio("0.75"), ratio("0.85")));
        let at_edge = Figure { interval: Some(between(0.80, 0.86)), ..figure("0.83") };
        assert_eq!(judge(&at_edge, &band, Evidence::Estimated).word(), "not_enough_evidence");
    }

    #[test]
    fn missing_records_outweigh_what_the_rest_says() {
        let level = goal(Aim::AtLeast(ratio("0.80")));
        let missing = Missing { hours: 2, records: 21, received: 1000 };
        let gaps = Figure { missing: Some(missing), ..figure("0.95") };
        let status = judge(&gaps, &level, Evidence::Counted);
        assert_eq!(status, Status::NotEnough(NotEnough::Gaps(missing)));
        // One of fifty may be missing.
        let few =
            Figure { missing: Some(Missing { records: 20, received: 980, ..missing }), ..figure("0.95") };
        assert_eq!(judge(&few, &level, Evidence::Counted), Status::Met);
        let none = Figure { value: Err(Reason::NoData), ..figure("0") };
        assert_eq!(
            judge(&none, &level, Evidence::Counted),
            Status::NotEnough(NotEnough::NoFigure(Reason::NoData))
        );
        assert_eq!(
            judge(&figure("0.9"), &Err(NoGoal::None), Evidence::Counted),
            Status::NotEnough(NotEnough::NoGoal(NoGoal::None))
        );
    }

    #[test]
    fn a_sum_of_a_part_is_judged_once_the_rest_decides_nothing() {
        let (at_least, at_most) = (goal(Aim::AtLeast(ratio("100"))), goal(Aim::AtMost(ratio("100"))));
        let band = goal(Aim::Within(ratio("80"), ratio("100")));
        let first = jiff::civil::date(2026, 11, 9);
        for part in [OnlyPart::SoFar, OnlyPart::Since(first)] {
            let of = |value: &str, goal| {
                judge(&Figure { part: Some(part), adds_up: true, ..figure(value) }, goal, Evidence::Counted)
            };
            let open = Status::NotEnough(NotEnough::Part(part));
            assert_eq!(of("60", &at_least), open);
            assert_eq!(of("100", &at_least), Status::Met);
            assert_eq!(of("100", &at_most), open);
            assert_eq!(of("101", &at_most), Status::Missed);
            assert_eq!(of("60", &band), open);
            assert_eq!(of("90", &band), open);
            assert_eq!(of("101", &band), Status::Missed);
        }
        assert_eq!(judge(&figure("60"), &at_least, Evidence::Counted), Status::Missed);
        // A rate of a part may go either way.
        let part = OnlyPart::Since(first);
        let rate = Figure { part: Some(part), ..figure("100") };
        assert_eq!(judge(&rate, &at_least, Evidence::Counted), Status::NotEnough(NotEnough::Part(part)));
        let lump = Figure { without: Some("agent_id".to_owned()), ..figure("100") };
        assert_eq!(judge(&lump, &at_least, Evidence::Counted).word(), "not_enough_evidence");
        let single = Figure { is_single: true, ..figure("60") };
        assert_eq!(judge(&single, &at_least, Evidence::Estimated), Status::NotEnough(NotEnough::Single));
        assert_eq!(judge(&single, &at_least, Evidence::Counted), Status::Missed);
    }

    #[test]
    fn a_trend_is_what_can_be_told_from_chance() {
        let (low, high) = (Ok(ratio("0.70")), Ok(ratio("0.75")));
        let of = |now, before, interval: Option<Interval>, direction| {
            Trend::of(now, before, interval.as_ref(), direction).word()
        };
        assert_eq!(of(&high, &low, Some(between(0.01, 0.09)), Direction::Up), "better");
        assert_eq!(of(&high, &low, Some(between(0.01, 0.09)), Direction::Down), "worse");
        assert_eq!(of(&high, &low, Some(between(-0.01, 0.11)), Direction::Up), "steady");
        assert_eq!(of(&low, &high, None, Direction::Neither), "lower");
        assert_eq!(of(&low, &Err(Reason::NoData), None, Direction::Up), "unknown");
    }
}

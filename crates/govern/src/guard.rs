//! Guard rails: a figure that gets better while one that guards it gets worse.
//!
//! Every target can be met at the cost of what it is good for: calls get shorter and people call again, appointments get more and
//! nobody keeps them. So a metric has guards, and of a figure that got better it is asked whether one of them got worse meanwhile.

use dialmark_metrics::answer::MetricHeader;
use dialmark_metrics::metric::{Direction, Unit};
use dialmark_stats::Interval;
use dialmark_stats::false_discovery::adjusted;
use dialmark_stats::moved::by_chance;
use jiff::civil::Date;

use crate::why::Words;

/// How much of its own size a guard may get worse before it is of any interest, beyond chance: our own choice.
pub const MARGIN: f64 = 0.05;
/// Share of what is flagged that may be chance, on the average.
const FALSE_DISCOVERIES: f64 = 0.05;

/// A figure of two groups of records: those that are looked at, and those that they are held against.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Compared {
    /// Of those that are looked at.
    pub now: f64,
    /// Of those that they are held against.
    pub against: f64,
    /// Where the difference could as well lie, at 95 %; `None` where nothing is known of chance.
    pub difference: Option<Interval>,
}

impl Compared {
    /// Now less against, with its sign turned so that more is better.
    fn better_by(&self, direction: Direction) -> f64 {
        let change = self.now - self.against;
        match direction {
            Direction::Up => change,
            Direction::Down => -change,
            Direction::Neither => 0.0,
        }
    }

    /// Whether the plain figure got better at all, chance left aside.
    pub fn is_better(&self, direction: Direction) -> bool {
        self.better_by(direction) > 0.0
    }

    /// The chance of a difference as far from `margin` as this one, if the truth were no farther: one-sided. `None` where nothing is
    /// known of chance.
    fn chance(&self, beyond: f64) -> Option<f64> {
        Some(by_chance(self.difference?, beyond))
    }
}

/// The stretches of time of a comparison; first and last day of each.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Days {
    /// Days that are looked at.
    pub now: (Date, Date),
    /// Days that they are held against; the same when other records of the same days are.
    pub against: (Date, Date),
}

/// One guard of one figure.
#[derive(Debug, Clone)]
pub struct Watched {
    /// The figure that is to get better.
    pub target: MetricHeader,
    /// What guards it.
    pub guard: MetricHeader,
    /// Over which days.
    pub days: Days,
    /// The days by which these lie back, because the guard ripens so long.
    pub ripens_days: i64,
    /// The figure, over the same days.
    pub target_moved: Compared,
    /// The guard.
    pub guard_moved: Compared,
    /// Whether the stretch before went the same way; `None` where there is none.
    pub also_before: Option<bool>,
}

/// Why a guard says nothing.
#[derive(Debug, Clone, PartialEq)]
pub struct Unwatched {
    /// The guard, as it was asked for.
    pub guard: String,
    /// A sentence.
    pub why_not: String,
}

/// What becomes of a guard.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Verdict {
    /// The figure got better while this got worse, beyond the margin and chance.
    Fails,
    /// Nothing of the kind is shown.
    Holds,
    /// Nothing is known of chance.
    NotKnown,
}

impl Verdict {
    /// A word for programs.
    pub const fn word(self) -> &'static str {
        match self {
            Verdict::Fails => "fails",
            Verdict::Holds => "holds",
            Verdict::NotKnown => "not_known",
        }
    }
}

/// The guards of a figure, judged.
#[derive(Debug, Clone, Default)]
pub struct Guarded {
    /// Each with its verdict.
    pub watched: Vec<(Watched, Verdict)>,
    /// Those that say nothing.
    pub unwatched: Vec<Unwatched>,
}

impl Watched {
    /// How much a guard gets worse before it is of interest, in its own unit.
    fn margin(&self) -> f64 {
        MARGIN * self.guard_moved.against.abs()
    }

    /// The chance that this is no failing guard: that the figure is no better, or the guard no worse beyond the margin, whichever is
    /// likelier. `None` where nothing is known of chance.
    fn p_value(&self) -> Option<f64> {
        let better = self.target_moved.better_by(self.target.direction);
        let worse = -self.guard_moved.better_by(self.guard.direction) - self.margin();
        Some(self.target_moved.chance(better)?.max(self.guard_moved.chance(worse)?))
    }

    /// Whether the plain figures went apart, chance left aside.
    pub fn goes_apart(&self) -> bool {
        self.target_moved.is_better(self.target.direction)
            && self.guard_moved.better_by(self.guard.direction) < 0.0
    }
}

/// Judges the guards of one figure, or of several: of all that fail, one in twenty may be chance. Where there is a stretch before,
/// it must have gone the same way.
pub fn judge(watched: Vec<Watched>) -> Vec<(Watched, Verdict)> {
    let known: Vec<(usize, f64)> =
        watched.iter().enumerate().filter_map(|(at, one)| Some((at, one.p_value()?))).collect();
    let p_values: Vec<f64> = known.iter().map(|(_, p)| *p).collect();
    let adjusted = adjusted(&p_values).unwrap_or_else(|| vec![1.0; p_values.len()]);
    let mut verdicts = vec![Verdict::NotKnown; watched.len()];
    for ((at, _), p) in known.iter().zip(adjusted) {
        let same_way = watched.get(*at).is_some_and(|one| one.also_before != Some(false));
        if let Some(verdict) = verdicts.get_mut(*at) {
            *verdict = if p <= FALSE_DISCOVERIES && same_way { Verdict::Fails } else { Verdict::Holds };
        }
    }
    watched.into_iter().zip(verdicts).collect()
}

impl Guarded {
    /// Guards that fail.
    pub fn failing(&self) -> impl Iterator<Item = &Watched> {
        self.watched.iter().filter(|(_, verdict)| *verdict == Verdict::Fails).map(|(one, _)| one)
    }

    /// What fails, a sentence each.
    pub fn sentences(&self) -> Vec<String> {
        self.failing().map(Watched::says).collect()
    }
}

impl Watched {
    /// What got better and what got worse, in a sentence.
    pub fn says(&self) -> String {
        let side = |header: &MetricHeader, moved: &Compared| {
            let words = Words(header.unit);
            format!("from {} to {}", words.figure(moved.against), words.figure(moved.now))
        };
        let days = |(first, last): (Date, Date)| format!("{first} to {last}");
        let ripens = match self.ripens_days {
            0 => String::new(),
            days => format!("; {} ripens {days} days, so younger records are left out", self.guard.label),
        };
        format!(
            "Guard rail: {} went {}, but {}, which guards it, got worse {} ({} against {}{ripens}).",
            self.target.label,
            side(&self.target, &self.target_moved),
            self.guard.label,
            side(&self.guard, &self.guard_moved),
            days(self.days.now),
            days(self.days.against)
        )
    }

    /// The same of one among others, over the same days.
    pub fn says_of(&self, name: &str) -> String {
        let of = |header: &MetricHeader, value: f64| figure(header.unit, value);
        format!(
            "{name} leads with {} {} (the rest: {}), but {}, which guards it, is {} against {} of the rest.",
            self.target.label,
            of(&self.target, self.target_moved.now),
            of(&self.target, self.target_moved.against),
            self.guard.label,
            of(&self.guard, self.guard_moved.now),
            of(&self.guard, self.guard_moved.against)
        )
    }
}

fn figure(unit: Unit, value: f64) -> String {
    Words(unit).figure(value)
}

#[cfg(test)]
mod tests {
    use super::*;
    use jiff::civil::date;

    fn header(label: &str, direction: Direction) -> MetricHeader {
        MetricHeader {
            asked: label.to_owned(),
            metric: label.to_owned(),
            variant: "standard".to_owned(),
            label: label.to_owned(),
            unit: Unit::Share,
            direction,
            kind: "ratio",
            table: "calls".to_owned(),
        }
    }

    fn moved(against: f64, now: f64, error: f64) -> Compared {
        Compared { now, against, difference: Interval::around(now - against, 1.96 * error) }
    }

    fn watched(target: Compared, guard: Compared) -> Watched {
        Watched {
            target: header("Promises", Direction::Up),
            guard: header("Kept promises", Direction::Up),
            days: Days {
                now: (date(2026, 10, 23), date(2026, 11, 19)),
                against: (date(2026, 8, 22), date(2026, 9, 24)),
            },
            ripens_days: 0,
            target_moved: target,
            guard_moved: guard,
            also_before: None,
        }
    }

    fn verdict(one: Watched) -> Verdict {
        judge(vec![one])[0].1
    }

    #[test]
    fn a_promise_rate_that_rises_while_fewer_are_kept_is_flagged() {
        let one = watched(moved(0.34, 0.41, 0.015), moved(0.68, 0.52, 0.02));
        assert_eq!(verdict(one.clone()), Verdict::Fails);
        assert_eq!(
            one.says(),
            "Guard rail: Promises went from 34.00 % to 41.00 %, but Kept promises, which guards it, got worse from 68.00 % to 52.00 % \
             (2026-10-23 to 2026-11-19 against 2026-08-22 to 2026-09-24)."
        );
    }

    #[test]
    fn what_chance_may_have_done_is_not_flagged() {
        let noise = watched(moved(0.34, 0.41, 0.05), moved(0.68, 0.52, 0.02));
        assert_eq!(verdict(noise), Verdict::Holds);
        let unknown = watched(moved(0.34, 0.41, 0.01), Compared { now: 0.5, against: 0.7, difference: None });
        assert_eq!(verdict(unknown), Verdict::NotKnown);
    }

    #[test]
    fn a_guard_within_its_margin_holds() {
        // 68 % may fall by 3.4 points before anybody is told.
        let one = watched(moved(0.34, 0.41, 0.01), moved(0.68, 0.66, 0.001));
        assert_eq!(verdict(one), Verdict::Holds);
    }

    #[test]
    fn a_figure_that_got_worse_is_the_business_of_its_target() {
        let one = watched(moved(0.41, 0.34, 0.01), moved(0.68, 0.52, 0.01));
        assert_eq!(verdict(one), Verdict::Holds);
    }

    #[test]
    fn less_is_better_where_the_guard_says_so() {
        let mut one = watched(moved(300.0, 260.0, 5.0), moved(0.10, 0.16, 0.01));
        one.target.direction = Direction::Down;
        one.guard.direction = Direction::Down;
        assert_eq!(verdict(one), Verdict::Fails);
    }

    #[test]
    fn the_stretch_before_must_have_gone_the_same_way() {
        let both = watched(moved(0.34, 0.41, 0.01), moved(0.68, 0.52, 0.01));
        let again = Watched { also_before: Some(true), ..both.clone() };
        assert_eq!(verdict(again), Verdict::Fails);
        assert_eq!(verdict(Watched { also_before: Some(false), ..both }), Verdict::Holds);
    }

    #[test]
    fn many_guards_have_many_tries() {
        // Five in a hundred by chance is no news among twenty of which none moved.
        let lucky = || watched(moved(0.34, 0.41, 0.005), moved(0.50, 0.4415, 0.0195));
        assert_eq!(verdict(lucky()), Verdict::Fails);
        let mut all = vec![lucky()];
        all.extend((0..19).map(|_| watched(moved(0.34, 0.41, 0.005), moved(0.50, 0.50, 0.0195))));
        assert!(judge(all).iter().all(|(_, verdict)| *verdict == Verdict::Holds));
    }
}

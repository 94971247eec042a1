//! Whether coaching helped: a metric before and after, over equal lengths, judged by an interval that is handed in.

use dialmark_metrics::{Direction, MetricRef, Ratio, Reason};
use jiff::civil::Date;
use serde::{Deserialize, Serialize};

/// A metric of the agent on one side of the session.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Side {
    /// First day.
    pub from: Date,
    /// First day that does not belong to it.
    pub until: Date,
    /// The value, or why there is none.
    pub value: Result<Ratio, Reason>,
    /// Records behind it.
    pub n: u64,
}

impl Bounds {
    /// The interval that statistics found. Floats are read to twelve digits after the point, which decides on which side
    /// of zero a bound lies; they are shown with four.
    pub fn of(interval: dialmark_stats::Interval) -> Option<Bounds> {
        let read = |bound: f64| Ratio::parse(&format!("{bound:.12}"));
        Some(Bounds { low: read(interval.low())?, high: read(interval.high())? })
    }
}

impl Side {
    fn days(&self) -> Option<i32> {
        self.from.until(self.until).ok().map(|span| span.get_days()).filter(|days| *days > 0)
    }
}

/// Interval of the difference, after less before, in the metric's unit.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Bounds {
    /// Lower bound.
    pub low: Ratio,
    /// Upper bound.
    pub high: Ratio,
}

/// What is compared.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Compared {
    /// The metric.
    pub metric: MetricRef,
    /// Which way is better.
    pub direction: Direction,
    /// Before the session.
    pub before: Side,
    /// After it.
    pub after: Side,
    /// Interval of the difference; `None` when none could be computed.
    pub interval: Option<Bounds>,
    /// Records on a side below which nothing is said.
    pub least_n: u64,
}

/// What came of a session.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Effect {
    /// After less before, in the metric's unit; `None` when a side has no value.
    pub difference: Option<Ratio>,
    /// What can be said.
    pub verdict: Verdict,
    /// The same in a sentence.
    pub says: String,
}

/// What can be said of an effect.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Verdict {
    /// The whole interval is on the better side.
    Better,
    /// The interval holds zero: the difference may be chance.
    NoDetectableEffect,
    /// The whole interval is on the worse side.
    Worse,
    /// There are too few records, or no value or interval.
    NotEnoughEvidence,
}

/// Judges the effect of a session held on a day. The sides must be of equal length, the one before ending by that day and
/// the one after beginning after it; else nothing is compared. Every problem is a sentence of its own.
pub fn effect(held_on: Date, compared: &Compared) -> Result<Effect, Vec<String>> {
    let Compared { metric, direction, before, after, .. } = compared;
    let mut problems = Vec::new();
    match (before.days(), after.days()) {
        (Some(a), Some(b)) if a == b => {}
        (Some(a), Some(b)) => {
            problems.push(format!("{a} days before are compared with {b} days after. Compare equal lengths."))
        }
        _ => problems.push("A side has no day. Let each begin before it ends.".to_owned()),
    }
    if before.until > held_on {
        problems.push(format!(
            "The days before the session of {held_on} must end by then, not on {}.",
            before.until
        ));
    }
    if after.from <= held_on {
        problems.push(format!(
            "The days after the session of {held_on} must begin later, not on {}.",
            after.from
        ));
    }
    if *direction == Direction::Neither {
        problems.push(format!(
            "Neither way is better for `{metric}`, so it cannot show whether coaching helped."
        ));
    }
    if let Some(Bounds { low, high }) = compared.interval.filter(|i| i.low > i.high) {
        problems.push(format!("The interval from {low} to {high} is turned round."));
    }
    if !problems.is_empty() {
        return Err(problems);
    }
    let difference = match (&before.value, &after.value) {
        (Ok(before), Ok(after)) => after.minus(*before),
        _ => None,
    };
    let (verdict, says) = judge(compared, difference);
    Ok(Effect { difference, verdict, says })
}

fn judge(compared: &Compared, difference: Option<Ratio>) -> (Verdict, String) {
    let Compared { metric, direction, before, after, interval, least_n } = compared;
    let too_little =
        |why: String| (Verdict::NotEnoughEvidence, format!("Not enough evidence on `{metric}`: {why}."));
    for (side, word) in [(before, "before"), (after, "after")] {
        if let Err(reason) = &side.value {
            return too_little(format!("there is no figure {word} ({reason})"));
        }
        if side.n < *least_n {
            return too_little(format!("{} records {word}, at least {least_n} are needed", side.n));
        }
    }
    let (Some(difference), Some(Bounds { low, high })) = (difference, *interval) else {
        return too_little("no interval of the difference could be computed".to_owned());
    };
    let (rose, fell) = (low > Ratio::ZERO, high < Ratio::ZERO);
    let better = match direction {
        Direction::Up => rose,
        Direction::Down | Direction::Neither => fell,
    };
    let way = if difference < Ratio::ZERO { "fell" } else { "rose" };
    let size = difference.decimal(4);
    let says = format!(
        "`{metric}` {way} by {} (between {} and {}) over {} and {} records",
        size.trim_start_matches('-'),
        low.decimal(4),
        high.decimal(4),
        before.n,
        after.n
    );
    match (better, rose || fell) {
        (true, _) => (Verdict::Better, format!("Better: {says}.")),
        (false, true) => (Verdict::Worse, format!("Worse: {says}.")),
        (false, false) => (Verdict::NoDetectableEffect, format!("No detectable effect: {says}.")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use jiff::civil::date;
    use proptest::prelude::*;

    fn ratio(text: &str) -> Ratio {
        Ratio::parse(text).unwrap()
    }

    fn compared(before: &str, after: &str, interval: Option<(&str, &str)>) -> Compared {
        let side =
            |from: Date, until: Date, value: &str| Side { from, until, value: Ok(ratio(value)), n: 40 };
        Compared {
            metric: MetricRef::new("criterion_score"),
            direction: Direction::Up,
            before: side(date(2026, 6, 17), date(2026, 7, 1), before),
            after: side(date(2026, 7, 2), date(2026, 7, 16), after),
            interval: interval.map(|(low, high)| Bounds { low: ratio(low), high: ratio(high) }),
            least_n: 20,
        }
    }

    const HELD_ON: Date = date(2026, 7, 1);

    #[test]
    fn the_interval_decides_what_is_said() {
        let verdict =
            |low, high| effect(HELD_ON, &compared("0.6", "0.7", Some((low, high)))).unwrap().verdict;
        assert_eq!(verdict("0.02", "0.18"), Verdict::Better);
        assert_eq!(verdict("-0.02", "0.22"), Verdict::NoDetectableEffect);
        assert_eq!(verdict("0", "0.2"), Verdict::NoDetectableEffect);
        assert_eq!(verdict("-0.3", "-0.1"), Verdict::Worse);
        let down =
            Compared { direction: Direction::Down, ..compared("0.7", "0.6", Some(("-0.18", "-0.02"))) };
        let shown = effect(HELD_ON, &down).unwrap();
        assert_eq!(shown.verdict, Verdict::Better);
        assert_eq!(
            shown.says,
            "Better: `criterion_score` fell by 0.1 (between -0.18 and -0.02) over 40 and 40 records."
        );
    }

    #[test]
    fn without_figures_records_or_an_interval_nothing_is_said() {
        let says = |compared: &Compared| {
            let shown = effect(HELD_ON, compared).unwrap();
            assert_eq!(shown.verdict, Verdict::NotEnoughEvidence);
            shown.says
        };
        let whole = compared("0.6", "0.7", Some(("0.02", "0.18")));
        assert_eq!(
            says(&Compared { interval: None, ..whole.clone() }),
            "Not enough evidence on `criterion_score`: no interval of the difference could be computed."
        );
        let mut few = whole.clone();
        few.after.n = 19;
        assert_eq!(
            says(&few),
            "Not enough evidence on `criterion_score`: 19 records after, at least 20 are needed."
        );
        let mut none = whole;
        none.before.value = Err(Reason::NoData);
        assert_eq!(
            says(&none),
            "Not enough evidence on `criterion_score`: there is no figure before (no record in this place and time)."
        );
    }

    #[test]
    fn unequal_lengths_and_overlapping_days_are_not_compared() {
        let mut bad = compared("0.6", "0.7", Some(("0.2", "0.1")));
        bad.before.until = date(2026, 7, 2);
        bad.after.from = date(2026, 7, 1);
        bad.after.until = date(2026, 8, 2);
        bad.direction = Direction::Neither;
        assert_eq!(
            effect(HELD_ON, &bad).unwrap_err(),
            [
                "15 days before are compared with 32 days after. Compare equal lengths.",
                "The days before the session of 2026-07-01 must end by then, not on 2026-07-02.",
                "The days after the session of 2026-07-01 must begin later, not on 2026-07-01.",
                "Neither way is better for `criterion_score`, so it cannot show whether coaching helped.",
                "The interval from 0.2 to 0.1 is turned round.",
            ]
        );
    }

    proptest! {
        #[test]
        fn turning_the_direction_turns_the_verdict(low in -100_i32..100, width in 0_i32..100) {
            let (low, high) = (low.to_string(), (low + width).to_string());
            let up = compared("0", "0", Some((&low, &high)));
            let down = Compared { direction: Direction::Down, ..up.clone() };
            let turned = match effect(HELD_ON, &up).unwrap().verdict {
                Verdict::Better => Verdict::Worse,
                Verdict::Worse => Verdict::Better,
                other => other,
            };
            prop_assert_eq!(effect(HELD_ON, &down).unwrap().verdict, turned);
        }
    }
}

//! The pace of a day: what each hour that is left must bring, and where the pace of now leads.

use dialmark_metrics::{Exact, Ratio};

const MS_PER_HOUR: i128 = 3_600_000;

/// What each hour that is left must bring.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Needed {
    /// The target is reached already.
    Reached,
    /// So many an hour.
    AnHour(Ratio),
    /// No hour is left, and so many are lacking.
    TooLate(Ratio),
    /// It is not known how many hours are left; so many are lacking.
    HoursUnknown(Ratio),
    /// There is no target.
    NoTarget,
}

/// What each hour that is left must bring so that the day ends on `goal`: (goal - made) / hours left.
pub fn needed(goal: Option<Ratio>, made: Ratio, left_ms: Option<Ratio>) -> Needed {
    let Some(lacking) = goal.and_then(|goal| goal.minus(made)) else { return Needed::NoTarget };
    if lacking <= Ratio::ZERO {
        return Needed::Reached;
    }
    match left_ms {
        None => Needed::HoursUnknown(lacking),
        Some(left) if left <= Ratio::ZERO => Needed::TooLate(lacking),
        Some(left) => an_hour(lacking, left).map_or(Needed::NoTarget, Needed::AnHour),
    }
}

/// What is made an hour; `None` where nothing was logged.
pub fn an_hour(made: Ratio, logged_ms: Ratio) -> Option<Ratio> {
    if logged_ms <= Ratio::ZERO {
        return None;
    }
    made.times(hour()?)?.over(logged_ms)
}

/// What the day ends on when each hour that is left brings what an hour brought so far.
pub fn ends_on(made: Ratio, logged_ms: Ratio, left_ms: Ratio) -> Option<Ratio> {
    made.plus(an_hour(made, logged_ms)?.times(left_ms)?.over(hour()?)?)
}

/// What a target of so many an hour asks of the whole day: of the hours that were logged, and of those that are left.
pub fn of_day(an_hour: Ratio, logged_ms: Ratio, left_ms: Ratio) -> Option<Ratio> {
    an_hour.times(logged_ms.plus(left_ms)?)?.over(hour()?)
}

fn hour() -> Option<Ratio> {
    Ratio::exact(Exact::integer(MS_PER_HOUR))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ratio(text: &str) -> Ratio {
        Ratio::parse(text).unwrap()
    }

    fn hours(text: &str) -> Ratio {
        ratio(text).times(hour().unwrap()).unwrap()
    }

    #[test]
    fn what_is_lacking_is_spread_over_the_hours_that_are_left() {
        // 31 of 120 are made: 89 in 40 hours are 2.225 an hour.
        assert_eq!(
            needed(Some(ratio("120")), ratio("31"), Some(hours("40"))),
            Needed::AnHour(ratio("2.225"))
        );
        // So far 31 in 12.5 hours: 2.48 an hour, which makes 99.2 more.
        assert_eq!(an_hour(ratio("31"), hours("12.5")), Some(ratio("2.48")));
        assert_eq!(ends_on(ratio("31"), hours("12.5"), hours("40")), Some(ratio("130.2")));
    }

    #[test]
    fn nothing_sold_is_a_pace_of_nothing_and_nothing_logged_is_none() {
        assert_eq!(an_hour(Ratio::ZERO, hours("10")), Some(Ratio::ZERO));
        assert_eq!(ends_on(Ratio::ZERO, hours("10"), hours("30")), Some(Ratio::ZERO));
        assert_eq!(an_hour(ratio("3"), Ratio::ZERO), None);
        assert_eq!(ends_on(ratio("3"), Ratio::ZERO, hours("30")), None);
    }

    #[test]
    fn without_an_hour_left_the_lack_is_told_and_nothing_is_divided_by_zero() {
        let goal = Some(ratio("120"));
        assert_eq!(needed(goal, ratio("31"), Some(Ratio::ZERO)), Needed::TooLate(ratio("89")));
        assert_eq!(needed(goal, ratio("31"), None), Needed::HoursUnknown(ratio("89")));
        assert_eq!(needed(goal, ratio("120"), Some(Ratio::ZERO)), Needed::Reached);
        assert_eq!(needed(goal, ratio("121"), None), Needed::Reached);
        assert_eq!(needed(None, ratio("31"), Some(hours("5"))), Needed::NoTarget);
    }

    #[test]
    fn a_target_an_hour_is_asked_of_hours_logged_and_hours_left() {
        // 6.6 an hour over 60 hours and 140 more are 1,320; 396 made leave 924, again 6.6 an hour.
        let goal = of_day(ratio("6.6"), hours("60"), hours("140")).unwrap();
        assert_eq!(goal, ratio("1320"));
        assert_eq!(needed(Some(goal), ratio("396"), Some(hours("140"))), Needed::AnHour(ratio("6.6")));
        // Behind by 66: 990 in 140 hours.
        assert_eq!(needed(Some(goal), ratio("330"), Some(hours("140"))), Needed::AnHour(ratio("99/14")));
    }
}

//! How often somebody was called, and how soon after a conversation.

use jiff::civil::Date;
use jiff::{SignedDuration, Timestamp, ToSpan};

/// One call to somebody, in the order of time.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Attempt {
    /// When it was dialled.
    pub at: Timestamp,
    /// The civil day of that at the place that was called.
    pub day: Date,
    /// Whether it became a conversation.
    pub spoke: bool,
}

/// A call that should not have been made.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Breach {
    /// Its place among the calls.
    pub call: usize,
    /// Calls in the window that it ends, itself included; of a rest, days since the conversation, its day the first.
    pub count: u32,
}

/// Calls that are more than `at_most` within `hours` up to and with themselves. A call exactly so many hours before is
/// out of the window.
pub fn too_many_in_hours(calls: &[Attempt], at_most: u32, hours: u32) -> Vec<Breach> {
    let length = SignedDuration::from_hours(i64::from(hours));
    counted(calls, at_most, |first, call| call.at.duration_since(first.at) < length)
}

/// Calls that are more than `at_most` within `days` consecutive days, the last of them their own.
pub fn too_many_in_days(calls: &[Attempt], at_most: u32, days: u32) -> Vec<Breach> {
    counted(calls, at_most, |first, call| days_from(first.day, call.day) < i64::from(days))
}

/// For each call, how many lie in its window with it; those are a breach that are too many.
fn counted(calls: &[Attempt], at_most: u32, is_in: impl Fn(&Attempt, &Attempt) -> bool) -> Vec<Breach> {
    let mut first = 0;
    let mut found = Vec::new();
    for (at, call) in calls.iter().enumerate() {
        while calls.get(first).is_some_and(|earlier| !is_in(earlier, call)) {
            first += 1;
        }
        let count = u32::try_from(at + 1 - first).unwrap_or(u32::MAX);
        if count > at_most {
            found.push(Breach { call: at, count });
        }
    }
    found
}

/// Calls in the `days` consecutive days after a conversation, of which its own day is the first: on the same day those after
/// it. Each counts from the last conversation before it.
pub fn after_conversation(calls: &[Attempt], days: u32) -> Vec<Breach> {
    let mut last: Option<Date> = None;
    let mut found = Vec::new();
    for (at, call) in calls.iter().enumerate() {
        if let Some(spoke_on) = last {
            let nth = days_from(spoke_on, call.day) + 1;
            if let Some(count) = u32::try_from(nth).ok().filter(|nth| *nth <= days) {
                found.push(Breach { call: at, count });
            }
        }
        if call.spoke {
            last = Some(call.day);
        }
    }
    found
}

fn days_from(first: Date, last: Date) -> i64 {
    // Within the years that a calendar knows, a difference of days always is one.
    first.until((jiff::Unit::Day, last)).map_or(i64::MAX, |span| i64::from(span.get_days()))
}

/// The first day on which a call is no breach again, `days` after a conversation.
pub fn free_on(spoke_on: Date, days: u32) -> Option<Date> {
    spoke_on.checked_add(i64::from(days).days()).ok()
}

#[cfg(test)]
mod tests {
    use super::*;
    use jiff::civil::date;
    use proptest::prelude::*;

    /// A call at an hour of a day of March 2026, UTC.
    fn call(day: i8, hour: i8, spoke: bool) -> Attempt {
        let day = date(2026, 3, day);
        let at = day.at(hour, 0, 0, 0).to_zoned(jiff::tz::TimeZone::UTC).unwrap().timestamp();
        Attempt { at, day, spoke }
    }

    #[test]
    fn the_fourth_call_in_a_day_and_night_is_one_too_many() {
        let calls =
            [call(2, 9, false), call(2, 12, false), call(2, 18, false), call(3, 8, false), call(3, 9, false)];
        // On the third at eight there are four within 24 hours; at nine the first is exactly 24 hours back, and out.
        assert_eq!(
            too_many_in_hours(&calls, 3, 24),
            [Breach { call: 3, count: 4 }, Breach { call: 4, count: 4 }]
        );
        assert_eq!(too_many_in_hours(&calls[..4], 3, 23), [], "23 hours back is out of 23 hours");
        assert_eq!(too_many_in_hours(&calls[..3], 3, 24), []);
    }

    #[test]
    fn seven_calls_in_seven_days_are_presumed_fair_and_the_eighth_is_not() {
        let week: Vec<Attempt> = (2..9).map(|day| call(day, 10, false)).collect();
        assert_eq!(too_many_in_days(&week, 7, 7), []);
        let more = [week.as_slice(), &[call(8, 17, false), call(9, 10, false)]].concat();
        // On the eighth there are eight in the days from the second to it; from the third to the ninth there are again.
        assert_eq!(
            too_many_in_days(&more, 7, 7),
            [Breach { call: 7, count: 8 }, Breach { call: 8, count: 8 }]
        );
        assert_eq!(too_many_in_days(&[week.as_slice(), &[call(9, 10, false)]].concat(), 7, 7), []);
    }

    #[test]
    fn the_day_of_a_conversation_is_the_first_of_the_seven() {
        let calls = [
            call(2, 9, false),
            call(2, 10, true),
            call(2, 11, false),
            call(8, 23, false),
            call(9, 0, false),
            call(20, 9, true),
            call(21, 9, true),
            call(27, 9, false),
            call(28, 9, false),
        ];
        let found: Vec<(usize, u32)> =
            after_conversation(&calls, 7).iter().map(|b| (b.call, b.count)).collect();
        // Spoken with on the second: the rest lasts to the eighth. The one of the 21st begins a rest of its own.
        assert_eq!(found, [(2, 1), (3, 7), (6, 2), (7, 7)]);
        assert_eq!(free_on(date(2026, 3, 2), 7), Some(date(2026, 3, 9)));
    }

    proptest! {
        #[test]
        fn counting_is_what_counting_by_hand_is(
            mut hours in prop::collection::vec(0_i64..400, 0..40),
            at_most in 0_u32..5,
            within in 1_u32..60,
        ) {
            hours.sort_unstable();
            let begin = date(2026, 3, 1).at(0, 0, 0, 0).to_zoned(jiff::tz::TimeZone::UTC).unwrap();
            let calls: Vec<Attempt> = hours
                .iter()
                .map(|hour| begin.checked_add(hour.hours()).unwrap())
                .map(|at| Attempt { at: at.timestamp(), day: at.date(), spoke: false })
                .collect();
            let by_hand = |is_in: &dyn Fn(i64, i64) -> bool| {
                let count = |at: usize| (0..=at).filter(|first| is_in(hours[*first], hours[at])).count();
                (0..hours.len()).filter(|at| count(*at) > at_most as usize).collect::<Vec<_>>()
            };
            let found: Vec<usize> = too_many_in_hours(&calls, at_most, within).iter().map(|b| b.call).collect();
            prop_assert_eq!(found, by_hand(&|first, last| last - first < i64::from(within)));
            let found: Vec<usize> = too_many_in_days(&calls, at_most, within).iter().map(|b| b.call).collect();
            prop_assert_eq!(found, by_hand(&|first, last| last / 24 - first / 24 < i64::from(within)));
        }
    }
}

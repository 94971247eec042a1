//! Clocks without a date: a time before the one that it must follow belongs to the next day.

use crate::values::{Cell, DAY_US, Flag, FlagSet, Placer, Value, Wall};

use super::check::{agree, between_ms};

/// How early a time must be to be the next day's when no duration decides.
const HALF_DAY_US: i64 = 12 * 3_600_000_000;

/// The instant that a time must not precede, and the stated duration between the two if there is one.
#[derive(Debug, Clone, Copy)]
pub struct Anchor {
    /// Microseconds since 1970.
    pub at_us: i64,
    /// Milliseconds.
    pub lasting_ms: Option<i64>,
}

/// Moves a time to the next day, or flags it when it stays before its anchor.
pub fn follow(value: Value, anchor: Anchor, placer: &mut Placer) -> Value {
    let Cell::Whole(at_us) = value.cell else { return value };
    if at_us >= anchor.at_us {
        return value;
    }
    let early = Value { flags: value.flags.with(Flag::Early), ..value };
    // With an offset or zone in its text the time is no clock without a date.
    let Some(wall) = value.wall else { return early };
    let next = Wall(wall.0 + DAY_US);
    let Some((moved_us, placed)) = placer.place(next) else { return early };
    let is_next_day = match anchor.lasting_ms {
        Some(stated) => agree(stated, between_ms(anchor.at_us, moved_us)),
        None => anchor.at_us - at_us > HALF_DAY_US,
    };
    if !is_next_day {
        return early;
    }
    let placing = match placed {
        dialmark_model::civil::Placed::Plainly => FlagSet::NONE,
        dialmark_model::civil::Placed::MovedForward => FlagSet::of(Flag::MovedForward),
        dialmark_model::civil::Placed::TakenEarlier => FlagSet::of(Flag::Ambiguous),
    };
    Value {
        cell: Cell::Whole(moved_us),
        flags: value.flags.without_placing().and(placing).with(Flag::NextDay),
        wall: Some(next),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use jiff::tz::TimeZone;

    const HOUR_US: i64 = 3_600_000_000;
    const MIDNIGHT_US: i64 = 1_792_540_800_000_000;

    fn moved(at_us: i64, anchor_us: i64, lasting_ms: Option<i64>) -> (i64, Vec<&'static str>) {
        let mut placer = Placer::new(TimeZone::UTC);
        let value = Value { cell: Cell::Whole(at_us), flags: FlagSet::NONE, wall: Some(Wall(at_us)) };
        let value = follow(value, Anchor { at_us: anchor_us, lasting_ms }, &mut placer);
        let Cell::Whole(result) = value.cell else { panic!("it became null") };
        ((result - at_us) / HOUR_US, value.flags.iter().map(Flag::word).collect())
    }

    #[test]
    fn a_time_after_midnight_is_the_next_days_when_the_duration_agrees() {
        let late = MIDNIGHT_US + 23 * HOUR_US;
        let early = MIDNIGHT_US + HOUR_US;
        assert_eq!(moved(early, late, Some(7_200_000)), (24, vec!["next_day"]));
        assert_eq!(moved(early, late, Some(7_201_000)), (24, vec!["next_day"]));
        assert_eq!(moved(early, late, Some(7_201_001)), (0, vec!["early"]));
    }

    #[test]
    fn without_a_duration_half_a_day_decides() {
        let noon = MIDNIGHT_US + 12 * HOUR_US;
        assert_eq!(moved(MIDNIGHT_US - 1, noon, None), (24, vec!["next_day"]));
        assert_eq!(moved(MIDNIGHT_US, noon, None), (0, vec!["early"]));
        assert_eq!(moved(noon, noon, None), (0, vec![]));
    }

    #[test]
    fn a_time_with_an_offset_is_never_moved() {
        let mut placer = Placer::new(TimeZone::UTC);
        let value = Value { cell: Cell::Whole(0), flags: FlagSet::NONE, wall: None };
        let anchor = Anchor { at_us: 23 * HOUR_US, lasting_ms: None };
        assert_eq!(follow(value, anchor, &mut placer).cell, Cell::Whole(0));
    }
}

//! Reported durations that are held against the instants around them.
//!
//! The source's duration stays, for it is what the source's own reports say; that it differs is flagged and
//! counted. Stretches that sources legitimately let overlap, such as queue and service, are not listed.

use crate::values::{Cell, Flag, FlagSet, Value};

/// Difference that is tolerated: clocks are read to the second, at both ends.
const TOLERANCE_MS: i64 = 1_000;

/// A duration, the instants around it, and a duration whose presence makes them incomparable.
#[derive(Debug, Clone, Copy)]
pub struct Check {
    table: &'static str,
    pub duration: &'static str,
    pub from: &'static str,
    pub to: &'static str,
    pub unless: Option<&'static str>,
}

const CHECKS: &[Check] = &[
    Check {
        table: "calls",
        duration: "talk_ms",
        from: "connected_at",
        to: "ended_at",
        unless: Some("hold_ms"),
    },
    Check { table: "calls", duration: "duration_ms", from: "started_at", to: "ended_at", unless: None },
    Check { table: "calls", duration: "wrap_ms", from: "ended_at", to: "wrap_ended_at", unless: None },
    Check { table: "agent_spans", duration: "duration_ms", from: "started_at", to: "ended_at", unless: None },
    Check { table: "training", duration: "duration_ms", from: "started_at", to: "ended_at", unless: None },
];

/// The checks of a table.
pub fn checks_of(table: &str) -> impl Iterator<Item = &'static Check> {
    CHECKS.iter().filter(move |check| check.table == table)
}

/// A check with the positions of its columns.
#[derive(Debug, Clone, Copy)]
pub struct BoundCheck {
    pub duration: usize,
    pub from: usize,
    pub to: usize,
    pub unless: Option<usize>,
}

impl BoundCheck {
    /// The flag for the duration, when it differs from its instants.
    pub fn flags(&self, values: &[Value]) -> FlagSet {
        let whole = |at: usize| match values.get(at).map(|value| value.cell) {
            Some(Cell::Whole(value)) => Some(value),
            _ => None,
        };
        let excused = self.unless.and_then(whole).is_some_and(|ms| ms != 0);
        match (whole(self.duration), whole(self.from), whole(self.to)) {
            (Some(stated), Some(from), Some(to)) if !excused => {
                let difference = (between_ms(from, to) - stated).abs();
                if difference > TOLERANCE_MS { FlagSet::of(Flag::Mismatch) } else { FlagSet::NONE }
            }
            _ => FlagSet::NONE,
        }
    }
}

/// Milliseconds between two instants of microseconds: each rounded down, so that parts add exactly.
pub fn between_ms(from_us: i64, to_us: i64) -> i64 {
    to_us.div_euclid(1000) - from_us.div_euclid(1000)
}

/// Whether a stated duration and one between instants are the same but for the tolerance.
pub fn agree(stated_ms: i64, between_ms: i64) -> bool {
    (between_ms - stated_ms).abs() <= TOLERANCE_MS
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_check_names_columns_of_its_table() {
        for check in CHECKS {
            let table = dialmark_model::facts::table(check.table).unwrap();
            for name in [check.duration, check.from, check.to].into_iter().chain(check.unless) {
                assert!(table.column(name).is_some(), "{}.{name}", check.table);
            }
        }
    }

    #[test]
    fn a_duration_may_differ_by_a_second_and_with_holds_by_anything() {
        let check = BoundCheck { duration: 0, from: 1, to: 2, unless: Some(3) };
        let flags = |talk, hold| {
            let cells = [Cell::Whole(talk), Cell::Whole(999), Cell::Whole(60_000_000), hold];
            let values = cells.map(|cell| Value { cell, ..Value::default() });
            !check.flags(&values).is_empty()
        };
        assert!(!flags(60_000, Cell::Null));
        assert!(!flags(61_000, Cell::Whole(0)));
        assert!(flags(61_001, Cell::Null));
        assert!(flags(58_999, Cell::Whole(0)));
        assert!(!flags(30_000, Cell::Whole(30_000)));
    }
}

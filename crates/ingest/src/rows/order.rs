//! Times that cannot precede the start of their record.
//!
//! An end before its start would give a negative length, which no sum may hold, so it becomes null and is flagged;
//! the record stays. Clocks without a date were moved to their day before this is asked. A queue may be entered
//! before the start that a source writes, so it is not listed.

use crate::values::{Cell, Flag, FlagSet, Value};

const SECOND_US: i64 = 1_000_000;

/// The start of a table's records, and the times that come after it.
#[derive(Debug, Clone, Copy)]
struct Order {
    table: &'static str,
    start: &'static str,
    later: &'static [&'static str],
}

const ORDERS: &[Order] = &[
    Order {
        table: "calls",
        start: "started_at",
        later: &["answered_at", "connected_at", "ended_at", "wrap_ended_at"],
    },
    Order { table: "agent_spans", start: "started_at", later: &["ended_at"] },
    Order { table: "shifts", start: "started_at", later: &["ended_at"] },
    Order { table: "schedules", start: "starts_at", later: &["ends_at"] },
    Order { table: "absences", start: "starts_at", later: &["ends_at"] },
    Order { table: "forecasts", start: "starts_at", later: &["ends_at"] },
    Order { table: "training", start: "started_at", later: &["ended_at"] },
    Order { table: "contacts", start: "started_at", later: &["answered_at", "ended_at"] },
];

/// An order with the positions of its columns.
#[derive(Debug, Clone)]
pub struct BoundOrder {
    start: usize,
    later: Vec<usize>,
}

impl BoundOrder {
    /// The order of a table's times; `None` when none is known of it.
    pub fn of(table: &str, position: impl Fn(&str) -> Option<usize>) -> Option<BoundOrder> {
        let order = ORDERS.iter().find(|order| order.table == table)?;
        let later = order.later.iter().filter_map(|name| position(name)).collect();
        Some(BoundOrder { start: position(order.start)?, later })
    }

    /// Nulls and flags the times that precede the start.
    pub fn keep(&self, values: &mut [Value]) {
        let Some(Cell::Whole(start)) = values.get(self.start).map(|value| value.cell) else { return };
        for at in &self.later {
            let Some(value) = values.get_mut(*at) else { continue };
            if matches!(value.cell, Cell::Whole(later) if is_before(later, start)) {
                // What was noted of a time that is gone would only mislead.
                *value = Value { flags: FlagSet::of(Flag::BeforeStart), ..Value::default() };
            }
        }
    }
}

/// A time in whole seconds lies somewhere in its second, which may be the one that a finer start lies in.
fn is_before(later_us: i64, start_us: i64) -> bool {
    let is_coarse = later_us % SECOND_US == 0;
    later_us < start_us && !(is_coarse && start_us - later_us < SECOND_US)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_order_names_columns_of_its_table() {
        for order in ORDERS {
            let table = dialmark_model::facts::table(order.table).unwrap();
            for name in order.later.iter().chain([&order.start]) {
                assert!(table.column(name).is_some(), "{}.{name}", order.table);
            }
        }
    }

    #[test]
    fn whole_seconds_are_not_before_a_finer_start_in_the_same_second() {
        let start = 1_000_400_000;
        assert!(!is_before(1_000_000_000, start));
        assert!(is_before(999_000_000, start));
        assert!(is_before(1_000_399_999, start));
        assert!(!is_before(start, start));
    }

    #[test]
    fn only_times_before_the_start_become_null() {
        let order = BoundOrder { start: 0, later: vec![1, 2, 3] };
        let mut values = [Cell::Whole(10), Cell::Whole(9), Cell::Whole(10), Cell::Null]
            .map(|cell| Value { cell, ..Value::default() });
        order.keep(&mut values);
        assert_eq!(
            values.map(|value| value.cell),
            [Cell::Whole(10), Cell::Null, Cell::Whole(10), Cell::Null]
        );
        assert_eq!(values.map(|value| !value.flags.is_empty()), [false, true, false, false]);
    }
}

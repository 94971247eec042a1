//! The canonical facts of a call centre: every table that a metric of the field needs.
//!
//! A column that no source fills costs nothing; one that is missing later costs a migration. So the list is
//! complete from the start, and each column says in one sentence what it holds.

mod calls;
mod collections;
mod customers;
mod floor;
mod money;
mod outcomes;
mod people;
mod quality;
mod vocabulary;

use crate::table::Table;
pub use vocabulary::{Strange, Vocabulary, vocabulary};

/// All canonical tables, in the order in which the reference shows them.
pub fn tables() -> &'static [Table] {
    static TABLES: std::sync::LazyLock<Vec<Table>> = std::sync::LazyLock::new(|| {
        [
            calls::tables(),
            floor::tables(),
            outcomes::tables(),
            customers::tables(),
            collections::tables(),
            quality::tables(),
            people::tables(),
            money::tables(),
        ]
        .concat()
    });
    &TABLES
}

/// The canonical table of this name.
pub fn table(name: &str) -> Option<&'static Table> {
    tables().iter().find(|t| t.name == name)
}

/// Builds a canonical table from constants.
fn fact(
    name: &'static str,
    about: &'static str,
    placed_by: &'static [&'static str],
    columns: Vec<crate::table::Column>,
) -> Table {
    use std::borrow::Cow;
    Table {
        name: Cow::Borrowed(name),
        about: Cow::Borrowed(about),
        placed_by: placed_by.iter().map(|c| Cow::Borrowed(*c)).collect(),
        columns: Cow::Owned(columns),
    }
}

/// Whether the records of a table say what is to happen rather than what happened, so that they reach into the future:
/// plans, promised callbacks, holidays that are agreed, people who begin next month.
pub fn is_planned(table: &str) -> bool {
    matches!(table, "schedules" | "forecasts" | "callbacks" | "absences" | "agents" | "team_memberships")
}

/// A length that is the time between two instants of its record.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Between {
    /// Table.
    pub table: &'static str,
    /// Column of the length, in milliseconds.
    pub length: &'static str,
    /// Columns of the instants.
    pub from: &'static str,
    /// The later one.
    pub to: &'static str,
}

/// Lengths that are worked out where a source writes only when something began and ended.
pub const BETWEEN: &[Between] = &[
    Between { table: "agent_spans", length: "duration_ms", from: "started_at", to: "ended_at" },
    Between { table: "calls", length: "duration_ms", from: "started_at", to: "ended_at" },
    Between { table: "training", length: "duration_ms", from: "started_at", to: "ended_at" },
];

/// Whether the records of a table are states of which a person is in one at a time.
pub fn holds_states(table: &str) -> bool {
    table == "agent_spans"
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::table::{Kind, system_columns};
    use std::collections::BTreeSet;

    #[test]
    fn names_carry_their_units() {
        for table in tables() {
            for column in table.columns.iter() {
                let name = column.name.as_ref();
                let wanted = match column.kind {
                    Kind::Instant => Some("_at"),
                    Kind::Day => Some("_on"),
                    Kind::Duration => Some("_ms"),
                    Kind::Amount => Some("_amount"),
                    _ => None,
                };
                if let Some(suffix) = wanted {
                    assert!(name.ends_with(suffix), "{}.{name} should end in {suffix}", table.name);
                }
                for (suffix, kind) in [
                    ("_at", Kind::Instant),
                    ("_on", Kind::Day),
                    ("_ms", Kind::Duration),
                    ("_amount", Kind::Amount),
                ] {
                    if name.ends_with(suffix) {
                        assert_eq!(column.kind, kind, "{}.{name} ends in {suffix}", table.name);
                    }
                }
            }
        }
    }

    #[test]
    fn every_table_and_column_says_what_it_is_in_a_sentence() {
        for table in tables() {
            assert!(table.about.ends_with('.') && table.about.len() > 10, "{}", table.name);
            for column in table.columns.iter() {
                assert!(
                    column.about.ends_with('.') && column.about.len() >= 5,
                    "{}.{}",
                    table.name,
                    column.name
                );
            }
        }
    }

    #[test]
    fn names_are_unique_and_do_not_hide_the_system_columns() {
        let mut tables_seen = BTreeSet::new();
        for table in tables() {
            assert!(tables_seen.insert(table.name.clone()), "table {} twice", table.name);
            let mut seen: BTreeSet<_> = system_columns().iter().map(|c| c.name.clone()).collect();
            for column in table.columns.iter() {
                assert!(seen.insert(column.name.clone()), "{}.{} twice", table.name, column.name);
            }
        }
    }

    #[test]
    fn placing_columns_exist_and_are_times() {
        for table in tables() {
            assert!(!table.placed_by.is_empty(), "{} has no clock", table.name);
            for name in table.placed_by.iter() {
                let column = table.column(name).unwrap_or_else(|| panic!("{}.{name}", table.name));
                assert!(matches!(column.kind, Kind::Instant | Kind::Day), "{}.{name}", table.name);
            }
        }
    }

    #[test]
    fn money_stands_beside_its_currency() {
        for table in tables() {
            if table.columns.iter().any(|c| c.kind == Kind::Amount) {
                assert!(table.column("currency").is_some(), "{} has money without a currency", table.name);
            }
        }
    }
}

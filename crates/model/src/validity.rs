//! Days on which something holds: definitions, maps, memberships.

use jiff::civil::Date;
use serde::{Deserialize, Serialize};

/// A half-open stretch of civil days, `from <= day < until`; a missing end is open.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Days {
    /// First day.
    pub from: Option<Date>,
    /// First day on which it no longer holds.
    pub until: Option<Date>,
}

impl Days {
    /// All days.
    pub const ALL: Days = Days { from: None, until: None };

    /// Whether the day is one of them.
    pub fn hold(&self, day: Date) -> bool {
        self.from.is_none_or(|from| from <= day) && self.until.is_none_or(|until| day < until)
    }

    /// Whether there is no such day.
    pub fn is_empty(&self) -> bool {
        self.from.zip(self.until).is_some_and(|(from, until)| from >= until)
    }

    /// Whether both hold on some day.
    pub fn overlap(&self, other: &Days) -> bool {
        let begins_before = |a: &Days, b: &Days| a.from.zip(b.until).is_none_or(|(from, until)| from < until);
        begins_before(self, other) && begins_before(other, self)
    }
}

impl std::fmt::Display for Days {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match (self.from, self.until) {
            (None, None) => write!(out, "always"),
            (Some(from), None) => write!(out, "from {from}"),
            (None, Some(until)) => write!(out, "before {until}"),
            (Some(from), Some(until)) => write!(out, "from {from}, before {until}"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use jiff::civil::date;

    #[test]
    fn neighbours_do_not_overlap() {
        let before = Days { from: None, until: Some(date(2026, 7, 1)) };
        let after = Days { from: Some(date(2026, 7, 1)), until: None };
        assert!(!before.overlap(&after) && !after.overlap(&before));
        assert!(Days::ALL.overlap(&before) && before.overlap(&before));
        assert!(after.hold(date(2026, 7, 1)) && !before.hold(date(2026, 7, 1)));
    }
}

//! Counting what passed and what failed.

use std::fmt;

/// Checks that passed and failed.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Tally {
    pub passed: u64,
    pub failed: u64,
}

impl Tally {
    /// One check that passed.
    pub const ONE: Tally = Tally { passed: 1, failed: 0 };

    /// Both together.
    pub fn and(self, other: Tally) -> Tally {
        Tally { passed: self.passed + other.passed, failed: self.failed + other.failed }
    }

    /// The tally in a closing line of Rust's test harness, such as
    /// `test result: ok. 5 passed; 0 failed; 0 ignored; ...`.
    pub fn of_test_line(line: &str) -> Option<Tally> {
        let rest = line.trim().strip_prefix("test result: ")?;
        let (_, counts) = rest.split_once(". ")?;
        let count_of = |word: &str| {
            counts.split(';').find_map(|part| part.trim().strip_suffix(word)?.trim().parse::<u64>().ok())
        };
        Some(Tally { passed: count_of("passed")?, failed: count_of("failed")? })
    }
}

impl fmt::Display for Tally {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "{} passed, {} failed", self.passed, self.failed)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_closing_line_of_the_test_harness_is_read() {
        let line = "test result: FAILED. 17 passed; 1 failed; 0 ignored; 0 measured; 0 filtered out; finished in 0.12s";
        assert_eq!(Tally::of_test_line(line), Some(Tally { passed: 17, failed: 1 }));
        assert_eq!(Tally::of_test_line("test result_line_is_read ... ok"), None);
        assert_eq!(Tally::of_test_line("test result: what. ever"), None);
    }
}

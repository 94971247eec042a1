//! Who was erased: their records of before come again with every export, and stay nobody's.

use std::collections::HashMap;
use std::sync::Arc;

use dialmark_lake::Erased;

use super::key::PeopleKey;

/// The class of numbers in plain digits, by which other texts are known to mention them.
pub const DIGITS: &str = "digits";
const FEWEST_DIGITS: usize = 6;
const MOST_DIGITS: usize = 15;

/// The people who were erased, each value by its print under the key.
#[derive(Debug, Clone, Default)]
pub struct Forgotten(Arc<HashMap<[u8; 16], i64>>);

impl Forgotten {
    /// Those that the store keeps a print of.
    pub fn new(erased: impl IntoIterator<Item = Erased>) -> Forgotten {
        Forgotten(Arc::new(erased.into_iter().map(|one| (one.print, one.before_us)).collect()))
    }

    /// Whether nobody was erased.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Whether a text mentions the number of somebody who was erased, however it is written.
    pub fn mentions(&self, key: &PeopleKey, text: &str) -> bool {
        let digits: String = text.chars().filter(char::is_ascii_digit).collect();
        let lengths = FEWEST_DIGITS..=MOST_DIGITS.min(digits.len());
        lengths.into_iter().any(|length| {
            (0..=digits.len() - length)
                .filter_map(|at| digits.get(at..at + length))
                .any(|digits| self.0.contains_key(&key.print_of(DIGITS, digits)))
        })
    }

    /// Whether a value of a record of this instant, in microseconds, belongs to somebody who was erased later. What a
    /// person does after that is theirs anew. A record without a time counts as one of before.
    pub fn has(&self, key: &PeopleKey, class: &str, value: &str, at_us: Option<i64>) -> bool {
        let before = self.0.get(&key.print_of(class, value));
        before.is_some_and(|before| at_us.is_none_or(|at| at < *before))
    }
}

//! The code columns whose words are a closed set, which queries compare with.
//!
//! A source writes `Outbound` where a metric asks for `outbound`, so the case of such a word means nothing.

/// What becomes of a word that a column does not know.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Strange {
    /// It becomes null: a word that no metric asks for would hide the record without a trace.
    Null,
    /// It stays as the source wrote it, for people to look at.
    Kept,
}

/// The words that a column knows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Vocabulary {
    table: &'static str,
    column: &'static str,
    words: &'static [&'static str],
    /// What becomes of any other word.
    pub strange: Strange,
}

const VOCABULARIES: &[Vocabulary] = &[
    Vocabulary {
        table: "calls",
        column: "direction",
        words: &["outbound", "inbound", "internal"],
        strange: Strange::Null,
    },
    Vocabulary {
        table: "calls",
        column: "dial_mode",
        words: &["manual", "preview", "progressive", "power", "predictive"],
        strange: Strange::Kept,
    },
    Vocabulary {
        table: "calls",
        column: "answered_by",
        words: &["person", "machine", "fax", "unknown"],
        strange: Strange::Kept,
    },
    Vocabulary {
        table: "calls",
        column: "end_reason",
        words: &["agent", "customer", "abandoned", "dropped", "technical", "timeout"],
        strange: Strange::Kept,
    },
    Vocabulary {
        table: "agent_spans",
        column: "state",
        words: &["talk", "hold", "wrap", "wait", "ring", "preview", "dial", "pause", "other"],
        strange: Strange::Kept,
    },
    Vocabulary {
        table: "contacts",
        column: "direction",
        words: &["outbound", "inbound"],
        strange: Strange::Null,
    },
];

/// The words of a canonical table's column; `None` when its sources may write what they like.
pub fn vocabulary(table: &str, column: &str) -> Option<&'static Vocabulary> {
    VOCABULARIES.iter().find(|known| known.table == table && known.column == column)
}

impl Vocabulary {
    /// The word that a text stands for, whatever its case and the white space around it.
    pub fn word(&self, text: &str) -> Option<&'static str> {
        self.words.iter().copied().find(|word| word.eq_ignore_ascii_case(text.trim()))
    }

    /// All of them.
    pub fn words(&self) -> &'static [&'static str] {
        self.words
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_words_are_those_that_the_column_documents() {
        for known in VOCABULARIES {
            let column = super::super::table(known.table).and_then(|table| table.column(known.column));
            let about = &column.unwrap_or_else(|| panic!("{}.{}", known.table, known.column)).about;
            let documented: Vec<&str> = about.split('`').skip(1).step_by(2).collect();
            assert_eq!(documented, known.words, "{}.{}", known.table, known.column);
        }
    }

    #[test]
    fn a_word_is_known_in_any_case() {
        let direction = vocabulary("calls", "direction").unwrap();
        assert_eq!(direction.word(" OUTBOUND "), Some("outbound"));
        assert_eq!(direction.word("Inbound"), Some("inbound"));
        assert_eq!(direction.word("out"), None);
        assert_eq!(vocabulary("calls", "disposition"), None);
    }
}

//! A letter as plain text, for programs that show nothing else and for those who look for words in it.

use super::{Letter, Section, Table};
use crate::export::plain;

const GAP: usize = 2;

/// The whole text.
pub(super) fn text(letter: &Letter<'_>) -> String {
    let mut out = format!("{}\n\n", letter.title);
    for sentence in letter.lacking {
        out.push_str(&format!("! {}\n\n", plain(sentence)));
    }
    for sentence in letter.lead {
        out.push_str(&format!("{}\n", plain(sentence)));
    }
    for one in letter.sections {
        section(one, &mut out);
    }
    out.push_str(&format!("\n--\n{}\n", plain(letter.foot)));
    out
}

fn section(one: &Section, out: &mut String) {
    out.push_str(&format!("\n{}\n{}\n", one.title, "-".repeat(one.title.chars().count())));
    if let Some(found) = &one.table {
        table(found, out);
    }
    for sentence in &one.says {
        out.push_str(&format!("{}\n", plain(sentence)));
    }
}

fn table(found: &Table, out: &mut String) {
    let is_number = found.numbers();
    let width = |at: usize| {
        let column = found.rows.iter().chain([&found.head]).filter_map(|row| row.get(at));
        column.map(|text| plain(text).chars().count()).max().unwrap_or(0)
    };
    for row in [&found.head].into_iter().chain(&found.rows) {
        let mut line = String::new();
        for (at, text) in row.iter().enumerate() {
            let text = plain(text);
            let blanks = " ".repeat(width(at).saturating_sub(text.chars().count()));
            match is_number.get(at) == Some(&true) {
                true => line.push_str(&format!("{blanks}{text}")),
                false => line.push_str(&format!("{text}{blanks}")),
            }
            line.push_str(&" ".repeat(GAP));
        }
        out.push_str(line.trim_end());
        out.push('\n');
    }
}

impl Table {
    /// Which columns hold numbers: those of which every text that is there begins with a digit or a sign.
    pub(super) fn numbers(&self) -> Vec<bool> {
        let is_number = |text: &str| {
            let bare = text.trim_start_matches(['-', '\u{2212}', '+', '£', '$', '€']);
            text == crate::format::DASH || bare.starts_with(|first: char| first.is_ascii_digit())
        };
        (0..self.head.len())
            .map(|at| {
                let mut texts =
                    self.rows.iter().filter_map(|row| row.get(at)).filter(|text| !text.is_empty()).peekable();
                texts.peek().is_some() && texts.all(|text| is_number(text))
            })
            .collect()
    }
}

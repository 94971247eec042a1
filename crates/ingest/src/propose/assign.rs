//! Which column of a file fills which column of a table.

use std::collections::BTreeSet;

use dialmark_model::{Kind, Table};

use super::reading::{DateColumn, Reading, reading};
use super::sample::{Sample, Seen};
use super::shape::Shape;
use super::synonyms::TableWords;
use super::words::Words;

/// A column of a table and what fills it.
#[derive(Debug, Clone)]
pub struct Assigned {
    /// Column of the table.
    pub column: String,
    /// How it is read.
    pub reading: Reading,
    /// How well the name fits; see [`fit`].
    pub fit: u32,
}

/// A name that is the column's own or a listed word fits at least so well.
pub const SURE: u32 = 900;

/// Fills a table's columns from a file, best names first, each column of the file once.
pub fn assign(
    words: &TableWords,
    table: &Table,
    sample: &Sample,
    date: Option<&DateColumn>,
) -> Vec<Assigned> {
    let mut pairs = Vec::new();
    for (order, (name, synonyms)) in words.columns.iter().enumerate() {
        let Some(column) = table.columns.iter().find(|c| c.name == *name) else { continue };
        for seen in &sample.columns {
            let Some(fit) = fit(&seen.words, name, synonyms) else { continue };
            let Some(reading) = reading(column.kind, name, seen, sample, date) else { continue };
            let fit = fit.saturating_sub(penalty(column.kind, seen, &reading));
            pairs.push((fit, order, seen.at, Assigned { column: (*name).into(), reading, fit }));
        }
    }
    pairs.sort_by(|a, b| b.0.cmp(&a.0).then((a.1, a.2).cmp(&(b.1, b.2))));
    let (mut filled, mut used) = (BTreeSet::new(), BTreeSet::new());
    let mut chosen: Vec<Assigned> = Vec::new();
    for (_, order, at, assigned) in pairs {
        if !filled.contains(&order) && !used.contains(&at) {
            filled.insert(order);
            used.insert(at);
            chosen.push(assigned);
        }
    }
    let place = |name: &str| table.columns.iter().position(|c| c.name == name);
    chosen.sort_by_key(|assigned| place(&assigned.column));
    chosen
}

/// Last parts of a path that say little without the parts before.
const GENERIC: [&str; 22] = [
    "type", "name", "id", "date", "time", "data", "status", "state", "source", "number", "from", "to",
    "start", "end", "duration", "length", "line", "list", "server", "user", "result", "value",
];

/// How well a name fits a column: its own name, a listed word, the last part of a path, a listed word within.
fn fit(words: &Words, column: &str, synonyms: &[&str]) -> Option<u32> {
    let own = column.trim_end_matches("_ms").trim_end_matches("_at");
    let rank = |name: &str| synonyms.iter().position(|s| *s == name).and_then(|at| u32::try_from(at).ok());
    if words.full == column || words.full == own || words.bare == own {
        return Some(1_100);
    }
    if let Some(rank) = rank(&words.full).or_else(|| rank(&words.bare)) {
        return Some(1_000 - rank);
    }
    if let Some(last) = words.last.as_ref().filter(|last| !GENERIC.contains(&last.as_str())) {
        if last == column || last == own {
            return Some(800);
        }
        if let Some(rank) = rank(last) {
            return Some(790 - rank);
        }
    }
    let within = format!("_{}_", words.full);
    let several = synonyms.iter().enumerate().filter(|(_, word)| word.contains('_'));
    let (at, _) = several.clone().find(|(_, word)| within.contains(&format!("_{word}_")))?;
    Some(500_u32.saturating_sub(u32::try_from(at).unwrap_or(400)))
}

/// Dates without times are worse instants than any other.
fn penalty(kind: Kind, seen: &Seen, reading: &Reading) -> u32 {
    let without_time =
        kind == Kind::Instant && !reading.dateless && reading.check.iter().any(|c| c.contains("midnight"));
    let empty = seen.shape == Shape::Empty;
    u32::from(without_time) * 400 + u32::from(empty) * 200
}

/// Whether at least one column of each needed group is filled.
pub fn satisfies(words: &TableWords, assigned: &[Assigned]) -> bool {
    words.needs.iter().all(|group| group.iter().any(|name| assigned.iter().any(|a| a.column == *name)))
}

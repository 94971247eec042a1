//! A table of one's own for files whose rows are not single facts: it is bound, not bent.

use dialmark_model::Kind;
use dialmark_model::table::system_columns;

use super::reading::{DateColumn, Reading, reading};
use super::sample::{Sample, Seen};
use super::shape::{Shape, States, compact_day};
use super::synonyms::COUNTS;
use super::words::joined;
use crate::values::Signs;

/// A column of the proposed table.
#[derive(Debug, Clone)]
pub struct OwnColumn {
    /// Its name.
    pub name: String,
    /// Its kind.
    pub kind: Kind,
    /// How it is read.
    pub reading: Reading,
}

/// Words that make a number a duration.
const DURATION_WORDS: [&str; 14] = [
    "duration", "talk", "time", "length", "wait", "hold", "wrap", "acw", "aht", "dauer", "duracion",
    "duracao", "ring", "billsec",
];

/// Words that make a number money.
const MONEY_WORDS: [&str; 8] = ["amount", "cost", "price", "revenue", "value", "kosten", "betrag", "importe"];

/// Words of columns that hold telephone numbers, which must not be kept as they are written.
const PHONE_WORDS: [&str; 12] = [
    "phone",
    "telephone",
    "mobile",
    "cell",
    "cellphone",
    "msisdn",
    "tel",
    "telefon",
    "telefono",
    "handy",
    "fax",
    "ani",
];
/// Words beside them that say that it is something else.
const NO_PHONE_WORDS: [&str; 8] = ["type", "status", "count", "attempts", "valid", "calls", "ms", "seconds"];

/// Lines of a binding, commented out, as a first idea of how measures are read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BindLine {
    /// The measure.
    pub measure: String,
    /// How it is read.
    pub formula: String,
}

/// A column for every column of the file that holds something.
pub fn own_columns(sample: &Sample, date: Option<&DateColumn>, currency: Option<&str>) -> Vec<OwnColumn> {
    let mut columns: Vec<OwnColumn> = Vec::new();
    for seen in sample.columns.iter().filter(|seen| !seen.name.is_empty()) {
        let wanted = kind_of(seen, sample, currency);
        let read = reading(wanted, "", seen, sample, date).map(|r| (wanted, r));
        let text = || Reading {
            from: vec![seen.name.clone()],
            null: seen.nothings.clone(),
            reason: if seen.shape == Shape::Empty { " and values: none was seen" } else { "" }.to_owned(),
            ..Reading::default()
        };
        let (kind, mut reading) = read.unwrap_or_else(|| (Kind::Text, text()));
        // A unit or format that only instants have needs no second look in a table of one's own.
        reading.dateless = false;
        let taken: Vec<&str> = columns.iter().map(|c| c.name.as_str()).collect();
        columns.push(OwnColumn { name: own_name(seen, kind, &taken), kind, reading });
    }
    columns
}

fn kind_of(seen: &Seen, sample: &Sample, currency: Option<&str>) -> Kind {
    let has = |list: &[&str]| seen.words.full.split('_').any(|word| list.contains(&word));
    let looks_dialled =
        !matches!(seen.shape, Shape::Moment(_) | Shape::Clock(_) | Shape::Bool | Shape::Empty);
    if looks_dialled && has(&PHONE_WORDS) && !has(&NO_PHONE_WORDS) {
        return Kind::Phone;
    }
    match &seen.shape {
        Shape::Moment(style) if style.states == States::Day => Kind::Day,
        Shape::Moment(_) => Kind::Instant,
        Shape::Clock(_) => Kind::Duration,
        Shape::Bool => Kind::Code,
        Shape::Whole(..) | Shape::Decimal(_) if has(&MONEY_WORDS) && currency.is_some() => Kind::Amount,
        Shape::Whole(..)
            if has(&["date", "day", "datum", "fecha"]) && compact_day(&sample.values(seen)).is_some() =>
        {
            Kind::Day
        }
        Shape::Whole(..) | Shape::Decimal(Signs::Plain)
            if has(&DURATION_WORDS) || seen.words.unit.is_some() =>
        {
            Kind::Duration
        }
        Shape::Whole(..) if seen.words.full.ends_with("_id") || seen.words.full == "id" => Kind::Text,
        Shape::Whole(..) => Kind::Integer,
        Shape::Decimal(_) => Kind::Number,
        Shape::Text(distinct, of) if *distinct * 2 > *of && *distinct > 50 => Kind::Text,
        Shape::Text(..) => Kind::Code,
        Shape::Empty => Kind::Text,
    }
}

/// A name with the suffix of its kind, and with none that promises another.
fn own_name(seen: &Seen, kind: Kind, taken: &[&str]) -> String {
    let suffix = match kind {
        Kind::Instant => "_at",
        Kind::Day => "_on",
        Kind::Duration => "_ms",
        Kind::Amount => "_amount",
        _ => "",
    };
    let mut stem = if kind == Kind::Duration { seen.words.bare.clone() } else { seen.words.full.clone() };
    for other in ["_at", "_on", "_ms", "_amount"] {
        stem = stem.strip_suffix(other).map_or(stem.clone(), str::to_owned);
    }
    if !stem.starts_with(|c: char| c.is_ascii_lowercase()) {
        stem = format!("column_{stem}").trim_end_matches('_').to_owned();
    }
    stem.truncate(50);
    let mut name = format!("{stem}{suffix}");
    let mut number = 2;
    let is_taken = |name: &str| taken.contains(&name) || system_columns().iter().any(|c| c.name == name);
    while is_taken(&name) {
        name = format!("{stem}_{number}{suffix}");
        number += 1;
    }
    name
}

/// Ideas for a binding: what looks like a count of calls, a talk time or a yes to an offer.
pub fn bind_lines(columns: &[OwnColumn], sample: &Sample) -> Vec<BindLine> {
    let mut lines: Vec<BindLine> = Vec::new();
    let mut add = |measure: &str, formula: String| {
        if !lines.iter().any(|line| line.measure == measure) {
            lines.push(BindLine { measure: measure.to_owned(), formula });
        }
    };
    for column in columns {
        let from = column.reading.from.first().map(|name| joined(name)).unwrap_or_default();
        let sum = format!("sum({})", column.name);
        match column.kind {
            Kind::Integer
                if [
                    "calls",
                    "total_calls",
                    "num_calls",
                    "number_of_calls",
                    "dials",
                    "attempts",
                    "campaign",
                ]
                .contains(&from.as_str()) =>
            {
                add("dials", sum)
            }
            Kind::Integer if from.contains("contact") && COUNTS.contains(&from.as_str()) => {
                add("contacts", sum)
            }
            Kind::Integer if from.contains("sale") || from.contains("conversion") => add("sales", sum),
            Kind::Duration if from.contains("talk") || from.contains("duration") => add("talk_ms", sum),
            Kind::Code => {
                let seen = column.reading.from.first().and_then(|name| sample.column(name));
                let values = seen.map(|seen| sample.values(seen)).unwrap_or_default();
                let yes = values.iter().find(|v| v.eq_ignore_ascii_case("yes")).copied();
                if let Some(yes) = yes.filter(|_| {
                    ["y", "sold", "sale", "success", "converted", "subscribed"].contains(&from.as_str())
                }) {
                    add("sales", format!("count where {} = '{yes}'", column.name));
                }
            }
            _ => {}
        }
    }
    lines
}

//! `as = "..."`: the unit or format of a source's text, and which kinds it fits.

use dialmark_model::Kind;
use dialmark_model::declared::{Section, nearest};
use dialmark_model::source::{DurationUnit, From, Read};

use super::pattern;

/// Words of `as`, what they mean, and the kinds that they can give.
const WORDS: [(&str, Read, &[Kind]); 14] = [
    ("ms", Read::Unit(DurationUnit::Millis), &[Kind::Duration]),
    ("s", Read::Unit(DurationUnit::Seconds), &[Kind::Duration]),
    ("min", Read::Unit(DurationUnit::Minutes), &[Kind::Duration]),
    ("h", Read::Unit(DurationUnit::Hours), &[Kind::Duration]),
    ("clock", Read::Unit(DurationUnit::Clock), &[Kind::Duration]),
    ("hh:mm", Read::Unit(DurationUnit::HoursMinutes), &[Kind::Duration]),
    ("epoch_s", Read::EpochSeconds, &[Kind::Instant]),
    ("epoch_ms", Read::EpochMillis, &[Kind::Instant]),
    ("epoch_us", Read::EpochMicros, &[Kind::Instant]),
    ("rfc2822", Read::Rfc2822, &[Kind::Instant]),
    ("decimal_comma", Read::DecimalComma, &[Kind::Amount, Kind::Number]),
    ("decimal_point", Read::DecimalPoint, &[Kind::Amount, Kind::Number]),
    // As their kind is usually written; a revision needs the word to say which of the two it is.
    ("integer", Read::Plain, &[Kind::Integer]),
    ("instant", Read::Plain, &[Kind::Instant]),
];

/// What `as` says, checked against the kind of the column.
pub(super) fn by_word(section: &Section<'_>, kind: Kind) -> Option<Read> {
    let word = section.text("as")?;
    let known = WORDS.iter().find(|(w, ..)| *w == word);
    if known.is_none() && !word.contains('%') {
        let help = match nearest(&word, WORDS.iter().map(|(w, ..)| *w)) {
            Some(near) => format!("Did you mean `{near}`?"),
            None => ways_to_read(kind).to_owned(),
        };
        section.error("as", format!("`{word}` is not a way to read a text."), Some(help));
        return None;
    }
    let fits = match known {
        Some((_, _, kinds)) => kinds.contains(&kind),
        None => matches!(kind, Kind::Instant | Kind::Day),
    };
    if !fits {
        section.error(
            "as",
            format!("`{word}` does not give the kind `{}`.", kind.word()),
            Some(ways_to_read(kind).to_owned()),
        );
        return None;
    }
    match known {
        Some((_, read, _)) => Some(read.clone()),
        None => match pattern::check(&word, kind) {
            Ok(()) => Some(Read::Pattern(word)),
            Err(why) => {
                section.error("as", why, Some(ways_to_read(kind).to_owned()));
                None
            }
        },
    }
}

/// How a text is read when there is no `as`. A duration has no usual unit, so it must be stated, by `as` or
/// by the source's own name for the column.
pub(super) fn without_word(section: &Section<'_>, key: &str, kind: Kind, from: &From) -> Option<Read> {
    if kind != Kind::Duration {
        return Some(Read::Plain);
    }
    if let From::Column(column) = from
        && column.to_ascii_lowercase().ends_with("_ms")
    {
        return Some(Read::Unit(DurationUnit::Millis));
    }
    section.error(
        key,
        "the unit of the duration is not stated.",
        Some(
            "Write `{ from = \"...\", as = \"s\" }`, or `ms`, `min`, `h`, `clock` (`h:mm:ss` or `mm:ss`) or `hh:mm`."
                .to_owned(),
        ),
    );
    None
}

fn ways_to_read(kind: Kind) -> &'static str {
    match kind {
        Kind::Duration => {
            "A duration is read as `ms`, `s`, `min`, `h`, `clock` (`h:mm:ss` or `mm:ss`) or `hh:mm`."
        }
        Kind::Instant => {
            "An instant is read as `epoch_s`, `epoch_ms`, `epoch_us`, `rfc2822` or by a pattern such as `%d/%m/%Y %H:%M:%S`; ISO 8601 needs no `as`."
        }
        Kind::Day => "A day is read by a pattern such as `%d/%m/%Y`; ISO 8601 needs no `as`.",
        Kind::Amount | Kind::Number => {
            "A decimal is read as `decimal_comma` (`1.234,50`) or `decimal_point` (`1,234.50`); `1234.50` needs no `as`."
        }
        Kind::Integer | Kind::Bool | Kind::Text | Kind::Phone | Kind::Code => "Leave `as` out.",
    }
}

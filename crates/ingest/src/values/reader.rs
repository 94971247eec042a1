//! The reader of one field: kind and form decided once, applied to every record.

use dialmark_model::Kind;
use dialmark_model::source::{DurationUnit, Read};
use jiff::tz::TimeZone;

use super::decimal::{Decimal, Signs};
use super::flag::{Flag, FlagSet};
use super::instant::MomentForm;
use super::placer::Placer;
use super::simple::{Number, clock_ms, digits, hours_minutes_ms, whole, yes_or_no};
use super::wall::Wall;

/// Money and numbers beyond this many whole digits are out of range: a decimal of 18 digits holds no more.
const DECIMAL_LIMIT: i128 = 1_000_000_000_000_000_000;

/// One value, ready to be stored.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Cell {
    /// Nothing.
    #[default]
    Null,
    /// A whole number, a duration in milliseconds, an instant in microseconds, a day since 1970.
    Whole(i64),
    /// A decimal in units of its kind.
    Decimal(i128),
    /// Yes or no.
    Bool(bool),
    /// The text itself; where it lies is for the row to know.
    Text(usize, usize),
}

/// What became of a text.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Value {
    /// The value.
    pub cell: Cell,
    /// What was odd about it.
    pub flags: FlagSet,
    /// The wall clock of a local time.
    pub wall: Option<Wall>,
}

impl Value {
    fn sound(cell: Cell) -> Value {
        Value { cell, ..Value::default() }
    }

    fn refused(flag: Flag) -> Value {
        Value { flags: FlagSet::of(flag), ..Value::default() }
    }

    fn rounded(cell: Cell, exact: bool) -> Value {
        let flags = if exact { FlagSet::NONE } else { FlagSet::of(Flag::Inexact) };
        Value { cell, flags, wall: None }
    }
}

/// Reads the texts of one field.
#[derive(Debug, Clone)]
pub enum Reader {
    /// Text is kept as it is.
    Text,
    /// Telephone numbers are hidden before they are kept.
    Phone,
    /// Whole numbers.
    Integer {
        /// How numbers are written.
        signs: Signs,
    },
    /// Yes or no.
    Bool,
    /// Decimals of this many places.
    Decimal {
        /// Places that are kept.
        places: u8,
        /// How numbers are written.
        signs: Signs,
    },
    /// Durations as a number of this many milliseconds.
    Duration {
        /// Milliseconds of the unit.
        unit_ms: u32,
        /// How numbers are written.
        signs: Signs,
        /// Longest that makes sense.
        longest_ms: i64,
    },
    /// Durations on a clock.
    Clock {
        /// Longest that makes sense.
        longest_ms: i64,
    },
    /// Durations of hours and minutes.
    HoursMinutes {
        /// Longest that makes sense.
        longest_ms: i64,
    },
    /// Instants.
    Instant(MomentForm, Placer),
    /// Civil days.
    Day(MomentForm, Placer),
}

impl Reader {
    /// The reader for a kind and a form. The error is a sentence for mappings that contradict themselves.
    pub fn new(kind: Kind, read: &Read, zone: &TimeZone, longest_ms: i64) -> Result<Reader, String> {
        let signs = match read {
            Read::Plain => Some(Signs::Plain),
            Read::DecimalComma => Some(Signs::Comma),
            Read::DecimalPoint => Some(Signs::Point),
            _ => None,
        };
        let reader = match kind {
            Kind::Text | Kind::Code if *read == Read::Plain => Some(Reader::Text),
            Kind::Phone if *read == Read::Plain => Some(Reader::Phone),
            Kind::Bool if *read == Read::Plain => Some(Reader::Bool),
            Kind::Integer => signs.map(|signs| Reader::Integer { signs }),
            Kind::Amount | Kind::Number => signs.map(|signs| Reader::Decimal { places: kind.scale(), signs }),
            Kind::Duration => match read {
                Read::Unit(DurationUnit::Clock) => Some(Reader::Clock { longest_ms }),
                Read::Unit(DurationUnit::HoursMinutes) => Some(Reader::HoursMinutes { longest_ms }),
                Read::Unit(unit) => {
                    Some(Reader::Duration { unit_ms: unit_ms(*unit), signs: Signs::Plain, longest_ms })
                }
                _ => signs.map(|signs| Reader::Duration { unit_ms: 1, signs, longest_ms }),
            },
            Kind::Instant | Kind::Day => match MomentForm::new(read).transpose()? {
                Some(form) if kind == Kind::Instant => Some(Reader::Instant(form, Placer::new(zone.clone()))),
                Some(form) => Some(Reader::Day(form, Placer::new(zone.clone()))),
                None => None,
            },
            _ => None,
        };
        reader.ok_or_else(|| format!("a column of kind `{}` cannot be read in that way", kind.word()))
    }

    /// Reads a text that is not empty. Texts themselves are left to the row.
    pub fn read(&mut self, text: &str) -> Value {
        match self {
            Reader::Text | Reader::Phone => Value::default(),
            Reader::Integer { signs } => from_number(whole(text, *signs), Cell::Whole),
            Reader::Bool => match yes_or_no(text) {
                Some(yes) => Value::sound(Cell::Bool(yes)),
                None => Value::refused(Flag::Unreadable),
            },
            Reader::Decimal { places, signs } => read_decimal(text, *places, *signs),
            Reader::Duration { unit_ms, signs, longest_ms } => {
                read_duration(text, *unit_ms, *signs, *longest_ms)
            }
            Reader::Clock { longest_ms } => bounded(clock_ms(text), *longest_ms),
            Reader::HoursMinutes { longest_ms } => bounded(hours_minutes_ms(text), *longest_ms),
            Reader::Instant(form, placer) => match form.instant(text, placer) {
                Ok(at) => Value { cell: Cell::Whole(at.at_us), flags: at.flags, wall: at.wall },
                Err(flag) => Value::refused(flag),
            },
            Reader::Day(form, placer) => match form.day(text, placer) {
                Ok(day) => Value::sound(Cell::Whole(day)),
                Err(flag) => Value::refused(flag),
            },
        }
    }

    /// The placer of an instant's zone.
    pub fn placer(&mut self) -> Option<&mut Placer> {
        match self {
            Reader::Instant(_, placer) => Some(placer),
            _ => None,
        }
    }
}

const fn unit_ms(unit: DurationUnit) -> u32 {
    match unit {
        DurationUnit::Millis | DurationUnit::Clock | DurationUnit::HoursMinutes => 1,
        DurationUnit::Seconds => 1000,
        DurationUnit::Minutes => 60_000,
        DurationUnit::Hours => 3_600_000,
    }
}

fn from_number<T>(number: Number<T>, cell: impl Fn(T) -> Cell) -> Value {
    match number {
        Number::Is(value, exact) => Value::rounded(cell(value), exact),
        Number::TooLarge => Value::refused(Flag::OutOfRange),
        Number::None => Value::refused(Flag::Unreadable),
    }
}

fn bounded(ms: Number<i64>, longest_ms: i64) -> Value {
    match ms {
        Number::Is(ms, _) if ms < 0 => Value::refused(Flag::Negative),
        Number::Is(ms, _) if ms > longest_ms => Value::refused(Flag::OutOfRange),
        other => from_number(other, Cell::Whole),
    }
}

fn read_duration(text: &str, unit_ms: u32, signs: Signs, longest_ms: i64) -> Value {
    // Nearly all durations are a few digits of seconds.
    if let Some(product) = digits(text).and_then(|units| units.checked_mul(i64::from(unit_ms))) {
        return bounded(Number::Is(product, true), longest_ms);
    }
    let Some(decimal) = Decimal::read(text, signs) else { return Value::refused(Flag::Unreadable) };
    if decimal.is_negative() {
        return Value::refused(Flag::Negative);
    }
    let ms = decimal.scaled(unit_ms, 0).and_then(|s| Some((i64::try_from(s.units).ok()?, s.exact)));
    bounded(ms.map_or(Number::TooLarge, |(ms, exact)| Number::Is(ms, exact)), longest_ms)
}

fn read_decimal(text: &str, places: u8, signs: Signs) -> Value {
    let Some(decimal) = Decimal::read(text, signs) else { return Value::refused(Flag::Unreadable) };
    match decimal.scaled(1, places) {
        Some(scaled) if scaled.units.abs() < DECIMAL_LIMIT => {
            Value::rounded(Cell::Decimal(scaled.units), scaled.exact)
        }
        _ => Value::refused(Flag::OutOfRange),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const YEAR_MS: i64 = 366 * 86_400_000;

    #[expect(clippy::needless_pass_by_value, reason = "the tables of cases read better so")]
    fn read(kind: Kind, how: Read, text: &str) -> (Cell, Vec<&'static str>) {
        let value = Reader::new(kind, &how, &TimeZone::UTC, YEAR_MS).unwrap().read(text);
        (value.cell, value.flags.iter().map(Flag::word).collect())
    }

    #[test]
    fn durations_become_milliseconds_and_impossible_ones_null_with_a_flag() {
        use DurationUnit::{Clock, Hours, HoursMinutes, Millis, Minutes, Seconds};
        for (unit, text, cell, flags) in [
            (Seconds, "166", Cell::Whole(166_000), vec![]),
            (Seconds, "0.0125", Cell::Whole(12), vec!["inexact"]),
            (Minutes, "1.5", Cell::Whole(90_000), vec![]),
            (Hours, "0.25", Cell::Whole(900_000), vec![]),
            (Millis, "17", Cell::Whole(17), vec![]),
            (Clock, "0:02:46", Cell::Whole(166_000), vec![]),
            (Clock, "7:30", Cell::Whole(450_000), vec![]),
            (HoursMinutes, "7:30", Cell::Whole(27_000_000), vec![]),
            (HoursMinutes, "1:02:03", Cell::Null, vec!["unreadable"]),
            (HoursMinutes, "-1:00", Cell::Null, vec!["negative"]),
            (HoursMinutes, "9000:00", Cell::Null, vec!["out_of_range"]),
            (Seconds, "-1", Cell::Null, vec!["negative"]),
            (Seconds, "-0", Cell::Whole(0), vec![]),
            (Clock, "-0:00:01", Cell::Null, vec!["negative"]),
            (Seconds, "99999999", Cell::Null, vec!["out_of_range"]),
            (Hours, "999999999999999999", Cell::Null, vec!["out_of_range"]),
            (Seconds, "99999999999999999999999", Cell::Null, vec!["out_of_range"]),
            (Seconds, "1,234", Cell::Null, vec!["unreadable"]),
            (Seconds, "n/a", Cell::Null, vec!["unreadable"]),
        ] {
            assert_eq!(read(Kind::Duration, Read::Unit(unit), text), (cell, flags), "{unit:?} {text}");
        }
    }

    #[test]
    fn money_keeps_four_places_and_says_when_it_had_more() {
        for (how, text, cell, flags) in [
            (Read::Plain, "12.3456", Cell::Decimal(123_456), vec![]),
            (Read::Plain, "-0.2", Cell::Decimal(-2000), vec![]),
            (Read::Plain, "0.00005", Cell::Decimal(0), vec!["inexact"]),
            (Read::Plain, "0.00015", Cell::Decimal(2), vec!["inexact"]),
            (Read::DecimalComma, "1.234,5", Cell::Decimal(12_345_000), vec![]),
            (Read::DecimalPoint, "1,234.5", Cell::Decimal(12_345_000), vec![]),
            (Read::Plain, "1,234.5", Cell::Null, vec!["unreadable"]),
            (Read::Plain, "100000000000000", Cell::Null, vec!["out_of_range"]),
            (Read::Plain, "99999999999999.9999", Cell::Decimal(DECIMAL_LIMIT - 1), vec![]),
            (Read::Plain, "$5", Cell::Null, vec!["unreadable"]),
        ] {
            assert_eq!(read(Kind::Amount, how, text), (cell, flags), "{text}");
        }
        assert_eq!(read(Kind::Number, Read::Plain, "0.123456"), (Cell::Decimal(123_456), vec![]));
    }

    #[test]
    fn kinds_and_forms_that_do_not_fit_are_errors() {
        let error = Reader::new(Kind::Text, &Read::EpochSeconds, &TimeZone::UTC, YEAR_MS).unwrap_err();
        assert!(error.contains("`text`"), "{error}");
        assert!(Reader::new(Kind::Instant, &Read::DecimalComma, &TimeZone::UTC, YEAR_MS).is_err());
        assert!(Reader::new(Kind::Duration, &Read::Rfc2822, &TimeZone::UTC, YEAR_MS).is_err());
    }
}

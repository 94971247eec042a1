//! How a column of a file is read into a kind, in the words of a mapping.

use dialmark_model::Kind;
use dialmark_model::source::DurationUnit;

use super::clock::clock;
use super::direction;
use super::sample::{Sample, Seen};
use super::shape::{Shape, States, Style, compact_day, epoch, time_of_day};
use super::trial::tried;
use crate::values::{Decimal, Signs};

/// How a field is read, and what about it is a guess.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Reading {
    /// Columns of the source, joined by a blank.
    pub from: Vec<String>,
    /// The word of `as`.
    pub read_as: Option<String>,
    /// Texts that mean nothing.
    pub null: Vec<String>,
    /// Recoding of texts.
    pub values: Vec<(String, String)>,
    /// What speaks for the reading, to be put behind "by its name".
    pub reason: String,
    /// Guesses that somebody should look at, as sentences.
    pub check: Vec<String>,
    /// The values are local times, which need a zone.
    pub local: bool,
    /// It is a clock joined with a date column, so it may belong to the next day.
    pub dateless: bool,
    /// The unit of a duration is guessed by its size alone.
    pub unit_guessed: bool,
}

impl Reading {
    /// Sets how it is read, and what speaks for that.
    pub fn say(&mut self, read_as: &str, reason: &str) {
        self.read_as = Some(read_as.to_owned());
        reason.clone_into(&mut self.reason);
    }
}

/// The column that holds the date of clocks that have none.
#[derive(Debug, Clone)]
pub struct DateColumn {
    /// Its name.
    pub name: String,
    pattern: String,
    doubtful: bool,
}

const DATE_WORDS: [&str; 10] =
    ["date", "call_date", "calldate", "day", "start_date", "datum", "fecha", "fecha_llamada", "data", "tag"];

/// The date column of a file that keeps date and time apart.
pub fn date_column(sample: &Sample) -> Option<DateColumn> {
    let style = |column: &Seen| day_style(sample, column);
    let days: Vec<(&Seen, Style)> = sample.columns.iter().filter_map(|c| Some((c, style(c)?))).collect();
    let named = days.iter().find(|(c, _)| DATE_WORDS.contains(&c.words.full.as_str()));
    let (column, style) = named.or(if days.len() == 1 { days.first() } else { None })?;
    Some(DateColumn {
        name: column.name.clone(),
        pattern: style.read_as.clone().unwrap_or_else(|| "%Y-%m-%d".into()),
        doubtful: style.doubtful,
    })
}

fn day_style(sample: &Sample, column: &Seen) -> Option<Style> {
    match &column.shape {
        // A month and a time of day make no moment.
        Shape::Moment(style) if style.states == States::Day && !style.is_month() => Some(style.clone()),
        // Six or eight digits are a date only under a name that says so.
        Shape::Whole(..) if DATE_WORDS.contains(&column.words.full.as_str()) => {
            compact_day(&sample.values(column))
        }
        _ => None,
    }
}

/// Codes that may well be a yes or a no.
const YES_OR_NO: [&str; 5] = ["disposition", "outcome", "consent", "status", "language"];

/// How `column` can be read as `kind` to fill the column `target`, which is empty in a table of the project's own;
/// `None` when its values do not allow it.
pub fn reading(
    kind: Kind,
    target: &str,
    column: &Seen,
    sample: &Sample,
    date: Option<&DateColumn>,
) -> Option<Reading> {
    let mut reading =
        Reading { from: vec![column.name.clone()], null: column.nothings.clone(), ..Reading::default() };
    match kind {
        Kind::Text | Kind::Phone | Kind::Code => {
            match column.shape {
                // A date or a time of day is no name, code or number dialled.
                Shape::Moment(_) | Shape::Clock(_) | Shape::Empty => return None,
                // That there is a recording does not say which.
                Shape::Bool if !target.is_empty() && !YES_OR_NO.contains(&target) => return None,
                Shape::Whole(0..=1, 0..=1) if target == "recording_ref" => return None,
                // A queue has no unit, though the time spent in one has.
                Shape::Whole(..) | Shape::Decimal(_) if target == "queue" && column.words.unit.is_some() => {
                    return None;
                }
                _ => {}
            }
            if target == "direction" {
                " and values".clone_into(&mut reading.reason);
                direction::recode(&mut reading, &sample.values(column));
            }
        }
        Kind::Integer => matches!(column.shape, Shape::Whole(..)).then_some(())?,
        Kind::Bool => match column.shape {
            Shape::Bool => {}
            Shape::Whole(0, 1) => {}
            _ => return None,
        },
        Kind::Duration => duration(&mut reading, target, column, sample)?,
        Kind::Amount | Kind::Number => match column.shape {
            Shape::Whole(..) | Shape::Decimal(Signs::Plain) => {}
            Shape::Decimal(Signs::Comma) => reading.say("decimal_comma", " and values: decimal comma"),
            Shape::Decimal(Signs::Point) => {
                reading.say("decimal_point", " and values: signs between thousands");
                if sample.values(column).iter().all(|v| Decimal::read(v, Signs::Comma).is_some()) {
                    reading.check.push("its commas could be decimal commas (`decimal_comma`)".into());
                }
            }
            _ => return None,
        },
        Kind::Instant => instant(&mut reading, column, sample, date)?,
        Kind::Day => day(&mut reading, column, sample)?,
    }
    tried(kind, reading, sample)
}

fn duration(reading: &mut Reading, target: &str, column: &Seen, sample: &Sample) -> Option<()> {
    match (&column.shape, column.words.unit) {
        (Shape::Clock(_), _) => clock(reading, target, column, &sample.values(column)),
        (Shape::Whole(..) | Shape::Decimal(Signs::Plain), Some(unit)) => {
            reading.say(unit_word(unit), &format!(": {}", unit_name(unit)));
        }
        (Shape::Whole(..) | Shape::Decimal(Signs::Plain), None) => {
            let word = unit_by_size(&sample.values(column));
            reading.say(word, " and values");
            reading.unit_guessed = true;
            reading.check.push(format!("{UNIT} is guessed by the size of its values as `{word}`"));
        }
        _ => return None,
    }
    Some(())
}

/// How a remark on a guessed unit begins, which becomes void when something else decides.
pub const UNIT: &str = "the unit";

/// The word of `as` for a unit.
pub fn unit_word(unit: DurationUnit) -> &'static str {
    match unit {
        DurationUnit::Millis => "ms",
        DurationUnit::Seconds => "s",
        DurationUnit::Minutes => "min",
        DurationUnit::Hours => "h",
        DurationUnit::Clock => "clock",
        DurationUnit::HoursMinutes => "hh:mm",
    }
}

fn unit_name(unit: DurationUnit) -> &'static str {
    match unit {
        DurationUnit::Millis => "milliseconds",
        DurationUnit::Seconds => "seconds",
        DurationUnit::Minutes => "minutes",
        DurationUnit::Hours => "hours",
        DurationUnit::Clock => "h:mm:ss",
        DurationUnit::HoursMinutes => "hours and minutes",
    }
}

/// What speaks for a way to read dates.
fn date_reason(pattern: Option<&str>) -> &'static str {
    match pattern {
        Some(pattern) if pattern.starts_with("%d") && pattern.contains("%m") => {
            " and values: day before month"
        }
        Some(pattern) if pattern.starts_with("%m") => " and values: month before day",
        _ => " and values",
    }
}

/// Half of all calls are shorter than half an hour; numbers beyond 1,800 are hardly seconds.
fn unit_by_size(values: &[&str]) -> &'static str {
    let mut sizes: Vec<i128> =
        values.iter().filter_map(|v| Decimal::plain(v)?.floor(0)).filter(|size| *size > 0).collect();
    sizes.sort_unstable();
    match sizes.get(sizes.len() / 2) {
        Some(median) if *median > 1_800 => "ms",
        _ => "s",
    }
}

fn instant(reading: &mut Reading, column: &Seen, sample: &Sample, date: Option<&DateColumn>) -> Option<()> {
    match &column.shape {
        Shape::Moment(style) => {
            // A pattern without a time gives no instant.
            if style.states == States::Day && style.read_as.is_some() {
                return None;
            }
            reading.read_as = style.read_as.clone();
            date_reason(style.read_as.as_deref()).clone_into(&mut reading.reason);
            reading.local = style.states != States::Instant;
            if style.states == States::Day {
                reading
                    .check
                    .push("it holds dates without a time, so every record is placed at midnight".into());
            }
            if style.doubtful {
                reading.check.push("day and month could be the other way round".into());
            }
        }
        Shape::Clock(true) | Shape::Text(..) => {
            let (date, values) = (date?, sample.values(column));
            let time = time_of_day(&values).filter(|_| reaches_far(&values))?;
            reading.from = vec![date.name.clone(), column.name.clone()];
            reading.say(&format!("{} {time}", date.pattern), date_reason(Some(&date.pattern)));
            (reading.local, reading.dateless) = (true, true);
            if date.doubtful {
                reading.check.push("day and month could be the other way round".into());
            }
        }
        Shape::Whole(..) | Shape::Decimal(Signs::Plain) => {
            let values = sample.values(column);
            let word = epoch(&values)?;
            let unit = match word {
                "epoch_ms" => "milliseconds",
                "epoch_us" => "microseconds",
                _ => "seconds",
            };
            reading.say(word, &format!(" and values: {unit} since 1970"));
            if values.contains(&"0") {
                reading.null.push("0".into());
            }
        }
        _ => return None,
    }
    Some(())
}

/// Times of day reach beyond the small hours; clocks that do not are durations.
fn reaches_far(values: &[&str]) -> bool {
    let hour = |value: &&str| value.split(':').next().and_then(|hour| hour.parse::<u8>().ok());
    values.iter().filter_map(hour).any(|hour| hour >= 4)
}

fn day(reading: &mut Reading, column: &Seen, sample: &Sample) -> Option<()> {
    let style = match &column.shape {
        Shape::Moment(style) => style.clone(),
        _ => compact_day(&sample.values(column))?,
    };
    reading.read_as = style.read_as.filter(|word| word != "rfc2822");
    date_reason(reading.read_as.as_deref()).clone_into(&mut reading.reason);
    if style.doubtful {
        reading.check.push("day and month could be the other way round".into());
    }
    Some(())
}

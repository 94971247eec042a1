//! The values of cells as text, as somebody who sees the sheet would write them.

use calamine::{DataRef, ExcelDateTime};

use super::shown::Shown;

const DAY_MS: f64 = 86_400_000.0;
/// Days of the sheet's calendar below which a moment is a length: nobody dials in its first year.
const FIRST_YEAR_DAYS: f64 = 367.0;
/// Whole numbers above it share their last digits with others.
const LARGEST_EXACT: f64 = 9_007_199_254_740_992.0;

/// The text of a cell.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CellText {
    /// Nothing stands in it.
    Empty,
    /// An error, such as `#N/A`: something stands in it that says nothing.
    Nothing,
    /// A text was written.
    Written,
    /// A text was written, and it is a whole number of which the last digits are lost.
    Inexact,
}

/// Writes the text of a cell behind `out`.
pub fn write_text(cell: &DataRef<'_>, shown: Shown, is_1904: bool, out: &mut String) -> CellText {
    let before = out.len();
    match cell {
        DataRef::Empty => return CellText::Empty,
        DataRef::Error(_) => return CellText::Nothing,
        DataRef::String(text) | DataRef::DateTimeIso(text) | DataRef::DurationIso(text) => out.push_str(text),
        DataRef::SharedString(text) => out.push_str(text),
        DataRef::Bool(yes) => out.push_str(if *yes { "true" } else { "false" }),
        DataRef::Int(number) => out.push_str(&number.to_string()),
        DataRef::Float(number) => {
            out.push_str(&number_text(*number));
            if number.abs() > LARGEST_EXACT {
                return CellText::Inexact;
            }
        }
        DataRef::DateTime(moment) => out.push_str(&moment_text(*moment, shown, is_1904)),
    }
    let is_blank = out.get(before..).is_none_or(|text| text.trim_ascii().is_empty());
    if is_blank { CellText::Empty } else { CellText::Written }
}

/// A number with the fifteen digits that a sheet shows: what lies behind them is noise of binary fractions.
fn number_text(number: f64) -> String {
    if number.abs() <= LARGEST_EXACT && number.trunc().total_cmp(&number).is_eq() {
        // Plus zero, so that none is written `-0`.
        return format!("{:.0}", number + 0.0);
    }
    let rounded = format!("{number:.14e}");
    match rounded.parse::<f64>() {
        Ok(rounded) if rounded.abs() <= LARGEST_EXACT => rounded.to_string(),
        // As sheets write what has more digits than they hold.
        _ => format!("{number:E}"),
    }
}

fn moment_text(moment: ExcelDateTime, shown: Shown, is_1904: bool) -> String {
    let days = moment.as_f64();
    let is_length = moment.is_duration()
        || (0.0..1.0).contains(&days)
        || (!shown.day && shown.clock && (0.0..FIRST_YEAR_DAYS).contains(&days));
    if is_length {
        return clock_text(days).unwrap_or_else(|| number_text(days));
    }
    day_text(days, shown, is_1904).unwrap_or_else(|| number_text(days))
}

/// Whole milliseconds of so many days; `None` beyond all sense.
fn whole_ms(days: f64) -> Option<i64> {
    let ms = (days * DAY_MS).round();
    // Ten thousand years.
    if ms.is_nan() || ms.abs() >= 3_660_000.0 * DAY_MS {
        return None;
    }
    #[expect(clippy::cast_possible_truncation, reason = "it is whole and within the bounds above")]
    Some(ms as i64)
}

/// `00:02:30`, `125:00:00`, `00:00:01.5`: two digits of hours, so that it can follow a day.
fn clock_text(days: f64) -> Option<String> {
    let ms = whole_ms(days)?;
    let sign = if ms < 0 { "-" } else { "" };
    Some(format!("{sign}{}", of_clock(ms.unsigned_abs())))
}

fn of_clock(ms: u64) -> String {
    let (seconds, ms) = (ms / 1000, ms % 1000);
    let mut text = format!("{:02}:{:02}:{:02}", seconds / 3600, seconds / 60 % 60, seconds % 60);
    if ms > 0 {
        text += format!(".{ms:03}").trim_end_matches('0');
    }
    text
}

/// `2026-01-31`, or with the time of day where one is shown or there.
fn day_text(days: f64, shown: Shown, is_1904: bool) -> Option<String> {
    if days < 0.0 {
        return None;
    }
    let ms = whole_ms(days)?;
    let (day, in_day) = (ms.div_euclid(86_400_000), ms.rem_euclid(86_400_000).unsigned_abs());
    let first = if is_1904 {
        jiff::civil::date(1904, 1, 1)
    } else if day < 60 {
        jiff::civil::date(1899, 12, 31)
    } else {
        // A day that never was, 1900-02-29, is counted before.
        jiff::civil::date(1899, 12, 30)
    };
    let date = first.checked_add(jiff::Span::new().try_days(day).ok()?).ok()?;
    Some(if in_day == 0 && !shown.clock { date.to_string() } else { format!("{date}T{}", of_clock(in_day)) })
}

#[cfg(test)]
mod tests {
    use super::*;
    use calamine::ExcelDateTimeType::{DateTime, TimeDelta};
    use calamine::{CellErrorType, ExcelDateTimeType};

    fn text(cell: &DataRef<'_>) -> (CellText, String) {
        let mut out = String::new();
        (write_text(cell, Shown::default(), false, &mut out), out)
    }

    fn moment(days: f64, kind: ExcelDateTimeType, code: &str, is_1904: bool) -> String {
        let mut out = String::new();
        let cell = DataRef::DateTime(ExcelDateTime::new(days, kind, is_1904));
        write_text(&cell, Shown::by(code), is_1904, &mut out);
        out
    }

    #[test]
    fn numbers_are_written_as_the_sheet_shows_them() {
        for (number, wanted) in [
            (3.0, "3"),
            (-0.0, "0"),
            (0.1 + 0.2, "0.3"),
            (1234.56, "1234.56"),
            (-1.1 * 3.0, "-3.3"),
            (1_767_603_650.25, "1767603650.25"),
            (9_007_199_254_740_991.0, "9007199254740991"),
            (0.000_001, "0.000001"),
        ] {
            assert_eq!(text(&DataRef::Float(number)), (CellText::Written, wanted.to_owned()));
        }
        assert_eq!(text(&DataRef::Float(1e19)), (CellText::Inexact, "1E19".to_owned()));
        assert_eq!(text(&DataRef::Float(f64::NAN)).1, "NaN");
    }

    #[test]
    fn texts_truth_values_errors_and_blanks() {
        assert_eq!(text(&DataRef::SharedString("a\tb")), (CellText::Written, "a\tb".to_owned()));
        assert_eq!(text(&DataRef::Bool(true)).1, "true");
        assert_eq!(text(&DataRef::Error(CellErrorType::NA)), (CellText::Nothing, String::new()));
        assert_eq!(text(&DataRef::String("  ".into())).0, CellText::Empty);
        assert_eq!(text(&DataRef::Empty).0, CellText::Empty);
    }

    #[test]
    fn moments_are_days_times_or_lengths_as_they_are_shown() {
        let at = 46_023.0 + 37_805.5 / 86_400.0;
        for (days, kind, code, wanted) in [
            (46_023.0, DateTime, "yyyy-mm-dd", "2026-01-01"),
            (46_023.0, DateTime, "yyyy-mm-dd hh:mm", "2026-01-01T00:00:00"),
            (at, DateTime, "yyyy-mm-dd hh:mm", "2026-01-01T10:30:05.5"),
            (at, DateTime, "dd/mm/yyyy", "2026-01-01T10:30:05.5"),
            (at, DateTime, "hh:mm", "2026-01-01T10:30:05.5"),
            (0.437_5, DateTime, "h:mm AM/PM", "10:30:00"),
            (150.0 / 86_400.0, DateTime, "mm:ss", "00:02:30"),
            (1.25, DateTime, "h:mm:ss", "30:00:00"),
            (125.0 / 24.0, TimeDelta, "[h]:mm:ss", "125:00:00"),
            (-0.25, TimeDelta, "[h]:mm", "-06:00:00"),
            (1.0, DateTime, "yyyy-mm-dd", "1900-01-01"),
            (59.0, DateTime, "yyyy-mm-dd", "1900-02-28"),
            (61.0, DateTime, "yyyy-mm-dd", "1900-03-01"),
            (-1.0, DateTime, "yyyy-mm-dd", "-1"),
            (9e15, DateTime, "yyyy-mm-dd", "9000000000000000"),
        ] {
            assert_eq!(moment(days, kind, code, false), wanted, "{days} {code}");
        }
        assert_eq!(moment(44_561.0, DateTime, "yyyy-mm-dd", true), "2026-01-01");
    }
}

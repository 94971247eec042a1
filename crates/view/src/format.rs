//! Figures for people: the last rounding, by unit, from exact values.

use dialmark_metrics::metric::Unit;
use dialmark_metrics::{Exact, Ratio};

/// Separates groups of three digits: narrow, and never the place of a line break.
pub const GROUP: char = '\u{202f}';
/// Separates a number from its unit where no line may break.
pub const NO_BREAK: char = '\u{a0}';
/// Stands where there is no value. The reason stands beside it.
pub const DASH: &str = "–";
/// The minus sign of typography.
pub const MINUS: char = '\u{2212}';

/// Digits that are kept before the last rounding: enough that rounding twice cannot be seen.
const WORKING_PLACES: usize = 15;
const MS_PER_SECOND: i128 = 1_000;
const SECONDS_PER_MINUTE: u128 = 60;
const SECONDS_PER_HOUR: u128 = 3_600;

/// A figure in three parts, so that a page can set the number large and its unit small.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Figure {
    /// Before the number: a currency's sign.
    pub before: String,
    /// The number.
    pub number: String,
    /// After the number: its unit.
    pub after: String,
}

impl Figure {
    fn bare(number: String) -> Figure {
        Figure { number, ..Figure::default() }
    }

    fn with_unit(number: String, unit: impl Into<String>) -> Figure {
        Figure { number, after: unit.into(), ..Figure::default() }
    }
}

impl std::fmt::Display for Figure {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(out, "{}{}", self.before, self.number)?;
        match self.after.as_str() {
            "" => Ok(()),
            unit => write!(out, "{NO_BREAK}{unit}"),
        }
    }
}

/// A value as its unit is read.
pub fn figure(value: Ratio, unit: Unit, currency: Option<&str>) -> Figure {
    match unit {
        Unit::Count => Figure::bare(count_text(value)),
        Unit::Share => Figure::with_unit(percent_text(value), "%"),
        Unit::Duration => duration(value),
        Unit::Money => money(value, currency),
        Unit::Ratio => Figure::with_unit(brief(value), ": 1"),
        Unit::PerHour => Figure::with_unit(brief(value), "an hour"),
        Unit::Score => Figure::bare(fixed(value, 1)),
    }
}

/// A sum of a measure in its own unit: `ms` as time, `money` with its currency, everything else as a number.
pub fn quantity(value: Exact, measure_unit: &str, currency: Option<&str>) -> Figure {
    let Some(ratio) = Ratio::exact(value) else { return Figure::bare(value.to_string()) };
    match measure_unit {
        "ms" => duration(ratio),
        "money" => money(ratio, currency),
        code if is_currency(code) => money(ratio, Some(currency.unwrap_or(code))),
        _ => Figure::bare(grouped(&value.to_string())),
    }
}

/// A number of things.
pub fn count(number: impl std::fmt::Display) -> String {
    grouped(&number.to_string())
}

fn is_currency(unit: &str) -> bool {
    unit.len() == 3 && unit.bytes().all(|b| b.is_ascii_uppercase())
}

/// Counts are whole; a mean of counts keeps one place.
fn count_text(value: Ratio) -> String {
    let exact = value.decimal(WORKING_PLACES);
    match exact.contains('.') {
        true => fixed(value, 1),
        false => grouped(&exact),
    }
}

/// Below 10 % the second place matters (abandonment, conversion); above it, it is noise.
fn percent_text(share: Ratio) -> String {
    match scaled(share, 100, 1) {
        Some(percent) => brief(percent),
        None => share.decimal(4),
    }
}

/// Two places below ten, one above.
fn brief(value: Ratio) -> String {
    let rounded = Exact::parse(&value.decimal(2));
    let is_small = rounded.is_some_and(|r| r < Exact::integer(10) && r > Exact::integer(-10));
    fixed(value, if is_small { 2 } else { 1 })
}

/// `4:12`; `1:04:12` from an hour on; `3.2 s` below ten seconds, where whole seconds would hide differences.
fn duration(ms: Ratio) -> Figure {
    let tenths = scaled(ms, 10, MS_PER_SECOND).and_then(whole);
    let seconds = scaled(ms, 1, MS_PER_SECOND).and_then(whole);
    let (Some(tenths), Some(seconds)) = (tenths, seconds) else {
        return Figure::with_unit(grouped(&ms.decimal(0)), "ms");
    };
    if tenths == 0 {
        return Figure::with_unit("0".to_owned(), "s");
    }
    if tenths.unsigned_abs() < 100 {
        return match scaled(ms, 1, MS_PER_SECOND) {
            Some(exact) => Figure::with_unit(fixed(exact, 1), "s"),
            None => Figure::with_unit(seconds.to_string(), "s"),
        };
    }
    let sign = if seconds < 0 { MINUS.to_string() } else { String::new() };
    let all = seconds.unsigned_abs();
    let (hours, minutes, rest) =
        (all / SECONDS_PER_HOUR, all / SECONDS_PER_MINUTE % SECONDS_PER_MINUTE, all % SECONDS_PER_MINUTE);
    Figure::bare(match hours {
        0 => format!("{sign}{minutes}:{rest:02}"),
        _ => format!("{sign}{}:{minutes:02}:{rest:02}", grouped(&hours.to_string())),
    })
}

fn money(value: Ratio, currency: Option<&str>) -> Figure {
    let number = fixed(value, 2);
    match currency {
        // The sign stands before the currency's: −£5.00.
        Some("GBP") => match number.strip_prefix(MINUS) {
            Some(rest) => {
                Figure { before: format!("{MINUS}£"), number: rest.to_owned(), after: String::new() }
            }
            None => Figure { before: "£".to_owned(), number, after: String::new() },
        },
        Some(code) => Figure::with_unit(number, code),
        None => Figure::bare(number),
    }
}

/// Exactly `places` digits after the point, grouped before it.
pub fn fixed(value: Ratio, places: usize) -> String {
    let text = value.decimal(places);
    let (whole, fraction) = text.split_once('.').unwrap_or((&text, ""));
    match places {
        0 => grouped(whole),
        _ => format!("{}.{fraction:0<places$}", grouped(whole)),
    }
}

/// The value times a whole number, over another.
fn scaled(value: Ratio, times: i64, over: i128) -> Option<Ratio> {
    Ratio::scaled(working(value)?, Exact::integer(over), times)
}

/// The value as a decimal, to go on computing with.
fn working(value: Ratio) -> Option<Exact> {
    // A very large value has no room for that many places, and no need of them.
    [WORKING_PLACES, 3].into_iter().find_map(|places| Exact::parse(&value.decimal(places)))
}

fn whole(value: Ratio) -> Option<i128> {
    value.decimal(0).parse().ok()
}

/// Digits in groups of three from the point; a minus becomes the sign of typography.
pub fn grouped(number: &str) -> String {
    let (sign, digits) = match number.strip_prefix('-') {
        Some(rest) => (MINUS.to_string(), rest),
        None => (String::new(), number),
    };
    let (whole, fraction) = match digits.split_once('.') {
        Some((whole, fraction)) => (whole, format!(".{fraction}")),
        None => (digits, String::new()),
    };
    let mut out = sign;
    for (at, digit) in whole.chars().enumerate() {
        if at > 0 && (whole.len() - at).is_multiple_of(3) {
            out.push(GROUP);
        }
        out.push(digit);
    }
    out + &fraction
}

/// A difference of two values with its sign: shares in points, everything else in its unit.
pub fn difference(value: Ratio, unit: Unit, currency: Option<&str>) -> String {
    let sign = match value.cmp(&Ratio::ZERO) {
        std::cmp::Ordering::Less => MINUS.to_string(),
        std::cmp::Ordering::Equal => String::new(),
        std::cmp::Ordering::Greater => "+".to_owned(),
    };
    let size = value.max(Ratio::ZERO.minus(value).unwrap_or(value));
    let text = match unit {
        Unit::Share => {
            let hundred = Ratio::exact(Exact::integer(100)).and_then(|h| size.times(h));
            format!("{}{NO_BREAK}points", hundred.map_or_else(|| size.to_string(), |p| fixed(p, 3)))
        }
        // A part of a count is seldom whole.
        Unit::Count => grouped(&size.decimal(3)),
        unit => figure(size, unit, currency).to_string(),
    };
    format!("{sign}{text}")
}

/// How a value moved against an earlier one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Change {
    /// Up, down or neither.
    pub sense: Sense,
    /// How far, without a sign: `0.67 points`, `12.3 %`.
    pub distance: String,
    /// It moved by less than the last digit that is shown; the distance is that digit.
    pub is_tiny: bool,
}

/// Which way a value moved.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Sense {
    /// It is larger.
    Up,
    /// It is smaller.
    Down,
    /// It is the same.
    Same,
}

/// Shares move in points, everything else in per cent of what it was. `None` when there is no telling: what was
/// zero has no per cent.
pub fn change(now: Ratio, before: Ratio, unit: Unit) -> Option<Change> {
    let difference = minus(working(now)?, working(before)?)?;
    let distance = match unit {
        Unit::Share => Ratio::scaled(difference, Exact::integer(1), 100)?,
        _ => {
            let base = working(before).filter(|b| !b.is_zero())?;
            Ratio::scaled(difference, base, 100)?
        }
    };
    let sense = match now.cmp(&before) {
        std::cmp::Ordering::Greater => Sense::Up,
        std::cmp::Ordering::Less => Sense::Down,
        std::cmp::Ordering::Equal => Sense::Same,
    };
    let (places, least, word) = if unit == Unit::Share { (2, "0.01", "points") } else { (1, "0.1", "%") };
    let rounded = fixed(distance, places).trim_start_matches(MINUS).to_owned();
    let is_tiny = sense != Sense::Same && !rounded.contains(|digit: char| ('1'..='9').contains(&digit));
    let number = if is_tiny { least } else { &rounded };
    Some(Change { sense, distance: format!("{number}{NO_BREAK}{word}"), is_tiny })
}

fn minus(a: Exact, b: Exact) -> Option<Exact> {
    let (units, scale) = b.parts();
    a.checked_add(Exact::new(units.checked_neg()?, scale)?)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ratio(text: &str, over: i128) -> Ratio {
        Ratio::of(Exact::parse(text).unwrap(), Exact::integer(over)).unwrap()
    }

    fn shown(text: &str, over: i128, unit: Unit) -> String {
        figure(ratio(text, over), unit, None).to_string().replace([GROUP, NO_BREAK], " ")
    }

    #[test]
    fn a_share_shows_two_places_below_ten_per_cent_and_one_above() {
        assert_eq!(shown("173", 10_000, Unit::Share), "1.73 %");
        assert_eq!(shown("27", 1_000, Unit::Share), "2.70 %");
        assert_eq!(shown("0", 5, Unit::Share), "0.00 %");
        assert_eq!(shown("1", 3, Unit::Share), "33.3 %");
        assert_eq!(shown("1", 1, Unit::Share), "100.0 %");
        assert_eq!(shown("99999", 1_000_000, Unit::Share), "10.0 %");
        assert_eq!(shown("-5", 100, Unit::Share), "−5.00 %");
    }

    #[test]
    fn a_duration_is_minutes_and_seconds_with_hours_only_when_there_are_some() {
        assert_eq!(shown("252000", 1, Unit::Duration), "4:12");
        assert_eq!(shown("3600000", 1, Unit::Duration), "1:00:00");
        assert_eq!(shown("3599999", 1, Unit::Duration), "1:00:00");
        assert_eq!(shown("59499", 1, Unit::Duration), "0:59");
        assert_eq!(shown("9900", 1, Unit::Duration), "9.9 s");
        assert_eq!(shown("9980", 1, Unit::Duration), "0:10");
        assert_eq!(shown("1", 3, Unit::Duration), "0 s");
        assert_eq!(shown("-61000", 1, Unit::Duration), "−1:01");
        assert_eq!(shown("5432100000000", 1, Unit::Duration), "1 508 916:40:00");
    }

    #[test]
    fn a_duration_is_rounded_once() {
        // 253.4997 s; rounding to milliseconds first would make it 253.500, and that 254.
        assert_eq!(shown("2534997", 10, Unit::Duration), "4:13");
    }

    #[test]
    fn money_carries_its_currency() {
        let fifty = ratio("20000.00", 400);
        assert_eq!(figure(fifty, Unit::Money, Some("GBP")).to_string(), "£50.00");
        assert_eq!(figure(fifty, Unit::Money, Some("EUR")).to_string(), "50.00\u{a0}EUR");
        assert_eq!(figure(ratio("-5", 1), Unit::Money, Some("GBP")).to_string(), "−£5.00");
        assert_eq!(shown("1234567.899", 1, Unit::Money), "1 234 567.90");
    }

    #[test]
    fn ratios_rates_and_counts_have_their_form() {
        assert_eq!(shown("20", 1, Unit::Ratio), "20.0 : 1");
        assert_eq!(shown("64", 10, Unit::PerHour), "6.40 an hour");
        assert_eq!(shown("453", 10, Unit::PerHour), "45.3 an hour");
        assert_eq!(shown("148210", 1, Unit::Count), "148 210");
        assert_eq!(shown("999", 1, Unit::Count), "999");
        assert_eq!(shown("-1000", 1, Unit::Count), "−1 000");
        assert_eq!(shown("862", 10, Unit::Score), "86.2");
        assert_eq!(shown("5", 2, Unit::Count), "2.5");
    }

    #[test]
    fn measures_are_shown_in_their_own_unit() {
        assert_eq!(quantity(Exact::integer(252_000), "ms", None).to_string(), "4:12");
        assert_eq!(quantity(Exact::integer(5), "money", Some("GBP")).to_string(), "£5.00");
        assert_eq!(quantity(Exact::integer(5), "EUR", None).to_string(), "5.00\u{a0}EUR");
        assert_eq!(quantity(Exact::integer(63_800), "calls", None).to_string(), "63\u{202f}800");
        assert_eq!(
            quantity(Exact::integer(i128::MAX), "calls", None)
                .number
                .chars()
                .filter(char::is_ascii_digit)
                .count(),
            39
        );
    }

    #[test]
    fn shares_move_in_points_and_the_rest_in_per_cent() {
        let text = |now: Ratio, before: Ratio, unit: Unit| {
            change(now, before, unit).map(|c| (c.sense, c.distance.replace(NO_BREAK, " ")))
        };
        assert_eq!(
            text(ratio("173", 10_000), ratio("240", 10_000), Unit::Share),
            Some((Sense::Down, "0.67 points".to_owned()))
        );
        assert_eq!(
            text(ratio("110", 1), ratio("100", 1), Unit::Count),
            Some((Sense::Up, "10.0 %".to_owned()))
        );
        assert_eq!(
            text(ratio("1", 3), ratio("2", 6), Unit::Share),
            Some((Sense::Same, "0.00 points".to_owned()))
        );
        assert_eq!(text(ratio("5", 1), ratio("0", 1), Unit::Count), None);
        assert_eq!(
            text(ratio("5", 100), ratio("0", 1), Unit::Share),
            Some((Sense::Up, "5.00 points".to_owned()))
        );
    }

    #[test]
    fn very_large_values_are_shown_without_a_panic() {
        let large = Ratio::exact(Exact::integer(i128::MAX)).unwrap();
        for unit in Unit::ALL {
            assert!(!figure(large, unit, Some("GBP")).to_string().is_empty());
        }
        assert_eq!(change(large, ratio("1", 1), Unit::Count), None);
    }
}

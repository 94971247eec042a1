//! What the values of a column look like.

use crate::values::{
    DAY_US, Decimal, Moment, Number, Pattern, Signs, clock_ms, is_sensible, read_iso, whole,
};

/// Texts that stand for nothing wherever they occur.
pub const NOTHINGS: [&str; 5] = ["NULL", "null", "\\N", "0000-00-00 00:00:00", "0000-00-00"];

/// Texts that stand for nothing among numbers and times.
pub const DOUBTFUL_NOTHINGS: [&str; 7] = ["N/A", "n/a", "NA", "None", "none", "-", "--"];

/// Of a hundred values, how many must fit a shape.
const ENOUGH_PER_CENT: usize = 98;

/// Shape of a column's values.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Shape {
    /// No value in the sample.
    Empty,
    /// Whole numbers, with the least and the greatest.
    Whole(i64, i64),
    /// Decimals, written with these signs.
    Decimal(Signs),
    /// `h:mm:ss` or `mm:ss`: a duration, or a time of day; says whether all are below 24 hours.
    Clock(bool),
    /// Dates with or without a time.
    Moment(Style),
    /// `true` and `false`, `yes` and `no`, `Y` and `N`.
    Bool,
    /// Texts: how many different ones, of how many.
    Text(usize, usize),
}

/// How dates and times are written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Style {
    /// Word of `as` in a mapping; `None` for ISO 8601.
    pub read_as: Option<String>,
    /// What the values state.
    pub states: States,
    /// Day and month could be the other way round.
    pub doubtful: bool,
}

impl Style {
    /// Months, which stand for their first days.
    pub fn is_month(&self) -> bool {
        self.read_as.as_ref().is_some_and(|pattern| MONTHS.contains(&pattern.as_str()))
    }
}

/// What a moment states.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum States {
    /// An instant: with zone or offset.
    Instant,
    /// A local date and time.
    Local,
    /// A date.
    Day,
}

/// The shape of values, none of which is empty.
pub fn shape_of(values: &[&str]) -> Shape {
    let Some(first) = values.first() else { return Shape::Empty };
    let distinct = values.iter().collect::<std::collections::HashSet<_>>().len();
    let text = Shape::Text(distinct, values.len());
    if first.len() > 64 {
        return text;
    }
    if let Some(numbers) = most(values, |v| match whole(v, Signs::Plain) {
        Number::Is(n, _) => Some(n),
        _ => None,
    }) {
        return Shape::Whole(
            numbers.iter().copied().min().unwrap_or(0),
            numbers.iter().copied().max().unwrap_or(0),
        );
    }
    // Where both fit, every comma stands before three digits: those are thousands far oftener than thousandths.
    for signs in [Signs::Plain, Signs::Point, Signs::Comma] {
        if most(values, |v| Decimal::read(v, signs)).is_some() {
            return Shape::Decimal(signs);
        }
    }
    if let Some(clocks) = most(values, |v| match clock_ms(v) {
        Number::Is(ms, _) => Some(ms),
        _ => None,
    }) {
        return Shape::Clock(clocks.iter().all(|ms| (0..86_400_000).contains(ms)));
    }
    if let Some(style) = style_of(values) {
        return Shape::Moment(style);
    }
    let words = ["true", "false", "yes", "no", "y", "n"];
    if distinct <= 4
        && most(values, |v| words.contains(&v.to_ascii_lowercase().as_str()).then_some(())).is_some()
    {
        return Shape::Bool;
    }
    text
}

/// The results for the values that give one, when nearly all do.
fn most<T>(values: &[&str], read: impl Fn(&str) -> Option<T>) -> Option<Vec<T>> {
    let allowed = values.len() * (100 - ENOUGH_PER_CENT) / 100;
    let mut failed = 0;
    let mut results = Vec::with_capacity(values.len());
    for value in values {
        match read(value) {
            Some(result) => results.push(result),
            None => failed += 1,
        }
        if failed > allowed {
            return None;
        }
    }
    Some(results)
}

/// How dates and times are written, if the values are such.
fn style_of(values: &[&str]) -> Option<Style> {
    if let Some(moments) = most(values, read_iso) {
        return Some(Style { read_as: None, states: least(&moments), doubtful: false });
    }
    if most(values, |v| jiff::fmt::rfc2822::parse(v).ok()).is_some() {
        return Some(Style { read_as: Some("rfc2822".into()), states: States::Instant, doubtful: false });
    }
    let fitting = |date: &str| {
        TIMES.iter().find_map(|time| {
            let text = format!("{date}{time}");
            let pattern = Pattern::new(&text).ok()?;
            let moments = most(values, |v| pattern.read(v)).filter(|moments| make_sense(moments))?;
            Some((text, least(&moments)))
        })
    };
    for (date, reversed) in DATES {
        if let Some((text, states)) = fitting(date) {
            let doubtful = reversed.is_some_and(|other| fitting(other).is_some());
            // A clock with am and pm goes with months first.
            let american = doubtful && text.contains("%p");
            let text = match reversed.filter(|_| american) {
                Some(other) => text.replacen(date, other, 1),
                None => text,
            };
            return Some(Style { read_as: Some(text), states, doubtful });
        }
    }
    let (month, states) = MONTHS.iter().find_map(|month| fitting(month))?;
    Some(Style { read_as: Some(month), states, doubtful: false })
}

/// The style of dates without separators, such as `990201` or `20260201`; these are whole numbers by shape.
pub fn compact_day(values: &[&str]) -> Option<Style> {
    for (pattern, length) in [("%Y%m%d", 8), ("%y%m%d", 6)] {
        let Ok(compiled) = Pattern::new(pattern) else { continue };
        let reads = |v: &str| if v.len() == length { compiled.read(v) } else { None };
        if most(values, reads).is_some_and(|moments| make_sense(&moments)) {
            return Some(Style { read_as: Some(pattern.into()), states: States::Day, doubtful: false });
        }
    }
    None
}

/// Whether at least half of several moments are such as a call centre can have recorded. `%Y` reads `26` as the
/// year 26 just as well, so a pattern that can read a text is not yet the one that it was written in.
fn make_sense(moments: &[Moment]) -> bool {
    let sensible = |moment: &&Moment| match moment {
        Moment::Instant(at_us) => is_sensible(*at_us),
        Moment::Local(wall) | Moment::LocalIn(wall, _) => is_sensible(wall.0),
        Moment::Day(day) => is_sensible(day.saturating_mul(DAY_US)),
    };
    !moments.is_empty() && moments.iter().filter(sensible).count() * 2 >= moments.len()
}

/// The pattern of times of day without a date.
pub fn time_of_day(values: &[&str]) -> Option<&'static str> {
    ["%H:%M:%S", "%H:%M", "%I:%M:%S %p", "%I:%M %p", "%H:%M:%S%.f"].into_iter().find(|time| {
        let pattern = Pattern::new(&format!("%Y-%m-%d {time}"));
        pattern.is_ok_and(|p| {
            !values.is_empty() && most(values, |v| p.read(&format!("2026-01-02 {v}"))).is_some()
        })
    })
}

/// Numbers as an epoch: the word of `as`, when all values but zeros lie between 1990 and 2100.
pub fn epoch(values: &[&str]) -> Option<&'static str> {
    const FROM_S: i128 = 631_152_000;
    const UNTIL_S: i128 = 4_102_444_800;
    [("epoch_s", 0_u8, 1_i128), ("epoch_ms", 0, 1000), ("epoch_us", 0, 1_000_000)].into_iter().find_map(
        |(word, places, unit)| {
            let within = |v: &str| {
                let units = Decimal::plain(v)?.floor(places)?;
                (units == 0 || (FROM_S * unit..UNTIL_S * unit).contains(&units)).then_some(units)
            };
            let units = most(values, within)?;
            units.iter().any(|u| *u != 0).then_some(word)
        },
    )
}

/// What all of several moments state at least.
fn least(moments: &[Moment]) -> States {
    if moments.iter().any(|m| matches!(m, Moment::Local(_))) {
        States::Local
    } else if moments.iter().all(|m| matches!(m, Moment::Day(_))) {
        States::Day
    } else if moments.iter().all(|m| matches!(m, Moment::Instant(_) | Moment::LocalIn(..))) {
        States::Instant
    } else {
        States::Local
    }
}

/// Dates, and the same with day and month the other way round.
const DATES: [(&str, Option<&str>); 18] = [
    ("%d/%m/%Y", Some("%m/%d/%Y")),
    ("%m/%d/%Y", None),
    ("%Y/%m/%d", None),
    ("%d.%m.%Y", None),
    ("%d-%m-%Y", Some("%m-%d-%Y")),
    ("%m-%d-%Y", None),
    ("%d/%m/%y", Some("%m/%d/%y")),
    ("%m/%d/%y", None),
    ("%d.%m.%y", None),
    ("%d-%m-%y", None),
    ("%Y.%m.%d", None),
    ("%d-%b-%Y", None),
    ("%d-%b-%y", None),
    ("%d %b %Y", None),
    ("%d %b %y", None),
    ("%b %d, %Y", None),
    ("%b %d %Y", None),
    ("%a %b %d %Y", None),
];

/// Months, for costs and plans.
const MONTHS: [&str; 3] = ["%Y-%m", "%m/%Y", "%b %Y"];

const TIMES: [&str; 10] = [
    "",
    " %H:%M:%S",
    " %H:%M",
    " %I:%M:%S %p",
    " %I:%M %p",
    " %H:%M:%S%.f",
    ", %H:%M:%S",
    ", %H:%M",
    ", %I:%M:%S %p",
    "T%H:%M:%S",
];

#[cfg(test)]
mod tests {
    use super::*;

    fn style(read_as: Option<&str>, states: States, doubtful: bool) -> Shape {
        Shape::Moment(Style { read_as: read_as.map(str::to_owned), states, doubtful })
    }

    #[test]
    fn shapes_are_told_from_values() {
        for (values, wanted) in [
            (&["1", "-20", "3.0"][..], Shape::Whole(-20, 3)),
            (&["1.5", "2"], Shape::Decimal(Signs::Plain)),
            (&["1.234,5", "2"], Shape::Decimal(Signs::Comma)),
            (&["1,234.5", "950.00"], Shape::Decimal(Signs::Point)),
            (&["1,234", "12,500"], Shape::Decimal(Signs::Point)),
            (&["1,234", "12,50"], Shape::Decimal(Signs::Comma)),
            (&["0:02:46", "23:59:59"], Shape::Clock(true)),
            (&["0:02:46", "40:00:00"], Shape::Clock(false)),
            (&["Yes", "no"], Shape::Bool),
            (&["SALE", "NI", "SALE"], Shape::Text(2, 3)),
            (&[], Shape::Empty),
            (&["2026-01-01 10:00:00"], style(None, States::Local, false)),
            (&["2026-01-01T10:00:00Z"], style(None, States::Instant, false)),
            (&["2026-01-01"], style(None, States::Day, false)),
            (&["31/01/2026 10:00", "01/02/2026 9:05"], style(Some("%d/%m/%Y %H:%M"), States::Local, false)),
            (&["01/31/2026 10:00"], style(Some("%m/%d/%Y %H:%M"), States::Local, false)),
            (&["01/02/2026 10:00"], style(Some("%d/%m/%Y %H:%M"), States::Local, true)),
            (&["1/2/2026 10:00:00 AM"], style(Some("%m/%d/%Y %I:%M:%S %p"), States::Local, true)),
            (&["13/04/26 9:03 AM"], style(Some("%d/%m/%y %I:%M %p"), States::Local, false)),
            (&["02/28/26"], style(Some("%m/%d/%y"), States::Day, false)),
            (&["28.2.26 10:00"], style(Some("%d.%m.%y %H:%M"), States::Local, false)),
            (&["2026-10", "2026-11"], style(Some("%Y-%m"), States::Day, false)),
            (&["02-Nov-26"], style(Some("%d-%b-%y"), States::Day, false)),
            (&["02 Nov 26"], style(Some("%d %b %y"), States::Day, false)),
            (&["01/01/0001", "13/04/2026"], style(Some("%d/%m/%Y"), States::Day, false)),
            (&["2020/2/10 22:41"], style(Some("%Y/%m/%d %H:%M"), States::Local, false)),
            (&["Fri, 18 Oct 2019 17:02:00 +0000"], style(Some("rfc2822"), States::Instant, false)),
        ] {
            assert_eq!(shape_of(values), wanted, "{values:?}");
        }
    }

    #[test]
    fn numbers_are_looked_at_again_where_a_time_is_wanted() {
        assert_eq!(compact_day(&["990201", "990228"]).and_then(|s| s.read_as).as_deref(), Some("%y%m%d"));
        assert_eq!(compact_day(&["20260201"]).and_then(|s| s.read_as).as_deref(), Some("%Y%m%d"));
        assert_eq!(compact_day(&["990231"]), None);
        assert_eq!(compact_day(&["12051201"]), None, "the year 1205");
        assert_eq!(epoch(&["1690336292", "0"]), Some("epoch_s"));
        assert_eq!(epoch(&["1690336292.5"]), Some("epoch_s"));
        assert_eq!(epoch(&["1690336292000"]), Some("epoch_ms"));
        assert_eq!(epoch(&["1690336292000000"]), Some("epoch_us"));
        assert_eq!(epoch(&["166"]), None);
        assert_eq!(time_of_day(&["7:02:47", "23:10:00"]), Some("%H:%M:%S"));
        assert_eq!(time_of_day(&["9:15", "14:30"]), Some("%H:%M"));
        assert_eq!(time_of_day(&["25:00:00"]), None);
    }
}

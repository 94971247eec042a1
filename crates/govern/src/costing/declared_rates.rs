//! `[rate.NAME]`: what one unit of a currency was worth in another, day by day, and who says so.

use dialmark_metrics::Ratio;
use dialmark_model::declared::Section;
use jiff::civil::Date;

use crate::reading;
use crate::statement::ExchangeRate;
use crate::value;

/// The rates of all sections `[rate.NAME]` of `roots`, by currencies and day. What is wrong with one is reported, and
/// then it is not there; a second value for a day is an error, for nobody could say which of them counts.
pub(crate) fn read_all(roots: &[Section<'_>]) -> Vec<ExchangeRate> {
    let mut all: Vec<(ExchangeRate, String)> = Vec::new();
    for (_, section) in roots.iter().flat_map(|root| root.named_sections("rate")) {
        for (rate, place) in read(&section) {
            let is_same = |other: &&(ExchangeRate, String)| {
                (&other.0.from, &other.0.to, other.0.day) == (&rate.from, &rate.to, rate.day)
            };
            match all.iter().find(is_same) {
                None => all.push((rate, place)),
                // Written twice, it says the same.
                Some((first, _)) if first.rate == rate.rate => {}
                Some((first, first_place)) => section.error(
                    "by_day",
                    format!(
                        "the rate from {} to {} of {} is {} here and {} in {first_place}.",
                        rate.from, rate.to, rate.day, rate.rate, first.rate
                    ),
                    Some("Remove the one that was not agreed upon.".to_owned()),
                ),
            }
        }
    }
    let mut rates: Vec<ExchangeRate> = all.into_iter().map(|(rate, _)| rate).collect();
    rates.sort_by(|a, b| (&a.from, &a.to, a.day).cmp(&(&b.from, &b.to, b.day)));
    rates
}

/// The rates of one section, each with its place.
fn read(section: &Section<'_>) -> Vec<(ExchangeRate, String)> {
    let (from, to) = (reading::currency(section, "from"), reading::currency(section, "to"));
    let source = section.required_text("source", "who says so, such as the bank whose rates were agreed on");
    let mut days = Vec::new();
    match section.section("by_day") {
        Some(inner) => {
            inner.has_free_keys();
            let place = |key: &str| format!("{}:{}", inner.file(), inner.line_of(key));
            days.extend(inner.keys().filter_map(|key| Some((day(&inner, key)?, place(key)))));
        }
        None if section.has("by_day") => {}
        None => {
            reading::missing(section, "by_day", "a rate a day, such as `by_day = { 2026-10-30 = 0.7588 }`")
        }
    }
    section.finish();
    let (Some(from), Some(to), Some(source)) = (from, to, source) else { return Vec::new() };
    if from == to {
        section.error(
            "to",
            format!("this is a rate from {from} to itself."),
            Some("Name another currency.".to_owned()),
        );
        return Vec::new();
    }
    let rate = |(day, rate)| ExchangeRate {
        from: from.clone(),
        to: to.clone(),
        day,
        rate,
        source: Some(source.clone()),
    };
    days.into_iter().map(|(one, place)| (rate(one), place)).collect()
}

/// One day with its rate.
fn day(section: &Section<'_>, key: &str) -> Option<(Date, Ratio)> {
    let rate = value::number(section, key);
    let Ok(day) = key.parse::<Date>() else {
        section.error(key, format!("`{key}` is no day."), Some("Write it as `2026-10-30`.".to_owned()));
        return None;
    };
    let rate = rate?;
    if rate <= Ratio::ZERO {
        section.error(key, format!("the rate of {day} is {rate}, which is not above zero."), None);
        return None;
    }
    Some((day, rate))
}

#[cfg(test)]
mod tests {
    use super::*;
    use dialmark_model::declared::{Document, Problems};
    use jiff::civil::date;

    fn read(text: &str) -> (Vec<ExchangeRate>, Vec<String>) {
        let problems = Problems::new();
        let document = Document::parse("costs/rates.toml", text, &problems).unwrap();
        let rates = read_all(&[document.root(&problems)]);
        (rates, problems.into_vec().iter().map(ToString::to_string).collect())
    }

    #[test]
    fn rates_are_read_from_their_text_with_day_and_source() {
        let text = "\
[rate.dollars]
from   = \"USD\"
to     = \"GBP\"
source = \"Bank of England\"
[rate.dollars.by_day]
2026-10-30 = 0.75880000000000000001
2026-09-30 = \"0.7641\"
";
        let (rates, problems) = read(text);
        assert_eq!(problems, Vec::<String>::new());
        let told: Vec<(Date, Ratio)> = rates.iter().map(|rate| (rate.day, rate.rate)).collect();
        let exact = |text: &str| Ratio::parse(text).unwrap();
        assert_eq!(
            told,
            [
                (date(2026, 9, 30), exact("0.7641")),
                (date(2026, 10, 30), exact("75880000000000000001/100000000000000000000"))
            ]
        );
        assert!(rates.iter().all(|rate| rate.source.as_deref() == Some("Bank of England")));
    }

    #[test]
    fn what_is_wrong_with_rates_is_said_with_its_line() {
        let text = "\
[rate.a]
from   = \"USD\"
to     = \"GBP\"
source = \"A\"
[rate.a.by_day]
2026-10-30 = 0.75
2026-02-30 = 0.75
2026-10-29 = 0
[rate.b]
from   = \"USD\"
to     = \"GBP\"
source = \"B\"
by_day = { 2026-10-30 = 0.76 }
[rate.c]
from   = \"GBP\"
to     = \"GBP\"
source = \"C\"
by_day = { 2026-10-30 = 1 }
[rate.d]
from   = \"pounds\"
";
        let (rates, problems) = read(text);
        assert_eq!(rates.len(), 1);
        assert_eq!(
            problems,
            [
                "error: costs/rates.toml:7: rate.a.by_day.2026-02-30: `2026-02-30` is no day. Write it as `2026-10-30`.",
                "error: costs/rates.toml:8: rate.a.by_day.2026-10-29: the rate of 2026-10-29 is 0, which is not above zero.",
                "error: costs/rates.toml:13: rate.b.by_day: the rate from USD to GBP of 2026-10-30 is 0.76 here and 0.75 in costs/rates.toml:6. Remove the one that was not agreed upon.",
                "error: costs/rates.toml:16: rate.c.to: this is a rate from GBP to itself. Name another currency.",
                "error: costs/rates.toml:19: rate.d: `to` is missing. Add `to = \"...\"`: the code of the currency, such as `EUR`.",
                "error: costs/rates.toml:19: rate.d: `source` is missing. Add `source = \"...\"`: who says so, such as the bank whose rates were agreed on.",
                "error: costs/rates.toml:19: rate.d: `by_day` is missing. Add `by_day`: a rate a day, such as `by_day = { 2026-10-30 = 0.7588 }`.",
                "error: costs/rates.toml:20: rate.d.from: `pounds` is no code of a currency. Write the three capital letters of ISO 4217, such as `EUR`.",
            ]
        );
    }
}

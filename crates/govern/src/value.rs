//! Values as people write them in declarations: `0.052`, `"5.2 %"`, `"4min 30s"`, always exact.

use dialmark_metrics::metric::Unit;
use dialmark_metrics::{Exact, Ratio};
use dialmark_model::declared::{Section, Value};
use dialmark_model::duration_text;

/// A value, or a part of another value.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Written {
    /// As it is, in the unit of its metric (milliseconds for durations).
    Plain(Ratio),
    /// A part of something, written in per cent.
    Part(Ratio),
}

/// The value under `key` in the unit of a metric: for shares a per cent is a hundredth, for durations a text such as
/// `4min 30s` is milliseconds. What is neither is reported.
pub(crate) fn of_unit(section: &Section<'_>, key: &str, unit: Unit) -> Option<Ratio> {
    match written(section, key, unit)? {
        Written::Plain(value) => Some(value),
        Written::Part(part) if unit == Unit::Share => Some(part),
        Written::Part(_) => {
            section.error(
                key,
                "a per cent is no value of this metric, which is not a share.",
                Some(format!("Write it as a {}.", example(unit))),
            );
            None
        }
    }
}

/// The value under `key`, in the metric's unit or in per cent of something.
pub(crate) fn written(section: &Section<'_>, key: &str, unit: Unit) -> Option<Written> {
    if !section.has(key) {
        // Asked for all the same, so that a misspelt key is compared with it.
        section.text(key);
        section.decimal(key);
        return None;
    }
    let text = match &section.node(key)?.value {
        Value::Text(text) => text.clone(),
        Value::Integer(_) | Value::Decimal(_) => section.decimal(key)?,
        _ => return refuse(section, key, unit),
    };
    let trimmed = text.trim();
    if let Some(per_cent) = trimmed.strip_suffix('%') {
        let hundredth = Ratio::parse(per_cent.trim()).and_then(|v| v.over(Ratio::parse("100")?));
        return hundredth.map(Written::Part).or_else(|| refuse(section, key, unit));
    }
    if let Some(value) = Ratio::parse(trimmed) {
        return Some(Written::Plain(value));
    }
    if unit == Unit::Duration
        && let Some(ms) = milliseconds(trimmed)
    {
        return Ratio::exact(Exact::integer(ms)).map(Written::Plain);
    }
    refuse(section, key, unit)
}

/// A share under `key`, such as `0.4` or `"40 %"`.
pub(crate) fn share(section: &Section<'_>, key: &str) -> Option<Ratio> {
    of_unit(section, key, Unit::Share)
}

/// An amount or a plain number under `key`, read from its text.
pub(crate) fn number(section: &Section<'_>, key: &str) -> Option<Ratio> {
    of_unit(section, key, Unit::Count)
}

/// A length such as `4min 30s` or `4 min 30 s`: parts, each with its unit.
fn milliseconds(text: &str) -> Option<i128> {
    let mut words = text.split_whitespace();
    let mut sum = 0_i128;
    while let Some(word) = words.next() {
        let is_number = word.bytes().all(|byte| byte.is_ascii_digit());
        let part = if is_number { format!("{word} {}", words.next()?) } else { word.to_owned() };
        sum = sum.checked_add(i128::from(duration_text::parse_ms(&part).ok()?))?;
    }
    Some(sum)
}

fn refuse<T>(section: &Section<'_>, key: &str, unit: Unit) -> Option<T> {
    section.error(key, "this is not a value.", Some(format!("Write it as a {}.", example(unit))));
    None
}

const fn example(unit: Unit) -> &'static str {
    match unit {
        Unit::Share => "share such as `0.052` or `\"5.2 %\"`",
        Unit::Duration => "length of time such as `\"4min 30s\"`",
        Unit::Money => "sum such as `12.50`",
        Unit::Count | Unit::Ratio | Unit::PerHour | Unit::Score => "number such as `12.5`",
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use dialmark_model::declared::{Document, Problems};

    fn read(text: &str, unit: Unit) -> Result<Ratio, String> {
        let problems = Problems::new();
        let document = Document::parse("a.toml", text, &problems).unwrap();
        let value = of_unit(&document.root(&problems), "a", unit);
        value.ok_or_else(|| problems.into_vec().first().map(|p| p.message.clone()).unwrap_or_default())
    }

    #[test]
    fn values_are_read_as_people_write_them() {
        let ratio = |text: &str| Ok(Ratio::parse(text).unwrap());
        assert_eq!(read("a = 0.052", Unit::Share), ratio("0.052"));
        assert_eq!(read("a = \"5.2 %\"", Unit::Share), ratio("0.052"));
        assert_eq!(read("a = \"4min 30s\"", Unit::Duration), ratio("270000"));
        assert_eq!(read("a = \"4 min 30 s\"", Unit::Duration), ratio("270000"));
        assert_eq!(read("a = 270000", Unit::Duration), ratio("270000"));
        assert_eq!(read("a = 12", Unit::Count), ratio("12"));
        assert!(read("a = \"5 %\"", Unit::Duration).is_err());
        assert!(read("a = \"soon\"", Unit::Duration).is_err());
        assert!(read("a = true", Unit::Count).is_err());
    }
}

//! Metrics: named definitions over measures, each in one or more rival variants.

use std::collections::BTreeMap;
use std::fmt;

use crate::exact::Exact;
use serde::Serialize;

/// A named definition.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Metric {
    /// Name, as in `[metric.NAME]`.
    pub id: String,
    /// Name to show.
    pub label: String,
    /// One sentence.
    pub about: String,
    /// How the value is to be read and shown.
    pub unit: Unit,
    /// Which way is better.
    pub direction: Direction,
    /// Predicts or confirms.
    pub signal: Option<Signal>,
    /// Metrics that move this one.
    pub drivers: Vec<String>,
    /// Metrics that must not get worse while this one improves.
    pub guards: Vec<String>,
    /// Defaults of the parameters.
    pub params: Params,
    /// Rival definitions, in the order of writing; never empty.
    pub variants: Vec<Variant>,
    /// Name of the variant that is meant when none is named.
    pub default: String,
    /// File in which it is declared.
    pub declared_in: String,
}

impl Metric {
    /// The variant of this name, or the default.
    pub fn variant(&self, name: Option<&str>) -> Option<&Variant> {
        let wanted = name.unwrap_or(&self.default);
        self.variants.iter().find(|v| v.id == wanted)
    }
}

/// One definition of a metric.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Variant {
    /// Name, as in `[metric.M.variant.NAME]`; `standard` when a metric has only one.
    pub id: String,
    /// What sets it apart, in a sentence.
    pub about: String,
    /// Who defines it so.
    pub source: Option<String>,
    /// The formula.
    pub formula: Formula,
    /// A worked example that is a test.
    pub example: Option<Example>,
}

/// How a value comes from measures.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Formula {
    /// The measure itself.
    Simple {
        /// The measure.
        measure: String,
    },
    /// One measure over another.
    Ratio {
        /// What is divided.
        numerator: String,
        /// What it is divided by.
        denominator: String,
        /// Factor of the last division, such as 3,600,000 for "per hour" over milliseconds.
        times: i64,
    },
}

impl Formula {
    /// Measures that it needs.
    pub fn measures(&self) -> impl Iterator<Item = &str> {
        let (a, b) = match self {
            Formula::Simple { measure } => (measure.as_str(), None),
            Formula::Ratio { numerator, denominator, .. } => (numerator.as_str(), Some(denominator.as_str())),
        };
        std::iter::once(a).chain(b)
    }

    /// Its kind in the catalogue.
    pub const fn kind(&self) -> &'static str {
        match self {
            Formula::Simple { .. } => "simple",
            Formula::Ratio { .. } => "ratio",
        }
    }
}

/// How a value is to be read and shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Unit {
    /// A number of things.
    Count,
    /// A share, 0 to 1, shown in per cent.
    Share,
    /// Milliseconds, shown as minutes and seconds.
    Duration,
    /// Money.
    Money,
    /// So many to one.
    Ratio,
    /// So many an hour.
    PerHour,
    /// Points of a score.
    Score,
}

impl Unit {
    /// All units.
    pub const ALL: [Unit; 7] =
        [Unit::Count, Unit::Share, Unit::Duration, Unit::Money, Unit::Ratio, Unit::PerHour, Unit::Score];

    /// The word in the catalogue.
    pub const fn word(self) -> &'static str {
        match self {
            Unit::Count => "count",
            Unit::Share => "share",
            Unit::Duration => "duration",
            Unit::Money => "money",
            Unit::Ratio => "ratio",
            Unit::PerHour => "per_hour",
            Unit::Score => "score",
        }
    }
}

/// Which way is better.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Direction {
    /// More is better.
    Up,
    /// Less is better.
    Down,
    /// Neither: a target or a band decides.
    Neither,
}

impl Direction {
    /// All directions.
    pub const ALL: [Direction; 3] = [Direction::Up, Direction::Down, Direction::Neither];

    /// The word in the catalogue.
    pub const fn word(self) -> &'static str {
        match self {
            Direction::Up => "up",
            Direction::Down => "down",
            Direction::Neither => "neither",
        }
    }
}

/// Predicts or confirms.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Signal {
    /// Predicts.
    Leading,
    /// Confirms.
    Lagging,
}

/// Parameters of a metric: whole numbers; durations are milliseconds.
#[derive(Debug, Clone, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
pub struct Params(pub BTreeMap<String, i64>);

impl Params {
    /// These, with `other` on top.
    pub fn overridden_by(&self, other: &Params) -> Params {
        let mut all = self.0.clone();
        all.extend(other.0.iter().map(|(k, v)| (k.clone(), *v)));
        Params(all)
    }
}

/// A worked example: records that a person can count, and the value that must come out.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Example {
    /// The example in words.
    pub says: String,
    /// Groups of equal records.
    pub records: Vec<ExampleRecords>,
    /// The value, or one value a group when `by` is set.
    pub values: Vec<(Option<String>, Exact)>,
    /// Dimension that the values are broken out by.
    pub by: Option<String>,
}

/// So many equal records of one table.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ExampleRecords {
    /// How many.
    pub times: u32,
    /// Of which table.
    pub table: String,
    /// Column and text, as a source would deliver it. Dispositions are given as `outcome`.
    pub fields: Vec<(String, String)>,
}

/// A metric as a question names it: `aht`, `aht/talk`, `service_level/offered{threshold=10s}`.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct MetricRef {
    /// The metric.
    pub metric: String,
    /// The variant; `None` for the project's choice.
    pub variant: Option<String>,
    /// Parameters that differ from the defaults.
    pub params: Params,
}

impl MetricRef {
    /// The metric with its default variant and parameters.
    pub fn new(metric: &str) -> MetricRef {
        MetricRef { metric: metric.to_owned(), variant: None, params: Params::default() }
    }

    /// Reads `metric[/variant][{param=value,...}]`.
    pub fn parse(text: &str) -> Result<MetricRef, String> {
        let text = text.trim();
        let (head, params) = match text.split_once('{') {
            None => (text, Params::default()),
            Some((head, rest)) => {
                let inner =
                    rest.strip_suffix('}').ok_or_else(|| format!("`{text}` lacks a closing brace."))?;
                (head, parse_params(inner)?)
            }
        };
        let (metric, variant) = match head.split_once('/') {
            None => (head, None),
            Some((metric, variant)) => (metric, Some(variant.to_owned())),
        };
        let is_name =
            |name: &str| !name.is_empty() && name.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_');
        if !is_name(metric) || variant.as_deref().is_some_and(|v| !is_name(v)) {
            return Err(format!(
                "`{text}` is not a metric. Write `metric`, `metric/variant` or `metric/variant{{param=value}}`."
            ));
        }
        Ok(MetricRef { metric: metric.to_owned(), variant, params })
    }

    /// Reads several, separated by commas outside braces.
    pub fn parse_list(text: &str) -> Result<Vec<MetricRef>, String> {
        let mut parts = Vec::new();
        let (mut depth, mut start) = (0_i32, 0);
        for (at, c) in text.char_indices() {
            match c {
                '{' => depth += 1,
                '}' => depth -= 1,
                ',' if depth == 0 => {
                    parts.push(&text[start..at]);
                    start = at + 1;
                }
                _ => {}
            }
        }
        parts.push(&text[start..]);
        parts.into_iter().map(MetricRef::parse).collect()
    }
}

/// Reads `name=value,...`; a value is a whole number or a duration.
fn parse_params(text: &str) -> Result<Params, String> {
    let mut params = BTreeMap::new();
    for part in text.split(',').filter(|p| !p.trim().is_empty()) {
        let (name, value) =
            part.split_once('=').ok_or_else(|| format!("`{part}` should read `name=value`."))?;
        params.insert(name.trim().to_owned(), parse_param(value.trim())?);
    }
    Ok(Params(params))
}

/// A whole number as it is, a duration in milliseconds.
pub(crate) fn parse_param(text: &str) -> Result<i64, String> {
    if let Ok(number) = text.parse::<i64>() {
        return Ok(number);
    }
    let ms = dialmark_model::duration_text::parse_ms(text).map_err(|e| e.to_string())?;
    i64::try_from(ms).map_err(|_| format!("`{text}` is too long."))
}

impl fmt::Display for MetricRef {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(&self.metric)?;
        if let Some(variant) = &self.variant {
            write!(out, "/{variant}")?;
        }
        if !self.params.0.is_empty() {
            let inner: Vec<String> = self.params.0.iter().map(|(k, v)| format!("{k}={v}")).collect();
            write!(out, "{{{}}}", inner.join(","))?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn references_are_read_and_written() {
        let list =
            MetricRef::parse_list("aht,service_level/offered{threshold=10s},fcr{window=7d,grace=0}").unwrap();
        let written: Vec<String> = list.iter().map(ToString::to_string).collect();
        assert_eq!(
            written,
            ["aht", "service_level/offered{threshold=10000}", "fcr{grace=0,window=604800000}"]
        );
        for bad in ["", "a b", "aht/", "aht{threshold", "aht{threshold}", "aht{threshold=1x}", "/x"] {
            assert!(MetricRef::parse(bad).is_err(), "{bad}");
        }
    }
}

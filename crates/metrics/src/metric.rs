//! Metrics: named definitions over measures, each in one or more rival variants.

mod example;
mod formula;
mod guide;

use std::collections::BTreeMap;
use std::fmt;

use dialmark_model::validity::Days;
use serde::Serialize;

pub use example::{Example, ExampleRecords, Expected};
pub use formula::{Formula, Method, Statistic, Window};
pub use guide::{Guide, Level, Symptom};

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
    /// Where in the work it is measured.
    pub process: Option<Process>,
    /// Which view of a balanced scorecard it belongs to.
    pub perspective: Option<Perspective>,
    /// Groups of metrics that a kind of work looks at, such as `sales_development`.
    pub groups: Vec<String>,
    /// Metrics that move this one.
    pub drivers: Vec<String>,
    /// Metrics that must not get worse while this one improves.
    pub guards: Vec<String>,
    /// Defaults of the parameters.
    pub params: Params,
    /// Rival definitions, in the order of writing; never empty.
    pub variants: Vec<Variant>,
    /// Name of the variant that is meant when none is named, today.
    pub default: String,
    /// The variants that were meant on earlier days as well; empty when the choice never changed.
    pub choices: Vec<Choice>,
    /// What a manager should know about it.
    pub guide: Option<Guide>,
    /// File in which it is declared.
    pub declared_in: String,
    /// Line of the declaration.
    pub line: usize,
}

/// The variant that is meant on some days.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Choice {
    /// Its name.
    pub variant: String,
    /// The days.
    pub days: Days,
}

impl Metric {
    /// The variants that are meant when none is named, each with its days; one for all days unless the choice changed.
    pub fn meant(&self) -> Vec<Choice> {
        match self.choices.is_empty() {
            true => vec![Choice { variant: self.default.clone(), days: Days::ALL }],
            false => self.choices.clone(),
        }
    }

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
    /// Where a call counts; `None` for what its measures say themselves.
    pub count_at: Option<CountAt>,
    /// Parameters in which it differs from the metric.
    pub params: Params,
    /// Metrics that multiply to this one, from the first step of the work to the last; empty where none are declared.
    pub factors: Vec<MetricRef>,
    /// A worked example that is a test.
    pub example: Option<Example>,
    /// Line of the declaration.
    pub line: usize,
}

impl Variant {
    /// Metrics that multiply to this one: those that are declared, else those of a formula that is a product of metrics alone.
    /// Empty where it is no product.
    pub fn chain(&self) -> Vec<MetricRef> {
        let of_formula = match &self.formula {
            Formula::Derived(arithmetic) => arithmetic.product(),
            _ => None,
        };
        match self.factors.is_empty() {
            true => of_formula.unwrap_or_default(),
            false => self.factors.clone(),
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

/// Where in the work a metric is measured.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Process {
    /// What goes in: leads, hours, money.
    Input,
    /// How the work is done.
    Process,
    /// What comes out of it directly.
    Output,
    /// What it was done for.
    Outcome,
}

impl Process {
    /// All, with their words.
    pub const ALL: [(&'static str, Process); 4] = [
        ("input", Process::Input),
        ("process", Process::Process),
        ("output", Process::Output),
        ("outcome", Process::Outcome),
    ];
}

/// The view of a balanced scorecard.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Perspective {
    /// Money.
    Financial,
    /// What customers and clients see.
    Customer,
    /// How the work is done.
    Internal,
    /// People, skill and change.
    Learning,
}

impl Perspective {
    /// All, with their words.
    pub const ALL: [(&'static str, Perspective); 4] = [
        ("financial", Perspective::Financial),
        ("customer", Perspective::Customer),
        ("internal", Perspective::Internal),
        ("learning", Perspective::Learning),
    ];
}

/// Where a call counts: the moment of it that decides to which day and interval it belongs. A call without that moment
/// does not count.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum CountAt {
    /// Dialling began, or the call arrived.
    Dial,
    /// The call began to wait for an agent.
    Queue,
    /// Something picked up.
    Answer,
    /// An agent was put through.
    Connect,
    /// The call ended.
    End,
    /// The work after the call ended.
    WrapEnd,
}

impl CountAt {
    /// All, in the order in which a call passes them.
    pub const ALL: [CountAt; 6] =
        [CountAt::Dial, CountAt::Queue, CountAt::Answer, CountAt::Connect, CountAt::End, CountAt::WrapEnd];

    /// The word for it.
    pub const fn word(self) -> &'static str {
        match self {
            CountAt::Dial => "dial",
            CountAt::Queue => "queue",
            CountAt::Answer => "answer",
            CountAt::Connect => "connect",
            CountAt::End => "end",
            CountAt::WrapEnd => "wrap_end",
        }
    }

    /// The column of `calls` that holds the moment.
    pub const fn column(self) -> &'static str {
        match self {
            CountAt::Dial => "started_at",
            CountAt::Queue => "queued_at",
            CountAt::Answer => "answered_at",
            CountAt::Connect => "connected_at",
            CountAt::End => "ended_at",
            CountAt::WrapEnd => "wrap_ended_at",
        }
    }

    /// Reads [`CountAt::word`] back.
    pub fn from_word(word: &str) -> Option<CountAt> {
        CountAt::ALL.into_iter().find(|c| c.word() == word)
    }
}

/// Parameters of a metric: whole numbers; durations are milliseconds.
#[derive(Debug, Clone, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
pub struct Params(pub BTreeMap<String, i64>);

impl fmt::Display for Params {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let inner: Vec<String> = self.0.iter().map(|(name, value)| format!("{name}={value}")).collect();
        out.write_str(&inner.join(","))
    }
}

impl Params {
    /// These, with `other` on top.
    pub fn overridden_by(&self, other: &Params) -> Params {
        let mut all = self.0.clone();
        all.extend(other.0.iter().map(|(k, v)| (k.clone(), *v)));
        Params(all)
    }
}

/// A metric as a question names it: `aht`, `aht/talk`, `aht@end`, `service_level/offered{threshold=10s}`.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct MetricRef {
    /// The metric.
    pub metric: String,
    /// The variant; `None` for the project's choice.
    pub variant: Option<String>,
    /// Where a call counts; `None` for what the metric says.
    pub count_at: Option<CountAt>,
    /// Parameters that differ from the defaults.
    pub params: Params,
}

impl MetricRef {
    /// The metric with its default variant and parameters.
    pub fn new(metric: &str) -> MetricRef {
        MetricRef { metric: metric.to_owned(), variant: None, count_at: None, params: Params::default() }
    }

    /// One variant of a metric, with default parameters.
    pub fn of(metric: &str, variant: &str) -> MetricRef {
        MetricRef { variant: Some(variant.to_owned()), ..MetricRef::new(metric) }
    }

    /// Reads `metric[/variant][@moment][{param=value,...}]`.
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
        let (head, count_at) = match head.split_once('@') {
            None => (head, None),
            Some((head, word)) => (head, Some(moment(word)?)),
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
        Ok(MetricRef { metric: metric.to_owned(), variant, count_at, params })
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

fn moment(word: &str) -> Result<CountAt, String> {
    CountAt::from_word(word).ok_or_else(|| {
        let known: Vec<&str> = CountAt::ALL.into_iter().map(CountAt::word).collect();
        format!("`@{word}` is no moment of a call; it can count at {}.", known.join(", "))
    })
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
        if let Some(moment) = self.count_at {
            write!(out, "@{}", moment.word())?;
        }
        if !self.params.0.is_empty() {
            write!(out, "{{{}}}", self.params)?;
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
            MetricRef::parse_list("aht/talk@end,service_level/offered{threshold=10s},fcr{window=7d,grace=0}")
                .unwrap();
        let written: Vec<String> = list.iter().map(ToString::to_string).collect();
        assert_eq!(
            written,
            ["aht/talk@end", "service_level/offered{threshold=10000}", "fcr{grace=0,window=604800000}"]
        );
        for bad in
            ["", "a b", "aht/", "aht{threshold", "aht{threshold}", "aht{threshold=1x}", "/x", "aht@noon"]
        {
            assert!(MetricRef::parse(bad).is_err(), "{bad}");
        }
    }
}

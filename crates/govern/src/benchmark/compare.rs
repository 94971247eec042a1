//! Whether two figures may be laid side by side, and how they stand.

use dialmark_metrics::metric::Unit;
use dialmark_metrics::{Direction, Ratio};

use super::profile::Side;
use super::reading::spaced;
use super::shown::{apart, points, shown, stated};
use super::vocabulary::{ANY_INDUSTRY, Word};
use super::{Asked, Benchmark, Beside, Stated};

/// What came of laying a figure beside a benchmark.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Comparison {
    /// The two are of the same thing.
    Made(Made),
    /// They are not, or it is not known; every reason, never none.
    NotMade(Vec<Mismatch>),
}

/// How a figure stands beside a benchmark.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Made {
    /// Better, worse or within.
    pub standing: Standing,
    /// The figure less the nearest end of the benchmark, in the metric's unit; zero within.
    pub distance: Ratio,
    /// The same in percentage points, for shares.
    pub points: Option<Ratio>,
    /// How it stands, in a sentence.
    pub sentence: String,
    /// What is to be borne in mind, in sentences.
    pub said: Vec<String>,
}

/// How a figure stands beside a benchmark.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Standing {
    /// On the better side.
    Better,
    /// In the range, or equal; no good sign where the benchmark is a warning ([`super::Kind::is_warning`]).
    Within,
    /// On the worse side.
    Worse,
    /// Higher, of a metric of which neither more nor less is better.
    Above,
    /// Lower, of a metric of which neither more nor less is better.
    Below,
}

/// Why a comparison is not made.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Mismatch {
    /// What is unknown or differs.
    pub of: Differs,
    /// Both sides, in a sentence.
    pub sentence: String,
}

/// What must agree before two figures are compared.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Differs {
    /// The benchmark has no value, or the difference cannot be written down.
    Value,
    /// The metric, or the variant where the source names one.
    Metric,
    /// A parameter, such as the seconds of a service level.
    Parameter,
    /// The unit, the currency, or the factor.
    Unit,
    /// What is counted.
    Outcome,
    /// What it is divided by.
    Denominator,
    /// The industry.
    Industry,
    /// Who is called, or calls, and for what.
    Motion,
}

/// Lays `value`, the figure of `asked`, beside a benchmark.
pub fn compare(benchmark: &Benchmark, asked: &Asked, value: Ratio) -> Comparison {
    let mut said = match comparable(benchmark, asked) {
        Ok(said) => said,
        Err(mismatches) => return Comparison::NotMade(mismatches),
    };
    let Some(figure) = benchmark.value else {
        return Comparison::NotMade(vec![no_value()]);
    };
    let (place, distance) = match figure.beside(value) {
        Beside::In => (0, Some(Ratio::ZERO)),
        Beside::Under(edge) => (-1, value.minus(edge)),
        Beside::Over(edge) => (1, value.minus(edge)),
    };
    let Some(distance) = distance else {
        let sentence = "The difference does not fit 128 bits.".to_owned();
        return Comparison::NotMade(vec![Mismatch { of: Differs::Value, sentence }]);
    };
    let standing = match (place, asked.direction) {
        (0, _) => Standing::Within,
        (1, Direction::Up) | (-1, Direction::Down) => Standing::Better,
        (1, Direction::Down) | (-1, Direction::Up) => Standing::Worse,
        (1, _) => Standing::Above,
        _ => Standing::Below,
    };
    if standing == Standing::Within && benchmark.kind.is_warning() {
        said.insert(0, "To lie within it is no good sign.".to_owned());
    }
    let sentence = sentence(benchmark, asked, value, figure, standing, distance);
    let points = points(distance, asked.unit);
    Comparison::Made(Made { standing, distance, points, sentence, said })
}

/// Whether anything may be compared with a benchmark: what is to be borne in mind, or every reason why not, never none.
pub fn comparable(benchmark: &Benchmark, asked: &Asked) -> Result<Vec<String>, Vec<Mismatch>> {
    let mut said = Vec::new();
    let mut mismatches: Vec<Mismatch> = benchmark.value.is_none().then(no_value).into_iter().collect();
    mismatches.extend(definition(benchmark, asked));
    mismatches.extend(counts(benchmark, asked));
    let industry = benchmark.industry.as_ref();
    let mut side = |of, theirs, own| match kind_of_work(of, theirs, own) {
        Ok(sentence) => said.extend(sentence),
        Err(sentence) => mismatches.push(Mismatch { of, sentence }),
    };
    side(Differs::Industry, industry, &asked.profile.industry);
    side(Differs::Motion, benchmark.motion.as_ref(), &asked.profile.motion);
    if !mismatches.is_empty() {
        return Err(mismatches);
    }
    said.extend(unstated_parameters(benchmark, asked));
    said.extend(geography(benchmark, asked));
    said.extend(benchmark.confidence.said().map(str::to_owned));
    said.extend(benchmark.comments.clone());
    Ok(said)
}

fn no_value() -> Mismatch {
    let sentence = "The benchmark has no value yet: its source does not publish one.".to_owned();
    Mismatch { of: Differs::Value, sentence }
}

/// Metric, variant and parameters where the source states them, unit and currency.
fn definition(benchmark: &Benchmark, asked: &Asked) -> Vec<Mismatch> {
    let mut found = Vec::new();
    let mut differs = |of, sentence| found.push(Mismatch { of, sentence });
    let metric = &benchmark.metric;
    if metric.metric != asked.metric {
        differs(
            Differs::Metric,
            format!("The benchmark is of {}, this metric is {}.", benchmark.metric_label, asked.label),
        );
        // What else differs follows from it.
        return found;
    }
    if let Some(variant) = metric.variant.as_ref().filter(|variant| **variant != asked.variant) {
        differs(
            Differs::Metric,
            format!(
                "The benchmark is of `{}/{variant}`, this metric is `{}/{}`.",
                metric.metric, asked.metric, asked.variant
            ),
        );
    }
    for (name, theirs) in &metric.params.0 {
        match asked.params.0.get(name) {
            Some(own) if own == theirs => {}
            Some(own) => differs(
                Differs::Parameter,
                format!("The benchmark has `{name}` at {theirs}, this metric has it at {own}."),
            ),
            None => differs(
                Differs::Parameter,
                format!("The benchmark has `{name}` at {theirs}, which this metric does not use."),
            ),
        }
    }
    if benchmark.times != asked.times {
        differs(
            Differs::Unit,
            format!("The benchmark is multiplied by {}, this metric by {}.", benchmark.times, asked.times),
        );
    }
    if benchmark.unit != asked.unit {
        differs(
            Differs::Unit,
            format!("The benchmark is {}, this metric is {}.", noun(benchmark.unit), noun(asked.unit)),
        );
    } else if benchmark.unit == Unit::Money && benchmark.currency != asked.currency {
        let of =
            |currency: &Option<String>| currency.clone().unwrap_or_else(|| "no known currency".to_owned());
        differs(
            Differs::Unit,
            format!(
                "The benchmark is in {}, this metric is in {}.",
                of(&benchmark.currency),
                of(&asked.currency)
            ),
        );
    }
    found
}

const fn noun(unit: Unit) -> &'static str {
    match unit {
        Unit::Count => "a number of things",
        Unit::Share => "a share",
        Unit::Duration => "a length of time",
        Unit::Money => "an amount of money",
        Unit::Ratio => "so many to one",
        Unit::PerHour => "so many an hour",
        Unit::Score => "a score",
    }
}

/// Outcome and denominator.
fn counts(benchmark: &Benchmark, asked: &Asked) -> Vec<Mismatch> {
    let mut found = Vec::new();
    let mut differs = |of, sentence| found.push(Mismatch { of, sentence });
    let own = asked.counts.as_ref();
    if asked.is_sum {
        let sentence = "This metric is a plain sum, which grows with the centre and the period, so no benchmark may be compared with it.";
        differs(Differs::Denominator, sentence.to_owned());
        return found;
    }
    match (&benchmark.outcome, own.map(|(outcome, _)| outcome)) {
        (None, _) => differs(
            Differs::Outcome,
            "The source does not say what it counts, so nothing may be compared with it.".to_owned(),
        ),
        (Some(theirs), None) => differs(
            Differs::Outcome,
            format!("The benchmark counts {}; what this metric counts is not declared.", theirs.label),
        ),
        (Some(theirs), Some(own)) if theirs.name != own.name => differs(
            Differs::Outcome,
            format!("The benchmark counts {}, this metric counts {}.", theirs.label, own.label),
        ),
        _ => {}
    }
    match (&benchmark.denominator, own.map(|(_, denominator)| denominator)) {
        (None, _) => differs(
            Differs::Denominator,
            "The source names no denominator, so nothing may be compared with it.".to_owned(),
        ),
        (Some(theirs), None) => differs(
            Differs::Denominator,
            format!(
                "The benchmark divides by {}; what this metric divides by is not declared.",
                theirs.label
            ),
        ),
        (Some(theirs), Some(own)) if theirs.name != own.name => differs(
            Differs::Denominator,
            format!("The benchmark divides by {}, this metric divides by {}.", theirs.label, own.label),
        ),
        _ => {}
    }
    found
}

/// Industry or motion: nothing or a sentence to bear in mind, or why the two do not match.
fn kind_of_work(of: Differs, theirs: Option<&Word>, own: &Side) -> Result<Option<String>, String> {
    let word = if of == Differs::Industry { "industry" } else { "motion" };
    let Some(theirs) = theirs else {
        return Err(format!("The source names no {word}, so nothing may be compared with it."));
    };
    let covers = |own: &Word| theirs.covers(own);
    match own {
        // Whatever the industry may be, a figure across industries speaks of it.
        _ if of == Differs::Industry && theirs.name == ANY_INDUSTRY => {
            Ok(Some("The benchmark is across industries.".to_owned()))
        }
        Side::One(own) if own.name == theirs.name => Ok(None),
        Side::One(own) if covers(own) => {
            Ok(Some(format!("The benchmark is of {}, of which {} is one kind.", theirs.label, own.label)))
        }
        Side::Several(all) if all.iter().all(covers) => {
            Ok(Some(format!("The benchmark is of {}, of which {} are kinds.", theirs.label, labels(all))))
        }
        Side::Unstated => {
            Err(format!("The benchmark is of {}; the {word} of these records is not declared.", theirs.label))
        }
        Side::One(own) => {
            Err(format!("The benchmark is of {}, these records are of {}.", theirs.label, own.label))
        }
        Side::Several(all) => Err(format!(
            "The benchmark is of {}, these records are of several kinds: {}.",
            theirs.label,
            labels(all)
        )),
    }
}

fn labels(words: &[Word]) -> String {
    words.iter().map(|word| word.label.as_str()).collect::<Vec<_>>().join(", ")
}

/// Parameters that the own metric has and the source says nothing of.
fn unstated_parameters(benchmark: &Benchmark, asked: &Asked) -> Vec<String> {
    let unstated = asked.params.0.keys().filter(|name| !benchmark.metric.params.0.contains_key(*name));
    unstated.map(|name| format!("The source does not say its `{name}`, which this metric has.")).collect()
}

fn geography(benchmark: &Benchmark, asked: &Asked) -> Option<String> {
    let theirs = benchmark.geography.as_ref()?;
    match &asked.profile.geography {
        Some(own) if own.eq_ignore_ascii_case(theirs) => None,
        Some(own) => Some(format!("The benchmark is of {theirs}, these records are of {own}.")),
        None => Some(format!("The benchmark is of {theirs}.")),
    }
}

/// `78 % is better than 70 % to 75 % (average), by 3 points.`
fn sentence(
    benchmark: &Benchmark,
    asked: &Asked,
    value: Ratio,
    figure: Stated,
    standing: Standing,
    distance: Ratio,
) -> String {
    let (unit, currency) = (asked.unit, asked.currency.as_deref());
    let value = shown(value, unit, currency);
    let figure = format!("{} ({})", stated(figure, unit, currency), spaced(benchmark.kind.word()));
    let by = apart(distance, unit, currency);
    match standing {
        Standing::Within => format!("{value} lies within {figure}."),
        Standing::Better => format!("{value} is better than {figure}, by {by}."),
        Standing::Worse => format!("{value} is worse than {figure}, by {by}."),
        Standing::Above => format!("{value} is above {figure}, by {by}."),
        Standing::Below => format!("{value} is below {figure}, by {by}."),
    }
}

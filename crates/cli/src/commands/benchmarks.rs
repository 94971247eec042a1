//! `dialmark benchmarks`: what others reach, and whether it may be compared with.

use clap::Subcommand;
use dialmark_govern::benchmark::{Asked, Benchmark, Comparison, Standing, compare, shown};
use dialmark_govern::{Governed, Place};
use dialmark_metrics::metric::Unit;
use dialmark_metrics::{Cell, MetricQuery, MetricRef, Ratio};
use dialmark_model::civil::Period;
use serde::Serialize;

use crate::failure::Failure;
use crate::managed::{self, Managed};
use crate::opened::Opened;
use crate::options::Shared;
use crate::out::{self, Style, TextOrJson};
use crate::{columns, period, runtime};

const LIST_EXAMPLES: &str = "\
Examples:
  dialmark benchmarks list
  dialmark benchmarks list fcr --format json";

const COMPARE_EXAMPLES: &str = "\
Examples:
  dialmark benchmarks compare conversion_rate/sales_per_dial --from 2026-11-01
  dialmark benchmarks compare aht --place campaign_id=north --format json

Lays the figure beside every benchmark of its metric. A comparison is made only where both count the same
outcome over the same denominator, in the same industry and calling motion; else each reason is
said. What your own work is stands in `benchmarks/` under `[profile.NAME]`.";

/// What to do with benchmarks.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// List what others reach, with source and date
    #[command(after_help = LIST_EXAMPLES)]
    List(ListArgs),
    /// Lay a figure beside the benchmarks of its metric
    #[command(after_help = COMPARE_EXAMPLES)]
    Compare(CompareArgs),
}

/// Options of `benchmarks list`.
#[derive(Debug, clap::Args)]
pub struct ListArgs {
    /// Only those of this metric
    metric: Option<String>,
    #[command(flatten)]
    shared: Shared,
}

/// Options of `benchmarks compare`.
#[derive(Debug, clap::Args)]
pub struct CompareArgs {
    /// The metric
    metric: String,
    /// Only records of this place, such as `campaign_id=north`; may be given several times
    #[arg(long, value_name = "DIM=VALUE")]
    place: Vec<String>,
    /// First day or instant that counts
    #[arg(long, value_name = "DAY|INSTANT")]
    from: Option<String>,
    /// First day or instant that does not count any more
    #[arg(long, value_name = "DAY|INSTANT")]
    to: Option<String>,
    #[command(flatten)]
    shared: Shared,
}

/// Runs the command.
pub fn run(command: &Command) -> Result<(), Failure> {
    match command {
        Command::List(args) => list(args),
        Command::Compare(args) => compared(args),
    }
}

/// A benchmark for programs: the twelve fields of its record, and what decides what may be compared with it.
#[derive(Debug, Serialize)]
struct Listed<'b> {
    benchmark: &'b str,
    label: &'b str,
    metric: String,
    value: Option<String>,
    unit: &'static str,
    #[serde(rename = "type")]
    kind: &'static str,
    company_size: Option<&'b str>,
    period: Option<&'b str>,
    population: Option<&'b str>,
    industry: Option<&'b str>,
    geography: Option<&'b str>,
    sample: Option<&'b str>,
    source: &'b str,
    excerpt: Option<&'b str>,
    comments: Option<&'b str>,
    outcome: Option<&'b str>,
    denominator: Option<&'b str>,
    motion: Option<&'b str>,
}

fn listed(one: &Benchmark) -> Listed<'_> {
    Listed {
        benchmark: &one.name,
        label: &one.label,
        metric: one.metric.to_string(),
        value: one.stated(),
        unit: one.unit.word(),
        kind: one.kind.word(),
        company_size: one.company_size.as_deref(),
        period: one.period.as_deref(),
        population: one.population.as_deref(),
        industry: one.industry.as_ref().map(|word| word.name.as_str()),
        geography: one.geography.as_deref(),
        sample: one.sample.as_deref(),
        source: &one.source,
        excerpt: one.excerpt.as_deref(),
        comments: one.comments.as_deref(),
        outcome: one.outcome.as_ref().map(|word| word.name.as_str()),
        denominator: one.denominator.as_ref().map(|word| word.name.as_str()),
        motion: one.motion.as_ref().map(|word| word.name.as_str()),
    }
}

fn list(args: &ListArgs) -> Result<(), Failure> {
    let Managed { governed, .. } = managed::open(args.shared.dir.as_deref())?;
    let wanted = |one: &&Benchmark| args.metric.as_ref().is_none_or(|metric| one.metric.metric == *metric);
    let listed: Vec<Listed<'_>> = governed.library.benchmarks.values().filter(wanted).map(listed).collect();
    if args.shared.format == TextOrJson::Json {
        return out::json(&listed);
    }
    let rows: Vec<Vec<String>> = listed
        .iter()
        .map(|one| {
            let value = one.value.clone().unwrap_or_else(|| "not public".to_owned());
            let period = one.period.unwrap_or("").to_owned();
            vec![
                one.benchmark.to_owned(),
                one.metric.clone(),
                value,
                one.kind.replace('_', " "),
                period,
                one.source.to_owned(),
            ]
        })
        .collect();
    columns::aligned(&["benchmark", "metric", "value", "type", "period", "source"], &rows)
        .iter()
        .try_for_each(|line| out::line(line))
}

/// A comparison for programs.
#[derive(Debug, Serialize)]
struct Compared<'b> {
    #[serde(flatten)]
    benchmark: Listed<'b>,
    /// Whether it was made.
    made: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    standing: Option<&'static str>,
    /// The figure less the nearest end of the benchmark, in the metric's unit.
    #[serde(skip_serializing_if = "Option::is_none")]
    distance: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    sentence: Option<String>,
    /// What is to be borne in mind, or why it was not made.
    said: Vec<String>,
}

fn compared(args: &CompareArgs) -> Result<(), Failure> {
    let Managed { opened, governed } = managed::open(args.shared.dir.as_deref())?;
    let metric = MetricRef::parse(&args.metric).map_err(Failure::Usage)?;
    opened.catalogue.resolve(&metric).map_err(Failure::Usage)?;
    let place = managed::place(&args.place)?;
    let period = period::parse(args.from.as_deref(), args.to.as_deref(), &opened.project.centre.calendar())?;
    let cell = figure(&opened, &metric, &place, period)?;
    let value = match &cell.value {
        Ok(value) => *value,
        Err(reason) => return Err(Failure::problem(format!("There is no figure to compare: {reason}."))),
    };
    let asked = asked(&opened, &governed, &metric, &place, cell.currency.as_deref())?;
    let all: Vec<(&Benchmark, Comparison)> = governed
        .library
        .of(&metric)
        .map(|benchmark| (benchmark, compare(benchmark, &asked, value)))
        .collect();
    match args.shared.format {
        TextOrJson::Json => {
            let compared: Vec<Compared<'_>> = all.iter().map(|(one, made)| for_programs(one, made)).collect();
            out::json(&serde_json::json!({
                "metric": format!("{}/{}", asked.metric, asked.variant),
                "place": place,
                "value": value.decimal(18),
                "n": cell.n,
                "comparisons": compared,
            }))
        }
        TextOrJson::Text => say(&asked, value, cell.currency.as_deref(), &all),
    }
}

fn figure(opened: &Opened, metric: &MetricRef, place: &Place, period: Period) -> Result<Cell, Failure> {
    let question = MetricQuery {
        metrics: vec![metric.clone()],
        filter: place.condition(),
        period,
        ..MetricQuery::default()
    };
    let table = runtime::wait_for(async {
        let engine = opened.engine(opened.lake_with_records().await?);
        Ok(engine.query(&question).await?)
    })?;
    let cell = table.rows.into_iter().next().and_then(|row| row.cells.into_iter().next());
    Ok(cell.unwrap_or_else(Cell::empty))
}

fn asked(
    opened: &Opened,
    governed: &Governed,
    metric: &MetricRef,
    place: &Place,
    currency: Option<&str>,
) -> Result<Asked, Failure> {
    let library = &governed.library;
    let profile = library.profiles.of(place);
    Asked::of(metric, &opened.catalogue, &library.vocabulary, currency, profile).map_err(Failure::Usage)
}

fn for_programs<'b>(benchmark: &'b Benchmark, comparison: &Comparison) -> Compared<'b> {
    let benchmark = listed(benchmark);
    match comparison {
        Comparison::Made(made) => Compared {
            benchmark,
            made: true,
            standing: Some(word(made.standing)),
            distance: Some(made.distance.decimal(18)),
            sentence: Some(made.sentence.clone()),
            said: made.said.clone(),
        },
        Comparison::NotMade(why) => Compared {
            benchmark,
            made: false,
            standing: None,
            distance: None,
            sentence: None,
            said: why.iter().map(|one| one.sentence.clone()).collect(),
        },
    }
}

pub const fn word(standing: Standing) -> &'static str {
    match standing {
        Standing::Better => "better",
        Standing::Within => "within",
        Standing::Worse => "worse",
        Standing::Above => "above",
        Standing::Below => "below",
    }
}

fn say(
    asked: &Asked,
    value: Ratio,
    currency: Option<&str>,
    all: &[(&Benchmark, Comparison)],
) -> Result<(), Failure> {
    let style = Style::of_stdout();
    let unit: Unit = asked.unit;
    out::line(&style.strong(&format!(
        "{} ({}): {}",
        asked.label,
        asked.variant,
        shown(value, unit, currency)
    )))?;
    if all.is_empty() {
        return out::line("No benchmark of this metric is known. Add one in `benchmarks/`.");
    }
    for (benchmark, comparison) in all {
        match comparison {
            Comparison::Made(made) => {
                out::line(&format!("{}: {}", benchmark.label, made.sentence))?;
                for sentence in &made.said {
                    out::line(&style.faint(&format!("    {sentence}")))?;
                }
            }
            Comparison::NotMade(why) => {
                out::line(&format!("{}: not compared.", benchmark.label))?;
                for one in why {
                    out::line(&style.faint(&format!("    {}", one.sentence)))?;
                }
            }
        }
        out::line(&style.faint(&format!("    source: {}", benchmark.source)))?;
    }
    Ok(())
}

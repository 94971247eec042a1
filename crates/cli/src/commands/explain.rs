//! `dialmark explain`: how a metric is defined, in words, formula and SQL; and what its figure rests on.

use std::path::PathBuf;

use dialmark_metrics::catalogue::Resolved;
use dialmark_metrics::metric::Metric;
use dialmark_metrics::{Binding, Catalogue, MetricQuery, MetricRef, sql};
use dialmark_model::facts;
use serde::Serialize;

use crate::failure::Failure;
use crate::opened::{self, Opened};
use crate::out::{self, Style, TextOrJson};
use crate::runtime;

const EXAMPLES: &str = "\
Examples:
  dialmark explain conversion_rate
  dialmark explain service_level/offered{threshold=10s}
  dialmark explain aht --format json

The SQL says the same in another language: it runs in DuckDB over the store's tables and must give the
same value. The version changes whenever the definition, its parameters or the meanings of codes do.";

/// Options of `dialmark explain`.
#[derive(Debug, clap::Args)]
#[command(after_help = EXAMPLES)]
pub struct Args {
    /// The metric, perhaps with variant and parameters
    metric: String,
    /// Folder of the project [default: the current one or the nearest above, else the built-in catalogue]
    #[arg(long, value_name = "PROJECT")]
    dir: Option<PathBuf>,
    /// How to answer
    #[arg(long, value_enum, default_value_t)]
    format: TextOrJson,
}

#[derive(Debug, Serialize)]
struct Explained {
    id: String,
    variant: String,
    label: String,
    sentence: String,
    source: Option<String>,
    kind: &'static str,
    formula: String,
    params: dialmark_metrics::Params,
    counts_at: String,
    measures: Vec<MeasureLine>,
    made_of: Vec<String>,
    sql: Option<String>,
    sources: Vec<SourceLine>,
    coverage: Option<Coverage>,
    missing: Vec<String>,
    version: String,
    rivals: Vec<Rival>,
    changes: Vec<String>,
}

#[derive(Debug, Serialize)]
struct MeasureLine {
    id: String,
    unit: String,
    about: String,
    reads: Vec<String>,
}

#[derive(Debug, Serialize)]
struct SourceLine {
    table: String,
    source: String,
    records: u64,
}

/// Of how many records the figure could be computed, over all that is there.
#[derive(Debug, Serialize)]
struct Coverage {
    value: Option<String>,
    reason: Option<String>,
    n: u64,
    missing: u64,
    undecided: u64,
    pending: u64,
    data_from: Option<String>,
    data_to: Option<String>,
}

#[derive(Debug, Serialize)]
struct Rival {
    variant: String,
    says: String,
}

/// Explains the metric.
pub fn run(args: &Args) -> Result<(), Failure> {
    let reference = MetricRef::parse(&args.metric).map_err(Failure::Usage)?;
    let here = std::env::current_dir().ok().and_then(|here| opened::nearest_project(&here));
    let explained = match args.dir.clone().or(here) {
        Some(folder) => in_project(&Opened::open(Some(&folder))?, &reference)?,
        None => {
            let (catalogue, _) = Catalogue::builtin();
            let resolved = catalogue.resolve(&reference).map_err(Failure::Usage)?;
            definition(&catalogue, &resolved, &dialmark_model::DispositionMap::default(), "UTC")
        }
    };
    match args.format {
        TextOrJson::Json => out::json(&explained),
        TextOrJson::Text => say(&explained),
    }
}

fn in_project(opened: &Opened, reference: &MetricRef) -> Result<Explained, Failure> {
    let catalogue = &opened.catalogue;
    let resolved = catalogue.resolve(reference).map_err(Failure::Usage)?;
    let centre = &opened.project.centre;
    let mut explained = definition(catalogue, &resolved, &opened.project.dispositions, centre.zone());
    runtime::wait_for(async {
        let Some(lake) = opened.lake_if_any().await? else { return Ok(()) };
        let engine = opened.engine(lake);
        let filled = engine.filled().await?;
        let state = catalogue
            .computable(&filled)
            .into_iter()
            .find(|c| c.metric == resolved.metric.id && c.variant == resolved.variant.id);
        if let Some(state) = state {
            for table in &state.tables {
                for (source, records) in engine.top_values(table, "source", usize::MAX).await? {
                    explained.sources.push(SourceLine { table: table.clone(), source, records });
                }
            }
            explained.missing = state.missing;
        }
        if explained.missing.is_empty() {
            let question = MetricQuery { metrics: vec![reference.clone()], ..MetricQuery::default() };
            let answer = engine.query(&question).await?;
            let zone = centre.time_zone();
            let civil = |at: jiff::Timestamp| at.to_zoned(zone.clone()).strftime("%F %H:%M").to_string();
            let cell = answer.rows.first().and_then(|row| row.cells.first());
            explained.coverage = cell.map(|cell| Coverage {
                value: cell.value.as_ref().ok().map(|v| v.decimal(18)),
                reason: cell.value.as_ref().err().map(ToString::to_string),
                n: cell.n,
                missing: cell.missing,
                undecided: cell.undecided,
                pending: cell.pending,
                data_from: answer.seen.map(|(from, _)| civil(from)),
                data_to: answer.seen.map(|(_, to)| civil(to)),
            });
        }
        Ok(())
    })?;
    Ok(explained)
}

fn definition(
    catalogue: &Catalogue,
    resolved: &Resolved<'_>,
    dispositions: &dialmark_model::DispositionMap,
    zone: &str,
) -> Explained {
    let (metric, variant) = (resolved.metric, resolved.variant);
    let leaves = catalogue.leaves(&variant.formula);
    let measures: Vec<MeasureLine> = leaves
        .iter()
        .filter_map(|id| catalogue.measures.get(*id))
        .map(|measure| MeasureLine {
            id: measure.id.clone(),
            unit: measure.unit.clone(),
            about: measure.about.clone(),
            reads: measure.bindings.iter().map(ToString::to_string).collect(),
        })
        .collect();
    let first_table = |measure: &str| {
        catalogue.measures.get(measure).and_then(|m| m.bindings.first()).map(|b: &Binding| b.table.clone())
    };
    let tables: Vec<String> = variant.formula.measures().into_iter().filter_map(first_table).collect();
    let setting = sql::Setting { catalogue, dispositions, zone, tables: &tables };
    let sentence = match variant.about.is_empty() {
        true => metric.about.clone(),
        false => format!("{} {}", metric.about, variant.about),
    };
    Explained {
        id: metric.id.clone(),
        variant: variant.id.clone(),
        label: metric.label.clone(),
        sentence,
        source: variant.source.clone(),
        kind: variant.formula.kind(),
        formula: variant.formula.to_string(),
        params: resolved.params.clone(),
        counts_at: counts_at(catalogue, resolved),
        made_of: variant.formula.others().iter().map(ToString::to_string).collect(),
        sql: sql::query(&setting, resolved),
        sources: Vec::new(),
        coverage: None,
        missing: Vec::new(),
        version: dialmark_manage::version(catalogue, resolved, dispositions),
        rivals: rivals(metric, &variant.id),
        changes: metric.choices.iter().map(|c| format!("`{}` {}", c.variant, c.days)).collect(),
        measures,
    }
}

/// Where records count in time, in words.
fn counts_at(catalogue: &Catalogue, resolved: &Resolved<'_>) -> String {
    let mut words: Vec<String> = Vec::new();
    for measure in catalogue.leaves(&resolved.variant.formula) {
        for binding in catalogue.measures.get(measure).into_iter().flat_map(|m| &m.bindings) {
            let placed = catalogue.tables.get(&binding.table).map_or(Vec::new(), |t| t.placed_by.to_vec());
            let moment =
                resolved.count_at.filter(|_| binding.table == "calls").map(|m| m.column().to_owned());
            let at = binding.at.clone().or(moment).or(placed.first().map(ToString::to_string));
            let word = match (&binding.split, at) {
                (Some(_), _) if facts::holds_states(&binding.table) => format!(
                    "{}: each moment in the state that began last, split over the intervals that it crosses",
                    binding.table
                ),
                (Some(_), _) => format!("{}: split over the intervals that it crosses", binding.table),
                (None, Some(at)) => format!("{}: whole at {at}", binding.table),
                (None, None) => format!("{}: without a clock", binding.table),
            };
            if !words.contains(&word) {
                words.push(word);
            }
        }
    }
    words.join("; ")
}

fn rivals(metric: &Metric, variant: &str) -> Vec<Rival> {
    let others = metric.variants.iter().filter(|v| v.id != variant);
    others.map(|v| Rival { variant: v.id.clone(), says: v.about.clone() }).collect()
}

fn say(explained: &Explained) -> Result<(), Failure> {
    let style = Style::of_stdout();
    out::line(&format!("{} ({}/{})", style.strong(&explained.label), explained.id, explained.variant))?;
    out::line(&explained.sentence)?;
    if let Some(source) = &explained.source {
        out::line(&format!("Defined so by {source}."))?;
    }
    out::line(&format!("\n{} ({})\n  = {}", style.strong("Formula"), explained.kind, explained.formula))?;
    for (name, value) in &explained.params.0 {
        out::line(&format!("  ${name} = {value} (durations in ms)"))?;
    }
    for measure in &explained.measures {
        out::line(&format!("  {} ({}): {}", measure.id, measure.unit, measure.about))?;
        for reads in &measure.reads {
            out::line(&format!("    {}", style.faint(reads)))?;
        }
    }
    out::line(&format!("\n{}\n  {}", style.strong("Where it counts"), explained.counts_at))?;
    for change in &explained.changes {
        out::line(&format!("  meant {change}"))?;
    }
    match &explained.sql {
        Some(sql) => out::line(&format!("\n{}\n{sql};", style.strong("As SQL, over all records")))?,
        None => out::line(&format!(
            "\nMade of {}; `dialmark explain` has their SQL.",
            explained.made_of.join(", ")
        ))?,
    }
    if !explained.sources.is_empty() {
        out::line(&format!("\n{}", style.strong("Sources")))?;
        for line in &explained.sources {
            out::line(&format!(
                "  {} into {}: {}",
                line.source,
                line.table,
                out::counted(line.records, "record", "records")
            ))?;
        }
    }
    if !explained.missing.is_empty() {
        out::line(&format!("\nOut of reach here: lacks {}.", explained.missing.join(", ")))?;
    }
    if let Some(coverage) = &explained.coverage {
        out::line(&format!("\n{}", style.strong("Coverage, over all records")))?;
        match (&coverage.value, &coverage.reason) {
            (Some(value), _) => {
                out::line(&format!(
                    "  value {value} over {}",
                    out::counted(coverage.n, "record", "records")
                ))?;
            }
            (None, Some(reason)) => out::line(&format!("  no value: {reason}"))?,
            (None, None) => {}
        }
        for (count, words) in [
            (coverage.missing, "should count but lack a value"),
            (coverage.undecided, "cannot be said to count or not"),
            (coverage.pending, "have a window that has not passed"),
        ] {
            if count > 0 {
                out::line(&format!("  {} {words}", out::counted(count, "record", "records")))?;
            }
        }
        if let (Some(from), Some(to)) = (&coverage.data_from, &coverage.data_to) {
            out::line(&format!("  data from {from} to {to}"))?;
        }
    }
    if !explained.rivals.is_empty() {
        out::line(&format!("\n{}", style.strong("Rival definitions")))?;
        for rival in &explained.rivals {
            out::line(&format!("  {}/{}: {}", explained.id, rival.variant, rival.says))?;
        }
    }
    out::line(&format!("\nVersion {}", explained.version))
}

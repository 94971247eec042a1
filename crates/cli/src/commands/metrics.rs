//! `dialmark metrics`: what can be asked for, and how it is defined.

use std::path::{Path, PathBuf};

use clap::Subcommand;
use dialmark_metrics::metric::{Direction, Formula, Metric, MetricRef, Params, Unit};
use dialmark_metrics::{Catalogue, NoMatch, Variant};
use serde::Serialize;

use crate::describe;
use crate::failure::Failure;
use crate::opened::{self, Opened};
use crate::out::{self, Style, TextOrJson};

const LIST_EXAMPLES: &str = "\
Examples:
  dialmark metrics list
  dialmark metrics list --format json

Inside a project, or with --dir, the project's own metrics and choices are included.";

const SHOW_EXAMPLES: &str = "\
Examples:
  dialmark metrics show conversion_rate
  dialmark metrics show aht --format json";

/// What to show.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// List all metrics with their variants
    #[command(after_help = LIST_EXAMPLES)]
    List(ListArgs),
    /// Show how one metric is defined: formula, measures, bindings, worked examples
    #[command(after_help = SHOW_EXAMPLES)]
    Show(ShowArgs),
}

/// Options of `dialmark metrics list`.
#[derive(Debug, clap::Args)]
pub struct ListArgs {
    /// Folder of the project [default: the current one or the nearest above, else the built-in catalogue]
    #[arg(long, value_name = "PROJECT")]
    dir: Option<PathBuf>,
    /// How to answer
    #[arg(long, value_enum, default_value_t)]
    format: TextOrJson,
}

/// Options of `dialmark metrics show`.
#[derive(Debug, clap::Args)]
pub struct ShowArgs {
    /// The metric
    metric: String,
    /// Folder of the project [default: the current one or the nearest above, else the built-in catalogue]
    #[arg(long, value_name = "PROJECT")]
    dir: Option<PathBuf>,
    /// How to answer
    #[arg(long, value_enum, default_value_t)]
    format: TextOrJson,
}

/// A metric for programs.
#[derive(Debug, Serialize)]
struct Shown<'c> {
    id: &'c str,
    label: &'c str,
    kind: &'static str,
    unit: Unit,
    direction: Direction,
    variants: Vec<ShownVariant<'c>>,
    default: &'c str,
    about: &'c str,
    params: &'c Params,
    drivers: &'c [String],
    guards: &'c [String],
    declared_in: &'c str,
}

/// A variant for programs. The numerator of a simple metric is its measure; it has no denominator.
#[derive(Debug, Serialize)]
struct ShownVariant<'c> {
    id: &'c str,
    says: &'c str,
    source: Option<&'c str>,
    numerator: &'c str,
    denominator: Option<&'c str>,
    times: i64,
}

impl<'c> Shown<'c> {
    fn new(metric: &'c Metric) -> Shown<'c> {
        Shown {
            id: &metric.id,
            label: &metric.label,
            kind: metric.variant(None).map_or("simple", |v| v.formula.kind()),
            unit: metric.unit,
            direction: metric.direction,
            variants: metric.variants.iter().map(ShownVariant::new).collect(),
            default: &metric.default,
            about: &metric.about,
            params: &metric.params,
            drivers: &metric.drivers,
            guards: &metric.guards,
            declared_in: &metric.declared_in,
        }
    }
}

impl<'c> ShownVariant<'c> {
    fn new(variant: &'c Variant) -> ShownVariant<'c> {
        let (numerator, denominator, times) = match &variant.formula {
            Formula::Simple { measure } => (measure, None, 1),
            Formula::Ratio { numerator, denominator, times } => {
                (numerator, Some(denominator.as_str()), *times)
            }
        };
        let (says, source) = (&variant.about, variant.source.as_deref());
        ShownVariant { id: &variant.id, says, source, numerator, denominator, times }
    }
}

/// Shows what was asked for.
pub fn run(command: &Command) -> Result<(), Failure> {
    match command {
        Command::List(args) => {
            let catalogue = catalogue(args.dir.as_deref())?;
            list(&catalogue, args.format)
        }
        Command::Show(args) => {
            let catalogue = catalogue(args.dir.as_deref())?;
            show(&catalogue, &args.metric, args.format)
        }
    }
}

/// The catalogue of the project, or the built-in one outside of any.
fn catalogue(dir: Option<&Path>) -> Result<std::sync::Arc<Catalogue>, Failure> {
    let here = std::env::current_dir().ok().and_then(|here| opened::nearest_project(&here));
    match dir.map(Path::to_owned).or(here) {
        Some(folder) => Ok(Opened::open(Some(&folder))?.catalogue),
        None => Ok(Catalogue::builtin().0.into()),
    }
}

fn list(catalogue: &Catalogue, format: TextOrJson) -> Result<(), Failure> {
    if format == TextOrJson::Json {
        return out::json(&catalogue.metrics.values().map(Shown::new).collect::<Vec<_>>());
    }
    let style = Style::of_stdout();
    for metric in catalogue.metrics.values() {
        out::line(&format!("{:<32} {}", style.strong(&metric.id), metric.about))?;
        if metric.variants.len() > 1 {
            let variants: Vec<String> = metric
                .variants
                .iter()
                .map(|v| if v.id == metric.default { format!("{} (default)", v.id) } else { v.id.clone() })
                .collect();
            out::line(&format!("{:<32} {}", "", style.faint(&variants.join(", "))))?;
        }
    }
    Ok(())
}

fn show(catalogue: &Catalogue, wanted: &str, format: TextOrJson) -> Result<(), Failure> {
    let resolved = catalogue.resolve(&MetricRef::new(wanted)).map_err(Failure::Usage)?;
    if format == TextOrJson::Json {
        return out::json(&Shown::new(resolved.metric));
    }
    let style = Style::of_stdout();
    let metric = resolved.metric;
    out::line(&format!("{} ({})", style.strong(&metric.label), metric.id))?;
    out::line(&metric.about)?;
    let better = match metric.direction {
        Direction::Up => "more is better",
        Direction::Down => "less is better",
        Direction::Neither => "neither more nor less is better by itself",
    };
    out::line(&format!("Shown as {}; {better}.", metric.unit.word()))?;
    for (name, value) in &metric.params.0 {
        out::line(&format!("Parameter {name} = {value} (durations in ms)"))?;
    }
    for (word, others) in [("Moved by", &metric.drivers), ("Guarded by", &metric.guards)] {
        if !others.is_empty() {
            out::line(&format!("{word}: {}", others.join(", ")))?;
        }
    }
    for variant in &metric.variants {
        show_variant(catalogue, metric, variant)?;
    }
    let is_builtin = dialmark_metrics::builtin::FILES.iter().any(|(file, _)| *file == metric.declared_in);
    match is_builtin {
        true => out::line("\nBuilt in."),
        false => out::line(&format!("\nDeclared in {}.", metric.declared_in)),
    }
}

fn show_variant(catalogue: &Catalogue, metric: &Metric, variant: &Variant) -> Result<(), Failure> {
    let style = Style::of_stdout();
    let default = if variant.id == metric.default { " (default)" } else { "" };
    out::line(&format!("\n{}{default}", style.strong(&format!("{}/{}", metric.id, variant.id))))?;
    if !variant.about.is_empty() {
        out::line(&format!("  {}", variant.about))?;
    }
    if let Some(source) = &variant.source {
        out::line(&format!("  Defined so by {source}."))?;
    }
    out::line(&format!("  = {}", describe::formula(&variant.formula)))?;
    for measure in variant.formula.measures().filter_map(|name| catalogue.measures.get(name)) {
        out::line(&format!("  {} ({}): {}", measure.id, measure.unit, measure.about))?;
        for binding in &measure.bindings {
            out::line(&format!("    {}", style.faint(&describe::binding(binding))))?;
        }
        if measure.no_match == NoMatch::Unknown {
            out::line("    where nothing matches it is unknown, not zero")?;
        }
    }
    match &variant.example {
        Some(example) => out::line(&format!("  Example: {}", describe::example(example))),
        None => Ok(()),
    }
}

//! `dialmark metrics`: what can be asked for, and how it is defined.

use std::path::{Path, PathBuf};

use clap::Subcommand;
use dialmark_metrics::metric::{
    CountAt, Direction, Formula, Guide, Metric, MetricRef, Params, Perspective, Process, Signal, Symptom,
    Unit,
};
use dialmark_metrics::{Catalogue, NoMatch, Variant};
use serde::Serialize;

use crate::describe;
use crate::examples;
use crate::failure::Failure;
use crate::files::{self, Existing};
use crate::opened::{self, Opened};
use crate::out::{self, Style, TextOrJson};
use crate::runtime;

const LIST_EXAMPLES: &str = "\
Examples:
  dialmark metrics list
  dialmark metrics list --format json

Inside a project, or with --dir, the project's own metrics and choices are included.";

const SHOW_EXAMPLES: &str = "\
Examples:
  dialmark metrics show conversion_rate
  dialmark metrics show aht --format json";

const TEST_EXAMPLES: &str = "\
Examples:
  dialmark metrics test                 the worked examples of the project's own metrics
  dialmark metrics test --all           those of the built-in catalogue as well
  dialmark metrics test aht,asr         those of these metrics

Writes the records of each example to files, imports them into a store of its own, asks for the metric
and compares the value exactly. Exit code 1 when one is wrong.";

const REFERENCE_EXAMPLES: &str = "\
Examples:
  dialmark metrics reference --out docs/metrics

Writes a page for every theme of the catalogue, the project's own metrics included, the table of symptoms,
the dimensions, and the metric tree as a picture.";

const DIFF_EXAMPLES: &str = "\
Examples:
  dialmark metrics diff conversion_rate --rules-of 2026-07-01 --from 2026-06-01 --to 2026-07-01
  dialmark metrics diff aht --against ../before

`--rules-of DAY` compares every day's own rules (A) with those of one day (B): definitions that changed
and meanings of codes that changed. `--against FOLDER` compares another version of the project's files
(A) with this one (B). Shows which records moved, why, and by how much that moved the figure.";

/// What to show.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// List all metrics with their variants
    #[command(after_help = LIST_EXAMPLES)]
    List(ListArgs),
    /// Show how one metric is defined: formula, measures, bindings, worked examples
    #[command(after_help = SHOW_EXAMPLES)]
    Show(ShowArgs),
    /// Try the worked examples: a definition that does not give its own example's value is wrong
    #[command(after_help = TEST_EXAMPLES)]
    Test(TestArgs),
    /// Write reference pages of all metrics, with the metric tree
    #[command(after_help = REFERENCE_EXAMPLES)]
    Reference(ReferenceArgs),
    /// Show which records another version of the rules counts otherwise, and what that does to the figure
    #[command(after_help = DIFF_EXAMPLES)]
    Diff(crate::commands::diff::Args),
}

/// Options of `dialmark metrics reference`.
#[derive(Debug, clap::Args)]
pub struct ReferenceArgs {
    /// Folder to write to
    #[arg(long, value_name = "FOLDER")]
    out: PathBuf,
    /// Folder of the project [default: the current one or the nearest above, else the built-in catalogue]
    #[arg(long, value_name = "PROJECT")]
    dir: Option<PathBuf>,
}

/// Options of `dialmark metrics test`.
#[derive(Debug, clap::Args)]
pub struct TestArgs {
    /// Only these metrics, separated by commas
    metrics: Option<String>,
    /// The built-in catalogue as well
    #[arg(long, conflicts_with = "metrics")]
    all: bool,
    /// Folder of the project [default: the current one or the nearest above, else the built-in catalogue]
    #[arg(long, value_name = "PROJECT")]
    dir: Option<PathBuf>,
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
    signal: Option<Signal>,
    process: Option<Process>,
    perspective: Option<Perspective>,
    groups: &'c [String],
    variants: Vec<ShownVariant<'c>>,
    default: &'c str,
    choices: Vec<ShownChoice<'c>>,
    about: &'c str,
    params: &'c Params,
    drivers: &'c [String],
    guards: &'c [String],
    guide: Option<&'c Guide>,
    symptoms: Vec<&'c Symptom>,
    example: Option<String>,
    declared_in: &'c str,
}

/// A variant for programs. The numerator of a simple metric is its measure; it has no denominator.
#[derive(Debug, Serialize)]
struct ShownVariant<'c> {
    id: &'c str,
    says: &'c str,
    source: Option<&'c str>,
    formula: String,
    numerator: Option<&'c str>,
    denominator: Option<&'c str>,
    times: i64,
    made_of: Vec<String>,
    count_at: Option<&'static str>,
    params: &'c Params,
    example: Option<String>,
}

/// The variant that is meant on some days.
#[derive(Debug, Serialize)]
struct ShownChoice<'c> {
    variant: &'c str,
    from: Option<String>,
    until: Option<String>,
}

impl<'c> Shown<'c> {
    fn new(catalogue: &'c Catalogue, metric: &'c Metric) -> Shown<'c> {
        let example = metric.variant(None).and_then(|v| v.example.as_ref()).map(describe::example);
        Shown {
            id: &metric.id,
            label: &metric.label,
            kind: metric.variant(None).map_or("simple", |v| v.formula.kind()),
            unit: metric.unit,
            direction: metric.direction,
            signal: metric.signal,
            process: metric.process,
            perspective: metric.perspective,
            groups: &metric.groups,
            variants: metric.variants.iter().map(ShownVariant::new).collect(),
            default: &metric.default,
            choices: metric
                .choices
                .iter()
                .map(|c| ShownChoice {
                    variant: &c.variant,
                    from: c.days.from.map(|d| d.to_string()),
                    until: c.days.until.map(|d| d.to_string()),
                })
                .collect(),
            about: &metric.about,
            params: &metric.params,
            drivers: &metric.drivers,
            guards: &metric.guards,
            guide: metric.guide.as_ref(),
            symptoms: catalogue.symptoms.values().filter(|s| s.metric == metric.id).collect(),
            example,
            declared_in: &metric.declared_in,
        }
    }
}

impl<'c> ShownVariant<'c> {
    fn new(variant: &'c Variant) -> ShownVariant<'c> {
        let (numerator, denominator, times) = match &variant.formula {
            Formula::Simple { measure } | Formula::Distribution { measure, .. } => {
                (Some(measure.as_str()), None, 1)
            }
            Formula::Ratio { numerator, denominator, times } => {
                (Some(numerator.as_str()), Some(denominator.as_str()), *times)
            }
            Formula::Conversion { base, converted, .. } => (Some(converted.as_str()), Some(base.as_str()), 1),
            Formula::Derived(_) | Formula::Cumulative { .. } => (None, None, 1),
        };
        let (says, source) = (&variant.about, variant.source.as_deref());
        ShownVariant {
            id: &variant.id,
            says,
            source,
            formula: variant.formula.to_string(),
            numerator,
            denominator,
            times,
            made_of: variant.formula.others().iter().map(ToString::to_string).collect(),
            count_at: variant.count_at.map(CountAt::word),
            params: &variant.params,
            example: variant.example.as_ref().map(describe::example),
        }
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
        Command::Test(args) => test(args),
        Command::Reference(args) => reference(args),
        Command::Diff(args) => crate::commands::diff::run(args),
    }
}

fn reference(args: &ReferenceArgs) -> Result<(), Failure> {
    let catalogue = catalogue(args.dir.as_deref())?;
    std::fs::create_dir_all(&args.out)
        .map_err(|e| Failure::problem(format!("{} cannot be made: {e}.", args.out.display())))?;
    let pages = dialmark_view::reference::files(&catalogue);
    for page in &pages {
        files::write(&args.out.join(&page.name), page.text.as_bytes(), Existing::Replace)?;
    }
    out::note(&format!("wrote {} files to {}", pages.len(), args.out.display()));
    Ok(())
}

fn test(args: &TestArgs) -> Result<(), Failure> {
    let catalogue = catalogue(args.dir.as_deref())?;
    let is_builtin = |file: &str| dialmark_metrics::builtin::FILES.iter().any(|(known, _)| *known == file);
    // A rival that a project adds to a built-in metric is the project's own where its example stands.
    let is_own = |metric: &Metric, variant: &Variant| match &variant.example {
        Some(example) => !is_builtin(&example.declared_in.0),
        None => !is_builtin(&metric.declared_in),
    };
    let all =
        || catalogue.metrics.values().flat_map(|metric| metric.variants.iter().map(move |v| (metric, v)));
    let has_own = all().any(|(metric, variant)| is_own(metric, variant));
    let wanted: Option<Vec<String>> =
        args.metrics.as_ref().map(|list| list.split(',').map(|name| name.trim().to_owned()).collect());
    for name in wanted.iter().flatten() {
        let asked = MetricRef::parse(name).map_err(Failure::Usage)?;
        catalogue.resolve(&asked).map_err(Failure::Usage)?;
    }
    let (mut tried, mut without, mut wrong) = (0_u64, 0_u64, Vec::new());
    let chosen = all().filter(|(metric, variant)| match &wanted {
        Some(names) => {
            let full = MetricRef::of(&metric.id, &variant.id).to_string();
            names.iter().any(|name| *name == metric.id || *name == full)
        }
        None => args.all || !has_own || is_own(metric, variant),
    });
    for (metric, variant) in chosen {
        let name = MetricRef::of(&metric.id, &variant.id);
        let Some(example) = &variant.example else {
            without += 1;
            out::line(&format!("{name}: has no worked example."))?;
            continue;
        };
        tried += 1;
        let proven =
            runtime::wait_for(async { Ok(examples::prove(&catalogue, name.clone(), example).await) })?;
        if let Err(why) = proven {
            let (file, line) = &example.declared_in;
            wrong.push(format!("{file}:{line}: {name}: {why}"));
        }
    }
    for sentence in &wrong {
        out::line(sentence)?;
    }
    let right = tried.saturating_sub(wrong.len().try_into().unwrap_or(u64::MAX));
    out::line(&format!(
        "{} of {} came out exactly; {} without one.",
        out::counted(right, "worked example", "worked examples"),
        tried,
        out::counted(without, "definition is", "definitions are")
    ))?;
    if wrong.is_empty() { Ok(()) } else { Err(Failure::Said) }
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
        return out::json(&catalogue.metrics.values().map(|m| Shown::new(catalogue, m)).collect::<Vec<_>>());
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
        return out::json(&Shown::new(catalogue, resolved.metric));
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
    out::line(&format!("  = {}", variant.formula))?;
    for measure in variant.formula.measures().into_iter().filter_map(|name| catalogue.measures.get(name)) {
        out::line(&format!("  {} ({}): {}", measure.id, measure.unit, measure.about))?;
        for binding in &measure.bindings {
            out::line(&format!("    {}", style.faint(&binding.to_string())))?;
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

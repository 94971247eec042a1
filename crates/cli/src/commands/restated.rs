//! `dialmark restated`: which figures of the past are not what they were, and which imports moved them.

use std::collections::BTreeMap;

use dialmark_lake::{ImportRecord, Lake};
use dialmark_metrics::answer::{Key, MetricHeader};
use dialmark_metrics::{Cell, MetricTable};
use dialmark_model::civil::Grain;
use dialmark_view::format;
use jiff::Timestamp;
use serde::Serialize;

use crate::failure::Failure;
use crate::opened::Opened;
use crate::options::Shared;
use crate::out::{self, Style, TextOrJson};
use crate::question::Question;
use crate::{period, runtime};

const EXAMPLES: &str = "\
Examples:
  dialmark restated sales,conversion_rate --since 2026-11-15
  dialmark restated aht --since 2026-11-01 --from 2026-10-01 --to 2026-11-01 --by campaign_id
  dialmark restated dials --since 2026-11-15T18:00:00Z --grain month --format json

Computes the figures as they were known at the end of that day, or at that instant, and as they are
known now, day by day unless another `--grain` is named. It lists those that differ, and the imports whose
records came or changed since then. Definitions are those of today on both sides.";

/// Options of `dialmark restated`.
#[derive(Debug, clap::Args)]
#[command(after_help = EXAMPLES)]
pub struct Args {
    #[command(flatten)]
    question: Question,
    /// Compare with what was known at the end of this day, or at this instant
    #[arg(long, value_name = "DAY|INSTANT")]
    since: String,
    #[command(flatten)]
    shared: Shared,
}

#[derive(Debug, Serialize)]
struct Restated {
    since: Timestamp,
    /// Figures that are the same as they were.
    unmoved: usize,
    figures: Vec<Figure>,
    imports: Vec<Import>,
}

/// A figure that is not what it was.
#[derive(Debug, Serialize)]
struct Figure {
    /// Dimensions and their values, the day first.
    of: BTreeMap<String, String>,
    metric: String,
    variant: String,
    then: Shown,
    now: Shown,
    #[serde(skip)]
    says: String,
}

#[derive(Debug, Serialize)]
struct Shown {
    value: Option<String>,
    reason: Option<String>,
    n: u64,
}

/// An import since then.
#[derive(Debug, Serialize)]
struct Import {
    import_id: i64,
    committed_at: String,
    source: String,
    table: String,
    file_name: String,
    /// Live records that came with it since then, new ones and corrections.
    records: u64,
    /// Records that went with the files that it replaced.
    replaced: u64,
}

/// Compares and shows.
pub fn run(args: &Args) -> Result<(), Failure> {
    let opened = Opened::open(args.shared.dir.as_deref())?;
    let calendar = opened.project.centre.calendar();
    let since = period::known_by(&args.since, &calendar)?;
    let mut question = args.question.read(&opened.catalogue, &calendar)?;
    question.grain = question.grain.or(Some(Grain::Day));
    let restated = runtime::wait_for(async {
        let lake = opened.lake_with_records().await?;
        let past = lake.as_of(since).await?;
        let imports = imports(&lake, &past, since).await?;
        let then = opened.engine(past).query(&question).await?;
        let now = opened.engine(lake).query(&question).await?;
        let (figures, unmoved) = compared(&then, &now);
        Ok(Restated { since, unmoved, figures, imports })
    })?;
    match args.shared.format {
        TextOrJson::Json => out::json(&restated),
        TextOrJson::Text => say(&restated),
    }
}

async fn imports(lake: &Lake, past: &Lake, since: Timestamp) -> Result<Vec<Import>, Failure> {
    let brought = lake.brought_since(past).await?;
    let mut imports = Vec::new();
    for ImportRecord { report, committed_at, .. } in lake.imports().await? {
        let records = brought.get(&(report.table.clone(), report.import_id)).copied().unwrap_or(0);
        let is_later = committed_at.parse::<Timestamp>().is_ok_and(|at| at > since);
        if records > 0 || (is_later && report.replaced > 0) {
            imports.push(Import {
                import_id: report.import_id,
                committed_at,
                source: report.source,
                table: report.table,
                file_name: report.file_name,
                records,
                replaced: if is_later { report.replaced } else { 0 },
            });
        }
    }
    Ok(imports)
}

/// The figures that differ, and how many do not.
fn compared(then: &MetricTable, now: &MetricTable) -> (Vec<Figure>, usize) {
    let cells = |table: &MetricTable| -> BTreeMap<Vec<Key>, Vec<Cell>> {
        table.rows.iter().map(|row| (row.keys.clone(), row.cells.clone())).collect()
    };
    let (before, after) = (cells(then), cells(now));
    let mut keys: Vec<&Vec<Key>> = before.keys().chain(after.keys()).collect();
    keys.sort_unstable();
    keys.dedup();
    let (mut figures, mut unmoved) = (Vec::new(), 0);
    for key in keys {
        for (at, header) in now.metrics.iter().enumerate() {
            let cell = |cells: &BTreeMap<Vec<Key>, Vec<Cell>>| {
                cells.get(key).and_then(|row| row.get(at)).cloned().unwrap_or_else(Cell::empty)
            };
            let (was, is) = (cell(&before), cell(&after));
            let figure = |c: &Cell| (c.value.clone(), c.numerator, c.denominator, c.n);
            if figure(&was) == figure(&is) {
                unmoved += 1;
                continue;
            }
            figures.push(Figure {
                of: now.dimensions.iter().cloned().zip(key.iter().map(ToString::to_string)).collect(),
                metric: header.metric.clone(),
                variant: header.variant.clone(),
                says: format!("{} -> {}", in_words(&was, header), in_words(&is, header)),
                then: shown(&was),
                now: shown(&is),
            });
        }
    }
    (figures, unmoved)
}

fn shown(cell: &Cell) -> Shown {
    Shown {
        value: cell.value.as_ref().ok().map(|v| v.decimal(18)),
        reason: cell.value.as_ref().err().map(|r| r.word().to_owned()),
        n: cell.n,
    }
}

fn in_words(cell: &Cell, header: &MetricHeader) -> String {
    let n = format::count(cell.n);
    match &cell.value {
        Ok(value) => format!("{} (n {n})", format::figure(*value, header.unit, cell.currency.as_deref())),
        Err(reason) => reason.to_string(),
    }
}

fn say(restated: &Restated) -> Result<(), Failure> {
    let style = Style::of_stdout();
    if restated.figures.is_empty() {
        out::line("Every figure is what it was.")?;
    }
    for figure in &restated.figures {
        let of: Vec<&str> = figure.of.values().map(String::as_str).collect();
        let name = format!("{}/{}", figure.metric, figure.variant);
        out::line(&format!("  {:<12} {:<36} {}", of.join(" "), name, style.strong(&figure.says)))?;
    }
    if !restated.figures.is_empty() {
        let unmoved = u64::try_from(restated.unmoved).unwrap_or(u64::MAX);
        out::line(&style.faint(&format!(
            "{} what they were at {}.",
            match unmoved {
                1 => "1 other figure is".to_owned(),
                _ => format!("{} other figures are", out::thousands(unmoved)),
            },
            restated.since
        )))?;
    }
    if restated.imports.is_empty() {
        return out::line("No record came since then.");
    }
    out::line(&style.strong("Came since then"))?;
    for import in &restated.imports {
        let replaced = match import.replaced {
            0 => String::new(),
            gone => format!(", in place of {}", out::thousands(gone)),
        };
        out::line(&format!(
            "  import {} at {}: {} of {} from `{}` ({}){replaced}",
            import.import_id,
            import.committed_at,
            out::counted(import.records, "record", "records"),
            import.table,
            import.source,
            import.file_name,
        ))?;
    }
    Ok(())
}

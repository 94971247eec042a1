//! `dialmark plan`: which figures a change of the project's files would move.

use std::path::PathBuf;
use std::sync::Arc;

use dialmark_engine::{Common, Engine, Side, reconcile};
use dialmark_metrics::{Catalogue, Cell, MetricQuery, MetricRef, Ratio};
use dialmark_model::civil::Period;
use dialmark_view::format;
use serde::Serialize;

use crate::failure::Failure;
use crate::in_force;
use crate::opened::Opened;
use crate::options::Shared;
use crate::out::{self, Style, TextOrJson};
use crate::runtime;

const EXAMPLES: &str = "\
Examples:
  dialmark plan                      since the last import or serve
  dialmark plan --against ../before  since another version of the project's folder
  dialmark plan --days 90 --format json

Compares definitions, defaults, parameters and meanings of codes, and computes every figure that rests on
what changed, under both, over the last days of the data. Nothing is changed. Mappings of sources act on
later imports and are named, not computed.";

/// Options of `dialmark plan`.
#[derive(Debug, clap::Args)]
#[command(after_help = EXAMPLES)]
pub struct Args {
    /// Compare with the project's files in this folder [default: as of the last import or serve]
    #[arg(long, value_name = "FOLDER")]
    against: Option<PathBuf>,
    /// How many days of data to compute
    #[arg(long, value_name = "COUNT", default_value_t = 30)]
    days: u16,
    #[command(flatten)]
    shared: Shared,
}

#[derive(Debug, Default, Serialize)]
struct Planned {
    from: Option<String>,
    to: Option<String>,
    files: Vec<FileChange>,
    moved: Vec<Move>,
    unmoved: Vec<String>,
    added: Vec<String>,
    removed: Vec<String>,
}

#[derive(Debug, Serialize)]
struct FileChange {
    file: String,
    change: &'static str,
}

/// A figure that the change moves.
#[derive(Debug, Serialize)]
struct Move {
    metric: String,
    variant: String,
    before: Shown,
    after: Shown,
    difference: Option<String>,
    /// Records that count otherwise; `None` where a figure is no sum over records.
    calls: Option<u64>,
    #[serde(skip)]
    says: String,
}

#[derive(Debug, Serialize)]
struct Shown {
    value: Option<String>,
    reason: Option<String>,
    n: u64,
}

impl Shown {
    fn new(cell: &Cell) -> Shown {
        Shown {
            value: cell.value.as_ref().ok().map(|v| v.decimal(18)),
            reason: cell.value.as_ref().err().map(|r| r.word().to_owned()),
            n: cell.n,
        }
    }
}

/// Compares and shows.
pub fn run(args: &Args) -> Result<(), Failure> {
    let here = Opened::open(args.shared.dir.as_deref())?;
    let before = match &args.against {
        Some(folder) => Opened::open(Some(folder))?,
        None => in_force::read(&here.project)?.ok_or_else(|| {
            Failure::problem(
                "There is nothing to compare with yet: the declarations are kept from the next `dialmark import` or `dialmark serve` on. `--against FOLDER` names another version.",
            )
        })?,
    };
    let mut planned = Planned { files: files(&before, &here), ..Planned::default() };
    let changed = changed(&before, &here, &mut planned);
    if !changed.is_empty() {
        runtime::wait_for(compute(&before, &here, args.days, changed, &mut planned))?;
    }
    match args.shared.format {
        TextOrJson::Json => out::json(&planned),
        TextOrJson::Text => say(&planned, args.days),
    }
}

fn files(before: &Opened, here: &Opened) -> Vec<FileChange> {
    let text = |opened: &Opened, path: &str| {
        opened.project.files.iter().find(|f| f.path == path).map(|f| f.text.clone())
    };
    let mut names: Vec<&str> =
        before.project.files.iter().chain(&here.project.files).map(|f| f.path.as_str()).collect();
    names.sort_unstable();
    names.dedup();
    names
        .into_iter()
        .filter_map(|path| {
            let change = match (text(before, path), text(here, path)) {
                (Some(a), Some(b)) if a == b => return None,
                (Some(_), Some(_)) => "changed",
                (None, _) => "added",
                (_, None) => "removed",
            };
            Some(FileChange { file: path.to_owned(), change })
        })
        .collect()
}

/// Definitions of one name that are not the same any more; others are noted as added or removed.
fn changed(before: &Opened, here: &Opened, planned: &mut Planned) -> Vec<MetricRef> {
    let version = |opened: &Opened, reference: &MetricRef| {
        let resolved = opened.catalogue.resolve(reference).ok()?;
        Some(dialmark_manage::version(&opened.catalogue, &resolved, &opened.project.dispositions))
    };
    let names = |catalogue: &Catalogue| -> Vec<MetricRef> {
        let metrics = catalogue.metrics.values();
        metrics
            .flat_map(|m| {
                let variants = m.variants.iter().map(|v| MetricRef::of(&m.id, &v.id));
                // What a question without a variant means is a figure of its own.
                std::iter::once(MetricRef::new(&m.id)).chain(variants)
            })
            .collect()
    };
    let mut changed = Vec::new();
    for reference in names(&here.catalogue) {
        match (version(before, &reference), version(here, &reference)) {
            (None, _) => planned.added.push(reference.to_string()),
            (a, b) if a != b || choices_differ(before, here, &reference) => changed.push(reference),
            _ => {}
        }
    }
    for reference in names(&before.catalogue) {
        if version(here, &reference).is_none() {
            planned.removed.push(reference.to_string());
        }
    }
    changed
}

fn choices_differ(before: &Opened, here: &Opened, reference: &MetricRef) -> bool {
    let choices = |opened: &Opened| opened.catalogue.metrics.get(&reference.metric).map(|m| m.meant());
    reference.variant.is_none() && choices(before) != choices(here)
}

async fn compute(
    before: &Opened,
    here: &Opened,
    days: u16,
    changed: Vec<MetricRef>,
    planned: &mut Planned,
) -> Result<(), Failure> {
    let Some(lake) = here.lake_if_any().await? else {
        planned.unmoved.extend(changed.iter().map(ToString::to_string));
        return Ok(());
    };
    let new: Engine = here.engine(lake);
    let dispositions = Arc::new(before.project.dispositions.clone());
    let old = new.clone().with_definitions(Arc::clone(&before.catalogue), dispositions);
    let calendar = here.project.centre.calendar();
    let mut period = Period::ALL;
    if let Some((_, last)) = new.extent().await? {
        let last = calendar.day_of(last);
        let first = last.checked_sub(jiff::Span::new().days(i64::from(days.max(1)) - 1)).unwrap_or(last);
        period = calendar.period(Some(first), last.tomorrow().ok());
        (planned.from, planned.to) = (Some(first.to_string()), Some(last.to_string()));
    }
    for reference in changed {
        let question = MetricQuery { metrics: vec![reference.clone()], period, ..MetricQuery::default() };
        let (Ok(was), Ok(is)) = (old.query(&question).await, new.query(&question).await) else {
            planned.unmoved.push(reference.to_string());
            continue;
        };
        let cell = |t: &dialmark_metrics::MetricTable| {
            t.rows.first().and_then(|r| r.cells.first()).cloned().unwrap_or_else(Cell::empty)
        };
        let (a, b) = (cell(&was), cell(&is));
        let figure = |c: &Cell| (c.value.clone(), c.numerator, c.denominator);
        if figure(&a) == figure(&b) {
            planned.unmoved.push(reference.to_string());
            continue;
        }
        let header = is.metrics.first();
        let side = Side { metric: reference.clone(), filter: None, period };
        let apart = reconcile((&old, &side), (&new, &side), &Common::default()).await.ok();
        let difference: Option<Ratio> =
            a.value.as_ref().ok().zip(b.value.as_ref().ok()).and_then(|(a, b)| b.minus(*a));
        let in_words = |c: &Cell| match (&c.value, header) {
            (Ok(v), Some(h)) => format::figure(*v, h.unit, c.currency.as_deref()).to_string(),
            (Ok(v), None) => v.to_string(),
            (Err(reason), _) => reason.to_string(),
        };
        let says = format!("{} -> {}", in_words(&a), in_words(&b));
        planned.moved.push(Move {
            metric: reference.metric.clone(),
            variant: reference.variant.clone().unwrap_or_else(|| "default".to_owned()),
            before: Shown::new(&a),
            after: Shown::new(&b),
            difference: difference.map(|d| d.decimal(18)),
            calls: apart.map(|r| r.sets.iter().map(|s| s.calls).sum()),
            says,
        });
    }
    Ok(())
}

fn say(planned: &Planned, days: u16) -> Result<(), Failure> {
    let style = Style::of_stdout();
    if planned.files.is_empty() {
        return out::line("No file has changed.");
    }
    for file in &planned.files {
        out::line(&format!("{:<8} {}", file.change, file.file))?;
    }
    if let (Some(from), Some(to)) = (&planned.from, &planned.to) {
        out::line(&style.faint(&format!("Figures of {from} to {to}, {days} days:")))?;
    }
    for moved in &planned.moved {
        let calls = match moved.calls {
            Some(calls) => format!("  {} count otherwise", out::counted(calls, "record", "records")),
            None => String::new(),
        };
        let name = format!("{}/{}", moved.metric, moved.variant);
        out::line(&format!("  {:<48} {}{}", name, style.strong(&moved.says), style.faint(&calls)))?;
    }
    for (word, list) in [("New", &planned.added), ("Gone", &planned.removed)] {
        for name in list {
            out::line(&format!("  {word}: {name}"))?;
        }
    }
    let unmoved = u64::try_from(planned.unmoved.len()).unwrap_or(u64::MAX);
    if planned.moved.is_empty() {
        out::line("No figure would move.")?;
    }
    if unmoved > 0 {
        out::line(&format!(
            "{} changed without moving its figure.",
            out::counted(unmoved, "definition", "definitions")
        ))?;
    }
    Ok(())
}

//! `dialmark reconcile`: the difference of two figures as sets of calls, each with its reason and its effect.

use dialmark_engine::{Common, Reconciliation, Records, Set, Side, reconcile};
use dialmark_metrics::answer::MetricHeader;
use dialmark_metrics::{Cell, Ratio, Scope};
use dialmark_view::format;
use serde::Serialize;

use crate::failure::Failure;
use crate::opened::Opened;
use crate::options::Shared;
use crate::out::{self, Style, TextOrJson};
use crate::question::condition;
use crate::{figure_text, period, runtime};

const EXAMPLES: &str = "\
Examples:
  dialmark reconcile conversion_rate/success_per_dial conversion_rate/success_per_contact
  dialmark reconcile outbound_abandonment_rate/all_calls outbound_abandonment_rate/live_answers --from 2026-11-01
  dialmark reconcile \"dials where source = 'dialler'\" \"dials where source = 'crm'\"
  dialmark reconcile aht aht --b-from 2026-11-01 --a-to 2026-11-01
  dialmark reconcile asr asr@answer --from 2026-11-16 --to 2026-11-17 --set 1

Every record falls into one set, by how it counts in either figure and why not where it does not. The
effects of the sets add up to the difference, exactly. `--set N` lists the records of one.";

/// Options of `dialmark reconcile`.
#[derive(Debug, clap::Args)]
#[command(after_help = EXAMPLES)]
pub struct Args {
    /// The first figure: a metric, perhaps with `where` and a condition
    #[arg(value_name = "A")]
    a: String,
    /// The second figure
    #[arg(value_name = "B")]
    b: String,
    /// Only records for which this holds, on both sides
    #[arg(long = "where", value_name = "EXPR")]
    filter: Option<String>,
    /// First day or instant that counts, on both sides
    #[arg(long, value_name = "DAY|INSTANT")]
    from: Option<String>,
    /// First day or instant that does not count any more, on both sides
    #[arg(long, value_name = "DAY|INSTANT")]
    to: Option<String>,
    /// First day or instant of A alone
    #[arg(long, value_name = "DAY|INSTANT")]
    a_from: Option<String>,
    /// End of A alone
    #[arg(long, value_name = "DAY|INSTANT")]
    a_to: Option<String>,
    /// First day or instant of B alone
    #[arg(long, value_name = "DAY|INSTANT")]
    b_from: Option<String>,
    /// End of B alone
    #[arg(long, value_name = "DAY|INSTANT")]
    b_to: Option<String>,
    /// IANA zone of days for all records [default: each record's own]
    #[arg(long)]
    zone: Option<String>,
    /// List the records of this set, counted from 1
    #[arg(long, value_name = "N")]
    set: Option<usize>,
    /// How many records to list
    #[arg(long, value_name = "COUNT", default_value_t = 50)]
    limit: usize,
    #[command(flatten)]
    shared: Shared,
}

/// Takes the difference apart and shows it.
pub fn run(args: &Args) -> Result<(), Failure> {
    let opened = Opened::open(args.shared.dir.as_deref())?;
    let calendar = period::calendar(args.zone.as_deref(), &opened.project.centre.calendar())?;
    let side = |text: &str, from: &Option<String>, to: &Option<String>| {
        let (metric, filter) = figure_text::read(text, &opened.catalogue)?;
        let from = from.as_deref().or(args.from.as_deref());
        let to = to.as_deref().or(args.to.as_deref());
        Ok::<_, Failure>(Side { metric, filter, period: period::parse(from, to, &calendar)? })
    };
    let a = side(&args.a, &args.a_from, &args.a_to)?;
    let b = side(&args.b, &args.b_from, &args.b_to)?;
    let filter = args.filter.as_deref().map(condition).transpose()?;
    let common = Common {
        filter,
        zone: args.zone.clone(),
        scope: Scope::Everything,
        show: args.set.map(|set| (set, args.limit)),
        ..Common::default()
    };
    let found = runtime::wait_for(async {
        let engine = opened.engine(opened.lake_with_records().await?);
        Ok(reconcile((&engine, &a), (&engine, &b), &common).await?)
    })?;
    show((&args.a, &args.b), &found, args.shared.format)
}

/// Shows a reconciliation of two figures with these names.
pub fn show(names: (&str, &str), found: &Reconciliation, format: TextOrJson) -> Result<(), Failure> {
    match format {
        TextOrJson::Json => out::json(&Shown::new(names, found)),
        TextOrJson::Text => say(names, found),
    }
}

/// A reconciliation for programs.
#[derive(Debug, Serialize)]
pub struct Shown<'r> {
    a: ShownFigure<'r>,
    b: ShownFigure<'r>,
    /// Second less first, as a decimal of at most eighteen digits.
    difference: String,
    /// The same as a fraction.
    difference_exact: String,
    sets: Vec<ShownSet<'r>>,
    alike: u64,
    #[serde(skip_serializing_if = "Option::is_none")]
    records: Option<ShownRecords<'r>>,
}

#[derive(Debug, Serialize)]
struct ShownFigure<'r> {
    asked: &'r str,
    metric: &'r str,
    variant: &'r str,
    value: String,
    numerator: Option<String>,
    denominator: Option<String>,
    n: u64,
}

#[derive(Debug, Serialize)]
struct ShownSet<'r> {
    reason: &'r str,
    table: &'r str,
    calls: u64,
    effect: String,
    effect_exact: String,
    #[serde(rename = "where")]
    condition: Option<String>,
}

#[derive(Debug, Serialize)]
struct ShownRecords<'r> {
    table: &'r str,
    total: u64,
    columns: &'r [String],
    rows: &'r [Vec<Option<String>>],
}

impl<'r> ShownFigure<'r> {
    fn new(asked: &'r str, (header, cell): &'r (MetricHeader, Cell)) -> ShownFigure<'r> {
        ShownFigure {
            asked,
            metric: &header.metric,
            variant: &header.variant,
            value: cell.value.as_ref().map_or_else(ToString::to_string, |v| v.decimal(18)),
            numerator: cell.numerator.map(|v| v.to_string()),
            denominator: cell.denominator.map(|v| v.to_string()),
            n: cell.n,
        }
    }
}

impl<'r> Shown<'r> {
    fn new((a, b): (&'r str, &'r str), found: &'r Reconciliation) -> Shown<'r> {
        Shown {
            a: ShownFigure::new(a, &found.a),
            b: ShownFigure::new(b, &found.b),
            difference: found.difference.decimal(18),
            difference_exact: fraction(found.difference),
            sets: found.sets.iter().map(ShownSet::new).collect(),
            alike: found.alike,
            records: found.shown.as_ref().map(|r| ShownRecords {
                table: &r.table,
                total: r.total,
                columns: &r.columns,
                rows: &r.rows,
            }),
        }
    }
}

impl<'r> ShownSet<'r> {
    fn new(set: &'r Set) -> ShownSet<'r> {
        ShownSet {
            reason: &set.reason,
            table: &set.table,
            calls: set.calls,
            effect: set.effect.decimal(18),
            effect_exact: fraction(set.effect),
            condition: set.condition.as_ref().map(ToString::to_string),
        }
    }
}

fn fraction(value: Ratio) -> String {
    let (top, bottom) = value.parts();
    format!("{top}/{bottom}")
}

fn say((a, b): (&str, &str), found: &Reconciliation) -> Result<(), Failure> {
    let style = Style::of_stdout();
    let shown = |(header, cell): &(MetricHeader, Cell)| {
        let value = match &cell.value {
            Ok(value) => format::figure(*value, header.unit, cell.currency.as_deref()).to_string(),
            Err(reason) => reason.to_string(),
        };
        match (cell.numerator, cell.denominator) {
            (Some(top), Some(bottom)) => format!("{value}  = {top} / {bottom}"),
            _ => value,
        }
    };
    out::line(&format!("A  {:<52} {}", a, style.strong(&shown(&found.a))))?;
    out::line(&format!("B  {:<52} {}", b, style.strong(&shown(&found.b))))?;
    let unit = found.b.0.unit;
    let currency = found.b.1.currency.as_deref();
    let effect = |value: Ratio| format::difference(value, unit, currency);
    out::line(&format!("B - A = {}", style.strong(&effect(found.difference))))?;
    if found.sets.is_empty() {
        out::line("Every record counts alike in both.")?;
    }
    for (number, set) in found.sets.iter().enumerate() {
        let noun = set.table.replace('_', " ");
        out::line(&format!(
            "{:>3}. {:>14}  {}",
            number + 1,
            style.strong(&effect(set.effect)),
            style.faint(&format!("{} {noun}", out::thousands(set.calls)))
        ))?;
        out::line(&format!("     {}.", set.reason))?;
    }
    out::line(&style.faint(&format!(
        "The effects add up to the difference. {} count alike in both.",
        out::counted(found.alike, "record", "records")
    )))?;
    match &found.shown {
        Some(records) => say_records(records),
        None => Ok(()),
    }
}

fn say_records(records: &Records) -> Result<(), Failure> {
    let total = records.total;
    let listed = u64::try_from(records.rows.len()).unwrap_or(u64::MAX);
    out::line(&match listed < total {
        true => format!(
            "\n{} of {} records; `--limit` shows more.",
            out::thousands(listed),
            out::thousands(total)
        ),
        false => format!("\nAll {}.", out::counted(total, "record", "records")),
    })?;
    out::line(&records.columns.join("\t"))?;
    for row in &records.rows {
        let cells: Vec<&str> = row.iter().map(|c| c.as_deref().unwrap_or("")).collect();
        out::line(&cells.join("\t"))?;
    }
    Ok(())
}

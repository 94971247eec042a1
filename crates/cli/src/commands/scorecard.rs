//! `dialmark scorecard`: a few KPIs with weights, for a place and the places inside of it.

use std::path::PathBuf;

use clap::ValueEnum;
use dialmark_govern::CardRow;
use dialmark_metrics::Scope;
use dialmark_model::declared::nearest;
use dialmark_view::{export, judged};

use crate::failure::Failure;
use crate::files::{self, Existing};
use crate::managed::{self, Managed};
use crate::out::{self, Style};
use crate::{columns, runtime};

const EXAMPLES: &str = "\
Examples:
  dialmark scorecard centre
  dialmark scorecard centre --depth 2                    clients and campaigns as well
  dialmark scorecard centre --place campaign_id=north --on 2026-10-31
  dialmark scorecard centre --format json
  dialmark scorecard centre --depth 3 --format xlsx --out centre.xlsx

A KPI scores 100 when its target is met, and loses points in a straight line by how far it is
missed: 20 for each tolerance, unless `zero_after` says where nothing is left. The score is the mean of
these by weight; KPIs without a figure are left out of it, and how much weight was judged is said.";

/// Options of `dialmark scorecard`.
#[derive(Debug, clap::Args)]
#[command(after_help = EXAMPLES)]
pub struct Args {
    /// Name of the scorecard
    name: String,
    /// How many levels of its cascade to go down
    #[arg(long, default_value_t = 0)]
    depth: usize,
    /// Only records of this place, such as `campaign_id=north`; may be given several times
    #[arg(long, value_name = "DIM=VALUE")]
    place: Vec<String>,
    /// As it stood at the end of this day [default: the last day that has records]
    #[arg(long, value_name = "DAY")]
    on: Option<String>,
    /// Folder of the project [default: the current one, or the nearest above that is one]
    #[arg(long, value_name = "PROJECT")]
    dir: Option<PathBuf>,
    /// How to answer
    #[arg(long, value_enum, default_value_t)]
    format: Format,
    /// Write a workbook to this file; needed for `--format xlsx`
    #[arg(long, value_name = "FILE")]
    out: Option<PathBuf>,
    /// Replace the file of `--out` if it is there
    #[arg(long, requires = "out")]
    overwrite: bool,
}

/// How a scorecard is written.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, ValueEnum)]
enum Format {
    /// For people.
    #[default]
    Text,
    /// For programs.
    Json,
    /// A workbook whose scores are formulas; needs --out.
    Xlsx,
}

const NEEDS_A_FILE: &str = "A workbook is not for a terminal; name a file with `--out FILE.xlsx`.";

/// Shows the scorecard.
pub fn run(args: &Args) -> Result<(), Failure> {
    if args.format == Format::Xlsx && args.out.is_none() {
        return Err(Failure::usage(NEEDS_A_FILE));
    }
    let Managed { opened, governed } = managed::open(args.dir.as_deref())?;
    let card = governed.scorecards.get(&args.name).ok_or_else(|| {
        let names = governed.scorecards.keys().map(String::as_str);
        let help = match nearest(&args.name, names.clone()) {
            Some(near) => format!("Did you mean `{near}`?"),
            None if governed.scorecards.is_empty() => {
                "The project declares none; `docs/management.md` shows how.".to_owned()
            }
            None => format!("There are {}.", names.collect::<Vec<_>>().join(", ")),
        };
        Failure::usage(format!("There is no scorecard `{}`. {help}", args.name))
    })?;
    let place = managed::place(&args.place)?;
    let rows = runtime::wait_for(async {
        let engine = opened.engine(opened.lake_with_records().await?);
        let reach = managed::reach(&engine, args.on.as_deref()).await?;
        let everything = Scope::Everything;
        let asked =
            dialmark_manage::Asked { within: &place, by: &[], reach, scope: &everything, whole: &engine };
        Ok(dialmark_manage::scorecard(&engine, &governed, card, args.depth, &asked).await?)
    })?;
    match args.format {
        Format::Json => out::json(&export::scorecard(&rows)),
        Format::Text => say(&card.label, &rows),
        Format::Xlsx => {
            let Some(path) = &args.out else { return Err(Failure::usage(NEEDS_A_FILE)) };
            let existing = if args.overwrite { Existing::Replace } else { Existing::Keep };
            files::write(path, &export::workbook(&card.label, &rows).map_err(Failure::problem)?, existing)?;
            out::note(&format!("wrote {}", path.display()));
            Ok(())
        }
    }
}

fn say(label: &str, rows: &[CardRow]) -> Result<(), Failure> {
    let style = Style::of_stdout();
    for row in rows {
        let total = row.total.as_ref();
        let score = judged::score(total.and_then(|total| total.score));
        let judged_weight = total.map(|t| t.judged.decimal(1)).unwrap_or_default();
        let name = if row.depth == 0 { format!("{label}, {}", row.place) } else { row.place.to_string() };
        out::line(&format!(
            "{}  {score} of 100, {judged_weight} % of the weight judged",
            style.strong(&name)
        ))?;
        let head = ["  KPI", "weight", "value", "target", "status", "score", "against before", "window"];
        let counted = row.kpis.iter().map(|(weight, one)| (weight.decimal(2), one));
        let beside = row.supporting.iter().map(|one| ("beside".to_owned(), one));
        let lines: Vec<Vec<String>> = counted
            .chain(beside)
            .map(|(weight, one)| {
                vec![
                    format!("  {}", one.kpi.label),
                    weight,
                    judged::value(one),
                    judged::target(one),
                    format!("{} {}", judged::sign(&one.status), judged::status(one)),
                    judged::score(one.score),
                    judged::trend(one.trend).to_owned(),
                    judged::window(one),
                ]
            })
            .collect();
        for line in columns::aligned(&head, &lines) {
            out::line(&line)?;
        }
    }
    Ok(())
}

//! `dialmark export`: what is promised, as files that others work with.

use std::collections::BTreeMap;
use std::path::PathBuf;

use clap::ValueEnum;
use dialmark_govern::strategy::{COLUMNS, Edge, EdgeKind, Map, NodeId, Strategy, objective_progress, pack};
use dialmark_govern::{Place, Standing};
use dialmark_manage::Asked;
use dialmark_metrics::metric::Perspective;
use dialmark_metrics::{Ratio, Scope};
use dialmark_view::export;
use serde_json::{Value, json};

use crate::failure::Failure;
use crate::files::{self, Existing};
use crate::managed::{self, Managed};
use crate::{out, runtime};

const EXAMPLES: &str = "\
Examples:
  dialmark export kpi-pack --out kpis.csv
  dialmark export balanced-scorecard --out balanced.xlsx
  dialmark export strategy-map --out map.json
  dialmark export okr --out objectives.json

The KPI pack has a line for each KPI with all thirteen attributes of its record. The balanced scorecard is a
workbook: the KPIs of each of the four views, with scores as formulas. The strategy map says which goals serve
which, which KPIs tell of them, which KPIs drive which, and what is missing. OKR has each objective
with the progress of its key results, as of the last records.";

/// Options of `dialmark export`.
#[derive(Debug, clap::Args)]
#[command(after_help = EXAMPLES)]
pub struct Args {
    /// What to export
    what: What,
    /// File to write to
    #[arg(long, value_name = "FILE")]
    out: PathBuf,
    /// Replace the file if it is there
    #[arg(long)]
    overwrite: bool,
    /// As it stood at the end of this day [default: the last day that has records]
    #[arg(long, value_name = "DAY")]
    on: Option<String>,
    /// Folder of the project [default: the current one, or the nearest above that is one]
    #[arg(long, value_name = "PROJECT")]
    dir: Option<PathBuf>,
}

/// What can be exported.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum What {
    /// A line for each KPI with its thirteen attributes (CSV).
    KpiPack,
    /// KPIs by the four views, scores as formulas (.xlsx).
    BalancedScorecard,
    /// Goals, KPIs and what leads to what (JSON).
    StrategyMap,
    /// Objectives with their progress (JSON).
    Okr,
}

/// Writes the file.
pub fn run(args: &Args) -> Result<(), Failure> {
    let managed = managed::open(args.dir.as_deref())?;
    let bytes = match args.what {
        What::KpiPack => kpi_pack(&managed)?.into_bytes(),
        What::BalancedScorecard => balanced(&managed, args.on.as_deref())?,
        What::StrategyMap => pretty(&strategy_map(&managed))?,
        What::Okr => pretty(&okr(&managed, args.on.as_deref())?)?,
    };
    let existing = if args.overwrite { Existing::Replace } else { Existing::Keep };
    files::write(&args.out, &bytes, existing)?;
    out::note(&format!("wrote {}", args.out.display()));
    Ok(())
}

fn pretty(value: &Value) -> Result<Vec<u8>, Failure> {
    let text = serde_json::to_string_pretty(value)
        .map_err(|error| Failure::problem(format!("The answer cannot be written as JSON: {error}.")))?;
    Ok((text + "\n").into_bytes())
}

fn kpi_pack(managed: &Managed) -> Result<String, Failure> {
    let facts = managed.governed.kpi_facts(&managed.opened.catalogue);
    let rows = pack(&managed.opened.catalogue, facts.values()).map_err(Failure::problem)?;
    let mut text = export::csv_record(&COLUMNS.map(|name| Some(name.to_owned())));
    for row in &rows {
        text.push_str(&export::csv_record(&row.values().map(|value| Some(value.to_owned()))));
    }
    Ok(text)
}

/// How all KPIs stand at their own places.
fn standings(managed: &Managed, on: Option<&str>) -> Result<Vec<Standing>, Failure> {
    let kpis: Vec<_> = managed.governed.kpis.values().collect();
    runtime::wait_for(async {
        let engine = managed.opened.engine(managed.opened.lake_with_records().await?);
        let reach = managed::reach(&engine, on).await?;
        let asked =
            Asked { within: &Place::centre(), by: &[], reach, scope: &Scope::Everything, whole: &engine };
        Ok(dialmark_manage::standings(&engine, &kpis, &asked).await?)
    })
}

fn balanced(managed: &Managed, on: Option<&str>) -> Result<Vec<u8>, Failure> {
    let standings = standings(managed, on)?;
    let mut views: Vec<(String, Vec<Standing>)> = Perspective::ALL
        .iter()
        .map(|(word, view)| {
            let of_view = standings.iter().filter(|one| one.kpi.perspective == Some(*view));
            ((*word).to_owned(), of_view.cloned().collect())
        })
        .collect();
    let without: Vec<Standing> =
        standings.iter().filter(|one| one.kpi.perspective.is_none()).cloned().collect();
    if !without.is_empty() {
        views.push(("without a perspective".to_owned(), without));
    }
    let centre = managed.opened.project.centre.name();
    export::balanced_workbook(centre, &views).map_err(Failure::problem)
}

fn strategy_map(managed: &Managed) -> Value {
    let facts = managed.governed.kpi_facts(&managed.opened.catalogue);
    let map = Map::of(&managed.governed.strategy, &facts, &managed.opened.catalogue);
    let id = |id: &NodeId| match id {
        NodeId::Goal(name) => format!("goal.{name}"),
        NodeId::Kpi(name) => format!("kpi.{name}"),
    };
    let edge = |edge: &Edge| {
        let (kind, through) = match &edge.kind {
            EdgeKind::Serves => ("serves", &[][..]),
            EdgeKind::Tells => ("tells", &[][..]),
            EdgeKind::Drives { through } => ("drives", through.as_slice()),
        };
        json!({ "from": id(&edge.from), "to": id(&edge.to), "kind": kind, "through": through })
    };
    let word =
        |view: Perspective| Perspective::ALL.iter().find(|(_, known)| *known == view).map(|(word, _)| *word);
    let rows = map.rows.iter().map(|row| {
        let nodes = row.nodes.iter().map(|node| json!({ "id": id(&node.id), "label": node.label }));
        json!({ "perspective": word(row.perspective), "nodes": nodes.collect::<Vec<Value>>() })
    });
    json!({
        "rows": rows.collect::<Vec<Value>>(),
        "edges": map.edges.iter().map(edge).collect::<Vec<Value>>(),
        "missing": map.gaps.iter().map(ToString::to_string).collect::<Vec<String>>(),
    })
}

fn okr(managed: &Managed, on: Option<&str>) -> Result<Value, Failure> {
    let strategy: &Strategy = &managed.governed.strategy;
    if strategy.objectives.is_empty() {
        return Err(Failure::problem(
            "The project declares no objective. Add one in `strategy/`; `docs/management.md` shows how.",
        ));
    }
    let values: BTreeMap<String, Ratio> = standings(managed, on)?
        .into_iter()
        .filter_map(|one| Some((one.kpi.name.clone(), one.cell.value.ok()?)))
        .collect();
    let now = |kpi: &str| values.get(kpi).copied();
    let objectives = strategy.objectives.values().map(|objective| {
        let progress = objective_progress(objective, &now);
        let results = objective.key_results.iter().zip(&progress.results).map(|(result, (_, progress))| {
            json!({
                "kpi": result.kpi,
                "from": result.from.to_string(),
                "to": result.to.to_string(),
                "now": now(&result.kpi).map(|value| value.decimal(18)),
                "quality": result.quality,
                "progress": progress.as_ref().map(|p| p.counted.decimal(18)),
                "progress_exact": progress.as_ref().map(|p| p.exact.decimal(18)),
            })
        });
        json!({
            "objective": objective.name,
            "label": objective.label,
            "owner": objective.owner,
            "goal": objective.goal,
            "from": objective.period.from,
            "until": objective.period.until,
            "key_results": results.collect::<Vec<Value>>(),
            "progress": progress.mean.as_ref().ok().map(|mean| mean.decimal(18)),
            "why": progress.mean.as_ref().err(),
        })
    });
    Ok(objectives.collect())
}

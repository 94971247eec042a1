//! `dialmark kpis`: what is promised and how it stands.

use std::collections::BTreeMap;
use std::path::PathBuf;

use clap::Subcommand;
use dialmark_govern::{Governed, Kpi, Place, Standing, lint, preset};
use dialmark_manage::Asked;
use dialmark_manage::starting;
use dialmark_metrics::Scope;
use dialmark_model::declared::nearest;
use dialmark_view::{export, judged};
use serde::Serialize;

use crate::failure::Failure;
use crate::files::{self, Existing};
use crate::managed::{self, Managed};
use crate::opened::Opened;
use crate::options::Shared;
use crate::out::{self, Style, TextOrJson};
use crate::{columns, runtime};

const STATUS_EXAMPLES: &str = "\
Examples:
  dialmark kpis status
  dialmark kpis status conversion_north --by agent_id
  dialmark kpis status --place campaign_id=north --on 2026-10-31
  dialmark kpis status --format json

Says of each KPI whether its target is met, nearly met (within its tolerance), missed, or whether
there is not enough evidence: the target lies within the figure's interval, or records are missing.
A window that is not over is compared with the same part of the one before. A KPI that got better
while what guards it got worse is flagged, and figures that have not ripened say what they will come to.";

const LIST_EXAMPLES: &str = "\
Examples:
  dialmark kpis list
  dialmark kpis list --format json

Shows each KPI with its owner, target and window, and the mark of its definition, for `defined_as`.";

const ADD_EXAMPLES: &str = "\
Examples:
  dialmark kpis add                    which roles there are
  dialmark kpis add outbound_agents --owner lead@example.org

Writes the KPIs that a role looks at to a file of `kpis/`. Where no figure of others may be compared
with one, its target is the centre's own figure of the last ninety days, once there are records.";

const RULES_EXAMPLES: &str = "\
Examples:
  dialmark kpis rules
  dialmark kpis rules --out docs/rules";

/// What to do with KPIs.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Say how KPIs stand against their targets
    #[command(after_help = STATUS_EXAMPLES)]
    Status(StatusArgs),
    /// List KPIs with owner, target and window
    #[command(after_help = LIST_EXAMPLES)]
    List(ListArgs),
    /// Write the KPIs that a role looks at, to start from
    #[command(after_help = ADD_EXAMPLES)]
    Add(AddArgs),
    /// List the rules that KPIs and scorecards are held to
    #[command(after_help = RULES_EXAMPLES)]
    Rules(RulesArgs),
}

/// Options of `kpis add`.
#[derive(Debug, clap::Args)]
pub struct AddArgs {
    /// Name of the role
    role: Option<String>,
    /// Who answers for all of them, to begin with
    #[arg(long, value_name = "PERSON", requires = "role")]
    owner: Option<String>,
    /// Folder of the project [default: the current one, or the nearest above that is one]
    #[arg(long, value_name = "PROJECT")]
    dir: Option<PathBuf>,
}

/// Options of `kpis rules`.
#[derive(Debug, clap::Args)]
pub struct RulesArgs {
    /// Write a page for each rule to this folder
    #[arg(long, value_name = "FOLDER")]
    out: Option<PathBuf>,
}

/// Options of `kpis status`.
#[derive(Debug, clap::Args)]
pub struct StatusArgs {
    /// Only these KPIs
    #[arg(value_name = "KPI")]
    kpis: Vec<String>,
    /// Break out by these dimensions, separated by commas
    #[arg(long, value_name = "DIM[,DIM...]")]
    by: Option<String>,
    /// Only records of this place, such as `campaign_id=north`; may be given several times
    #[arg(long, value_name = "DIM=VALUE")]
    place: Vec<String>,
    /// As it stood at the end of this day [default: the last day that has records]
    #[arg(long, value_name = "DAY")]
    on: Option<String>,
    #[command(flatten)]
    shared: Shared,
}

/// Options of `kpis list`.
#[derive(Debug, clap::Args)]
pub struct ListArgs {
    #[command(flatten)]
    shared: Shared,
}

/// Runs the command.
pub fn run(command: &Command) -> Result<(), Failure> {
    match command {
        Command::Status(args) => status(args),
        Command::List(args) => list(args),
        Command::Add(args) => add(args),
        Command::Rules(args) => rules(args),
    }
}

fn add(args: &AddArgs) -> Result<(), Failure> {
    let Some(role) = &args.role else {
        let rows: Vec<Vec<String>> =
            preset::ALL.iter().map(|one| vec![one.name.to_owned(), one.says.to_owned()]).collect();
        return columns::aligned(&["role", "what it looks at"], &rows)
            .iter()
            .try_for_each(|line| out::line(line));
    };
    let preset = preset::named(role).ok_or_else(|| {
        let help = match nearest(role, preset::ALL.iter().map(|one| one.name)) {
            Some(near) => format!("Did you mean `{near}`?"),
            None => "`dialmark kpis add` names them.".to_owned(),
        };
        Failure::usage(format!("There is no role `{role}`. {help}"))
    })?;
    let opened = Opened::open(args.dir.as_deref())?;
    let targets = runtime::wait_for(async {
        match opened.lake_if_any().await? {
            Some(lake) => Ok(starting::own_figures(&opened.engine(lake), preset.text).await?),
            None => Ok(BTreeMap::new()),
        }
    })?;
    let text = starting::filled_in(preset.text, args.owner.as_deref(), &targets);
    let folder = opened.project.folder.join("kpis");
    std::fs::create_dir_all(&folder)
        .map_err(|e| Failure::problem(format!("{} cannot be made: {e}.", folder.display())))?;
    let path = folder.join(format!("{}.toml", preset.name));
    files::write(&path, text.as_bytes(), Existing::Keep)?;
    out::note(&format!(
        "wrote {}. Look through owners and targets, then run `dialmark check`.",
        path.display()
    ));
    Ok(())
}

fn rules(args: &RulesArgs) -> Result<(), Failure> {
    let Some(folder) = &args.out else {
        let rows: Vec<Vec<String>> =
            lint::ALL.iter().map(|rule| vec![rule.code.to_owned(), rule.says.to_owned()]).collect();
        return columns::aligned(&["rule", "it asks for"], &rows).iter().try_for_each(|line| out::line(line));
    };
    std::fs::create_dir_all(folder)
        .map_err(|e| Failure::problem(format!("{} cannot be made: {e}.", folder.display())))?;
    for (name, text) in dialmark_view::rules::pages() {
        files::write(&folder.join(name), text.as_bytes(), Existing::Replace)?;
    }
    Ok(())
}

fn status(args: &StatusArgs) -> Result<(), Failure> {
    let Managed { opened, governed } = managed::open(args.shared.dir.as_deref())?;
    let place = managed::place(&args.place)?;
    let by = managed::dimensions(args.by.as_deref(), &opened.catalogue)?;
    let kpis = chosen(&governed, &args.kpis)?;
    let standings = runtime::wait_for(async {
        let engine = opened.engine(opened.lake_with_records().await?);
        let reach = managed::reach(&engine, args.on.as_deref()).await?;
        let asked = Asked { within: &place, by: &by, reach, scope: &Scope::Everything, whole: &engine };
        let mut standings = dialmark_manage::standings(&engine, &kpis, &asked).await?;
        dialmark_manage::look_after(&engine, &mut standings, reach, &Scope::Everything).await?;
        Ok(standings)
    })?;
    match args.shared.format {
        TextOrJson::Json => out::json(&export::standings(&standings)),
        TextOrJson::Text => say(&standings),
    }
}

/// The KPIs of these names, or all.
fn chosen<'g>(governed: &'g Governed, names: &[String]) -> Result<Vec<&'g Kpi>, Failure> {
    if governed.kpis.is_empty() {
        return Err(Failure::problem(
            "The project declares no KPI yet. `dialmark kpis add ROLE` writes a set to start from."
                .to_owned(),
        ));
    }
    if names.is_empty() {
        return Ok(governed.kpis.values().collect());
    }
    let named = names.iter().map(|name| {
        governed.kpis.get(name).ok_or_else(|| {
            let help = match nearest(name, governed.kpis.keys().map(String::as_str)) {
                Some(near) => format!("Did you mean `{near}`?"),
                None => "`dialmark kpis list` names them.".to_owned(),
            };
            Failure::usage(format!("There is no KPI `{name}`. {help}"))
        })
    });
    named.collect()
}

fn say(standings: &[Standing]) -> Result<(), Failure> {
    let style = Style::of_stdout();
    let head =
        ["KPI", "place", "value", "95 % interval", "target", "status", "score", "against before", "window"];
    let rows: Vec<Vec<String>> = standings.iter().map(cells).collect();
    for line in columns::aligned(&head, &rows) {
        out::line(&line)?;
    }
    let mut said: Vec<String> = Vec::new();
    for note in standings.iter().flat_map(Standing::said) {
        if !said.contains(&note) {
            out::line(&style.faint(&format!("note: {note}")))?;
            said.push(note);
        }
    }
    Ok(())
}

fn cells(standing: &Standing) -> Vec<String> {
    vec![
        standing.kpi.name.clone(),
        standing.place.to_string(),
        judged::value(standing),
        judged::interval(standing).unwrap_or_default(),
        judged::target(standing),
        format!("{} {}", judged::sign(&standing.status), judged::status(standing)),
        judged::score(standing.score),
        judged::trend(standing.trend).to_owned(),
        judged::window(standing),
    ]
}

/// A KPI for programs.
#[derive(Debug, Serialize)]
struct Listed<'k> {
    kpi: &'k str,
    label: &'k str,
    metric: String,
    place: &'k Place,
    owner: &'k str,
    window: String,
    review: &'static str,
    targets: usize,
    guards: Vec<String>,
    /// The mark of the metric's present definition.
    definition: Option<String>,
    file: &'k str,
    line: usize,
}

fn list(args: &ListArgs) -> Result<(), Failure> {
    let Managed { opened, governed } = managed::open(args.shared.dir.as_deref())?;
    let kpis = chosen(&governed, &[])?;
    let listed: Vec<Listed<'_>> = kpis.iter().map(|kpi| listed(kpi, &opened)).collect();
    if args.shared.format == TextOrJson::Json {
        return out::json(&listed);
    }
    let head = ["KPI", "metric", "place", "owner", "window", "looked at", "definition"];
    let rows: Vec<Vec<String>> = listed
        .iter()
        .map(|one| {
            let mark = one.definition.clone().unwrap_or_default();
            let (kpi, owner) = (one.kpi.to_owned(), one.owner.to_owned());
            vec![
                kpi,
                one.metric.clone(),
                one.place.to_string(),
                owner,
                one.window.clone(),
                one.review.to_owned(),
                mark,
            ]
        })
        .collect();
    for line in columns::aligned(&head, &rows) {
        out::line(&line)?;
    }
    Ok(())
}

fn listed<'k>(kpi: &'k Kpi, opened: &Opened) -> Listed<'k> {
    let resolved = opened.catalogue.resolve(&kpi.metric).ok();
    let mark = |found| dialmark_manage::version(&opened.catalogue, &found, &opened.project.dispositions);
    Listed {
        kpi: &kpi.name,
        label: &kpi.label,
        metric: kpi.metric.to_string(),
        place: &kpi.place,
        owner: &kpi.owner,
        window: kpi.window.to_string(),
        review: kpi.review.word(),
        targets: kpi.targets.len(),
        guards: kpi.guards.iter().map(ToString::to_string).collect(),
        definition: resolved.map(mark),
        file: &kpi.declared_in,
        line: kpi.line,
    }
}

//! `dialmark today`: what happened yesterday, why, what today needs and what waits.

use dialmark_govern::Kpi;
use dialmark_govern::today::Today;
use dialmark_manage::Desk;
use dialmark_manage::today::{Asked, budgets, due, today};
use dialmark_metrics::Scope;
use dialmark_view::{export, today as words};
use jiff::Timestamp;

use crate::failure::Failure;
use crate::managed::{self, Managed};
use crate::options::Shared;
use crate::out::{self, Style, TextOrJson};
use crate::{columns, period, runtime};

const EXAMPLES: &str = "\
Examples:
  dialmark today
  dialmark today --campaign home_switch
  dialmark today --team L-HOME-1 --format json
  dialmark today --at 2026-11-19T10:40:00Z

Yesterday's KPIs against their targets and the same weekdays before; what moved and the three largest
causes, as `dialmark why` finds them; what each hour that is left must bring; how long the lists last;
callbacks, exceptions on the floor, missing records, and what is due of open cases. It is told as of the
last record; while calls come in, as of now.";

/// Options of `dialmark today`.
#[derive(Debug, clap::Args)]
#[command(after_help = EXAMPLES)]
pub struct Args {
    /// Only this campaign
    #[arg(long, value_name = "CAMPAIGN")]
    campaign: Option<String>,
    /// Only this team
    #[arg(long, value_name = "TEAM")]
    team: Option<String>,
    /// Only records of this place, such as `site_id=leeds`; may be given several times
    #[arg(long = "scope", value_name = "DIM=VALUE")]
    place: Vec<String>,
    /// The instant that counts as now [default: the clock's]
    #[arg(long, value_name = "INSTANT")]
    at: Option<String>,
    #[command(flatten)]
    shared: Shared,
}

/// Says what today is about.
pub fn run(args: &Args) -> Result<(), Failure> {
    let Managed { opened, governed } = managed::open(args.shared.dir.as_deref())?;
    let named = [("campaign_id", &args.campaign), ("team", &args.team)];
    let place =
        named.into_iter().fold(managed::place(&args.place)?, |place, (dimension, value)| match value {
            Some(value) => place.within(dimension, value),
            None => place,
        });
    let calendar = opened.project.centre.calendar();
    let now = match &args.at {
        Some(text) => period::instant("--at", text, &calendar)?,
        None => Timestamp::now(),
    };
    let found = runtime::wait_for(async {
        let engine = opened.engine(opened.lake_with_records().await?);
        let kpis: Vec<&Kpi> = governed.kpis.values().collect();
        let asked =
            Asked { engine: &engine, whole: &engine, kpis: &kpis, place: &place, now, shows_agents: true };
        let found = today(&asked).await?;
        let mut found =
            found.ok_or_else(|| Failure::problem(format!("No call is on record up to {now}.")))?;
        let state = opened.state().await?;
        let desk =
            Desk { engine: &engine, governed: &governed, state: &state, scope: &Scope::Everything, now };
        found.calling = Some(budgets(&desk, &place, found.at).await?);
        let cases = state.cases().await?;
        found.cases = Some(due(&governed, engine.calendar(), &cases, &place, now));
        Ok(found)
    })?;
    match args.shared.format {
        TextOrJson::Json => out::json(&export::today(&found)),
        TextOrJson::Text => say(&found),
    }
}

fn say(found: &Today) -> Result<(), Failure> {
    let style = Style::of_stdout();
    let whose = if found.place.is_centre() { String::new() } else { format!(", {}", found.place) };
    out::line(&style.strong(&format!("{}{whose} ({})", words::period(found), found.zone)))?;
    out::line(&style.faint(&words::freshness(found)))?;
    for sentence in export::lead_text(found) {
        out::line(&sentence)?;
    }
    for part in export::today_parts(found) {
        out::line("")?;
        out::line(&style.strong(&part.title))?;
        if let Some((head, rows)) = &part.table {
            for line in columns::aligned(head, rows) {
                out::line(&line)?;
            }
        }
        for sentence in &part.says {
            out::line(&style.faint(sentence))?;
        }
    }
    Ok(())
}

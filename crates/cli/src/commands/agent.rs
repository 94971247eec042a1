//! `dialmark agent`: what is an agent's own.

use dialmark_manage::agent::{self, AgentPage};
use dialmark_view::{export, judged};
use serde_json::{Value, json};

use crate::failure::Failure;
use crate::managed;
use crate::options::Shared;
use crate::out::{self, Style, TextOrJson};
use crate::seat::Seat;
use crate::{columns, runtime};

const EXAMPLES: &str = "\
Examples:
  dialmark agent ann
  dialmark agent ann --format json

Figures against targets, callbacks to make, commission of the running period and disputes of one agent, as the agent's own
page shows them.";

/// Options of `dialmark agent`.
#[derive(Debug, clap::Args)]
#[command(after_help = EXAMPLES)]
pub struct Args {
    /// The agent, as in the records
    agent: String,
    #[command(flatten)]
    shared: Shared,
}

/// Shows the agent's own.
pub fn run(args: &Args) -> Result<(), Failure> {
    let managed = managed::open(args.shared.dir.as_deref())?;
    let page = runtime::wait_for(async {
        let work = Seat::at(&managed).await?;
        let plans = work.managed.governed.incentives.values();
        let plans: Vec<(&str, &str)> = plans
            .map(|plan| (plan.name.as_str(), work.managed.text_of(&plan.declared_in).unwrap_or_default()))
            .collect();
        Ok(agent::page(&work.desk(), &args.agent, &plans).await?)
    })?;
    match args.shared.format {
        TextOrJson::Json => out::json(&shown(&page)),
        TextOrJson::Text => say(&page),
    }
}

fn shown(page: &AgentPage) -> Value {
    let without: Vec<Value> =
        page.without_figure.iter().map(|(kpi, why)| json!({ "kpi": kpi, "why": why })).collect();
    let commission: Vec<Value> = page
        .commission
        .iter()
        .map(|(plan, shown)| match shown {
            Ok(shown) => json!({ "plan": plan, "statement": shown.statement }),
            Err(why) => json!({ "plan": plan, "statement": null, "why": why }),
        })
        .collect();
    json!({
        "agent": page.agent,
        "records_until": page.reach.map(|reach| reach.until),
        "kpis": export::standings(&page.standings),
        "without_figure": without,
        "callbacks": page.callbacks,
        "commission": commission,
        "disputes": page.disputes,
    })
}

fn say(page: &AgentPage) -> Result<(), Failure> {
    let style = Style::of_stdout();
    let until =
        page.reach.map_or_else(|| "no records".to_owned(), |reach| format!("records to {}", reach.until));
    out::line(&style.strong(&format!("{} ({until})", page.agent)))?;
    let rows: Vec<Vec<String>> = page
        .standings
        .iter()
        .map(|standing| {
            vec![
                standing.kpi.name.clone(),
                judged::value(standing),
                judged::interval(standing).unwrap_or_default(),
                judged::target(standing),
                format!("{} {}", judged::sign(&standing.status), judged::status(standing)),
                judged::window(standing),
            ]
        })
        .collect();
    for line in columns::aligned(&["KPI", "value", "95 % interval", "target", "status", "window"], &rows) {
        out::line(&line)?;
    }
    for (kpi, why) in &page.without_figure {
        out::line(&style.faint(&format!("{kpi}: no figure ({why})")))?;
    }
    let overdue = page.callbacks.iter().filter(|one| one.is_overdue).count();
    out::line(&format!("callbacks to make: {}, {overdue} of them overdue", page.callbacks.len()))?;
    for (plan, shown) in &page.commission {
        out::line(&match shown {
            Ok(shown) => {
                format!("commission {plan}, {}: {} so far", shown.statement.period, shown.statement.due)
            }
            Err(why) => format!("commission {plan}: {why}"),
        })?;
    }
    let open = page.disputes.iter().filter(|one| one.dispute.decision().is_none()).count();
    out::line(&format!("disputes: {}, {open} of them open", page.disputes.len()))
}

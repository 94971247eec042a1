//! `dialmark incentives`: what agents earn beside their wages.

use clap::Subcommand;
use dialmark_govern::contract::BillingPeriod;
use dialmark_govern::incentive::{Plan, Standing, Statement};
use dialmark_manage::incentive::{self, Asked, Shown};
use dialmark_model::declared::nearest;
use serde_json::json;

use crate::failure::Failure;
use crate::managed::{self, Managed};
use crate::options::Shared;
use crate::out::{self, Style, TextOrJson};
use crate::seat::Seat;
use crate::{columns, runtime, statement_lines};

const LIST_EXAMPLES: &str = "\
Examples:
  dialmark incentives list
  dialmark incentives list --format json        with every statement that was frozen";

const STATEMENT_EXAMPLES: &str = "\
Examples:
  dialmark incentives statement north --agent ann --period 2026-10
  dialmark incentives statement north --agent ann --period 2026-10 --format json
  dialmark incentives statement north --agent ann --period 2026-10 --freeze --by finance@example.org

Until it is frozen a statement changes with the records; of a running period it says what is earned so
far. Frozen, it is kept with all that it was computed from, computed anew whenever it is shown, and must come
out the same, byte for byte. Sales that it paid for and that are cancelled later are taken back on the
next one, where the plan says so.";

/// What to do with incentives.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// List plans and the statements that were frozen
    #[command(after_help = LIST_EXAMPLES)]
    List(ListArgs),
    /// Show what an agent has earned in a period
    #[command(after_help = STATEMENT_EXAMPLES)]
    Statement(StatementArgs),
}

/// Options of `incentives list`.
#[derive(Debug, clap::Args)]
pub struct ListArgs {
    #[command(flatten)]
    shared: Shared,
}

/// Options of `incentives statement`.
#[derive(Debug, clap::Args)]
pub struct StatementArgs {
    /// Name of the plan
    plan: String,
    /// The agent, as in the records
    #[arg(long, value_name = "AGENT")]
    agent: String,
    /// Month or quarter, such as `2026-10` or `2026-Q4`
    #[arg(long, value_name = "PERIOD")]
    period: String,
    /// Keep it as it is now, for good
    #[arg(long, requires = "by")]
    freeze: bool,
    /// Who freezes it
    #[arg(long, value_name = "PERSON", requires = "freeze")]
    by: Option<String>,
    #[command(flatten)]
    shared: Shared,
}

/// Runs the command.
pub fn run(command: &Command) -> Result<(), Failure> {
    match command {
        Command::List(args) => list(args),
        Command::Statement(args) => statement(args),
    }
}

fn list(args: &ListArgs) -> Result<(), Failure> {
    let managed = managed::open(args.shared.dir.as_deref())?;
    let plans: Vec<Plan> = managed.governed.incentives.values().cloned().collect();
    let frozen = runtime::wait_for(async {
        let work = Seat::at(&managed).await?;
        Ok(incentive::frozen(&work.desk()).await?)
    })?;
    if args.shared.format == TextOrJson::Json {
        let plans: Vec<serde_json::Value> = plans
            .iter()
            .map(|plan| {
                json!({
                    "plan": plan.name,
                    "label": plan.label,
                    "who": plan.who,
                    "currency": plan.currency,
                    "period": plan.period.word(),
                    "parts": plan.parts.iter().map(|part| &part.name).collect::<Vec<_>>(),
                    "frozen": frozen.iter().filter(|one| one.plan == plan.name).collect::<Vec<_>>(),
                    "file": plan.declared_in,
                    "line": plan.line,
                })
            })
            .collect();
        return out::json(&plans);
    }
    if plans.is_empty() {
        return out::line("The project declares no plan such as `[incentive.north]`.");
    }
    let rows: Vec<Vec<String>> = plans
        .iter()
        .map(|plan| {
            let parts: Vec<&str> = plan.parts.iter().map(|part| part.name.as_str()).collect();
            let of_plan = frozen.iter().filter(|one| one.plan == plan.name);
            let last = of_plan.clone().map(|one| one.period).max();
            let last =
                last.map_or_else(|| "none".to_owned(), |last| format!("{} to {last}", of_plan.count()));
            let (name, who) = (plan.name.clone(), plan.who.to_string());
            vec![name, who, plan.period.word().to_owned(), plan.currency.clone(), parts.join(", "), last]
        })
        .collect();
    for line in columns::aligned(&["plan", "agents of", "every", "currency", "pays for", "frozen"], &rows) {
        out::line(&line)?;
    }
    Ok(())
}

fn statement(args: &StatementArgs) -> Result<(), Failure> {
    let managed = managed::open(args.shared.dir.as_deref())?;
    let plan = chosen(&managed, &args.plan)?.clone();
    let text = managed.text_of(&plan.declared_in).unwrap_or_default().to_owned();
    let period = BillingPeriod::parse(&args.period).filter(|period| period.billing() == plan.period);
    let period = period.ok_or_else(|| {
        let example = if plan.period.word() == "quarter" { "2026-Q4" } else { "2026-10" };
        Failure::usage(format!(
            "`--period {}` is no {} of this plan; write one such as `{example}`.",
            args.period,
            plan.period.word()
        ))
    })?;
    let asked = Asked { plan: &plan, text: &text, agent: &args.agent, period };
    let shown = runtime::wait_for(async {
        let work = Seat::at(&managed).await?;
        let desk = work.desk();
        Ok(match args.by.as_ref().filter(|_| args.freeze) {
            Some(by) => incentive::freeze(&desk, &asked, by).await?,
            None => incentive::shown(&desk, &asked).await?,
        })
    })?;
    match args.shared.format {
        TextOrJson::Json => out::line(&shown.json),
        TextOrJson::Text => say(&shown),
    }
}

fn chosen<'m>(managed: &'m Managed, name: &str) -> Result<&'m Plan, Failure> {
    let plans = &managed.governed.incentives;
    plans.get(name).ok_or_else(|| {
        let names = plans.keys().map(String::as_str);
        let help = match nearest(name, names.clone()) {
            Some(near) => format!("Did you mean `{near}`?"),
            None if plans.is_empty() => "The project declares none.".to_owned(),
            None => format!("There are {}.", names.collect::<Vec<_>>().join(", ")),
        };
        Failure::usage(format!("There is no plan `{name}`. {help}"))
    })
}

fn say(shown: &Shown) -> Result<(), Failure> {
    let style = Style::of_stdout();
    let statement: &Statement = &shown.statement;
    let title =
        format!("{}, {}, {}: {} due", statement.label, statement.agent, statement.period, statement.due);
    out::line(&style.strong(&title))?;
    out::line(&match (&shown.frozen, statement.standing) {
        (Some((at, by)), _) => format!("frozen on {at} by {by}"),
        (None, Standing::Final) => "a draft: it changes with the records until it is frozen".to_owned(),
        (None, Standing::Provisional(day)) => {
            format!("so far: records reach to {day}, and nothing is due before the period is over")
        }
    })?;
    let lines = statement.lines.iter().map(|line| (&line.id, line.amount.as_ref(), &line.says));
    statement_lines::say(&statement.incomplete, lines)?;
    for note in &statement.notes {
        out::line(&style.faint(note))?;
    }
    Ok(())
}

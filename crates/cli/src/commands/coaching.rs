//! `dialmark coaching`: who is due, what was agreed, whether it helped.

use clap::Subcommand;
use dialmark_govern::coaching::{Agreed, Due, Overdue, Rule, Session};
use dialmark_manage::coaching::{self, DueAsked};
use dialmark_metrics::{MetricRef, Ratio};
use jiff::civil::Date;
use jiff::{Span, Timestamp};
use serde_json::{Value, json};

use crate::failure::Failure;
use crate::options::Shared;
use crate::out::{self, TextOrJson};
use crate::{columns, managed, seat};

const DUE_EXAMPLES: &str = "\
Examples:
  dialmark coaching due
  dialmark coaching due --days 14 --below 75 --least 3 --agent ann

Goes by the evaluations of the last days: behaviours (`coach` in the form) on which an agent reached less
than so many of 100 points, the lowest first, and any critical error. What is worked on already is not due.";

const HOLD_EXAMPLES: &str = "\
Examples:
  dialmark coaching hold --agent ann --behaviour 'asking before offering' --by cleo \\
      --agreement 'two questions before the price' --recheck 2026-07-15";

const LIST_EXAMPLES: &str = "\
Examples:
  dialmark coaching list
  dialmark coaching list --agent ann --format json";

const ACKNOWLEDGE_EXAMPLES: &str = "\
Examples:
  dialmark coaching acknowledge 5b1f0a9e77c2d413 --by ann";

const RECHECK_EXAMPLES: &str = "\
Examples:
  dialmark coaching recheck 5b1f0a9e77c2d413 --by cleo
  dialmark coaching recheck 5b1f0a9e77c2d413 --by cleo --metric conversion_rate/success_per_contact --least 50

Compares the days since the session with as many before it, with an interval: points on the behaviour in
evaluations made here, or a metric of the agent.";

/// What to do about coaching.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Say who is due for coaching on what
    #[command(after_help = DUE_EXAMPLES)]
    Due(DueArgs),
    /// Write down a session that was held
    #[command(after_help = HOLD_EXAMPLES)]
    Hold(HoldArgs),
    /// List sessions and what is overdue
    #[command(after_help = LIST_EXAMPLES)]
    List(ListArgs),
    /// Say that this was agreed, as the agent
    #[command(after_help = ACKNOWLEDGE_EXAMPLES)]
    Acknowledge(AcknowledgeArgs),
    /// Look at a behaviour again: whether it helped
    #[command(after_help = RECHECK_EXAMPLES)]
    Recheck(RecheckArgs),
}

/// Options of `coaching due`.
#[derive(Debug, clap::Args)]
pub struct DueArgs {
    /// Only this agent
    #[arg(long, value_name = "AGENT")]
    agent: Option<String>,
    /// Last day of the conversations [default: the last that has records]
    #[arg(long, value_name = "DAY")]
    on: Option<Date>,
    /// How many days
    #[arg(long, value_name = "DAYS", default_value_t = 28)]
    days: u16,
    /// Points of 100 below which a behaviour is due
    #[arg(long, value_name = "POINTS", default_value = "80")]
    below: String,
    /// Evaluations below which nothing is said
    #[arg(long, value_name = "NUMBER", default_value_t = 5)]
    least: u64,
    /// Behaviours of one agent at most
    #[arg(long, value_name = "NUMBER", default_value_t = 2)]
    at_most: usize,
    #[command(flatten)]
    shared: Shared,
}

/// Options of `coaching hold`.
#[derive(Debug, clap::Args)]
pub struct HoldArgs {
    /// Who was coached
    #[arg(long, value_name = "AGENT")]
    agent: String,
    /// The behaviour that it was about
    #[arg(long, value_name = "TEXT")]
    behaviour: String,
    /// What was agreed
    #[arg(long, value_name = "TEXT")]
    agreement: String,
    /// Day on which the behaviour is looked at again
    #[arg(long, value_name = "DAY")]
    recheck: Date,
    /// Who coached
    #[arg(long, value_name = "PERSON")]
    by: String,
    /// When it was held, such as `2026-07-01T09:00:00Z` [default: now]
    #[arg(long, value_name = "TIME")]
    held_at: Option<Timestamp>,
    #[command(flatten)]
    shared: Shared,
}

/// Options of `coaching list`.
#[derive(Debug, clap::Args)]
pub struct ListArgs {
    /// Only of this agent
    #[arg(long, value_name = "AGENT")]
    agent: Option<String>,
    #[command(flatten)]
    shared: Shared,
}

/// Options of `coaching acknowledge`.
#[derive(Debug, clap::Args)]
pub struct AcknowledgeArgs {
    /// The session
    id: String,
    /// The agent
    #[arg(long, value_name = "AGENT")]
    by: String,
    #[command(flatten)]
    shared: Shared,
}

/// Options of `coaching recheck`.
#[derive(Debug, clap::Args)]
pub struct RecheckArgs {
    /// The session
    id: String,
    /// Who looks again
    #[arg(long, value_name = "PERSON")]
    by: String,
    /// A metric of the agent instead of points on the behaviour
    #[arg(long, value_name = "METRIC")]
    metric: Option<String>,
    /// Records on either side below which nothing is said
    #[arg(long, value_name = "NUMBER", default_value_t = 5)]
    least: u64,
    #[command(flatten)]
    shared: Shared,
}

/// Runs the command.
pub fn run(command: &Command) -> Result<(), Failure> {
    match command {
        Command::Due(args) => due(args),
        Command::Hold(args) => hold(args),
        Command::List(args) => list(args),
        Command::Acknowledge(args) => acknowledge(args),
        Command::Recheck(args) => recheck(args),
    }
}

fn due(args: &DueArgs) -> Result<(), Failure> {
    let points = Ratio::parse(args.below.trim());
    let below = points.zip(Ratio::parse("100")).and_then(|(points, hundred)| points.over(hundred));
    let below = below.ok_or_else(|| {
        Failure::usage(format!("`--below {}` is no number of points, such as `80`.", args.below))
    })?;
    let rule = Rule { least_n: args.least, below, at_most: args.at_most };
    let managed = managed::open(args.shared.dir.as_deref())?;
    let now = Timestamp::now();
    let rows = seat::look(&managed, async |desk| {
        let reach = dialmark_manage::reach(desk.engine, now).await?;
        let today = desk.engine.calendar().day_of(now);
        let last = args.on.or(reach.map(|reach| reach.day)).unwrap_or(today);
        let until = last.tomorrow().unwrap_or(last);
        let from = until.checked_sub(Span::new().days(i64::from(args.days))).unwrap_or(until);
        coaching::due(&desk, &DueAsked { from, until, agent: args.agent.as_deref(), rule }).await
    })?;
    if args.shared.format == TextOrJson::Json {
        return out::json(&rows.iter().map(due_json).collect::<Vec<_>>());
    }
    let is_due = |row: &&Due| !row.behaviours.is_empty();
    if rows.iter().filter(is_due).count() == 0 {
        out::line("Nobody is due.")?;
    }
    let head = ["agent", "behaviour", "points", "evaluations", "critical errors"];
    let behaviours = rows.iter().flat_map(|row| row.behaviours.iter().map(move |one| (row, one)));
    let lines: Vec<Vec<String>> = behaviours
        .map(|(row, one)| {
            let of_hundred = one.share.and_then(|share| share.times(Ratio::parse("100")?));
            let points = of_hundred.map_or("-".to_owned(), |points| points.decimal(1));
            let (n, critical) = (one.n.to_string(), one.critical_errors.to_string());
            vec![row.agent.clone(), one.behaviour.clone(), points, n, critical]
        })
        .collect();
    if !lines.is_empty() {
        columns::aligned(&head, &lines).iter().try_for_each(|line| out::line(line))?;
    }
    for row in &rows {
        for (behaviour, n) in &row.too_few {
            let seen = out::counted(*n, "evaluation", "evaluations");
            out::line(&format!("{}: too little was seen of {behaviour} ({seen}).", row.agent))?;
        }
    }
    Ok(())
}

fn due_json(due: &Due) -> Value {
    json!({
        "agent_id": due.agent,
        "behaviours": due.behaviours.iter().map(|one| json!({
            "behaviour": one.behaviour,
            "share": one.share.map(|share| share.to_string()),
            "n": one.n,
            "critical_errors": one.critical_errors,
        })).collect::<Vec<_>>(),
        "too_few": due.too_few.iter().map(|(behaviour, n)| json!({ "behaviour": behaviour, "n": n })).collect::<Vec<_>>(),
    })
}

fn hold(args: &HoldArgs) -> Result<(), Failure> {
    let by = seat::person(&args.by)?;
    let managed = managed::open(args.shared.dir.as_deref())?;
    let agreed = Agreed {
        agent: args.agent.trim().to_owned(),
        coach: by.to_owned(),
        behaviour: args.behaviour.trim().to_owned(),
        agreement: args.agreement.trim().to_owned(),
        held_at: args.held_at.unwrap_or_else(Timestamp::now),
        recheck_on: args.recheck,
    };
    let session = seat::decide(&managed, async |desk| coaching::hold(&desk, agreed, by).await)?;
    say(&session, args.shared.format)
}

fn list(args: &ListArgs) -> Result<(), Failure> {
    let managed = managed::open(args.shared.dir.as_deref())?;
    let (sessions, overdue) = seat::look(&managed, async |desk| {
        let sessions = coaching::sessions(&desk, args.agent.as_deref()).await?;
        let overdue = coaching::overdue(&desk, &sessions, Timestamp::now());
        Ok((sessions, overdue))
    })?;
    if args.shared.format == TextOrJson::Json {
        let of = |session: &Session| -> Vec<&str> {
            let own = overdue.iter().filter(|one| one.session == session.id());
            own.map(|one: &Overdue| one.says.as_str()).collect()
        };
        let shown = sessions.iter().map(|session| {
            let mut shown = session_json(session);
            if let Some(map) = shown.as_object_mut() {
                map.insert("overdue".to_owned(), json!(of(session)));
            }
            shown
        });
        return out::json(&shown.collect::<Vec<_>>());
    }
    if sessions.is_empty() {
        return out::line("There is no coaching session.");
    }
    sessions.iter().try_for_each(|session| say(session, TextOrJson::Text))?;
    overdue.iter().try_for_each(|one| out::line(&format!("OVERDUE: {}", one.says)))
}

fn acknowledge(args: &AcknowledgeArgs) -> Result<(), Failure> {
    let by = seat::person(&args.by)?;
    let managed = managed::open(args.shared.dir.as_deref())?;
    let session = seat::decide(&managed, async |desk| {
        coaching::acknowledge(&desk, &args.id, by, Timestamp::now()).await
    })?;
    say(&session, args.shared.format)
}

fn recheck(args: &RecheckArgs) -> Result<(), Failure> {
    let by = seat::person(&args.by)?;
    let metric = args.metric.as_deref().map(MetricRef::parse).transpose().map_err(Failure::usage)?;
    let managed = managed::open(args.shared.dir.as_deref())?;
    let held = seat::decide(&managed, async |desk| {
        coaching::recheck(&desk, &args.id, metric.as_ref(), args.least, by, Timestamp::now()).await
    })?;
    say(&held.session, args.shared.format)
}

fn session_json(session: &Session) -> Value {
    let agreed = session.agreed();
    json!({
        "id": session.id(),
        "agent_id": agreed.agent,
        "coach": agreed.coach,
        "behaviour": agreed.behaviour,
        "agreement": agreed.agreement,
        "held_at": agreed.held_at,
        "recheck_on": agreed.recheck_on,
        "number": session.number(),
        "acknowledged_at": session.acknowledged_at(),
        "rechecked": session.rechecked(),
    })
}

fn say(session: &Session, format: TextOrJson) -> Result<(), Failure> {
    if format == TextOrJson::Json {
        return out::json(&session_json(session));
    }
    let Agreed { agent, coach, behaviour, agreement, recheck_on, .. } = session.agreed();
    out::line(&format!("Session {}: {agent} with {coach} on {behaviour}", session.id()))?;
    let acknowledged = if session.acknowledged_at().is_some() { "acknowledged" } else { "not acknowledged" };
    out::line(&format!("  {agreement} Looked at again on {recheck_on}; {acknowledged}."))?;
    match session.rechecked() {
        Some(found) => out::line(&format!("  {}", found.says)),
        None => Ok(()),
    }
}

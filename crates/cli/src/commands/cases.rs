//! `dialmark cases`: what follows from missed KPIs, with clocks.

use std::path::PathBuf;

use clap::Subcommand;
use dialmark_govern::case::{Case, Clock, Entry, Event, clocks};
use dialmark_model::civil::Calendar;
use dialmark_state::Filed;
use jiff::Timestamp;
use jiff::civil::Date;
use serde::Serialize;

use crate::failure::Failure;
use crate::managed::{self, Managed};
use crate::opened::Opened;
use crate::options::Shared;
use crate::out::{self, Style, TextOrJson};
use crate::{columns, runtime, seat};

const JUDGE_EXAMPLES: &str = "\
Examples:
  dialmark cases judge

Judges each window that is over and was not judged yet; a KPI that missed its target in one opens a
case, or goes on in the one that is open. `dialmark serve` does this by itself every few minutes.";

const LIST_EXAMPLES: &str = "\
Examples:
  dialmark cases list
  dialmark cases list --all --format json";

const SHOW_EXAMPLES: &str = "\
Examples:
  dialmark cases show 3";

const UPDATE_EXAMPLES: &str = "\
Examples:
  dialmark cases update 3 --by lead@example.org --cause 'the list of March is 14 months old'
  dialmark cases update 3 --by lead@example.org --plan 'cap it at two attempts, buy a fresh one'
  dialmark cases update 3 --by lead@example.org --action 'cap the list' --owner ops@example.org --due 2026-11-12
  dialmark cases update 3 --by ops@example.org --milestone 'half of the list' --of 1 --due 2026-11-10
  dialmark cases update 3 --by ops@example.org --done 1 --note 'capped at two attempts'
  dialmark cases update 3 --by lead@example.org --close 'back above target for two months'

Each adds one entry to the history of the case; nothing is ever changed or taken away. The root cause
is due 48 hours after the case was opened, the plan a week after it.";

/// What to do with cases.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Judge windows that are over, and open cases for misses
    #[command(after_help = JUDGE_EXAMPLES)]
    Judge(JudgeArgs),
    /// List cases with what is due next
    #[command(after_help = LIST_EXAMPLES)]
    List(ListArgs),
    /// Show one case with its clocks and its history
    #[command(after_help = SHOW_EXAMPLES)]
    Show(ShowArgs),
    /// Write down what happened to a case
    #[command(after_help = UPDATE_EXAMPLES)]
    Update(Box<UpdateArgs>),
}

/// Options of `cases judge`.
#[derive(Debug, clap::Args)]
pub struct JudgeArgs {
    #[command(flatten)]
    shared: Shared,
}

/// Options of `cases list`.
#[derive(Debug, clap::Args)]
pub struct ListArgs {
    /// Closed ones as well
    #[arg(long)]
    all: bool,
    #[command(flatten)]
    shared: Shared,
}

/// Options of `cases show`.
#[derive(Debug, clap::Args)]
pub struct ShowArgs {
    /// Number of the case
    case: i64,
    #[command(flatten)]
    shared: Shared,
}

/// Options of `cases update`.
#[derive(Debug, clap::Args)]
#[command(group = clap::ArgGroup::new("what").required(true).args(["cause", "plan", "action", "milestone", "reached", "done", "escalated", "close", "note"]).multiple(true))]
pub struct UpdateArgs {
    /// Number of the case
    case: i64,
    /// Who writes this down
    #[arg(long, value_name = "PERSON")]
    by: String,
    /// The root cause
    #[arg(long, value_name = "TEXT", conflicts_with_all = ["plan", "action", "milestone", "reached", "done", "escalated", "close", "note"])]
    cause: Option<String>,
    /// The improvement plan
    #[arg(long, value_name = "TEXT", conflicts_with_all = ["action", "milestone", "reached", "done", "escalated", "close", "note"])]
    plan: Option<String>,
    /// Something that is to be done
    #[arg(long, value_name = "TEXT", requires = "owner", requires = "due", conflicts_with_all = ["milestone", "reached", "done", "escalated", "close", "note"])]
    action: Option<String>,
    /// Who does it
    #[arg(long, value_name = "PERSON", requires = "action")]
    owner: Option<String>,
    /// Until which day
    #[arg(long, value_name = "DAY")]
    due: Option<Date>,
    /// A step of an action
    #[arg(long, value_name = "TEXT", requires = "of", requires = "due", conflicts_with_all = ["reached", "done", "escalated", "close", "note"])]
    milestone: Option<String>,
    /// Number of the action that a milestone belongs to
    #[arg(long, value_name = "NUMBER", requires = "milestone")]
    of: Option<usize>,
    /// Number of a milestone that was reached
    #[arg(long, value_name = "NUMBER", conflicts_with_all = ["done", "escalated", "close", "note"])]
    reached: Option<usize>,
    /// Number of an action that was done; `--note` says what came of it
    #[arg(long, value_name = "NUMBER", conflicts_with_all = ["escalated", "close"])]
    done: Option<usize>,
    /// What a review decided
    #[arg(long, value_name = "TEXT", conflicts_with_all = ["close", "note"])]
    escalated: Option<String>,
    /// Why it can be closed
    #[arg(long, value_name = "TEXT", conflicts_with_all = ["note"])]
    close: Option<String>,
    /// Something worth writing down
    #[arg(long, value_name = "TEXT")]
    note: Option<String>,
    /// Folder of the project [default: the current one, or the nearest above that is one]
    #[arg(long, value_name = "PROJECT")]
    dir: Option<PathBuf>,
}

/// Runs the command.
pub fn run(command: &Command) -> Result<(), Failure> {
    match command {
        Command::Judge(args) => judge(args),
        Command::List(args) => list(args),
        Command::Show(args) => show(args),
        Command::Update(args) => update(args),
    }
}

fn judge(args: &JudgeArgs) -> Result<(), Failure> {
    let Managed { opened, governed } = managed::open(args.shared.dir.as_deref())?;
    let judged = runtime::wait_for(async {
        let engine = opened.engine(opened.lake_with_records().await?);
        let reach = managed::reach(&engine, None).await?;
        let state = opened.state().await?;
        let judged = dialmark_manage::judge(&engine, &governed, &state, reach, Timestamp::now()).await;
        judged.map_err(|error| Failure::problem(error.to_string()))
    })?;
    match args.shared.format {
        TextOrJson::Json => {
            out::json(&serde_json::json!({ "windows": judged.windows, "opened": judged.opened }))
        }
        TextOrJson::Text => {
            let opened = u64::try_from(judged.opened.len()).unwrap_or(u64::MAX);
            out::line(&format!(
                "judged {}, opened {}",
                out::counted(judged.windows, "window", "windows"),
                out::counted(opened, "case", "cases")
            ))
        }
    }
}

/// A case for programs.
#[derive(Debug, Serialize)]
struct Shown<'f> {
    id: i64,
    #[serde(flatten)]
    case: &'f Case,
    days_below: i32,
    clocks: Vec<ShownClock>,
    #[serde(skip_serializing_if = "Option::is_none")]
    history: Option<&'f [Entry]>,
}

#[derive(Debug, Serialize)]
struct ShownClock {
    #[serde(flatten)]
    clock: Clock,
    is_late: bool,
}

fn shown<'f>(filed: &'f Filed, case: &'f Case, calendar: &Calendar, now: Timestamp) -> Shown<'f> {
    let clocks = clocks(case, calendar).into_iter();
    Shown {
        id: filed.id,
        case,
        days_below: case.days_below(),
        clocks: clocks.map(|clock| ShownClock { is_late: clock.is_late(now), clock }).collect(),
        history: None,
    }
}

fn cases(opened: &Opened) -> Result<Vec<Filed>, Failure> {
    runtime::wait_for(async { Ok(opened.state().await?.cases().await?) })
}

fn list(args: &ListArgs) -> Result<(), Failure> {
    let opened = Opened::open(args.shared.dir.as_deref())?;
    let calendar = opened.project.centre.calendar();
    let now = Timestamp::now();
    let filed = cases(&opened)?;
    let all: Vec<(Filed, Case)> = filed.into_iter().map(|filed| (filed.clone(), filed.case())).collect();
    let wanted: Vec<&(Filed, Case)> =
        all.iter().filter(|(_, case)| args.all || case.closed.is_none()).collect();
    if args.shared.format == TextOrJson::Json {
        let shown: Vec<Shown<'_>> =
            wanted.iter().map(|(filed, case)| shown(filed, case, &calendar, now)).collect();
        return out::json(&shown);
    }
    if wanted.is_empty() {
        return out::line("No case is open.");
    }
    let head = ["case", "KPI", "place", "missed in", "owner", "next due", "what"];
    let rows: Vec<Vec<String>> = wanted
        .iter()
        .map(|(filed, case)| {
            let next =
                clocks(case, &calendar).into_iter().find(Clock::is_open).filter(|_| case.closed.is_none());
            let (due, what) = match &next {
                None => {
                    (String::new(), if case.closed.is_some() { "closed".to_owned() } else { String::new() })
                }
                Some(clock) => (when(clock.due_at, &calendar), late(clock, now)),
            };
            let opening = &case.opening;
            let window = dialmark_govern::Stretch { from: opening.from, until: opening.until };
            let (kpi, place, owner) = (opening.kpi.clone(), opening.place.to_string(), opening.owner.clone());
            vec![filed.id.to_string(), kpi, place, window.to_string(), owner, due, what]
        })
        .collect();
    for line in columns::aligned(&head, &rows) {
        out::line(&line)?;
    }
    Ok(())
}

fn late(clock: &Clock, now: Timestamp) -> String {
    match clock.is_late(now) {
        true => format!("{} (LATE)", clock.says),
        false => clock.says.clone(),
    }
}

fn when(at: Timestamp, calendar: &Calendar) -> String {
    at.to_zoned(calendar.zone.clone()).strftime("%Y-%m-%d %H:%M").to_string()
}

fn show(args: &ShowArgs) -> Result<(), Failure> {
    let opened = Opened::open(args.shared.dir.as_deref())?;
    let calendar = opened.project.centre.calendar();
    let now = Timestamp::now();
    let found = cases(&opened)?.into_iter().find(|filed| filed.id == args.case);
    let filed = found.ok_or_else(|| {
        Failure::usage(format!("There is no case {}. `dialmark cases list --all` shows all.", args.case))
    })?;
    let case = filed.case();
    if args.shared.format == TextOrJson::Json {
        return out::json(&Shown { history: Some(&filed.entries), ..shown(&filed, &case, &calendar, now) });
    }
    let style = Style::of_stdout();
    let opening = &case.opening;
    let window = dialmark_govern::Stretch { from: opening.from, until: opening.until };
    out::line(&style.strong(&format!("Case {}: {} at {}", filed.id, opening.kpi, opening.place)))?;
    out::line(&format!(
        "  missed in {window}: {} where {} was to be reached",
        opening.shown, opening.target
    ))?;
    out::line(&format!("  below target for {} days; {} answers for it", case.days_below(), opening.owner))?;
    for cause in &opening.causes {
        out::line(&format!("  from the figures: {cause}"))?;
    }
    for clock in clocks(&case, &calendar) {
        let state = match clock.done_at {
            Some(at) => format!("done {}", when(at, &calendar)),
            None if clock.is_late(now) => "LATE".to_owned(),
            None => "open".to_owned(),
        };
        out::line(&format!(
            "  due {}  {}  ({}, {state})",
            when(clock.due_at, &calendar),
            clock.says,
            clock.owner
        ))?;
    }
    for entry in &filed.entries {
        let says = format!("  {}  {}  {}", when(entry.at, &calendar), entry.by, entry.event);
        out::line(&style.faint(&says))?;
    }
    Ok(())
}

fn update(args: &UpdateArgs) -> Result<(), Failure> {
    let event = event(args)?;
    let managed = managed::open(args.dir.as_deref())?;
    let entry = Entry { at: Timestamp::now(), by: seat::person(&args.by)?.to_owned(), event };
    seat::look(&managed, async |desk| {
        dialmark_manage::write_into_case(&desk, args.case, &entry).await.map(drop)
    })?;
    out::line(&format!("written down in case {}", args.case))
}

fn event(args: &UpdateArgs) -> Result<Event, Failure> {
    let due_on = || args.due.ok_or_else(|| Failure::usage("`--due DAY` is missing."));
    let text = |text: &String| text.clone();
    if let Some(says) = &args.cause {
        return Ok(Event::Cause { says: text(says) });
    }
    if let Some(says) = &args.plan {
        return Ok(Event::Plan { says: text(says) });
    }
    if let Some((says, owner)) = args.action.as_ref().zip(args.owner.as_ref()) {
        return Ok(Event::Action { says: text(says), owner: text(owner), due_on: due_on()? });
    }
    if let Some((says, action)) = args.milestone.as_ref().zip(args.of) {
        return Ok(Event::Milestone { action, says: text(says), due_on: due_on()? });
    }
    if let Some(milestone) = args.reached {
        return Ok(Event::Reached { milestone });
    }
    if let Some(action) = args.done {
        return Ok(Event::Done { action, says: args.note.clone().unwrap_or_default() });
    }
    if let Some(says) = &args.escalated {
        return Ok(Event::Escalated { says: text(says) });
    }
    if let Some(says) = &args.close {
        return Ok(Event::Closed { says: text(says) });
    }
    match &args.note {
        Some(says) => Ok(Event::Note { says: text(says) }),
        None => Err(Failure::usage(
            "Say what happened, such as `--cause TEXT`; see `dialmark cases update --help`.",
        )),
    }
}

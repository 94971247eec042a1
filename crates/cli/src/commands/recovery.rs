//! `dialmark recovery`: customers whose answers were negative are called back, against a clock.

use std::path::PathBuf;

use clap::{Subcommand, ValueEnum};
use dialmark_govern::recovery::{ItemId, Outcome, State};
use dialmark_manage::recovery::{self, Act, ShownItem};
use dialmark_model::civil::Calendar;
use jiff::{Timestamp, ToSpan};

use crate::failure::Failure;
use crate::managed;
use crate::options::Shared;
use crate::out::{self, TextOrJson};
use crate::seat::Seat;
use crate::{columns, period, runtime};

/// How far back answers are looked for.
const DAYS_BACK: i64 = 31;

const LIST_EXAMPLES: &str = "\
Examples:
  dialmark recovery list
  dialmark recovery list --since 2026-01-01 --all --format json

First looks at the answers of the last 31 days, or since `--since`, and opens a call back for each that a
rule such as `[recovery.detractors]` calls negative; each answer is opened once, however often this is done.";

const STEP_EXAMPLES: &str = "\
Examples:
  dialmark recovery take survey/4711 --by ann
  dialmark recovery reached survey/4711 --by ann
  dialmark recovery not-reached survey/4711 --by ann
  dialmark recovery give-back survey/4711 --by ann
  dialmark recovery close survey/4711 --by ann --outcome resolved --says 'refunded the fee'

An answer is named by its source and its identifier there. The clock runs until the customer is reached;
one may be given up as `not-reached` after all tries of the rule were in vain.";

/// What to do with call backs.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Look for negative answers and list whom to call, what is due first first
    #[command(after_help = LIST_EXAMPLES)]
    List(ListArgs),
    /// Take a call back, before calling
    #[command(after_help = STEP_EXAMPLES)]
    Take(StepArgs),
    /// Give it back without having called
    #[command(after_help = STEP_EXAMPLES)]
    GiveBack(StepArgs),
    /// Note that the customer was reached
    #[command(after_help = STEP_EXAMPLES)]
    Reached(StepArgs),
    /// Note a call in vain
    #[command(after_help = STEP_EXAMPLES)]
    NotReached(StepArgs),
    /// Note what came of it
    #[command(after_help = STEP_EXAMPLES)]
    Close(CloseArgs),
}

/// Options of `recovery list`.
#[derive(Debug, clap::Args)]
pub struct ListArgs {
    /// Those that are done as well
    #[arg(long)]
    all: bool,
    /// Look at answers from this day or instant on [default: the last 31 days]
    #[arg(long, value_name = "DAY|INSTANT")]
    since: Option<String>,
    #[command(flatten)]
    shared: Shared,
}

/// Options of the steps.
#[derive(Debug, clap::Args)]
pub struct StepArgs {
    /// The answer: its source and its identifier there, such as `survey/4711`
    #[arg(value_name = "SOURCE/ID")]
    answer: String,
    /// Who
    #[arg(long, value_name = "PERSON")]
    by: String,
    /// Folder of the project [default: the current one, or the nearest above that is one]
    #[arg(long, value_name = "PROJECT")]
    dir: Option<PathBuf>,
}

/// Options of `recovery close`.
#[derive(Debug, clap::Args)]
pub struct CloseArgs {
    #[command(flatten)]
    step: StepArgs,
    /// What came of it
    #[arg(long, value_enum)]
    outcome: How,
    /// The same in words
    #[arg(long, value_name = "TEXT")]
    says: String,
}

/// What came of a call back.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum How {
    /// The matter is settled.
    Resolved,
    /// It was handed on.
    HandedOn,
    /// The customer was reached and stays discontent.
    NotResolved,
    /// All tries were in vain.
    NotReached,
}

/// Runs the command.
pub fn run(command: &Command) -> Result<(), Failure> {
    match command {
        Command::List(args) => list(args),
        Command::Take(args) => step(args, Act::Take),
        Command::GiveBack(args) => step(args, Act::GiveBack),
        Command::Reached(args) => step(args, Act::Reached),
        Command::NotReached(args) => step(args, Act::NotReached),
        Command::Close(args) => {
            let outcome = match args.outcome {
                How::Resolved => Outcome::Resolved,
                How::HandedOn => Outcome::HandedOn,
                How::NotResolved => Outcome::NotResolved,
                How::NotReached => Outcome::NotReached,
            };
            step(&args.step, Act::Close { outcome, says: &args.says })
        }
    }
}

fn step(args: &StepArgs, act: Act<'_>) -> Result<(), Failure> {
    let id: ItemId = recovery::read_id(&args.answer).ok_or_else(|| {
        Failure::usage(format!(
            "`{}` should read SOURCE/ID, such as `survey/4711`: the answer's source and its identifier there.",
            args.answer
        ))
    })?;
    let managed = managed::open(args.dir.as_deref())?;
    let item = runtime::wait_for(async {
        let work = Seat::at(&managed).await?;
        Ok(recovery::act(&work.desk(), &id, act, &args.by).await?)
    })?;
    out::line(&format!("{} is {}", recovery::written(item.id()), state(item.state())))
}

fn list(args: &ListArgs) -> Result<(), Failure> {
    let managed = managed::open(args.shared.dir.as_deref())?;
    let calendar = managed.opened.project.centre.calendar();
    let has_rules = !managed.governed.recoveries.is_empty();
    let since = match args.since.as_deref() {
        Some(text) => period::instant("--since", text, &calendar)?,
        None => {
            let day = calendar.day_of(Timestamp::now());
            let first = day.checked_sub(DAYS_BACK.days()).unwrap_or(day);
            calendar.day_start(first).unwrap_or(Timestamp::MIN)
        }
    };
    let (admitted, items) = runtime::wait_for(async {
        let work = Seat::at(&managed).await?;
        let admitted = recovery::admit(&work.desk(), since).await?;
        Ok((admitted, recovery::items(&work.desk(), args.all).await?))
    })?;
    if args.shared.format == TextOrJson::Json {
        return out::json(&serde_json::json!({
            "since": since,
            "opened": admitted.opened,
            "known": admitted.known,
            "content": admitted.content,
            "undecided": admitted.undecided,
            "items": items,
        }));
    }
    if !has_rules {
        out::note("The project declares no rule such as `[recovery.detractors]`, so nothing is looked for.");
    }
    if admitted.opened > 0 {
        out::note(&format!("{} opened", out::counted(admitted.opened, "call back", "call backs")));
    }
    if admitted.undecided > 0 {
        out::note(&format!(
            "{} without a score on the scale of their rule: look at the source",
            out::counted(admitted.undecided, "answer", "answers")
        ));
    }
    if items.is_empty() {
        return out::line("Nobody is to be called back.");
    }
    let rows: Vec<Vec<String>> = items.iter().map(|item| row(item, &calendar)).collect();
    let head = ["answer", "due", "clock", "state", "tries", "score", "customer", "campaign", "owner"];
    for line in columns::aligned(&head, &rows) {
        out::line(&line)?;
    }
    Ok(())
}

fn row(shown: &ShownItem, calendar: &Calendar) -> Vec<String> {
    let item = &shown.item;
    let answer = shown.answer.clone().unwrap_or_default();
    let due = item.due_at().to_zoned(calendar.zone.clone()).strftime("%Y-%m-%d %H:%M").to_string();
    let length = shown.clock.ms.map(|ms| format!(" {} h {} min", ms / 3_600_000, ms / 60_000 % 60));
    let clock = format!("{}{}", shown.clock.is.replace('_', " "), length.unwrap_or_default());
    vec![
        shown.id.clone(),
        due,
        clock,
        state(item.state()),
        item.tries().to_string(),
        answer.score.unwrap_or_default(),
        answer.customer_id.unwrap_or_default(),
        answer.campaign_id.unwrap_or_default(),
        item.owner().to_owned(),
    ]
}

fn state(state: &State) -> String {
    match state {
        State::Open => "open".to_owned(),
        State::Taken { by, .. } => format!("taken by {by}"),
        State::Reached { by, .. } => format!("reached by {by}"),
        State::Closed { outcome, by, .. } => {
            let how = match outcome {
                Outcome::Resolved => "resolved",
                Outcome::HandedOn => "handed on",
                Outcome::NotResolved => "not resolved",
                Outcome::NotReached => "not reached",
            };
            format!("closed by {by}: {how}")
        }
    }
}

//! `dialmark disputes`: agents dispute what a call was classified as, and somebody else decides.

use std::path::PathBuf;

use clap::Subcommand;
use dialmark_govern::dispute::{CallId, Verdict};
use dialmark_manage::By;
use dialmark_manage::dispute::{self, Claim, ShownDispute};

use crate::failure::Failure;
use crate::managed;
use crate::out::{self, TextOrJson};
use crate::seat::Seat;
use crate::{columns, runtime};

const RAISE_EXAMPLES: &str = "\
Examples:
  dialmark disputes raise dialler/4711 --should-be SALE --why 'she agreed at the end' --by ann

The call is named by its source and its identifier there. Only the agent who handled it can dispute it, as
named in the records, or as the person whose `agent_id` that is. Records keep what the source said:
whoever keeps the source corrects it there.";

const LIST_EXAMPLES: &str = "\
Examples:
  dialmark disputes list
  dialmark disputes list --all --format json        with what to correct in which source

`is_made` says whether the records have the right code by now.";

const DECIDE_EXAMPLES: &str = "\
Examples:
  dialmark disputes accept 3 --by lead@example.org --why 'heard the recording'
  dialmark disputes reject 4 --by lead@example.org --why 'she asked for time to think'
  dialmark disputes withdraw 5 --by ann --why 'I mixed up two calls'";

/// What to do with disputes.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Say that a call's code is wrong
    #[command(after_help = RAISE_EXAMPLES)]
    Raise(RaiseArgs),
    /// List disputes, and what accepted ones correct
    #[command(after_help = LIST_EXAMPLES)]
    List(ListArgs),
    /// Find that the agent is right
    #[command(after_help = DECIDE_EXAMPLES)]
    Accept(DecideArgs),
    /// Find that the call stays as it is
    #[command(after_help = DECIDE_EXAMPLES)]
    Reject(DecideArgs),
    /// Take a dispute back
    #[command(after_help = DECIDE_EXAMPLES)]
    Withdraw(DecideArgs),
}

/// Options of `disputes raise`.
#[derive(Debug, clap::Args)]
pub struct RaiseArgs {
    /// The call: its source and its identifier there, such as `dialler/4711`
    #[arg(value_name = "SOURCE/ID")]
    call: String,
    /// The code that it should have
    #[arg(long, value_name = "CODE")]
    should_be: String,
    /// What happened on the call
    #[arg(long, value_name = "TEXT")]
    why: String,
    /// The agent
    #[arg(long, value_name = "AGENT")]
    by: String,
    /// Folder of the project [default: the current one, or the nearest above that is one]
    #[arg(long, value_name = "PROJECT")]
    dir: Option<PathBuf>,
}

/// Options of `disputes list`.
#[derive(Debug, clap::Args)]
pub struct ListArgs {
    /// Decided ones as well
    #[arg(long)]
    all: bool,
    /// Folder of the project [default: the current one, or the nearest above that is one]
    #[arg(long, value_name = "PROJECT")]
    dir: Option<PathBuf>,
    /// How to answer; JSON has all of them, decided ones too
    #[arg(long, value_enum, default_value_t)]
    format: TextOrJson,
}

/// Options of `disputes accept`, `reject` and `withdraw`.
#[derive(Debug, clap::Args)]
pub struct DecideArgs {
    /// Number of the dispute
    dispute: String,
    /// Who decides
    #[arg(long, value_name = "PERSON")]
    by: String,
    /// The reason
    #[arg(long, value_name = "TEXT")]
    why: String,
    /// Folder of the project [default: the current one, or the nearest above that is one]
    #[arg(long, value_name = "PROJECT")]
    dir: Option<PathBuf>,
}

/// Runs the command.
pub fn run(command: &Command) -> Result<(), Failure> {
    match command {
        Command::Raise(args) => raise(args),
        Command::List(args) => list(args),
        Command::Accept(args) => decide(args, Verdict::Accepted, "accepted"),
        Command::Reject(args) => decide(args, Verdict::Rejected, "rejected"),
        Command::Withdraw(args) => decide(args, Verdict::Withdrawn, "withdrawn"),
    }
}

fn raise(args: &RaiseArgs) -> Result<(), Failure> {
    let Some((source, source_id)) = args.call.split_once('/') else {
        return Err(Failure::usage(format!(
            "`{}` should read SOURCE/ID, such as `dialler/4711`: the call's source and its identifier there.",
            args.call
        )));
    };
    let call = CallId { source: source.to_owned(), source_id: source_id.to_owned() };
    let managed = managed::open(args.dir.as_deref())?;
    let dispute = runtime::wait_for(async {
        let work = Seat::at(&managed).await?;
        let agent_id = work.agent_id(&args.by).await?;
        let by = By { name: &args.by, agent_id: agent_id.as_deref() };
        let claim = Claim { call, should_be: &args.should_be, why: &args.why };
        Ok(dispute::raise(&work.desk(), &claim, &by).await?)
    })?;
    out::line(&format!("raised dispute {} about the call {}", dispute.id(), dispute.call()))
}

fn decide(args: &DecideArgs, verdict: Verdict, word: &str) -> Result<(), Failure> {
    let managed = managed::open(args.dir.as_deref())?;
    let dispute = runtime::wait_for(async {
        let work = Seat::at(&managed).await?;
        let agent_id = work.agent_id(&args.by).await?;
        let by = By { name: &args.by, agent_id: agent_id.as_deref() };
        Ok(dispute::decide(&work.desk(), &args.dispute, verdict, &args.why, &by).await?)
    })?;
    out::line(&format!("{word} dispute {}", dispute.id()))?;
    match dispute.correction() {
        None => Ok(()),
        Some(one) => {
            out::line(&format!("correct the call {} in its source: `{}` to `{}`", one.call, one.from, one.to))
        }
    }
}

fn list(args: &ListArgs) -> Result<(), Failure> {
    let managed = managed::open(args.dir.as_deref())?;
    let all: Vec<ShownDispute> = runtime::wait_for(async {
        let work = Seat::at(&managed).await?;
        Ok(dispute::disputes(&work.desk()).await?)
    })?;
    if args.format == TextOrJson::Json {
        return out::json(&all);
    }
    let is_open = |one: &&ShownDispute| {
        let is_to_do = one.correction.as_ref().is_some_and(|correction| !correction.is_made);
        one.dispute.decision().is_none() || is_to_do
    };
    let rows: Vec<Vec<String>> = all.iter().filter(|one| args.all || is_open(one)).map(row).collect();
    if rows.is_empty() {
        return out::line("No dispute is open.");
    }
    for line in columns::aligned(&["dispute", "call", "is", "should be", "by", "state", "why"], &rows) {
        out::line(&line)?;
    }
    Ok(())
}

fn row(one: &ShownDispute) -> Vec<String> {
    let dispute = &one.dispute;
    let (is, should_be) = dispute.codes();
    let state = match (dispute.decision(), &one.correction) {
        (None, _) => "open".to_owned(),
        (Some(decision), Some(correction)) => {
            let made = if correction.is_made { "corrected" } else { "correct it in the source" };
            format!("accepted by {}, {made}", decision.by)
        }
        (Some(decision), None) => match decision.verdict {
            Verdict::Rejected => format!("rejected by {}", decision.by),
            Verdict::Accepted | Verdict::Withdrawn => "withdrawn".to_owned(),
        },
    };
    let call = format!("{}/{}", dispute.call().source, dispute.call().source_id);
    let (by, why) = (dispute.raised().0.to_owned(), dispute.why().to_owned());
    vec![dispute.id().to_owned(), call, is.to_owned(), should_be.to_owned(), by, state, why]
}

//! `dialmark send`: sends a test of a report, or everything that is due.

use std::path::PathBuf;

use dialmark_server::{hand_over, make_due, send_test};
use dialmark_state::{Leaving, Pieces};
use jiff::Timestamp;

use super::reports::{Office, recipient};
use crate::failure::Failure;
use crate::{managed, out, runtime};

const EXAMPLES: &str = "\
Examples:
  dialmark send morning --to me@example.org --test
  dialmark send morning --to me@example.org --test --for lead@example.org
  dialmark send --due

A test is what the recipient would get, with a mark in the subject. `--due` makes what became due since the last time and
hands over what waits, each once: for a timer of the system where `dialmark serve` does not run. The server is `[mail]` in
dialmark.toml.";

/// Options of `dialmark send`.
#[derive(Debug, clap::Args)]
#[command(after_help = EXAMPLES)]
pub struct Args {
    /// Name of the report to try
    #[arg(required_unless_present = "due", requires = "test")]
    report: Option<String>,
    /// To whom the test goes
    #[arg(long, value_name = "ADDRESS", requires = "test")]
    to: Option<String>,
    /// Whose report is tried: one of its recipients [default: the first]
    #[arg(long = "for", value_name = "ADDRESS", requires = "test")]
    of: Option<String>,
    /// Send it to `--to` and to nobody else
    #[arg(long, requires = "to")]
    test: bool,
    /// Make and send everything that is due
    #[arg(long, conflicts_with_all = ["report", "test", "to", "of"])]
    due: bool,
    /// The instant that counts as now [default: the clock's]
    #[arg(long, value_name = "INSTANT")]
    at: Option<String>,
    /// Folder of the project [default: the current one, or the nearest above that is one]
    #[arg(long, value_name = "PROJECT")]
    dir: Option<PathBuf>,
}

/// Sends it.
pub fn run(args: &Args) -> Result<(), Failure> {
    let managed = managed::open(args.dir.as_deref())?;
    runtime::wait_for(async {
        let office = Office::open(managed).await?;
        let now = office.now(args.at.as_deref())?;
        match (&args.report, &args.to) {
            (Some(report), Some(to)) => {
                let report = office.report(report)?;
                let of = recipient(report, args.of.as_deref())?;
                // Whatever stands in the way of every letter is said at once.
                office.ways().mail_server().map_err(Failure::problem)?;
                let written = send_test(&office.sender(), report, (of, to), now).await;
                let id = written.map_err(Failure::problem)?;
                hand_over(office.state(), office.ways(), now).await?;
                told(&office, &id).await
            }
            _ => due(&office, now).await,
        }
    })
}

async fn told(office: &Office, id: &str) -> Result<(), Failure> {
    let found = office.state().pieces(&Pieces { prefix: id, leaving: None }, 1).await?;
    let Some(piece) = found.into_iter().next() else {
        return Err(Failure::problem("The letter is gone from the store."));
    };
    let said = piece.said.unwrap_or_default();
    match piece.leaving {
        Leaving::Sent => out::line(&format!("{} took the letter: {said}", piece.to)),
        Leaving::Waiting => Err(Failure::problem(format!(
            "The letter waits and is tried again by `dialmark serve` or `dialmark send --due`. {said}"
        ))),
        Leaving::Refused => Err(Failure::problem(format!("The letter was refused. {said}"))),
    }
}

async fn due(office: &Office, now: Timestamp) -> Result<(), Failure> {
    let round = make_due(&office.sender(), now).await?;
    for id in &round.sent {
        out::line(&format!("made {id}"))?;
    }
    for (id, why) in &round.held {
        out::line(&format!("held {id}: {why}"))?;
    }
    for (id, why) in &round.left_out {
        out::line(&format!("not sent {id}: {why}"))?;
    }
    let handed = hand_over(office.state(), office.ways(), now).await?;
    out::line(&format!(
        "{} handed over, {} to be tried again, {} refused",
        handed.sent, handed.later, handed.refused
    ))?;
    // A timer tells somebody only when something went wrong.
    match handed.later + handed.refused {
        0 => Ok(()),
        _ => Err(Failure::problem("Something was not taken; `dialmark reports runs` shows what and why.")),
    }
}

//! `dialmark lake`: looks after the store.

use std::collections::BTreeMap;

use clap::Subcommand;
use dialmark_ingest::take_pushed;
use dialmark_lake::{ExpireReport, Lake, SettleReport};
use serde::Serialize;

use crate::failure::Failure;
use crate::opened::Opened;
use crate::options::Shared;
use crate::{out, runtime};

const SETTLE_EXAMPLES: &str = "\
Examples:
  dialmark lake settle
  dialmark lake settle --dir north-shore --format json

Corrections of records that are in a file already wait in the journal, where every query of
Dialmark sees them. Settling writes them into the files, so that an outside reader such as DuckDB
sees them as well. Records that were sent and wait in the inbox are read first.";

const COMPACT_EXAMPLES: &str = "\
Examples:
  dialmark lake compact

`dialmark serve` joins small files by itself when there are many. This joins all that can be one, and
writes waiting corrections into them. No figure moves.";

const EXPIRE_EXAMPLES: &str = "\
Examples:
  dialmark lake expire
  dialmark lake expire --days 30

Of the last two days every state of the store stays readable, of the days before one a quarter of an
hour. `dialmark serve` does this by itself every hour. No figure of today moves; figures as of a day that
was let go of (`dialmark query --as-of`) cannot be had any more. Records that are older than `[retention]` of the
project says are let go of as well, whole days of them; figures that reach back further say so.";

/// What to do with the store.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Write waiting corrections into the files, so that outside readers see the last state
    #[command(after_help = SETTLE_EXAMPLES)]
    Settle(SettleArgs),
    /// Join the small files of each day and source
    #[command(after_help = COMPACT_EXAMPLES)]
    Compact(SettleArgs),
    /// Let go of old states and of the files that only they name
    #[command(after_help = EXPIRE_EXAMPLES)]
    Expire(ExpireArgs),
}

/// Options of `dialmark lake expire`.
#[derive(Debug, clap::Args)]
pub struct ExpireArgs {
    /// Days for which states stay readable [default: `keep_days` of the project]
    #[arg(long, value_name = "COUNT", value_parser = clap::value_parser!(u32).range(1..))]
    days: Option<u32>,
    #[command(flatten)]
    shared: Shared,
}

/// Options of `dialmark lake settle` and `dialmark lake compact`.
#[derive(Debug, clap::Args)]
pub struct SettleArgs {
    #[command(flatten)]
    shared: Shared,
}

/// Runs a command on the store.
pub fn run(command: &Command) -> Result<(), Failure> {
    match command {
        Command::Settle(args) => settle(args),
        Command::Compact(args) => compact(args),
        Command::Expire(args) => expire(args),
    }
}

/// What settling did.
#[derive(Debug, Default, Serialize)]
struct Settled {
    /// Records that had been sent and were not read yet, the quarantined ones included.
    records_taken: u64,
    #[serde(flatten)]
    folded: SettleReport,
}

fn settle(args: &SettleArgs) -> Result<(), Failure> {
    let opened = Opened::open(args.shared.dir.as_deref())?;
    let settled = runtime::wait_for(async {
        let lake = opened.lake_with_records().await?;
        let records_taken = take_all(&lake, &opened).await?;
        Ok(Settled { records_taken, folded: lake.settle().await? })
    })?;
    let Settled { records_taken, folded } = &settled;
    match args.shared.format {
        out::TextOrJson::Json => out::json(&settled),
        out::TextOrJson::Text if *records_taken == 0 && folded.rows_folded == 0 => {
            out::line("Nothing was waiting.")
        }
        out::TextOrJson::Text => out::line(&format!(
            "{} taken from the inbox; {} settled; {} rewritten.",
            out::counted(*records_taken, "record", "records"),
            out::counted(folded.rows_folded, "correction", "corrections"),
            out::counted(folded.files_replaced, "file", "files"),
        )),
    }
}

/// Makes records of all that was sent and waits.
pub(super) async fn take_all(lake: &Lake, opened: &Opened) -> Result<u64, Failure> {
    let mut taken = 0;
    for waiting in lake.waiting().await? {
        let Some(source) = opened.project.source(&waiting.source) else {
            out::note(&format!(
                "{} of source `{}` wait, which is not declared any more. Declare it again and they are read.",
                out::counted(waiting.records, "record", "records"),
                waiting.source
            ));
            continue;
        };
        while let Some(imported) = take_pushed(lake, source).await? {
            taken += imported.report.read;
        }
    }
    Ok(taken)
}

fn compact(args: &SettleArgs) -> Result<(), Failure> {
    let opened = Opened::open(args.shared.dir.as_deref())?;
    let report = runtime::wait_for(async { Ok(opened.lake_with_records().await?.compact_wholly().await?) })?;
    match args.shared.format {
        out::TextOrJson::Json => out::json(&report),
        out::TextOrJson::Text if report.files_joined == 0 => out::line("There was nothing to join."),
        out::TextOrJson::Text => out::line(&format!(
            "{} became {}.",
            out::counted(report.files_joined, "file", "files"),
            out::thousands(report.files_written),
        )),
    }
}

/// What was let go of.
#[derive(Debug, Serialize)]
struct Expired {
    /// Records that were older than they may be kept, by table.
    retired: BTreeMap<String, u64>,
    #[serde(flatten)]
    states: ExpireReport,
}

fn expire(args: &ExpireArgs) -> Result<(), Failure> {
    let opened = Opened::open(args.shared.dir.as_deref())?;
    let days = args.days.unwrap_or(opened.project.keep_days);
    let expired = runtime::wait_for(async {
        let lake = opened.lake_with_records().await?;
        let retired = lake.retire(&opened.project.retention).await?;
        Ok(Expired { retired, states: lake.expire(days).await? })
    })?;
    if args.shared.format == out::TextOrJson::Json {
        return out::json(&expired);
    }
    for (table, records) in &expired.retired {
        let records = out::counted(*records, "record", "records");
        out::line(&format!("{records} of {table} are older than they may be kept and were let go of."))?;
    }
    match &expired.states {
        report if report.states == 0 => out::line("No state is old enough to be let go of."),
        report => out::line(&format!(
            "{} let go of; {} removed.",
            out::counted(report.states, "state", "states"),
            out::counted(report.files, "file", "files"),
        )),
    }
}

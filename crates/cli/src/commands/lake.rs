//! `dialmark lake`: looks after the store.

use std::path::PathBuf;

use clap::Subcommand;

use crate::failure::Failure;
use crate::opened::Opened;
use crate::{out, runtime};

const SETTLE_EXAMPLES: &str = "\
Examples:
  dialmark lake settle
  dialmark lake settle --dir north-shore --format json

Corrections of records that are in a file already wait in the journal, where every query of
Dialmark sees them. Settling writes them into the files, so that an outside reader such as DuckDB
sees them as well.";

/// What to do with the store.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Write waiting corrections into the files, so that outside readers see the last state
    #[command(after_help = SETTLE_EXAMPLES)]
    Settle(SettleArgs),
}

/// Options of `dialmark lake settle`.
#[derive(Debug, clap::Args)]
pub struct SettleArgs {
    /// Folder of the project [default: the current one, or the nearest above that is one]
    #[arg(long, value_name = "PROJECT")]
    dir: Option<PathBuf>,
    /// How to answer
    #[arg(long, value_enum, default_value_t)]
    format: out::TextOrJson,
}

/// Runs a command on the store.
pub fn run(command: &Command) -> Result<(), Failure> {
    match command {
        Command::Settle(args) => settle(args),
    }
}

fn settle(args: &SettleArgs) -> Result<(), Failure> {
    let opened = Opened::open(args.dir.as_deref())?;
    let report = runtime::wait_for(async { Ok(opened.lake_with_records().await?.settle().await?) })?;
    match args.format {
        out::TextOrJson::Json => out::json(&report),
        out::TextOrJson::Text if report.rows_folded == 0 => out::line("No correction was waiting."),
        out::TextOrJson::Text => out::line(&format!(
            "{} settled; {} rewritten.",
            out::counted(report.rows_folded, "correction", "corrections"),
            out::counted(report.files_replaced, "file", "files"),
        )),
    }
}

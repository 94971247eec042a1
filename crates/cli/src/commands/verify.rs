//! `dialmark verify`: checks that the store is whole.

use std::path::PathBuf;

use dialmark_lake::VerifyOptions;

use crate::failure::Failure;
use crate::opened::Opened;
use crate::{out, runtime};

const EXAMPLES: &str = "\
Examples:
  dialmark verify
  dialmark verify --deep                read every record, not only what the files say of themselves
  dialmark verify --remove-orphans      remove what an interrupted import left behind

Exit code 1 when something is wrong. Orphans are files that no state of the store names; they take
space and do no harm. Only those older than an hour count, since a younger one may belong to an
import that is running.";

/// Options of `dialmark verify`.
#[derive(Debug, clap::Args)]
#[command(after_help = EXAMPLES)]
pub struct Args {
    /// Folder of the project [default: the current one, or the nearest above that is one]
    #[arg(long, value_name = "PROJECT")]
    dir: Option<PathBuf>,
    /// Read every record of every file as well
    #[arg(long)]
    deep: bool,
    /// Remove files that no state of the store names
    #[arg(long)]
    remove_orphans: bool,
    /// How to answer
    #[arg(long, value_enum, default_value_t)]
    format: out::TextOrJson,
}

/// Checks the store and says what it found.
pub fn run(args: &Args) -> Result<(), Failure> {
    let opened = Opened::open(args.dir.as_deref())?;
    let options =
        VerifyOptions { deep: args.deep, remove_orphans: args.remove_orphans, ..VerifyOptions::default() };
    let report = runtime::wait_for(async { Ok(opened.lake_with_records().await?.verify(options).await?) })?;
    match args.format {
        out::TextOrJson::Json => out::json(&report)?,
        out::TextOrJson::Text => {
            for problem in &report.problems {
                out::line(&format!("problem: {problem}"))?;
            }
            for orphan in &report.orphans {
                out::line(&format!("orphan: {}", orphan.display()))?;
            }
            out::line(&format!(
                "{} checked, {}, {}: {}.",
                out::counted(report.files, "file", "files"),
                out::counted(report.rows, "record", "records"),
                out::counted(report.imports, "import", "imports"),
                match report.problems.len() {
                    0 => "all is well".to_owned(),
                    n => out::counted(n.try_into().unwrap_or(u64::MAX), "problem", "problems"),
                }
            ))?;
            if report.removed > 0 {
                out::line(&format!("{} removed.", out::counted(report.removed, "orphan", "orphans")))?;
            } else if !report.orphans.is_empty() {
                out::line("`dialmark verify --remove-orphans` removes the orphans.")?;
            }
        }
    }
    if report.problems.is_empty() { Ok(()) } else { Err(Failure::Said) }
}

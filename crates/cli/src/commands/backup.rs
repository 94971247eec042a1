//! `dialmark backup` and `dialmark restore`: a copy of the store, and the way back.

use std::path::PathBuf;
use std::sync::Arc;

use dialmark_lake::{BackupReport, Lake, VerifyOptions, Watch};

use crate::failure::Failure;
use crate::opened::Opened;
use crate::options::Shared;
use crate::progress::ByteBar;
use crate::{out, runtime};

const BACKUP_EXAMPLES: &str = "\
Examples:
  dialmark backup /backups/north
  dialmark backup /backups/north        again: only what is new is copied

Copies the store as it is at one instant, with what was sent and is not read yet, while imports and
`dialmark serve` go on. The project's own files (TOML) are not part of it: keep them under version
control. Neither is the key that hides telephone numbers (`lake.key`): keep a copy of it in another safe
place. `dialmark restore` brings it back and compares every byte.";

const RESTORE_EXAMPLES: &str = "\
Examples:
  dialmark restore /backups/north --to lake
  dialmark restore /backups/north --to /tmp/look

The folder must be empty or new: nothing is overwritten. Every file is compared with the backup's
manifest, and the store is verified afterwards.";

/// Options of `dialmark backup`.
#[derive(Debug, clap::Args)]
#[command(after_help = BACKUP_EXAMPLES)]
pub struct BackupArgs {
    /// Folder for the copy: new, empty, or that of an earlier backup of this store
    to: PathBuf,
    #[command(flatten)]
    shared: Shared,
}

/// Options of `dialmark restore`.
#[derive(Debug, clap::Args)]
#[command(after_help = RESTORE_EXAMPLES)]
pub struct RestoreArgs {
    /// Folder of the backup
    from: PathBuf,
    /// Folder of the store: `folder` under `[store]` in the project's `dialmark.toml`
    #[arg(long, value_name = "FOLDER")]
    to: PathBuf,
    /// How to answer
    #[arg(long, value_enum, default_value_t)]
    format: out::TextOrJson,
}

/// Copies the store.
pub fn backup(args: &BackupArgs) -> Result<(), Failure> {
    let opened = Opened::open(args.shared.dir.as_deref())?;
    let bar = Arc::new(ByteBar::new("Copying"));
    let report = runtime::wait_for(async {
        let lake = opened.lake_with_records().await?;
        Ok(lake.backup(&args.to, watch(&bar)).await?)
    });
    bar.clear();
    say(&report?, args.shared.format, "are in the backup")
}

/// Puts a backup back.
pub fn restore(args: &RestoreArgs) -> Result<(), Failure> {
    let bar = Arc::new(ByteBar::new("Copying"));
    let result = runtime::wait_for(async {
        let report = Lake::restore(&args.from, &args.to, watch(&bar)).await?;
        let verified = Lake::open(&args.to).await?.verify(VerifyOptions::default()).await?;
        match verified.problems.first() {
            None => Ok(report),
            Some(problem) => {
                Err(Failure::problem(format!("The store was copied and is not whole: {problem}.")))
            }
        }
    });
    bar.clear();
    say(&result?, args.format, "were put back and verified")
}

fn watch(bar: &Arc<ByteBar>) -> Watch {
    let bar = Arc::clone(bar);
    Arc::new(move |done, all| bar.show(done, all))
}

fn say(report: &BackupReport, format: out::TextOrJson, what: &str) -> Result<(), Failure> {
    match format {
        out::TextOrJson::Json => out::json(report),
        out::TextOrJson::Text => out::line(&format!(
            "{} with {} {what}; {} copied.",
            out::counted(report.files, "file", "files"),
            out::counted(report.bytes, "byte", "bytes"),
            out::thousands(report.copied)
        )),
    }
}

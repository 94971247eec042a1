//! `dialmark quarantine`: what could not be read, why, and once more.

use std::collections::BTreeMap;

use clap::Subcommand;
use dialmark_ingest::{Imported, replay};
use dialmark_lake::{Lake, Replayable};
use serde::Serialize;

use crate::failure::Failure;
use crate::opened::Opened;
use crate::options::Shared;
use crate::{out, report, runtime};

const LIST_EXAMPLES: &str = "\
Examples:
  dialmark quarantine list
  dialmark quarantine list --format json";

const SHOW_EXAMPLES: &str = "\
Examples:
  dialmark quarantine show 17
  dialmark quarantine show 17 --lines 200

Shows the records that import 17 set aside: line, reason, what is wrong, and the record itself.";

const REPLAY_EXAMPLES: &str = "\
Examples:
  dialmark quarantine replay 17         after the mapping was mended
  dialmark quarantine replay            all imports

Reads again what was set aside, under the mapping as it is now. Each record is taken once, in its place
in the order of arrival: a newer delivery of it stays newer. What still cannot be read is set aside again,
by the new import.";

/// What to do with records that were set aside.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Show which imports set records aside, and why
    #[command(after_help = LIST_EXAMPLES)]
    List(ListArgs),
    /// Show the records that an import set aside
    #[command(after_help = SHOW_EXAMPLES)]
    Show(ShowArgs),
    /// Read again what was set aside
    #[command(after_help = REPLAY_EXAMPLES)]
    Replay(ReplayArgs),
}

/// Options of `dialmark quarantine list`.
#[derive(Debug, clap::Args)]
pub struct ListArgs {
    #[command(flatten)]
    shared: Shared,
}

/// Options of `dialmark quarantine show`.
#[derive(Debug, clap::Args)]
pub struct ShowArgs {
    /// Number of the import
    import: i64,
    /// Records at most
    #[arg(long, value_name = "COUNT", default_value_t = 20)]
    lines: usize,
    #[command(flatten)]
    shared: Shared,
}

/// Options of `dialmark quarantine replay`.
#[derive(Debug, clap::Args)]
pub struct ReplayArgs {
    /// Number of the import [default: all that can be]
    import: Option<i64>,
    #[command(flatten)]
    shared: Shared,
}

/// Runs a command on the quarantine.
pub fn run(command: &Command) -> Result<(), Failure> {
    match command {
        Command::List(args) => list(args),
        Command::Show(args) => show(args),
        Command::Replay(args) => replay_all(args),
    }
}

/// What is still set aside of one import.
#[derive(Debug, Serialize)]
struct Line {
    import_id: i64,
    source: String,
    file_name: String,
    /// By reason, as the import counted them.
    quarantined: BTreeMap<String, u64>,
    /// Of them, read by a later import.
    resolved: u64,
    /// Of them, such that `replay` can read.
    in_reach: u64,
}

fn list(args: &ListArgs) -> Result<(), Failure> {
    let opened = Opened::open(args.shared.dir.as_deref())?;
    let aside = runtime::wait_for(async { outstanding(&opened.lake_with_records().await?).await })?;
    let lines: Vec<Line> = aside
        .into_iter()
        .map(|aside| Line {
            import_id: aside.report.import_id,
            source: aside.report.source,
            file_name: aside.report.file_name,
            quarantined: aside.report.quarantined,
            resolved: aside.resolved,
            in_reach: u64::try_from(aside.rows.len()).unwrap_or(u64::MAX),
        })
        .collect();
    if args.shared.format == out::TextOrJson::Json {
        return out::json(&lines);
    }
    for line in &lines {
        let reasons: Vec<String> =
            line.quarantined.iter().map(|(reason, n)| format!("{} {reason}", out::thousands(*n))).collect();
        let resolved = match line.resolved {
            0 => String::new(),
            n => format!("; {} of them read since", out::thousands(n)),
        };
        out::line(&format!(
            "import {}: {} {}: {}{resolved}",
            line.import_id,
            line.source,
            line.file_name,
            reasons.join(", ")
        ))?;
    }
    match lines.is_empty() {
        true => out::line("Nothing is set aside."),
        false => out::line("`dialmark quarantine show IMPORT` shows the records."),
    }
}

/// Imports of which records are set aside still, oldest first. A file that was read again as a whole is history.
async fn outstanding(lake: &Lake) -> Result<Vec<Replayable>, Failure> {
    let mut found = Vec::new();
    for import in lake.imports().await? {
        if import.report.quarantined.is_empty() {
            continue;
        }
        let Some(aside) = lake.replayable(import.report.import_id).await? else { continue };
        if aside.read_again_by.is_none() && aside.resolved < aside.report.quarantined_total() {
            found.push(aside);
        }
    }
    Ok(found)
}

fn show(args: &ShowArgs) -> Result<(), Failure> {
    let opened = Opened::open(args.shared.dir.as_deref())?;
    let (rows, all) = runtime::wait_for(async {
        let lake = opened.lake_with_records().await?;
        let aside = known(&lake, args.import).await?;
        Ok((lake.quarantined(args.import, args.lines).await?, aside.report.quarantined_total()))
    })?;
    if args.shared.format == out::TextOrJson::Json {
        return out::json(&rows);
    }
    for row in &rows {
        out::line(&format!("line {}: {} ({})", row.line, row.detail, row.reason))?;
        out::line(&format!("  {}", row.text.escape_debug()))?;
    }
    let shown = u64::try_from(rows.len()).unwrap_or(u64::MAX);
    match all.saturating_sub(shown) {
        0 => Ok(()),
        more => out::line(&format!("and {} more; `--lines` shows more of them", out::thousands(more))),
    }
}

async fn known(lake: &Lake, import: i64) -> Result<Replayable, Failure> {
    lake.replayable(import).await?.ok_or_else(|| {
        Failure::problem(format!(
            "There is no import {import}. `dialmark quarantine list` shows those that set records aside."
        ))
    })
}

/// What became of what one import set aside.
#[derive(Debug, Serialize)]
#[serde(untagged)]
enum Outcome {
    Read {
        import: i64,
        #[serde(flatten)]
        imported: Box<Imported>,
    },
    Refused {
        import: i64,
        error: String,
    },
}

fn replay_all(args: &ReplayArgs) -> Result<(), Failure> {
    let opened = Opened::open(args.shared.dir.as_deref())?;
    let (outcomes, out_of_reach) = runtime::wait_for(async {
        let lake = opened.lake_with_records().await?;
        let all = match args.import {
            Some(import) => vec![known(&lake, import).await?],
            None => outstanding(&lake).await?,
        };
        let mut outcomes = Vec::new();
        let mut out_of_reach = 0;
        for aside in all {
            out_of_reach += aside.out_of_reach;
            outcomes.extend(once_more(&lake, &opened, &aside).await);
        }
        Ok((outcomes, out_of_reach))
    })?;
    if args.shared.format == out::TextOrJson::Json {
        out::json(&outcomes)?;
    } else {
        for outcome in &outcomes {
            match outcome {
                Outcome::Read { import, imported } => out::line(&format!(
                    "what import {import} set aside: {}",
                    report::sentence(&imported.report)
                ))?,
                Outcome::Refused { import, error } => out::error(&format!("import {import}: {error}")),
            }
        }
        if outcomes.is_empty() {
            out::line("There is nothing that could be read again.")?;
        }
        if out_of_reach > 0 {
            out::line(&format!(
                "{} cannot be read again from here, since they are not kept whole: import their files again.",
                out::counted(out_of_reach, "record", "records")
            ))?;
        }
    }
    let is_refused = |outcome: &Outcome| matches!(outcome, Outcome::Refused { .. });
    if outcomes.iter().any(is_refused) { Err(Failure::Said) } else { Ok(()) }
}

async fn once_more(lake: &Lake, opened: &Opened, aside: &Replayable) -> Option<Outcome> {
    let import = aside.report.import_id;
    let Some(source) = opened.project.source(&aside.report.source) else {
        let error = format!("Source `{}` is not declared any more.", aside.report.source);
        return Some(Outcome::Refused { import, error });
    };
    match replay(lake, source, aside).await {
        Ok(Some(imported)) => Some(Outcome::Read { import, imported: Box::new(imported) }),
        Ok(None) => None,
        Err(error) => Some(Outcome::Refused { import, error: error.to_string() }),
    }
}

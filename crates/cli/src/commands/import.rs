//! `dialmark import`: loads exports into the store, each file whole or not at all.

use std::path::PathBuf;

use dialmark_ingest::{ImportOptions, Imported, import_file};
use dialmark_lake::{ImportReport, Lake};
use serde::Serialize;

use crate::deliveries::{self, Delivery};
use crate::failure::Failure;
use crate::opened::Opened;
use crate::out::{self, TextOrJson};
use crate::progress::FileBar;
use crate::{in_force, report, runtime};

const EXAMPLES: &str = "\
Examples:
  dialmark import                            every file that the sources' patterns find
  dialmark import dialler/calls-2026-11.csv  one file; its source is the one whose pattern matches
  dialmark import /tmp/export.csv --source dialler
  dialmark import --format json

Each file is loaded whole or not at all. A record that was delivered before is known again: the
same file twice changes nothing. What cannot be read is set aside with its line and the reason,
never dropped. Exit code 1 when a file could not be loaded or nothing of it could be read; the others
are loaded all the same.";

/// Options of `dialmark import`.
#[derive(Debug, clap::Args)]
#[command(after_help = EXAMPLES)]
pub struct Args {
    /// Files to load [default: those that the sources' patterns find]
    files: Vec<PathBuf>,
    /// The source that the files come from
    #[arg(long, value_name = "NAME")]
    source: Option<String>,
    /// Folder of the project [default: the current one, or the nearest above that is one]
    #[arg(long, value_name = "PROJECT")]
    dir: Option<PathBuf>,
    /// Load a file of a source in `append` mode even when most of its lines were seen before
    #[arg(long)]
    force: bool,
    /// How to answer
    #[arg(long, value_enum, default_value_t)]
    format: TextOrJson,
}

/// Quarantined records that are said on the terminal, a file.
const MOST_LINES: usize = 3;

/// What became of one file.
#[derive(Debug, Serialize)]
#[serde(untagged)]
enum Line {
    Loaded {
        file: PathBuf,
        #[serde(flatten)]
        imported: Imported,
    },
    Failed {
        file: PathBuf,
        source: String,
        error: String,
    },
}

/// Loads the files one after the other and says what became of each.
pub fn run(args: &Args) -> Result<(), Failure> {
    let opened = Opened::open(args.dir.as_deref())?;
    for warning in &opened.warnings {
        out::note(&warning.to_string());
    }
    let project = &opened.project;
    let only = args.source.as_deref().map(|name| deliveries::source(project, name)).transpose()?;
    let deliveries = match args.files.as_slice() {
        [] => deliveries::found(project, only)?,
        files => deliveries::named(project, files, only)?,
    };
    if deliveries.is_empty()
        && args.files.is_empty()
        && project.sources.iter().any(|source| source.pull.is_some())
    {
        return Err(Failure::problem(
            "There is nothing to load: no file matches a pattern under `files` of a source. Sources that are read from a \
             database are not imported but pulled: `dialmark pull`.",
        ));
    }
    if deliveries.is_empty() {
        return Err(Failure::problem(
            "There is nothing to load: no file matches a pattern under `files` of a source. Name a file, or correct \
             the patterns in `sources/`.",
        ));
    }
    in_force::keep(project)?;
    let lines = runtime::wait_for(async {
        let lake = opened.lake().await?;
        let mut lines = Vec::new();
        for delivery in &deliveries {
            let options = ImportOptions {
                force: args.force,
                name: deliveries::place_in_project(project, &delivery.path),
                declared: project.sources.iter().map(|source| source.name.clone()).collect(),
                ..ImportOptions::default()
            };
            let line = load(&lake, delivery, &options).await;
            if args.format == TextOrJson::Text {
                say(&line)?;
                say_quarantine(&lake, &line).await?;
            }
            lines.push(line);
        }
        Ok(lines)
    })?;
    let failed = lines.iter().filter(|line| matches!(line, Line::Failed { .. })).count();
    match args.format {
        TextOrJson::Json => out::json(&lines)?,
        TextOrJson::Text => out::line(&summary(&lines, failed))?,
    }
    // A file of which nothing could be read is as good as one that was not loaded.
    let in_vain = lines.iter().filter(|line| line.is_in_vain()).count();
    if failed + in_vain == 0 { Ok(()) } else { Err(Failure::Said) }
}

/// The first records that were set aside, with line and reason.
async fn say_quarantine(lake: &Lake, line: &Line) -> Result<(), Failure> {
    let Line::Loaded { imported, .. } = line else { return Ok(()) };
    let all = imported.report.quarantined_total();
    if all == 0 {
        return Ok(());
    }
    let shown = lake.quarantined(imported.report.import_id, MOST_LINES).await?;
    for row in &shown {
        out::line(&format!("  line {}: {} ({})", row.line, row.detail, row.reason))?;
    }
    let more = all.saturating_sub(count(shown.len()));
    if more > 0 {
        out::line(&format!(
            "  and {} more: `dialmark quarantine show {}`",
            out::thousands(more),
            imported.report.import_id
        ))?;
    }
    Ok(())
}

impl Line {
    /// Records came and none of them could be read.
    fn is_in_vain(&self) -> bool {
        matches!(self, Line::Loaded { imported, .. } if imported.report.accepted == 0 && imported.report.read > 0)
    }
}

async fn load(lake: &Lake, delivery: &Delivery<'_>, options: &ImportOptions) -> Line {
    let file = delivery.path.clone();
    let name = file.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
    let bar = FileBar::new(&name);
    let result = import_file(lake, delivery.source, &file, options, &bar).await;
    bar.clear();
    match result {
        Ok(imported) => Line::Loaded { file, imported },
        Err(error) => Line::Failed { file, source: delivery.source.name.clone(), error: error.to_string() },
    }
}

fn say(line: &Line) -> Result<(), Failure> {
    match line {
        Line::Loaded { file, imported } => {
            let report = &imported.report;
            let number = report.import_id;
            out::line(&format!(
                "{}: {} (import {number}): {}",
                report.source,
                file.display(),
                report::sentence(report)
            ))?;
            let columns =
                [("Not read", &imported.unused_columns), ("In no record", &imported.absent_columns)];
            if report.conflicts > 0 {
                out::line(
                    "  In conflict: the source gave one revision two contents. One of them counts, the same in whatever order \
                     they come; have the source raise the revision with every change.",
                )?;
            }
            for (what, names) in columns.into_iter().filter(|(_, names)| !names.is_empty()) {
                out::line(&format!("  {what}: {}.", names.join(", ")))?;
            }
            Ok(())
        }
        Line::Failed { file, source, error } => {
            out::error(&format!("{source}: {} was not loaded: {error}", file.display()));
            Ok(())
        }
    }
}

fn summary(lines: &[Line], failed: usize) -> String {
    let mut total = ImportReport::default();
    for line in lines {
        if let Line::Loaded { imported, .. } = line {
            total.add(&imported.report);
        }
    }
    let loaded = out::counted(count(lines.len() - failed), "file", "files");
    let mut text = format!("{loaded} loaded: {}", report::sentence(&total));
    if failed > 0 {
        text.push_str(&format!(
            " {} could not be loaded, and nothing of it is in the store.",
            out::counted(count(failed), "file", "files")
        ));
    }
    text
}

fn count(number: usize) -> u64 {
    number.try_into().unwrap_or(u64::MAX)
}

//! `dialmark pull`: reads what is new from the databases that sources name.

use std::path::{Path, PathBuf};
use std::time::Duration;

use dialmark_ingest::{IngestError, PullOptions, Pulled, dispositions, pull};
use dialmark_lake::Lake;
use dialmark_model::duration_text;
use dialmark_model::source::{Format, Source};
use serde::Serialize;

use crate::deliveries;
use crate::failure::Failure;
use crate::files::{self, Existing};
use crate::opened::Opened;
use crate::options::Shared;
use crate::out::{self, TextOrJson};
use crate::progress::RowCount;
use crate::{in_force, report, runtime};

const EXAMPLES: &str = "\
Examples:
  dialmark pull                       what is new of every source with a section `pull`
  dialmark pull outcomes leads        of these sources
  dialmark pull --every 5min          again and again, until Ctrl-C
  dialmark pull outcomes --all        everything from the beginning, such as after a change of the query
  dialmark pull dialler --dispositions dispositions/dialler.toml
                                      the meanings of VICIdial's statuses now, as a map to look through
  CRM_PASSWORD=... dialmark pull --format json

A source says under [source.NAME.pull] where its database is and what is read:

  [source.outcomes.pull]
  database     = \"postgres://reader@crm-replica/crm\"   # or mysql://
  password_env = \"CRM_PASSWORD\"
  from         = \"outcomes\"                           # or query = \"select ...\"
  cursor       = \"updated_at\"
  look_back    = \"2h\"

The session can only read, every query has a time limit on the server, and none of them locks. Where a
reading ended is stored with its records: one that is interrupted is simply done again, and rows that are
read twice change nothing. Use a replica where there is one. Exit code 1 when a source could not be read; the
others are read all the same.";

/// The shortest rest between two readings: a database has others to serve.
const SHORTEST_REST_MS: u64 = 1_000;

/// Options of `dialmark pull`.
#[derive(Debug, clap::Args)]
#[command(after_help = EXAMPLES)]
pub struct Args {
    /// Sources to read [default: all that are pulled]
    sources: Vec<String>,
    /// Read again and again, with so long a rest between
    #[arg(long, value_name = "REST")]
    every: Option<String>,
    /// Read everything again, wherever the last reading ended
    #[arg(long)]
    all: bool,
    /// Read no records but VICIdial's statuses, and write what they mean to this file
    #[arg(long, value_name = "FILE", conflicts_with_all = ["every", "all"])]
    dispositions: Option<PathBuf>,
    /// First day on which the meanings of `--dispositions` hold [default: every day]
    #[arg(long, value_name = "DAY", requires = "dispositions")]
    from: Option<jiff::civil::Date>,
    #[command(flatten)]
    shared: Shared,
    /// Rows of one import
    #[arg(long, hide = true)]
    portion_rows: Option<u64>,
}

/// What became of one source.
#[derive(Debug, Serialize)]
#[serde(untagged)]
enum Line {
    Pulled(Box<Pulled>),
    Failed { source: String, error: String },
}

/// Reads the sources, once or again and again.
pub fn run(args: &Args) -> Result<(), Failure> {
    let opened = Opened::open(args.shared.dir.as_deref())?;
    for warning in &opened.warnings {
        out::note(&warning.to_string());
    }
    let rest = args.every.as_deref().map(rest).transpose()?;
    let sources = wanted(&opened, &args.sources)?;
    if let Some(file) = &args.dispositions {
        return meanings(&opened, &sources, file, args.from);
    }
    in_force::keep(&opened.project)?;
    runtime::wait_for(async {
        let lake = opened.lake().await?;
        let mut from_start = args.all;
        loop {
            let options =
                PullOptions { folder: &opened.project.folder, from_start, portion_rows: args.portion_rows };
            let failed = round(&lake, &sources, &options, args).await?;
            let Some(rest) = rest else {
                return if failed { Err(Failure::Said) } else { Ok(()) };
            };
            // Once is enough.
            from_start = false;
            tokio::select! {
                () = tokio::time::sleep(rest) => {}
                _ = tokio::signal::ctrl_c() => return Ok(()),
            }
        }
    })
}

/// Writes what the statuses of a VICIdial mean now.
fn meanings(
    opened: &Opened,
    sources: &[&Source],
    file: &Path,
    from: Option<jiff::civil::Date>,
) -> Result<(), Failure> {
    let of_vicidial =
        |source: &&&Source| matches!(&source.format, Format::Pack { pack, .. } if pack == "vicidial");
    let Some(source) = sources.iter().find(of_vicidial) else {
        return Err(Failure::usage(
            "`--dispositions` reads the statuses of a source of the pack `vicidial`.",
        ));
    };
    let options = PullOptions { folder: &opened.project.folder, from_start: false, portion_rows: None };
    let from = from.map(|day| day.to_string());
    let text = runtime::wait_for(async { Ok(dispositions(source, &options, from.as_deref()).await?) })?;
    files::write(file, text.as_bytes(), Existing::Keep)?;
    out::note(&format!("wrote {}; look it through before figures rest on it", file.display()));
    Ok(())
}

fn rest(text: &str) -> Result<Duration, Failure> {
    match duration_text::parse_ms(text) {
        Ok(ms) if ms >= SHORTEST_REST_MS => Ok(Duration::from_millis(ms)),
        Ok(_) => Err(Failure::usage("`--every` rests for at least a second: write `30s` or `5min`.")),
        Err(bad) => Err(Failure::usage(format!("`--every`: {bad}"))),
    }
}

fn wanted<'o>(opened: &'o Opened, names: &[String]) -> Result<Vec<&'o Source>, Failure> {
    let project = &opened.project;
    if names.is_empty() {
        let all: Vec<&Source> = project.sources.iter().filter(|source| source.pull.is_some()).collect();
        if all.is_empty() {
            return Err(Failure::problem(
                "There is nothing to pull: no source has a section `[source.NAME.pull]`. `dialmark pull --help` shows one.",
            ));
        }
        return Ok(all);
    }
    let named = names.iter().map(|name| {
        let source = deliveries::source(project, name)?;
        match source.pull {
            Some(_) => Ok(source),
            None => Err(Failure::usage(format!(
                "The source `{name}` is read from files: `dialmark import --source {name}`. To pull it from a database, \
                 add `[source.{name}.pull]` in {}.",
                source.declared_in
            ))),
        }
    });
    named.collect()
}

/// Reads each source once. A mapping that is wrong stays wrong however often it is tried; a database may come back.
async fn round(
    lake: &Lake,
    sources: &[&Source],
    options: &PullOptions<'_>,
    args: &Args,
) -> Result<bool, Failure> {
    let mut lines = Vec::new();
    let mut failed = false;
    for source in sources {
        let count = RowCount::new(&source.name);
        let result = pull(lake, source, options, &count).await;
        count.clear();
        let line = match result {
            Ok(pulled) => Line::Pulled(Box::new(pulled)),
            Err(error @ IngestError::Mapping { .. }) if args.every.is_some() => return Err(error.into()),
            Err(error) => {
                failed = true;
                Line::Failed { source: source.name.clone(), error: error.to_string() }
            }
        };
        if args.shared.format == TextOrJson::Text {
            say(&line, source)?;
        }
        lines.push(line);
    }
    if args.shared.format == TextOrJson::Json {
        match args.every {
            None => out::json(&lines)?,
            // A line a round, for whoever reads along.
            Some(_) => out::line(&serde_json::to_string(&lines).map_err(|error| {
                Failure::problem(format!("The answer cannot be written as JSON: {error}."))
            })?)?,
        }
    }
    Ok(failed)
}

fn say(line: &Line, source: &Source) -> Result<(), Failure> {
    let pulled = match line {
        Line::Failed { error, .. } => {
            out::error(error);
            return Ok(());
        }
        Line::Pulled(pulled) => pulled,
    };
    let place = source.pull.as_ref().map(|pull| pull.database.to_string()).unwrap_or_default();
    let what = match &pulled.imported {
        Some(imported) => report::sentence(&imported.report),
        None => "nothing new.".to_owned(),
    };
    let next = match &pulled.cursor {
        Some(cursor) => format!(" Read up to {cursor}."),
        None => String::new(),
    };
    out::line(&format!("{} from {place}: {what}{next}", pulled.source))?;
    let absent = pulled.imported.iter().flat_map(|imported| &imported.absent_columns);
    let absent: Vec<&str> = absent.map(String::as_str).collect();
    if !absent.is_empty() {
        out::line(&format!("  In no record: {}.", absent.join(", ")))?;
    }
    for remark in &pulled.remarks {
        out::line(&format!("  {remark}"))?;
    }
    Ok(())
}

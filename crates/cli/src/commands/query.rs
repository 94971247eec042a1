//! `dialmark query`: computes metrics.

use std::path::PathBuf;

use clap::ValueEnum;
use dialmark_engine::export as arrow_export;
use dialmark_metrics::MetricTable;
use dialmark_view::export;

use crate::failure::Failure;
use crate::files::{self, Existing};
use crate::opened::Opened;
use crate::question::Question;
use crate::{out, period, runtime};

const EXAMPLES: &str = "\
Examples:
  dialmark query conversion_rate
  dialmark query conversion_rate,aht --by campaign_id --from 2026-11-01 --to 2026-11-20
  dialmark query connection_rate --by hour --where \"campaign_id = 'north' and attempt_no <= 3\"
  dialmark query 'service_level/offered{threshold=10s}' --grain 30m --zone Europe/London
  dialmark query aht --variant aht=talk --format json
  dialmark query dials --by agent_id --top 10
  dialmark query conversion_rate --by work --from 2026-11-01      client, campaign and list
  dialmark query sales --from 2026-11-01 --as-of 2026-11-15       what was known at the end of that day
  dialmark query dials,sales --by agent_id --format parquet --out agents.parquet

`--to` names the first day that does not count: `--from 2026-11-01 --to 2026-12-01` is November.
JSON has value, numerator, denominator and n (the records behind the denominator) for each row
and metric; integers are numbers, decimals are texts, a value that cannot be is null with a reason.";

/// Options of `dialmark query`.
#[derive(Debug, clap::Args)]
#[command(after_help = EXAMPLES)]
pub struct Args {
    #[command(flatten)]
    question: Question,
    /// Folder of the project [default: the current one, or the nearest above that is one]
    #[arg(long, value_name = "PROJECT")]
    dir: Option<PathBuf>,
    /// As it was known at the end of this day, or at this instant
    #[arg(long, value_name = "DAY|INSTANT")]
    as_of: Option<String>,
    /// How to answer
    #[arg(long, value_enum, default_value_t)]
    format: Format,
    /// Write the answer to this file instead of standard output
    #[arg(long, value_name = "FILE")]
    out: Option<PathBuf>,
    /// Replace the file of `--out` if it is there
    #[arg(long, requires = "out")]
    overwrite: bool,
}

/// How figures are written.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, ValueEnum)]
enum Format {
    /// For people.
    #[default]
    Table,
    /// For programs.
    Json,
    /// For spreadsheets.
    Csv,
    /// For analysts; needs --out.
    Parquet,
}

/// Answers the question.
pub fn run(args: &Args) -> Result<(), Failure> {
    if args.format == Format::Parquet && args.out.is_none() {
        return Err(Failure::usage("Parquet is not for a terminal; name a file with `--out FILE.parquet`."));
    }
    let opened = Opened::open(args.dir.as_deref())?;
    let question = args.question.read(&opened.catalogue, &opened.project.centre.calendar())?;
    let calendar = opened.project.centre.calendar();
    let as_of = args.as_of.as_deref().map(|text| period::known_by(text, &calendar)).transpose()?;
    let table = runtime::wait_for(async {
        let mut lake = opened.lake_with_records().await?;
        if let Some(at) = as_of {
            lake = lake.as_of(at).await?;
        }
        Ok(opened.engine(lake).query(&question).await?)
    })?;
    let zone = opened.project.centre.time_zone();
    let answer = written(&table, args.format, args.out.is_none(), zone)?;
    match &args.out {
        None => out::bytes(&answer),
        Some(path) => {
            let existing = if args.overwrite { Existing::Replace } else { Existing::Keep };
            files::write(path, &answer, existing)?;
            let rows = u64::try_from(table.rows.len()).unwrap_or(u64::MAX);
            out::note(&format!("wrote {} to {}", out::counted(rows, "row", "rows"), path.display()));
            Ok(())
        }
    }
}

fn written(
    table: &MetricTable,
    format: Format,
    to_terminal: bool,
    zone: &jiff::tz::TimeZone,
) -> Result<Vec<u8>, Failure> {
    let width = if to_terminal { out::width() } else { usize::from(u16::MAX) };
    let mut text = match format {
        Format::Table => export::text(table, width, zone),
        Format::Json => export::json(table),
        Format::Csv => export::csv(table),
        Format::Parquet => return Ok(arrow_export::parquet(table)?),
    };
    if !text.ends_with('\n') {
        text.push('\n');
    }
    Ok(text.into_bytes())
}

//! `dialmark coverage`: what each source delivered, hour by hour, and what is missing.

use std::collections::BTreeMap;

use dialmark_engine::{Coverage, SourceCoverage};
use dialmark_metrics::coverage::Hour;
use jiff::Timestamp;
use jiff::civil::Date;
use jiff::tz::TimeZone;

use crate::failure::Failure;
use crate::opened::Opened;
use crate::options::Shared;
use crate::{out, period, runtime};

const EXAMPLES: &str = "\
Examples:
  dialmark coverage                                  all that was ever received
  dialmark coverage --from 2026-11-01 --source dialler
  dialmark coverage --gaps                           only days on which records are missing
  dialmark coverage --format json

One line a day, one sign an hour: `.` nothing came and nothing is usual, `-` some records, `=` about as
many as usual or more, `!` less than a fifth of what the same hour of the same weekday brought in the
four weeks before (of at least thirty records). Hours are those of the centre's zone; several days of
which nothing came and nothing is usual are one line. An hour is over, and judged, when records of a
later one came from any source, or a day has passed since; records of the hour that goes on are counted.
Where all sources ended more than four weeks ago, name a later day with `--to` to have the time after
them judged. Exit code 1 when something is missing.";

/// Options of `dialmark coverage`.
#[derive(Debug, clap::Args)]
#[command(after_help = EXAMPLES)]
pub struct Args {
    /// First day or instant
    #[arg(long, value_name = "DAY|INSTANT")]
    from: Option<String>,
    /// First day or instant that does not count any more
    #[arg(long, value_name = "DAY|INSTANT")]
    to: Option<String>,
    /// Only this source
    #[arg(long, value_name = "NAME")]
    source: Option<String>,
    /// Only days on which records are missing
    #[arg(long)]
    gaps: bool,
    #[command(flatten)]
    shared: Shared,
}

/// Shows the calendar.
pub fn run(args: &Args) -> Result<(), Failure> {
    let opened = Opened::open(args.shared.dir.as_deref())?;
    if let Some(name) = &args.source {
        crate::deliveries::source(&opened.project, name)?;
    }
    let calendar = opened.project.centre.calendar();
    let asked = period::parse(args.from.as_deref(), args.to.as_deref(), &calendar)?;
    let Coverage { mut sources, judged_until } = runtime::wait_for(async {
        let engine = opened.engine(opened.lake_with_records().await?);
        Ok(engine.coverage(&asked, Some(Timestamp::now())).await?)
    })?;
    sources.retain(|one| args.source.as_ref().is_none_or(|name| *name == one.source));
    let gaps: usize = sources.iter().map(|one| one.gaps().count()).sum();
    match args.shared.format {
        out::TextOrJson::Json => out::json(&sources)?,
        out::TextOrJson::Text => {
            for one in &sources {
                say(one, &calendar.zone, args.gaps)?;
            }
            let gaps = u64::try_from(gaps).unwrap_or(u64::MAX);
            let Some(until) = judged_until else {
                return out::line(
                    "Nothing with a time of day was delivered in this time or the weeks before it.",
                );
            };
            let until = until.to_zoned(calendar.zone).strftime("%Y-%m-%d, %H:00").to_string();
            out::line(&match gaps {
                0 => {
                    format!("No records of before {until} are missing, as far as the weeks before can tell.")
                }
                _ => format!(
                    "Records of before {until} are missing in {}.",
                    out::counted(gaps, "hour", "hours")
                ),
            })?;
        }
    }
    if gaps == 0 { Ok(()) } else { Err(Failure::Said) }
}

fn say(one: &SourceCoverage, zone: &TimeZone, only_gaps: bool) -> Result<(), Failure> {
    let mut days: BTreeMap<Date, Vec<(i8, Hour)>> = BTreeMap::new();
    for hour in &one.hours {
        let at = hour.starts_at.to_zoned(zone.clone());
        days.entry(at.date()).or_default().push((at.hour(), *hour));
    }
    let records: u64 = one.hours.iter().map(|hour| hour.received).sum();
    let records = out::counted(records, "record", "records");
    let ahead = match one.ahead {
        0 => String::new(),
        ahead => format!(
            "; {} dated into hours that have not come yet, which are in no line here",
            out::counted(ahead, "more is", "more are")
        ),
    };
    out::line(&format!("{} ({}): {records}{ahead}", one.source, one.table))?;
    let mut days: Vec<(Date, Vec<(i8, Hour)>)> = days.into_iter().collect();
    if only_gaps {
        days.retain(|(_, hours)| hours.iter().any(|(_, hour)| hour.is_gap));
    }
    let is_silent = |hours: &[(i8, Hour)]| hours.iter().all(|(_, hour)| hour.received == 0 && !hour.is_gap);
    for run in days.chunk_by(|(_, one), (_, next)| is_silent(one) && is_silent(next)) {
        match run {
            [(first, hours), .., (last, _)] if run.len() > 2 && is_silent(hours) => {
                let days = u64::try_from(run.len()).unwrap_or(u64::MAX);
                out::line(&format!("  {first} to {last}: nothing on {}", out::counted(days, "day", "days")))?;
            }
            few => say_days(few)?,
        }
    }
    Ok(())
}

fn say_days(days: &[(Date, Vec<(i8, Hour)>)]) -> Result<(), Failure> {
    for (day, hours) in days {
        // A day with an hour twice shows the worse of the two.
        let signs: String = (0..24)
            .map(|clock| {
                let here = hours.iter().filter(|(at, _)| *at == clock).map(|(_, hour)| sign(hour));
                here.min_by_key(|sign| "!.-=".find(*sign)).unwrap_or(' ')
            })
            .collect();
        let sum: u64 = hours.iter().map(|(_, hour)| hour.received).sum();
        out::line(&format!("  {day} {}  {signs}  {}", day.strftime("%a"), out::thousands(sum)))?;
    }
    Ok(())
}

fn sign(hour: &Hour) -> char {
    match hour {
        Hour { is_gap: true, .. } => '!',
        Hour { received: 0, .. } => '.',
        Hour { received, usual: Some(usual), .. } if received.saturating_mul(2) < *usual => '-',
        Hour { usual: None, .. } => '-',
        Hour { .. } => '=',
    }
}

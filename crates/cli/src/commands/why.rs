//! `dialmark why`: what moved a figure, taken apart into rates and mix.

use dialmark_govern::why::sentences;
use dialmark_manage::why::{Against, Question, Which, why};
use dialmark_metrics::{Expr, Scope};
use dialmark_model::civil::{Calendar, Period};
use dialmark_view::export;
use jiff::{Timestamp, ToSpan};

use crate::failure::Failure;
use crate::opened::Opened;
use crate::options::Shared;
use crate::out::{self, TextOrJson};
use crate::question::condition;
use crate::{figure_text, managed, period, runtime};

const EXAMPLES: &str = "\
Examples:
  dialmark why conversion_rate                 the last seven days against the seven before
  dialmark why conversion_rate --from 2026-11-02 --to 2026-11-20 --against 2026-10-12..2026-11-02
  dialmark why connection_rate --from 2026-11-18 --to 2026-11-19 --against weekdays
  dialmark why conversion_rate --by lead_source --where \"campaign_id = 'home'\"
  dialmark why aht --by team_id,hour
  dialmark why \"conversion_rate where team_id = 'york'\" --against \"team_id = 'leeds'\"

The change is taken apart by the values of a dimension: how much of it is because their own figures
moved (rate), and how much because their shares did (mix). Rate and mix add up to the change. Without
--by all dimensions are looked at, and the one that tells most is shown; what chance may have done is
not named.";

/// Options of `dialmark why`.
#[derive(Debug, clap::Args)]
#[command(after_help = EXAMPLES)]
pub struct Args {
    /// A ratio, perhaps with `where` and a condition of its own
    #[arg(value_name = "METRIC")]
    metric: String,
    /// First day or instant that counts [default: seven days before the end]
    #[arg(long, value_name = "DAY|INSTANT")]
    from: Option<String>,
    /// First day or instant that does not count any more [default: the last day that has records]
    #[arg(long, value_name = "DAY|INSTANT")]
    to: Option<String>,
    /// What it is compared with: `before` (as many days before), `weekdays` (the same weekdays of the four weeks before), two
    /// days as FROM..TO, or a condition on other records of the same days
    #[arg(long, value_name = "WHAT", default_value = "before")]
    against: String,
    /// Take it apart by this dimension, or two together [default: by whatever tells most]
    #[arg(long, value_name = "DIM[,DIM]")]
    by: Option<String>,
    /// Only records for which this holds, on both sides
    #[arg(long = "where", value_name = "EXPR")]
    filter: Option<String>,
    /// IANA zone of days and hours for all records [default: each record's own]
    #[arg(long)]
    zone: Option<String>,
    #[command(flatten)]
    shared: Shared,
}

/// Says why.
pub fn run(args: &Args) -> Result<(), Failure> {
    let opened = Opened::open(args.shared.dir.as_deref())?;
    let calendar = period::calendar(args.zone.as_deref(), &opened.project.centre.calendar())?;
    let (metric, own) = figure_text::read(&args.metric, &opened.catalogue)?;
    let both = args.filter.as_deref().map(condition).transpose()?;
    let against = Against::parse(&args.against, &calendar)
        .map_err(|sentence| Failure::usage(format!("`--against`: {sentence}")))?;
    let by = managed::dimensions(args.by.as_deref(), &opened.catalogue)?;
    if by.len() > 2 {
        return Err(Failure::usage("`--by` takes one dimension, or two separated by a comma."));
    }
    let filter = Expr::both(both.clone(), own);
    let found = runtime::wait_for(async {
        let engine = opened.engine(opened.lake_with_records().await?);
        let period = match (&args.from, &args.to) {
            (Some(_), Some(_)) => period::parse(args.from.as_deref(), args.to.as_deref(), &calendar)?,
            _ => {
                let until = managed::reach(&engine, None).await?.until;
                last_week(args, until, &calendar)?
            }
        };
        let now = Which { period, filter };
        let before = against.which(&now, both.as_ref(), &calendar).map_err(Failure::Usage)?;
        let zone = args.zone.clone();
        let question = Question { metric: &metric, before, now, by: &by, zone, scope: &Scope::Everything };
        Ok(why(&engine, &question).await?)
    })?;
    match args.shared.format {
        TextOrJson::Json => out::json(&export::why(&found)),
        TextOrJson::Text => {
            for sentence in sentences(&found) {
                out::line(&sentence)?;
            }
            for note in &found.notes {
                out::line(&format!("note: {note}"))?;
            }
            Ok(())
        }
    }
}

/// What is not named: up to the end of the last whole day of records, from seven days before.
fn last_week(args: &Args, until: Timestamp, calendar: &Calendar) -> Result<Period, Failure> {
    let end = match &args.to {
        Some(text) => Some(period::instant("--to", text, calendar)?),
        None => calendar.day_start(calendar.day_of(until)),
    };
    let from = match &args.from {
        Some(text) => Some(period::instant("--from", text, calendar)?),
        None => end.and_then(|end| calendar.day_start(calendar.day_of(end).checked_sub(7.days()).ok()?)),
    };
    if let (Some(from), Some(end)) = (from, end)
        && from >= end
    {
        return Err(Failure::usage(format!(
            "The stretch is empty: it would begin at {from} and end before {end}."
        )));
    }
    Ok(Period { from, to: end })
}

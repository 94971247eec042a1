//! `dialmark rank`: who is better than whom by more than chance.

use dialmark_govern::ranking::{Placed, Ranked, Standing, places, shown};
use dialmark_govern::why::Words;
use dialmark_manage::ranking::{Question, ranked};
use dialmark_metrics::{Expr, Key, Scope};
use dialmark_view::export;

use crate::columns::aligned;
use crate::failure::Failure;
use crate::opened::Opened;
use crate::options::Shared;
use crate::out::{self, TextOrJson};
use crate::question::condition;
use crate::{figure_text, managed, period, runtime};

const EXAMPLES: &str = "\
Examples:
  dialmark rank conversion_rate/success_per_contact
  dialmark rank cancellation_rate --by team_id --from 2026-11-01
  dialmark rank connection_rate --by list_id --where \"campaign_id = 'home'\"
  dialmark rank conversion_rate/success_per_contact --format json

Who did little lies far from the truth by chance alone, so the top and the bottom of a plain list are
mostly those with the least behind them. Each figure is drawn towards that of all by as much as chance
accounts for; a place is the range of places that it could have; those who cannot be told apart form a
group.";

/// Options of `dialmark rank`.
#[derive(Debug, clap::Args)]
#[command(after_help = EXAMPLES)]
pub struct Args {
    /// A rate or an average, perhaps with `where` and a condition
    #[arg(value_name = "METRIC")]
    metric: String,
    /// Whose values are ranked
    #[arg(long, value_name = "DIM", default_value = "agent_id")]
    by: String,
    /// Only records for which this holds
    #[arg(long = "where", value_name = "EXPR")]
    filter: Option<String>,
    /// First day or instant that counts
    #[arg(long, value_name = "DAY|INSTANT")]
    from: Option<String>,
    /// First day or instant that does not count any more
    #[arg(long, value_name = "DAY|INSTANT")]
    to: Option<String>,
    /// IANA zone of days for all records [default: each record's own]
    #[arg(long)]
    zone: Option<String>,
    #[command(flatten)]
    shared: Shared,
}

/// Ranks them.
pub fn run(args: &Args) -> Result<(), Failure> {
    let opened = Opened::open(args.shared.dir.as_deref())?;
    let calendar = period::calendar(args.zone.as_deref(), &opened.project.centre.calendar())?;
    let (metric, own) = figure_text::read(&args.metric, &opened.catalogue)?;
    let filter = Expr::both(args.filter.as_deref().map(condition).transpose()?, own);
    let by = managed::dimensions(Some(&args.by), &opened.catalogue)?;
    let [by] = by.as_slice() else {
        return Err(Failure::usage("`--by` takes one dimension, such as `--by agent_id`."));
    };
    let question = Question {
        metric: &metric,
        by,
        filter,
        period: period::parse(args.from.as_deref(), args.to.as_deref(), &calendar)?,
        zone: args.zone.clone(),
        scope: &Scope::Everything,
    };
    let found = runtime::wait_for(async {
        let engine = opened.engine(opened.lake_with_records().await?);
        Ok(ranked(&engine, &question).await?)
    })?;
    match args.shared.format {
        TextOrJson::Json => out::json(&export::ranking(&found)),
        TextOrJson::Text => say(&found),
    }
}

fn say(found: &Ranked) -> Result<(), Failure> {
    for sentence in found.sentences() {
        out::line(&sentence)?;
    }
    out::line("")?;
    let words = Words(found.header.unit);
    let row = |one: &Placed<Key>| {
        vec![
            places(one),
            shown(&one.key),
            words.figure(one.value),
            format!(
                "{} ({} to {})",
                words.figure(one.shrunk),
                words.figure(one.interval.low()),
                words.figure(one.interval.high())
            ),
            format!("{:.0}", one.size),
            one.group.to_string(),
            match one.standing {
                Standing::Better => "better than the rest",
                Standing::Worse => "worse than the rest",
                Standing::NotTold => "",
            }
            .to_owned(),
            match found.failing(&one.key).map(|watched| watched.guard.label.as_str()).collect::<Vec<_>>() {
                failing if failing.is_empty() => String::new(),
                failing => format!("guard fails: {}", failing.join(", ")),
            },
        ]
    };
    let head = ["place", found.by.as_str(), "figure", "without chance (95 %)", "of", "group", "", ""];
    let rows: Vec<Vec<String>> = found.ranking.placed.iter().map(row).collect();
    for line in aligned(&head, &rows) {
        out::line(&line)?;
    }
    if !found.without.is_empty() {
        let names: Vec<String> = found.without.iter().map(shown).collect();
        out::line(&format!("Without a figure: {}.", names.join(", ")))?;
    }
    for one in &found.unwatched {
        out::line(&format!("note: the guard `{}` says nothing: {}", one.guard, one.why_not))?;
    }
    for note in &found.notes {
        out::line(&format!("note: {note}"))?;
    }
    Ok(())
}

//! `dialmark surveys`: satisfaction and recommendation with their margins, and how many answered.

use dialmark_manage::survey::{self, Asked, Counts, Scored, Survey};
use dialmark_metrics::Ratio;
use serde_json::{Value, json};

use crate::failure::Failure;
use crate::managed;
use crate::options::Shared;
use crate::out::{self, Style, TextOrJson};
use crate::question::condition;
use crate::seat::Seat;
use crate::{columns, period, runtime};

const EXAMPLES: &str = "\
Examples:
  dialmark surveys
  dialmark surveys --by campaign_id --from 2026-10-01 --to 2026-11-01
  dialmark surveys --by agent_id --where \"campaign_id = 'north'\" --format json

Satisfaction (csat) is the share of satisfied answers, recommendation (nps) the share of promoters less that
of detractors, in points. The interval says where the score could as well lie, at 95 %, by chance alone: it knows nothing
of those who did not answer, so the response rate stands beside it.";

/// Options of `dialmark surveys`.
#[derive(Debug, clap::Args)]
#[command(after_help = EXAMPLES)]
pub struct Args {
    /// Break out by columns or declared dimensions, separated by commas
    #[arg(long, value_name = "DIM[,DIM...]")]
    by: Option<String>,
    /// Only answers for which this holds, such as "campaign_id = 'north'"
    #[arg(long = "where", value_name = "EXPR")]
    filter: Option<String>,
    /// First day or instant that counts
    #[arg(long, value_name = "DAY|INSTANT")]
    from: Option<String>,
    /// First day or instant that does not count any more
    #[arg(long, value_name = "DAY|INSTANT")]
    to: Option<String>,
    #[command(flatten)]
    shared: Shared,
}

/// Shows the scores.
pub fn run(args: &Args) -> Result<(), Failure> {
    let managed = managed::open(args.shared.dir.as_deref())?;
    let calendar = managed.opened.project.centre.calendar();
    let by = managed::dimensions(args.by.as_deref(), &managed.opened.catalogue)?;
    let asked = Asked {
        by: &by,
        filter: args.filter.as_deref().map(condition).transpose()?,
        period: period::parse(args.from.as_deref(), args.to.as_deref(), &calendar)?,
    };
    let scored = runtime::wait_for(async {
        let work = Seat::at(&managed).await?;
        Ok(survey::surveys(&work.desk(), &asked).await?)
    })?;
    match args.shared.format {
        TextOrJson::Json => {
            let all: Vec<Value> = scored.iter().map(|one| shown(one, &by)).collect();
            out::json(&all)
        }
        TextOrJson::Text => say(&scored, &by),
    }
}

/// A score for programs: fractions as decimals in texts, with the counts that they were divided from.
fn shown(one: &Scored, by: &[String]) -> Value {
    let counts = match one.counts {
        Counts::Satisfied(satisfied) => json!({ "satisfied": satisfied }),
        Counts::Recommending { promoters, detractors } => {
            json!({ "promoters": promoters, "detractors": detractors })
        }
    };
    json!({
        "survey": one.survey.word(),
        "place": survey::place(by, &one.keys),
        "score": one.score.as_ref().ok().map(|score| score.decimal(6)),
        "reason": one.score.as_ref().err().map(|reason| reason.word()),
        "counts": counts,
        "n": one.n,
        "interval": one.interval.map(|interval| json!({ "low": interval.low(), "high": interval.high() })),
        "answered": one.response.answered,
        "asked": one.response.asked,
        "response_rate": one.response.rate.as_ref().ok().map(|rate| rate.decimal(6)),
        "response_by": one.response.variant,
    })
}

fn say(scored: &[Scored], by: &[String]) -> Result<(), Failure> {
    if scored.is_empty() {
        return out::line("No record of a survey called `csat` or `nps` is of this time.");
    }
    let head = ["survey", "place", "score", "95 % interval", "answers", "answered", "asked", "response"];
    let number = |number: Option<u64>| number.map_or_else(|| "-".to_owned(), out::thousands);
    let rows: Vec<Vec<String>> = scored
        .iter()
        .map(|one| {
            vec![
                one.survey.word().to_owned(),
                survey::place(by, &one.keys).to_string(),
                score(one),
                one.interval
                    .map(|interval| in_words(one.survey, interval.low(), interval.high()))
                    .unwrap_or_default(),
                out::thousands(one.n),
                number(one.response.answered),
                number(one.response.asked),
                one.response.rate.as_ref().map_or_else(|_| "-".to_owned(), |rate| percent(*rate)),
            ]
        })
        .collect();
    for line in columns::aligned(&head, &rows) {
        out::line(&line)?;
    }
    let mut said: Vec<&str> = Vec::new();
    for one in scored {
        if !said.contains(&one.response.variant.as_str()) {
            said.push(&one.response.variant);
        }
    }
    let note = format!("response: `survey_response_rate/{}`", said.join("`, `survey_response_rate/"));
    out::line(&Style::of_stdout().faint(&note))
}

fn score(one: &Scored) -> String {
    match (&one.score, one.survey) {
        (Err(_), _) => "-".to_owned(),
        (Ok(score), Survey::Csat) => percent(*score),
        (Ok(score), Survey::Nps) => points(score.to_f64()),
    }
}

fn percent(value: Ratio) -> String {
    format!("{:.1} %", value.to_f64() * 100.0)
}

/// As others write it: 0.30 is +30.
fn points(value: f64) -> String {
    format!("{:+.1}", value * 100.0)
}

fn in_words(survey: Survey, low: f64, high: f64) -> String {
    match survey {
        Survey::Csat => format!("{:.1} to {:.1} %", low * 100.0, high * 100.0),
        Survey::Nps => format!("{} to {}", points(low), points(high)),
    }
}

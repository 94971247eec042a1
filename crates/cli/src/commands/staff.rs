//! `dialmark staff`: how many agents a load of calls needs.

use dialmark_govern::staffing::{Asked, COLUMNS, Staffed, staffed};

use crate::columns::aligned;
use crate::failure::Failure;
use crate::out::{self, TextOrJson};

const EXAMPLES: &str = "\
Examples:
  dialmark staff --calls 120 --interval 30min --handle 5min --target 80/20
  dialmark staff --calls 120 --interval 30min --handle 5min --target 80/20 --occupancy 85%
  dialmark staff --calls 120 --interval 30min --handle 5min --target 80/20 --patience 3min
  dialmark staff --calls 120 --interval 30min --handle 5min --target 80/20 --shrinkage 12%,8%,5%

Callers who wait for good: Erlang C. With --patience, callers who leave: Erlang A. It needs no project.";

/// Options of `dialmark staff`.
#[derive(Debug, clap::Args)]
#[command(after_help = EXAMPLES)]
pub struct Args {
    /// Calls in the interval
    #[arg(long, value_name = "COUNT")]
    calls: String,
    /// Length of the interval
    #[arg(long, value_name = "LENGTH", default_value = "30min")]
    interval: String,
    /// Average handling time, work after the call included
    #[arg(long, value_name = "LENGTH")]
    handle: String,
    /// Service level: 80/20 is 80 % of calls within 20 seconds
    #[arg(long, value_name = "PERCENT/SECONDS", default_value = "80/20")]
    target: String,
    /// Share of their time that agents may handle calls, at most [default: no cap]
    #[arg(long, value_name = "SHARE", default_value = "", hide_default_value = true)]
    occupancy: String,
    /// After how long those who wait leave, on average [default: they wait for good]
    #[arg(long, value_name = "LENGTH", default_value = "", hide_default_value = true)]
    patience: String,
    /// Shares of paid time without calls: breaks, leave, training [default: none]
    #[arg(long, value_name = "SHARE[,SHARE]", default_value = "", hide_default_value = true)]
    shrinkage: String,
    /// Each share is of what the others leave, instead of paid time
    #[arg(long)]
    compounding: bool,
    /// How to answer
    #[arg(long, value_enum, default_value_t)]
    format: TextOrJson,
}

/// Works it out.
pub fn run(args: &Args) -> Result<(), Failure> {
    let asked = Asked {
        calls: args.calls.clone(),
        interval: args.interval.clone(),
        handle: args.handle.clone(),
        target: args.target.clone(),
        occupancy: args.occupancy.clone(),
        patience: args.patience.clone(),
        shrinkage: args.shrinkage.clone(),
        compounding: args.compounding,
    };
    let found = staffed(&asked).map_err(|wrong| Failure::usage(wrong.join("\n")))?;
    match args.format {
        TextOrJson::Json => out::json(&found),
        TextOrJson::Text => say(&found),
    }
}

fn say(found: &Staffed) -> Result<(), Failure> {
    for sentence in found.sentences() {
        out::line(&sentence)?;
    }
    out::line("")?;
    let rows: Vec<Vec<String>> = found.around.iter().map(|one| one.row().to_vec()).collect();
    aligned(&COLUMNS, &rows).iter().try_for_each(|line| out::line(line))
}

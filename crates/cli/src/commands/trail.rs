//! `dialmark trail`: who did what, when and why.

use dialmark_state::Wanted;

use crate::failure::Failure;
use crate::opened::Opened;
use crate::options::Shared;
use crate::{columns, out, runtime};

const EXAMPLES: &str = "\
Examples:
  dialmark trail
  dialmark trail --by ann@example.org --last 20
  dialmark trail --did kpi. --format json

The newest comes first. Each entry is chained to the one before it; a trail in which one was changed,
removed or slipped in is refused with the place.";

/// Options of `dialmark trail`.
#[derive(Debug, clap::Args)]
#[command(after_help = EXAMPLES)]
pub struct Args {
    /// Only what this person did
    #[arg(long, value_name = "NAME")]
    by: Option<String>,
    /// Only deeds that begin so: account. session. kpi. disposition. case. dispute.
    #[arg(long, value_name = "START")]
    did: Option<String>,
    /// Only what was done to something whose name holds this
    #[arg(long, value_name = "TEXT")]
    to: Option<String>,
    /// How many at most
    #[arg(long, value_name = "COUNT", default_value_t = 100)]
    last: u32,
    #[command(flatten)]
    shared: Shared,
}

/// Runs the command.
pub fn run(args: &Args) -> Result<(), Failure> {
    let opened = Opened::open(args.shared.dir.as_deref())?;
    let wanted =
        Wanted { by: args.by.clone(), did: args.did.clone(), subject: args.to.clone(), ..Wanted::default() };
    let (noted, total) = runtime::wait_for(async {
        let state = opened.state().await?;
        state.verify_trail().await?;
        Ok(state.trail(&wanted, 0, args.last).await?)
    })?;
    if args.shared.format == out::TextOrJson::Json {
        return out::json(&noted);
    }
    if noted.is_empty() {
        return out::line("Nothing of the kind was done.");
    }
    let rows: Vec<Vec<String>> = noted
        .iter()
        .map(|noted| {
            vec![
                noted.at.to_string(),
                noted.by.clone(),
                noted.did.clone(),
                noted.subject.clone(),
                noted.why.clone(),
            ]
        })
        .collect();
    for line in columns::aligned(&["when", "who", "did", "to what", "why"], &rows) {
        out::line(&line)?;
    }
    let left = total.saturating_sub(u64::from(args.last));
    match left {
        0 => Ok(()),
        left => out::line(&format!("{left} older ones are not shown; `--last COUNT` shows more.")),
    }
}

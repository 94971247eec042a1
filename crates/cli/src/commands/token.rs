//! `dialmark token`: which programs may send records.

use std::path::PathBuf;

use clap::Subcommand;
use dialmark_state::{Scope, State, Token};
use jiff::{SignedDuration, Timestamp};

use crate::failure::Failure;
use crate::opened::Opened;
use crate::options::Shared;
use crate::{out, runtime};

const NEW_EXAMPLES: &str = "\
Examples:
  dialmark token new dialler --stream calls --stream agent_states
  dialmark token new crm --stream outcomes --days 90
  dialmark token new everything

The token is shown once and kept as a hash only. A program sends it with its records:
  curl -H \"Authorization: Bearer $TOKEN\" -H 'Content-Type: application/x-ndjson' \\
       --data-binary @calls.jsonl http://127.0.0.1:7777/api/v1/ingest/calls";

const LIST_EXAMPLES: &str = "\
Examples:
  dialmark token list
  dialmark token list --format json";

const REVOKE_EXAMPLES: &str = "\
Examples:
  dialmark token revoke 3f9a1c77e0b2

A running `dialmark serve` refuses it within five seconds.";

/// What to do with tokens.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Make a token under which a program may send records
    #[command(after_help = NEW_EXAMPLES)]
    New(NewArgs),
    /// Show the tokens that were made
    #[command(after_help = LIST_EXAMPLES)]
    List(ListArgs),
    /// Take a token back
    #[command(after_help = REVOKE_EXAMPLES)]
    Revoke(RevokeArgs),
}

/// Options of `dialmark token new`.
#[derive(Debug, clap::Args)]
pub struct NewArgs {
    /// What it is for, in your words
    name: String,
    /// Source that it may send to; may be given several times [default: all]
    #[arg(long, value_name = "SOURCE")]
    stream: Vec<String>,
    /// Days until it expires [default: never]
    #[arg(long, value_name = "COUNT", value_parser = clap::value_parser!(u32).range(1..))]
    days: Option<u32>,
    #[command(flatten)]
    shared: Shared,
}

/// Options of `dialmark token list`.
#[derive(Debug, clap::Args)]
pub struct ListArgs {
    #[command(flatten)]
    shared: Shared,
}

/// Options of `dialmark token revoke`.
#[derive(Debug, clap::Args)]
pub struct RevokeArgs {
    /// Its id, as `dialmark token list` shows it
    id: String,
    /// Folder of the project [default: the current one, or the nearest above that is one]
    #[arg(long, value_name = "PROJECT")]
    dir: Option<PathBuf>,
}

/// Runs a command on tokens.
pub fn run(command: &Command) -> Result<(), Failure> {
    match command {
        Command::New(args) => new(args),
        Command::List(args) => list(args),
        Command::Revoke(args) => revoke(args),
    }
}

fn new(args: &NewArgs) -> Result<(), Failure> {
    let opened = Opened::open(args.shared.dir.as_deref())?;
    for stream in &args.stream {
        let source = crate::deliveries::source(&opened.project, stream)?;
        dialmark_ingest::pushable(source).map_err(Failure::problem)?;
    }
    let scopes: Vec<Scope> = match args.stream.as_slice() {
        [] => vec![Scope::IngestAll],
        streams => streams.iter().map(|stream| Scope::Ingest(stream.clone())).collect(),
    };
    let lasts = args.days.map(|days| SignedDuration::from_hours(24 * i64::from(days)));
    let made = runtime::wait_for(async {
        let state = opened.state().await?;
        Ok(state.make_token(&args.name, &scopes, lasts).await?)
    })?;
    match args.shared.format {
        out::TextOrJson::Json => out::json(
            &serde_json::json!({ "token": made.text, "id": made.token.id, "scopes": made.token.scopes }),
        ),
        out::TextOrJson::Text => {
            out::note("This is the only time that the token is shown:");
            out::line(&made.text)
        }
    }
}

fn list(args: &ListArgs) -> Result<(), Failure> {
    let opened = Opened::open(args.shared.dir.as_deref())?;
    let tokens = runtime::wait_for(async { Ok(opened.state().await?.tokens().await?) })?;
    if args.shared.format == out::TextOrJson::Json {
        return out::json(&tokens);
    }
    if tokens.is_empty() {
        return out::line("No token was made yet: `dialmark token new NAME` makes one.");
    }
    for token in &tokens {
        out::line(&described(token, Timestamp::now()))?;
    }
    Ok(())
}

/// A token in one line.
fn described(token: &Token, now: Timestamp) -> String {
    let scopes: Vec<String> = token.scopes.iter().map(ToString::to_string).collect();
    let standing = match (token.revoked_at, token.expires_at) {
        (Some(at), _) => format!("revoked {at}"),
        (None, Some(at)) if at <= now => format!("expired {at}"),
        (None, Some(at)) => format!("until {at}"),
        (None, None) => "until it is revoked".to_owned(),
    };
    let used = token.last_used_on.map_or_else(|| "never used".to_owned(), |day| format!("last used {day}"));
    format!("{}  {}  {}  {standing}, {used}", token.id, token.name, scopes.join(" "))
}

fn revoke(args: &RevokeArgs) -> Result<(), Failure> {
    let opened = Opened::open(args.dir.as_deref())?;
    let known = runtime::wait_for(async { Ok(opened.state().await?.revoke_token(&args.id).await?) })?;
    match known {
        true => out::line(&format!("The token {} is revoked.", args.id)),
        false => Err(Failure::problem(format!(
            "There is no token `{}`. `dialmark token list` shows all.",
            args.id
        ))),
    }
}

/// Makes the first token of a project that has none, for all streams.
pub async fn first(state: &State) -> Result<Option<String>, Failure> {
    if !state.tokens().await?.is_empty() {
        return Ok(None);
    }
    Ok(Some(state.make_token("first run", &[Scope::IngestAll], None).await?.text))
}

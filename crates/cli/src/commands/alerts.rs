//! `dialmark alerts`: what is watched, what stands, what was told; and trying it.

use std::collections::BTreeMap;

use clap::Subcommand;
use dialmark_govern::Alert;
use dialmark_govern::alert::{Phase, Reading, Standing, Verdict};
use dialmark_manage::Desk;
use dialmark_manage::alerts::{self as manage, Replayed};
use dialmark_metrics::Scope;
use dialmark_model::declared::nearest;
use dialmark_model::duration_text;
use dialmark_server::{hand_over, run_alerts, test_channel};
use dialmark_state::{Leaving, Pieces, Stoods};
use dialmark_view::alert::{self as words, Looked, Message};
use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp};
use serde_json::{Value, json};

use super::reports::Office;
use crate::failure::Failure;
use crate::options::Shared;
use crate::out::TextOrJson;
use crate::{columns, managed, out, period, runtime};

const EXAMPLES: &str = "\
Examples:
  dialmark alerts list
  dialmark alerts check
  dialmark alerts history
  dialmark alerts test floor

Alerts are declared in `alerts/*.toml`, where they are told in `channels/*.toml`. `dialmark serve` looks at them by itself,
each in its rhythm.";

/// What to do.
#[derive(Debug, Subcommand)]
#[command(after_help = EXAMPLES)]
pub enum Command {
    /// Say what is watched, and what stands
    #[command(after_help = LIST_EXAMPLES)]
    List(ListArgs),
    /// Look at everything once, say what is found, and tell nobody
    #[command(after_help = CHECK_EXAMPLES)]
    Check(CheckArgs),
    /// Say what was raised and cleared, and what became of the messages
    #[command(after_help = HISTORY_EXAMPLES)]
    History(HistoryArgs),
    /// Send a message that is marked as a test to a channel
    #[command(after_help = TEST_EXAMPLES)]
    Test(TestArgs),
    /// Look at everything once and tell of it, where `dialmark serve` does not run
    #[command(after_help = RUN_EXAMPLES)]
    Run(RunArgs),
    /// Say what an alert would have told of the past
    #[command(after_help = REPLAY_EXAMPLES)]
    Replay(ReplayArgs),
}

const LIST_EXAMPLES: &str = "\
Examples:
  dialmark alerts list
  dialmark alerts list --format json";

/// Options of `dialmark alerts list`.
#[derive(Debug, clap::Args)]
pub struct ListArgs {
    #[command(flatten)]
    shared: Shared,
}

const CHECK_EXAMPLES: &str = "\
Examples:
  dialmark alerts check
  dialmark alerts check --at 2026-11-19T10:40:00Z --format json

Nothing is written down and nobody is told: what stands stays as it is.";

/// Options of `dialmark alerts check`.
#[derive(Debug, clap::Args)]
pub struct CheckArgs {
    /// Only this alert
    #[arg(value_name = "ALERT")]
    alert: Option<String>,
    /// The instant that counts as now [default: the clock's]
    #[arg(long, value_name = "INSTANT")]
    at: Option<String>,
    #[command(flatten)]
    shared: Shared,
}

const HISTORY_EXAMPLES: &str = "\
Examples:
  dialmark alerts history
  dialmark alerts history --last 20 --format json";

/// Options of `dialmark alerts history`.
#[derive(Debug, clap::Args)]
pub struct HistoryArgs {
    /// Only of this alert
    #[arg(value_name = "ALERT")]
    alert: Option<String>,
    /// How many lines at most
    #[arg(long, value_name = "COUNT", default_value_t = 50)]
    last: u32,
    #[command(flatten)]
    shared: Shared,
}

const TEST_EXAMPLES: &str = "\
Examples:
  dialmark alerts test floor

The channel is `[channel.floor]` in a file of `channels/`. What else is due is handed over as well.";

/// Options of `dialmark alerts test`.
#[derive(Debug, clap::Args)]
pub struct TestArgs {
    /// Name of the channel
    channel: String,
    #[command(flatten)]
    shared: Shared,
}

const RUN_EXAMPLES: &str = "\
Examples:
  dialmark alerts run

For a timer of the system, every few minutes. Beside `dialmark serve` it does no harm: of two looks at a time one counts.";

/// Options of `dialmark alerts run`.
#[derive(Debug, clap::Args)]
pub struct RunArgs {
    /// The instant that counts as now [default: the clock's]
    #[arg(long, value_name = "INSTANT")]
    at: Option<String>,
    #[command(flatten)]
    shared: Shared,
}

const REPLAY_EXAMPLES: &str = "\
Examples:
  dialmark alerts replay drops --from 2026-11-01 --to 2026-11-20
  dialmark alerts replay drops --from 2026-11-19 --to 2026-11-20 --every '1 min' --format json

Nothing is written down and nobody is told. Records count by when they are of: what came late is there as if in time.";

/// Options of `dialmark alerts replay`.
#[derive(Debug, clap::Args)]
pub struct ReplayArgs {
    /// Name of the alert
    alert: String,
    /// First day or instant
    #[arg(long, value_name = "DAY")]
    from: String,
    /// First day or instant that does not belong to it
    #[arg(long, value_name = "DAY")]
    to: String,
    /// Time between two looks
    #[arg(long, value_name = "LENGTH", default_value = "5 min")]
    every: String,
    #[command(flatten)]
    shared: Shared,
}

/// Runs the command.
pub fn run(command: &Command) -> Result<(), Failure> {
    match command {
        Command::List(args) => list(args),
        Command::Check(args) => check(args),
        Command::History(args) => history(args),
        Command::Test(args) => test(args),
        Command::Run(args) => run_once(args),
        Command::Replay(args) => replay(args),
    }
}

/// The alert of a name; without one, all.
fn named<'o>(office: &'o Office, name: Option<&str>) -> Result<Vec<&'o Alert>, Failure> {
    let alerts = &office.governed().alerts;
    let Some(name) = name else { return Ok(alerts.values().collect()) };
    let found = alerts.get(name).map(|alert| vec![alert]);
    found.ok_or_else(|| {
        let near = nearest(name, alerts.keys().map(String::as_str));
        let help = near.map_or_else(
            || "`dialmark alerts list` shows all.".to_owned(),
            |near| format!("Did you mean `{near}`?"),
        );
        Failure::usage(format!("There is no alert `{name}`. {help}"))
    })
}

fn desk(office: &Office, now: Timestamp) -> Desk<'_> {
    let sender = office.sender();
    Desk {
        engine: sender.engine,
        governed: sender.governed,
        state: sender.state,
        scope: &Scope::Everything,
        now,
    }
}

fn when(at: Timestamp, zone: &TimeZone) -> String {
    at.to_zoned(zone.clone()).strftime("%Y-%m-%d %H:%M %Z").to_string()
}

fn list(args: &ListArgs) -> Result<(), Failure> {
    let managed = managed::open(args.shared.dir.as_deref())?;
    runtime::wait_for(async {
        let office = Office::open(managed).await?;
        let stood = office.state().alerts().await?;
        let desk = desk(&office, Timestamp::now());
        let looked: Vec<Looked<'_>> = office
            .governed()
            .alerts
            .values()
            .map(|alert| {
                let stands = stood.get(&alert.name).into_iter().flat_map(Stoods::iter);
                let stands = stands.filter(|standing| standing.phase != Phase::Quiet).collect();
                Looked { alert, is_open: manage::is_open(&desk, alert), stands }
            })
            .collect();
        if args.shared.format == TextOrJson::Json {
            return out::json(&words::looked(&looked));
        }
        if looked.is_empty() {
            return out::line("No alert is declared. Write `[alert.NAME]` into a file of `alerts/`.");
        }
        let head = ["alert", "what", "told", "now"];
        let rows: Vec<Vec<String>> = looked.iter().map(listed).collect();
        for line in columns::aligned(&head, &rows) {
            out::line(&line)?;
        }
        let zone = office.zone();
        for (alert, standing) in looked.iter().flat_map(|l| l.stands.iter().map(move |s| (l.alert, *s))) {
            out::line(&format!("{}: {}", alert.name, stands(standing, zone)))?;
        }
        Ok(())
    })
}

fn listed(looked: &Looked<'_>) -> Vec<String> {
    let raised = looked.stands.iter().filter(|standing| standing.phase.is_raised()).count();
    let now = match (raised, looked.is_open) {
        (0, true) => "nothing stands".to_owned(),
        (0, false) => "outside of its hours".to_owned(),
        (raised, _) => format!("{raised} raised"),
    };
    vec![looked.alert.name.clone(), words::plan(looked.alert), looked.alert.to.join(", "), now]
}

fn stands(standing: &Standing, zone: &TimeZone) -> String {
    let since = standing.phase.since().map(|at| when(at, zone)).unwrap_or_default();
    let (found, word) = (&standing.found, words::phase(standing.phase));
    let what = format!("{} is {word} since {since}", standing.subject.label);
    format!("{what}: {}; {}; records to {}", found.shown, found.limit, when(found.at, zone))
}

fn check(args: &CheckArgs) -> Result<(), Failure> {
    let managed = managed::open(args.shared.dir.as_deref())?;
    runtime::wait_for(async {
        let office = Office::open(managed).await?;
        let now = office.now(args.at.as_deref())?;
        let desk = desk(&office, now);
        let stood = office.state().alerts().await?;
        let mut all: Vec<Value> = Vec::new();
        let mut failed = false;
        for alert in named(&office, args.alert.as_deref())? {
            let before = stood.get(&alert.name).map(Stoods::standings).unwrap_or_default();
            let is_open = manage::is_open(&desk, alert);
            // Outside of its hours it is said what would be found.
            let looked = async {
                Ok::<_, dialmark_manage::NotDone>((
                    manage::readings(&desk, alert).await?,
                    manage::look(&desk, alert, &before).await?,
                ))
            };
            let (readings, round) = match looked.await {
                Ok(found) => found,
                Err(error) => {
                    failed = true;
                    all.push(json!({ "alert": alert.name, "failed": error.to_string() }));
                    continue;
                }
            };
            let message = |notice| Message {
                notice,
                centre: office.sender().centre.name(),
                zone: office.zone(),
                pages_at: None,
                is_test: false,
            };
            all.push(json!({
                "alert": alert.name,
                "is_open": is_open,
                "readings": readings.iter().map(|reading| shown(reading, &before)).collect::<Vec<_>>(),
                "would_tell": round.notices.iter().map(|n| words::json(&message(n))).collect::<Vec<_>>(),
            }));
        }
        match args.shared.format {
            TextOrJson::Json => out::json(&all)?,
            TextOrJson::Text => say(&all)?,
        }
        match failed {
            true => Err(Failure::Said),
            false => Ok(()),
        }
    })
}

fn shown(reading: &Reading, before: &BTreeMap<String, Standing>) -> Value {
    let stood = before.get(&reading.subject.key).map_or(Phase::Quiet, |standing| standing.phase);
    json!({
        "key": reading.subject.key,
        "label": reading.subject.label,
        "says": verdict(reading.verdict),
        "stood": words::phase(stood),
        "value": reading.found.value,
        "shown": reading.found.shown,
        "limit": reading.found.limit,
        "n": reading.found.n,
        "records_to": reading.found.at.to_string(),
        "notes": reading.found.notes,
    })
}

const fn verdict(verdict: Verdict) -> &'static str {
    match verdict {
        Verdict::Beyond { .. } => "beyond",
        Verdict::Between => "between",
        Verdict::Clear => "clear",
        Verdict::Unknown => "unknown",
    }
}

fn say(all: &[Value]) -> Result<(), Failure> {
    let text = |value: &Value| value.as_str().map_or_else(|| value.to_string(), str::to_owned);
    for one in all {
        if let Some(why) = one.get("failed") {
            out::line(&format!("{}: {}", text(&one["alert"]), text(why)))?;
            continue;
        }
        let closed = if one["is_open"] == Value::Bool(true) { "" } else { " (outside of its hours)" };
        out::line(&format!("{}{closed}", text(&one["alert"])))?;
        for reading in one["readings"].as_array().into_iter().flatten() {
            let n = reading["n"].as_u64().map(|n| format!("; n = {n}")).unwrap_or_default();
            let (label, says) = (text(&reading["label"]), text(&reading["says"]));
            let (shown, limit) = (text(&reading["shown"]), text(&reading["limit"]));
            out::line(&format!("  {says:<8} {label}: {shown}; {limit}{n}"))?;
        }
        for told in one["would_tell"].as_array().into_iter().flatten() {
            out::line(&format!("  would tell: {}", text(&told["data"]["subject"])))?;
        }
    }
    Ok(())
}

fn history(args: &HistoryArgs) -> Result<(), Failure> {
    let managed = managed::open(args.shared.dir.as_deref())?;
    runtime::wait_for(async {
        let office = Office::open(managed).await?;
        let happened = office.state().alert_history(args.alert.as_deref(), args.last).await?;
        let prefix = args.alert.as_ref().map_or_else(|| "alert/".to_owned(), |name| format!("alert/{name}/"));
        let pieces = office.state().pieces(&Pieces { prefix: &prefix, leaving: None }, args.last).await?;
        if args.shared.format == TextOrJson::Json {
            let happened: Vec<Value> =
                happened.iter().map(|(alert, line)| json!({ "alert": alert, "happened": line })).collect();
            return out::json(&json!({ "happened": happened, "messages": pieces }));
        }
        let zone = office.zone();
        let rows: Vec<Vec<String>> = happened
            .into_iter()
            .map(|(alert, line)| {
                let (at, event) = (when(line.at, zone), line.event.word().to_owned());
                vec![at, alert, event, line.subject.label, line.found.shown, when(line.since, zone)]
            })
            .collect();
        match rows.is_empty() {
            true => out::line("Nothing was raised yet.")?,
            false => {
                for line in columns::aligned(&["when", "alert", "what", "thing", "value", "since"], &rows) {
                    out::line(&line)?;
                }
            }
        }
        let rows: Vec<Vec<String>> = pieces
            .into_iter()
            .map(|piece| {
                let stands = match piece.leaving {
                    Leaving::Sent => "taken",
                    Leaving::Waiting => "waits",
                    Leaving::Refused => "refused",
                };
                let said = piece.said.unwrap_or_default();
                vec![when(piece.written_at, zone), piece.to, piece.subject, stands.to_owned(), said]
            })
            .collect();
        if !rows.is_empty() {
            out::line("")?;
            for line in columns::aligned(&["written", "to", "message", "state", "answer"], &rows) {
                out::line(&line)?;
            }
        }
        Ok(())
    })
}

fn test(args: &TestArgs) -> Result<(), Failure> {
    let managed = managed::open(args.shared.dir.as_deref())?;
    runtime::wait_for(async {
        let office = Office::open(managed).await?;
        let now = Timestamp::now();
        let id = test_channel(&office.sender(), &args.channel, now).await.map_err(Failure::usage)?;
        hand_over(office.state(), office.ways(), now).await?;
        let pieces = office.state().pieces(&Pieces { prefix: &id, leaving: None }, u32::MAX).await?;
        if args.shared.format == TextOrJson::Json {
            out::json(&pieces)?;
        }
        let mut untaken = Vec::new();
        for piece in pieces {
            let said = piece.said.unwrap_or_default();
            match piece.leaving {
                Leaving::Sent if args.shared.format == TextOrJson::Text => {
                    out::line(&format!("{} took the message: {said}", piece.to))?;
                }
                Leaving::Sent => {}
                Leaving::Waiting => {
                    untaken.push(format!("{}: it waits and is tried again. {said}", piece.to))
                }
                Leaving::Refused => untaken.push(format!("{}: it was refused. {said}", piece.to)),
            }
        }
        match untaken.is_empty() {
            true => Ok(()),
            false => Err(Failure::problem(untaken.join(" "))),
        }
    })
}

fn run_once(args: &RunArgs) -> Result<(), Failure> {
    let managed = managed::open(args.shared.dir.as_deref())?;
    runtime::wait_for(async {
        let office = Office::open(managed).await?;
        let now = office.now(args.at.as_deref())?;
        let alerts: Vec<&Alert> = office.governed().alerts.values().collect();
        let done = run_alerts(&office.sender(), &alerts, now).await?;
        let handed = hand_over(office.state(), office.ways(), now).await?;
        match args.shared.format {
            TextOrJson::Json => out::json(&json!({
                "looked": done.looked,
                "told": done.told,
                "failed": done.failed,
                "elsewhere": done.elsewhere,
                "handed": handed,
            }))?,
            TextOrJson::Text => {
                for told in &done.told {
                    out::line(told)?;
                }
                out::line(&format!(
                    "looked at {}; {} handed over, {} to be tried again, {} refused",
                    out::counted(done.looked, "alert", "alerts"),
                    handed.sent,
                    handed.later,
                    handed.refused
                ))?;
            }
        }
        let failed: Vec<String> = done.failed.iter().map(|(alert, why)| format!("{alert}: {why}")).collect();
        match (failed.is_empty(), handed.later + handed.refused) {
            (true, 0) => Ok(()),
            (true, _) => {
                Err(Failure::problem("Something was not taken; `dialmark alerts history` shows what."))
            }
            (false, _) => Err(Failure::problem(failed.join(" "))),
        }
    })
}

fn replay(args: &ReplayArgs) -> Result<(), Failure> {
    let managed = managed::open(args.shared.dir.as_deref())?;
    let every = duration_text::parse_ms(&args.every).map_err(|error| Failure::usage(error.to_string()))?;
    let every = i64::try_from(every).ok().filter(|ms| *ms > 0).map(SignedDuration::from_millis);
    let every = every.ok_or_else(|| Failure::usage("`--every` is a length such as `5 min`."))?;
    runtime::wait_for(async {
        let office = Office::open(managed).await?;
        let calendar = office.sender().centre.calendar();
        let from = period::instant("--from", &args.from, &calendar)?;
        let to = period::instant("--to", &args.to, &calendar)?;
        let alerts = named(&office, Some(&args.alert))?;
        let Some(alert) = alerts.first() else { return Ok(()) };
        let found = manage::replay(&desk(&office, from), alert, (from, to), every).await?;
        told_of_the_past(&office, args.shared.format, &found)
    })
}

fn told_of_the_past(office: &Office, format: TextOrJson, found: &Replayed) -> Result<(), Failure> {
    let message = |notice| Message {
        notice,
        centre: office.sender().centre.name(),
        zone: office.zone(),
        pages_at: None,
        is_test: false,
    };
    if format == TextOrJson::Json {
        let messages: Vec<Value> = found.notices.iter().map(|n| words::json(&message(n))).collect();
        return out::json(&json!({ "looks": found.looks, "raised": found.raised, "messages": messages }));
    }
    for notice in &found.notices {
        out::line(&format!("{}  {}", when(notice.at, office.zone()), message(notice).subject()))?;
    }
    let messages = u64::try_from(found.notices.len()).unwrap_or(u64::MAX);
    out::line(&format!(
        "{}, raised {}, {}",
        out::counted(found.looks, "look", "looks"),
        out::counted(found.raised, "time", "times"),
        out::counted(messages, "message", "messages")
    ))
}

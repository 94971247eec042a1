//! Alerts by themselves: each is looked at in its rhythm, and what is to be told is written down together with how things stand, so
//! that whoever is interrupted has told all of it or nothing. Handing over is `leaving`'s business.

use std::collections::BTreeMap;
use std::sync::PoisonError;
use std::time::{Duration, Instant};

use async_recursion::async_recursion as compiled_here;
use dialmark_govern::Alert;
use dialmark_govern::alert::{
    Channel, Found, Kind, Notice, Opens, Round, Subject, Told, Watch, Way, dropped,
};
use dialmark_govern::{Place, report};
use dialmark_manage::{Desk, alerts};
use dialmark_metrics::Scope;
use dialmark_post::Letter;
use dialmark_state::{Channel as Leaves, NewPiece, StateError};
use dialmark_view::alert::{self as words, Message};
use dialmark_view::link::encode;
use jiff::Timestamp;
use serde_json::Value;

use crate::app::{App, Shared};
use crate::leaving::{Posted, mail_content};
use crate::sending::Sender;

/// Time between two looks for alerts whose turn it is.
const ROUND: Duration = Duration::from_secs(10);

/// What a round of alerts came to.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Alerted {
    /// Alerts that were looked at.
    pub looked: u64,
    /// Messages that were written down, in a line each.
    pub told: Vec<String>,
    /// Alerts that could not be looked at, and why.
    pub failed: BTreeMap<String, String>,
    /// Alerts at which another process looked at the same time; its round counts.
    pub elsewhere: Vec<String>,
}

/// Runs until it is dropped. Several processes may run it: of two rounds of one alert at a time one counts.
#[compiled_here]
pub async fn run(shared: Shared) {
    let mut looked: BTreeMap<String, Instant> = BTreeMap::new();
    loop {
        // While there are mistakes in what is promised, half of it would be looked at, and the rest taken for withdrawn.
        if let Some(app) = shared.current().filter(|app| app.promises.problems.is_empty()) {
            let is_due =
                |alert: &Alert| looked.get(&alert.name).is_none_or(|at| at.elapsed() >= rhythm(&alert.watch));
            let due: Vec<&Alert> = app.promises.governed.alerts.values().filter(|a| is_due(a)).collect();
            for alert in &due {
                looked.insert(alert.name.clone(), Instant::now());
            }
            look(&app, &due).await;
        }
        tokio::time::sleep(ROUND).await;
    }
}

/// Looks at alerts, as pages ask their questions: after those that wait already.
async fn look(app: &App, due: &[&Alert]) {
    let Ok(_turn) = app.turn().await else { return };
    let done = match run_round(&app.sender(), due, Timestamp::now()).await {
        Ok(done) => done,
        Err(error) => return tracing::warn!(%error, "how alerts stand cannot be read or written"),
    };
    for told in &done.told {
        tracing::info!(told, "an alert is told");
    }
    let mut failing = app.failing_alerts.lock().unwrap_or_else(PoisonError::into_inner);
    for alert in due {
        match done.failed.get(&alert.name) {
            None => {
                failing.remove(&alert.name);
            }
            Some(why) => {
                tracing::error!(alert = alert.name, why, "an alert cannot be looked at");
                failing.insert(alert.name.clone(), why.clone());
            }
        }
    }
}

/// How often something is looked at. Windows of KPIs end with days, and their figures take long.
const fn rhythm(watch: &Watch) -> Duration {
    Duration::from_secs(match watch {
        Watch::Live { .. } | Watch::Case { .. } => 60,
        Watch::Gap { .. } | Watch::Budget { .. } => 300,
        Watch::Kpi { .. } => 900,
    })
}

/// Looks at these alerts at an instant, and lets go of those that are declared no more. What cannot be looked at, or not be
/// told, is left as it was and looked at again.
#[compiled_here]
pub async fn run_round(
    sender: &Sender<'_>,
    wanted: &[&Alert],
    now: Timestamp,
) -> Result<Alerted, StateError> {
    let desk = desk(sender, now);
    let stood = sender.state.alerts().await?;
    let mut done = Alerted::default();
    for alert in wanted {
        let before = stood.get(&alert.name).cloned().unwrap_or_default();
        let found = match alerts::look(&desk, alert, &before.standings()).await {
            Ok(found) => found,
            Err(error) => {
                done.failed.insert(alert.name.clone(), error.to_string());
                continue;
            }
        };
        done.looked += 1;
        let pieces = match pieces(sender, &found, now) {
            Ok(pieces) => pieces,
            Err(why) => {
                done.failed.insert(alert.name.clone(), why);
                continue;
            }
        };
        match sender.state.keep_round(&alert.name, &before, &found, &pieces, now).await? {
            true => done.told.extend(pieces.iter().map(|piece| format!("{}: {}", piece.to, piece.subject))),
            false => done.elsewhere.push(alert.name.clone()),
        }
    }
    for (name, before) in stood.iter().filter(|(name, _)| !sender.governed.alerts.contains_key(*name)) {
        let gone = dropped(&before.standings(), now);
        sender.state.keep_round(name, before, &gone, &[], now).await?;
    }
    Ok(done)
}

/// Everything, at an instant.
fn desk<'a>(sender: &Sender<'a>, now: Timestamp) -> Desk<'a> {
    Desk {
        engine: sender.engine,
        governed: sender.governed,
        state: sender.state,
        scope: &Scope::Everything,
        now,
    }
}

/// What is to be sent of a round; a sentence where something of it cannot be written.
fn pieces(sender: &Sender<'_>, round: &Round, now: Timestamp) -> Result<Vec<NewPiece>, String> {
    let mut all = Vec::new();
    for notice in &round.notices {
        for name in &notice.to {
            let channel = sender.governed.channels.get(name);
            let channel = channel.ok_or_else(|| format!("The channel `{name}` is not declared."))?;
            // Each message has an identifier of its own: an alert, a group and an instant.
            let group = encode(&notice.group);
            let id = format!("alert/{}/{}/{now}/{name}/{group}", notice.alert, notice.kind.word());
            all.extend(of_channel(sender, channel, notice, &id, false)?);
        }
    }
    Ok(all)
}

/// Writes down a message that only tries whether a channel works. Returns the beginning of the identifiers of its pieces.
#[compiled_here]
pub async fn test_channel(sender: &Sender<'_>, name: &str, now: Timestamp) -> Result<String, String> {
    let channel = sender.governed.channels.get(name);
    let channel = channel.ok_or_else(|| format!("There is no channel `{name}`."))?;
    let about = Told {
        subject: Subject {
            key: "test".to_owned(),
            label: "A thing that is watched".to_owned(),
            place: Place::centre(),
        },
        found: Found {
            at: now,
            value: None,
            shown: "nothing is wrong".to_owned(),
            limit: "no limit".to_owned(),
            n: None,
            notes: Vec::new(),
            opens: Opens::Kpis,
        },
        since: now,
    };
    let notice = Notice {
        alert: "test".to_owned(),
        label: "Test".to_owned(),
        kind: Kind::Raised,
        group: String::new(),
        at: now,
        about: vec![about],
        to: vec![name.to_owned()],
    };
    let id = format!("alert-test/{name}/{now}");
    let pieces = of_channel(sender, channel, &notice, &id, true)?;
    sender.state.write_pieces(&pieces, now).await.map_err(|error| error.to_string())?;
    Ok(id)
}

/// A message as a channel takes it: a letter to each address, or one post.
fn of_channel(
    sender: &Sender<'_>,
    channel: &Channel,
    notice: &Notice,
    id: &str,
    is_test: bool,
) -> Result<Vec<NewPiece>, String> {
    let message = Message {
        notice,
        centre: sender.centre.name(),
        zone: sender.centre.time_zone(),
        pages_at: channel.pages_at.as_deref(),
        is_test,
    };
    let post = |body: Value| posted(channel, &message, id, &body).map(|piece| vec![piece]);
    match &channel.way {
        Way::Mail(to) => to.iter().map(|to| letter(sender, &message, id, to)).collect(),
        Way::Slack { .. } => post(words::slack(&message)),
        Way::Teams { .. } => post(words::teams(&message)),
        Way::Hook { .. } => post(words::json(&message)),
    }
}

fn letter(sender: &Sender<'_>, message: &Message<'_>, id: &str, to: &str) -> Result<NewPiece, String> {
    let id = format!("{id}/{}", encode(&report::address(to)?));
    let letter = Letter {
        id: id.clone(),
        from: sender.ways.declared_mail()?.from.clone(),
        to: to.to_owned(),
        subject: message.subject(),
        text: words::text(message),
        html: Some(words::html(message)),
        pictures: Vec::new(),
        attached: Vec::new(),
    };
    let sealed = letter.seal(message.notice.at.into())?;
    Ok(NewPiece {
        id,
        channel: Leaves::Mail,
        to: sealed.to.clone(),
        subject: letter.subject,
        content: mail_content(&sealed),
    })
}

fn posted(channel: &Channel, message: &Message<'_>, id: &str, body: &Value) -> Result<NewPiece, String> {
    let posted = Posted { url_of: channel.name.clone(), headers: Vec::new(), body: body.to_string() };
    Ok(NewPiece {
        id: id.to_owned(),
        channel: Leaves::Hook,
        to: channel.name.clone(),
        subject: message.subject(),
        content: posted.content()?,
    })
}

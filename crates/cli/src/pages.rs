//! Serving a project's pages, and taking the records that are sent to it, until the process is told to stop.

use std::collections::BTreeMap;

use dialmark_ingest::{pushable, secret};
use dialmark_lake::{Lake, Limits};
use dialmark_model::declared::{Problem, Severity};
use dialmark_server::{Keep, Promises, Receiver, Served, TourStep};
use jiff::Timestamp;
use tokio::net::TcpListener;
use tokio::sync::watch;

use crate::commands::token;
use crate::failure::Failure;
use crate::opened::Opened;
use crate::out;

/// Where requests come in.
pub struct Listening {
    /// Pages, and records of programs on this machine.
    pub pages: TcpListener,
    /// Records of programs on other machines, if they may come.
    pub receiving: Option<TcpListener>,
    /// Whether the process was told to stop. Listened for before anybody is told the address: where a signal would else be
    /// ignored, as in a background job of a shell, one that came earlier would be lost.
    pub stop: Stop,
}

/// Serves until Ctrl-C or a request to end; requests that have begun are finished.
pub async fn serve(
    listening: Listening,
    opened: &Opened,
    lake: Lake,
    tour: Vec<TourStep>,
) -> Result<(), Failure> {
    let Listening { pages, receiving, stop } = listening;
    let receiver = receiver(opened, &lake).await?;
    let centre = opened.project.centre.clone();
    let engine = opened.engine(lake.clone());
    let state = opened.state().await?;
    let promises = promises(opened);
    let judging = tokio::spawn(dialmark_server::run_judging(
        opened.engine(lake.clone()),
        promises.governed.clone(),
        state.clone(),
        opened.project.own_sources.clone(),
    ));
    let served = Served {
        engine,
        lake: lake.clone(),
        centre,
        tour,
        promises,
        state,
        receiver: Some(receiver.clone()),
    };
    let sources = opened.project.sources.clone();
    let keep = Keep { states_days: opened.project.keep_days, records_days: opened.project.retention.clone() };
    let jobs = tokio::spawn(dialmark_server::run_jobs(lake, sources, receiver.clone(), keep));
    let receiving = receiving.map(|listener| {
        tokio::spawn(dialmark_server::serve_receiving(listener, receiver.clone(), stop.clone().told()))
    });
    let outcome = tokio::select! {
        served = dialmark_server::serve(pages, served, stop.told()) => served
            .map_err(|error| Failure::problem(format!("The pages can be served no longer: {error}."))),
        why = receiver.failed() => Err(Failure::problem(format!(
            "The program ends, since what is sent to it could be lost: {why}. Nothing that was acknowledged is. Check the \
             disk, then start it again."
        ))),
    };
    if let Some(receiving) = receiving {
        // Deliveries that have begun are finished; after a failure there is none that could be.
        if outcome.is_ok() {
            let _ = receiving.await;
        } else {
            receiving.abort();
        }
    }
    jobs.abort();
    judging.abort();
    outcome
}

/// What the project promises. Mistakes in it are shown on its pages; figures are served all the same.
fn promises(opened: &Opened) -> Promises {
    let today = opened.project.centre.calendar().day_of(Timestamp::now());
    let (governed, problems) = dialmark_manage::governed(&opened.project, &opened.catalogue, today);
    let is_error = |problem: &&Problem| problem.severity == Severity::Error;
    let problems: Vec<String> = problems.iter().filter(is_error).map(ToString::to_string).collect();
    match problems.is_empty() {
        true => Promises { governed, problems },
        // Half of what was promised is not what was promised.
        false => Promises { problems, ..Promises::default() },
    }
}

/// What takes records, and the first token when there is none yet.
async fn receiver(opened: &Opened, lake: &Lake) -> Result<Receiver, Failure> {
    let secrets = secrets(opened)?;
    let state = opened.state().await?;
    let sources = &opened.project.sources;
    let any = sources.iter().any(|source| pushable(source).is_ok());
    if any && let Some(text) = token::first(&state).await? {
        out::note("Programs may send records under this token, which is shown only now:");
        out::note(&text);
    }
    let inbox = lake.inbox(Limits::default()).await?;
    Ok(Receiver::new(inbox, state, sources, &secrets))
}

/// What the senders of webhooks sign with, by source. An empty secret is none: anybody could sign with it.
fn secrets(opened: &Opened) -> Result<BTreeMap<String, String>, Failure> {
    let mut found = BTreeMap::new();
    for source in &opened.project.sources {
        let Some(webhook) = &source.webhook else { continue };
        let text = secret(&webhook.secret, "secret", &opened.project.folder);
        let text = text.and_then(|text| match text.trim().is_empty() {
            true => Err("the secret is empty.".to_owned()),
            false => Ok(text),
        });
        let text = text.map_err(|problem| {
            Failure::problem(format!(
                "{}: no webhooks can be taken for the source `{}`: {problem}",
                source.declared_in, source.name
            ))
        })?;
        found.insert(source.name.clone(), text);
    }
    Ok(found)
}

/// Says when the process was told to stop, by Ctrl-C or, on Unix, SIGTERM.
#[derive(Clone)]
pub struct Stop(watch::Receiver<bool>);

impl Stop {
    /// Listens from now on.
    pub fn listen() -> Result<Stop, Failure> {
        let told = listening().map_err(|error| {
            Failure::problem(format!("The system does not say when the program is to end: {error}."))
        })?;
        let (sender, receiver) = watch::channel(false);
        tokio::spawn(async move {
            told.await;
            out::note("Ending; what has begun is finished first.");
            sender.send_replace(true);
        });
        Ok(Stop(receiver))
    }

    /// Waits until it was told.
    async fn told(mut self) {
        // Should the sender be gone, nobody tells any more, and that is the end as well.
        let _ = self.0.wait_for(|told| *told).await;
    }
}

#[cfg(unix)]
fn listening() -> std::io::Result<impl Future<Output = ()>> {
    use tokio::signal::unix::{SignalKind, signal};
    let (mut interrupt, mut terminate) = (signal(SignalKind::interrupt())?, signal(SignalKind::terminate())?);
    Ok(async move {
        tokio::select! {
            _ = interrupt.recv() => {}
            _ = terminate.recv() => {}
        }
    })
}

#[cfg(not(unix))]
fn listening() -> std::io::Result<impl Future<Output = ()>> {
    let mut interrupt = tokio::signal::windows::ctrl_c()?;
    Ok(async move {
        interrupt.recv().await;
    })
}

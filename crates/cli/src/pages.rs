//! Serving a project's pages, and taking the records that are sent to it, until the process is told to stop.

use std::collections::BTreeMap;
use std::sync::Arc;

use dialmark_ingest::{pushable, secret};
use dialmark_lake::{Lake, Limits};
use dialmark_server::{Receiver, Served, TourStep};
use tokio::net::TcpListener;
use tokio::sync::watch;

use crate::commands::token;
use crate::declarations::{self, Files};
use crate::failure::Failure;
use crate::opened::Opened;
use crate::out;

/// Where requests come in.
pub struct Listening {
    /// Pages, and records of programs on this machine.
    pub pages: TcpListener,
    /// Records of programs on other machines, if they may come.
    pub receiving: Option<TcpListener>,
    /// Names besides the loopback address's by which browsers ask for pages.
    pub hosts: Vec<String>,
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
    let Listening { pages, receiving, hosts, stop } = listening;
    let receiver = receiver(opened, &lake).await?;
    let (router, shared) = dialmark_server::router(Served {
        declared: declarations::in_force(opened, lake.clone()),
        declarations: Arc::new(Files::of(opened, lake.clone())),
        lake: lake.clone(),
        tour,
        state: opened.state().await?,
        receiver: Some(receiver.clone()),
        hosts,
    });
    let judging = tokio::spawn(dialmark_server::run_judging(shared.clone()));
    let leaving = tokio::spawn(dialmark_server::run_leaving(shared.clone()));
    let alerting = tokio::spawn(dialmark_server::run_alerting(shared.clone()));
    let following = tokio::spawn(dialmark_server::run_following(shared.clone()));
    let jobs = tokio::spawn(dialmark_server::run_jobs(lake, shared, receiver.clone()));
    let receiving = receiving.map(|listener| {
        tokio::spawn(dialmark_server::serve_receiving(
            listener,
            receiver.clone(),
            Box::pin(stop.clone().told()),
        ))
    });
    let outcome = tokio::select! {
        served = dialmark_server::serve(pages, router, Box::pin(stop.told())) => served
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
    leaving.abort();
    alerting.abort();
    following.abort();
    outcome
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

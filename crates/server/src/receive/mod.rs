//! Records that other programs send: `POST /api/v1/ingest/{stream}` under a token, `POST /api/v1/webhooks/{source}`
//! under a signature.
//!
//! A request is checked, made one object a line and handed to the store's inbox. The answer comes when that is on disk;
//! a background task makes records of it a moment later.

mod access;
mod body;
mod events;
mod form;
mod raw;
mod reply;
mod room;
mod signature;
mod webhook;

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::extract::{Path, Request, State};
use axum::http::{HeaderMap, StatusCode};
use axum::response::Response;
use axum::routing::{get, post};
use dialmark_ingest::{Pushable, pushable};
use dialmark_lake::{Accepted, Delivery, Inbox, Refused};
use dialmark_model::source::Source;
use dialmark_state::State as Decisions;
use tokio::sync::Notify;

use crate::answer;
use access::Access;
use events::Part;
use reply::Refusal;
use room::Room;
use webhook::Sender;

/// Bytes of bodies that are held in memory at the same time.
const IN_FLIGHT_BYTES: usize = 128 << 20;
/// The same of bodies whose sender is not known yet: a flood of them is to keep nobody away who is.
const STRANGERS_BYTES: usize = 16 << 20;
/// How long a sender may take to send.
const PATIENCE: Duration = Duration::from_secs(60);
/// Events of a batch that are handed in together.
const AT_ONCE: usize = 256;
/// Longest key under which a delivery may be repeated.
const LONGEST_KEY: usize = 200;

/// What takes deliveries. Cheap to clone.
#[derive(Clone)]
pub struct Receiver(pub(crate) Arc<Inner>);

pub(crate) struct Inner {
    inbox: Inbox,
    access: Access,
    /// By the name under which it is sent: the sources that read it, and what it is made of.
    streams: BTreeMap<String, Stream>,
    room: Room,
    strangers: Room,
    /// Told when something was taken.
    pub(crate) taken: Notify,
    /// Told when nothing more can be taken, with the reason.
    pub(crate) failed: tokio::sync::watch::Sender<Option<String>>,
}

struct Stream {
    sources: Vec<String>,
    made_of: Pushable,
    /// Who may send without a token.
    sender: Option<Sender>,
}

impl Receiver {
    /// For these sources; those that read files are left out. Webhooks are taken by those whose secret is known.
    pub fn new(
        inbox: Inbox,
        decisions: Decisions,
        sources: &[Source],
        secrets: &BTreeMap<String, String>,
    ) -> Receiver {
        let mut streams = BTreeMap::new();
        for source in sources {
            if let Ok(made_of) = pushable(source) {
                let known = source.webhook.as_ref().zip(secrets.get(&source.name));
                let sender = known.map(|(webhook, secret)| Sender {
                    signed: webhook.signed.clone(),
                    secret: secret.clone().into_bytes(),
                });
                let stream = Stream { sources: vec![source.name.clone()], made_of, sender };
                streams.insert(source.name.clone(), stream);
            }
        }
        Receiver(Arc::new(Inner {
            inbox,
            access: Access::new(decisions),
            streams,
            room: Room::new(IN_FLIGHT_BYTES),
            strangers: Room::new(STRANGERS_BYTES),
            taken: Notify::new(),
            failed: tokio::sync::watch::Sender::new(None),
        }))
    }

    /// Ready when nothing more can be taken, with the reason: the store cannot be trusted any more, and the process
    /// should end rather than guess.
    pub async fn failed(&self) -> String {
        let mut failed = self.0.failed.subscribe();
        match failed.wait_for(Option::is_some).await.map(|why| why.clone()) {
            Ok(Some(why)) => why,
            Ok(None) | Err(_) => std::future::pending().await,
        }
    }

    pub(crate) fn inbox(&self) -> &Inbox {
        &self.0.inbox
    }
}

/// The routes that senders use.
pub fn routes(receiver: Receiver) -> Router {
    Router::new()
        .route("/api/v1/ingest/{stream}", post(handle))
        .route("/api/v1/webhooks/{source}", post(webhook::handle))
        .layer(axum::middleware::from_fn(in_time))
        .with_state(receiver)
}

/// What stands on an address of its own: the routes of senders and a sign of life, and nothing else.
pub fn router(receiver: Receiver) -> Router {
    routes(receiver).route("/healthz", get(answer::healthy))
}

async fn in_time(request: Request, next: axum::middleware::Next) -> Response {
    match tokio::time::timeout(PATIENCE, next.run(request)).await {
        Ok(response) => response,
        Err(_) => Refusal::new(
            StatusCode::REQUEST_TIMEOUT,
            format!("The delivery did not arrive within {} seconds.", PATIENCE.as_secs()),
        )
        .response(),
    }
}

/// `POST /api/v1/ingest/{stream}`
async fn handle(State(receiver): State<Receiver>, Path(stream): Path<String>, request: Request) -> Response {
    match receive(&receiver.0, &stream, request).await {
        Ok(response) => response,
        Err(refusal) => refusal.response(),
    }
}

async fn receive(inner: &Inner, name: &str, request: Request) -> Result<Response, Refusal> {
    let (parts, body) = request.into_parts();
    let token = inner.access.token(&parts.headers).await?;
    if !token.allows_ingest(name) {
        // Not whether there is such a stream: that is none of the sender's business.
        return Err(Refusal::new(
            StatusCode::FORBIDDEN,
            format!("This token may not send to `{name}`. `dialmark token new` makes one that may."),
        ));
    }
    let Some(stream) = inner.streams.get(name) else { return Err(unknown(inner, name)) };
    let key = key_of(&parts.headers, "Idempotency-Key")?;
    let _room = inner.room.try_take(&parts.headers, body::LARGEST_SENT)?;
    let bytes = body::read(&parts.headers, body).await?;
    let deliveries = events::deliveries(&parts.headers, bytes, stream.made_of, key)?;
    take(inner, name, stream, &deliveries).await
}

/// Hands deliveries in and answers when they are on disk.
async fn take(inner: &Inner, name: &str, stream: &Stream, deliveries: &[Part]) -> Result<Response, Refusal> {
    let mut records = 0;
    let mut first: Option<String> = None;
    let mut all_again = true;
    let mut answers = Vec::with_capacity(deliveries.len());
    for some in deliveries.chunks(AT_ONCE) {
        // Together they share a transaction; one after the other each would wait for one of its own.
        let accepting = some.iter().map(async |(body, key, count)| {
            let delivery = Delivery {
                stream: name.to_owned(),
                sources: stream.sources.clone(),
                key: key.clone(),
                records: *count,
                body: body.clone(),
            };
            (*count, inner.inbox.accept(delivery).await)
        });
        answers.extend(futures::future::join_all(accepting).await);
    }
    for (count, answer) in answers {
        match answer {
            Ok(Accepted::Taken { .. }) => {
                records += count;
                all_again = false;
            }
            Ok(Accepted::Again { records: before, received_at }) => {
                records += before;
                first = first.or(Some(received_at));
            }
            Ok(Accepted::OtherBody) => return Err(reply::other_body()),
            Err(refused) => {
                if let Refused::Failed(error) = &refused {
                    inner.failed.send_replace(Some(error.to_string()));
                }
                return Err(reply::refused(&refused));
            }
        }
    }
    inner.taken.notify_one();
    Ok(reply::accepted(name, records, first.filter(|_| all_again)))
}

fn unknown(inner: &Inner, name: &str) -> Refusal {
    let known: Vec<String> = inner.streams.keys().map(|name| format!("`{name}`")).collect();
    let known = match known.as_slice() {
        [] => "No source of this project takes JSON.".to_owned(),
        names => format!("There are {}.", names.join(", ")),
    };
    Refusal::new(
        StatusCode::NOT_FOUND,
        format!("There is no source `{name}` to which records can be sent. {known}"),
    )
}

/// The key that a sender gives in a header.
fn key_of(headers: &HeaderMap, name: &str) -> Result<Option<String>, Refusal> {
    let Some(value) = headers.get(name) else { return Ok(None) };
    match value.to_str() {
        Ok(key) if !key.is_empty() && key.len() <= LONGEST_KEY => Ok(Some(format!("key {key}"))),
        _ => Err(Refusal::bad(format!("An `{name}` has one to {LONGEST_KEY} visible ASCII characters."))),
    }
}

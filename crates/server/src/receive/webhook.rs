//! What comes from senders without a token, who sign: `POST /api/v1/webhooks/{source}`.
//!
//! Until its signature is checked, nobody knows who sent a body. So bodies are small here, share little memory, and are
//! taken as they come: nothing is unpacked for a stranger.

use axum::extract::{Path, Request, State};
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::Response;
use dialmark_model::webhook::Signed;

use super::reply::Refusal;
use super::signature::{self, Sent};
use super::{Inner, Receiver, body, events, form, key_of, take};

/// Most bytes of a webhook.
const LARGEST: usize = 1 << 20;

/// Whom a source takes webhooks from.
pub struct Sender {
    pub signed: Signed,
    pub secret: Vec<u8>,
}

/// `POST /api/v1/webhooks/{source}`
pub async fn handle(
    State(receiver): State<Receiver>,
    Path(name): Path<String>,
    request: Request,
) -> Response {
    match receive(&receiver.0, &name, request).await {
        Ok(response) => response,
        Err(refusal) => refusal.response(),
    }
}

async fn receive(inner: &Inner, name: &str, request: Request) -> Result<Response, Refusal> {
    let (parts, body) = request.into_parts();
    let found = inner.streams.get(name).and_then(|stream| Some((stream, stream.sender.as_ref()?)));
    let Some((stream, sender)) = found else {
        // Which sources there are is none of a stranger's business.
        return Err(Refusal::new(StatusCode::NOT_FOUND, "No webhooks are taken here."));
    };
    if parts.headers.contains_key(header::CONTENT_ENCODING) {
        return Err(Refusal::new(
            StatusCode::UNSUPPORTED_MEDIA_TYPE,
            "A webhook is read as it was signed: send it without `Content-Encoding`.",
        ));
    }
    if parts.headers.contains_key("ce-specversion") {
        return Err(Refusal::new(
            StatusCode::UNSUPPORTED_MEDIA_TYPE,
            "Nobody signs the `ce-` headers: send the event as one body, `application/cloudevents+json`.",
        ));
    }
    let _room = inner.strangers.try_take(&parts.headers, LARGEST)?;
    let bytes = body::sent(body, LARGEST).await?;
    let is_form = events::kind(&parts.headers) == form::KIND;
    let pairs = if is_form { Some(form::pairs(&bytes)?) } else { None };
    let sent = Sent {
        headers: &parts.headers,
        query: parts.uri.query(),
        body: &bytes,
        form: pairs.as_deref(),
        now_s: jiff::Timestamp::now().as_second(),
    };
    let signature = signature::check(&sender.signed, &sender.secret, sent)
        .map_err(|why| Refusal::new(StatusCode::FORBIDDEN, why.to_string()))?;
    let mut deliveries = match pairs {
        Some(pairs) if pairs.is_empty() => return Err(Refusal::bad("The form is empty.")),
        Some(pairs) => vec![(form::object(&pairs), None, 1)],
        None => events::deliveries(&parts.headers, bytes, stream.made_of, None)?,
    };
    // An event in its envelope has a key of its own.
    if let [(_, key @ None, _)] = deliveries.as_mut_slice() {
        *key = self::key(&parts.headers, &sender.signed, &signature)?;
    }
    take(inner, name, stream, &deliveries).await
}

/// The key under which a webhook may come again: what the sender says, or its signature, where two messages never have the
/// same. Two bodies that are alike may be two messages ("open", "closed", "open"), so a signature of a body alone is none.
fn key(headers: &HeaderMap, signed: &Signed, signature: &[u8]) -> Result<Option<String>, Refusal> {
    let (header, is_of_one) = match signed {
        Signed::Twilio { .. } => ("I-Twilio-Idempotency-Token", true),
        Signed::Hmac(hmac) => ("Idempotency-Key", hmac.sent_at.is_some()),
    };
    let said = key_of(headers, header)?;
    // By its bytes: hexadecimal digits may be large or small.
    let hex = || signature.iter().map(|byte| format!("{byte:02x}")).collect::<String>();
    Ok(said.or_else(|| is_of_one.then(|| format!("signature {}", hex()))))
}

//! What a sender is told.

use axum::http::{HeaderValue, StatusCode, header};
use axum::response::Response;
use dialmark_lake::Refused;
use serde_json::json;

use crate::answer;

/// Why a delivery was not taken. Nothing of it is in the store.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Refusal {
    status: StatusCode,
    sentence: String,
    retry_after_s: Option<u32>,
}

impl Refusal {
    pub fn new(status: StatusCode, sentence: impl Into<String>) -> Refusal {
        Refusal { status, sentence: sentence.into(), retry_after_s: None }
    }

    /// The sender may try again in so many seconds.
    pub fn again_in(self, seconds: u32) -> Refusal {
        Refusal { retry_after_s: Some(seconds), ..self }
    }

    /// The request cannot be understood.
    pub fn bad(sentence: impl Into<String>) -> Refusal {
        Refusal::new(StatusCode::BAD_REQUEST, sentence)
    }

    pub fn response(&self) -> Response {
        let mut response = json_body(self.status, &json!({ "error": self.sentence }));
        let headers = response.headers_mut();
        if let Some(seconds) = self.retry_after_s {
            headers.insert(header::RETRY_AFTER, HeaderValue::from(seconds));
        }
        if self.status == StatusCode::UNAUTHORIZED {
            for way in ["Bearer realm=\"dialmark\"", "Basic realm=\"dialmark\""] {
                headers.append(header::WWW_AUTHENTICATE, HeaderValue::from_static(way));
            }
        }
        response
    }
}

/// The delivery is on disk, now or since `received_at`.
pub fn accepted(stream: &str, records: u64, received_at: Option<String>) -> Response {
    match received_at {
        None => {
            let said = json!({ "stream": stream, "accepted": records, "repeated": false });
            json_body(StatusCode::ACCEPTED, &said)
        }
        Some(at) => {
            let said = json!({ "stream": stream, "accepted": records, "repeated": true, "received_at": at });
            json_body(StatusCode::OK, &said)
        }
    }
}

pub fn other_body() -> Refusal {
    Refusal::new(
        StatusCode::CONFLICT,
        "Something else was delivered under this key within the last 24 hours. A key stands for one delivery.",
    )
}

pub fn refused(why: &Refused) -> Refusal {
    let (status, seconds) = match why {
        Refused::Full { .. } => (StatusCode::TOO_MANY_REQUESTS, 5),
        Refused::Busy => (StatusCode::SERVICE_UNAVAILABLE, 1),
        Refused::NoRoom { .. } | Refused::DiskFull => (StatusCode::SERVICE_UNAVAILABLE, 60),
        Refused::Failed(_) | Refused::Closed => (StatusCode::SERVICE_UNAVAILABLE, 30),
    };
    let sentence = format!("Nothing was taken: {why}.");
    Refusal { retry_after_s: Some(seconds), ..Refusal::new(status, sentence) }
}

fn json_body(status: StatusCode, said: &serde_json::Value) -> Response {
    answer::body(status, "application/json", format!("{said}\n"))
}

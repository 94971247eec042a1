//! Who may send: a token in `Authorization`, as bearer or as the password of basic authentication.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use axum::http::{HeaderMap, StatusCode, header};
use base64::prelude::{BASE64_STANDARD, Engine as _};
use dialmark_state::{State, Token};

use super::reply::Refusal;

/// How long a token that was good is taken for good: so long a revoked one may still send.
const TRUST: Duration = Duration::from_secs(5);
/// Seconds after which a sender may ask again when tokens could not be looked up.
const LOOK_AGAIN_S: u32 = 5;
/// Tokens that are remembered.
const REMEMBERED: usize = 1000;

/// Knows tokens.
pub struct Access {
    decisions: State,
    seen: Mutex<HashMap<String, (Instant, Token)>>,
}

impl Access {
    pub fn new(decisions: State) -> Access {
        Access { decisions, seen: Mutex::default() }
    }

    /// The token of a request.
    pub async fn token(&self, headers: &HeaderMap) -> Result<Token, Refusal> {
        let Some(text) = presented(headers) else {
            return Err(Refusal::new(
                StatusCode::UNAUTHORIZED,
                "Send a token: `Authorization: Bearer dialmark_...`. `dialmark token new NAME` makes one.",
            ));
        };
        if let Some(token) = self.remembered(&text) {
            return Ok(token);
        }
        match self.decisions.check_token(&text).await {
            Ok(Ok(token)) => {
                let mut seen = self.seen.lock().unwrap_or_else(PoisonError::into_inner);
                if seen.len() >= REMEMBERED {
                    seen.clear();
                }
                seen.insert(text, (Instant::now(), token.clone()));
                Ok(token)
            }
            Ok(Err(denied)) => Err(Refusal::new(StatusCode::UNAUTHORIZED, denied.to_string())),
            Err(error) => {
                tracing::error!(%error, "a token could not be looked up");
                let sentence = "Tokens cannot be looked up at the moment.";
                Err(Refusal::new(StatusCode::SERVICE_UNAVAILABLE, sentence).again_in(LOOK_AGAIN_S))
            }
        }
    }

    fn remembered(&self, text: &str) -> Option<Token> {
        let seen = self.seen.lock().unwrap_or_else(PoisonError::into_inner);
        seen.get(text).filter(|(at, _)| at.elapsed() < TRUST).map(|(_, token)| token.clone())
    }
}

/// The text that is said to be a token.
fn presented(headers: &HeaderMap) -> Option<String> {
    let value = headers.get(header::AUTHORIZATION)?.to_str().ok()?;
    let (scheme, rest) = value.split_once(' ')?;
    if scheme.eq_ignore_ascii_case("bearer") {
        return Some(rest.trim().to_owned());
    }
    if scheme.eq_ignore_ascii_case("basic") {
        let decoded = BASE64_STANDARD.decode(rest.trim()).ok()?;
        let text = String::from_utf8(decoded).ok()?;
        return text.split_once(':').map(|(_, password)| password.to_owned());
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_token_comes_as_bearer_or_as_the_password_of_basic_authentication() {
        let of = |value: &str| {
            let mut headers = HeaderMap::new();
            headers.insert(header::AUTHORIZATION, value.parse().unwrap());
            presented(&headers)
        };
        assert_eq!(of("Bearer dialmark_a_b").as_deref(), Some("dialmark_a_b"));
        assert_eq!(of("bearer  dialmark_a_b ").as_deref(), Some("dialmark_a_b"));
        // user:dialmark_a_b
        assert_eq!(of("Basic dXNlcjpkaWFsbWFya19hX2I=").as_deref(), Some("dialmark_a_b"));
        for value in ["dialmark_a_b", "Basic ???", "Digest x", "Basic dXNlcg=="] {
            assert_eq!(of(value), None, "{value}");
        }
        assert_eq!(presented(&HeaderMap::new()), None);
    }
}

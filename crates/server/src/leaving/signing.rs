//! Signatures of what is posted, as Standard Webhooks has them: over identifier, time of sending and body, so that neither a body
//! that somebody changed nor one that somebody kept passes for a new one.

use base64::prelude::{BASE64_STANDARD, Engine as _};
use hmac::{Hmac, KeyInit, Mac};
use jiff::Timestamp;
use sha2::Sha256;

/// What stands before a secret that is written as base64.
const MARK: &str = "whsec_";
/// Fewer bytes could be guessed.
const FEWEST: usize = 16;

/// The bytes of a secret; a sentence where they are none.
pub(super) fn key(text: &str) -> Result<Vec<u8>, String> {
    let text = text.trim();
    let key = match text.strip_prefix(MARK) {
        Some(written) => BASE64_STANDARD
            .decode(written)
            .map_err(|_| format!("what follows `{MARK}` in its `secret` is no base64."))?,
        None => text.as_bytes().to_vec(),
    };
    match key.len() < FEWEST {
        true => Err(format!("its `secret` is shorter than {FEWEST} bytes, so it could be guessed.")),
        false => Ok(key),
    }
}

/// The three headers of a post. The same post tried again has the same identifier, by which the other side knows it.
pub(super) fn headers(
    key: &[u8],
    id: &str,
    at: Timestamp,
    body: &[u8],
) -> Result<Vec<(String, String)>, String> {
    // A full stop stands between what is signed, so it is written otherwise in a name.
    let (id, seconds) = (id.replace('.', "%2E"), at.as_second().to_string());
    let mut mac = <Hmac<Sha256> as KeyInit>::new_from_slice(key)
        .map_err(|_| "it cannot be signed with this secret.".to_owned())?;
    for part in [id.as_bytes(), b".", seconds.as_bytes(), b".", body] {
        mac.update(part);
    }
    let signature = BASE64_STANDARD.encode(mac.finalize().into_bytes());
    let header = |name: &str, value: String| (name.to_owned(), value);
    Ok(vec![
        header("webhook-id", id),
        header("webhook-timestamp", seconds),
        header("webhook-signature", format!("v1,{signature}")),
    ])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_signature_is_the_one_that_others_work_out() {
        // Worked out apart, with Python's hmac.
        let key = key("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw").unwrap();
        let at = Timestamp::from_second(1_614_265_330).unwrap();
        let headers = headers(&key, "msg_p5jXN8AQM9LWM0D4loKWxJek", at, b"{\"test\": 2432232314}").unwrap();
        let values: Vec<&str> = headers.iter().map(|(_, value)| value.as_str()).collect();
        assert_eq!(
            values,
            ["msg_p5jXN8AQM9LWM0D4loKWxJek", "1614265330", "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="]
        );
    }

    #[test]
    fn an_identifier_has_no_full_stop() {
        let at = Timestamp::from_second(1_614_265_330).unwrap();
        let headers = headers(b"a text that is long enough", "alert/a/1.5/b", at, b"").unwrap();
        assert_eq!(headers[0].1, "alert/a/1%2E5/b");
    }

    #[test]
    fn a_secret_that_is_short_or_no_base64_is_refused() {
        assert!(key("short").unwrap_err().contains("could be guessed"));
        assert!(key("whsec_!!").unwrap_err().contains("no base64"));
        assert_eq!(key(" a text that is long enough\n").unwrap(), b"a text that is long enough");
    }
}

//! Posts to an address of another program.

use std::sync::Arc;
use std::time::Duration;

use rustls::crypto::ring;
use ureq::tls::{Certificate, RootCerts, TlsConfig};

use crate::unsent::Unsent;

/// Longest time that the other side may take altogether.
const PATIENCE: Duration = Duration::from_secs(30);
/// What is kept of an answer, in bytes.
const ANSWER: u64 = 2_000;

/// What is posted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Hook {
    /// Where to: `https://…`, or `http://…` within the house.
    pub url: String,
    /// Further headers, such as a signature.
    pub headers: Vec<(String, String)>,
    /// The body, JSON.
    pub body: Vec<u8>,
}

/// Posts it; `Ok` is the status of an answer of 200 to 299. Redirections are not followed: what is addressed to one program is
/// not another's to read. 408, 425, 429 and 5xx ask for patience, every other status is a refusal.
pub fn post(hook: &Hook) -> Result<String, Unsent> {
    let mut config = ureq::Agent::config_builder()
        .timeout_global(Some(PATIENCE))
        .max_redirects(0)
        .max_redirects_will_error(false)
        .http_status_as_error(false)
        // The machine's environment is not asked for a proxy: it would read what is sent.
        .proxy(None);
    if hook.url.starts_with("https:") {
        config = config.tls_config(tls());
    }
    let agent: ureq::Agent = config.build().into();
    let mut request = agent.post(&hook.url).header("content-type", "application/json");
    for (name, value) in &hook.headers {
        request = request.header(name, value);
    }
    let place = place(&hook.url);
    let mut response = request.send(&hook.body[..]).map_err(|error| {
        let why = format!("{place} was not reached: {error}.");
        match error {
            ureq::Error::BadUri(_) | ureq::Error::Http(_) => Unsent::Refused(why),
            _ => Unsent::Later(why),
        }
    })?;
    let status = response.status().as_u16();
    if (200..300).contains(&status) {
        return Ok(status.to_string());
    }
    let said = response.body_mut().with_config().limit(ANSWER).read_to_string().unwrap_or_default();
    let said: String = said.chars().filter(|c| !c.is_control()).take(200).collect();
    let why = format!("{place} answered {status}{}{said}", if said.is_empty() { "" } else { ": " });
    match status {
        408 | 425 | 429 | 500.. => Err(Unsent::Later(why)),
        _ => Err(Unsent::Refused(why)),
    }
}

/// TLS with the certificates that this machine trusts.
fn tls() -> TlsConfig {
    let trusted = rustls_native_certs::load_native_certs().certs;
    let trusted: Vec<Certificate<'static>> =
        trusted.iter().map(|one| Certificate::from_der(one.as_ref()).to_owned()).collect();
    TlsConfig::builder()
        .root_certs(RootCerts::new_with_certs(&trusted))
        .unversioned_rustls_crypto_provider(Arc::new(ring::default_provider()))
        .build()
}

/// The address without its path: in Slack's and Teams' the path is a secret.
fn place(url: &str) -> String {
    let (scheme, rest) = url.split_once("://").unwrap_or(("", url));
    let host = rest.split(['/', '?', '#']).next().unwrap_or_default();
    let host = host.rsplit_once('@').map_or(host, |(_, host)| host);
    format!("{scheme}://{host}")
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io::{Read, Write};
    use std::net::TcpListener;
    use std::thread;

    /// Answers one request so, and returns what it was.
    fn answering(answer: &'static str) -> (String, thread::JoinHandle<String>) {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let url = format!("http://{}/secret/path", listener.local_addr().unwrap());
        let handle = thread::spawn(move || {
            let (mut stream, _) = listener.accept().unwrap();
            let (mut seen, mut part) = (Vec::new(), [0_u8; 4096]);
            while !String::from_utf8_lossy(&seen).contains("{\"a\":1}") {
                let read = stream.read(&mut part).unwrap();
                assert!(read > 0);
                seen.extend_from_slice(&part[..read]);
            }
            stream.write_all(answer.as_bytes()).unwrap();
            String::from_utf8(seen).unwrap()
        });
        (url, handle)
    }

    fn hook(url: &str) -> Hook {
        let headers = vec![("webhook-id".to_owned(), "m1".to_owned())];
        Hook { url: url.to_owned(), headers, body: b"{\"a\":1}".to_vec() }
    }

    #[test]
    fn an_answer_says_whether_to_try_again() {
        let answers = [
            ("HTTP/1.1 204 No Content\r\n\r\n", Ok("204".to_owned())),
            ("HTTP/1.1 503 Busy\r\ncontent-length: 0\r\n\r\n", Err(true)),
            ("HTTP/1.1 429 Slow\r\ncontent-length: 4\r\n\r\nslow", Err(true)),
            ("HTTP/1.1 404 Gone\r\ncontent-length: 7\r\n\r\nno_team", Err(false)),
            ("HTTP/1.1 302 There\r\nlocation: http://127.0.0.1:1/\r\ncontent-length: 0\r\n\r\n", Err(false)),
        ];
        for (answer, expected) in answers {
            let (url, seen) = answering(answer);
            let outcome = post(&hook(&url));
            let seen = seen.join().unwrap();
            assert!(seen.starts_with("POST /secret/path HTTP/1.1\r\n"), "{seen}");
            assert!(seen.to_lowercase().contains("webhook-id: m1\r\n"), "{seen}");
            match (outcome, expected) {
                (Ok(status), Ok(wanted)) => assert_eq!(status, wanted),
                (Err(Unsent::Later(why)), Err(true)) | (Err(Unsent::Refused(why)), Err(false)) => {
                    assert!(!why.contains("secret"), "{why}");
                }
                (outcome, _) => panic!("{answer}: {outcome:?}"),
            }
        }
    }

    #[test]
    fn nobody_there_is_tried_again_and_nonsense_is_not() {
        let free = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
        assert!(matches!(post(&hook(&format!("http://{free}/"))), Err(Unsent::Later(_))));
        assert!(matches!(post(&hook("not an address")), Err(Unsent::Refused(_))));
    }
}

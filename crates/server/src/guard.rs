//! What stands before every handler: who may ask, for how long, and what a browser may do with the answer.

use std::sync::Arc;
use std::time::Duration;

use axum::extract::{Request, State};
use axum::http::request::Parts;
use axum::http::{HeaderMap, HeaderValue, Method, StatusCode, Uri, header};
use axum::middleware::Next;
use axum::response::Response;
use dialmark_govern::Right;
use dialmark_view::link::Link;
use dialmark_view::shell::{self, Theme};

use crate::app::{App, Seen, Shared};
use crate::problem::Problem;
use crate::visit::{THEME_COOKIE, Visit};
use crate::visitor::Visitor;
use crate::{answer, sign_in};

/// Longest address, with its query.
const LONGEST_ADDRESS: usize = 16 * 1024;
/// How long a page may take.
const PATIENCE: Duration = Duration::from_secs(60);

/// Names of the loopback address.
const LOOPBACK: [&str; 3] = ["localhost", "127.0.0.1", "[::1]"];

/// Nothing runs, nothing is loaded from elsewhere, nobody frames these pages.
const POLICY: &str = "default-src 'none'; style-src 'self'; img-src 'self' data:; form-action 'self'; \
                      base-uri 'none'; frame-ancestors 'none'";

/// Addresses that everybody may ask for: what signing in needs, and what has a check of its own.
const OPEN: [&str; 6] =
    ["/healthz", "/favicon.ico", shell::STYLE_PATH, shell::ICON_PATH, sign_in::PATH, shell::SIGN_OUT_PATH];
/// Programs show a token there, or sign what they send.
const FOR_PROGRAMS: [&str; 2] = ["/api/v1/ingest/", "/api/v1/webhooks/"];

/// Checks a request, finds out who sends it, lets it through, dresses the response.
pub async fn check(State(shared): State<Shared>, request: Request, next: Next) -> Response {
    let Some(app) = shared.current() else {
        return answer::body(StatusCode::SERVICE_UNAVAILABLE, "text/plain; charset=utf-8", "not ready");
    };
    // The head alone: a body cannot be looked at from several threads, and nobody does here.
    let (mut head, body) = request.into_parts();
    let chosen = chosen_theme(&head.uri);
    let visit = Visit::read(&head.uri, &head.headers);
    let mut response = match admitted(&shared, &app, &head).await {
        Ok(visitor) => {
            let seen = Arc::new(app.seen_by(visitor));
            head.extensions.insert(Arc::clone(&seen));
            let request = Request::from_parts(head, body);
            match tokio::time::timeout(PATIENCE, next.run(request)).await {
                Ok(response) => response,
                Err(_) => too_long().page(&seen, &visit),
            }
        }
        Err(Refused::Problem(problem)) => problem.page(&app, &visit),
        Err(Refused::Elsewhere(to)) => answer::go_to(&to),
    };
    let headers = response.headers_mut();
    for (name, value) in [
        (header::CONTENT_SECURITY_POLICY, POLICY),
        (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
        (header::X_FRAME_OPTIONS, "DENY"),
        (header::REFERRER_POLICY, "same-origin"),
    ] {
        // A page that is stricter than the others says so itself.
        headers.entry(name).or_insert(HeaderValue::from_static(value));
    }
    headers.insert("cross-origin-resource-policy", HeaderValue::from_static("same-origin"));
    headers.insert("cross-origin-opener-policy", HeaderValue::from_static("same-origin"));
    if let Some(cookie) = chosen.and_then(theme_cookie) {
        headers.append(header::SET_COOKIE, cookie);
    }
    response
}

/// Why a request goes no further.
enum Refused {
    Problem(Problem),
    /// Somewhere else comes first.
    Elsewhere(Link),
}

impl From<Problem> for Refused {
    fn from(problem: Problem) -> Refused {
        Refused::Problem(problem)
    }
}

/// Who sends a request that may go on.
async fn admitted(shared: &Shared, app: &App, head: &Parts) -> Result<Visitor, Refused> {
    if let Some(problem) = refusal(shared, head) {
        return Err(problem.into());
    }
    let path = head.uri.path();
    if FOR_PROGRAMS.iter().any(|start| path.starts_with(start)) {
        return Ok(Visitor::nobody());
    }
    let is_read = matches!(head.method, Method::GET | Method::HEAD);
    if !is_read && !is_from_our_pages(&head.headers) {
        let sentence = "This was not sent by a form of these pages.";
        return Err(Problem::forbidden(sentence)
            .helped("Open the page in a browser and send its form.")
            .into());
    }
    let found = Visitor::find(&app.state, &head.headers).await?;
    match found {
        Some(visitor) if visitor.must_change && path != sign_in::PASSWORD_PATH && !OPEN.contains(&path) => {
            Err(Refused::Elsewhere(Link::to(sign_in::PASSWORD_PATH)))
        }
        Some(visitor) => Ok(visitor),
        None if OPEN.contains(&path) => Ok(Visitor::nobody()),
        None if is_read && !path.starts_with("/api/") => Err(Refused::Elsewhere(sign_in::then(&head.uri))),
        None => Err(Problem {
            status: StatusCode::UNAUTHORIZED,
            ..Problem::bad("Nobody is signed in, or the session is over.")
        }
        .helped("Sign in, and send it again.")
        .into()),
    }
}

/// Lets only those go on who have a right.
pub async fn needing(right: Right, Seen(app): Seen, visit: Visit, request: Request, next: Next) -> Response {
    match app.visitor.needs(right) {
        Ok(()) => next.run(request).await,
        Err(problem) => problem.page(&app, &visit),
    }
}

/// Whether a browser says that a form comes from a page of ours: browsers name the origin of whatever is not a plain reading,
/// and no page of another site can name ours.
fn is_from_our_pages(headers: &HeaderMap) -> bool {
    let host = headers.get(header::HOST).and_then(|host| host.to_str().ok());
    let origin = headers.get(header::ORIGIN).and_then(|origin| origin.to_str().ok());
    let of = |origin: &str| origin.split_once("://").map(|(_, host)| host.to_ascii_lowercase());
    matches!((host, origin.and_then(of)), (Some(host), Some(origin)) if host.eq_ignore_ascii_case(&origin))
}

fn refusal(shared: &Shared, head: &Parts) -> Option<Problem> {
    if !is_for_us(&head.headers, shared.hosts()) {
        // A name that somebody else lets point at this machine would let their pages read ours.
        return Some(
            Problem {
                status: StatusCode::MISDIRECTED_REQUEST,
                ..Problem::bad("This server does not answer to the name that it was called by.")
            }
            .helped("Use `localhost` or `127.0.0.1`, or name the other with `dialmark serve --host NAME`."),
        );
    }
    let length = head.uri.path_and_query().map_or(0, |p| p.as_str().len());
    (length > LONGEST_ADDRESS).then(|| Problem {
        status: StatusCode::URI_TOO_LONG,
        ..Problem::bad(format!("The address is longer than {LONGEST_ADDRESS} characters."))
    })
}

fn too_long() -> Problem {
    Problem {
        status: StatusCode::GATEWAY_TIMEOUT,
        ..Problem::bad(format!("The figures were not ready within {} seconds.", PATIENCE.as_secs()))
    }
    .helped("Ask for a shorter period, or let `dialmark query` take its time.")
}

/// Whether the `Host` is a name of the loopback address or one of `hosts`, with any port.
fn is_for_us(headers: &HeaderMap, hosts: &[String]) -> bool {
    let mut named = headers.get_all(header::HOST).iter();
    let (Some(host), None) = (named.next(), named.next()) else { return false };
    let Ok(host) = host.to_str() else { return false };
    let (name, rest) = match host.find(']') {
        Some(end) if host.starts_with('[') => host.split_at(end + 1),
        _ => host.split_at(host.find(':').unwrap_or(host.len())),
    };
    let is_port = |rest: &str| {
        rest.strip_prefix(':')
            .is_some_and(|port| !port.is_empty() && port.bytes().all(|b| b.is_ascii_digit()))
    };
    if !rest.is_empty() && !is_port(rest) {
        return false;
    }
    LOOPBACK.into_iter().chain(hosts.iter().map(String::as_str)).any(|known| known.eq_ignore_ascii_case(name))
}

/// Whether a browser reached this machine by a name of the loopback address, and not through a proxy.
pub fn is_on_this_machine(headers: &HeaderMap) -> bool {
    is_for_us(headers, &[])
}

fn chosen_theme(uri: &Uri) -> Option<Theme> {
    let query = uri.query()?;
    query.split('&').filter_map(|part| part.strip_prefix("theme=")).find_map(Theme::from_word)
}

fn theme_cookie(theme: Theme) -> Option<HeaderValue> {
    let text =
        format!("{THEME_COOKIE}={}; Path=/; Max-Age=31536000; SameSite=Strict; HttpOnly", theme.word());
    HeaderValue::from_str(&text).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_that_was_given_is_answered_too_and_a_form_must_come_from_our_own_pages() {
        let headers = |host: &str, origin: &str| {
            let mut headers = HeaderMap::new();
            headers.insert(header::HOST, host.parse().unwrap());
            if !origin.is_empty() {
                headers.insert(header::ORIGIN, origin.parse().unwrap());
            }
            headers
        };
        let hosts = ["figures.example.org".to_owned()];
        assert!(is_for_us(&headers("figures.example.org", ""), &hosts));
        assert!(!is_for_us(&headers("other.example.org", ""), &hosts));
        assert!(!is_on_this_machine(&headers("figures.example.org", "")));
        assert!(is_from_our_pages(&headers("localhost:7777", "http://localhost:7777")));
        for origin in ["", "null", "http://localhost:7778", "http://evil.example", "localhost:7777"] {
            assert!(!is_from_our_pages(&headers("localhost:7777", origin)), "{origin}");
        }
    }

    #[test]
    fn only_names_of_the_loopback_address_are_answered() {
        let is_answered = |host: &str| {
            let mut headers = HeaderMap::new();
            headers.insert(header::HOST, host.parse().unwrap());
            is_on_this_machine(&headers)
        };
        for host in ["localhost", "localhost:7777", "127.0.0.1:7777", "[::1]:7777", "LOCALHOST:1"] {
            assert!(is_answered(host), "{host}");
        }
        for host in [
            "example.org",
            "localhost.example.org:7777",
            "127.0.0.1.nip.io",
            "",
            "[::2]:7777",
            "[::1",
            "localhost:1@example.org",
            "localhost:abc",
            "[::1]x",
        ] {
            assert!(!is_answered(host), "{host}");
        }
        assert!(!is_on_this_machine(&HeaderMap::new()));
        let mut two = HeaderMap::new();
        two.append(header::HOST, "localhost".parse().unwrap());
        two.append(header::HOST, "example.org".parse().unwrap());
        assert!(!is_on_this_machine(&two));
    }
}

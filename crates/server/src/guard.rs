//! What stands before every handler: who may ask, for how long, and what a browser may do with the answer.

use std::sync::Arc;
use std::time::Duration;

use axum::extract::{Request, State};
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::middleware::Next;
use axum::response::Response;
use dialmark_view::shell::Theme;

use crate::App;
use crate::problem::Problem;
use crate::visit::{THEME_COOKIE, Visit};

/// Longest address, with its query.
const LONGEST_ADDRESS: usize = 16 * 1024;
/// How long a page may take.
const PATIENCE: Duration = Duration::from_secs(60);

/// Nothing runs, nothing is loaded from elsewhere, nobody frames these pages.
const POLICY: &str = "default-src 'none'; style-src 'self'; img-src 'self' data:; form-action 'self'; \
                      base-uri 'none'; frame-ancestors 'none'";

/// Checks a request, lets it through, dresses the response.
pub async fn check(State(app): State<Arc<App>>, request: Request, next: Next) -> Response {
    let visit = Visit::read(request.uri(), request.headers());
    let chosen = chosen_theme(&request);
    let mut response = match refusal(&request) {
        Some(problem) => problem.page(&app, &visit),
        None => match tokio::time::timeout(PATIENCE, next.run(request)).await {
            Ok(response) => response,
            Err(_) => too_long().page(&app, &visit),
        },
    };
    let headers = response.headers_mut();
    for (name, value) in [
        (header::CONTENT_SECURITY_POLICY, POLICY),
        (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
        (header::X_FRAME_OPTIONS, "DENY"),
        (header::REFERRER_POLICY, "same-origin"),
    ] {
        headers.insert(name, HeaderValue::from_static(value));
    }
    headers.insert("cross-origin-resource-policy", HeaderValue::from_static("same-origin"));
    headers.insert("cross-origin-opener-policy", HeaderValue::from_static("same-origin"));
    if let Some(cookie) = chosen.and_then(theme_cookie) {
        headers.append(header::SET_COOKIE, cookie);
    }
    response
}

fn refusal(request: &Request) -> Option<Problem> {
    if !is_for_this_machine(request.headers()) {
        // A name that somebody else lets point at this machine would let their pages read ours.
        return Some(Problem {
            status: StatusCode::MISDIRECTED_REQUEST,
            ..Problem::bad("This server answers to `localhost` and `127.0.0.1` only.")
        });
    }
    let length = request.uri().path_and_query().map_or(0, |p| p.as_str().len());
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

/// Whether the `Host` is a name of the loopback address, with any port.
fn is_for_this_machine(headers: &HeaderMap) -> bool {
    let mut hosts = headers.get_all(header::HOST).iter();
    let (Some(host), None) = (hosts.next(), hosts.next()) else { return false };
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
    ["localhost", "127.0.0.1", "[::1]"].iter().any(|known| known.eq_ignore_ascii_case(name))
}

fn chosen_theme(request: &Request) -> Option<Theme> {
    let query = request.uri().query()?;
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
    fn only_names_of_the_loopback_address_are_answered() {
        let is_answered = |host: &str| {
            let mut headers = HeaderMap::new();
            headers.insert(header::HOST, host.parse().unwrap());
            is_for_this_machine(&headers)
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
        assert!(!is_for_this_machine(&HeaderMap::new()));
        let mut two = HeaderMap::new();
        two.append(header::HOST, "localhost".parse().unwrap());
        two.append(header::HOST, "example.org".parse().unwrap());
        assert!(!is_for_this_machine(&two));
    }
}

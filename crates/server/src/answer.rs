//! Responses: pages, the style sheet, a sign of life.

use axum::body::Body;
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use dialmark_view::link::Link;
use dialmark_view::shell;
use maud::Markup;

use crate::app::App;
use crate::problem::Problem;
use crate::visit::Visit;

/// A page of HTML.
pub fn page(status: StatusCode, markup: &Markup) -> Response {
    body(status, "text/html; charset=utf-8", markup.0.clone())
}

/// On to another page, which is read and not sent again.
pub fn go_to(link: &Link) -> Response {
    let mut response = body(StatusCode::SEE_OTHER, "text/plain; charset=utf-8", "");
    if let Ok(to) = HeaderValue::from_str(&link.to_string()) {
        response.headers_mut().insert(header::LOCATION, to);
    }
    response
}

/// A page, or the page that says why there is none.
pub fn page_or_problem(app: &App, visit: &Visit, outcome: Result<Markup, Problem>) -> Response {
    match outcome {
        Ok(markup) => page(StatusCode::OK, &markup),
        Err(problem) => problem.page(app, visit),
    }
}

/// The same page again, with what was typed and why it was not taken.
pub fn page_again(app: &App, visit: &Visit, outcome: Result<Markup, Problem>) -> Response {
    match outcome {
        Ok(markup) => page(StatusCode::UNPROCESSABLE_ENTITY, &markup),
        Err(problem) => problem.page(app, visit),
    }
}

/// Text of a type. What it shows may be gone with the next import, and is nobody else's business: not kept.
pub fn body(status: StatusCode, kind: &'static str, text: impl Into<Body>) -> Response {
    let mut response = (status, text.into()).into_response();
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(kind));
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    response
}

/// The style sheet.
pub async fn style() -> Response {
    body(StatusCode::OK, "text/css; charset=utf-8", shell::STYLE)
}

/// The icon.
pub async fn icon() -> Response {
    body(StatusCode::OK, "image/svg+xml", shell::ICON)
}

/// A sign of life.
pub async fn healthy() -> Response {
    body(StatusCode::OK, "text/plain; charset=utf-8", "ok")
}

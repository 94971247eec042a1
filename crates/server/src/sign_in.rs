//! Signing in and out, and choosing a password.

use std::sync::Arc;

use axum::extract::{Request, State};
use axum::http::{HeaderMap, HeaderValue, StatusCode, Uri, header};
use axum::response::Response;
use dialmark_state::{NotSignedIn, SHORTEST_PASSWORD, StateError};
use dialmark_view::form::Sent;
use dialmark_view::link::Link;
use dialmark_view::pages::login::{self, LoginPage, PasswordPage};
use dialmark_view::shell::Place;
use tokio::sync::Semaphore;

use crate::app::{App, Seen, Shared};
use crate::problem::Problem;
use crate::visit::Visit;
use crate::visitor::{SESSION_COOKIE, cookie};
use crate::{answer, guard, sent};

/// Where one signs in.
pub const PATH: &str = "/sign-in";
/// Where one chooses a password.
pub const PASSWORD_PATH: &str = "/password";

/// Passwords that are looked at at the same time: each takes memory and a core for a while.
static LOOKED_AT: Semaphore = Semaphore::const_new(2);

/// The page on which one signs in, to go on to an address afterwards.
pub fn then(uri: &Uri) -> Link {
    let next = uri.path_and_query().map_or("/", |next| next.as_str());
    match next {
        "/" => Link::to(PATH),
        next => Link::to(PATH).with(login::NEXT, next),
    }
}

/// `GET /sign-in`
pub async fn handle(Seen(app): Seen, visit: Visit) -> Response {
    let next = visit.pairs.iter().find(|(name, _)| name == login::NEXT).map(|(_, next)| next.clone());
    answer::page(StatusCode::OK, &page(&app, &visit, next.as_deref(), Sent::NOTHING))
}

fn page(app: &App, visit: &Visit, next: Option<&str>, sent: Sent) -> maud::Markup {
    login::render(&LoginPage {
        head: visit.plain_head(app, "Sign in", Place::Elsewhere),
        action: Link::to(PATH),
        next: next.and_then(Link::of_path),
        first: None,
        sent,
    })
}

/// `POST /sign-in`
pub async fn enter(
    State(shared): State<Shared>,
    Seen(app): Seen,
    visit: Visit,
    request: Request,
) -> Response {
    let is_near = guard::is_on_this_machine(request.headers());
    match sign_in(&shared, request).await {
        Err(problem) => problem.page(&app, &visit),
        Ok(Err(sent)) => {
            let next = sent.value(login::NEXT).map(str::to_owned);
            answer::page(StatusCode::UNAUTHORIZED, &page(&app, &visit, next.as_deref(), sent))
        }
        Ok(Ok((session, next))) => {
            let mut response = answer::go_to(&next);
            // Over a network the cookie goes through TLS or not at all.
            let secure = if is_near { "" } else { "; Secure" };
            let text = format!("{SESSION_COOKIE}={session}; Path=/; SameSite=Strict; HttpOnly{secure}");
            set_cookie(&mut response, &text);
            response
        }
    }
}

/// The session and where to go on, or the form with what is wrong.
async fn sign_in(shared: &Shared, request: Request) -> Result<Result<(String, Link), Sent>, Problem> {
    let mut sent = sent::read(request).await?;
    let next = sent.value(login::NEXT).and_then(Link::of_path).unwrap_or_else(|| Link::to("/"));
    let (name, password) = (sent.text(login::NAME), sent.value(login::PASSWORD).unwrap_or_default());
    let looked = {
        let _room = LOOKED_AT.acquire().await.map_err(|_| Problem::bad("The server is shutting down."))?;
        shared.state().sign_in(name, password).await?
    };
    let says = match looked {
        Ok(session) => return Ok(Ok((session.text, next))),
        Err(NotSignedIn::Wrong) => "Name and password do not belong together.".to_owned(),
        Err(NotSignedIn::Locked { until }) => {
            let seconds = until.duration_since(jiff::Timestamp::now()).as_secs().max(0) + 1;
            format!("There were too many wrong passwords. Try again in {seconds} seconds.")
        }
    };
    sent.refuse("", says);
    Ok(Err(sent))
}

/// `POST /sign-out`
pub async fn leave(
    State(shared): State<Shared>,
    Seen(app): Seen,
    visit: Visit,
    headers: HeaderMap,
) -> Response {
    if let Some(session) = cookie(&headers, SESSION_COOKIE)
        && let Err(error) = shared.state().sign_out(session).await
    {
        return Problem::from(error).page(&app, &visit);
    }
    let mut response = answer::go_to(&Link::to(PATH));
    set_cookie(&mut response, &format!("{SESSION_COOKIE}=; Path=/; Max-Age=0; SameSite=Strict; HttpOnly"));
    response
}

/// `GET /password`
pub async fn password(Seen(app): Seen, visit: Visit) -> Response {
    password_page(&app, &visit, Sent::NOTHING)
}

fn password_page(app: &Arc<App>, visit: &Visit, sent: Sent) -> Response {
    if app.visitor.session.is_none() {
        let nobody = Problem::missing("Nobody has an account yet, so there is no password to change.");
        return nobody
            .helped("`dialmark accounts add NAME --role admin` makes the first one.")
            .page(app, visit);
    }
    let status = if sent.refused().is_empty() { StatusCode::OK } else { StatusCode::UNPROCESSABLE_ENTITY };
    let model = PasswordPage {
        head: visit.plain_head(app, "Password", Place::Elsewhere),
        name: app.visitor.name.clone(),
        must_change: app.visitor.must_change,
        least_characters: SHORTEST_PASSWORD,
        action: Link::to(PASSWORD_PATH),
        sent,
    };
    answer::page(status, &login::render_password(&model))
}

/// `POST /password`
pub async fn change_password(Seen(app): Seen, visit: Visit, request: Request) -> Response {
    let mut sent = match sent::read(request).await {
        Ok(sent) => sent,
        Err(problem) => return problem.page(&app, &visit),
    };
    let Some(session) = &app.visitor.session else { return password_page(&app, &visit, Sent::NOTHING) };
    let value = |name: &str| sent.value(name).unwrap_or_default().to_owned();
    let (before, new, again) = (value(login::BEFORE), value(login::NEW), value(login::AGAIN));
    if new != again {
        sent.refuse(login::AGAIN, "The two are not the same. Type the new password twice.");
        return password_page(&app, &visit, sent);
    }
    let chosen = match LOOKED_AT.acquire().await {
        Ok(_room) => app.state.choose_password(&app.visitor.name, &before, &new, session).await,
        Err(_) => return Problem::bad("The server is shutting down.").page(&app, &visit),
    };
    match chosen {
        Ok(()) => answer::go_to(&Link::to("/")),
        Err(StateError::Refused(says)) => {
            sent.refuse("", says);
            password_page(&app, &visit, sent)
        }
        Err(error) => Problem::from(error).page(&app, &visit),
    }
}

fn set_cookie(response: &mut Response, text: &str) {
    if let Ok(value) = HeaderValue::from_str(text) {
        response.headers_mut().append(header::SET_COOKIE, value);
    }
}

//! What can go wrong with a request, as a page with a sentence.

use axum::http::{Method, StatusCode, Uri};
use axum::response::Response;
use dialmark_engine::EngineError;
use dialmark_lake::LakeError;
use dialmark_manage::NotDone;
use dialmark_manage::statement::StatementError;
use dialmark_state::StateError;
use dialmark_view::pages::problem::{self, ProblemPage};
use dialmark_view::shell::Place;
use serde_json::json;

use crate::answer;
use crate::app::{App, Seen};
use crate::visit::Visit;

/// Why there is no page.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Problem {
    /// Of the response.
    pub status: StatusCode,
    /// What is wrong.
    pub sentence: String,
    /// What to do.
    pub help: Option<String>,
}

impl Problem {
    /// The request cannot be answered as it stands.
    pub fn bad(sentence: impl Into<String>) -> Problem {
        Problem { status: StatusCode::BAD_REQUEST, sentence: sentence.into(), help: None }
    }

    /// There is nothing of that name.
    pub fn missing(sentence: impl Into<String>) -> Problem {
        Problem { status: StatusCode::NOT_FOUND, ..Problem::bad(sentence) }
    }

    /// Somebody else may, but not who asked.
    pub fn forbidden(sentence: impl Into<String>) -> Problem {
        Problem { status: StatusCode::FORBIDDEN, ..Problem::bad(sentence) }
    }

    /// With what to do.
    pub fn helped(self, help: impl Into<String>) -> Problem {
        Problem { help: Some(help.into()), ..self }
    }

    fn ours(sentence: String) -> Problem {
        tracing::error!(%sentence, "a request failed");
        Problem {
            status: StatusCode::INTERNAL_SERVER_ERROR,
            sentence,
            help: Some("`dialmark verify` checks the store.".to_owned()),
        }
    }

    /// The page, or JSON where a program asked.
    pub fn page(&self, app: &App, visit: &Visit) -> Response {
        if visit.path.starts_with("/api/") {
            let text = [Some(self.sentence.as_str()), self.help.as_deref()];
            let text: Vec<&str> = text.into_iter().flatten().collect();
            let text = format!("{}\n", json!({ "error": text.join(" ") }));
            return answer::body(self.status, "application/json", text);
        }
        let title = match self.status {
            StatusCode::NOT_FOUND => "Not found",
            StatusCode::FORBIDDEN => "Not for you to see",
            StatusCode::UNAUTHORIZED => "Signed out",
            StatusCode::INTERNAL_SERVER_ERROR => "Something failed",
            _ => "This cannot be shown",
        };
        let model = ProblemPage {
            head: visit.plain_head(app, title, Place::Elsewhere),
            status: self.status.as_u16(),
            sentence: self.sentence.clone(),
            help: self.help.clone(),
        };
        answer::page(self.status, &problem::render(&model))
    }
}

impl From<EngineError> for Problem {
    fn from(error: EngineError) -> Problem {
        match error {
            EngineError::Question(sentence) => Problem::bad(sentence),
            other => Problem::ours(sentence(&other.to_string())),
        }
    }
}

impl From<LakeError> for Problem {
    fn from(error: LakeError) -> Problem {
        Problem::ours(sentence(&error.to_string()))
    }
}

impl From<StateError> for Problem {
    fn from(error: StateError) -> Problem {
        match error {
            StateError::Refused(sentence) => Problem::bad(sentence),
            other => Problem::ours(sentence(&other.to_string())),
        }
    }
}

impl From<NotDone> for Problem {
    fn from(error: NotDone) -> Problem {
        match error {
            NotDone::Engine(error) => error.into(),
            NotDone::State(error) => error.into(),
            NotDone::Records(error) => {
                Problem::ours(sentence(&format!("What was decided is kept, but is no record yet: {error}")))
            }
            NotDone::Refused(sentence) => Problem::bad(sentence),
        }
    }
}

impl From<StatementError> for Problem {
    fn from(error: StatementError) -> Problem {
        match error {
            StatementError::Engine(error) => error.into(),
            StatementError::State(error) => error.into(),
            StatementError::Refused(sentence) => Problem::bad(sentence),
        }
    }
}

/// An error's text as a sentence of its own.
fn sentence(text: &str) -> String {
    let mut letters = text.chars();
    let first: String = letters.next().map(|c| c.to_uppercase().collect()).unwrap_or_default();
    let stop = if text.ends_with(['.', '!', '?']) { "" } else { "." };
    format!("{first}{}{stop}", letters.as_str())
}

/// No page has this address.
pub async fn not_found(Seen(app): Seen, uri: Uri, visit: Visit) -> Response {
    Problem::missing(format!("There is no page `{}`.", uri.path())).page(&app, &visit)
}

/// The address exists, but is only there to be read.
pub async fn wrong_method(Seen(app): Seen, method: Method, uri: Uri, visit: Visit) -> Response {
    let problem = Problem {
        status: StatusCode::METHOD_NOT_ALLOWED,
        ..Problem::bad(format!("`{}` is here to be read; {method} does nothing.", uri.path()))
    };
    problem.page(&app, &visit)
}

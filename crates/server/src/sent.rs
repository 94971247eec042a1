//! What a form sent.

use axum::extract::{Form, FromRequest, Request};
use dialmark_manage::NotDone;
use dialmark_view::form::{self, Sent};

use crate::problem::Problem;

/// Most fields of a form, and longest value of one, beyond which nobody typed it.
const MOST_FIELDS: usize = 2_000;

/// Reads a form from a request. Lines end in one way, whatever the browser sent.
pub async fn read(request: Request) -> Result<Sent, Problem> {
    let read = Form::<Vec<(String, String)>>::from_request(request, &()).await;
    let Form(fields) =
        read.map_err(|rejection| Problem::bad(format!("The form cannot be read: {rejection}.")))?;
    if fields.len() > MOST_FIELDS {
        return Err(Problem::bad(format!("The form has more than {MOST_FIELDS} fields.")));
    }
    let fields: Vec<(String, String)> =
        fields.into_iter().map(|(name, value)| (name, value.replace("\r\n", "\n"))).collect();
    if let Some((name, _)) = fields.iter().find(|(_, value)| value.chars().count() > form::LONGEST_TEXT) {
        return Err(Problem::bad(format!("`{name}` is longer than {} characters.", form::LONGEST_TEXT)));
    }
    Ok(Sent::of(fields))
}

/// What was done; nothing once its refusal is noted in what was sent.
pub fn done<T>(sent: &mut Sent, done: Result<T, NotDone>) -> Result<Option<T>, Problem> {
    match done {
        Ok(done) => Ok(Some(done)),
        Err(NotDone::Refused(says)) => {
            sent.refuse("", says);
            Ok(None)
        }
        Err(other) => Err(other.into()),
    }
}

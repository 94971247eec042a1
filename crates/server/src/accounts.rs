//! Accounts: made, changed and ended on a page.

use axum::extract::Request;
use axum::http::StatusCode;
use axum::response::Response;
use dialmark_govern::access::Confined;
use dialmark_govern::place::LEVELS;
use dialmark_govern::{Access, Role};
use dialmark_state::{Change, NewAccount, StateError};
use dialmark_view::form::{Choice, Sent};
use dialmark_view::link::Link;
use dialmark_view::pages::accounts::{self, Account, AccountsPage};
use dialmark_view::shell::Place;
use dialmark_view::when;

use crate::app::{App, Seen};
use crate::problem::Problem;
use crate::visit::Visit;
use crate::{answer, sent};

const PATH: &str = "/accounts";

/// `GET /accounts`
pub async fn handle(Seen(app): Seen, visit: Visit) -> Response {
    shown(&app, &visit, Sent::NOTHING, None).await
}

/// `POST /accounts`
pub async fn change(Seen(app): Seen, visit: Visit, request: Request) -> Response {
    let mut sent = match sent::read(request).await {
        Ok(sent) => sent,
        Err(problem) => return problem.page(&app, &visit),
    };
    match changed(&app, &sent).await {
        Ok((says, issued)) => shown(&app, &visit, Sent::done(&says), issued).await,
        Err(StateError::Refused(says)) => {
            sent.refuse("", says);
            shown(&app, &visit, sent, None).await
        }
        Err(error) => Problem::from(error).page(&app, &visit),
    }
}

type Issued = Option<(String, String)>;

/// Does what the form says: a sentence on what was done, and the account and password that were made.
async fn changed(app: &App, sent: &Sent) -> Result<(String, Issued), StateError> {
    let by = app.visitor.name.as_str();
    let why = sent.text(accounts::WHY);
    let name = sent.item();
    let needs_why = |says: &str| match why.is_empty() {
        true => Err(StateError::Refused(format!("Say why {says}; the trail keeps it."))),
        false => Ok(()),
    };
    match sent.form() {
        accounts::MAKE => {
            let new = NewAccount {
                name: sent.text(accounts::NAME).to_owned(),
                label: sent.text(accounts::LABEL).to_owned(),
                access: access(sent)?,
            };
            let made = app.state.make_account(&new, by).await?;
            let name = new.name.trim().to_lowercase();
            Ok((format!("The account {name} is made."), Some((name, made.0))))
        }
        accounts::CHANGE => {
            needs_why("it changes")?;
            app.state.change_account(name, &Change::Access(access(sent)?), by, why).await?;
            Ok((format!("{name} has another role or scope from now on."), None))
        }
        accounts::DISABLE => {
            needs_why("it ends")?;
            if name == by {
                return Err(StateError::Refused(
                    "Nobody ends their own account. Ask another administrator.".to_owned(),
                ));
            }
            app.state.change_account(name, &Change::End, by, why).await?;
            Ok((format!("Nobody signs in as {name} any more."), None))
        }
        accounts::ENABLE => {
            needs_why("it begins again")?;
            app.state.change_account(name, &Change::Resume, by, why).await?;
            Ok((format!("{name} may sign in again."), None))
        }
        accounts::RENEW => {
            let made = app.state.reset_password(name, by).await?;
            Ok((format!("{name} has a new password for one use."), Some((name.to_owned(), made.0))))
        }
        other => Err(StateError::Refused(format!("The form `{other}` is not known here."))),
    }
}

/// What the form gives access to.
fn access(sent: &Sent) -> Result<Access, StateError> {
    let word = sent.text(accounts::ROLE);
    let role = Role::from_word(word).ok_or_else(|| StateError::Refused("Choose a role.".to_owned()))?;
    let mut confined = Confined::new();
    for dimension in LEVELS {
        let values: Vec<String> = sent
            .text(&accounts::scope_field(dimension))
            .lines()
            .map(str::trim)
            .filter(|line| !line.is_empty())
            .map(str::to_owned)
            .collect();
        if !values.is_empty() {
            confined.insert(dimension.to_owned(), values);
        }
    }
    // An agent is who they see.
    let agent_id = match (role, confined.get("agent_id").map(Vec::as_slice)) {
        (Role::Agent, Some([one])) => Some(one.clone()),
        _ => None,
    };
    Access::new(role, confined, agent_id).map_err(StateError::Refused)
}

async fn shown(app: &App, visit: &Visit, sent: Sent, issued: Issued) -> Response {
    let status = match sent.refused().is_empty() {
        true => StatusCode::OK,
        false => StatusCode::UNPROCESSABLE_ENTITY,
    };
    match page(app, visit, sent, issued).await {
        Ok(markup) => answer::page(status, &markup),
        Err(problem) => problem.page(app, visit),
    }
}

async fn page(app: &App, visit: &Visit, sent: Sent, issued: Issued) -> Result<maud::Markup, Problem> {
    let zone = app.centre.time_zone();
    let all = app.state.accounts().await?;
    let accounts = all.into_iter().map(|account| Account {
        role: account.access.role().word().to_owned(),
        scope: account.access.confined().clone().into_iter().collect(),
        is_enabled: account.ended_at.is_none(),
        seen: account.seen_at.map(|at| when::instant(at, zone)),
        is_own: account.name == app.visitor.name,
        label: account.label,
        name: account.name,
    });
    let role = |role: Role| {
        let deeds: Vec<&str> = role.rights().iter().map(|right| right.deed()).collect();
        Choice::new(role.word(), role.label()).saying(deeds.join(", "))
    };
    Ok(accounts::render(&AccountsPage {
        head: visit.plain_head(app, "Accounts", Place::Accounts),
        accounts: accounts.collect(),
        roles: Role::ALL.into_iter().map(role).collect(),
        dimensions: LEVELS.into_iter().zip(WORDS).map(|(d, word)| (d.to_owned(), word.to_owned())).collect(),
        issued,
        action: Link::to(PATH),
        sent,
    }))
}

/// What the levels are called on the page, in their order.
const WORDS: [&str; 6] = ["Clients", "Campaigns", "Sites", "Teams", "Lists", "Agents"];

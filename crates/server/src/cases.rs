//! Cases and their clocks.

use axum::extract::{Path, Request};
use axum::http::StatusCode;
use axum::response::Response;
use dialmark_govern::Right;
use dialmark_govern::case::{Case, Clock, Entry, clocks};
use dialmark_manage::{NotDone, Sight};
use dialmark_state::Filed;
use dialmark_view::form::{Choice, Sent};
use dialmark_view::link::Link;
use dialmark_view::pages::cases::forms::{self, CaseForms};
use dialmark_view::pages::cases::{self, CaseLine, CasePage, CasesPage};
use dialmark_view::shell::Place;
use dialmark_view::when;
use jiff::Timestamp;
use maud::Markup;

use crate::app::{App, Seen};
use crate::problem::Problem;
use crate::visit::Visit;
use crate::{answer, sent};

/// `GET /cases`
pub async fn handle(Seen(app): Seen, visit: Visit) -> Response {
    let outcome = page(&app, &visit).await;
    answer::page_or_problem(&app, &visit, outcome)
}

/// `GET /case/NUMBER`
pub async fn handle_one(Seen(app): Seen, Path(number): Path<String>, visit: Visit) -> Response {
    let outcome = one(&app, &number, &visit, Sent::NOTHING).await;
    answer::page_or_problem(&app, &visit, outcome)
}

async fn page(app: &App, visit: &Visit) -> Result<Markup, Problem> {
    let (_, own) = visit.asked(&["cases"])?;
    let all = match own.first().map(|(_, value)| value.as_str()) {
        None => false,
        Some("all") => true,
        Some(other) => return Err(Problem::bad(format!("`cases={other}` is not known; it is `cases=all`."))),
    };
    let now = Timestamp::now();
    let filed = app.state.cases().await?;
    let mut lines: Vec<(Option<Timestamp>, CaseLine)> = Vec::new();
    for filed in &filed {
        let case = filed.case();
        if (all || case.closed.is_none()) && app.sight(&case.opening.place).await? == Sight::All {
            lines.push(line(app, filed, case, now));
        }
    }
    // What is due first stands first; what is not due at all, last.
    lines.sort_by_key(|(due, line)| (due.is_none(), *due, line.id));
    let others = match all {
        true => ("Open cases only".to_owned(), Link::to("/cases")),
        false => ("Closed cases as well".to_owned(), Link::to("/cases").with("cases", "all")),
    };
    let mut head = visit.plain_head(app, "Cases", Place::Cases);
    head.zone = Some(app.centre.zone().to_owned());
    let is_whole = app.visitor.access.is_whole();
    Ok(cases::render(&CasesPage {
        head,
        is_whole,
        cases: lines.into_iter().map(|(_, line)| line).collect(),
        others,
    }))
}

fn line(app: &App, filed: &Filed, case: Case, now: Timestamp) -> (Option<Timestamp>, CaseLine) {
    let calendar = app.engine.calendar();
    let is_open = case.closed.is_none();
    let next = clocks(&case, calendar).into_iter().find(|clock| is_open && clock.is_open());
    let due = next.as_ref().map(|clock| clock.due_at);
    let next = next.map(|clock| {
        let (at, is_late) = (when::instant(clock.due_at, &calendar.zone), clock.is_late(now));
        (clock, at, is_late)
    });
    (due, CaseLine { id: filed.id, href: Link::below("/case", &filed.id.to_string()), case, next })
}

/// `POST /case/NUMBER`
pub async fn write(Seen(app): Seen, Path(number): Path<String>, visit: Visit, request: Request) -> Response {
    let mut sent = match sent::read(request).await {
        Ok(sent) => sent,
        Err(problem) => return problem.page(&app, &visit),
    };
    let outcome = match written(&app, &number, &mut sent).await {
        Ok(true) => return answer::go_to(&Link::below("/case", &number)),
        Ok(false) => one(&app, &number, &visit, sent).await,
        Err(problem) => Err(problem),
    };
    match outcome {
        Ok(markup) => answer::page(StatusCode::UNPROCESSABLE_ENTITY, &markup),
        Err(problem) => problem.page(&app, &visit),
    }
}

/// Whether what the form says was written down; else what is wrong is noted in it.
async fn written(app: &App, number: &str, sent: &mut Sent) -> Result<bool, Problem> {
    let filed = found(app, number).await?;
    let Some(event) = forms::event(sent) else { return Ok(false) };
    let entry = Entry { at: Timestamp::now(), by: app.visitor.name.clone(), event };
    match dialmark_manage::write_into_case(&app.desk(), filed.id, &entry).await {
        Ok(_) => Ok(true),
        Err(NotDone::Refused(says)) => {
            sent.refuse("", says);
            Ok(false)
        }
        Err(error) => Err(error.into()),
    }
}

/// The case of a number, if it is the visitor's to see. One that is not is not told from one that is not there.
async fn found(app: &App, number: &str) -> Result<Filed, Problem> {
    let missing = || Problem::missing(format!("There is no case `{number}`."));
    let id: i64 = number.parse().map_err(|_| missing())?;
    let filed = app.state.case(id).await?;
    let filed = filed.ok_or_else(missing)?;
    match app.sight(&filed.opening.place).await? {
        Sight::All => Ok(filed),
        Sight::Part | Sight::Nothing => Err(missing()),
    }
}

async fn one(app: &App, number: &str, visit: &Visit, sent: Sent) -> Result<Markup, Problem> {
    visit.asked(&[])?;
    let filed = found(app, number).await?;
    let case = filed.case();
    let (calendar, now) = (app.engine.calendar(), Timestamp::now());
    let at = |at: Timestamp| when::instant(at, &calendar.zone);
    let clock = |clock: Clock| (at(clock.due_at), clock.done_at.map(at), clock.is_late(now), clock);
    let clocks =
        clocks(&case, calendar).into_iter().map(clock).map(|(due, done, late, c)| (c, due, done, late));
    let mut head = visit.plain_head(app, &format!("Case {}", filed.id), Place::Cases);
    head.zone = Some(app.centre.zone().to_owned());
    let model = CasePage {
        head,
        missed: format!("{} where {} was to be reached", case.opening.shown, case.opening.target),
        clocks: clocks.collect(),
        history: filed.entries.iter().map(|e| (at(e.at), e.by.clone(), e.event.to_string())).collect(),
        case,
    };
    if !app.visitor.may(Right::WorkCases) {
        return Ok(cases::render_one(&model));
    }
    let forms = CaseForms { action: Link::below("/case", number), people: people(app).await?, sent };
    Ok(cases::render_with(&model, &forms))
}

/// Who can own something: those who are declared, else those who have an account.
pub async fn people(app: &App) -> Result<Vec<Choice>, Problem> {
    let today = app.engine.calendar().day_of(Timestamp::now());
    let declared =
        app.promises.governed.people.iter().filter(|person| person.left.is_none_or(|left| left > today));
    let declared: Vec<Choice> = declared.map(|person| Choice::new(&person.id, &person.name)).collect();
    if !declared.is_empty() {
        return Ok(declared);
    }
    let accounts = app.state.accounts().await?;
    let open = accounts.into_iter().filter(|account| account.ended_at.is_none());
    let mut choices: Vec<Choice> = open.map(|account| Choice::new(account.name, account.label)).collect();
    if choices.is_empty() {
        choices.push(Choice::new(&app.visitor.name, "whoever sits at this machine"));
    }
    Ok(choices)
}

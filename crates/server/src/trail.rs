//! The trail of who did what.

use axum::response::Response;
use dialmark_govern::Right;
use dialmark_model::civil::Calendar;
use dialmark_state::{Noted, Wanted};
use dialmark_view::form::Choice;
use dialmark_view::link::Link;
use dialmark_view::pages::trail::{self, TrailAsked, TrailLine, TrailPage};
use dialmark_view::shell::Place;
use dialmark_view::when;
use jiff::Timestamp;
use jiff::civil::Date;
use maud::Markup;

use crate::answer;
use crate::app::{App, Seen};
use crate::problem::Problem;
use crate::visit::Visit;

const PATH: &str = "/trail";
/// Lines on a page.
const LINES: u32 = 50;

/// What can be done, by the beginning of its word.
const KINDS: [(&str, &str); 7] = [
    ("account.", "accounts"),
    ("session.", "signing in"),
    ("kpi.", "KPIs"),
    ("disposition.", "what codes mean"),
    ("case.", "cases"),
    ("dispute.", "disputes"),
    ("statement.", "statements"),
];

/// `GET /trail`
pub async fn handle(Seen(app): Seen, visit: Visit) -> Response {
    let outcome = page(&app, &visit).await;
    answer::page_or_problem(&app, &visit, outcome)
}

async fn page(app: &App, visit: &Visit) -> Result<Markup, Problem> {
    let value = |name: &str| {
        visit.pairs.iter().find(|(found, _)| found == name).map(|(_, value)| value.trim().to_owned())
    };
    let text = |name: &str| value(name).unwrap_or_default();
    let known = [trail::WHO, trail::DID, trail::WHAT, trail::FROM, trail::TO, trail::PAGE];
    if let Some((name, _)) = visit.pairs.iter().find(|(name, _)| !known.contains(&name.as_str())) {
        return Err(Problem::bad(format!("This page has no parameter `{name}`.")));
    }
    let asked = TrailAsked {
        who: text(trail::WHO),
        did: text(trail::DID),
        what: text(trail::WHAT),
        from: text(trail::FROM),
        to: text(trail::TO),
    };
    let page: u32 = match value(trail::PAGE) {
        None => 1,
        Some(text) => text
            .parse()
            .ok()
            .filter(|number| (1..=u32::MAX / LINES).contains(number))
            .ok_or_else(|| Problem::bad(format!("`{text}` is not the number of a page.")))?,
    };
    let calendar = app.centre.calendar();
    let some = |text: &str| (!text.is_empty()).then(|| text.to_owned());
    let wanted = Wanted {
        by: some(&asked.who),
        did: some(&asked.did),
        subject: some(&asked.what),
        from: instant(&asked.from, &calendar)?,
        to: instant(&asked.to, &calendar)?,
    };
    let passed = (page - 1) * LINES;
    let (noted, total) = app.state.trail(&wanted, passed, LINES).await?;
    let shown = u64::from(passed) + u64::try_from(noted.len()).unwrap_or(0);
    let to_page = |number: u32| {
        let kept = visit.pairs.iter().filter(|(name, _)| name != trail::PAGE);
        let link = kept.fold(Link::to(PATH), |link, (name, value)| link.with(name, value));
        link.with(trail::PAGE, number)
    };
    let checked = match app.state.verify_trail().await {
        Ok(entries) => Ok(format!("Each of {entries} entries follows from the one before it.")),
        Err(error) => Err(format!("{error}.")),
    };
    let zone = app.centre.time_zone();
    let place = if app.visitor.may(Right::Accounts) { Place::Accounts } else { Place::Trail };
    let mut head = visit.plain_head(app, "Trail", place);
    head.zone = Some(app.centre.zone().to_owned());
    Ok(trail::render(&TrailPage {
        head,
        people: app.state.who_did_something().await?.iter().map(|who| Choice::new(who, who)).collect(),
        kinds: KINDS.iter().map(|(start, word)| Choice::new(*start, *word)).collect(),
        asked,
        lines: noted.into_iter().map(|noted| line(noted, zone)).collect(),
        total,
        first: u64::from(passed) + 1,
        later: (page > 1).then(|| to_page(page - 1)),
        earlier: (shown < total).then(|| to_page(page + 1)),
        checked: Some(checked),
    }))
}

fn line(noted: Noted, zone: &jiff::tz::TimeZone) -> TrailLine {
    let part = |name: &str| {
        let value = noted.detail.get(name)?;
        Some(value.as_str().map_or_else(|| value.to_string(), str::to_owned))
    };
    let change = part("before").zip(part("after"));
    TrailLine {
        at: when::stamp(noted.at, zone),
        who: noted.by,
        did: noted.did.replace(['.', '_'], " "),
        what: (noted.subject, None),
        why: Some(noted.why).filter(|why| !why.is_empty()),
        change,
    }
}

/// The beginning of a day.
fn instant(text: &str, calendar: &Calendar) -> Result<Option<Timestamp>, Problem> {
    if text.is_empty() {
        return Ok(None);
    }
    let day: Date =
        text.parse().map_err(|_| Problem::bad(format!("`{text}` is no day, such as 2026-10-31.")))?;
    Ok(calendar.period(Some(day), None).from)
}

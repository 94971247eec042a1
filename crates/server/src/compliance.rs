//! How calls stand against the rules of calling: the page, and the same as JSON.

use axum::http::StatusCode;
use axum::response::Response;
use dialmark_govern::calling::Ledger;
use dialmark_manage::calling::{self, Question};
use dialmark_model::civil::Calendar;
use dialmark_view::asked::Bound;
use dialmark_view::link::Link;
use dialmark_view::pages::compliance::{self as page, Chosen, CompliancePage};
use dialmark_view::shell::Place;
use dialmark_view::{export, when};
use jiff::{SignedDuration, Timestamp};
use maud::Markup;

use crate::answer;
use crate::app::{App, Seen};
use crate::problem::Problem;
use crate::visit::Visit;

const OWN: [&str; 4] = ["at", "since", "rule", "campaign"];
/// Campaigns that the form offers.
const CAMPAIGNS: usize = 200;

/// `GET /compliance`
pub async fn handle(Seen(app): Seen, visit: Visit) -> Response {
    let outcome = page(&app, &visit).await;
    answer::page_or_problem(&app, &visit, outcome)
}

/// `GET /api/v1/compliance`
pub async fn handle_json(Seen(app): Seen, visit: Visit) -> Response {
    let found = async {
        let chosen = chosen(&visit)?;
        let _turn = app.turn().await?;
        found(&app, &chosen).await
    };
    match found.await {
        Ok(ledger) => {
            let text = export::ledger(&ledger).to_string() + "\n";
            answer::body(StatusCode::OK, "application/json", text)
        }
        Err(problem) => problem.page(&app, &visit),
    }
}

async fn page(app: &App, visit: &Visit) -> Result<Markup, Problem> {
    let chosen = chosen(visit)?;
    let _turn = app.turn().await?;
    let ledger = found(app, &chosen).await?;
    let mut campaigns: Vec<String> = app
        .engine
        .top_values("calls", "campaign_id", CAMPAIGNS)
        .await?
        .into_iter()
        .map(|(name, _)| name)
        .collect();
    campaigns.sort();
    let mut head = visit.plain_head(app, "Calling rules", Place::Cases);
    let zone = app.centre.time_zone();
    head.zone = Some(app.centre.zone().to_owned());
    head.period = Some(format!("as of {}", when::instant(ledger.at, zone)));
    let extent = app.known().await?.extent;
    head.freshness = extent.map(|(_, last)| format!("data to {}", when::instant(last, zone)));
    let download = Link::to("/api/v1/compliance")
        .with_some("at", chosen.at.as_deref())
        .with_some("since", chosen.since.as_deref())
        .with_some("rule", chosen.rule.as_deref())
        .with_some("campaign", chosen.campaign.as_deref());
    Ok(page::render(&CompliancePage { head, zone: zone.clone(), ledger, campaigns, chosen, download }))
}

/// What the address asks for; a field of the form that was left empty asks for nothing.
fn chosen(visit: &Visit) -> Result<Chosen, Problem> {
    let (asked, own) = visit.asked(&OWN)?;
    if asked.from.is_some() || asked.to.is_some() || asked.filter.is_some() {
        return Err(Problem::bad("Rules are judged as of an instant, for whole campaigns.")
            .helped("Write `at=2026-11-18`, `since=2026-11-01` or `campaign=home`."));
    }
    let value = |name: &str| {
        let found = own.iter().find(|(n, _)| n == name).map(|(_, value)| value.trim());
        found.filter(|value| !value.is_empty()).map(str::to_owned)
    };
    Ok(Chosen { at: value("at"), since: value("since"), rule: value("rule"), campaign: value("campaign") })
}

async fn found(app: &App, chosen: &Chosen) -> Result<Ledger, Problem> {
    if !app.promises.problems.is_empty() {
        return Err(Problem::bad("Rules cannot be judged: there are mistakes in the declarations.")
            .helped("`dialmark check` names each with its line."));
    }
    let calendar = app.engine.calendar();
    let at = chosen.at.as_deref().map(|text| instant(text, calendar)).transpose()?;
    let since = chosen.since.as_deref().map(|text| {
        text.parse().map_err(|_| Problem::bad(format!("`since={text}` is no day, such as 2026-11-01.")))
    });
    let question = Question {
        at,
        since: since.transpose()?,
        rule: chosen.rule.as_deref(),
        campaign: chosen.campaign.as_deref(),
        only_budgets: false,
    };
    Ok(calling::ledger(&app.desk(), &question).await?)
}

/// The last instant of a day, or an instant.
fn instant(text: &str, calendar: &Calendar) -> Result<Timestamp, Problem> {
    let found = match Bound::parse(text) {
        Some(Bound::At(at)) => Some(at),
        Some(Bound::Day(day)) => day
            .tomorrow()
            .ok()
            .and_then(|next| calendar.day_start(next)?.checked_sub(SignedDuration::from_micros(1)).ok()),
        None => None,
    };
    found.ok_or_else(|| {
        Problem::bad(format!(
            "`at={text}` is neither a day, such as 2026-11-18, nor an instant, such as 2026-11-18T09:30:00Z."
        ))
    })
}

//! How KPIs and scorecards stand.

use std::sync::Arc;

use axum::extract::Path;
use axum::response::Response;
use dialmark_govern::{Right, Standing, Status};
use dialmark_manage::{Asked, Reach};
use dialmark_metrics::Scope;
use dialmark_model::civil::Calendar;
use dialmark_view::asked::{Asked as Address, Bound};
use dialmark_view::link::Link;
use dialmark_view::pages::kpis::{self, KpiCard, KpisPage};
use dialmark_view::pages::overview::Choice;
use dialmark_view::pages::scorecard::{self, ScoreRow, ScorecardPage};
use dialmark_view::shell::{Head, Place};
use dialmark_view::{parts, when};
use jiff::Timestamp;
use maud::Markup;

use crate::answer;
use crate::app::{App, Seen};
use crate::known::KpisStand;
use crate::links;
use crate::problem::Problem;
use crate::visit::Visit;

/// `GET /kpis`
pub async fn handle(Seen(app): Seen, visit: Visit) -> Response {
    let outcome = page(&app, &visit).await;
    answer::page_or_problem(&app, &visit, outcome)
}

/// `GET /scorecard/NAME`
pub async fn handle_scorecard(Seen(app): Seen, Path(name): Path<String>, visit: Visit) -> Response {
    let outcome = scorecard_page(&app, &name, &visit).await;
    answer::page_or_problem(&app, &visit, outcome)
}

async fn page(app: &App, visit: &Visit) -> Result<Markup, Problem> {
    let own = own(visit, &["on"])?;
    let promises = &app.promises;
    let _turn = app.turn().await?;
    let (head, reach) = seen(app, visit, "KPIs", own.first().and_then(|on| on.as_deref())).await?;
    let standings = match reach {
        Some(reach) => {
            // The engine shows the visitor's records only.
            let (within, scope) = (app.visitor.access.place(), Scope::Everything);
            let asked = Asked { within: &within, by: &[], reach, scope: &scope, whole: app.whole() };
            app.kpis_stand(&asked).await?
        }
        None => KpisStand { are_guarded: true, ..KpisStand::default() },
    };
    let mut cards = Vec::new();
    for card in promises.governed.scorecards.values() {
        if app.shows(&card.place).await? {
            cards.push((card.label.clone(), Link::below("/scorecard", &card.name)));
        }
    }
    let model = KpisPage {
        head,
        lead: lead(&standings.all),
        are_guarded: standings.are_guarded,
        scorecards: cards,
        problems: promises.problems.clone(),
        cards: standings
            .all
            .iter()
            .map(|standing| KpiCard {
                edit: app.visitor.may(Right::EditKpis).then(|| Link::below("/kpi", &standing.kpi.name)),
                href: href(standing, app.engine.calendar()),
                standing: standing.clone(),
            })
            .collect(),
    };
    Ok(kpis::render(&model))
}

async fn scorecard_page(app: &App, name: &str, visit: &Visit) -> Result<Markup, Problem> {
    let own = own(visit, &["on", "depth"])?;
    let card = match app.promises.governed.scorecards.get(name) {
        Some(card) if app.shows(&card.place).await? => card,
        _ => {
            let missing = Problem::missing(format!("There is no scorecard `{name}`."));
            return Err(missing.helped("The page of KPIs names all."));
        }
    };
    let depth = match own.get(1).and_then(|depth| depth.as_deref()) {
        None => 0,
        Some(text) => text.parse().ok().filter(|depth| *depth <= card.cascade.len()).ok_or_else(|| {
            Problem::bad(format!("`depth={text}` is no number from 0 to {}.", card.cascade.len()))
        })?,
    };
    let _turn = app.turn().await?;
    let (head, reach) = seen(app, visit, &card.label, own.first().and_then(|on| on.as_deref())).await?;
    let rows = match reach {
        Some(reach) => {
            // The engine shows the visitor's records only.
            let (within, scope) = (app.visitor.access.place(), Scope::Everything);
            let asked = Asked { within: &within, by: &[], reach, scope: &scope, whole: app.whole() };
            app.card_stands(card, depth, &asked).await?
        }
        None => Arc::default(),
    };
    let calendar = app.engine.calendar();
    let rows = rows.iter().map(|row| {
        let all = row.kpis.iter().map(|(_, one)| one).chain(&row.supporting);
        ScoreRow { links: all.map(|one| href(one, calendar)).collect(), row: row.clone() }
    });
    let here = visit.here();
    let level = |at: usize| {
        let says = at.checked_sub(1).and_then(|at| card.cascade.get(at)).map_or("the whole", String::as_str);
        let base = Link::to(here.path());
        let base = base.with_some("on", own.first().and_then(|on| on.as_deref()));
        Choice { says: says.to_owned(), href: base.with("depth", at), is_current: at == depth }
    };
    let model = ScorecardPage {
        head,
        depths: (0..=card.cascade.len()).map(level).collect(),
        rows: rows.collect(),
        problems: app.promises.problems.clone(),
    };
    Ok(scorecard::render(&model))
}

/// Values of a page's own parameters, in the order of their names here; others are refused.
fn own(visit: &Visit, names: &[&str]) -> Result<Vec<Option<String>>, Problem> {
    let (_, pairs) = visit.asked(names)?;
    let value = |name: &&str| pairs.iter().find(|(n, _)| n == name).map(|(_, value)| value.clone());
    Ok(names.iter().map(value).collect())
}

/// Up to when records reach, and the top of a page that says so.
async fn seen(
    app: &App,
    visit: &Visit,
    title: &str,
    on: Option<&str>,
) -> Result<(Head, Option<Reach>), Problem> {
    let calendar = app.engine.calendar();
    let extent = app.known().await?.extent;
    let reach = extent.and_then(|extent| Reach::of(extent, Timestamp::now(), calendar));
    let reach = match (reach, on) {
        (Some(reach), Some(text)) => {
            let day = text
                .parse()
                .map_err(|_| Problem::bad(format!("`on={text}` is no day, such as 2026-10-31.")))?;
            reach.on(day, calendar)
        }
        (reach, _) => reach,
    };
    let mut head = visit.plain_head(app, title, Place::Kpis);
    head.zone = Some(app.centre.zone().to_owned());
    head.period = reach.map(|reach| format!("as of {}", reach.day.strftime("%A, %-d %B %Y")));
    head.freshness =
        extent.map(|(_, last)| format!("data to {}", when::instant(last, app.centre.time_zone())));
    Ok((head, reach))
}

fn lead(standings: &[Standing]) -> String {
    if standings.is_empty() {
        return String::new();
    }
    let count = |word: &str| standings.iter().filter(|s| s.status.word() == word).count();
    let unsure = standings.iter().filter(|s| matches!(s.status, Status::NotEnough(_))).count();
    let all = parts::counted(standings.len(), "KPI", "KPIs");
    format!(
        "Of {all}, {} met their target, {} came close, {} missed it; for {unsure} there is not enough evidence to say.",
        count("met"),
        count("close"),
        count("missed")
    )
}

/// The metric's page, for the same records and the same time.
pub fn href(standing: &Standing, calendar: &Calendar) -> Link {
    links::metric(&standing.kpi.metric, &address(standing, calendar))
}

/// The records behind the figure.
pub fn records(standing: &Standing, calendar: &Calendar) -> Link {
    links::calls(&standing.kpi.metric, links::DENOMINATOR, &address(standing, calendar))
}

fn address(standing: &Standing, calendar: &Calendar) -> Address {
    let until = standing.so_far.filter(|part| !part.is_over).map(|part| calendar.day_of(part.to));
    let until = until.and_then(|day| day.tomorrow().ok()).unwrap_or(standing.stretch.until);
    Address {
        from: Some(Bound::Day(standing.stretch.from)),
        to: Some(Bound::Day(until.min(standing.stretch.until))),
        filter: standing.place.condition().map(|condition| condition.to_string()),
        ..Address::default()
    }
}

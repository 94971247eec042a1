//! Today: the first page of the day, and the same as JSON.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::time::Duration;

use axum::http::StatusCode;
use axum::response::Response;
use dialmark_govern::today::Today;
use dialmark_govern::{Place, Right, Role};
use dialmark_manage::Sight;
use dialmark_manage::today::{self as manage, Asked};
use dialmark_view::asked::Bound;
use dialmark_view::link::Link;
use dialmark_view::pages::overview::Choice;
use dialmark_view::pages::today::{self, TodayPage};
use dialmark_view::shell::{Chip, Place as Entry};
use dialmark_view::{export, today as words};
use jiff::{SignedDuration, Timestamp};
use maud::Markup;

use crate::app::{App, Seen};
use crate::problem::Problem;
use crate::visit::Visit;
use crate::visitor::Visitor;
use crate::{answer, overview};

const PATH: &str = "/today";
const OWN: [&str; 3] = ["campaign", "team", "at"];
const CAMPAIGN: &str = "campaign_id";
const TEAM: &str = "team";

/// How long somebody waits for the first page of all; until today has been worked out it is the overview.
const FIRST_WAIT: Duration = Duration::from_secs(2);

/// `GET /`: where somebody's day begins.
pub async fn home(seen: Seen, visit: Visit) -> Response {
    let begins_here = seen.0.visitor.manages() && visit.here().pairs().is_empty();
    match begins_here && is_soon_known(&seen.0, &visit).await {
        true => handle(seen, visit).await,
        false => overview::handle(seen, visit).await,
    }
}

/// Whether there is something to say of today, now or in a moment; it is worked out in any case.
async fn is_soon_known(app: &Arc<App>, visit: &Visit) -> bool {
    let Ok(wanted) = Wanted::read(app, visit) else { return false };
    matches!(tokio::time::timeout(FIRST_WAIT, found(app, &wanted)).await, Ok(Ok(Some(_))))
}

/// `GET /today`
pub async fn handle(Seen(app): Seen, visit: Visit) -> Response {
    let outcome = page(&app, &visit).await;
    answer::page_or_problem(&app, &visit, outcome)
}

/// `GET /api/v1/today`
pub async fn handle_json(Seen(app): Seen, visit: Visit) -> Response {
    match json(&app, &visit).await {
        Ok(text) => answer::body(StatusCode::OK, "application/json", text),
        Err(problem) => problem.page(&app, &visit),
    }
}

async fn json(app: &Arc<App>, visit: &Visit) -> Result<String, Problem> {
    let wanted = Wanted::read(app, visit)?;
    let _turn = app.turn().await?;
    let found = found(app, &wanted).await?;
    let found = found.ok_or_else(|| Problem::missing("There is no record up to then that you may see."))?;
    Ok(export::today(&found).to_string() + "\n")
}

/// What is asked for.
struct Wanted {
    campaign: Option<String>,
    team: Option<String>,
    at: Option<Bound>,
    now: Timestamp,
    /// The visitor's own place, narrowed.
    place: Place,
}

impl Wanted {
    fn read(app: &App, visit: &Visit) -> Result<Wanted, Problem> {
        if !app.visitor.manages() {
            return Err(Problem::forbidden(format!(
                "As {} you see figures on the overview; this page is for those who run the floor.",
                app.visitor.access.role().label()
            )));
        }
        let (asked, own) = visit.asked(&OWN)?;
        if asked != dialmark_view::asked::Asked::default() {
            return Err(Problem::bad("This page is of today; it knows `campaign`, `team` and `at` only.")
                .helped("The overview and the pages of metrics take a period and a condition."));
        }
        let value = |name: &str| {
            let found = own.iter().find(|(n, _)| n == name).map(|(_, value)| value.trim().to_owned());
            found.filter(|value| !value.is_empty())
        };
        let at = value("at").map(|text| {
            Bound::parse(&text).ok_or_else(|| {
                Problem::bad(format!("`at={text}` is no instant such as `2026-11-19T10:40:00Z`."))
            })
        });
        let at = at.transpose()?;
        let now = at.and_then(|at| at.instant(app.engine.calendar())).unwrap_or_else(Timestamp::now);
        let (campaign, team) = (value("campaign"), value("team"));
        let narrower = [(CAMPAIGN, &campaign), (TEAM, &team)];
        let place =
            narrower.into_iter().fold(app.visitor.access.place(), |place, (dimension, value)| match value {
                Some(value) => place.within(dimension, value),
                None => place,
            });
        Ok(Wanted { campaign, team, at, now, place })
    }

    fn link(&self, path: &str) -> Link {
        Link::to(path)
            .with_some("campaign", self.campaign.as_deref())
            .with_some("team", self.team.as_deref())
            .with_some("at", self.at)
    }
}

/// The answer, with cases as they are now. What takes longer than a visitor waits for is finished all the same, and is there when
/// they ask again.
async fn found(app: &Arc<App>, wanted: &Wanted) -> Result<Option<Today>, Problem> {
    let Some((_, last)) = app.known().await?.extent else { return Ok(None) };
    let seconds = wanted.now.as_second().rem_euclid(60);
    let minute = wanted.now.checked_sub(SignedDuration::from_secs(seconds)).unwrap_or(wanted.now);
    let at = manage::moment(last, minute);
    let (here, place) = (Arc::clone(app), wanted.place.clone());
    let task = tokio::spawn(async move { remembered(&here, place, minute.max(at), at).await });
    let found = task.await.map_err(|error| {
        tracing::error!(%error, "today could not be computed");
        Problem::bad("The figures could not be computed.")
    })??;
    let Some(mut found) = found else { return Ok(None) };
    found.asked_at = wanted.now;
    let mut cases = Vec::new();
    for filed in app.state.cases().await? {
        if app.sight(&filed.opening.place).await? == Sight::All {
            cases.push(filed);
        }
    }
    let governed = &app.promises.governed;
    found.cases = Some(manage::due(governed, app.engine.calendar(), &cases, &wanted.place, wanted.now));
    Ok(Some(found))
}

/// Computed once a minute for all who see the same records, as long as nothing is committed; one after another, so that whoever
/// asks again waits for the first answer.
async fn remembered(
    app: &App,
    place: Place,
    now: Timestamp,
    at: Timestamp,
) -> Result<Option<Today>, Problem> {
    let _alone = app.todays.lock().await;
    let key = (place, at);
    if let Some(known) = app.today_known(&key).await? {
        return Ok(Some((*known).clone()));
    }
    let mut kpis = Vec::new();
    for kpi in app.promises.governed.kpis.values() {
        if !app.engine.hides_metric(&kpi.metric) && app.shows(&kpi.place).await? {
            kpis.push(kpi);
        }
    }
    let asked = Asked {
        engine: &app.engine,
        whole: app.whole(),
        kpis: &kpis,
        place: &key.0,
        now,
        shows_agents: app.visitor.may(Right::Agents),
    };
    let Some(mut found) = manage::today(&asked).await? else { return Ok(None) };
    if app.visitor.may(Right::Records) {
        found.calling = Some(manage::budgets(&app.desk(), &key.0, found.at).await?);
    }
    app.keep_today(key.clone(), found.clone()).await?;
    Ok(Some(found))
}

async fn page(app: &Arc<App>, visit: &Visit) -> Result<Markup, Problem> {
    let wanted = Wanted::read(app, visit)?;
    let _turn = app.turn().await?;
    let found = found(app, &wanted).await?;
    let mut head = visit.plain_head(app, "Today", Entry::Today);
    head.zone = Some(app.centre.zone().to_owned());
    if let Some(today) = &found {
        head.period = Some(words::period(today));
        head.against = words::against(today);
        head.freshness = Some(words::freshness(today));
    }
    head.scope = chips(&wanted);
    let names = found.as_ref().map(|today| names(app, today)).unwrap_or_default();
    let places = found.as_ref().map(|today| places(&wanted, today)).unwrap_or_default();
    Ok(today::render(&TodayPage { head, places, names, json: wanted.link("/api/v1/today"), today: found }))
}

fn chips(wanted: &Wanted) -> Vec<Chip> {
    let without = |name: &str| {
        let pairs = wanted.link(PATH);
        pairs
            .pairs()
            .iter()
            .filter(|(n, _)| n != name)
            .fold(Link::to(PATH), |link, (n, value)| link.with(n, value))
    };
    let chip = |name: &str, value: &Option<String>| {
        value.as_ref().map(|value| Chip { says: format!("{name} {value}"), drop: Some(without(name)) })
    };
    [chip("campaign", &wanted.campaign), chip("team", &wanted.team)].into_iter().flatten().collect()
}

/// Campaigns that have a pace or callbacks, each with this page of it alone.
fn places(wanted: &Wanted, today: &Today) -> Vec<Choice> {
    let of_pace = today.pace.iter().flat_map(|pace| &pace.aims).flat_map(|aim| &aim.rows);
    let of_pace = of_pace.filter_map(|row| row.place.value(CAMPAIGN));
    let of_callbacks =
        today.callbacks.iter().flat_map(|found| &found.rows).filter_map(|row| row.campaign.as_deref());
    let campaigns: BTreeSet<&str> = of_pace
        .chain(of_callbacks)
        .chain(wanted.campaign.as_deref())
        .filter(|name| !name.is_empty())
        .collect();
    let choice = |campaign: Option<&str>| Choice {
        says: campaign.unwrap_or("everything").to_owned(),
        is_current: wanted.campaign.as_deref() == campaign,
        href: Link::to(PATH).with_some("campaign", campaign).with_some("at", wanted.at),
    };
    std::iter::once(None).chain(campaigns.into_iter().map(Some)).map(choice).collect()
}

fn names(app: &App, today: &Today) -> BTreeMap<String, String> {
    let kinds = today.floor.iter().flatten().flatten();
    let agents = kinds.flat_map(|kind| kind.agents.iter().map(|(agent, ..)| agent));
    agents.map(|agent| (agent.clone(), app.name_of(agent))).collect()
}

impl Visitor {
    /// Whether they run the floor or watch over it: their day begins with what happened and what is needed.
    pub(crate) fn manages(&self) -> bool {
        self.may(Right::Cases) && self.access.role() != Role::Client
    }
}

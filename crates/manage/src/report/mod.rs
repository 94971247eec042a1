//! What reports tell: asks for a morning sheet, a client's week, what became of calls; with the eyes of the recipient.

mod attrition;
mod lacking;
mod pack;
mod returned;

use std::collections::BTreeMap;

use async_recursion::async_recursion as compiled_here;
use dialmark_engine::Engine;
use dialmark_govern::report::{Due, Kind, Lacking, Report, Told};
use dialmark_govern::{Access, Governed, Kpi, Place, Right, Role};
use dialmark_metrics::Scope;
use dialmark_state::{Returned, State};

use crate::desk::Desk;
use crate::error::NotDone;
use crate::sight::{Sight, sight};
use crate::today;

pub use lacking::lacking;

/// The table of what things cost, which not everybody may see.
const COSTS: &str = "costs";
const CLIENT: &str = "client_id";

/// What a report is made of.
#[derive(Clone, Copy)]
pub struct Making<'a> {
    /// Records and figures, all of them.
    pub whole: &'a Engine,
    /// What is promised.
    pub governed: &'a Governed,
    /// The texts that it was read from, by path.
    pub files: &'a BTreeMap<String, String>,
    /// What was decided.
    pub state: &'a State,
    /// What the recipient may see; `None` for somebody without an account, who sees what the report is about and no agents.
    pub access: Option<&'a Access>,
}

/// What was made.
#[derive(Debug, Clone)]
pub struct Made {
    /// What it tells.
    pub told: Told,
    /// Records that it returns.
    pub returned: Vec<Returned>,
}

/// What a report tells a recipient for a day. `series` is what they were returned before. A sentence where there is nothing to
/// tell, or nothing that they may see.
#[compiled_here]
pub async fn make(making: &Making<'_>, report: &Report, due: &Due, series: &str) -> Result<Made, NotDone> {
    let told = match &report.kind {
        Kind::Morning { place } => Told::Morning(Box::new(morning(making, place, due).await?)),
        Kind::ClientPack { client, scorecard, contract } => {
            let eyes = Eyes::of_client(making, client)?;
            let asked = pack::Asked { client, scorecard, contract: contract.as_deref() };
            Told::Pack(Box::new(pack::pack(making, &eyes.engine, &asked, due).await?))
        }
        Kind::ReturnFile { client, look_back_days } => {
            let eyes = Eyes::of_client(making, client)?;
            let (returning, returned) =
                returned::returning(making, &eyes.engine, (client, *look_back_days), due, series).await?;
            return Ok(Made { told: Told::Returned(returning), returned });
        }
    };
    Ok(Made { told, returned: Vec::new() })
}

/// The engine as a recipient sees it.
struct Eyes {
    engine: Engine,
    scope: Scope,
}

impl Eyes {
    fn of(making: &Making<'_>, access: &Access) -> Eyes {
        let engine = making.whole.clone().confined_to(access.scope());
        let engine = if access.may(Right::Costs) { engine } else { engine.hiding(&[COSTS]) };
        Eyes { engine, scope: access.scope() }
    }

    /// A client's records, and of those only what the recipient may see.
    fn of_client(making: &Making<'_>, client: &str) -> Result<Eyes, NotDone> {
        let (role, mut confined, agent) = match making.access {
            Some(access) => (access.role(), access.confined().clone(), access.agent_id().map(str::to_owned)),
            None => (Role::Client, BTreeMap::new(), None),
        };
        if confined.get(CLIENT).is_some_and(|clients| clients.iter().all(|one| one != client)) {
            return Err(NotDone::refused(format!(
                "The recipient may not see records of the client `{client}`."
            )));
        }
        confined.insert(CLIENT.to_owned(), vec![client.to_owned()]);
        // An administrator is never confined; here they look at a part like everybody else.
        let role = if role == Role::Admin { Role::Operations } else { role };
        let access = Access::new(role, confined, agent).map_err(NotDone::refused)?;
        Ok(Eyes::of(making, &access))
    }
}

/// Today as of when the sheet was due, as the page shows it.
async fn morning(
    making: &Making<'_>,
    place: &Place,
    due: &Due,
) -> Result<dialmark_govern::today::Today, NotDone> {
    let whole = Access::whole();
    let access = making.access.unwrap_or(&whole);
    if making.access.is_some() && (!access.may(Right::Cases) || access.role() == Role::Client) {
        return Err(NotDone::refused(format!(
            "The morning sheet is for those who run the floor, and the recipient's account is of the role `{}`.",
            access.role().word()
        )));
    }
    let eyes = Eyes::of(making, access);
    // A recipient sees what the report is about from their own place.
    let place =
        access.place().iter().fold(place.clone(), |all, (dimension, value)| all.within(dimension, value));
    let mut kpis: Vec<&Kpi> = Vec::new();
    for kpi in making.governed.kpis.values() {
        let is_seen = sight(making.whole, &eyes.scope, &kpi.place).await? != Sight::Nothing;
        if is_seen && !eyes.engine.hides_metric(&kpi.metric) && touches(&place, &kpi.place) {
            kpis.push(kpi);
        }
    }
    let asked = today::Asked {
        engine: &eyes.engine,
        whole: making.whole,
        kpis: &kpis,
        place: &place,
        now: due.at,
        shows_agents: making.access.is_some_and(|access| access.may(Right::Agents)),
    };
    let found = today::today(&asked).await?;
    let mut found =
        found.ok_or_else(|| NotDone::refused(format!("There is no record up to {} to tell of.", due.at)))?;
    let desk = Desk {
        engine: making.whole,
        governed: making.governed,
        state: making.state,
        scope: &eyes.scope,
        now: due.at,
    };
    if access.may(Right::Records) {
        found.calling = Some(today::budgets(&desk, &place, found.at).await?);
    }
    let mut cases = Vec::new();
    for filed in making.state.cases().await? {
        if sight(making.whole, &eyes.scope, &filed.opening.place).await? == Sight::All {
            cases.push(filed);
        }
    }
    found.cases = Some(today::due(making.governed, making.whole.calendar(), &cases, &place, due.at));
    Ok(found)
}

/// Whether a KPI may be about records of a place, as far as their names say.
fn touches(place: &Place, of_kpi: &Place) -> bool {
    place.iter().all(|(dimension, value)| of_kpi.value(dimension).is_none_or(|own| own == value))
}

/// Sources that lack records of a report's days, as far as that can be told at an instant.
#[compiled_here]
pub async fn lacking_for(
    whole: &Engine,
    report: &Report,
    due: &Due,
    now: jiff::Timestamp,
) -> Result<Vec<Lacking>, NotDone> {
    let days = report.kind.days_of(due.day, whole.calendar());
    Ok(lacking(whole, &days, now).await?)
}

//! What is an agent's own: figures against targets, callbacks to make, commission so far, disputes.

use async_recursion::async_recursion as compiled_here;
use dialmark_engine::EngineError;
use dialmark_govern::{Kpi, Place, Standing};
use dialmark_metrics::Scope;
use dialmark_model::civil::Period;
use jiff::{Timestamp, ToSpan};
use serde::Serialize;

use crate::desk::{Desk, sees_whole};
use crate::dispute::{self, ShownDispute};
use crate::error::NotDone;
use crate::incentive::{self, Shown};
use crate::instant::{Reach, reach};
use crate::rows::{self, Record, Wanted};
use crate::standing::{Asked, standings};

/// The dimension of agents.
const AGENT: &str = "agent_id";
/// The table of promises to call back.
const CALLBACKS: &str = "callbacks";
/// How far ahead callbacks are shown, and how long one that was not made stays.
const DAYS_AHEAD: i64 = 7;
const DAYS_BACK: i64 = 90;

/// Everything of one agent. Evaluations and coaching sessions stand in tables of their own.
#[derive(Debug, Clone)]
pub struct AgentPage {
    /// The agent, as in the records.
    pub agent: String,
    /// Up to when records reach; `None` when there are none.
    pub reach: Option<Reach>,
    /// How the agent stands against the targets that hold for them, in the order of KPIs.
    pub standings: Vec<Standing>,
    /// KPIs that have no figure of this agent, with the reason.
    pub without_figure: Vec<(String, String)>,
    /// Callbacks that are not made, what is due first first.
    pub callbacks: Vec<Callback>,
    /// Commission of the running period, plan by plan, or why it cannot be said.
    pub commission: Vec<(String, Result<Shown, String>)>,
    /// What the agent disputes, in the order in which it was raised.
    pub disputes: Vec<ShownDispute>,
}

/// A promise to call somebody back.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Callback {
    /// When the person expects the call.
    pub due_at: Timestamp,
    /// Whether that was before the end of the records.
    pub is_overdue: bool,
    /// The campaign.
    pub campaign_id: Option<String>,
    /// The lead.
    pub lead_id: Option<String>,
    /// The call on which it was agreed.
    pub call_id: Option<String>,
}

/// An agent's page. Somebody else sees it who may see all of the agent's records; what is in it is the same for both.
/// `plans` are names of incentive plans with the text of the file that declares each.
#[compiled_here]
pub async fn page(desk: &Desk<'_>, agent: &str, plans: &[(&str, &str)]) -> Result<AgentPage, NotDone> {
    if !sees_whole(desk.scope, &[(AGENT, agent)]) && !is_seen(desk, agent).await? {
        return Err(NotDone::Refused(format!("No record that you may see is of an agent `{agent}`.")));
    }
    let own = Scope::Rows(vec![(AGENT.to_owned(), vec![agent.to_owned()])]);
    let desk = Desk { scope: &own, ..*desk };
    let reach = reach(desk.engine, desk.now).await?;
    let (mut found, mut without_figure, mut callbacks) = (Vec::new(), Vec::new(), Vec::new());
    if let Some(reach) = reach {
        (found, without_figure) = figures(&desk, agent, reach).await?;
        callbacks = due(&desk, reach).await?;
    }
    let mut commission = Vec::new();
    for (name, text) in plans {
        let Some(plan) = desk.governed.incentives.get(*name) else { continue };
        match incentive::so_far(&desk, plan, text, agent).await {
            Ok(Some(shown)) => commission.push(((*name).to_owned(), Ok(shown))),
            Ok(None) => {}
            Err(NotDone::Refused(sentence)) => commission.push(((*name).to_owned(), Err(sentence))),
            Err(other) => return Err(other),
        }
    }
    let mut disputes = dispute::disputes(&desk).await?;
    disputes.retain(|one| one.dispute.raised().0 == agent);
    Ok(AgentPage {
        agent: agent.to_owned(),
        reach,
        standings: found,
        without_figure,
        callbacks,
        commission,
        disputes,
    })
}

/// Whether the asker sees any call of the agent.
async fn is_seen(desk: &Desk<'_>, agent: &str) -> Result<bool, EngineError> {
    let wanted = dialmark_engine::RecordsQuery {
        table: Some("calls".to_owned()),
        filter: Place::of(AGENT, agent).condition(),
        scope: desk.scope.clone(),
        limit: 0,
        ..dialmark_engine::RecordsQuery::default()
    };
    Ok(desk.engine.records(&wanted).await?.total > 0)
}

type Figures = (Vec<Standing>, Vec<(String, String)>);

async fn figures(desk: &Desk<'_>, agent: &str, reach: Reach) -> Result<Figures, EngineError> {
    let is_mine = |kpi: &&Kpi| kpi.place.value(AGENT).is_none_or(|of| of == agent);
    let kpis: Vec<&Kpi> = desk.governed.kpis.values().filter(is_mine).collect();
    let within = Place::of(AGENT, agent);
    let asked = Asked { within: &within, by: &[], reach, scope: desk.scope, whole: desk.engine };
    let mut found = standings(desk.engine, &kpis, &asked).await?;
    let mut without = Vec::new();
    found.retain(|standing| match &standing.cell.value {
        Ok(_) => true,
        Err(reason) => {
            let why = standing.notes.first().cloned().unwrap_or_else(|| reason.to_string());
            without.push((standing.kpi.name.clone(), why));
            false
        }
    });
    Ok((found, without))
}

/// Callbacks of the agent that are not made, from some time back to some days ahead of what records reach.
async fn due(desk: &Desk<'_>, reach: Reach) -> Result<Vec<Callback>, EngineError> {
    let hours = |days: i64| (days * 24).hours();
    let period = Period {
        from: reach.until.checked_sub(hours(DAYS_BACK)).ok(),
        to: reach.until.checked_add(hours(DAYS_AHEAD)).ok(),
    };
    let wanted = Wanted {
        table: Some(CALLBACKS),
        filter: Some(rows::condition("kept_at is null and due_at is not null")?),
        period,
        scope: desk.scope.clone(),
        ..Wanted::default()
    };
    let (_, records) = rows::records(desk.engine, &wanted).await?;
    let callback = |record: &Record| {
        let due_at: Timestamp = record.get("due_at")?.parse().ok()?;
        let of = |column: &str| record.get(column).cloned();
        Some(Callback {
            due_at,
            is_overdue: due_at < reach.until,
            campaign_id: of("campaign_id"),
            lead_id: of("lead_id"),
            call_id: of("call_id"),
        })
    };
    let mut callbacks: Vec<Callback> = records.iter().filter_map(callback).collect();
    callbacks.sort_by(|a, b| (a.due_at, &a.call_id).cmp(&(b.due_at, &b.call_id)));
    Ok(callbacks)
}

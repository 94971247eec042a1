//! The figures that an agent's statement is computed from.

use std::collections::{BTreeMap, BTreeSet};

use dialmark_engine::{Engine, EngineError};
use dialmark_govern::contract::BillingPeriod;
use dialmark_govern::incentive::{Figure, Inputs, Line, Need, Shared, Whose};
use dialmark_govern::statement::{Answer, Declared};
use dialmark_govern::{Money, Place};
use dialmark_metrics::{Cell, Expr, Key, MetricQuery, MetricRef, Reason, Scope};
use dialmark_model::civil::Period;
use dialmark_model::declared::nearest;
use dialmark_state::FrozenPay;
use jiff::SignedDuration;
use jiff::civil::Date;

use super::{AGENT, Asked, sales};
use crate::desk::Desk;
use crate::error::NotDone;
use crate::instant::Reach;
use crate::nothing::or_zero;

/// Everything that a statement is computed from, as the records are now. Figures are the same whoever asks: what somebody
/// may see decides whether they are shown a statement, not what is in it.
pub(super) async fn of(
    desk: &Desk<'_>,
    asked: &Asked<'_>,
    reach: Reach,
    seen_until: Date,
    earlier: &[&FrozenPay],
    late: Vec<Line>,
) -> Result<Inputs, NotDone> {
    let Asked { plan, agent, .. } = *asked;
    let period = period(desk, asked.period, reach);
    let members = members(desk.engine, &plan.who, period).await?;
    let mut figures = Vec::new();
    for need in plan.needs() {
        figures.push(figure(desk, asked, need, period).await?);
    }
    let has_figure = figures.iter().any(|figure| figure.need.whose == Whose::Agent && figure.n > 0);
    if !members.contains_key(agent) && !has_figure && earlier.is_empty() {
        let near = nearest(agent, members.keys().map(String::as_str));
        let near = near.map(|near| format!(" Did you mean `{near}`?")).unwrap_or_default();
        return Err(NotDone::Refused(format!(
            "No record of {} under `{}` is of an agent `{agent}`.{near}",
            asked.period, plan.name
        )));
    }
    let carried = earlier.last().map(|one| one.statement.carried_forward.clone());
    Ok(Inputs {
        plan: Declared {
            text: asked.text.to_owned(),
            hash: blake3::hash(asked.text.as_bytes()).to_hex().to_string(),
        },
        agent: agent.to_owned(),
        period: asked.period,
        seen_until,
        figures,
        members: match plan.needs_members() {
            Some(Shared::ByLoggedHours | Shared::Equally) => members,
            None => BTreeMap::new(),
        },
        cancelled: sales::cancelled(desk, asked, seen_until, earlier).await?,
        clawed_back_before: earlier
            .iter()
            .flat_map(|one| one.statement.clawed_back.iter().cloned())
            .collect(),
        late,
        carried: carried.unwrap_or_else(|| Money::zero(&plan.currency)),
    })
}

/// All of a period.
pub(super) fn whole(desk: &Desk<'_>, of: BillingPeriod) -> Period {
    desk.engine.calendar().period(Some(of.days().from()), Some(of.days().until()))
}

/// The period as far as records reach.
pub(super) fn period(desk: &Desk<'_>, of: BillingPeriod, reach: Reach) -> Period {
    let whole = whole(desk, of);
    Period { from: whole.from, to: Some(whole.to.map_or(reach.until, |end| end.min(reach.until))) }
}

async fn figure(desk: &Desk<'_>, asked: &Asked<'_>, need: Need, period: Period) -> Result<Figure, NotDone> {
    let (engine, who, agent) = (desk.engine, asked.plan.who.clone(), asked.agent);
    let missing = |need: Need, sentence: &str| Figure {
        need,
        answer: Answer::Missing {
            reason: "cannot_ask".to_owned(),
            says: sentence.trim_end_matches('.').to_owned(),
        },
        n: 0,
        complete_on: None,
        currency: None,
    };
    let metric = match MetricRef::parse_list(&need.metric).map(|mut all| all.pop()) {
        Ok(Some(metric)) => metric,
        Ok(None) => return Ok(missing(need, "it names no metric")),
        Err(sentence) => return Ok(missing(need, &sentence)),
    };
    // A table that does not know agents answers nothing of one.
    let own = Scope::Rows(vec![(AGENT.to_owned(), vec![agent.to_owned()])]);
    let (place, scope) = match need.whose {
        Whose::Agent => (who.within(AGENT, agent), own),
        Whose::Team => (who.clone(), Scope::Everything),
    };
    let complete_on = complete_on(engine, &metric, asked.period);
    let question = MetricQuery {
        metrics: vec![metric],
        filter: place.condition(),
        period,
        scope,
        ..MetricQuery::default()
    };
    let table = match engine.query(&question).await {
        Ok(table) => table,
        Err(EngineError::Question(sentence)) => return Ok(missing(need, &sentence)),
        Err(other) => return Err(other.into()),
    };
    let cell = table.rows.into_iter().next().and_then(|row| row.cells.into_iter().next());
    let cell = cell.unwrap_or_else(Cell::empty);
    // Where others have records and this agent has none, the agent's count or sum is zero.
    let cell = match table.metrics.first() {
        Some(header) => or_zero(engine, cell, header, &who, period).await?,
        None => cell,
    };
    Ok(Figure::of_cell(need, &cell, complete_on))
}

/// The first day on which the longest window that a metric waits for has passed for every record of a period.
fn complete_on(engine: &Engine, metric: &MetricRef, of: BillingPeriod) -> Option<Date> {
    let catalogue = engine.catalogue();
    let found = catalogue.resolve(metric).ok()?;
    let measures = catalogue.leaves(&found.variant.formula);
    let bindings =
        measures.into_iter().filter_map(|name| catalogue.measures.get(name)).flat_map(|m| &m.bindings);
    let ms = bindings.filter_map(|binding| match &binding.matured.as_ref()?.window {
        Expr::Integer(ms) => Some(*ms),
        Expr::Param(name) => found.params.0.get(name).copied(),
        _ => None,
    });
    let calendar = engine.calendar();
    let last =
        calendar.day_start(of.days().until())?.checked_add(SignedDuration::from_millis(ms.max()?)).ok()?;
    let day = calendar.day_of(last);
    match calendar.day_start(day) {
        Some(start) if start == last => Some(day),
        _ => day.tomorrow().ok(),
    }
}

/// Agents who worked at a place, with the time that each was logged in. Of one who called without being logged in it is not
/// known: a share of nothing would be as wrong as none.
async fn members(engine: &Engine, who: &Place, period: Period) -> Result<BTreeMap<String, Answer>, NotDone> {
    let mut known: BTreeMap<String, Answer> = BTreeMap::new();
    let mut agents: BTreeSet<String> = BTreeSet::new();
    for (metric, is_time) in [("logged_hours", true), ("dials", false)] {
        let question = MetricQuery {
            metrics: vec![MetricRef::new(metric)],
            by: vec![AGENT.to_owned()],
            filter: who.condition(),
            period,
            ..MetricQuery::default()
        };
        let table = match engine.query(&question).await {
            Ok(table) => table,
            Err(EngineError::Question(_)) => continue,
            Err(other) => return Err(other.into()),
        };
        for row in table.rows {
            let (Some(key), Some(cell)) = (row.keys.first(), row.cells.first()) else { continue };
            if *key == Key::None {
                continue;
            }
            agents.insert(key.to_string());
            if is_time && let Ok(value) = &cell.value {
                known.insert(key.to_string(), Answer::Value(*value));
            }
        }
    }
    let nothing =
        || Answer::Missing { reason: Reason::NoData.word().to_owned(), says: Reason::NoData.to_string() };
    Ok(agents
        .into_iter()
        .map(|agent| {
            let time = known.remove(&agent).unwrap_or_else(nothing);
            (agent, time)
        })
        .collect())
}

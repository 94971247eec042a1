//! What moved, and what did it: KPIs that were missed or got worse are taken apart, and the largest causes are named.

use std::cmp::Ordering;

use dialmark_govern::today::{Cause, Looked, Moved, Of, Panel, Records, Was, Weight};
use dialmark_govern::{Kpi, Status, Trend, Window};
use dialmark_metrics::metric::Formula;
use dialmark_metrics::{Direction, Scope};
use dialmark_model::civil::{Grain, Period};
use jiff::civil::Date;

use super::Seen;
use crate::causes::weighing_most;
use crate::error::NotDone;
use crate::why::{Against, Question, Which, among};

/// Causes that are named.
const NAMED: usize = 3;
/// KPIs that are taken apart.
const LOOKED_AT: usize = 2;
/// The longest window that is taken apart; what goes back further is a question of its own.
const MOST_DAYS: u16 = 7;
/// Where causes are looked for: what somebody can do something about before noon.
const DIMENSIONS: [&str; 7] =
    ["campaign_id", "list_id", "lead_source", "site_id", "team_id", "caller_id", "called_region"];

/// What moved: KPIs by how far they are from their target, each over its own window up to yesterday, against the same weekdays of
/// the four weeks before.
pub(super) async fn moved(seen: &Seen<'_>, figures: &Panel<Vec<Was>>) -> Result<Panel<Moved>, NotDone> {
    let (Ok(figures), Some(yesterday)) = (figures, seen.days.yesterday()) else {
        return Ok(Err("There is no KPI of yesterday of which a cause could be looked for.".to_owned()));
    };
    let mut chosen: Vec<&Was> = figures.iter().filter(|was| asks_for_a_cause(was)).collect();
    chosen.sort_by(|a, b| in_order(a, b));
    let mut moved = Moved { looked: Vec::new(), causes: Vec::new(), passed_over: Vec::new() };
    for was in chosen {
        let kpi = &was.standing.kpi;
        let Some(declared) = seen.asked.kpis.iter().find(|one| one.name == kpi.name) else { continue };
        let passed = |why: &str| (kpi.label.clone(), why.to_owned());
        let Some(period) = window(seen, declared, yesterday) else {
            moved
                .passed_over
                .push(passed(&format!("its window, {}, is longer than a week", declared.window)));
            continue;
        };
        if !is_ratio(seen, kpi) {
            moved.passed_over.push(passed("it is no ratio of two sums"));
            continue;
        }
        if moved.looked.len() == LOOKED_AT {
            moved.passed_over.push(passed("others are further from their targets"));
            continue;
        }
        match look(seen, was, period).await {
            Ok(looked) => moved.looked.push(looked),
            Err(NotDone::Refused(sentence)) => moved.passed_over.push((kpi.label.clone(), sentence)),
            Err(other) => return Err(other),
        }
    }
    moved.causes = causes(&mut moved.looked);
    Ok(Ok(moved))
}

fn asks_for_a_cause(was: &Was) -> bool {
    matches!(was.standing.status, Status::Missed | Status::Close) || was.standing.trend == Trend::Worse
}

/// What is missed comes before what is close, what should rise before what should not, and then the lower score.
fn in_order(a: &Was, b: &Was) -> Ordering {
    let rank = |was: &Was| {
        let status = match was.standing.status {
            Status::Missed => 0_u8,
            Status::Close => 1,
            Status::Met | Status::NotEnough(_) => 2,
        };
        let direction = match was.standing.kpi.direction {
            Direction::Up => 0_u8,
            Direction::Down => 1,
            Direction::Neither => 2,
        };
        (status, direction)
    };
    let score = |was: &Was| was.standing.score.map_or(f64::INFINITY, |score| score.to_f64());
    let by_score = || score(a).total_cmp(&score(b));
    rank(a).cmp(&rank(b)).then_with(by_score).then_with(|| a.standing.kpi.name.cmp(&b.standing.kpi.name))
}

fn is_ratio(seen: &Seen<'_>, kpi: &Kpi) -> bool {
    let resolved = seen.asked.engine.catalogue().resolve(&kpi.metric);
    resolved.is_ok_and(|found| {
        matches!(found.variant.formula, Formula::Ratio { .. } | Formula::Conversion { .. })
    })
}

/// The KPI's window up to the end of yesterday; `None` for one that is longer than a week.
fn window(seen: &Seen<'_>, kpi: &Kpi, yesterday: Date) -> Option<Period> {
    match kpi.window {
        Window::Calendar(Grain::Day | Grain::Week) => {}
        Window::Days(days) if days <= MOST_DAYS => {}
        Window::Calendar(_) | Window::Days(_) => return None,
    }
    let calendar = seen.asked.engine.calendar();
    let stretch = kpi.window.holding(yesterday, calendar);
    Some(calendar.period(Some(stretch.from), yesterday.tomorrow().ok()))
}

async fn look(seen: &Seen<'_>, was: &Was, period: Period) -> Result<Looked, NotDone> {
    let kpi = &was.standing.kpi;
    let condition = was.standing.place.condition();
    let now = Which { period, filter: condition.clone() };
    let calendar = seen.asked.engine.calendar();
    let before = Against::Weekdays.which(&now, None, calendar).map_err(NotDone::Refused)?;
    let question =
        Question { metric: &kpi.metric, before, now, by: &[], zone: None, scope: &Scope::Everything };
    let dimensions: Vec<String> = DIMENSIONS
        .iter()
        .filter(|dimension| was.standing.place.value(dimension).is_none())
        .map(|dimension| (*dimension).to_owned())
        .collect();
    let why = among(seen.asked.engine, &question, &dimensions, 0).await?;
    let weighs = match was.standing.status {
        Status::Missed | Status::Close => {
            weighing_most(seen.asked.engine, &was.standing, &DIMENSIONS).await?
        }
        Status::Met | Status::NotEnough(_) => Vec::new(),
    };
    let weighs = weighs.into_iter().map(|one| Weight {
        by: one.dimension.to_owned(),
        key: one.key,
        says: one.says,
        records: was.records.clone(),
    });
    Ok(Looked {
        kpi: kpi.name.clone(),
        label: kpi.label.clone(),
        metric: kpi.metric.clone(),
        records: Records { of: Of::Denominator(kpi.metric.clone()), condition, period },
        weighs: weighs.collect(),
        why,
        rest: (0, 0, 0.0),
    })
}

/// The largest effects of all that was looked at, each measured by the figure that it moved. What chance may have done is not
/// named; what it is that is left is counted.
fn causes(looked: &mut [Looked]) -> Vec<Cause> {
    let mut all: Vec<(f64, Cause)> = Vec::new();
    for (at, one) in looked.iter().enumerate() {
        let Some(along) = &one.why.along else { continue };
        let is_sure = along.told.sure.iter().any(Option::is_some);
        let before = one.why.before.cell.value.as_ref().map_or(1.0, |value| value.to_f64().abs());
        for effect in along.named() {
            let size = if before > 0.0 { effect.total.abs() / before } else { effect.total.abs() };
            let says = along.says(effect, one.why.header.unit);
            all.push((size, Cause { at, by: along.by.clone(), effect: effect.clone(), is_sure, says }));
        }
    }
    all.sort_by(|a, b| b.0.total_cmp(&a.0).then_with(|| a.1.says.cmp(&b.1.says)));
    all.truncate(NAMED);
    let causes: Vec<Cause> = all.into_iter().map(|(_, cause)| cause).collect();
    for (at, one) in looked.iter_mut().enumerate() {
        let named: Vec<f64> =
            causes.iter().filter(|cause| cause.at == at).map(|cause| cause.effect.total).collect();
        let others =
            one.why.along.as_ref().map_or(0, |along| along.whole.effects.len().saturating_sub(named.len()));
        one.rest = (named.len(), others, one.why.change - named.iter().sum::<f64>());
    }
    causes
}

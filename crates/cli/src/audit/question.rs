//! What an audit asks: every metric at hand, the main ratio over time and by every dimension at hand.

use dialmark_engine::Engine;
use dialmark_govern::{Governed, Kpi, Place, Standing};
use dialmark_manage::Asked;
use dialmark_metrics::catalogue::{Computable, Filled};
use dialmark_metrics::metric::Unit;
use dialmark_metrics::{Catalogue, MetricQuery, MetricRef, MetricTable, Scope, virtuals};
use dialmark_model::civil::{Grain, Period};
use jiff::civil::Date;
use jiff::{SignedDuration, Timestamp};

use crate::failure::Failure;

/// Ratios in the order in which one of them is the main one: results first, then what leads to them.
const MAIN: [&str; 9] = [
    "conversion_rate",
    "kept_promise_rate",
    "promise_rate",
    "connection_rate",
    "asr",
    "fcr",
    "service_level",
    "queue_abandonment_rate",
    "outbound_abandonment_rate",
];

/// Dimensions in which differences are looked for, where the records have them.
const DIMENSIONS: [&str; 18] = [
    "list_id",
    "lead_source",
    "lead_temperature",
    "campaign_id",
    "client_id",
    "team_id",
    "site_id",
    "agent_id",
    "dial_mode",
    "caller_id",
    "queue",
    "call_type",
    "priority",
    "called_region",
    "persona",
    "attempt_no",
    "hour",
    "weekday",
];

/// Values of a dimension beyond which it names single records rather than groups.
const MOST_GROUPS: usize = 500;

/// Days from which weeks are drawn instead of days, and so on.
const DAYS_DRAWN: i64 = 70;
const WEEKS_DRAWN_DAYS: i64 = 500;

/// The columns that have values, as far as their values mean something: without a single mapped code, results
/// of calls are unknown, and figures about them would all be zero and all be wrong.
pub fn meaningful(mut filled: Filled, unmapped_calls: u64, coded_calls: u64) -> Filled {
    if coded_calls > 0
        && unmapped_calls == coded_calls
        && let Some(columns) = filled.0.get_mut("calls")
    {
        columns.remove("disposition");
    }
    filled
}

/// One variant of each metric: those that can be computed, and those that cannot. It is the default, or, where
/// that is out of reach, the first rival that is not.
pub fn within_reach(catalogue: &Catalogue, filled: &Filled) -> (Vec<Computable>, Vec<Computable>) {
    let all = catalogue.computable(filled);
    catalogue
        .metrics
        .values()
        .filter_map(|metric| {
            let mut rivals = all.iter().filter(|c| c.metric == metric.id);
            let default = rivals.clone().find(|c| c.variant == metric.default)?;
            let is_reachable = |c: &&Computable| c.missing.is_empty();
            let chosen = Some(default).filter(is_reachable).or_else(|| rivals.find(is_reachable));
            Some(chosen.unwrap_or(default).clone())
        })
        .partition(|c| c.missing.is_empty())
}

/// The variant, as a question names it.
pub fn reference(computable: &Computable) -> MetricRef {
    MetricRef { variant: Some(computable.variant.clone()), ..MetricRef::new(&computable.metric) }
}

/// The main ratio, if any is within reach.
pub fn main_ratio<'c>(catalogue: &Catalogue, reachable: &'c [Computable]) -> Option<&'c Computable> {
    let is_share = |c: &&Computable| catalogue.metrics.get(&c.metric).is_some_and(|m| m.unit == Unit::Share);
    let named = MAIN.iter().find_map(|name| reachable.iter().find(|c| c.metric == *name));
    named.or_else(|| reachable.iter().find(is_share))
}

/// All figures within reach, in one question.
pub async fn figures(
    engine: &Engine,
    reachable: &[Computable],
    period: Period,
) -> Result<Option<MetricTable>, Failure> {
    let metrics: Vec<MetricRef> = reachable.iter().map(reference).collect();
    if metrics.is_empty() {
        return Ok(None);
    }
    Ok(Some(engine.query(&MetricQuery { metrics, period, ..MetricQuery::default() }).await?))
}

/// The main ratio over time, in stretches that a picture can show.
pub async fn course(
    engine: &Engine,
    main: &Computable,
    extent: Option<(Timestamp, Timestamp)>,
    period: Period,
) -> Result<Option<(Grain, MetricTable)>, Failure> {
    let Some((first, last)) = extent else { return Ok(None) };
    let days = last.duration_since(first).as_hours() / 24;
    let grain = match days {
        ..1 => return Ok(None),
        1..DAYS_DRAWN => Grain::Day,
        DAYS_DRAWN..WEEKS_DRAWN_DAYS => Grain::Week,
        _ => Grain::Month,
    };
    let question =
        MetricQuery { metrics: vec![reference(main)], grain: Some(grain), period, ..MetricQuery::default() };
    Ok(Some((grain, engine.query(&question).await?)))
}

/// The main ratio by one dimension.
pub struct ByDimension {
    /// The dimension.
    pub dimension: &'static str,
    /// The figures.
    pub table: MetricTable,
    /// The figures by campaign as well, when there are several: groups are compared within a campaign, since
    /// selling and collecting succeed at different rates whoever does them. `None` for the campaign itself.
    pub to_compare: Option<MetricTable>,
}

/// Names the work that a call belongs to.
const WORK: &str = "campaign_id";

/// The main ratio by each dimension that the records have and that makes groups of them.
pub async fn breakdowns(
    engine: &Engine,
    main: &Computable,
    filled: &Filled,
    period: Period,
) -> Result<Vec<ByDimension>, Failure> {
    let mut found = Vec::new();
    // Parts from different tables have few dimensions in common; the engine says so if one is asked for.
    let [table] = main.tables.as_slice() else { return Ok(found) };
    let has_clock = engine.catalogue().tables.get(table).is_some_and(|t| !t.placed_by.is_empty());
    let by = async |by: &[&str]| -> Result<MetricTable, Failure> {
        let question = MetricQuery {
            metrics: vec![reference(main)],
            by: by.iter().map(|name| (*name).to_owned()).collect(),
            table: Some(table.clone()),
            period,
            ..MetricQuery::default()
        };
        Ok(engine.query(&question).await?)
    };
    let several_works = filled.has(table, WORK) && by(&[WORK]).await?.rows.len() > 1;
    for dimension in DIMENSIONS {
        let is_there = match dimension {
            "hour" | "weekday" => has_clock,
            column => virtuals::named(column).is_none() && filled.has(table, column),
        };
        if !is_there {
            continue;
        }
        let figures = by(&[dimension]).await?;
        if figures.rows.len() < 2 || figures.rows.len() > MOST_GROUPS {
            continue;
        }
        let to_compare = match (several_works, dimension) {
            (true, WORK | "client_id") => None,
            (true, _) => Some(by(&[WORK, dimension]).await?),
            (false, _) => Some(figures.clone()),
        };
        found.push(ByDimension { dimension, table: figures, to_compare });
    }
    Ok(found)
}

/// How the KPIs stand on the last day that is looked at.
pub async fn targets(
    engine: &Engine,
    governed: &Governed,
    day: Option<Date>,
) -> Result<Vec<Standing>, Failure> {
    let kpis: Vec<&Kpi> = governed.kpis.values().collect();
    let reach = dialmark_manage::reach(engine, Timestamp::now()).await?;
    let reach = reach.zip(day).and_then(|(reach, day)| reach.on(day, engine.calendar()));
    let Some(reach) = reach.filter(|_| !kpis.is_empty()) else { return Ok(Vec::new()) };
    let asked = Asked { within: &Place::centre(), by: &[], reach, scope: &Scope::Everything, whole: engine };
    Ok(dialmark_manage::standings(engine, &kpis, &asked).await?)
}

/// The part of the records' time that is looked at.
pub fn within(extent: Option<(Timestamp, Timestamp)>, period: Period) -> Option<(Timestamp, Timestamp)> {
    let (first, last) = extent?;
    let first = period.from.map_or(first, |from| first.max(from));
    // The end of a period does not belong to it.
    let end = period.to.and_then(|to| to.checked_sub(SignedDuration::from_micros(1)).ok());
    let last = end.map_or(last, |end| last.min(end));
    (first <= last).then_some((first, last))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn filled() -> Filled {
        let mut filled = Filled::default();
        filled.add("calls", ["started_at", "direction", "disposition", "answered_at"]);
        filled
    }

    #[test]
    fn results_are_out_of_reach_while_no_code_has_a_meaning() {
        let (catalogue, _) = Catalogue::builtin();
        let names = |filled: &Filled| -> Vec<String> {
            within_reach(&catalogue, filled).0.into_iter().map(|c| c.metric).collect()
        };
        assert!(names(&meaningful(filled(), 3, 10)).contains(&"conversion_rate".to_owned()));
        let without = names(&meaningful(filled(), 10, 10));
        assert!(!without.contains(&"conversion_rate".to_owned()) && without.contains(&"asr".to_owned()));
    }

    #[test]
    fn a_rival_stands_in_for_a_default_that_is_out_of_reach() {
        let (catalogue, _) = Catalogue::builtin();
        let mut filled = filled();
        filled.add("calls", ["agent_id", "talk_ms"]);
        let (reachable, _) = within_reach(&catalogue, &filled);
        let aht = reachable.iter().find(|c| c.metric == "aht").unwrap();
        assert_eq!(aht.variant, "talk");
    }

    #[test]
    fn the_main_ratio_is_a_result_when_there_is_one() {
        let (catalogue, _) = Catalogue::builtin();
        let main = |filled: &Filled| {
            let (reachable, _) = within_reach(&catalogue, filled);
            main_ratio(&catalogue, &reachable).map(|c| c.metric.clone())
        };
        assert_eq!(main(&filled()).as_deref(), Some("conversion_rate"));
        assert_eq!(main(&meaningful(filled(), 1, 1)).as_deref(), Some("asr"));
        assert_eq!(main(&Filled::default()), None);
    }
}

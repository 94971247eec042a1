//! Whether what guards a figure lets down those who lead by it: an agent with the most appointments, of which the fewest qualify.

use dialmark_engine::{Engine, EngineError};
use dialmark_govern::guard::{Days, Unwatched, Watched, judge};
use dialmark_govern::ranking::{Leader, Standing};
use dialmark_metrics::{Key, MetricQuery, MetricRef, MetricTable};
use dialmark_model::civil::Grain;

use crate::figures::{Found, most_have_none};
use crate::guards::{compared, days_of};
use crate::maturing::lag;
use crate::ranking::Question;

/// What was asked of the guards.
pub(crate) struct Led {
    /// Those who lead, each with a guard and its verdict.
    pub(crate) leaders: Vec<Leader>,
    /// Guards that say nothing.
    pub(crate) unwatched: Vec<Unwatched>,
}

/// Holds the guards of those who are surely better than the rest against those of the rest. `table` is the figure by day and value.
pub(crate) async fn led(
    engine: &Engine,
    question: &Question<'_>,
    table: &MetricTable,
    placed: impl Iterator<Item = (&Key, Standing)>,
) -> Result<Led, EngineError> {
    let leaders: Vec<&Key> =
        placed.filter(|(_, standing)| *standing == Standing::Better).map(|(key, _)| key).collect();
    let mut led = Led { leaders: Vec::new(), unwatched: Vec::new() };
    if leaders.is_empty() {
        return Ok(led);
    }
    let mut watched: Vec<(Key, Watched)> = Vec::new();
    for guard in guards(engine, question.metric) {
        let unwatched = |why_not: String| Unwatched { guard: guard.to_string(), why_not };
        let asked = MetricQuery {
            metrics: vec![guard.clone()],
            by: vec![question.by.to_owned()],
            filter: question.filter.clone(),
            period: question.period,
            grain: Some(Grain::Day),
            zone: question.zone.clone(),
            scope: question.scope.clone(),
            ..MetricQuery::default()
        };
        let of_guard = match engine.query(&asked).await {
            Ok(found) => found,
            Err(EngineError::Question(sentence)) => {
                led.unwatched.push(unwatched(sentence));
                continue;
            }
            Err(other) => return Err(other),
        };
        if !of_guard.metrics.iter().all(|header| matches!(header.kind, "ratio" | "conversion")) {
            led.unwatched.push(unwatched("it is no ratio of two sums.".to_owned()));
            continue;
        }
        if !engine.catalogue().adds_up_over_days(&guard) {
            led.unwatched.push(unwatched("its days do not add up.".to_owned()));
            continue;
        }
        if most_have_none(&of_guard, 1) {
            led.unwatched.push(unwatched(format!("most of what it is divided by has no {}.", question.by)));
            continue;
        }
        let ripens_days = lag(engine.catalogue(), &guard).map_or(0, |lag| lag.days());
        let Some(days) = days_of(question.period, table.seen, engine.calendar()) else { continue };
        for leader in &leaders {
            let sides = (against_the_rest(table, leader), against_the_rest(&of_guard, leader));
            if let (Some((own, rest)), Some((own_guard, rest_guard))) = sides
                && let (Some(target_moved), Some(guard_moved)) =
                    (compared(&own, &rest), compared(&own_guard, &rest_guard))
            {
                let one = Watched {
                    target: own.header,
                    guard: own_guard.header,
                    days: Days { now: days, against: days },
                    ripens_days,
                    target_moved,
                    guard_moved,
                    also_before: None,
                };
                watched.push(((*leader).clone(), one));
            }
        }
    }
    let (keys, watched): (Vec<Key>, Vec<Watched>) = watched.into_iter().unzip();
    let judged = keys.into_iter().zip(judge(watched));
    led.leaders = judged.map(|(key, (watched, verdict))| Leader { key, watched, verdict }).collect();
    Ok(led)
}

/// The guards that the catalogue declares and the asker may see.
fn guards(engine: &Engine, metric: &MetricRef) -> Vec<MetricRef> {
    let declared = engine.catalogue().metrics.get(&metric.metric).map(|metric| metric.guards.as_slice());
    let all = declared.unwrap_or_default().iter().map(|guard| MetricRef::new(guard));
    all.filter(|guard| !engine.hides_metric(guard)).collect()
}

/// The figure of one value, and of all others that have one.
fn against_the_rest(table: &MetricTable, key: &Key) -> Option<(Found, Found)> {
    let own = Found::among(table, |other| other == key)?;
    Some((own, Found::among(table, |other| other != key && *other != Key::None)?))
}

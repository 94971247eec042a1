//! What is out of the ordinary on the floor today: stretches of wrap, pause and waiting that are too long, and late log-ins.

use dialmark_engine::EngineError;
use dialmark_govern::Place;
use dialmark_govern::today::{Exceptions, Of, Panel, Records};
use dialmark_metrics::MetricRef;

use super::Seen;
use super::data::{by_key, count, text};

const AGENT: &str = "agent_id";
/// What is counted, and the parameter that is its threshold.
const KINDS: [(&str, &str); 4] = [
    ("long_wraps", "threshold"),
    ("long_pauses", "threshold"),
    ("idle_stretches", "threshold"),
    ("late_logins", "grace"),
];
/// Agents that are named of each kind.
const NAMED: usize = 3;

/// One entry a kind, whether there is any or none.
pub(super) async fn exceptions(seen: &Seen<'_>) -> Result<Panel<Vec<Exceptions>>, EngineError> {
    let mut all = Vec::new();
    for (metric, parameter) in KINDS {
        let reference = MetricRef::new(metric);
        let Ok(resolved) = seen.asked.engine.catalogue().resolve(&reference) else { continue };
        let (label, threshold_ms) =
            (resolved.metric.label.clone(), resolved.params.0.get(parameter).copied());
        let records = |place: &Place| Records {
            of: Of::Numerator(reference.clone()),
            condition: seen.narrowed(place),
            period: seen.days.so_far(),
        };
        let found = seen.ask(&seen.question(&[metric], &[AGENT], seen.days.so_far())?).await?;
        let (count, agents) = match found {
            Err(sentence) => (Err(sentence), Vec::new()),
            Ok(table) => {
                let mut agents: Vec<(String, u64, Records)> = Vec::new();
                let mut sum = 0;
                for (key, cells) in by_key(&table) {
                    let number = count(Some(&cells));
                    sum += number;
                    if let Some(agent) = text(&key).filter(|_| number > 0) {
                        let records = records(&Place::of(AGENT, &agent));
                        agents.push((agent, number, records));
                    }
                }
                agents.sort_by(|a, b| b.1.cmp(&a.1).then_with(|| a.0.cmp(&b.0)));
                agents.truncate(NAMED);
                let is_known = !table.rows.is_empty();
                let count =
                    if is_known { Ok(sum) } else { Err("no record of agents' states today".to_owned()) };
                (count, agents)
            }
        };
        all.push(Exceptions { label, threshold_ms, count, agents, records: records(&Place::centre()) });
    }
    match all.iter().any(|one| one.count.is_ok()) {
        true => Ok(Ok(all)),
        false => {
            let why = all.into_iter().find_map(|one| one.count.err());
            Ok(Err(why.unwrap_or_else(|| "No record says what agents do.".to_owned())))
        }
    }
}

//! Places that are named where something is promised and that no record knows: most likely misspelt.

use std::collections::{BTreeMap, BTreeSet};

use async_recursion::async_recursion as compiled_here;
use dialmark_engine::{Engine, EngineError};
use dialmark_govern::{Governed, Place};
use dialmark_model::declared::{Problem, Severity, nearest};

/// Tables whose records name places.
const TABLES: [&str; 4] = ["calls", "outcomes", "agent_spans", "agents"];

/// A warning for each value of a place that no record has, while records have others of that dimension. A campaign that is yet to
/// begin has none either, so it is no error.
#[compiled_here]
pub async fn unseen_places(engine: &Engine, governed: &Governed) -> Result<Vec<Problem>, EngineError> {
    let mut named: Vec<(&str, usize, String, &Place)> = Vec::new();
    for kpi in governed.kpis.values() {
        named.push((&kpi.declared_in, kpi.line, format!("kpi.{}", kpi.name), &kpi.place));
        for target in kpi.targets.iter().filter(|target| target.place != kpi.place) {
            named.push((&kpi.declared_in, target.line, format!("kpi.{}.target", kpi.name), &target.place));
        }
    }
    for card in governed.scorecards.values() {
        named.push((&card.declared_in, card.line, format!("scorecard.{}", card.name), &card.place));
    }
    for contract in governed.contracts.values() {
        let key = format!("contract.{}", contract.name);
        named.push((&contract.declared_in, contract.line, key, &contract.scope));
    }
    for plan in governed.incentives.values() {
        named.push((&plan.declared_in, plan.line, format!("incentive.{}", plan.name), &plan.who));
    }
    let mut values: BTreeMap<&str, BTreeSet<String>> = BTreeMap::new();
    let mut problems = Vec::new();
    for (file, line, key, place) in named {
        for (dimension, value) in place.iter().filter(|(_, value)| !value.is_empty()) {
            if !values.contains_key(dimension) {
                values.insert(dimension, seen(engine, dimension).await?);
            }
            let Some(seen) = values.get(dimension) else { continue };
            if seen.is_empty() || seen.contains(value) {
                continue;
            }
            let near = nearest(value, seen.iter().map(String::as_str));
            problems.push(Problem {
                severity: Severity::Warning,
                code: None,
                file: file.to_owned(),
                line,
                key: key.clone(),
                message: format!("no record is of {dimension} = `{value}`."),
                help: Some(match near {
                    Some(near) => format!("Did you mean `{near}`?"),
                    None => "Until there is one, it has no figure.".to_owned(),
                }),
            });
        }
    }
    Ok(problems)
}

/// Values of a dimension in the records of tables that have it as a column.
async fn seen(engine: &Engine, dimension: &str) -> Result<BTreeSet<String>, EngineError> {
    let mut found = BTreeSet::new();
    for table in TABLES {
        match engine.top_values(table, dimension, usize::MAX).await {
            Ok(values) => found.extend(values.into_iter().map(|(value, _)| value)),
            // It has no such column.
            Err(EngineError::Question(_)) => {}
            Err(other) => return Err(other),
        }
    }
    Ok(found)
}

//! What has to be computed for a question: which measures, from which tables, in which passes.

use std::collections::BTreeMap;

use dialmark_lake::Snapshot;
use dialmark_metrics::answer::{MetricHeader, Sum};
use dialmark_metrics::catalogue::{Filled, Resolved};
use dialmark_metrics::metric::Formula;
use dialmark_metrics::{Catalogue, Key, MetricQuery, Params};

use crate::error::{EngineError, refuse};

/// One measure, with its parameters, read from one table.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) struct Use {
    pub measure: String,
    pub table: String,
    pub params: Params,
}

/// Sums of one measure.
#[derive(Debug, Clone)]
pub(crate) enum Sums {
    /// By combination of dimensions.
    Groups(BTreeMap<Vec<Key>, Sum>),
    /// The measure needs a column that nobody fills, so it says nothing anywhere.
    Blocked(Sum),
}

impl Sums {
    /// Combinations of dimensions that it has.
    pub(crate) fn places(&self) -> usize {
        match self {
            Sums::Groups(groups) => groups.len(),
            Sums::Blocked(_) => 0,
        }
    }

    /// The sum in one place.
    pub(crate) fn at(&self, keys: &[Key]) -> Option<&Sum> {
        match self {
            Sums::Groups(groups) => groups.get(keys),
            Sums::Blocked(sum) => Some(sum),
        }
    }
}

/// One metric of the question and the measures that it divides.
#[derive(Debug, Clone)]
pub(crate) struct Wanted {
    pub header: MetricHeader,
    pub formula: Formula,
    pub uses: Vec<Use>,
}

/// Chooses the tables of every metric of a question.
pub(crate) fn wanted(
    catalogue: &Catalogue,
    question: &MetricQuery,
    snapshot: &Snapshot,
    filled: &Filled,
    notes: &mut Vec<String>,
) -> Result<Vec<Wanted>, EngineError> {
    if question.metrics.is_empty() {
        return refuse("No metric was asked for. `dialmark metrics list` shows all.");
    }
    question
        .metrics
        .iter()
        .map(|reference| {
            let resolved = catalogue.resolve(reference).map_err(EngineError::Question)?;
            let tables = choose(catalogue, &resolved, question.table.as_deref(), snapshot, filled, notes)?;
            let uses: Vec<Use> = resolved
                .variant
                .formula
                .measures()
                .zip(&tables)
                .map(|(measure, table)| Use {
                    measure: measure.to_owned(),
                    table: table.clone(),
                    params: used_params(catalogue, measure, table, &resolved.params),
                })
                .collect();
            Ok(Wanted {
                header: MetricHeader {
                    asked: reference.to_string(),
                    metric: resolved.metric.id.clone(),
                    variant: resolved.variant.id.clone(),
                    label: resolved.metric.label.clone(),
                    unit: resolved.metric.unit,
                    direction: resolved.metric.direction,
                    kind: resolved.variant.formula.kind(),
                    table: tables.first().cloned().unwrap_or_default(),
                },
                formula: resolved.variant.formula.clone(),
                uses,
            })
        })
        .collect()
}

/// Only the parameters that the measure reads, so that equal measures are computed once.
fn used_params(catalogue: &Catalogue, measure: &str, table: &str, params: &Params) -> Params {
    let Some(binding) = catalogue.binding(measure, table) else { return Params::default() };
    let names: Vec<&str> =
        binding.all_expressions().into_iter().flat_map(dialmark_metrics::Expr::params).collect();
    Params(
        params
            .0
            .iter()
            .filter(|(name, _)| names.contains(&name.as_str()))
            .map(|(k, v)| (k.clone(), *v))
            .collect(),
    )
}

/// One table a measure. A single table that has all of them is preferred, a canonical one above all.
fn choose(
    catalogue: &Catalogue,
    resolved: &Resolved<'_>,
    asked: Option<&str>,
    snapshot: &Snapshot,
    filled: &Filled,
    notes: &mut Vec<String>,
) -> Result<Vec<String>, EngineError> {
    let formula = &resolved.variant.formula;
    if let Some(table) = asked.filter(|table| !catalogue.tables.contains_key(*table)) {
        let help = dialmark_model::declared::nearest(table, catalogue.tables.keys().map(String::as_str))
            .map_or(String::new(), |near| format!(" Did you mean `{near}`?"));
        return refuse(format!("There is no table `{table}`.{help}"));
    }
    let has_rows = |table: &str| snapshot.tables.get(table).is_some_and(|t| t.rows() > 0);
    let shared = catalogue.shared_tables(formula);
    let all_on = |table: &str| formula.measures().map(|_| table.to_owned()).collect::<Vec<_>>();
    if let Some(table) = asked.filter(|t| shared.contains(t)) {
        return Ok(all_on(table));
    }
    // Rows alone are not enough: a table that lacks a needed column cannot answer where another can.
    let answers = |table: &str| formula.measures().all(|m| catalogue.lacking(m, table, filled).is_empty());
    let mut candidates: Vec<&str> = shared.iter().copied().filter(|t| has_rows(t) && answers(t)).collect();
    if candidates.is_empty() {
        candidates = shared.iter().copied().filter(|t| has_rows(t)).collect();
    }
    if let Some(table) = prefer(&candidates, &resolved.metric.id, notes) {
        return Ok(all_on(table));
    }
    formula
        .measures()
        .map(|measure| {
            let Some(found) = catalogue.measures.get(measure) else {
                return refuse(format!("There is no measure `{measure}`."));
            };
            let bound: Vec<&str> = found.bindings.iter().map(|b| b.table.as_str()).collect();
            if let Some(table) = asked.filter(|t| bound.contains(t)) {
                return Ok(table.to_owned());
            }
            let with_rows: Vec<&str> = bound.iter().copied().filter(|t| has_rows(t)).collect();
            match prefer(&with_rows, measure, notes).or(bound.first().copied()) {
                Some(table) => Ok(table.to_owned()),
                None => refuse(format!(
                    "`{}` needs the measure `{measure}`, which is read from no table. Bind it with `[bind.TABLE]`.",
                    resolved.metric.id
                )),
            }
        })
        .collect()
}

/// The first canonical table, else the only one. A choice among several is said aloud.
fn prefer<'t>(tables: &[&'t str], what: &str, notes: &mut Vec<String>) -> Option<&'t str> {
    let chosen = tables
        .iter()
        .copied()
        .find(|t| dialmark_model::facts::table(t).is_some())
        .or(tables.first().copied())?;
    let others: Vec<&str> = tables.iter().copied().filter(|t| *t != chosen).collect();
    if !others.is_empty() {
        let note = format!(
            "`{what}` is read from `{chosen}`; {} could answer as well (`--on TABLE` chooses).",
            others.iter().map(|t| format!("`{t}`")).collect::<Vec<_>>().join(", ")
        );
        if !notes.contains(&note) {
            notes.push(note);
        }
    }
    Some(chosen)
}

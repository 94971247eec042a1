//! What has to be computed for a question: figures, the measures that they are made of, and their tables.

use std::collections::BTreeMap;

use dialmark_lake::Snapshot;
use dialmark_metrics::answer::{MetricHeader, Sum};
use dialmark_metrics::catalogue::{Filled, Resolved};
use dialmark_metrics::metric::{CountAt, MetricRef, Statistic, Window};
use dialmark_metrics::{Arithmetic, Catalogue, Exact, Formula, Key, MetricQuery, NoMatch, Params};
use dialmark_model::validity::Days;

use crate::error::{EngineError, refuse};

/// One measure, with its parameters, read from one table.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) struct Use {
    pub measure: String,
    pub table: String,
    pub params: Params,
    /// Where its records count, when not where the measure says.
    pub count_at: Option<CountAt>,
    /// Only records of these days.
    pub days: Days,
    /// What it says of a place where no record matches.
    pub no_match: NoMatch,
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

/// What a cell is made of.
#[derive(Debug, Clone)]
pub(crate) enum Figure {
    /// The measure itself.
    Simple(Use),
    /// One measure over another, times a factor.
    Ratio(Use, Use, i64),
    /// Converted, base, pending.
    Conversion(Use, Use, Use),
    /// One value of a distribution, with the width of its bars.
    Distribution(Use, Statistic, Option<Exact>),
    /// A formula over other figures.
    Derived { arithmetic: Arithmetic, parts: Vec<(MetricRef, Figure)>, params: Params },
    /// Another figure over a window of days.
    Cumulative(Box<Figure>, Window),
    /// One definition after another, each on its own days.
    Meant(Vec<Figure>),
}

impl Figure {
    /// Measures that it needs in the question's own places, and those that it needs over windows.
    pub(crate) fn collect<'f>(&'f self, own: &mut Vec<&'f Use>, windows: &mut Vec<(&'f Use, Window)>) {
        match self {
            Figure::Simple(one) | Figure::Distribution(one, ..) => own.push(one),
            Figure::Ratio(a, b, _) => own.extend([a, b]),
            Figure::Conversion(a, b, c) => own.extend([a, b, c]),
            Figure::Derived { parts, .. } => parts.iter().for_each(|(_, part)| part.collect(own, windows)),
            Figure::Cumulative(of, window) => {
                let (mut within, mut deeper) = (Vec::new(), Vec::new());
                of.collect(&mut within, &mut deeper);
                windows.extend(within.into_iter().map(|one| (one, *window)));
                windows.extend(deeper);
            }
            Figure::Meant(all) => all.iter().for_each(|one| one.collect(own, windows)),
        }
    }

    /// Measures that stand behind the value: what is divided, and what it is divided by.
    pub(crate) fn sides(&self) -> Vec<&Use> {
        match self {
            Figure::Simple(one) | Figure::Distribution(one, ..) => vec![one],
            Figure::Ratio(a, b, _) | Figure::Conversion(a, b, _) => vec![a, b],
            Figure::Derived { parts, .. } => parts.first().map_or(Vec::new(), |(_, part)| part.sides()),
            Figure::Cumulative(of, _) => of.sides(),
            Figure::Meant(all) => all.last().map_or(Vec::new(), Figure::sides),
        }
    }
}

/// One metric of the question.
#[derive(Debug, Clone)]
pub(crate) struct Wanted {
    pub header: MetricHeader,
    pub figure: Figure,
}

/// What the plan of a question looks at.
pub(crate) struct Planner<'p> {
    pub catalogue: &'p Catalogue,
    pub question: &'p MetricQuery,
    pub snapshot: &'p Snapshot,
    pub filled: &'p Filled,
}

/// Chooses the tables of every metric of a question.
pub(crate) fn wanted(planner: &Planner<'_>, notes: &mut Vec<String>) -> Result<Vec<Wanted>, EngineError> {
    if planner.question.metrics.is_empty() {
        return refuse("No metric was asked for. `dialmark metrics list` shows all.");
    }
    planner
        .question
        .metrics
        .iter()
        .map(|reference| {
            let resolved = planner.catalogue.resolve(reference).map_err(EngineError::Question)?;
            let figure = planner.meant(reference, &resolved, notes)?;
            Ok(Wanted {
                header: MetricHeader {
                    asked: reference.to_string(),
                    metric: resolved.metric.id.clone(),
                    variant: resolved.variant.id.clone(),
                    label: resolved.metric.label.clone(),
                    unit: resolved.metric.unit,
                    direction: resolved.metric.direction,
                    kind: resolved.variant.formula.kind(),
                    table: figure.sides().first().map(|one| one.table.clone()).unwrap_or_default(),
                },
                figure,
            })
        })
        .collect()
}

impl Planner<'_> {
    /// The figure, by every definition that is meant on some of the days asked for.
    fn meant(
        &self,
        reference: &MetricRef,
        resolved: &Resolved<'_>,
        notes: &mut Vec<String>,
    ) -> Result<Figure, EngineError> {
        if reference.variant.is_some() || resolved.metric.choices.is_empty() {
            return self.figure(resolved, Days::ALL, notes);
        }
        let mut all = Vec::new();
        let mut names = Vec::new();
        for choice in resolved.metric.meant() {
            let named = MetricRef { variant: Some(choice.variant.clone()), ..reference.clone() };
            let resolved = self.catalogue.resolve(&named).map_err(EngineError::Question)?;
            all.push(self.figure(&resolved, choice.days, notes)?);
            names.push(format!("`{}` {}", choice.variant, choice.days));
        }
        notes.push(format!("`{}` changed its meaning: {}.", resolved.metric.id, names.join(", ")));
        Ok(Figure::Meant(all))
    }

    fn figure(
        &self,
        resolved: &Resolved<'_>,
        days: Days,
        notes: &mut Vec<String>,
    ) -> Result<Figure, EngineError> {
        let formula = &resolved.variant.formula;
        let tables = self.choose(resolved, notes)?;
        let mut uses = formula.measures().into_iter().zip(tables).map(|(measure, table)| Use {
            measure: measure.to_owned(),
            params: used_params(self.catalogue, measure, &table, &resolved.params),
            table,
            count_at: resolved.count_at,
            days,
            no_match: self.catalogue.measures.get(measure).map_or(NoMatch::Zero, |m| m.no_match),
        });
        let mut next = || match uses.next() {
            Some(one) => Ok(one),
            None => refuse("a formula lacks a measure."),
        };
        let part = |part: &MetricRef, notes: &mut Vec<String>| {
            let one = |reference: &MetricRef, days: Days, notes: &mut Vec<String>| {
                let mut inner = self
                    .catalogue
                    .resolve_part(reference, &resolved.params)
                    .map_err(EngineError::Question)?;
                inner.count_at = inner.count_at.or(resolved.count_at);
                self.figure(&inner, days, notes)
            };
            let metric = self.catalogue.metrics.get(&part.metric);
            match metric.filter(|m| part.variant.is_none() && days == Days::ALL && !m.choices.is_empty()) {
                None => one(part, days, notes),
                // Each day keeps its own rule, also where the metric is a part of another.
                Some(metric) => {
                    let all = metric.meant().into_iter().map(|choice| {
                        let named = MetricRef { variant: Some(choice.variant), ..part.clone() };
                        one(&named, choice.days, notes)
                    });
                    all.collect::<Result<Vec<_>, _>>().map(Figure::Meant)
                }
            }
        };
        Ok(match formula {
            Formula::Simple { .. } => Figure::Simple(next()?),
            Formula::Ratio { times, .. } => Figure::Ratio(next()?, next()?, *times),
            Formula::Conversion { .. } => Figure::Conversion(next()?, next()?, next()?),
            Formula::Distribution { statistic, width, .. } => {
                Figure::Distribution(next()?, *statistic, *width)
            }
            Formula::Cumulative { of, window } => Figure::Cumulative(Box::new(part(of, notes)?), *window),
            Formula::Derived(arithmetic) => {
                let mut parts: Vec<(MetricRef, Figure)> = Vec::new();
                for metric in arithmetic.metrics() {
                    if !parts.iter().any(|(known, _)| known == metric) {
                        parts.push((metric.clone(), part(metric, notes)?));
                    }
                }
                Figure::Derived { arithmetic: arithmetic.clone(), parts, params: resolved.params.clone() }
            }
        })
    }

    /// One table a measure. A single table that has all of them is preferred, a canonical one above all.
    fn choose(&self, resolved: &Resolved<'_>, notes: &mut Vec<String>) -> Result<Vec<String>, EngineError> {
        let (catalogue, asked) = (self.catalogue, self.question.table.as_deref());
        let measures = resolved.variant.formula.measures();
        if let Some(table) = asked.filter(|table| !catalogue.tables.contains_key(*table)) {
            let help = dialmark_model::declared::nearest(table, catalogue.tables.keys().map(String::as_str))
                .map_or(String::new(), |near| format!(" Did you mean `{near}`?"));
            return refuse(format!("There is no table `{table}`.{help}"));
        }
        if measures.is_empty() {
            return Ok(Vec::new());
        }
        let has_rows = |table: &str| self.snapshot.tables.get(table).is_some_and(|t| t.rows() > 0);
        let shared = catalogue.shared_tables(&resolved.variant.formula);
        let all_on = |table: &str| measures.iter().map(|_| table.to_owned()).collect::<Vec<_>>();
        if let Some(table) = asked.filter(|t| shared.contains(t)) {
            return Ok(all_on(table));
        }
        if let Some(table) = asked.filter(|t| !measures.iter().any(|m| catalogue.binding(m, t).is_some())) {
            return refuse(format!("`{}` is not read from `{table}`.", resolved.metric.id));
        }
        // Rows alone are not enough: a table that lacks a needed column cannot answer where another can.
        let answers =
            |table: &str| measures.iter().all(|m| catalogue.lacking(m, table, self.filled).is_empty());
        let mut candidates: Vec<&str> =
            shared.iter().copied().filter(|t| has_rows(t) && answers(t)).collect();
        if candidates.is_empty() {
            candidates = shared.iter().copied().filter(|t| has_rows(t)).collect();
        }
        if let Some(table) = prefer(&candidates, &resolved.metric.id, notes) {
            return Ok(all_on(table));
        }
        measures
            .iter()
            .map(|measure| {
                let Some(found) = catalogue.measures.get(*measure) else {
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

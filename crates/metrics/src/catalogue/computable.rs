//! Which metrics the columns at hand allow, and which column stands in the way of the others.

use std::collections::{BTreeMap, BTreeSet};

use crate::catalogue::{Catalogue, DAY};
use crate::expr::{Call, Expr};
use crate::measure::{Binding, Covered, Shape, Split};
use crate::metric::Formula;
use dialmark_model::Kind;

/// Columns that have values, by table. A table that is absent has no records and no source.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Filled(pub BTreeMap<String, BTreeSet<String>>);

impl Filled {
    /// Adds columns of a table.
    pub fn add<'c>(&mut self, table: &str, columns: impl IntoIterator<Item = &'c str>) {
        self.0.entry(table.to_owned()).or_default().extend(columns.into_iter().map(str::to_owned));
    }

    /// Whether a stored column has values. System columns always have.
    pub fn has(&self, table: &str, column: &str) -> bool {
        let is_system = dialmark_model::table::system_columns().iter().any(|c| c.name == column);
        self.0.get(table).is_some_and(|columns| is_system || columns.contains(column))
    }
}

/// Whether one variant of a metric can be computed, and from where or why not.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Computable {
    /// The metric.
    pub metric: String,
    /// The variant.
    pub variant: String,
    /// Tables that it is computed from; empty when it is out of reach.
    pub tables: Vec<String>,
    /// What is missing for the table that comes nearest, as `table.column` or `table`.
    pub missing: Vec<String>,
}

impl Catalogue {
    /// One line for every variant of every metric.
    pub fn computable(&self, filled: &Filled) -> Vec<Computable> {
        let mut all = Vec::new();
        for metric in self.metrics.values() {
            for variant in &metric.variants {
                all.push(self.computable_one(&metric.id, &variant.id, &variant.formula, filled));
            }
        }
        all
    }

    /// Whether any part of the figure is read from records that are booked to days, so that it speaks of whole days only.
    pub fn is_booked_to_days(&self, formula: &Formula, tables: &[String]) -> bool {
        self.leaves(formula).into_iter().any(|measure| {
            tables.iter().any(|name| {
                let (Some(table), Some(binding)) = (self.tables.get(name), self.binding(measure, name))
                else {
                    return false;
                };
                let at = binding.at.as_deref().or(table.placed_by.first().map(AsRef::as_ref));
                at.and_then(|at| table.column(at)).is_some_and(|column| column.kind == Kind::Day)
            })
        })
    }

    fn computable_one(&self, metric: &str, variant: &str, formula: &Formula, filled: &Filled) -> Computable {
        let mut result = Computable {
            metric: metric.to_owned(),
            variant: variant.to_owned(),
            tables: Vec::new(),
            missing: Vec::new(),
        };
        // One table that has everything is preferred; otherwise each measure finds its own.
        for table in self.shared_tables(formula) {
            let lacking: Vec<String> =
                self.leaves(formula).into_iter().flat_map(|m| self.lacking(m, table, filled)).collect();
            if lacking.is_empty() {
                result.tables.push(table.to_owned());
                return result;
            }
        }
        for measure in self.leaves(formula) {
            match self.nearest_binding(measure, filled) {
                Ok(table) if !result.tables.iter().any(|t| t == table) => {
                    result.tables.push(table.to_owned())
                }
                Ok(_) => {}
                Err(missing) => {
                    for what in missing {
                        if !result.missing.contains(&what) {
                            result.missing.push(what);
                        }
                    }
                }
            }
        }
        if !result.missing.is_empty() {
            result.tables.clear();
        }
        result
    }

    /// A table from which the measure can be read, or what is missing for the one that comes nearest.
    fn nearest_binding(&self, measure: &str, filled: &Filled) -> Result<&str, Vec<String>> {
        let Some(found) = self.measures.get(measure) else { return Err(vec![measure.to_owned()]) };
        let mut best: Option<Vec<String>> = None;
        for binding in &found.bindings {
            let lacking = self.lacking(measure, &binding.table, filled);
            if lacking.is_empty() {
                return Ok(&binding.table);
            }
            // A table that exists but lacks a column is nearer than one that nobody fills.
            let is_nearer = best.as_ref().is_none_or(|b| {
                let rank = |l: &[String]| (l.iter().filter(|w| !w.contains('.')).count(), l.len());
                rank(&lacking) < rank(b)
            });
            if is_nearer {
                best = Some(lacking);
            }
        }
        // Where a table of the project's own has records and the canonical one has none, a binding is what is missing.
        let is_absent = best.as_ref().is_none_or(|lacking| lacking.iter().all(|what| !what.contains('.')));
        match self.own_table(filled).filter(|_| is_absent) {
            Some(own) => Err(vec![format!("bind.{own}.{measure}")]),
            None => Err(best.unwrap_or_else(|| vec![format!("a binding of `{measure}`")])),
        }
    }

    /// The one table of the project's own, not one of the facts, that has records; where there are several, none is
    /// likelier than the others to be meant.
    fn own_table(&self, filled: &Filled) -> Option<&str> {
        let is_own = |name: &&String| {
            dialmark_model::facts::table(name).is_none() && filled.0.contains_key(name.as_str())
        };
        let mut own = self.tables.keys().filter(is_own);
        own.next().filter(|_| own.next().is_none()).map(String::as_str)
    }

    /// Whether a column that a table reads has values: its own, one that the disposition gives, or one that is looked up.
    pub fn is_filled(&self, filled: &Filled, table: &str, column: &str) -> bool {
        self.needs(table, column).iter().all(|(table, column)| match column {
            Some(column) => filled.has(table, column),
            None => filled.0.contains_key(table),
        })
    }

    /// The stored columns that stand behind a column, by table; `None` stands for the table's records alone.
    fn needs(&self, table: &str, column: &str) -> Vec<(String, Option<String>)> {
        let stored = |table: &str, column: &str| (table.to_owned(), Some(column.to_owned()));
        if self.tables.get(table).is_some_and(|t| t.column(column).is_some()) {
            return vec![stored(table, column)];
        }
        if let Some(known) = crate::virtuals::named(column) {
            return match known.name {
                // Codes that nobody maps and records without a code are calls all the same.
                "is_call" | "is_unmapped" => vec![(table.to_owned(), None)],
                _ => vec![stored(table, "disposition")],
            };
        }
        match self.lookup(table, column) {
            Some(lookup) => vec![
                stored(table, &lookup.by),
                stored(&lookup.from, &lookup.key),
                stored(&lookup.from, &lookup.column),
            ],
            None if column == DAY => vec![(table.to_owned(), None)],
            None => vec![stored(table, column)],
        }
    }

    /// What is missing to read a measure from a table.
    pub fn lacking(&self, measure: &str, table: &str, filled: &Filled) -> Vec<String> {
        let Some(binding) = self.binding(measure, table) else {
            return vec![format!("a binding of `{measure}`")];
        };
        if !filled.0.contains_key(table) {
            return vec![table.to_owned()];
        }
        let mut lacking: BTreeSet<String> = BTreeSet::new();
        for column in needed_columns(binding, &|column| self.is_filled(filled, table, column)) {
            for (table, column) in self.needs(table, &column) {
                match column {
                    Some(column) if !filled.has(&table, &column) => {
                        lacking.insert(format!("{table}.{column}"));
                    }
                    None if !filled.0.contains_key(&table) => {
                        lacking.insert(table);
                    }
                    _ => {}
                }
            }
        }
        if let Shape::Followed(followed) = &binding.shape
            && let Some(other) = &followed.follower_table
            // A table of followers that is empty means that nothing followed; one that nobody delivers says nothing.
            && !filled.0.contains_key(other)
        {
            lacking.insert(other.clone());
        }
        if let Some(covered) = &binding.covered {
            let there = [covered.same_there.as_str(), &covered.from].into_iter();
            let columns = there.chain(covered.lasts.columns()).chain(covered.filter.columns());
            for (table, column) in columns.flat_map(|column| self.needs(&covered.table, column)) {
                match column {
                    _ if !filled.0.contains_key(&table) => lacking.insert(table),
                    Some(column) if !filled.has(&table, &column) => {
                        lacking.insert(format!("{table}.{column}"))
                    }
                    _ => continue,
                };
            }
        }
        lacking.into_iter().collect()
    }
}

/// Columns of the table without which a binding says nothing true. Of the columns that `coalesce` tries one after the
/// other, the first that has values is enough.
fn needed_columns(binding: &Binding, is_filled: &dyn Fn(&str) -> bool) -> Vec<String> {
    let has_values = |e: &&Expr| {
        let columns = e.columns();
        !columns.is_empty() && columns.into_iter().all(is_filled)
    };
    let settled = |e: &Expr| match e {
        Expr::Call(Call::Coalesce, tried) => tried.iter().find(has_values).cloned(),
        _ => None,
    };
    let mut names: Vec<String> = Vec::new();
    for expr in binding.record_expressions() {
        names.extend(expr.replace(&settled).columns().into_iter().map(str::to_owned));
    }
    match &binding.shape {
        Shape::Followed(followed) => {
            names.push(followed.same.clone());
            names.extend(followed.level.as_ref().map(|(column, _)| column.clone()));
        }
        Shape::Grouped { per, .. } => {
            names.extend(per.iter().filter(|p| !matches!(p.as_str(), "day" | "hour_start")).cloned());
        }
        Shape::Records(_) => {}
    }
    match &binding.split {
        Some(Split::Length { from }) => names.push(from.clone()),
        // A missing last day is open, so only the first is needed.
        Some(Split::Days { from, .. }) => names.push(from.clone()),
        None => {}
    }
    names.extend(binding.at.clone());
    if let Some(covered) = &binding.covered {
        names.retain(|name| !Covered::is_length(name));
        names.push(covered.same.clone());
        names.extend(covered.length.columns().into_iter().map(str::to_owned));
    }
    names.sort_unstable();
    names.dedup();
    names
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn of_instants_that_stand_for_each_other_one_is_enough() {
        let (catalogue, _) = Catalogue::builtin();
        let measure = "pushed_leads_spoken_to_last";
        let with = |columns: &[&str]| {
            let mut filled = Filled::default();
            filled.add("calls", ["direction", "disposition", "lead_id"]);
            filled.add("calls", columns.iter().copied());
            catalogue.lacking(measure, "calls", &filled)
        };
        assert_eq!(with(&["started_at"]), Vec::<String>::new());
        assert_eq!(with(&["ended_at"]), Vec::<String>::new());
        assert!(with(&[]).contains(&"calls.started_at".to_owned()), "{:?}", with(&[]));
    }
}

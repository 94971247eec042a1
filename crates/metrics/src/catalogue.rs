//! All measures, metrics and dimensions that a project knows, checked against its tables.

mod computable;
mod definition;
mod validate;

use std::collections::{BTreeMap, BTreeSet};

use dialmark_model::declared::{Problem, Problems, Severity, nearest};
use dialmark_model::{Kind, Table};

pub use computable::{Computable, Filled};

use crate::expr::Expr;
use crate::measure::{Binding, Measure};
use crate::metric::{CountAt, Formula, Guide, Metric, MetricRef, Params, Symptom, Variant};
use crate::virtuals;

/// The record's civil day, in expressions.
pub const DAY: &str = "day";

/// How deep metrics may be made of metrics.
pub(crate) const MOST_PARTS_DEEP: usize = 16;

/// Words that break out by the time of a record, and so cannot be names of dimensions.
pub const TIME_WORDS: [&str; 9] =
    ["day", "week", "month", "quarter", "year", "fiscal_quarter", "fiscal_year", "hour", "weekday"];

/// Everything that can be asked for.
#[derive(Debug, Clone, Default)]
pub struct Catalogue {
    /// Measures by name.
    pub measures: BTreeMap<String, Measure>,
    /// Metrics by name.
    pub metrics: BTreeMap<String, Metric>,
    /// Declared dimensions by name; every column of a table is one besides.
    pub dimensions: BTreeMap<String, Dimension>,
    /// Columns that one table may read from another, by name.
    pub lookups: BTreeMap<String, Lookup>,
    /// Dimensions in the order in which one looks closer.
    pub hierarchies: BTreeMap<String, Hierarchy>,
    /// What is suspected when a metric looks wrong.
    pub symptoms: BTreeMap<String, Symptom>,
    /// Tables that bindings may speak of, by name.
    pub tables: BTreeMap<String, Table>,
    /// Guides by metric, with file and line, until they are handed to their metrics.
    pub(crate) guides: BTreeMap<String, (Guide, String, usize)>,
}

/// A dimension computed from columns, such as attempts grouped as `10+`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Dimension {
    /// Name, as in `[dimension.NAME]`.
    pub id: String,
    /// Name to show.
    pub label: String,
    /// One sentence.
    pub about: String,
    /// How it is computed from a record: the first whose columns the table has.
    pub exprs: Vec<Expr>,
    /// File in which it is declared.
    pub declared_in: String,
    /// Line of the declaration.
    pub line: usize,
}

/// A column that other tables may read through a key.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Lookup {
    /// Name, as in `[lookup.NAME]`.
    pub id: String,
    /// One sentence.
    pub about: String,
    /// The table that has the column.
    pub from: String,
    /// The column there that names whose it is.
    pub key: String,
    /// What that column is called in the reading table.
    pub by: String,
    /// The column that is looked up.
    pub column: String,
    /// First day of a stretch; absent when the value holds for all days.
    pub since: Option<String>,
    /// Last day of a stretch.
    pub until: Option<String>,
    /// File in which it is declared.
    pub declared_in: String,
    /// Line of the declaration.
    pub line: usize,
}

/// Dimensions in the order in which one looks closer, the coarsest first.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Hierarchy {
    /// Name, as in `[hierarchy.NAME]`.
    pub id: String,
    /// Name to show.
    pub label: String,
    /// Columns and dimensions.
    pub levels: Vec<String>,
    /// File in which it is declared.
    pub declared_in: String,
    /// Line of the declaration.
    pub line: usize,
}

/// A metric as it is to be computed: variant chosen, parameters filled in.
#[derive(Debug, Clone)]
pub struct Resolved<'c> {
    /// The metric.
    pub metric: &'c Metric,
    /// The variant.
    pub variant: &'c Variant,
    /// Where a call counts; `None` for what its measures say themselves.
    pub count_at: Option<CountAt>,
    /// All parameters.
    pub params: Params,
}

impl Catalogue {
    /// Reads the built-in definitions and then `files` (name and text), over the canonical tables and `own`.
    /// A project may add measures, bindings, metrics and variants; it may not redefine a built-in one.
    pub fn read(files: &[(String, String)], own: &[Table], problems: &Problems) -> Catalogue {
        let builtin = crate::builtin::FILES.iter().copied();
        let own_files = files.iter().map(|(file, text)| (file.as_str(), text.as_str()));
        Catalogue::read_all(builtin.chain(own_files), own, problems)
    }

    fn read_all<'f>(
        files: impl Iterator<Item = (&'f str, &'f str)>,
        own: &[Table],
        problems: &Problems,
    ) -> Catalogue {
        let mut catalogue = Catalogue::default();
        for table in dialmark_model::facts::tables().iter().chain(own) {
            catalogue.tables.insert(table.name.to_string(), table.clone());
        }
        for (file, text) in files {
            crate::reader::read(file, text, &mut catalogue, problems);
        }
        catalogue.hand_out_guides(problems);
        validate::validate(&catalogue, problems);
        catalogue
    }

    /// The built-in definitions alone.
    pub fn builtin() -> (Catalogue, Problems) {
        let problems = Problems::new();
        (Catalogue::read(&[], &[], &problems), problems)
    }

    /// The definitions of one day, for every day.
    pub fn as_of(&self, day: jiff::civil::Date) -> Catalogue {
        let mut catalogue = self.clone();
        for metric in catalogue.metrics.values_mut() {
            if let Some(choice) = metric.choices.iter().find(|c| c.days.hold(day)) {
                metric.default.clone_from(&choice.variant);
            }
            metric.choices.clear();
        }
        catalogue
    }

    /// Chooses variant and parameters; an unknown name is a sentence with the nearest known one.
    pub fn resolve(&self, wanted: &MetricRef) -> Result<Resolved<'_>, String> {
        let metric = self.metrics.get(&wanted.metric).ok_or_else(|| {
            let help = match nearest(&wanted.metric, self.metrics.keys().map(String::as_str)) {
                Some(near) => format!(" Did you mean `{near}`?"),
                None => " `dialmark metrics list` shows all.".to_owned(),
            };
            format!("There is no metric `{}`.{help}", wanted.metric)
        })?;
        let variant = metric.variant(wanted.variant.as_deref()).ok_or_else(|| {
            let known: Vec<String> = metric.variants.iter().map(|v| format!("`{}`", v.id)).collect();
            format!(
                "`{}` has no variant `{}`; it has {}.",
                metric.id,
                wanted.variant.as_deref().unwrap_or(&metric.default),
                known.join(", ")
            )
        })?;
        let known = metric.params.overridden_by(&variant.params);
        for name in wanted.params.0.keys() {
            if !known.0.contains_key(name) {
                let names: Vec<&str> = known.0.keys().map(String::as_str).collect();
                return Err(match names.as_slice() {
                    [] => format!("`{}` has no parameters, so `{name}` cannot be set.", metric.id),
                    _ => format!("`{}` has no parameter `{name}`; it has {}.", metric.id, names.join(", ")),
                });
            }
        }
        // Answering as if it had been heeded would be the wrong figure under the right name.
        if !wanted.params.0.is_empty() {
            let used = self.params_of(&variant.formula);
            if let Some(idle) = wanted.params.0.keys().find(|name| !used.contains(name.as_str())) {
                return Err(format!("`{}/{}` does not use the parameter `{idle}`.", metric.id, variant.id));
            }
        }
        let params = known.overridden_by(&wanted.params);
        Ok(Resolved { metric, variant, count_at: wanted.count_at.or(variant.count_at), params })
    }

    /// Whether figures of a metric add up over time, so that a part of a month has a part of them: counts and sums do, and what
    /// is added or subtracted of them; a rate does not.
    pub fn adds_up(&self, metric: &MetricRef) -> bool {
        self.adds_up_at(metric, 0)
    }

    fn adds_up_at(&self, metric: &MetricRef, depth: usize) -> bool {
        let Ok(found) = self.resolve(metric) else { return false };
        match &found.variant.formula {
            Formula::Simple { .. } => true,
            Formula::Derived(formula) => {
                depth < MOST_PARTS_DEEP && formula.is_sum_of(&|part| self.adds_up_at(part, depth + 1))
            }
            Formula::Ratio { .. }
            | Formula::Cumulative { .. }
            | Formula::Conversion { .. }
            | Formula::Distribution { .. } => false,
        }
    }

    /// Whether the parts of a metric over some days are the sums of its parts of each: those of a rate of calls are; those of a
    /// rate of people who were called are not, for whoever was called on two days is one.
    pub fn adds_up_over_days(&self, metric: &MetricRef) -> bool {
        let Ok(found) = self.resolve(metric) else { return false };
        let formula = &found.variant.formula;
        let is_plain =
            matches!(formula, Formula::Simple { .. } | Formula::Ratio { .. } | Formula::Conversion { .. });
        let measures = formula.measures().into_iter().filter_map(|name| self.measures.get(name));
        is_plain && measures.flat_map(|measure| &measure.bindings).all(Binding::adds_up_over_days)
    }

    /// Part of a derived or cumulative metric, with the parameters that the whole hands down to it.
    pub fn resolve_part(&self, part: &MetricRef, params: &Params) -> Result<Resolved<'_>, String> {
        let mut resolved = self.resolve(part)?;
        for (name, value) in &params.0 {
            if resolved.params.0.contains_key(name) && !part.params.0.contains_key(name) {
                resolved.params.0.insert(name.clone(), *value);
            }
        }
        Ok(resolved)
    }

    /// Of these parameters those that a definition uses, for showing definitions of a metric side by side.
    pub fn heeded(&self, variant: &Variant, params: &Params) -> Params {
        let used = self.params_of(&variant.formula);
        let heeded = params.0.iter().filter(|(name, _)| used.contains(name.as_str()));
        Params(heeded.map(|(name, value)| (name.clone(), *value)).collect())
    }

    /// Parameters that a formula uses, in its own measures or by handing them down to its parts.
    pub(crate) fn params_of<'c>(&'c self, formula: &'c Formula) -> BTreeSet<&'c str> {
        let mut used = BTreeSet::new();
        self.collect_params(formula, &mut used, 0);
        used
    }

    fn collect_params<'c>(&'c self, formula: &'c Formula, used: &mut BTreeSet<&'c str>, depth: usize) {
        let measures = formula.measures().into_iter().filter_map(|name| self.measures.get(name));
        let expressions = measures.flat_map(|measure| &measure.bindings).flat_map(Binding::all_expressions);
        used.extend(expressions.flat_map(Expr::params));
        if let Formula::Derived(arithmetic) = formula {
            used.extend(arithmetic.params());
        }
        for part in formula.others().into_iter().filter(|_| depth < MOST_PARTS_DEEP) {
            let metric = self.metrics.get(&part.metric);
            let Some(variant) = metric.and_then(|metric| metric.variant(part.variant.as_deref())) else {
                continue;
            };
            let mut below = BTreeSet::new();
            self.collect_params(&variant.formula, &mut below, depth + 1);
            // What the part is asked with stays as it is, whatever the whole is asked with.
            used.extend(below.into_iter().filter(|name| !part.params.0.contains_key(*name)));
        }
    }

    /// Every measure that a formula is made of, those of its parts included, each once.
    pub fn leaves<'c>(&'c self, formula: &'c Formula) -> Vec<&'c str> {
        let mut found: Vec<&str> = Vec::new();
        self.collect_leaves(formula, &mut found, 0);
        found
    }

    fn collect_leaves<'c>(&'c self, formula: &'c Formula, found: &mut Vec<&'c str>, depth: usize) {
        for measure in formula.measures() {
            if !found.contains(&measure) {
                found.push(measure);
            }
        }
        // Cycles are reported when the catalogue is checked; here they only must not hang.
        if depth < MOST_PARTS_DEEP {
            for part in formula.others() {
                if let Ok(resolved) = self.resolve(part) {
                    self.collect_leaves(&resolved.variant.formula, found, depth + 1);
                }
            }
        }
    }

    fn hand_out_guides(&mut self, problems: &Problems) {
        for (id, (guide, file, line)) in std::mem::take(&mut self.guides) {
            match self.metrics.get_mut(&id) {
                Some(metric) => metric.guide = Some(guide),
                None => {
                    let help = nearest(&id, self.metrics.keys().map(String::as_str));
                    problems.push(Problem {
                        severity: Severity::Error,
                        code: None,
                        file,
                        line,
                        key: format!("guide.{id}"),
                        message: format!("there is no metric `{id}`."),
                        help: help.map(|near| format!("Did you mean `{near}`?")),
                    });
                }
            }
        }
    }

    /// The kind of a column of a table: its own, one that the disposition gives, one that is looked up, or `day`.
    pub fn kind_of(&self, table: &str, column: &str) -> Option<Kind> {
        let own = self.tables.get(table)?;
        if let Some(column) = own.column(column) {
            return Some(column.kind);
        }
        if own.column("disposition").is_some()
            && let Some(known) = virtuals::named(column)
        {
            return Some(known.kind);
        }
        if column == DAY && !own.placed_by.is_empty() {
            return Some(Kind::Day);
        }
        let lookup = self.lookup(table, column)?;
        self.tables.get(&lookup.from)?.column(&lookup.column).map(|c| c.kind)
    }

    /// The look-up of this name, when the table has its key and no column of its own by that name.
    pub fn lookup(&self, table: &str, name: &str) -> Option<&Lookup> {
        let own = self.tables.get(table)?;
        let lookup = self.lookups.get(name)?;
        let fits = own.column(name).is_none() && own.column(&lookup.by).is_some() && own.name != lookup.from;
        // A stretch of days is found by the record's day.
        (fits && (lookup.since.is_none() || !own.placed_by.is_empty())).then_some(lookup)
    }

    /// Names of all columns of a table that expressions may use.
    pub fn column_names(&self, table: &str) -> Vec<&str> {
        let Some(own) = self.tables.get(table) else { return Vec::new() };
        let has_code = own.column("disposition").is_some();
        let virtuals = virtuals::ALL.iter().filter(|_| has_code).map(|v| v.name);
        let lookups = self.lookups.keys().map(String::as_str).filter(|l| self.lookup(table, l).is_some());
        own.stored_columns().map(|c| c.name.as_ref()).chain(virtuals).chain(lookups).collect()
    }

    /// The expression of a declared dimension on a table: the first whose columns the table has.
    pub fn dimension_on(&self, table: &str, name: &str) -> Option<&Expr> {
        let dimension = self.dimensions.get(name)?;
        dimension
            .exprs
            .iter()
            .find(|expr| expr.columns().iter().all(|column| self.kind_of(table, column).is_some()))
    }

    /// The bindings of the measures of a formula, by table, where all of them are bound to that table.
    pub fn shared_tables<'c>(&'c self, formula: &'c Formula) -> Vec<&'c str> {
        let mut tables: Option<Vec<&str>> = None;
        for measure in self.leaves(formula) {
            let here: Vec<&str> = self
                .measures
                .get(measure)
                .map_or(Vec::new(), |m| m.bindings.iter().map(|b| b.table.as_str()).collect());
            tables = Some(match tables {
                None => here,
                Some(before) => before.into_iter().filter(|t| here.contains(t)).collect(),
            });
        }
        tables.unwrap_or_default()
    }

    /// The binding of a measure on a table.
    pub fn binding(&self, measure: &str, table: &str) -> Option<&Binding> {
        self.measures.get(measure)?.on(table)
    }
}

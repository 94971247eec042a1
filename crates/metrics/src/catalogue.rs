//! All measures, metrics and dimensions that a project knows, checked against its tables.

mod computable;
mod validate;

use std::collections::BTreeMap;

use dialmark_model::declared::{Problems, nearest};
use dialmark_model::{Kind, Table};

pub use computable::{Computable, Filled};

use crate::expr::Expr;
use crate::measure::{Binding, Measure};
use crate::metric::{Formula, Metric, MetricRef, Params, Variant};
use crate::virtuals;

/// Everything that can be asked for.
#[derive(Debug, Clone, Default)]
pub struct Catalogue {
    /// Measures by name.
    pub measures: BTreeMap<String, Measure>,
    /// Metrics by name.
    pub metrics: BTreeMap<String, Metric>,
    /// Declared dimensions by name; every column of a table is one besides.
    pub dimensions: BTreeMap<String, Dimension>,
    /// Tables that bindings may speak of, by name.
    pub tables: BTreeMap<String, Table>,
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
    /// How it is computed from a record.
    pub expr: Expr,
    /// File in which it is declared.
    pub declared_in: String,
}

/// A metric as it is to be computed: variant chosen, parameters filled in.
#[derive(Debug, Clone)]
pub struct Resolved<'c> {
    /// The metric.
    pub metric: &'c Metric,
    /// The variant.
    pub variant: &'c Variant,
    /// All parameters.
    pub params: Params,
}

impl Catalogue {
    /// Reads the built-in definitions and then `files` (name and text), over the canonical tables and `own`.
    /// A project may add measures, bindings, metrics and variants; it may not redefine a built-in one.
    pub fn read(files: &[(String, String)], own: &[Table], problems: &Problems) -> Catalogue {
        let mut catalogue = Catalogue::default();
        for table in dialmark_model::facts::tables().iter().chain(own) {
            catalogue.tables.insert(table.name.to_string(), table.clone());
        }
        for (file, text) in crate::builtin::FILES {
            crate::reader::read(file, text, &mut catalogue, problems);
        }
        for (file, text) in files {
            crate::reader::read(file, text, &mut catalogue, problems);
        }
        validate::validate(&catalogue, problems);
        catalogue
    }

    /// The built-in definitions alone.
    pub fn builtin() -> (Catalogue, Problems) {
        let problems = Problems::new();
        (Catalogue::read(&[], &[], &problems), problems)
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
        for name in wanted.params.0.keys() {
            if !metric.params.0.contains_key(name) {
                let known: Vec<&str> = metric.params.0.keys().map(String::as_str).collect();
                return Err(match known.as_slice() {
                    [] => format!("`{}` has no parameters, so `{name}` cannot be set.", metric.id),
                    _ => format!("`{}` has no parameter `{name}`; it has {}.", metric.id, known.join(", ")),
                });
            }
        }
        Ok(Resolved { metric, variant, params: metric.params.overridden_by(&wanted.params) })
    }

    /// The kind of a column of a table, virtual columns included.
    pub fn kind_of(&self, table: &str, column: &str) -> Option<Kind> {
        let table = self.tables.get(table)?;
        if let Some(column) = table.column(column) {
            return Some(column.kind);
        }
        let has_code = table.column("disposition").is_some();
        virtuals::named(column).filter(|_| has_code).map(|v| v.kind)
    }

    /// Names of all columns of a table that expressions may use.
    pub fn column_names(&self, table: &str) -> Vec<&str> {
        let Some(table) = self.tables.get(table) else { return Vec::new() };
        let has_code = table.column("disposition").is_some();
        let virtuals = virtuals::ALL.iter().filter(|_| has_code).map(|v| v.name);
        table.stored_columns().map(|c| c.name.as_ref()).chain(virtuals).collect()
    }

    /// The bindings of the measures of a formula, by table, where all of them are bound to that table.
    pub fn shared_tables<'c>(&'c self, formula: &'c Formula) -> Vec<&'c str> {
        let mut tables: Option<Vec<&str>> = None;
        for measure in formula.measures() {
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

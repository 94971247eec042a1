//! Dimensions: what figures are broken out by, as expressions over one table.

use datafusion::logical_expr::Expr as Plan;
use dialmark_metrics::{Catalogue, Expr, Params};
use dialmark_model::civil::Grain;
use dialmark_model::declared::nearest;
use dialmark_model::{DispositionMap, Kind};

use crate::anchor::Anchor;
use crate::convert::{convert, prepare};
use crate::error::{EngineError, refuse};
use crate::functions::RowZone;

/// Words that break out by time of the record.
pub(crate) const TIME_WORDS: [&str; 7] = ["day", "week", "month", "quarter", "year", "hour", "weekday"];

/// What is known about the table when a dimension is looked up.
#[derive(Clone, Copy)]
pub(crate) struct Place<'p> {
    pub catalogue: &'p Catalogue,
    pub dispositions: &'p DispositionMap,
    pub table: &'p str,
    pub anchor: &'p Anchor,
    pub zone: &'p RowZone,
}

impl Place<'_> {
    /// Kind of a column of the table, virtual ones included.
    pub(crate) fn kind_of(&self, name: &str) -> Option<Kind> {
        self.catalogue.kind_of(self.table, name)
    }

    /// The expression of a dimension.
    pub(crate) fn dimension(&self, name: &str) -> Result<Plan, EngineError> {
        match name {
            // The table's own column wins over a time word of the same name.
            _ if self.kind_of(name).is_some() => self.expression(&Expr::Column(name.to_owned())),
            "hour" => self.anchor.hour(self.zone, self.table),
            "weekday" => self.anchor.weekday(self.zone, self.table),
            _ => match (Grain::from_word(name), self.catalogue.dimensions.get(name)) {
                (Some(grain), _) => self.anchor.bucket(grain, self.zone, self.table),
                (None, Some(declared)) => {
                    self.known_columns(&declared.expr, name)?;
                    self.expression(&declared.expr)
                }
                (None, None) => self.unknown(name),
            },
        }
    }

    /// A checked condition of the asker's.
    pub(crate) fn condition(&self, filter: &Expr) -> Result<Plan, EngineError> {
        use dialmark_metrics::expr::{Type, check};
        // Declared dimensions may be used in conditions as well.
        let filter = filter.replace_leaves(&|leaf| match leaf {
            Expr::Column(name) if self.kind_of(name).is_none() => {
                self.catalogue.dimensions.get(name).map(|d| d.expr.clone())
            }
            _ => None,
        });
        let names = self.catalogue.column_names(self.table);
        match check(&filter, &|n| self.kind_of(n), &names) {
            Ok(Type::Bool | Type::Null) => self.expression(&filter),
            Ok(_) => {
                refuse(format!("`{filter}` is not a condition; write one such as `campaign_id = 'north'`."))
            }
            Err(error) => refuse(format!("In the condition, for records of `{}`: {error}", self.table)),
        }
    }

    /// The expression for the plan, with virtual columns looked up.
    pub(crate) fn expression(&self, expr: &Expr) -> Result<Plan, EngineError> {
        convert(&prepare(expr, &Params::default(), self.dispositions), &|n| self.kind_of(n))
    }

    fn known_columns(&self, expr: &Expr, dimension: &str) -> Result<(), EngineError> {
        for column in expr.columns() {
            if self.kind_of(column).is_none() {
                return refuse(format!(
                    "The dimension `{dimension}` needs `{column}`, which the records of `{}` do not have.",
                    self.table
                ));
            }
        }
        Ok(())
    }

    fn unknown<T>(&self, name: &str) -> Result<T, EngineError> {
        let mut known = self.catalogue.column_names(self.table);
        known.extend(TIME_WORDS);
        known.extend(self.catalogue.dimensions.keys().map(String::as_str));
        let help = nearest(name, known).map_or(String::new(), |near| format!(" Did you mean `{near}`?"));
        refuse(format!("The records of `{}` cannot be broken out by `{name}`.{help}", self.table))
    }
}

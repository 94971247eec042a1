//! Dimensions: what figures are broken out by, as expressions over one table.

use datafusion::common::tree_node::{Transformed, TreeNode};
use datafusion::error::DataFusionError;
use datafusion::logical_expr::{Expr as Plan, case, lit};
use dialmark_metrics::{Catalogue, Expr, Key, Params};
use dialmark_model::civil::Grain;
use dialmark_model::declared::nearest;
use dialmark_model::{DispositionMap, Kind};

use crate::anchor::Anchor;
use crate::convert::{convert, prepare};
use crate::error::{EngineError, refuse};
use crate::functions::RowZone;

/// Words that break out by time of the record.
pub(crate) const TIME_WORDS: [&str; 7] = ["day", "week", "month", "quarter", "year", "hour", "weekday"];

/// Kind of what a condition may ask of a record's time.
fn kind_on_the_clock(name: &str) -> Option<Kind> {
    match name {
        "hour" => Some(Kind::Integer),
        "weekday" => Some(Kind::Code),
        _ => None,
    }
}

/// The word of a weekday's number.
fn weekday_word(number: Plan) -> Result<Plan, DataFusionError> {
    let word = |day: u8| lit(Key::Weekday(day).to_string());
    let mut words = case(number);
    for day in 0..6_u8 {
        words.when(lit(i64::from(day)), word(day));
    }
    words.otherwise(word(6))
}

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
        use dialmark_metrics::expr::{Type, check, check_outcomes};
        // Declared dimensions may be used in conditions as well.
        let filter = filter.replace_leaves(&|leaf| match leaf {
            Expr::Column(name) if self.kind_of(name).is_none() => {
                self.catalogue.dimensions.get(name).map(|d| d.expr.clone())
            }
            _ => None,
        });
        let mut names = self.catalogue.column_names(self.table);
        names.extend(["hour", "weekday"]);
        let kind_of = |name: &str| self.kind_of(name).or_else(|| kind_on_the_clock(name));
        let has_own_outcome =
            self.catalogue.tables.get(self.table).is_some_and(|t| t.column("outcome").is_some());
        if !has_own_outcome && let Err(error) = check_outcomes(&filter) {
            return refuse(format!("In the condition: {error}"));
        }
        match check(&filter, &kind_of, &names) {
            Ok(Type::Bool | Type::Null) => {
                self.read_clock(convert(&prepare(&filter, &Params::default(), self.dispositions), &kind_of)?)
            }
            Ok(_) => {
                refuse(format!("`{filter}` is not a condition; write one such as `campaign_id = 'north'`."))
            }
            Err(error) => refuse(format!("In the condition, for records of `{}`: {error}", self.table)),
        }
    }

    /// Puts the record's hour and weekday, as the wall shows them, where a condition speaks of them.
    fn read_clock(&self, condition: Plan) -> Result<Plan, EngineError> {
        let read = condition.transform_up(|part| {
            let Plan::Column(column) = &part else { return Ok(Transformed::no(part)) };
            let on_the_clock = match column.name() {
                name if self.kind_of(name).is_some() => return Ok(Transformed::no(part)),
                "hour" => self.anchor.hour(self.zone, self.table),
                "weekday" => {
                    self.anchor.weekday(self.zone, self.table).and_then(|day| Ok(weekday_word(day)?))
                }
                _ => return Ok(Transformed::no(part)),
            };
            on_the_clock.map(Transformed::yes).map_err(|error| DataFusionError::External(Box::new(error)))
        });
        match read {
            Ok(read) => Ok(read.data),
            Err(DataFusionError::External(error)) => match error.downcast::<EngineError>() {
                Ok(error) => Err(*error),
                Err(error) => Err(DataFusionError::External(error).into()),
            },
            Err(error) => Err(error.into()),
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
        let help = match nearest(name, known.iter().copied()) {
            Some(near) => format!("Did you mean `{near}`?"),
            None => {
                known.retain(
                    |n| !matches!(self.kind_of(n), Some(kind) if !matches!(kind, Kind::Code | Kind::Bool)),
                );
                format!("Known are {}.", known.join(", "))
            }
        };
        refuse(format!("The records of `{}` cannot be broken out by `{name}`. {help}", self.table))
    }
}

//! Dimensions: what figures are broken out by, as expressions over one table.

use datafusion::common::tree_node::{Transformed, TreeNode};
use datafusion::error::DataFusionError;
use datafusion::logical_expr::{Expr as Plan, case, lit};
use dialmark_metrics::catalogue::{DAY, TIME_WORDS};
use dialmark_metrics::{Catalogue, Expr, Key, Params};
use dialmark_model::civil::Grain;
use dialmark_model::declared::nearest;
use dialmark_model::{DispositionMap, Kind};

use crate::anchor::Anchor;
use crate::convert::{convert, prepare};
use crate::error::{EngineError, refuse};
use crate::functions::RowZone;

/// Kind of what a condition may ask of a record's time.
fn kind_on_the_clock(name: &str) -> Option<Kind> {
    match name {
        "hour" => Some(Kind::Integer),
        DAY => Some(Kind::Day),
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

    /// Whether the table has a stored column of this name.
    fn has_own(&self, name: &str) -> bool {
        self.catalogue.tables.get(self.table).is_some_and(|t| t.column(name).is_some())
    }

    /// The expression of a dimension.
    pub(crate) fn dimension(&self, name: &str) -> Result<Plan, EngineError> {
        match name {
            // The table's own column wins over a time word of the same name.
            _ if name != DAY && self.kind_of(name).is_some() => {
                self.expression(&Expr::Column(name.to_owned()))
            }
            "hour" => self.anchor.hour(self.zone, self.table),
            "weekday" => self.anchor.weekday(self.zone, self.table),
            "hour_start" => self.anchor.bucket(Grain::Hour, self.zone, self.table),
            _ => match (Grain::from_word(name), self.catalogue.dimensions.get(name)) {
                (Some(grain), _) => self.anchor.bucket(grain, self.zone, self.table),
                (None, Some(declared)) => match self.catalogue.dimension_on(self.table, name) {
                    Some(expr) => self.expression(expr),
                    None => self.lacks(&declared.exprs, name),
                },
                (None, None) => self.unknown(name),
            },
        }
    }

    /// The asker's condition with declared dimensions replaced by what they stand for.
    pub(crate) fn spelt_out(&self, filter: &Expr) -> Expr {
        filter.replace(&|leaf| match leaf {
            Expr::Column(name) if self.kind_of(name).is_none() => {
                self.catalogue.dimension_on(self.table, name).cloned()
            }
            _ => None,
        })
    }

    /// A checked condition of the asker's.
    pub(crate) fn condition(&self, filter: &Expr) -> Result<Plan, EngineError> {
        use dialmark_metrics::expr::{Type, check, check_words};
        let filter = self.spelt_out(filter);
        let mut names = self.catalogue.column_names(self.table);
        names.extend(["hour", "weekday", DAY]);
        let kind_of = |name: &str| self.kind_of(name).or_else(|| kind_on_the_clock(name));
        if let Err(error) = check_words(self.catalogue, self.table, &filter) {
            return refuse(format!("In the condition: {error}"));
        }
        match check(&filter, &kind_of, &names) {
            Ok(Type::Bool | Type::Null) => {
                let is_own = |name: &str| self.has_own(name);
                let prepared = prepare(&filter, &Params::default(), self.dispositions, &is_own);
                self.read_clock(convert(&prepared, &kind_of)?)
            }
            Ok(_) => {
                refuse(format!("`{filter}` is not a condition; write one such as `campaign_id = 'north'`."))
            }
            Err(error) => refuse(format!("In the condition, for records of `{}`: {error}", self.table)),
        }
    }

    /// The record's business day.
    pub(crate) fn day(&self) -> Result<Plan, EngineError> {
        self.anchor.bucket(Grain::Day, self.zone, self.table)
    }

    /// Puts the record's day, hour and weekday, as the wall shows them, where an expression speaks of them.
    fn read_clock(&self, condition: Plan) -> Result<Plan, EngineError> {
        let has_own = |name: &str| self.has_own(name);
        let read = condition.transform_up(|part| {
            let Plan::Column(column) = &part else { return Ok(Transformed::no(part)) };
            let on_the_clock = match column.name() {
                name if has_own(name) => return Ok(Transformed::no(part)),
                DAY => self.day(),
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
        self.plan(&prepare(expr, &Params::default(), self.dispositions, &|name| self.has_own(name)))
    }

    /// The plan of an expression whose parameters and virtual columns have been replaced.
    pub(crate) fn plan(&self, expr: &Expr) -> Result<Plan, EngineError> {
        self.read_clock(convert(expr, &|name| self.kind_of(name).or_else(|| kind_on_the_clock(name)))?)
    }

    fn lacks<T>(&self, exprs: &[Expr], dimension: &str) -> Result<T, EngineError> {
        let column = exprs.iter().flat_map(Expr::columns).find(|column| self.kind_of(column).is_none());
        refuse(format!(
            "The dimension `{dimension}` needs `{}`, which the records of `{}` do not have.",
            column.unwrap_or(dimension),
            self.table
        ))
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

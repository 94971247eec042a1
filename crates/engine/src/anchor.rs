//! When a record counts: the column that places it, the period as a condition on it, and its time buckets.

use datafusion::common::ScalarValue;
use datafusion::logical_expr::{Expr as Plan, Operator, binary_expr, ident, lit};
use datafusion::prelude::coalesce;
use dialmark_model::civil::{Calendar, Grain, Period};
use dialmark_model::{Kind, Table};
use jiff::Timestamp;

use crate::error::{EngineError, refuse};
use crate::functions::{self, RowZone};

/// How the records of a table are placed in time.
#[derive(Debug, Clone)]
pub(crate) enum Anchor {
    /// By an instant.
    Instant(Plan),
    /// By a civil day.
    Day(Plan),
    /// Not at all.
    None,
}

impl Anchor {
    /// The anchor of a binding: the column that it names, which may be looked up, else the table's own.
    pub(crate) fn of(table: &Table, at: Option<(&str, Kind)>, zone: &RowZone) -> Result<Anchor, EngineError> {
        let known = |name: &str, kind: Option<Kind>| match kind {
            Some(Kind::Instant) => Ok(Anchor::Instant(ident(name))),
            Some(Kind::Day) => Ok(Anchor::Day(ident(name))),
            _ => refuse(format!("`{name}` is no instant or day of {}.", table.name)),
        };
        let named = |name: &str| known(name, table.column(name).map(|c| c.kind));
        if let Some((name, kind)) = at {
            return known(name, Some(kind));
        }
        let Some(first) = table.placed_by.first() else { return Ok(Anchor::None) };
        let anchor = named(first)?;
        let mut instants: Vec<Plan> = table
            .placed_by
            .iter()
            .filter(|c| table.column(c).is_some_and(|c| c.kind == Kind::Instant))
            .map(|c| ident(c.as_ref()))
            .collect();
        Ok(match anchor {
            // The first that is known decides.
            Anchor::Instant(_) if instants.len() > 1 => Anchor::Instant(coalesce(instants)),
            // Where nobody wrote the day down, that of the first instant that is known.
            Anchor::Day(day) if !instants.is_empty() => {
                let at = if instants.len() > 1 { coalesce(instants) } else { instants.swap_remove(0) };
                let own_day = functions::bucket(Grain::Day, zone).call(zone.arguments(at));
                Anchor::Day(coalesce(vec![day, own_day]))
            }
            other => other,
        })
    }

    /// The period by which files may be left out. Their ranges tell where the table's own clock places records, so
    /// another column leaves out none.
    pub(crate) fn prunes(&self, table: &Table, period: Period) -> Period {
        match self {
            Anchor::Instant(Plan::Column(column)) if !table.placed_by.iter().any(|c| *c == column.name) => {
                Period::ALL
            }
            Anchor::Instant(_) => period,
            Anchor::Day(_) | Anchor::None => Period::ALL,
        }
    }

    /// The condition that a record lies in the period; `None` when every record does.
    pub(crate) fn within(
        &self,
        period: &Period,
        calendar: &Calendar,
        table: &str,
    ) -> Result<Option<Plan>, EngineError> {
        let mut condition: Option<Plan> = None;
        for (bound, operator) in [(period.from, Operator::GtEq), (period.to, Operator::Lt)] {
            let Some(bound) = bound else { continue };
            let part = match self {
                Anchor::Instant(at) => binary_expr(at.clone(), operator, instant(bound)),
                Anchor::Day(_) if calendar.day_start(calendar.day_of(bound)) != Some(bound) => {
                    return refuse(format!(
                        "The records of `{table}` are booked to days, so a period must begin and end with a day; {bound} lies within one."
                    ));
                }
                Anchor::Day(day) => binary_expr(day.clone(), operator, day_of_plan(calendar.day_of(bound))?),
                Anchor::None => {
                    return refuse(format!(
                        "The records of `{table}` have no clock, so no period can be chosen. Leave out the period and the grain."
                    ));
                }
            };
            condition = Some(match condition {
                Some(before) => before.and(part),
                None => part,
            });
        }
        Ok(condition)
    }

    /// The bucket of a grain in which a record lies.
    pub(crate) fn bucket(&self, grain: Grain, zone: &RowZone, table: &str) -> Result<Plan, EngineError> {
        match self {
            Anchor::Instant(at) => Ok(functions::bucket(grain, zone).call(zone.arguments(at.clone()))),
            Anchor::Day(day) if grain.micros().is_none() => {
                Ok(functions::day_bucket(grain, zone.calendar.fiscal).call(vec![day.clone()]))
            }
            Anchor::Day(_) => refuse(format!(
                "The records of `{table}` are booked to days, so they cannot be broken out by `{}`. Use `day` or longer.",
                grain.word()
            )),
            Anchor::None => no_clock(table),
        }
    }

    /// Hour of the day on the wall.
    pub(crate) fn hour(&self, zone: &RowZone, table: &str) -> Result<Plan, EngineError> {
        match self {
            Anchor::Instant(at) => Ok(functions::hour_of_day(zone).call(zone.arguments(at.clone()))),
            Anchor::Day(_) => {
                refuse(format!("The records of `{table}` are booked to days and have no hour."))
            }
            Anchor::None => no_clock(table),
        }
    }

    /// Day of the week.
    pub(crate) fn weekday(&self, zone: &RowZone, table: &str) -> Result<Plan, EngineError> {
        match self {
            Anchor::Instant(at) => Ok(functions::weekday(zone).call(zone.arguments(at.clone()))),
            Anchor::Day(day) => Ok(functions::day_weekday().call(vec![day.clone()])),
            Anchor::None => no_clock(table),
        }
    }
}

fn no_clock<T>(table: &str) -> Result<T, EngineError> {
    refuse(format!("The records of `{table}` have no clock, so they cannot be broken out by time."))
}

/// An instant as a constant of a plan.
pub(crate) fn instant(at: Timestamp) -> Plan {
    lit(ScalarValue::TimestampMicrosecond(Some(at.as_microsecond()), Some("UTC".into())))
}

/// A civil day as a constant of a plan.
pub(crate) fn day_of_plan(day: jiff::civil::Date) -> Result<Plan, EngineError> {
    let number = functions::number_of(day);
    let number = i32::try_from(number).or_else(|_| refuse(format!("{day} is too far away.")))?;
    Ok(lit(ScalarValue::Date32(Some(number))))
}

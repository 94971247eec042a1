//! A question on its way: which records it is about, and how its expressions read them.

use std::collections::BTreeSet;

use arrow::array::AsArray;
use arrow::datatypes::{Date32Type, TimestampMicrosecondType};
use datafusion::functions_aggregate::expr_fn::max;
use datafusion::logical_expr::{Expr as Plan, ident, lit};
use datafusion::prelude::DataFrame;
use dialmark_lake::{LiveTable, Snapshot};
use dialmark_metrics::{Aggregate, Binding, Expr, Function, Matured, MetricQuery, Scope};
use dialmark_model::civil::Calendar;
use dialmark_model::validity::Days;
use jiff::Timestamp;

use crate::anchor::{Anchor, day_of_plan, instant};
use crate::convert::prepare;
use crate::dimension::Place;
use crate::engine::Engine;
use crate::error::{EngineError, refuse};
use crate::functions::{RowZone, date_of};
use crate::plan::Use;
use crate::states::Overlaps;
use crate::top::Kept;
use crate::{lookup, table};

/// What all passes of a question share.
pub(crate) struct Asked<'q> {
    pub engine: &'q Engine,
    pub question: &'q MetricQuery,
    pub snapshot: &'q Snapshot,
    /// Zone of days and hours.
    pub zone: RowZone,
    /// Names of the dimensions, the grain first.
    pub dimensions: Vec<String>,
    /// Which of them are weekdays.
    pub weekdays: Vec<bool>,
    /// The values of the first dimension of `by` that keep a row of their own.
    pub kept: Option<Kept>,
    /// States over each other that were found on the way.
    pub overlaps: Overlaps,
}

/// A table and the clock by which its records are placed.
pub(crate) struct Clocked<'q> {
    pub live: &'q LiveTable,
    pub anchor: Anchor,
    /// The column that places them, when it is not the table's own choice: a record without it has no place.
    pub at: Option<String>,
}

impl<'q> Asked<'q> {
    pub(crate) fn new(
        engine: &'q Engine,
        question: &'q MetricQuery,
        snapshot: &'q Snapshot,
    ) -> Result<Asked<'q>, EngineError> {
        let centre = engine.calendar();
        let zone = match &question.zone {
            Some(name) => {
                let zone =
                    dialmark_model::civil::zone(name).map_err(|e| EngineError::Question(format!("{e}.")))?;
                RowZone { calendar: centre.in_zone(zone), is_own: false }
            }
            None => RowZone { calendar: centre.clone(), is_own: true },
        };
        let mut dimensions: Vec<String> = question.grain.map(|g| g.word().to_owned()).into_iter().collect();
        for name in &question.by {
            if dimensions.contains(name) {
                return refuse(format!("`{name}` is asked for twice."));
            }
            dimensions.push(name.clone());
        }
        let weekdays = dimensions.iter().map(|d| d == "weekday").collect();
        Ok(Asked {
            engine,
            question,
            snapshot,
            zone,
            dimensions,
            weekdays,
            kept: None,
            overlaps: Overlaps::default(),
        })
    }

    /// The calendar that bounds booked days.
    pub(crate) fn calendar(&self) -> &Calendar {
        &self.zone.calendar
    }

    /// The table of a binding, with the clock by which the binding or the metric places its records.
    pub(crate) fn clocked(
        &self,
        live: &'q LiveTable,
        binding: &Binding,
        one: &Use,
    ) -> Result<Clocked<'q>, EngineError> {
        let moment = one.count_at.map(dialmark_metrics::CountAt::column);
        // Only calls have moments; a call counts where it was dialled by the table's own clock.
        let moment = moment.filter(|m| live.table.name == "calls" && *m != "started_at");
        let at = binding.at.as_deref().or(moment).map(str::to_owned);
        self.clocked_at(live, at)
    }

    /// The table with the clock of a column, or its own.
    pub(crate) fn clocked_at(
        &self,
        live: &'q LiveTable,
        at: Option<String>,
    ) -> Result<Clocked<'q>, EngineError> {
        let kind = at.as_deref().and_then(|at| self.engine.catalogue().kind_of(&live.table.name, at));
        Ok(Clocked { live, anchor: Anchor::of(&live.table, at.as_deref().zip(kind), &self.zone)?, at })
    }

    pub(crate) fn place<'p>(&'p self, clocked: &'p Clocked<'_>) -> Place<'p> {
        Place {
            catalogue: self.engine.catalogue(),
            dispositions: self.engine.dispositions(),
            table: &clocked.live.table.name,
            anchor: &clocked.anchor,
            zone: &self.zone,
        }
    }

    /// The records that the question is about: in scope, in the period, matching the filter; with the columns that
    /// `expressions`, the dimensions or the filter look up in other tables.
    pub(crate) async fn base(
        &self,
        clocked: &Clocked<'q>,
        expressions: &[&Expr],
    ) -> Result<DataFrame, EngineError> {
        let live = clocked.live;
        let pruned = clocked.anchor.prunes(&live.table, self.question.period);
        let rows = table::rows(self.engine, live, &pruned)?;
        let mut rows = self.with_lookups(clocked, rows, expressions).await?;
        for condition in self.conditions(clocked)? {
            rows = rows.filter(condition)?;
        }
        Ok(rows)
    }

    /// The records with the columns that expressions, dimensions and the filter look up in other tables.
    pub(crate) async fn with_lookups(
        &self,
        clocked: &Clocked<'q>,
        rows: DataFrame,
        expressions: &[&Expr],
    ) -> Result<DataFrame, EngineError> {
        let (catalogue, table) = (self.engine.catalogue(), clocked.live.table.name.as_ref());
        let place = self.place(clocked);
        let mut needed: BTreeSet<&str> = BTreeSet::new();
        let mut note = |names: Vec<&str>| {
            needed
                .extend(names.into_iter().filter_map(|n| catalogue.lookup(table, n)).map(|l| l.id.as_str()));
        };
        expressions.iter().for_each(|e| note(e.columns()));
        note(clocked.at.as_deref().into_iter().collect());
        for name in &self.dimensions {
            note(vec![name]);
            if let Some(expr) = catalogue.dimension_on(table, name) {
                note(expr.columns());
            }
        }
        if let Some(filter) = &self.question.filter {
            note(place.spelt_out(filter).columns());
        }
        let needed: Vec<_> = needed.into_iter().filter_map(|name| catalogue.lookups.get(name)).collect();
        lookup::join(self, clocked, rows, &needed).await
    }

    /// Scope, period and filter as conditions.
    pub(crate) fn conditions(&self, clocked: &Clocked<'_>) -> Result<Vec<Plan>, EngineError> {
        let mut all = vec![];
        all.extend(self.scope(clocked.live));
        all.extend(self.when(clocked)?);
        if let Some(filter) = &self.question.filter {
            all.push(self.place(clocked).condition(filter)?);
        }
        Ok(all)
    }

    /// The period as conditions. A record without the moment at which it would count does not count.
    pub(crate) fn when(&self, clocked: &Clocked<'_>) -> Result<Vec<Plan>, EngineError> {
        let within =
            clocked.anchor.within(&self.question.period, self.calendar(), &clocked.live.table.name)?;
        let is_placed = clocked.at.as_ref().map(|at| ident(at.as_str()).is_not_null());
        Ok(is_placed.into_iter().chain(within).collect())
    }

    /// What the asker may see.
    pub(crate) fn scope(&self, live: &LiveTable) -> Option<Plan> {
        let own = within(&self.question.scope, live);
        let confined = within(self.engine.confined(), live);
        [own, confined].into_iter().flatten().reduce(Plan::and)
    }

    /// The condition that a record's day is one of these; `None` for all days.
    pub(crate) fn on_days(&self, days: Days, place: &Place<'_>) -> Result<Option<Plan>, EngineError> {
        if days == Days::ALL || matches!(place.anchor, Anchor::None) {
            // Without a clock there are no days, so the definition of today is meant.
            return Ok((days.until.is_some() && matches!(place.anchor, Anchor::None)).then(|| lit(false)));
        }
        let day = place.day()?;
        let mut condition: Option<Plan> = None;
        let bounds = [
            days.from.map(|from| Ok::<_, EngineError>(day.clone().gt_eq(day_of_plan(from)?))),
            days.until.map(|until| Ok(day.clone().lt(day_of_plan(until)?))),
        ];
        for part in bounds.into_iter().flatten() {
            let part = part?;
            condition = Some(match condition {
                Some(before) => before.and(part),
                None => part,
            });
        }
        Ok(condition)
    }

    /// Expressions of the dimensions, called `d0`, `d1`, ...
    pub(crate) fn group_expressions(&self, place: &Place<'_>) -> Result<Vec<Plan>, EngineError> {
        self.dimensions
            .iter()
            .enumerate()
            .map(|(i, name)| {
                let first = usize::from(self.question.grain.is_some());
                let expr = match (self.question.grain, &self.kept) {
                    (Some(grain), _) if i == 0 => place.anchor.bucket(grain, &self.zone, place.table)?,
                    (_, Some(kept)) if i == first => kept.fold(place.dimension(name)?)?,
                    _ => place.dimension(name)?,
                };
                Ok(expr.alias(format!("d{i}")))
            })
            .collect()
    }

    /// An aggregate with parameters filled in and virtual columns looked up.
    pub(crate) fn aggregate(&self, aggregate: &Aggregate, one: &Use) -> Aggregate {
        let ready = |e: &Expr| self.ready(e, one);
        Aggregate {
            function: match &aggregate.function {
                Function::Count => Function::Count,
                Function::Sum(e) => Function::Sum(ready(e)),
                Function::Min(e) => Function::Min(ready(e)),
                Function::Max(e) => Function::Max(ready(e)),
                Function::Distinct(e) => Function::Distinct(ready(e)),
                Function::Values(e) => Function::Values(ready(e)),
            },
            filter: aggregate.filter.as_ref().map(ready),
        }
    }

    /// An expression with parameters filled in and virtual columns looked up.
    pub(crate) fn ready(&self, expr: &Expr, one: &Use) -> Expr {
        self.ready_on(&one.table, expr, one)
    }

    /// The same for an expression over another table than the measure's own.
    pub(crate) fn ready_on(&self, table: &str, expr: &Expr, one: &Use) -> Expr {
        let table = self.engine.catalogue().tables.get(table);
        let is_own = |name: &str| table.is_some_and(|t| t.column(name).is_some());
        prepare(expr, &one.params, self.engine.dispositions(), &is_own)
    }

    /// A condition of a binding as a plan.
    pub(crate) fn condition(&self, expr: &Expr, one: &Use, place: &Place<'_>) -> Result<Plan, EngineError> {
        place.plan(&self.ready_on(place.table, expr, one))
    }

    /// A window of a binding in milliseconds.
    pub(crate) fn window_ms(&self, window: &Expr, one: &Use) -> Result<i64, EngineError> {
        match self.ready(window, one) {
            Expr::Integer(ms) if ms >= 0 => Ok(ms),
            other => refuse(format!("The window `{other}` of `{}` is no duration.", one.measure)),
        }
    }

    /// The window that must, or must not, have passed.
    pub(crate) fn matured(&self, binding: &Binding, one: &Use) -> Result<Option<(i64, bool)>, EngineError> {
        let matured = |m: &Matured| Ok((self.window_ms(&m.window, one)?, m.has_passed));
        binding.matured.as_ref().map(matured).transpose()
    }

    /// The condition that a record's window ended before the data does, or that it did not.
    pub(crate) async fn has_matured(
        &self,
        clocked: &Clocked<'_>,
        (window_ms, has_passed): (i64, bool),
    ) -> Result<Plan, EngineError> {
        let until = match self.question.complete_until {
            Some(until) => Some(until),
            None => self.end_of_data(clocked.live).await?,
        };
        let latest = until.and_then(|u| u.checked_sub(jiff::SignedDuration::from_millis(window_ms)).ok());
        let Some(latest) = latest else { return Ok(lit(!has_passed)) };
        let passed = match &clocked.anchor {
            Anchor::Instant(at) => at.clone().lt_eq(instant(latest)),
            // A day's window begins when the day is over.
            Anchor::Day(day) => day.clone().lt(day_of_plan(self.calendar().day_of(latest))?),
            Anchor::None => {
                return refuse(format!(
                    "The records of `{}` have no time from which a window could run.",
                    clocked.live.table.name
                ));
            }
        };
        Ok(if has_passed { passed } else { Plan::Not(Box::new(passed)) })
    }

    /// The instant of the last record: what is to happen later on the same day is not known yet, unless other tables show
    /// that the day is over. Where records are booked to days, the data goes on to the end of the last day of any table:
    /// nobody hires every day.
    pub(crate) async fn end_of_data(&self, live: &LiveTable) -> Result<Option<Timestamp>, EngineError> {
        let is_day =
            |name: &str| live.table.column(name).is_some_and(|c| c.kind == dialmark_model::Kind::Day);
        if live.table.placed_by.iter().any(|name| is_day(name)) {
            return self.end_of_all().await;
        }
        let at = |us: i64| Timestamp::from_microsecond(us).ok();
        let happened =
            self.snapshot.tables.values().filter(|t| !dialmark_model::facts::is_planned(&t.table.name));
        let known = happened.filter_map(last_known_us).max().and_then(at);
        let Some(last) = last_known_us(live).and_then(at) else { return self.end_of_all().await };
        if dialmark_model::facts::is_planned(&live.table.name) {
            // What is planned reaches into the future; whether it was kept is known as far as records go.
            return Ok(Some(known.map_or(last, |known| last.min(known))));
        }
        let calendar = self.calendar();
        let day_ends = calendar.day_of(last).tomorrow().ok().and_then(|day| calendar.day_start(day));
        Ok(Some(match (day_ends, known) {
            (Some(ends), Some(known)) if ends <= known => ends,
            _ => last,
        }))
    }

    /// The end of the data of all tables together, booked days included. What is planned is left out, unless there is
    /// nothing else: it says nothing of how far the records go.
    pub(crate) async fn end_of_all(&self) -> Result<Option<Timestamp>, EngineError> {
        let is_planned = |live: &&LiveTable| dialmark_model::facts::is_planned(&live.table.name);
        let happened = self.last_day(self.snapshot.tables.values().filter(|live| !is_planned(live))).await?;
        let last = match happened {
            Some(day) => Some(day),
            None => self.last_day(self.snapshot.tables.values().filter(is_planned)).await?,
        };
        let day = last.and_then(|day| day.tomorrow().ok());
        Ok(day.and_then(|day| self.calendar().day_start(day)))
    }

    /// The last civil day on which a record of these tables is placed.
    async fn last_day(
        &self,
        tables: impl Iterator<Item = &LiveTable>,
    ) -> Result<Option<jiff::civil::Date>, EngineError> {
        let calendar = self.calendar();
        let mut last = None;
        for live in tables {
            if let Some(at) = last_us(live).and_then(|us| Timestamp::from_microsecond(us).ok()) {
                last = last.max(Some(calendar.day_of(at)));
            }
            let mut plans = Vec::new();
            for (number, column) in live.table.placed_by.iter().enumerate() {
                if live.table.column(column).is_some_and(|c| c.kind == dialmark_model::Kind::Day) {
                    plans.push(max(ident(column.as_ref())).alias(format!("last_{number}")));
                }
            }
            if plans.is_empty() {
                continue;
            }
            let rows = table::rows(self.engine, live, &dialmark_model::civil::Period::ALL)?;
            for batch in rows.aggregate(vec![], plans)?.collect().await? {
                for column in batch.columns().iter().filter_map(|c| c.as_primitive_opt::<Date32Type>()) {
                    last = last.max(arrow::compute::max(column).and_then(|d| date_of(i64::from(d))));
                }
            }
        }
        Ok(last)
    }
}

/// The latest placing instant of a table. The first placing column with a value decides: a call that ends after midnight
/// belongs to the day before.
fn last_us(live: &LiveTable) -> Option<i64> {
    latest(live, true)
}

/// The latest instant of which a table knows, by any of the columns that place its records.
fn last_known_us(live: &LiveTable) -> Option<i64> {
    latest(live, false)
}

fn latest(live: &LiveTable, first_alone: bool) -> Option<i64> {
    let columns = || live.table.placed_by.iter().map(AsRef::as_ref);
    let among =
        |values: &mut dyn Iterator<Item = i64>| if first_alone { values.next() } else { values.max() };
    let filed = live.files.iter().filter_map(|file| {
        among(&mut columns().filter_map(|c: &str| file.ranges.get(c).map(|(_, most)| *most)))
    });
    let tail = live.tail.iter().filter_map(|batch| {
        let greatest = |name: &str| {
            let column = batch.column_by_name(name)?.as_primitive_opt::<TimestampMicrosecondType>()?;
            arrow::compute::max(column)
        };
        among(&mut columns().filter_map(greatest))
    });
    filed.chain(tail).max()
}

/// The condition that a record lies within a scope. A table that lacks a column of it shows nothing.
pub(crate) fn within(scope: &Scope, live: &LiveTable) -> Option<Plan> {
    let Scope::Rows(columns) = scope else { return None };
    let part = |(column, values): &(String, Vec<String>)| match live.table.column(column) {
        Some(_) => {
            let values = values.iter().map(|v| lit(v.as_str())).collect();
            datafusion::logical_expr::in_list(ident(column.as_str()), values, false)
        }
        None => lit(false),
    };
    Some(columns.iter().map(part).fold(lit(true), Plan::and))
}

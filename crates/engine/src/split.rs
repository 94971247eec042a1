//! Lengths of time shared out over the intervals that they cross.
//!
//! A record that lies within one interval is read as it is. One that crosses a boundary becomes a piece for each
//! interval; the pieces add up to the record exactly, because each is the difference of two instants floored to
//! milliseconds.

use std::sync::Arc;

use arrow::array::{
    Array, ArrayRef, AsArray, Date32Array, Int64Array, RecordBatch, TimestampMicrosecondArray, UInt32Array,
};
use arrow::compute::take;
use arrow::datatypes::{DataType, Date32Type, Field, Int64Type, Schema, TimestampMicrosecondType};
use datafusion::datasource::MemTable;
use datafusion::functions_aggregate::expr_fn::max;
use datafusion::logical_expr::{Expr as Plan, ExprSchemable, cast, ident, lit};
use datafusion::prelude::{DataFrame, coalesce};
use dialmark_metrics::catalogue::DAY;
use dialmark_metrics::{Covered, Expr, Share, Split};
use dialmark_model::civil::{Grain, Period};
use dialmark_model::facts;
use jiff::Timestamp;

use crate::anchor::{Anchor, instant};
use crate::asked::{Asked, Clocked};
use crate::error::{EngineError, refuse};
use crate::functions::{Clocks, business_day, first_day_number, number_of};
use crate::{covered, share, states, table};

/// The column that holds the length of a piece.
pub(crate) const PIECE: &str = "piece_length";

/// How lengths are cut into pieces, and what becomes of the pieces.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Cut {
    pub split: Split,
    /// What is read of a record: its length, or an expression over its covered time.
    pub reading: Expr,
    pub share: Option<Share>,
    pub covered: Option<Covered>,
}

/// The records, or their pieces, that lie in the question.
pub(crate) async fn base<'q>(
    asked: &Asked<'q>,
    clocked: Clocked<'q>,
    cut: &Cut,
    expressions: &[&Expr],
) -> Result<(Clocked<'q>, DataFrame), EngineError> {
    let from = match &cut.split {
        Split::Length { from } | Split::Days { from, .. } => from,
    };
    let clocked = asked.clocked_at(clocked.live, Some(from.clone()))?;
    let share = cut.share.as_ref();
    let length = cut.covered.as_ref().map_or(&cut.reading, |covered| &covered.length);
    let rows = match &cut.split {
        Split::Length { from } => lengths(asked, &clocked, from, length, share).await?,
        Split::Days { from, until, so_far } => days(asked, &clocked, (from, until), *so_far).await?,
    };
    let mut rows = asked.with_lookups(&clocked, rows, expressions).await?;
    if let Some(share) = share {
        rows = share::apply(asked, &clocked, rows, share).await?;
    }
    if let Some(covered) = &cut.covered {
        rows = covered::apply(asked, &clocked, rows, from, covered, &cut.reading).await?;
    }
    for condition in asked.conditions(&clocked)? {
        rows = rows.filter(condition)?;
    }
    Ok((clocked, rows))
}

/// The finest interval at whose boundaries a length must be cut: that of the grain or of any dimension or condition that
/// speaks of the clock. `None` when nothing does.
fn interval(asked: &Asked<'_>, clocked: &Clocked<'_>, share: Option<&Share>) -> Option<Grain> {
    let catalogue = asked.engine.catalogue();
    let table = &clocked.live.table;
    let mut words: Vec<&str> = asked.dimensions.iter().map(String::as_str).collect();
    for name in &asked.dimensions {
        words.extend(catalogue.dimension_on(&table.name, name).into_iter().flat_map(Expr::columns));
    }
    let filter = asked.question.filter.as_ref().map(|f| asked.place(clocked).spelt_out(f));
    words.extend(filter.iter().flat_map(Expr::columns));
    words.extend(share.iter().flat_map(|s| s.per.iter().map(String::as_str)));
    let of_word = |word: &str| match word {
        _ if table.column(word).is_some() => None,
        "hour" => Some(Grain::Hour),
        "weekday" | DAY => Some(Grain::Day),
        // What a dated look-up says depends on the day.
        _ if catalogue.lookup(&table.name, word).is_some_and(|l| l.since.is_some()) => Some(Grain::Day),
        _ => Grain::from_word(word),
    };
    let finest = |g: &Grain| Grain::ALL.iter().position(|known| known == g);
    words.into_iter().filter_map(of_word).min_by_key(finest)
}

async fn lengths(
    asked: &Asked<'_>,
    clocked: &Clocked<'_>,
    from: &str,
    length: &Expr,
    share: Option<&Share>,
) -> Result<DataFrame, EngineError> {
    let ms = cast(asked.place(clocked).plan(length)?, DataType::Int64);
    let period = asked.question.period;
    let mut rows = reaching(asked, clocked, from, &ms).await?;
    rows = rows.with_column(PIECE, ms)?;
    let mut own = None;
    if facts::holds_states(&clocked.live.table.name) {
        let cutter = Cutter::new(asked, interval(asked, clocked, share));
        (rows, own) = states::own_apart(asked, rows, from, Some(cutter)).await?;
    }
    let schema = rows.schema().clone();
    let start = ident(from);
    let end_type = start.get_type(&schema)?;
    let micros = |e: Plan| cast(e, DataType::Int64);
    // The last microsecond of the length, so that an end on a boundary does not cross it.
    let last_us = micros(start.clone()) + ident(PIECE) * lit(1_000_i64) - lit(1_i64);
    let last = cast(last_us, end_type);
    let mut whole = ident(PIECE).lt_eq(lit(0_i64));
    let mut inside = lit(true);
    if let Some(grain) = interval(asked, clocked, share) {
        let bucket = |at: Plan| Anchor::Instant(at).bucket(grain, &asked.zone, &clocked.live.table.name);
        inside = inside.and(bucket(start.clone())?.eq(bucket(last.clone())?));
    }
    for (bound, is_start) in [(period.from, true), (period.to, false)] {
        if let Some(bound) = bound {
            inside = inside.and(match is_start {
                true => start.clone().gt_eq(instant(bound)),
                false => last.clone().lt(instant(bound)),
            });
        }
    }
    whole = whole.or(inside);
    // A record without a length lies where it begins.
    let whole = coalesce(vec![whole, lit(true)]);
    rows = rows.with_column("is_whole", whole)?;
    let crossing = rows.clone().filter(Plan::Not(Box::new(ident("is_whole"))))?.collect().await?;
    let staying = rows.filter(ident("is_whole"))?;
    let mut cutter = Cutter::new(asked, interval(asked, clocked, share));
    let pieces =
        crossing.iter().map(|batch| cutter.lengths(batch, from)).collect::<Result<Vec<_>, EngineError>>()?;
    let rows = union(asked, staying, &pieces)?;
    union(asked, rows, own.as_slice())
}

/// The records whose length reaches into the period asked for, with the start of each.
pub(crate) async fn reaching(
    asked: &Asked<'_>,
    clocked: &Clocked<'_>,
    from: &str,
    ms: &Plan,
) -> Result<DataFrame, EngineError> {
    let live = clocked.live;
    let all = with_starts(table::rows(asked.engine, live, &Period::ALL)?, clocked, from, ms)?;
    let period = asked.question.period;
    // A record that began before the period may reach into it, by no more than the longest there is.
    let reach = match period.from {
        None => period,
        Some(start) => {
            let longest =
                all.clone().aggregate(vec![], vec![max(ms.clone()).alias("longest")])?.collect().await?;
            let longest = longest
                .first()
                .and_then(|b| b.column_by_name("longest")?.as_primitive_opt::<Int64Type>().cloned())
                .filter(|c| !c.is_empty() && !c.is_null(0))
                .map_or(0, |c| c.value(0).max(0));
            let back = jiff::SignedDuration::from_millis(longest.saturating_add(1));
            Period { from: start.checked_sub(back).ok(), to: period.to }
        }
    };
    let rows = table::rows(asked.engine, live, &clocked.anchor.prunes(&live.table, reach))?;
    let mut rows = with_starts(rows, clocked, from, ms)?;
    if let Some(condition) = clocked.anchor.within(&reach, asked.calendar(), &live.table.name)? {
        rows = rows.filter(condition)?;
    }
    Ok(rows)
}

/// The rows with the start of each length: where only its end was written, that less the length.
fn with_starts(
    rows: DataFrame,
    clocked: &Clocked<'_>,
    from: &str,
    length: &Plan,
) -> Result<DataFrame, EngineError> {
    let Some(stem) = from.strip_suffix("started_at") else { return Ok(rows) };
    let end = format!("{stem}ended_at");
    if clocked.live.table.column(&end).is_none() {
        return Ok(rows);
    }
    let before = cast(ident(end.as_str()), DataType::Int64) - length.clone() * lit(1_000_i64);
    let start = coalesce(vec![ident(from), cast(before, crate::functions::instant_type())]);
    Ok(rows.with_column(from, start)?)
}

async fn days(
    asked: &Asked<'_>,
    clocked: &Clocked<'_>,
    (from, until): (&str, &str),
    so_far: bool,
) -> Result<DataFrame, EngineError> {
    let grain = interval(asked, clocked, None);
    if let Some(grain) = grain.filter(|g| g.micros().is_some()) {
        return refuse(format!(
            "The records of `{}` are booked to days, so they cannot be broken out by `{}`. Use `day` or longer.",
            clocked.live.table.name,
            grain.word()
        ));
    }
    let rows = table::rows(asked.engine, clocked.live, &Period::ALL)?
        .filter(ident(from).is_not_null())?
        .with_column(PIECE, lit(1_i64))?;
    let empty = rows.clone().filter(lit(false))?;
    let batches = rows.collect().await?;
    let mut cutter = Cutter::new(asked, grain);
    // An open stretch lasts as long as there is data; so does every stretch of which only what has passed counts.
    let end = match asked.question.complete_until {
        Some(until) => Some(until),
        None => asked.end_of_all().await?,
    };
    let end = end.map(|at| number_of(asked.calendar().day_of(at)));
    let pieces = batches
        .iter()
        .map(|batch| cutter.days(batch, (from, until), so_far, end))
        .collect::<Result<Vec<_>, EngineError>>()?;
    union(asked, empty, &pieces)
}

fn union(asked: &Asked<'_>, rows: DataFrame, pieces: &[RecordBatch]) -> Result<DataFrame, EngineError> {
    let Some(first) = pieces.first() else { return Ok(rows) };
    let more = MemTable::try_new(first.schema(), vec![pieces.to_vec()])?;
    Ok(rows.union_by_name(asked.engine.context().read_table(Arc::new(more))?)?)
}

/// Cuts records at the boundaries of intervals and of the period.
pub(crate) struct Cutter<'a> {
    asked: &'a Asked<'a>,
    grain: Option<Grain>,
    clocks: Clocks,
    pub(crate) from_us: i64,
    pub(crate) to_us: i64,
}

impl<'a> Cutter<'a> {
    fn new(asked: &'a Asked<'a>, grain: Option<Grain>) -> Cutter<'a> {
        let us = |at: Option<Timestamp>, open: i64| at.map_or(open, Timestamp::as_microsecond);
        Cutter {
            asked,
            grain,
            clocks: Clocks::new(&asked.zone),
            from_us: us(asked.question.period.from, i64::MIN),
            to_us: us(asked.question.period.to, i64::MAX),
        }
    }

    /// The batch with every record replaced by its pieces: their starts and their lengths.
    fn lengths(&mut self, batch: &RecordBatch, from: &str) -> Result<RecordBatch, EngineError> {
        let start = column::<TimestampMicrosecondType>(batch, from)?;
        let length = column::<Int64Type>(batch, PIECE)?;
        let zones = batch.column_by_name("source_zone").and_then(|c| c.as_string_view_opt()).cloned();
        let (mut rows, mut starts, mut pieces) = (Vec::new(), Vec::new(), Vec::new());
        for row in 0..batch.num_rows() {
            if start.is_null(row) || length.is_null(row) {
                continue;
            }
            let zone = zones
                .as_ref()
                .filter(|_| self.asked.zone.is_own)
                .and_then(|z| (!z.is_null(row)).then(|| z.value(row).to_owned()));
            let begin = start.value(row);
            let end = begin.saturating_add(length.value(row).saturating_mul(1_000));
            let (mut at, stop) = (begin.max(self.from_us), end.min(self.to_us));
            while at < stop {
                let next = self.next_boundary(at, zone.as_deref())?.min(stop);
                rows.push(u32::try_from(row).or_else(|_| refuse("a batch is too large."))?);
                starts.push(at);
                pieces.push(next.div_euclid(1_000) - at.div_euclid(1_000));
                at = next;
            }
        }
        let starts: ArrayRef = Arc::new(TimestampMicrosecondArray::from(starts).with_timezone("UTC"));
        replaced(batch, rows, from, &starts, pieces)
    }

    /// The first instant after `at` at which another interval begins.
    pub(crate) fn next_boundary(&mut self, at: i64, zone: Option<&str>) -> Result<i64, EngineError> {
        let Some(grain) = self.grain else { return Ok(i64::MAX) };
        let row_zone = &self.asked.zone;
        let clock = self.clocks.of(zone)?;
        if let Some(micros) = grain.micros() {
            // A change of the clocks within the interval makes two of it: the next one begins at the nearer.
            let bucket = clock.bucket_start_us(at, micros);
            let mut next = bucket.saturating_add(micros);
            if clock.bucket_start_us(next.saturating_sub(1), micros) != bucket {
                // The wall jumped: find the first instant of the other interval.
                let (mut low, mut high) = (at, next);
                while high - low > 1 {
                    let middle = low + (high - low) / 2;
                    match clock.bucket_start_us(middle, micros) == bucket {
                        true => low = middle,
                        false => high = middle,
                    }
                }
                next = high;
            } else if clock.bucket_start_us(next, micros) == bucket {
                // The same wall time comes again without another bucket's start; step on until it changes.
                while clock.bucket_start_us(next, micros) == bucket {
                    next = next.saturating_add(micros);
                }
            }
            return Ok(next);
        }
        let fiscal = row_zone.calendar.fiscal;
        let bucket = first_day_number(grain, business_day(clock, at, row_zone), fiscal);
        let is_same = |clock: &mut _, at: i64| {
            first_day_number(grain, business_day(clock, at, row_zone), fiscal) == bucket
        };
        // Days are found by doubling steps and halving, so that no rule of a zone has to be known here.
        let mut step = 3_600_000_000_i64;
        let mut low = at;
        while is_same(clock, low.saturating_add(step)) {
            low = low.saturating_add(step);
            step = step.saturating_mul(2);
        }
        let mut high = low.saturating_add(step);
        while high - low > 1 {
            let middle = low + (high - low) / 2;
            match is_same(clock, middle) {
                true => low = middle,
                false => high = middle,
            }
        }
        Ok(high)
    }

    /// The batch with every stretch of days replaced by its pieces: their first days and their numbers of days.
    fn days(
        &mut self,
        batch: &RecordBatch,
        (from, until): (&str, &str),
        so_far: bool,
        known_until: Option<i64>,
    ) -> Result<RecordBatch, EngineError> {
        let calendar = self.asked.calendar();
        let first = column::<Date32Type>(batch, from)?;
        let last = column::<Date32Type>(batch, until)?;
        let day_of = |at: Timestamp| number_of(calendar.day_of(at));
        let period = self.asked.question.period;
        let lower = period.from.map_or(i64::MIN, day_of);
        let upper = period.to.map_or(i64::MAX, day_of);
        let (mut rows, mut starts, mut pieces) = (Vec::new(), Vec::new(), Vec::new());
        for row in 0..batch.num_rows() {
            let end = match (last.is_null(row), known_until) {
                (false, Some(known)) if so_far => known.min(i64::from(last.value(row)) + 1),
                (false, _) => i64::from(last.value(row)) + 1,
                // What has not ended lasts as long as there is data.
                (true, Some(known)) => known,
                (true, None) => {
                    return refuse("There is no record from which one could tell where the data ends.");
                }
            };
            let end = end.min(upper);
            let mut at = i64::from(first.value(row)).max(lower);
            while at < end {
                let next = match self.grain {
                    None => end,
                    Some(grain) => next_bucket(grain, at, calendar.fiscal).min(end),
                };
                rows.push(u32::try_from(row).or_else(|_| refuse("a batch is too large."))?);
                starts.push(i32::try_from(at).or_else(|_| refuse("a day is too far away."))?);
                pieces.push(next - at);
                at = next;
            }
        }
        let starts: ArrayRef = Arc::new(Date32Array::from(starts));
        replaced(batch, rows, from, &starts, pieces)
    }
}

/// First day of the bucket after the one that holds the day.
fn next_bucket(grain: Grain, day: i64, fiscal: dialmark_model::civil::FiscalStart) -> i64 {
    let bucket = first_day_number(grain, day, fiscal);
    let mut next = day + 1;
    while first_day_number(grain, next, fiscal) == bucket {
        next += 1;
    }
    next
}

fn column<'b, T: arrow::datatypes::ArrowPrimitiveType>(
    batch: &'b RecordBatch,
    name: &str,
) -> Result<&'b arrow::array::PrimitiveArray<T>, EngineError> {
    match batch.column_by_name(name).and_then(|c| c.as_primitive_opt::<T>()) {
        Some(column) => Ok(column),
        None => refuse(format!("the column `{name}` is missing in a result.")),
    }
}

/// The rows of a batch, some of them several times, with new starts and lengths.
pub(crate) fn replaced(
    batch: &RecordBatch,
    rows: Vec<u32>,
    from: &str,
    starts: &ArrayRef,
    pieces: Vec<i64>,
) -> Result<RecordBatch, EngineError> {
    let rows = UInt32Array::from(rows);
    let pieces: ArrayRef = Arc::new(Int64Array::from(pieces));
    let schema = batch.schema();
    let mut fields = Vec::new();
    let mut columns = Vec::new();
    for (field, column) in schema.fields().iter().zip(batch.columns()) {
        let column = match field.name().as_str() {
            name if name == from => Arc::clone(starts),
            PIECE => Arc::clone(&pieces),
            _ => take(column.as_ref(), &rows, None)?,
        };
        fields.push(Field::new(field.name(), column.data_type().clone(), true));
        columns.push(column);
    }
    Ok(RecordBatch::try_new(Arc::new(Schema::new(fields)), columns)?)
}

//! Functions over rows that SQL engines get wrong or lack: civil time by jiff, exact milliseconds, import flags.

use std::sync::Arc;

use arrow::array::{
    Array, ArrayRef, AsArray, BooleanArray, Date32Array, Int64Array, TimestampMicrosecondArray,
};
use arrow::datatypes::{DataType, Date32Type, TimeUnit, TimestampMicrosecondType};
use datafusion::common::{DataFusionError, ScalarValue};
use datafusion::logical_expr::{ColumnarValue, Expr, ScalarUDF, Volatility, create_udf};
use dialmark_model::civil::{Calendar, Clock, FiscalStart, Grain};
use jiff::civil::Date;

/// UTC instants as they are stored.
pub(crate) fn instant_type() -> DataType {
    DataType::Timestamp(TimeUnit::Microsecond, Some("UTC".into()))
}

/// How rows are placed in civil time: in one zone for all, or each in its own; with the centre's business day and
/// fiscal year.
#[derive(Debug, Clone)]
pub(crate) struct RowZone {
    /// Zone of rows that name none, or of all rows.
    pub calendar: Calendar,
    /// Whether a row's own zone decides.
    pub is_own: bool,
}

impl RowZone {
    /// Arguments of a civil function over an instant.
    pub(crate) fn arguments(&self, at: Expr) -> Vec<Expr> {
        let zone = match self.is_own {
            false => datafusion::logical_expr::lit(ScalarValue::Utf8View(None)),
            true => datafusion::logical_expr::ident("source_zone"),
        };
        vec![at, zone]
    }
}

/// The clock of a row: switches only when the named zone changes, which it seldom does.
pub(crate) struct Clocks {
    fallback: Clock,
    named: Vec<(String, Clock)>,
}

impl Clocks {
    pub(crate) fn new(zone: &RowZone) -> Clocks {
        Clocks { fallback: Clock::new(zone.calendar.zone.clone()), named: Vec::new() }
    }

    pub(crate) fn of(&mut self, name: Option<&str>) -> Result<&mut Clock, DataFusionError> {
        let Some(name) = name else { return Ok(&mut self.fallback) };
        if let Some(at) = self.named.iter().position(|(known, _)| known == name) {
            return Ok(&mut self.named[at].1);
        }
        let zone = dialmark_model::civil::zone(name).map_err(|e| {
            DataFusionError::Execution(format!("a record names a zone that does not exist: {e}"))
        })?;
        self.named.push((name.to_owned(), Clock::new(zone)));
        let last = self.named.len() - 1;
        Ok(&mut self.named[last].1)
    }
}

/// Applies `civil` to each instant under its row's clock.
fn over_clock(
    arguments: &[ColumnarValue],
    zone: &RowZone,
    mut civil: impl FnMut(&mut Clock, i64) -> i64,
) -> Result<Vec<Option<i64>>, DataFusionError> {
    let arrays = ColumnarValue::values_to_arrays(arguments)?;
    let [at, zones] = arrays.as_slice() else {
        return Err(DataFusionError::Internal("civil time takes an instant and a zone".to_owned()));
    };
    let at = at.as_primitive::<TimestampMicrosecondType>();
    let zones = zones.as_string_view();
    let mut clocks = Clocks::new(zone);
    (0..at.len())
        .map(|row| {
            if at.is_null(row) {
                return Ok(None);
            }
            let name = (!zones.is_null(row)).then(|| zones.value(row));
            Ok(Some(civil(clocks.of(name)?, at.value(row))))
        })
        .collect()
}

pub(crate) fn udf(
    name: &str,
    inputs: Vec<DataType>,
    output: DataType,
    body: impl Fn(&[ColumnarValue]) -> Result<ArrayRef, DataFusionError> + Send + Sync + 'static,
) -> ScalarUDF {
    let body = move |arguments: &[ColumnarValue]| {
        // Constants come back as constants, or the planner could not fold them.
        let is_constant = arguments.iter().all(|a| matches!(a, ColumnarValue::Scalar(_)));
        let array = body(arguments)?;
        Ok(if is_constant && array.len() == 1 {
            ColumnarValue::Scalar(ScalarValue::try_from_array(&array, 0)?)
        } else {
            ColumnarValue::Array(array)
        })
    };
    create_udf(name, inputs, output, Volatility::Immutable, Arc::new(body))
}

fn civil_inputs() -> Vec<DataType> {
    vec![instant_type(), DataType::Utf8View]
}

/// Start of the bucket of a grain: an instant below a day, else the first civil day.
pub(crate) fn bucket(grain: Grain, zone: &RowZone) -> ScalarUDF {
    let zone = zone.clone();
    match grain.micros() {
        Some(micros) => udf("civil_bucket", civil_inputs(), instant_type(), move |arguments| {
            let starts = over_clock(arguments, &zone, |clock, at| clock.bucket_start_us(at, micros))?;
            Ok(Arc::new(TimestampMicrosecondArray::from(starts).with_timezone("UTC")))
        }),
        None => udf("civil_bucket", civil_inputs(), DataType::Date32, move |arguments| {
            let mut last: Option<(i64, i64)> = None;
            let days = over_clock(arguments, &zone, |clock, at| {
                let day = business_day(clock, at, &zone);
                match last {
                    Some((seen, first)) if seen == day => first,
                    _ => {
                        let first = first_day_number(grain, day, zone.calendar.fiscal);
                        last = Some((day, first));
                        first
                    }
                }
            })?;
            Ok(Arc::new(dates(days)))
        }),
    }
}

/// Number of the business day on the wall.
pub(crate) fn business_day(clock: &mut Clock, at_us: i64, zone: &RowZone) -> i64 {
    (clock.wall_us(at_us) - zone.calendar.day_starts.micros()).div_euclid(86_400_000_000)
}

/// First day of the bucket that a stored day falls into.
pub(crate) fn day_bucket(grain: Grain, fiscal: FiscalStart) -> ScalarUDF {
    udf("civil_day_bucket", vec![DataType::Date32], DataType::Date32, move |arguments| {
        let arrays = ColumnarValue::values_to_arrays(arguments)?;
        let days = arrays.first().map(|a| a.as_primitive::<Date32Type>().clone());
        let days = days.ok_or_else(|| DataFusionError::Internal("a day is needed".to_owned()))?;
        Ok(Arc::new(dates(
            days.iter().map(|d| d.map(|d| first_day_number(grain, i64::from(d), fiscal))).collect(),
        )))
    })
}

fn dates(days: Vec<Option<i64>>) -> Date32Array {
    days.into_iter().map(|d| d.and_then(|d| i32::try_from(d).ok())).collect()
}

/// Civil date of a day number since 1970.
pub(crate) fn date_of(day: i64) -> Option<Date> {
    let epoch = jiff::civil::date(1970, 1, 1);
    epoch.checked_add(jiff::Span::new().try_days(day).ok()?).ok()
}

/// Day number since 1970 of a civil date.
pub(crate) fn number_of(date: Date) -> i64 {
    let epoch = jiff::civil::date(1970, 1, 1);
    epoch.until(date).map_or(0, |span| i64::from(span.get_days()))
}

pub(crate) fn first_day_number(grain: Grain, day: i64, fiscal: FiscalStart) -> i64 {
    date_of(day).map_or(day, |date| number_of(grain.first_day(date, fiscal)))
}

/// Hour of the day on the wall, 0 to 23.
pub(crate) fn hour_of_day(zone: &RowZone) -> ScalarUDF {
    let zone = zone.clone();
    udf("civil_hour", civil_inputs(), DataType::Int64, move |arguments| {
        let hours = over_clock(arguments, &zone, |clock, at| {
            clock.wall_us(at).rem_euclid(86_400_000_000) / 3_600_000_000
        })?;
        Ok(Arc::new(Int64Array::from(hours)))
    })
}

/// Day of the week of the business day, Monday 0 to Sunday 6.
pub(crate) fn weekday(zone: &RowZone) -> ScalarUDF {
    let zone = zone.clone();
    udf("civil_weekday", civil_inputs(), DataType::Int64, move |arguments| {
        let days = over_clock(arguments, &zone, |clock, at| weekday_of(business_day(clock, at, &zone)))?;
        Ok(Arc::new(Int64Array::from(days)))
    })
}

/// Day of the week of a stored day.
pub(crate) fn day_weekday() -> ScalarUDF {
    udf("civil_day_weekday", vec![DataType::Date32], DataType::Int64, move |arguments| {
        let arrays = ColumnarValue::values_to_arrays(arguments)?;
        let days = arrays.first().map(|a| a.as_primitive::<Date32Type>().clone());
        let days = days.ok_or_else(|| DataFusionError::Internal("a day is needed".to_owned()))?;
        Ok(Arc::new(days.iter().map(|d| d.map(|d| weekday_of(i64::from(d)))).collect::<Int64Array>()))
    })
}

/// 1970-01-01 was a Thursday.
fn weekday_of(day_number: i64) -> i64 {
    (day_number + 3).rem_euclid(7)
}

/// Whole milliseconds between two instants, each floored to a millisecond first, so that parts add exactly.
pub(crate) fn ms_between() -> ScalarUDF {
    udf("ms_between", vec![instant_type(), instant_type()], DataType::Int64, |arguments| {
        let arrays = ColumnarValue::values_to_arrays(arguments)?;
        let [from, to] = arrays.as_slice() else {
            return Err(DataFusionError::Internal("ms_between takes two instants".to_owned()));
        };
        let (from, to) =
            (from.as_primitive::<TimestampMicrosecondType>(), to.as_primitive::<TimestampMicrosecondType>());
        let lengths = from
            .iter()
            .zip(to.iter())
            .map(|(from, to)| Some(to?.div_euclid(1_000) - from?.div_euclid(1_000)));
        Ok(Arc::new(lengths.collect::<Int64Array>()))
    })
}

/// Whole days between two days.
pub(crate) fn days_between() -> ScalarUDF {
    udf("days_between", vec![DataType::Date32, DataType::Date32], DataType::Int64, |arguments| {
        let arrays = ColumnarValue::values_to_arrays(arguments)?;
        let [from, to] = arrays.as_slice() else {
            return Err(DataFusionError::Internal("days_between takes two days".to_owned()));
        };
        let (from, to) = (from.as_primitive::<Date32Type>(), to.as_primitive::<Date32Type>());
        let lengths = from.iter().zip(to.iter()).map(|(from, to)| Some(i64::from(to?) - i64::from(from?)));
        Ok(Arc::new(lengths.collect::<Int64Array>()))
    })
}

/// Whether the import noted a flag on the row.
pub(crate) fn flagged(flag: &str) -> ScalarUDF {
    let flag = flag.to_owned();
    udf("flagged", vec![DataType::Utf8View], DataType::Boolean, move |arguments| {
        let arrays = ColumnarValue::values_to_arrays(arguments)?;
        let flags = arrays.first().map(|a| a.as_string_view().clone());
        let flags = flags.ok_or_else(|| DataFusionError::Internal("flags are needed".to_owned()))?;
        let has = flags
            .iter()
            .map(|f| Some(f.is_some_and(|f| f.split_ascii_whitespace().any(|word| word == flag))));
        Ok(Arc::new(has.collect::<BooleanArray>()))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn day_numbers_and_dates_agree() {
        for (day, text) in [(0, "1970-01-01"), (-1, "1969-12-31"), (20_778, "2026-11-21")] {
            assert_eq!(date_of(day).unwrap().to_string(), text);
            assert_eq!(number_of(date_of(day).unwrap()), day);
        }
        // 2026-11-21 is a Saturday.
        assert_eq!(weekday_of(20_778), 5);
    }
}

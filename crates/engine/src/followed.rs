//! Records that another record of the same entity follows within a window: repeat calls, conversions and the like.
//!
//! The counted records lie in the period; followers may lie past its end and in another table. Records are sorted by
//! entity and time and read once; memory holds one entity at a time.

use std::collections::BTreeMap;

use arrow::array::{Array, AsArray, RecordBatch};
use arrow::datatypes::{DataType, Decimal128Type, Int64Type, TimestampMicrosecondType};
use datafusion::common::ScalarValue;
use datafusion::logical_expr::{Expr as Plan, cast, ident, lit};
use datafusion::prelude::{DataFrame, coalesce};
use dialmark_metrics::answer::{Spread, Sum};
use dialmark_metrics::{Binding, Exact, Expr, Followed, FollowedValue, Hit, Key, Level};
use dialmark_model::civil::Period;
use futures::StreamExt;

use crate::anchor::Anchor;
use crate::answer::text_at;
use crate::asked::{Asked, Clocked};
use crate::convert::{WIDE, scale, signed};
use crate::error::{EngineError, refuse};
use crate::functions::instant_type;
use crate::passes::row_keys;
use crate::plan::Use;
use crate::table;

/// One record of an entity.
struct Event {
    at_us: i64,
    follows: bool,
    /// Set for records of which the first of each entity is looked for.
    is_candidate: bool,
    /// Set for records that are counted.
    counted: Option<Counted>,
    /// For which uses its window has passed, or has not, as they ask: a bit each.
    ripe: u64,
    /// Import and line, by which a record is known to be itself.
    record: (i64, i64),
    /// What is compared with the follower's.
    level: Option<u64>,
    /// What must hold of the follower does.
    holds: bool,
}

/// A record that may count.
pub(crate) struct Counted {
    /// Its dimensions.
    pub keys: Vec<Key>,
    /// Import and line, which name a stored record.
    pub record: (i64, i64),
    /// What is added up; `None` when it is missing.
    pub value: Option<Exact>,
}

/// What became of a record that may count.
pub(crate) struct Fate {
    /// It counts.
    pub hit: bool,
    /// Time to its first follower.
    pub elapsed_ms: Option<i64>,
}

/// Uses of one measure that are read together, for each has a bit.
pub(crate) const MOST_TOGETHER: usize = u64::BITS as usize;

/// What uses of a measure must share to be read together: everything but how long they wait for a follower.
pub(crate) fn but_windows(binding: &Binding, followed: &Followed, one: &Use) -> Use {
    let matured = binding.matured.as_ref().map(|matured| &matured.window);
    let windows: Vec<&str> = followed.within.iter().chain(matured).flat_map(Expr::params).collect();
    let of_followers = [&followed.follower].into_iter().chain(&followed.then);
    let others = binding.record_expressions().into_iter().chain(of_followers);
    let others: Vec<&str> = others.flat_map(Expr::params).collect();
    let mut same = one.clone();
    same.params.0.retain(|name, _| !windows.contains(&name.as_str()) || others.contains(&name.as_str()));
    same
}

/// Sums by combination of dimensions of each use, in their order. The uses differ by windows alone ([`but_windows`]), and are
/// at most [`MOST_TOGETHER`].
pub(crate) async fn run(
    asked: &Asked<'_>,
    clocked: &Clocked<'_>,
    binding: &Binding,
    followed: &Followed,
    uses: &[Use],
) -> Result<Vec<BTreeMap<Vec<Key>, Sum>>, EngineError> {
    let mut found: Vec<BTreeMap<Vec<Key>, Sum>> = vec![BTreeMap::new(); uses.len()];
    let mut overflowed = false;
    visit(asked, clocked, binding, followed, uses, |which, counted, fate| {
        let Some(groups) = found.get_mut(which) else { return };
        if !groups.contains_key(&counted.keys) {
            let nothing = Sum {
                total: (followed.value != FollowedValue::ElapsedValues).then_some(Exact::ZERO),
                spread: (followed.value == FollowedValue::ElapsedValues).then(Spread::default),
                reads: followed.value.to_string(),
                ..Sum::default()
            };
            groups.insert(counted.keys.clone(), nothing);
        }
        let Some(sum) = groups.get_mut(&counted.keys) else { return };
        if !fate.hit {
            return;
        }
        sum.n += 1;
        let elapsed = fate.elapsed_ms.map(|ms| Exact::integer(i128::from(ms)));
        let value = match followed.value {
            FollowedValue::Count => Some(Exact::integer(1)),
            FollowedValue::Sum(_) => counted.value,
            FollowedValue::Elapsed | FollowedValue::ElapsedValues => elapsed,
        };
        match (value, &mut sum.spread) {
            (None, _) => sum.missing += 1,
            (Some(value), Some(spread)) => spread.note(value, 1),
            (Some(value), None) => {
                let total = sum.total.unwrap_or(Exact::ZERO).checked_add(value);
                overflowed |= total.is_none();
                sum.total = total;
            }
        }
    })
    .await?;
    if overflowed {
        let measure = uses.first().map_or("", |one| one.measure.as_str());
        return refuse(format!("The sum of `{measure}` is too large to be written."));
    }
    for sum in found.iter_mut().flat_map(BTreeMap::values_mut) {
        // Records that count, none of which has a value, say nothing.
        if sum.n > 0 && sum.missing == sum.n {
            sum.total = None;
        }
    }
    Ok(found)
}

/// Calls `each` for every record that lies in the question, with the place of the use for which it does and what became of it
/// there. Uses as in [`run`].
pub(crate) async fn visit(
    asked: &Asked<'_>,
    clocked: &Clocked<'_>,
    binding: &Binding,
    followed: &Followed,
    uses: &[Use],
    mut each: impl FnMut(usize, &Counted, Fate),
) -> Result<(), EngineError> {
    let windows_us = windows_us(asked, followed, uses)?;
    let sorted = sorted(asked, clocked, binding, followed, (uses, &windows_us)).await?;
    let mut stream = sorted.execute_stream().await?;
    let mut entity: Option<String> = None;
    let mut events: Vec<Event> = Vec::new();
    let mut settle = |events: &mut Vec<Event>| {
        let followers: Vec<usize> = (0..events.len()).filter(|i| events[*i].follows).collect();
        let mut taken = false;
        for number in 0..events.len() {
            if followed.first.is_some() && (taken || !events[number].is_candidate) {
                continue;
            }
            taken |= events[number].is_candidate;
            let Some(counted) = events[number].counted.take() else { continue };
            for (which, window_us) in windows_us.iter().enumerate() {
                if events[number].ripe & bit(which) == 0 {
                    continue;
                }
                let next = first_follower(followed, &events[..], &followers, number, *window_us);
                let elapsed_ms = next.map(|at| at.div_euclid(1_000) - events[number].at_us.div_euclid(1_000));
                let hit = match followed.hit {
                    Hit::Any => true,
                    Hit::Followed => next.is_some(),
                    Hit::NotFollowed => next.is_none(),
                };
                each(which, &counted, Fate { hit, elapsed_ms });
            }
        }
        events.clear();
    };
    let digits = value_digits(asked, clocked, followed);
    while let Some(batch) = stream.next().await {
        let batch = batch?;
        let names = batch.column_by_name("entity");
        for row in 0..batch.num_rows() {
            let name = names.map(|c| text_at(c.as_ref(), row)).transpose()?.flatten();
            if name != entity {
                settle(&mut events);
                entity = name;
            }
            events.push(event(&batch, row, asked, digits, windows_us.len())?);
        }
    }
    settle(&mut events);
    Ok(())
}

/// How long each use waits for a follower, in microseconds; for ever where it does not say.
fn windows_us(asked: &Asked<'_>, followed: &Followed, uses: &[Use]) -> Result<Vec<i64>, EngineError> {
    let window_us = |one: &Use| match &followed.within {
        Some(within) => Ok(asked.window_ms(within, one)?.saturating_mul(1_000)),
        None => Ok(i64::MAX),
    };
    uses.iter().map(window_us).collect()
}

const fn bit(which: usize) -> u64 {
    1 << which
}

/// When the first record follows that makes a hit of this one. A record is not its own follower.
fn first_follower(
    followed: &Followed,
    events: &[Event],
    followers: &[usize],
    number: usize,
    window_us: i64,
) -> Option<i64> {
    let at = events[number].at_us;
    let from = match followed.or_at_once {
        true => followers.partition_point(|i| events[*i].at_us < at),
        false => followers.partition_point(|i| events[*i].at_us <= at),
    };
    let mut later = followers[from..]
        .iter()
        .map(|i| &events[*i])
        .filter(|e| e.record != events[number].record)
        .take_while(|e| e.at_us.saturating_sub(at) <= window_us);
    let stands = |e: &Event| match followed.level {
        None => true,
        Some((_, order)) => match (events[number].level, e.level) {
            (Some(before), Some(after)) => order == Level::Known || after > before,
            _ => false,
        },
    };
    let is_meant = |e: &Event| e.holds && stands(e);
    match followed.next {
        true => later.next().filter(|e| is_meant(e)).map(|e| e.at_us),
        false => later.find(|e| is_meant(e)).map(|e| e.at_us),
    }
}

/// The place of a text in the order of levels; none when it has no number and is not `current`.
fn level(text: &str) -> Option<u64> {
    if text.trim().eq_ignore_ascii_case("current") {
        return Some(0);
    }
    let from = text.find(|c: char| c.is_ascii_digit())?;
    let digits: String = text[from..].chars().take_while(char::is_ascii_digit).collect();
    digits.parse().ok()
}

fn event(
    batch: &RecordBatch,
    row: usize,
    asked: &Asked<'_>,
    digits: u8,
    uses: usize,
) -> Result<Event, EngineError> {
    let flag =
        |name: &str| batch.column_by_name(name).is_some_and(|c| !c.is_null(row) && c.as_boolean().value(row));
    let number = |name: &str| {
        batch.column_by_name(name).and_then(|c| c.as_primitive_opt::<Int64Type>()).map_or(0, |c| c.value(row))
    };
    let at_us = batch
        .column_by_name("at")
        .and_then(|c| c.as_primitive_opt::<TimestampMicrosecondType>())
        .map_or(0, |c| c.value(row));
    let value = batch
        .column_by_name("value")
        .and_then(|c| c.as_primitive_opt::<Decimal128Type>())
        .filter(|c| !c.is_null(row))
        .and_then(|c| Exact::new(c.value(row), digits));
    let record = (number("import_id"), number("line"));
    let counted = flag("counted")
        .then(|| {
            Ok::<_, EngineError>(Counted { keys: row_keys(batch, row, &asked.weekdays)?, record, value })
        })
        .transpose()?;
    let is_ripe = |which: &usize| counted.is_some() && flag(&ripe_name(*which));
    let ripe = (0..uses).filter(is_ripe).fold(0, |ripe, which| ripe | bit(which));
    let words = batch.column_by_name("level").map(|c| text_at(c.as_ref(), row)).transpose()?.flatten();
    Ok(Event {
        at_us,
        follows: flag("follows"),
        is_candidate: flag("candidate"),
        counted,
        ripe,
        record,
        level: words.as_deref().and_then(level),
        holds: flag("holds"),
    })
}

fn value_digits(asked: &Asked<'_>, clocked: &Clocked<'_>, followed: &Followed) -> u8 {
    let place = asked.place(clocked);
    match &followed.value {
        FollowedValue::Sum(e) => scale(e, &|name| place.kind_of(name)),
        _ => 0,
    }
}

fn ripe_name(which: usize) -> String {
    format!("ripe_{which}")
}

fn certain(e: Plan) -> Plan {
    coalesce(vec![e, lit(false)])
}

fn text(name: &str) -> Plan {
    cast(ident(name), DataType::Utf8View)
}

/// Candidates and followers, sorted by entity and time.
async fn sorted(
    asked: &Asked<'_>,
    clocked: &Clocked<'_>,
    binding: &Binding,
    followed: &Followed,
    (uses, windows_us): (&[Use], &[i64]),
) -> Result<DataFrame, EngineError> {
    let (Some(one), Some(window_us)) = (uses.first(), windows_us.iter().copied().max()) else {
        return refuse("there is nothing that follows.");
    };
    let live = clocked.live;
    let own = Clocked { live, anchor: clocked.anchor.clone(), at: clocked.at.clone() };
    let at = moment(&own)?;
    let place = asked.place(&own);
    let period = asked.question.period;
    // Followers are placed by the table's own clock, whatever column places the counted records.
    let is_own_table =
        followed.follower_table.is_none() && own.at.is_none() && followed.follower_at.is_none();
    let follower_table = followed.follower_table.as_deref().unwrap_or(&live.table.name);
    // Followers may begin after the period. The first of an entity may lie before it.
    let ahead = period.to.and_then(|to| {
        let reached = to.checked_add(jiff::SignedDuration::from_micros(window_us.saturating_add(1))).ok()?;
        // Records that are booked to days are read to the end of the day.
        asked.calendar().day_start(asked.calendar().day_of(reached).tomorrow().ok()?)
    });
    let reach = Period {
        from: if followed.first.is_some() { None } else { period.from },
        to: if is_own_table { ahead } else { period.to },
    };
    let mut rows = table::rows(asked.engine, live, &own.anchor.prunes(&live.table, reach))?;
    let expressions = binding.record_expressions();
    rows = asked.with_lookups(&own, rows, &expressions).await?;
    rows = rows.filter(ident(followed.same.as_str()).is_not_null())?;
    rows = rows.filter(at.clone().is_not_null())?;
    if let Some(scope) = asked.scope(live) {
        rows = rows.filter(scope)?;
    }
    if let Some(condition) = own.anchor.within(&reach, asked.calendar(), &live.table.name)? {
        rows = rows.filter(condition)?;
    }
    let mut counted = asked.condition(&followed.among, one, &place)?;
    let candidate = match &followed.first {
        Some(first) => asked.condition(first, one, &place)?,
        None => counted.clone(),
    };
    for condition in asked.conditions(&own)? {
        counted = counted.and(condition);
    }
    let mut ripe = Vec::new();
    for one in uses {
        ripe.push(match asked.matured(binding, one)? {
            Some(matured) => certain(asked.has_matured(&own, matured).await?),
            None => lit(true),
        });
    }
    if let Some(any) = ripe.iter().cloned().reduce(Plan::or) {
        counted = counted.and(any);
    }
    if let Some(days) = asked.on_days(one.days, &place)? {
        counted = counted.and(days);
    }
    let follows = match is_own_table {
        true => asked.condition(&followed.follower, one, &place)?,
        false => lit(false),
    };
    let holds = match &followed.then {
        Some(then) if is_own_table => asked.condition(then, one, &place)?,
        _ => lit(true),
    };
    let digits = value_digits(asked, &own, followed);
    let value = match &followed.value {
        FollowedValue::Sum(e) => asked.condition(e, one, &place)?,
        _ => lit(ScalarValue::Null),
    };
    let value = cast(value, DataType::Decimal128(WIDE, signed(digits)));
    let level = || match &followed.level {
        Some((column, _)) => text(column),
        None => cast(lit(ScalarValue::Null), DataType::Utf8View),
    };
    let mut columns = vec![
        text(&followed.same).alias("entity"),
        at.clone().alias("at"),
        certain(candidate).alias("candidate"),
        certain(counted).alias("counted"),
        certain(follows).alias("follows"),
        value.alias("value"),
        level().alias("level"),
        certain(holds).alias("holds"),
        ident("import_id").alias("import_id"),
        ident("line").alias("line"),
    ];
    columns.extend(ripe.into_iter().enumerate().map(|(which, ripe)| ripe.alias(ripe_name(which))));
    columns.extend(asked.group_expressions(&place)?);
    let interesting = ident("candidate").or(ident("follows"));
    let mut all = rows.select(columns)?.filter(interesting)?;
    let needs_others = !is_own_table && followed.hit != Hit::Any;
    let others = asked.snapshot.tables.get(follower_table).filter(|t| needs_others && t.rows() > 0);
    if let Some(other) = others {
        let from = Period { from: reach.from, to: ahead };
        let others =
            followers_of(asked, followed, one, asked.clocked_at(other, followed.follower_at.clone())?, from)
                .await?
                .with_column("level", level())?;
        let mut columns = vec![
            text(&followed.follower_same).alias("entity"),
            ident("follower_at").alias("at"),
            lit(false).alias("candidate"),
            lit(false).alias("counted"),
            lit(true).alias("follows"),
            cast(lit(ScalarValue::Null), DataType::Decimal128(WIDE, signed(digits))).alias("value"),
            ident("level"),
            ident("holds"),
            ident("import_id").alias("import_id"),
            ident("line").alias("line"),
        ];
        columns.extend((0..uses.len()).map(|which| lit(false).alias(ripe_name(which))));
        for i in 0..asked.dimensions.len() {
            let name = format!("d{i}");
            let kind = all.schema().field_with_unqualified_name(&name)?.data_type().clone();
            columns.push(lit(ScalarValue::try_from(&kind)?).alias(name));
        }
        all = all.union(others.select(columns)?)?;
    }
    let order = ["entity", "at", "import_id", "line"].map(|c| ident(c).sort(true, true));
    Ok(all.sort(order.to_vec())?)
}

/// The followers in another table, with the column `follower_at`.
async fn followers_of(
    asked: &Asked<'_>,
    followed: &Followed,
    one: &Use,
    clocked: Clocked<'_>,
    reach: Period,
) -> Result<DataFrame, EngineError> {
    let live = clocked.live;
    let at = moment(&clocked)?;
    let mut rows = table::rows(asked.engine, live, &clocked.anchor.prunes(&live.table, reach))?;
    let expressions: Vec<&Expr> = std::iter::once(&followed.follower).chain(&followed.then).collect();
    // The dimensions and the filter of the question speak of the counted records, not of their followers.
    let plain =
        dialmark_metrics::MetricQuery { by: Vec::new(), filter: None, grain: None, ..asked.question.clone() };
    let inner = Asked::new(asked.engine, &plain, asked.snapshot)?;
    rows = inner.with_lookups(&clocked, rows, &expressions).await?;
    rows = rows.filter(ident(followed.follower_same.as_str()).is_not_null())?;
    rows = rows.filter(at.clone().is_not_null())?;
    if let Some(scope) = inner.scope(live) {
        rows = rows.filter(scope)?;
    }
    if let Some(condition) = clocked.anchor.within(&reach, inner.calendar(), &live.table.name)? {
        rows = rows.filter(condition)?;
    }
    let place = inner.place(&clocked);
    rows = rows.filter(certain(inner.condition(&followed.follower, one, &place)?))?;
    let holds = match &followed.then {
        Some(then) => certain(inner.condition(then, one, &place)?),
        None => lit(true),
    };
    Ok(rows.with_column("follower_at", at.clone())?.with_column("holds", holds)?)
}

/// When a record happens; what is booked to a day happens as the day begins, so that days keep their order.
fn moment(clocked: &Clocked<'_>) -> Result<Plan, EngineError> {
    match &clocked.anchor {
        Anchor::Instant(at) => Ok(at.clone()),
        Anchor::Day(day) => Ok(cast(day.clone(), instant_type())),
        Anchor::None => refuse(format!(
            "The records of `{}` have no time, so nothing can follow.",
            clocked.live.table.name
        )),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn levels_are_the_first_numbers_in_texts() {
        let known = [
            ("1-30", 1),
            ("31-60", 31),
            ("91+", 91),
            ("Bucket 10", 10),
            ("current", 0),
            ("Current", 0),
            ("0", 0),
        ];
        for (text, number) in known {
            assert_eq!(level(text), Some(number), "{text}");
        }
        // Words have no place in an order that nobody declared.
        for text in ["charged off", "legal", ""] {
            assert_eq!(level(text), None, "{text}");
        }
    }
}

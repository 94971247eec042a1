//! Time in states: at each moment a person is in one state of a source, the one that began last.
//!
//! What systems write of states overlaps: a state in the midst of another, one that ends after the next has begun, one
//! for the whole shift with the real ones in it. Lengths that were added up as they stand would count such time twice. So
//! a state has the time that no later one of the same person takes from it, and goes on when the later one is over; of
//! two that begin at once the longer one is the earlier. What a person's states last together is the time under them.

use std::collections::{BTreeMap, HashMap};
use std::fmt;
use std::sync::{Arc, Mutex, PoisonError};

use arrow::array::{Array, ArrayRef, AsArray, RecordBatch, TimestampMicrosecondArray};
use arrow::compute::{cast as cast_array, concat_batches};
use arrow::datatypes::{DataType, Field, Int64Type, Schema, TimestampMicrosecondType};
use datafusion::common::JoinType;
use datafusion::datasource::MemTable;
use datafusion::logical_expr::{Expr as Plan, cast, ident, lit};
use datafusion::prelude::{DataFrame, coalesce};
use futures::StreamExt;

use crate::answer::text_at;
use crate::asked::Asked;
use crate::covered::{Stretch, ms};
use crate::error::{EngineError, refuse};
use crate::split::{Cutter, PIECE, replaced};

/// A person of a source.
type Person = (String, String);

/// What a question found of states over each other, in its period.
#[derive(Debug, Default)]
pub(crate) struct Overlaps(Mutex<Found>);

#[derive(Debug, Default, Clone, Copy, PartialEq, Eq)]
struct Found {
    states: u64,
    people: u64,
    ms: i64,
}

impl Overlaps {
    /// Passes over the same period find the same.
    fn note(&self, found: Found) {
        let mut known = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if found.ms > known.ms {
            *known = found;
        }
    }

    /// What is to be said with the answer.
    pub(crate) fn said(&self) -> Option<String> {
        let found = *self.0.lock().unwrap_or_else(PoisonError::into_inner);
        (found.ms > 0).then(|| found.to_string())
    }
}

impl fmt::Display for Found {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let counted = |number: u64, one: &str| match number {
            1 => format!("1 {one}"),
            more => format!("{more} {one}s"),
        };
        let seconds = self.ms / 1_000;
        write!(
            out,
            "In this time {} of {} lay under later ones of the same agent for {}:{:02}:{:02} h (of all agents, whoever is \
             asked about), which counts once: for the state that began last.",
            counted(self.states, "state"),
            counted(self.people, "agent"),
            seconds / 3_600,
            seconds / 60 % 60,
            seconds % 60
        )
    }
}

/// The rows, whose lengths stand in [`PIECE`] and begin in `from`, with each replaced by the stretches of time that are its own.
pub(crate) async fn own_time(
    asked: &Asked<'_>,
    rows: DataFrame,
    from: &str,
) -> Result<DataFrame, EngineError> {
    let (rest, own) = own_apart(asked, rows, from, None).await?;
    let Some(own) = own else { return Ok(rest) };
    let own = MemTable::try_new(own.schema(), vec![vec![own]])?;
    Ok(rest.union_by_name(asked.engine.context().read_table(Arc::new(own))?)?)
}

/// The rows that nothing is taken from, and those of people whose states overlap, as the time that is their own: stretch by
/// stretch, or, with a cutter, one row for each interval that the record has time in.
pub(crate) async fn own_apart(
    asked: &Asked<'_>,
    rows: DataFrame,
    from: &str,
    cutter: Option<Cutter<'_>>,
) -> Result<(DataFrame, Option<RecordBatch>), EngineError> {
    let lasts = || {
        let known = ident("agent_id").is_not_null().and(ident(from).is_not_null());
        coalesce(vec![known.and(ident(PIECE).gt(lit(0_i64))), lit(false)])
    };
    let overlapping = overlapping(rows.clone().filter(lasts())?, from).await?;
    if overlapping.is_empty() {
        return Ok((rows, None));
    }
    let others = rows.clone().filter(Plan::Not(Box::new(lasts())))?;
    let lasting = rows.filter(lasts())?;
    let on = |rows: DataFrame, how: JoinType, people: DataFrame| {
        rows.join(people, how, &["source", "agent_id"], &["their_source", "their_agent"], None)
    };
    let people = || table_of(asked, &overlapping);
    let theirs = on(lasting.clone(), JoinType::LeftSemi, people()?)?.collect().await?;
    let rest = others.union_by_name(on(lasting, JoinType::LeftAnti, people()?)?)?;
    let Some(first) = theirs.first() else { return Ok((rest, None)) };
    let theirs = concat_batches(&first.schema(), &theirs)?;
    let (own, found) = own_pieces(&theirs, from, asked, cutter)?;
    asked.overlaps.note(found);
    Ok((rest, Some(own)))
}

/// The people of whom a state begins before an earlier one is over.
async fn overlapping(rows: DataFrame, from: &str) -> Result<Vec<Person>, EngineError> {
    let text = |name: &str| cast(ident(name), DataType::Utf8View);
    let columns =
        vec![text("source").alias("source"), text("agent_id").alias("agent"), ident(from), ident(PIECE)];
    let mut known: HashMap<String, HashMap<String, Vec<Stretch>>> = HashMap::new();
    let mut stream = rows.select(columns)?.execute_stream().await?;
    while let Some(batch) = stream.next().await {
        let batch = batch?;
        let (sources, agents) = (batch.column(0).as_string_view(), batch.column(1).as_string_view());
        let starts = batch.column(2).as_primitive::<TimestampMicrosecondType>();
        let lengths = batch.column(3).as_primitive::<Int64Type>();
        for row in 0..batch.num_rows() {
            let source = if sources.is_null(row) { "" } else { sources.value(row) };
            let of_source = match known.get_mut(source) {
                Some(of_source) => of_source,
                None => known.entry(source.to_owned()).or_default(),
            };
            let stretch = stretch(starts.value(row), lengths.value(row));
            match of_source.get_mut(agents.value(row)) {
                Some(all) => all.push(stretch),
                None => {
                    of_source.insert(agents.value(row).to_owned(), vec![stretch]);
                }
            }
        }
    }
    let mut people = Vec::new();
    for (source, agents) in known {
        for (agent, mut all) in agents {
            all.sort_unstable();
            let mut last = i64::MIN;
            let overlaps = all.iter().any(|(start, end)| {
                let before = last;
                last = last.max(*end);
                *start < before
            });
            if overlaps {
                people.push((source.clone(), agent));
            }
        }
    }
    people.sort_unstable();
    Ok(people)
}

fn stretch(start_us: i64, ms: i64) -> Stretch {
    (start_us, start_us.saturating_add(ms.saturating_mul(1_000)))
}

fn table_of(asked: &Asked<'_>, people: &[Person]) -> Result<DataFrame, EngineError> {
    let names = ["their_source", "their_agent"];
    let schema =
        Arc::new(Schema::new(names.map(|name| Field::new(name, DataType::Utf8View, false)).to_vec()));
    let column = |pick: fn(&Person) -> &str| {
        let texts: arrow::array::StringArray = people.iter().map(|person| Some(pick(person))).collect();
        cast_array(&texts, &DataType::Utf8View)
    };
    let columns = vec![column(|person| &person.0)?, column(|person| &person.1)?];
    let batch = RecordBatch::try_new(Arc::clone(&schema), columns)?;
    Ok(asked.engine.context().read_table(Arc::new(MemTable::try_new(schema, vec![vec![batch]])?))?)
}

/// The rows of people, each as the time that is its own; and what lay under others within the period.
fn own_pieces(
    batch: &RecordBatch,
    from: &str,
    asked: &Asked<'_>,
    mut cutter: Option<Cutter<'_>>,
) -> Result<(RecordBatch, Found), EngineError> {
    let period = asked.question.period;
    let column = |name: &str| match batch.column_by_name(name) {
        Some(column) => Ok(Arc::clone(column)),
        None => refuse(format!("the column `{name}` is missing in a result.")),
    };
    let (starts, lengths) = (column(from)?, column(PIECE)?);
    let starts = starts.as_primitive::<TimestampMicrosecondType>();
    let lengths = lengths.as_primitive::<Int64Type>();
    let texts = ["source", "agent_id", "state", "source_id"].map(column);
    let [source, agent, state, id] = texts;
    let (source, agent, state, id) = (source?, agent?, state?, id?);
    let mut by_person: HashMap<(Option<String>, Option<String>), Vec<State>> = HashMap::new();
    for row in 0..batch.num_rows() {
        let text = |column: &ArrayRef| text_at(column.as_ref(), row);
        let (start, end) = stretch(starts.value(row), lengths.value(row));
        let states = by_person.entry((text(&source)?, text(&agent)?)).or_default();
        states.push(State { start, end, word: text(&state)?, id: text(&id)?, row });
    }
    let from_us = period.from.map_or(i64::MIN, jiff::Timestamp::as_microsecond);
    let to_us = period.to.map_or(i64::MAX, jiff::Timestamp::as_microsecond);
    let in_period = |(start, end): Stretch| {
        let (start, end) = (start.max(from_us), end.min(to_us));
        if start < end { ms((start, end)) } else { 0 }
    };
    let zones = batch.column_by_name("source_zone").filter(|_| asked.zone.is_own);
    let mut found = Found::default();
    let (mut rows, mut begins, mut pieces) = (Vec::new(), Vec::new(), Vec::new());
    for states in by_person.into_values() {
        let mut own: BTreeMap<usize, Vec<Stretch>> = BTreeMap::new();
        for (row, stretch) in swept(&states) {
            own.entry(row).or_default().push(stretch);
        }
        let before = found;
        for state in &states {
            let kept = own.get(&state.row).into_iter().flatten().map(|stretch| in_period(*stretch));
            let lost = in_period((state.start, state.end)) - kept.sum::<i64>();
            found.states += u64::from(lost > 0);
            found.ms += lost;
        }
        found.people += u64::from(found != before);
        for (row, stretches) in own {
            let zone = zones.map(|column| text_at(column.as_ref(), row)).transpose()?.flatten();
            let parts = match &mut cutter {
                None => stretches.iter().map(|stretch| (stretch.0, ms(*stretch))).collect(),
                Some(cutter) => by_interval(cutter, zone.as_deref(), &stretches)?,
            };
            for (start, ms) in parts {
                rows.push(u32::try_from(row).or_else(|_| refuse("a batch is too large."))?);
                begins.push(start);
                pieces.push(ms);
            }
        }
    }
    let begins: ArrayRef = Arc::new(TimestampMicrosecondArray::from(begins).with_timezone("UTC"));
    Ok((replaced(batch, rows, from, &begins, pieces)?, found))
}

/// One start and length for each interval, and within the period, that a record has time in: a record is one there, however
/// often others interrupt it.
fn by_interval(
    cutter: &mut Cutter<'_>,
    zone: Option<&str>,
    stretches: &[Stretch],
) -> Result<Vec<(i64, i64)>, EngineError> {
    let mut parts: Vec<(i64, i64)> = Vec::new();
    let mut bound = i64::MIN;
    for (start, end) in stretches {
        let (mut at, stop) = (*start.max(&cutter.from_us), *end.min(&cutter.to_us));
        while at < stop {
            if at >= bound {
                bound = cutter.next_boundary(at, zone)?;
                parts.push((at, 0));
            }
            let next = bound.min(stop);
            if let Some((_, sum)) = parts.last_mut() {
                *sum += ms((at, next));
            }
            at = next;
        }
    }
    Ok(parts)
}

/// One state of a person.
#[derive(Debug, Clone, PartialEq, Eq)]
struct State {
    start: i64,
    end: i64,
    word: Option<String>,
    id: Option<String>,
    row: usize,
}

/// The time of each state, cut out of that of the states of one person: rows and stretches.
fn swept(states: &[State]) -> Vec<(usize, Stretch)> {
    let mut in_order: Vec<&State> = states.iter().collect();
    in_order.sort_by(|a, b| {
        // Of two that begin at once the longer is the earlier; what is left is settled by what they are called.
        (a.start, b.end, &a.word, &a.id).cmp(&(b.start, a.end, &b.word, &b.id))
    });
    let mut pieces = Vec::new();
    // Those that have begun, the last on top.
    let mut begun: Vec<&State> = Vec::new();
    let mut now = i64::MIN;
    let mut run_until = |begun: &mut Vec<&State>, until: i64| {
        while let Some(top) = begun.last() {
            let end = top.end.min(until);
            if now < end {
                pieces.push((top.row, (now, end)));
                now = end;
            }
            if top.end > until {
                break;
            }
            begun.pop();
        }
        now = now.max(until);
    };
    for state in in_order {
        run_until(&mut begun, state.start);
        begun.push(state);
    }
    run_until(&mut begun, i64::MAX);
    pieces
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn states(list: &[(i64, i64)]) -> Vec<State> {
        let state = |(row, &(start, end)): (usize, &Stretch)| State { start, end, word: None, id: None, row };
        list.iter().enumerate().map(state).collect()
    }

    #[test]
    fn a_state_goes_on_when_a_later_one_is_over() {
        // Ready from 9 to 10 with a talk in it, a pause that ends half an hour after the next state has begun.
        let found = swept(&states(&[(540, 600), (570, 585), (600, 660), (630, 690)]));
        let wanted = [(0, (540, 570)), (1, (570, 585)), (0, (585, 600)), (2, (600, 630)), (3, (630, 690))];
        assert_eq!(found, wanted);
    }

    #[test]
    fn of_two_that_begin_at_once_the_longer_is_the_earlier_and_a_copy_counts_once() {
        assert_eq!(swept(&states(&[(0, 5), (0, 9)])), [(0, (0, 5)), (1, (5, 9))]);
        let twice = swept(&states(&[(0, 5), (0, 5)]));
        assert_eq!(twice.iter().map(|(_, piece)| ms((piece.0 * 1_000, piece.1 * 1_000))).sum::<i64>(), 5);
    }

    proptest! {
        #[test]
        fn every_moment_belongs_to_the_state_that_began_last(
            list in prop::collection::vec((0_i64..60, 1_i64..30), 0..12),
        ) {
            let list: Vec<Stretch> = list.into_iter().map(|(start, length)| (start, start + length)).collect();
            let found = swept(&states(&list));
            for moment in 0..100 {
                let covers = |(start, end): &Stretch| *start <= moment && moment < *end;
                let owners: Vec<usize> = found.iter().filter(|(_, s)| covers(s)).map(|(row, _)| *row).collect();
                // By hand: the latest start, of those the earliest end; which of two alike does not matter.
                let last = list.iter().filter(|s| covers(s)).map(|(start, end)| (*start, -end)).max();
                let owner = owners.first().and_then(|row| list.get(*row)).map(|(start, end)| (*start, -end));
                prop_assert!(owners.len() <= 1);
                prop_assert_eq!(owner, last, "at {}", moment);
            }
        }
    }
}

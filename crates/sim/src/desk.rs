//! The desk over which every row leaves: it decides what arrives late, twice, corrected or damaged, and counts it.
//!
//! Whether that happens to a row depends on the row's own key alone, never on what else is sent.

use jiff::civil::Date;

use crate::calendar::{DAY, HOUR, plus};
use crate::counts::DayCounts;
use crate::num::signed;
use crate::rng::Rng;
use crate::shape::Shape;
use crate::stream::{Stream, json_line};
use crate::tallies::Tallies;
use crate::text::{Fields, Text, iso_utc};
use crate::world::World;

/// Rows per million that arrive in a later file.
const LATE_PPM: u64 = 5_000;
/// Rows per million that arrive with one field wrong, and again, corrected.
const CORRECTED_PPM: u64 = 4_000;
/// Rows per million that arrive twice.
const DUPLICATE_PPM: u64 = 3_000;
/// Rows per million whose first writing broke off or lost its times; the good row follows.
const DAMAGED_PPM: u64 = 600;
/// Dials per million, among those no agent took, whose length is written as a negative number.
const NEGATIVE_PPM: u64 = 500;

/// More columns than any stream has.
const MOST: usize = 32;

/// First key of the chance of rows, apart from those of [`crate::floor::Purpose`].
const PURPOSE: u64 = 77;

/// Takes rows with the instant at which they are delivered.
pub(crate) trait Outlet {
    /// What can go wrong.
    type Error;

    /// Takes one row.
    fn put(&mut self, at_ms: i64, stream: Stream, day: Date, fields: &[&str]) -> Result<(), Self::Error>;
}

/// What became of a row that was sent.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Sent {
    /// It lies after the end of the records.
    NotYet,
    /// It was delivered, and in the end says what is true.
    Truly,
    /// It was delivered with a negative length.
    WithoutLength,
}

/// What happens to a row on its way; lags in milliseconds.
#[derive(Debug, Default)]
struct Faults {
    late: Option<i64>,
    corrected: Option<i64>,
    again: Option<i64>,
    damaged: Option<u64>,
    negative: bool,
}

impl Faults {
    /// At most one fault a row: a single draw decides, so that the many rows without one cost little.
    fn of(rng: &mut Rng) -> Faults {
        let none = Faults::default();
        match rng.below(1_000_000) {
            n if n < LATE_PPM => Faults { late: Some(rng.between(7, 9) * DAY), ..none },
            n if n < LATE_PPM + CORRECTED_PPM => {
                Faults { corrected: Some(rng.between(20, 70) * HOUR), ..none }
            }
            n if n < LATE_PPM + CORRECTED_PPM + DUPLICATE_PPM => {
                Faults { again: Some(rng.between(0, 50) * HOUR), ..none }
            }
            n if n < LATE_PPM + CORRECTED_PPM + DUPLICATE_PPM + DAMAGED_PPM => {
                Faults { damaged: Some(rng.below(2)), ..none }
            }
            n if n < LATE_PPM + CORRECTED_PPM + DUPLICATE_PPM + DAMAGED_PPM + NEGATIVE_PPM => {
                Faults { negative: true, ..none }
            }
            _ => none,
        }
    }
}

/// Writes rows and counts.
pub(crate) struct Desk<'a, O: Outlet> {
    pub out: &'a mut O,
    pub world: &'a World,
    pub tallies: &'a mut Tallies,
    /// What is counted too often for look-ups; settled after each floor's day.
    pub counts: DayCounts,
    /// The row that is being written; all columns but the last, which says when it was modified.
    row: Fields,
    line: String,
    stamp: Text,
    /// The day of the last row, and its first and last millisecond.
    day: (Date, i64, i64),
}

impl<'a, O: Outlet> Desk<'a, O> {
    /// An empty desk for a floor of so many people.
    pub(crate) fn new(
        out: &'a mut O,
        world: &'a World,
        tallies: &'a mut Tallies,
        people: usize,
    ) -> Desk<'a, O> {
        Desk {
            out,
            world,
            tallies,
            counts: DayCounts::new(people),
            row: Fields::default(),
            line: String::new(),
            stamp: Text::default(),
            day: (Date::ZERO, 0, 0),
        }
    }

    fn day_of(&mut self, at_ms: i64) -> Date {
        let (day, from, until) = self.day;
        if (from..until).contains(&at_ms) {
            return day;
        }
        let day = self.world.calendar.day_of(at_ms);
        self.day = (day, self.world.calendar.at(day, 0), self.world.calendar.at(plus(day, 1), 0));
        day
    }

    /// Begins a row.
    pub(crate) fn begin(&mut self) -> &mut Fields {
        self.row.clear();
        &mut self.row
    }

    /// Sends the row as of `at_ms`. `revision` 0 is a new record, others change one that was sent before.
    pub(crate) fn send(
        &mut self,
        stream: Stream,
        key: u64,
        revision: u64,
        at_ms: i64,
    ) -> Result<Sent, O::Error> {
        let now = self.world.now_ms;
        if at_ms > now {
            return Ok(Sent::NotYet);
        }
        let shape = stream.shape();
        let row = std::mem::take(&mut self.row);
        let mut stamp = std::mem::take(&mut self.stamp);
        let sent = self.deliver(stream, shape, &row, &mut stamp, key, revision, at_ms);
        self.row = row;
        self.stamp = stamp;
        sent
    }

    #[expect(clippy::too_many_arguments, reason = "the two texts are lent for the length of a row")]
    fn deliver(
        &mut self,
        stream: Stream,
        shape: &Shape,
        row: &Fields,
        stamp: &mut Text,
        key: u64,
        revision: u64,
        at_ms: i64,
    ) -> Result<Sent, O::Error> {
        let now = self.world.now_ms;
        let mut fields = [""; MOST];
        let len = row.len() + 1;
        debug_assert_eq!(len, shape.columns.len(), "{stream:?}");
        row.read(&mut fields);
        stamp.clear();
        iso_utc(stamp, at_ms);
        fields[len - 1] = stamp.as_str();

        let faults = Faults::of(&mut Rng::of(&[self.world.plan.seed, PURPOSE, stream.key(), key, revision]));
        let late = faults.late.map(|lag| at_ms + lag).filter(|at| *at <= now);
        let corrected = faults
            .corrected
            .map(|lag| at_ms + lag)
            .filter(|at| shape.amended.is_some() && *at <= now && late.is_none());
        let negative = shape.negative.filter(|(empty, _)| faults.negative && fields[*empty].is_empty());
        if let Some((_, length)) = negative {
            fields[length] = "-1.000";
        }
        let counts = &mut self.counts.streams[stream as usize];
        counts.records += u64::from(revision == 0);
        counts.revisions += u64::from(revision > 0);
        counts.late += u64::from(late.is_some());
        counts.corrected += u64::from(corrected.is_some());
        counts.negative_lengths += u64::from(negative.is_some());

        let delivered = late.unwrap_or(at_ms);
        if let Some(kind) = faults.damaged {
            self.damaged(stream, delivered, &fields[..len], kind)?;
        }
        let mut later_stamp = Text::default();
        let last = match (corrected, shape.amended) {
            (Some(corrected_at), Some((column, wrong))) => {
                let right = std::mem::replace(&mut fields[column], wrong);
                self.write(stream, delivered, &fields[..len])?;
                fields[column] = right;
                iso_utc(&mut later_stamp, corrected_at);
                fields[len - 1] = later_stamp.as_str();
                corrected_at
            }
            _ => delivered,
        };
        self.write(stream, last, &fields[..len])?;
        if let Some(again_at) = faults.again.map(|lag| last + lag).filter(|at| *at <= now) {
            self.counts.streams[stream as usize].duplicates += 1;
            self.write(stream, again_at, &fields[..len])?;
        }
        Ok(if negative.is_some() { Sent::WithoutLength } else { Sent::Truly })
    }

    /// A row that broke off, or one whose times are all unreadable.
    fn damaged(&mut self, stream: Stream, at_ms: i64, fields: &[&str], kind: u64) -> Result<(), O::Error> {
        let counts = &mut self.counts.streams[stream as usize];
        if kind == 0 {
            counts.damaged_columns += 1;
            counts.rows += 1;
            let day = self.day_of(at_ms);
            if stream.is_json_lines() {
                self.line.clear();
                json_line(stream.header(), fields, &mut self.line);
                let half = self.line.len() / 2;
                let half = (half..).find(|at| self.line.is_char_boundary(*at)).unwrap_or(half);
                return self.out.put(at_ms, stream, day, &[&self.line[..half]]);
            }
            return self.out.put(at_ms, stream, day, &fields[..fields.len() / 2]);
        }
        counts.damaged_times += 1;
        let mut broken = [""; MOST];
        broken[..fields.len()].copy_from_slice(fields);
        for at in stream.shape().times {
            broken[*at] = "#VALUE!";
        }
        self.write(stream, at_ms, &broken[..fields.len()])
    }

    fn write(&mut self, stream: Stream, at_ms: i64, fields: &[&str]) -> Result<(), O::Error> {
        self.counts.streams[stream as usize].rows += 1;
        let day = self.day_of(at_ms);
        if stream.is_json_lines() {
            self.line.clear();
            json_line(stream.header(), fields, &mut self.line);
            return self.out.put(at_ms, stream, day, &[&self.line]);
        }
        self.out.put(at_ms, stream, day, fields)
    }
}

/// A number from the identifier's text, for the row's chance.
pub(crate) fn text_key(id: &str) -> u64 {
    id.bytes()
        .fold(0xcbf2_9ce4_8422_2325, |state, byte| (state ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3))
}

/// Pence as ten-thousandths of a pound, the unit of all cost tallies.
pub(crate) fn units(pence: i64) -> i64 {
    pence * 100
}

/// Rounds `amount * rate / per` to the nearest whole, halves up; for wages by the millisecond.
pub(crate) fn rounded(amount: i64, rate: i64, per: i64) -> i64 {
    let wide = i128::from(amount) * i128::from(rate) * 2 + i128::from(per);
    i64::try_from(wide.div_euclid(i128::from(per) * 2)).unwrap_or(signed(u64::MAX))
}

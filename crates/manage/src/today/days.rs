//! The days that are told of: today so far, yesterday, and the dialling days before.

use dialmark_engine::EngineError;
use dialmark_metrics::{Key, Ratio};
use dialmark_model::civil::{self, Calendar, Grain, Period};
use jiff::civil::Date;
use jiff::{Timestamp, ToSpan};

use super::Seen;

/// Days before today among which dialling days are looked for.
const BACK: i64 = 35;
/// Dialling days whose pace is taken.
const PACE: usize = 7;

/// Days and instants.
pub(super) struct Days {
    /// The first record.
    pub(super) first_at: Timestamp,
    /// Up to when is told.
    pub(super) at: Timestamp,
    pub(super) day: Date,
    pub(super) day_from: Timestamp,
    pub(super) day_to: Timestamp,
    /// Days before today on which anybody was called, in order.
    pub(super) dialled: Vec<Date>,
}

impl Days {
    /// The last dialling day.
    pub(super) fn yesterday(&self) -> Option<Date> {
        self.dialled.last().copied()
    }

    /// The last seven dialling days: the first, the last and how many there are.
    pub(super) fn pace(&self) -> Option<(Date, Date, usize)> {
        let days = self.dialled.get(self.dialled.len().saturating_sub(PACE)..)?;
        Some((*days.first()?, *days.last()?, days.len()))
    }

    /// Today so far.
    pub(super) const fn so_far(&self) -> Period {
        Period { from: Some(self.day_from), to: Some(self.at) }
    }

    /// What is left of today.
    pub(super) const fn left(&self) -> Period {
        Period { from: Some(self.at), to: Some(self.day_to) }
    }
}

/// The instant at which clocks show the same as at another, so many weeks before.
pub(super) fn weeks_before(at: Timestamp, weeks: i64, calendar: &Calendar) -> Option<Timestamp> {
    let wall = at.to_zoned(calendar.zone.clone()).datetime();
    Some(civil::place(wall.checked_sub((7 * weeks).days()).ok()?, &calendar.zone)?.0)
}

/// Days before today on which anybody was called.
pub(super) async fn dialled(seen: &Seen<'_>) -> Result<Vec<Date>, EngineError> {
    let calendar = seen.asked.engine.calendar();
    let first = seen.days.day.checked_sub(BACK.days()).ok();
    let mut question = seen.question(&["dials"], &[], calendar.period(first, Some(seen.days.day)))?;
    question.grain = Some(Grain::Day);
    let Ok(table) = seen.ask(&question).await? else { return Ok(Vec::new()) };
    let days = table.rows.iter().filter_map(|row| match (row.keys.first()?, row.cells.first()?) {
        (Key::Day(day), cell) if cell.value.as_ref().is_ok_and(|n| *n > Ratio::ZERO) => Some(*day),
        _ => None,
    });
    Ok(days.collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_same_hour_of_an_earlier_week_is_the_same_on_the_wall() {
        let calendar = Calendar::plain(civil::zone("Europe/London").unwrap());
        // The clocks went back on 25 October.
        let now: Timestamp = "2026-11-16T10:00:00Z".parse().unwrap();
        assert_eq!(weeks_before(now, 4, &calendar).unwrap().to_string(), "2026-10-19T09:00:00Z");
        assert_eq!(weeks_before(now, 1, &calendar).unwrap().to_string(), "2026-11-09T10:00:00Z");
    }
}

//! What is done about reports that are due: caught up, passed over, held, sent.

use dialmark_model::civil::{Calendar, Grain};
use jiff::civil::Date;
use jiff::tz::TimeZone;
use jiff::{Timestamp, ToSpan};
use serde::Serialize;

use super::schedule::{Due, Hold, Otherwise};
use super::{Kind, KindWord};
use crate::window::{Stretch, Window};

/// What is due, told apart.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Planned {
    /// Nobody was there to send them, and nobody wants them any more.
    pub missed: Vec<Due>,
    /// To be sent, in this order.
    pub wanted: Vec<Due>,
}

/// What became due while nobody was there. A morning sheet is wanted on its day and not afterwards; a week of a client and
/// what is returned to them is theirs however late it comes.
pub fn plan(kind: KindWord, due: Vec<Due>, now: Timestamp, zone: &TimeZone) -> Planned {
    match kind {
        KindWord::ClientPack | KindWord::ReturnFile => Planned { missed: Vec::new(), wanted: due },
        KindWord::Morning => {
            let today = dialmark_model::civil::day_of(now, zone);
            let (wanted, missed) = due.into_iter().partition(|due| due.day == today);
            Planned { missed, wanted }
        }
    }
}

/// Records that a source usually has delivered by then, and has not.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Lacking {
    /// The source.
    pub source: String,
    /// What it fills.
    pub table: String,
    /// Hours of which most is missing.
    pub hours: u32,
    /// The start of the first.
    pub first: Timestamp,
}

/// What is done with a report that is due.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Verdict {
    /// It is sent.
    Send,
    /// It is sent, and says what is missing.
    SendLacking,
    /// It waits for what is missing.
    Wait,
    /// It is not sent.
    Skip,
}

/// What is done now with a report that is due, when records are missing or not.
pub fn verdict(hold: &Hold, due: &Due, now: Timestamp, is_lacking: bool) -> Verdict {
    match (is_lacking, now < due.hold_until, hold.otherwise) {
        (false, ..) => Verdict::Send,
        (true, true, _) => Verdict::Wait,
        (true, false, Otherwise::Send) => Verdict::SendLacking,
        (true, false, Otherwise::Skip) => Verdict::Skip,
    }
}

/// The last whole week before a day.
pub fn week_before(day: Date, calendar: &Calendar) -> Stretch {
    let week = Window::Calendar(Grain::Week);
    let this = week.holding(day, calendar);
    week.holding(this.from.checked_sub(1.day()).unwrap_or(this.from), calendar)
}

impl Kind {
    /// The days whose records it needs, for what is due on a day: the week of a pack, else the day before.
    pub fn days_of(&self, day: Date, calendar: &Calendar) -> Stretch {
        match self {
            Kind::ClientPack { .. } => week_before(day, calendar),
            Kind::Morning { .. } | Kind::ReturnFile { .. } => {
                Stretch { from: day.yesterday().unwrap_or(day), until: day }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use dialmark_model::civil;
    use jiff::civil::date;

    fn at(text: &str) -> Timestamp {
        text.parse().unwrap()
    }

    fn due(day: Date) -> Due {
        let at = at(&format!("{day}T06:45:00Z"));
        Due { day, at, hold_until: at + jiff::SignedDuration::from_hours(2) }
    }

    #[test]
    fn after_a_downtime_the_sheet_of_today_is_sent_and_the_others_are_noted_as_missed() {
        let zone = civil::zone("Europe/London").unwrap();
        let days: Vec<Due> = (1..=3).map(|day| due(date(2026, 7, day))).collect();
        let planned = plan(KindWord::Morning, days.clone(), at("2026-07-03T15:00:00Z"), &zone);
        assert_eq!((planned.missed.len(), planned.wanted.len()), (2, 1));
        assert_eq!(planned.wanted[0].day, date(2026, 7, 3));
        // On the day after, before its own time, there is nothing to send.
        let planned = plan(KindWord::Morning, days.clone(), at("2026-07-04T05:00:00Z"), &zone);
        assert_eq!((planned.missed.len(), planned.wanted.len()), (3, 0));
        let planned = plan(KindWord::ReturnFile, days, at("2026-07-04T05:00:00Z"), &zone);
        assert_eq!((planned.missed.len(), planned.wanted.len()), (0, 3));
    }

    #[test]
    fn what_lacks_records_waits_and_then_says_so_or_is_left_out() {
        let due = due(date(2026, 7, 1));
        let (early, late) = (at("2026-07-01T07:00:00Z"), at("2026-07-01T08:45:00Z"));
        let send = Hold { until: jiff::civil::time(9, 45, 0, 0), otherwise: Otherwise::Send };
        assert_eq!(verdict(&send, &due, early, false), Verdict::Send);
        assert_eq!(verdict(&send, &due, early, true), Verdict::Wait);
        assert_eq!(verdict(&send, &due, late, true), Verdict::SendLacking);
        let skip = Hold { otherwise: Otherwise::Skip, ..send };
        assert_eq!(verdict(&skip, &due, late, true), Verdict::Skip);
        assert_eq!(verdict(&skip, &due, late, false), Verdict::Send);
    }

    #[test]
    fn a_pack_is_of_the_last_whole_week() {
        let calendar = Calendar::plain(civil::zone("Europe/London").unwrap());
        // A Monday and the Sunday before it.
        assert_eq!(week_before(date(2026, 7, 6), &calendar).to_string(), "2026-06-29 to 2026-07-05");
        assert_eq!(week_before(date(2026, 7, 5), &calendar).to_string(), "2026-06-22 to 2026-06-28");
    }
}

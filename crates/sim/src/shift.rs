//! An agent's day: log-ins, pauses and the stretches of time between them in which calls are handled.
//!
//! Times are milliseconds after the day's midnight.

use crate::calendar::{HOUR, MINUTE, SECOND};
use crate::people::Shift;
use crate::rng::Rng;
use crate::story::{OUTAGE_FROM, OUTAGE_UNTIL};

/// Why an agent pauses.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Reason {
    Break,
    Lunch,
    Coaching,
}

impl Reason {
    pub(crate) const fn id(self) -> &'static str {
        match self {
            Reason::Break => "BREAK",
            Reason::Lunch => "LUNCH",
            Reason::Coaching => "COACH",
        }
    }

    /// The word that the schedule uses.
    pub(crate) const fn activity(self) -> &'static str {
        match self {
            Reason::Break => "break",
            Reason::Lunch => "lunch",
            Reason::Coaching => "coaching",
        }
    }

    /// Lunch is not paid.
    pub(crate) const fn is_paid(self) -> bool {
        !matches!(self, Reason::Lunch)
    }
}

/// A planned pause.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Pause {
    pub start: i64,
    pub len: i64,
    pub reason: Reason,
}

/// A stretch in which calls are handled.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Work {
    /// Hour of the day to which its calls are counted when they are shared out.
    pub hour: u8,
    pub start: i64,
    pub end: i64,
    /// Everything must be over by `end`: the system goes down.
    pub hard: bool,
}

/// What follows what between log-in and log-out.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Item {
    Work(Work),
    Pause(Pause),
}

/// From log-in to log-out, as planned; a call that runs over moves what follows.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Session {
    pub login: i64,
    pub logout: i64,
    pub items: Vec<Item>,
}

impl Shift {
    /// Planned start and end.
    pub(crate) const fn clock(self) -> (i64, i64) {
        match self {
            Shift::Early => (9 * HOUR, 17 * HOUR),
            Shift::Late => (12 * HOUR, 20 * HOUR),
        }
    }

    /// Earliest and latest start of each pause, and its length, in minutes after midnight; starts are planned in
    /// steps of five minutes. The late shift has no
    /// break after 18:00, the early one its first between 10:15 and 11:55.
    const fn pauses(self) -> [(i64, i64, i64, Reason); 3] {
        match self {
            Shift::Early => {
                [(615, 700, 15, Reason::Break), (735, 830, 45, Reason::Lunch), (900, 970, 15, Reason::Break)]
            }
            Shift::Late => [
                (810, 880, 15, Reason::Break),
                (920, 990, 45, Reason::Lunch),
                (1_040, 1_065, 10, Reason::Break),
            ],
        }
    }

    const fn coaching_minute(self) -> i64 {
        match self {
            Shift::Early => 878,
            Shift::Late => 897,
        }
    }
}

/// The pauses planned for an agent on a day, in order.
pub(crate) fn pauses(shift: Shift, rng: &mut Rng) -> Vec<Pause> {
    let mut all: Vec<Pause> = shift
        .pauses()
        .iter()
        .map(|(from, to, minutes, reason)| Pause {
            start: rng.between(from / 5, to / 5) * 5 * MINUTE,
            len: minutes * MINUTE,
            reason: *reason,
        })
        .collect();
    if rng.chance(120_000) {
        all.push(Pause {
            start: shift.coaching_minute() * MINUTE,
            len: 20 * MINUTE,
            reason: Reason::Coaching,
        });
    }
    all.sort_by_key(|pause| pause.start);
    all
}

/// An agent's sessions: one, or two around the outage.
pub(crate) fn sessions(shift: Shift, pauses: &[Pause], outage: bool, rng: &mut Rng) -> Vec<Session> {
    let (start, end) = shift.clock();
    let login = start + rng.between(-60 * SECOND, 150 * SECOND);
    let logout = end + rng.between(0, 60 * SECOND);
    // Nobody's calls begin and end with the clock's hour: each agent's hours are a little late.
    let late = rng.between(0, 6 * MINUTE);
    if outage && login < OUTAGE_FROM {
        let back = OUTAGE_UNTIL + rng.between(SECOND, 90 * SECOND);
        return vec![
            session(login, OUTAGE_FROM, late, pauses, true),
            session(back, logout, late, pauses, false),
        ];
    }
    vec![session(login, logout, late, pauses, false)]
}

fn session(login: i64, logout: i64, late: i64, pauses: &[Pause], hard: bool) -> Session {
    let mut items = Vec::new();
    let mut at = login;
    let work_until = |items: &mut Vec<Item>, mut at: i64, until: i64| {
        while at < until {
            let hour = ((at - late) / HOUR).max(login / HOUR).min((logout - 1) / HOUR);
            let end = ((hour + 1) * HOUR + late).min(until).max(at + 1);
            // A remainder of seconds belongs to the hour before it.
            let end = if until - end < MINUTE { until } else { end };
            let hour = u8::try_from(hour.clamp(9, 19)).unwrap_or(9);
            items.push(Item::Work(Work { hour, start: at, end, hard }));
            at = end;
        }
    };
    for pause in pauses {
        // A pause that the session does not hold entirely is not taken.
        if pause.start < at + MINUTE || pause.start + pause.len + MINUTE > logout {
            continue;
        }
        work_until(&mut items, at, pause.start);
        items.push(Item::Pause(*pause));
        at = pause.start + pause.len;
    }
    work_until(&mut items, at, logout);
    Session { login, logout, items }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn items_tile_the_session_and_pauses_do_not_overlap() {
        for seed in 0..3_000 {
            let mut rng = Rng::of(&[seed]);
            for shift in [Shift::Early, Shift::Late] {
                let pauses = pauses(shift, &mut rng);
                for session in sessions(shift, &pauses, seed % 2 == 0, &mut rng) {
                    let mut at = session.login;
                    for item in &session.items {
                        let (start, end) = match item {
                            Item::Work(work) => (work.start, work.end),
                            Item::Pause(pause) => (pause.start, pause.start + pause.len),
                        };
                        assert_eq!(start, at, "{session:?}");
                        assert!(end > start, "{session:?}");
                        at = end;
                    }
                    assert_eq!(at, session.logout, "{session:?}");
                }
            }
        }
    }

    #[test]
    fn nobody_works_during_the_outage() {
        let mut rng = Rng::of(&[1]);
        let pauses = pauses(Shift::Early, &mut rng);
        let sessions = sessions(Shift::Early, &pauses, true, &mut rng);
        assert_eq!(sessions.len(), 2);
        assert_eq!(sessions[0].logout, OUTAGE_FROM);
        assert!(sessions[1].login >= OUTAGE_UNTIL);
    }
}

//! Laying an agent's tasks into the day: every millisecond between log-in and log-out belongs to one state.

use crate::calendar::SECOND;
use crate::num::signed;
use crate::rng::Rng;
use crate::shift::{Item, Reason, Session, Work};

/// What an agent is doing.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum State {
    /// Ready for the next call.
    Wait,
    /// Reading a lead before dialling it.
    Preview,
    /// Hearing it ring.
    Dial,
    /// Talking.
    Talk,
    /// The other party is on hold.
    Hold,
    /// Work after the call.
    Wrap,
    /// Paused.
    Pause,
}

impl State {
    /// All states, in the order in which tallies hold them.
    pub const ALL: [State; 7] =
        [State::Wait, State::Preview, State::Dial, State::Talk, State::Hold, State::Wrap, State::Pause];

    /// Our word for it.
    pub const fn word(self) -> &'static str {
        match self {
            State::Wait => "wait",
            State::Preview => "preview",
            State::Dial => "dial",
            State::Talk => "talk",
            State::Hold => "hold",
            State::Wrap => "wrap",
            State::Pause => "pause",
        }
    }

    /// The dialler's word for it.
    pub(crate) const fn code(self) -> &'static str {
        match self {
            State::Wait => "READY",
            State::Preview => "PREVIEW",
            State::Dial => "DIAL",
            State::Talk => "INCALL",
            State::Hold => "HOLD",
            State::Wrap => "DISPO",
            State::Pause => "PAUSE",
        }
    }
}

/// The lengths of one agent's work on one dial.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Task {
    /// Index of the call.
    pub call: usize,
    pub preview: i64,
    pub dial: i64,
    pub talk: i64,
    pub hold: i64,
    pub wrap: i64,
}

impl Task {
    fn parts(&mut self) -> [&mut i64; 5] {
        [&mut self.preview, &mut self.dial, &mut self.talk, &mut self.hold, &mut self.wrap]
    }

    fn len(&self) -> i64 {
        self.preview + self.dial + self.talk + self.hold + self.wrap
    }
}

/// A task with its start.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Placed {
    pub task: Task,
    pub start: i64,
}

/// A stretch of time in one state.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Span {
    pub state: State,
    pub reason: Option<Reason>,
    pub call: Option<usize>,
    pub from: i64,
    pub until: i64,
}

/// A session as it was worked.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Worked {
    pub spans: Vec<Span>,
    pub placed: Vec<Placed>,
    pub logout: i64,
}

/// Lays the tasks of each stretch of work into it, at random and without overlap. `occupancy` stretches or
/// shortens them to fill that share of the stretch, in thousandths, within reason.
pub(crate) fn work(
    session: &Session,
    tasks: &mut dyn FnMut(&Work) -> Vec<Task>,
    occupancy: impl Fn(u8) -> Option<u64>,
    rng: &mut Rng,
) -> Worked {
    let mut day = Worked { logout: session.logout, ..Worked::default() };
    let mut free = session.login;
    for item in &session.items {
        match item {
            Item::Work(work) => {
                let start = work.start.max(free);
                let room = work.end - start;
                let mut tasks = tasks(work);
                fit(&mut tasks, room, work.hard, occupancy(work.hour), rng);
                let gaps = gaps(&tasks, room, rng);
                let mut at = start;
                for (task, gap) in tasks.into_iter().zip(gaps) {
                    at += gap;
                    day.wait(free, at);
                    day.task(task, at);
                    at += task.len();
                    free = at;
                }
            }
            Item::Pause(pause) => {
                let start = pause.start.max(free);
                day.wait(free, start);
                let until = start + pause.len;
                day.push(State::Pause, Some(pause.reason), None, start, until);
                free = until;
            }
        }
    }
    day.logout = session.logout.max(free);
    day.wait(free, day.logout);
    day
}

/// Stretches or shortens tasks: to the occupancy wanted, and in any case into a stretch that ends hard.
fn fit(tasks: &mut [Task], room: i64, hard: bool, occupancy: Option<u64>, rng: &mut Rng) {
    let total: i64 = tasks.iter().map(Task::len).sum();
    if total == 0 {
        return;
    }
    let mut thousandths = 1_000;
    if let Some(occupancy) = occupancy {
        let wanted = room.max(0) * signed(occupancy) / 1_000;
        thousandths = (wanted * rng.between(970, 1_030) / total).clamp(550, 1_600);
    }
    if hard {
        // What is lost to rounding is at most a millisecond a part, and a gap of as much is left before each.
        thousandths = thousandths.min((room - 20 * signed(tasks.len() as u64)).max(0) * 1_000 / total);
    }
    for task in tasks {
        for part in task.parts() {
            *part = *part * thousandths / 1_000;
        }
    }
}

/// Waiting before each task: what the tasks leave, split at random, the last share left after them.
fn gaps(tasks: &[Task], room: i64, rng: &mut Rng) -> Vec<i64> {
    let left = room - tasks.iter().map(Task::len).sum::<i64>();
    if left <= 0 {
        // More work than room: the next call comes at once, and what follows moves.
        return tasks.iter().map(|_| rng.between(150, SECOND)).collect();
    }
    let weights: Vec<i64> = (0..=tasks.len()).map(|_| rng.between(20, 1_000)).collect();
    let sum: i64 = weights.iter().sum();
    weights.iter().map(|weight| left * weight / sum).collect()
}

impl Worked {
    fn push(&mut self, state: State, reason: Option<Reason>, call: Option<usize>, from: i64, until: i64) {
        if until > from {
            self.spans.push(Span { state, reason, call, from, until });
        }
    }

    fn wait(&mut self, from: i64, until: i64) {
        self.push(State::Wait, None, None, from, until);
    }

    fn task(&mut self, task: Task, start: i64) {
        self.placed.push(Placed { task, start });
        let mut at = start;
        // A hold lies within the conversation.
        let (before, after) =
            if task.hold > 0 { (task.talk * 3 / 5, task.talk - task.talk * 3 / 5) } else { (task.talk, 0) };
        for (state, len) in [
            (State::Preview, task.preview),
            (State::Dial, task.dial),
            (State::Talk, before),
            (State::Hold, task.hold),
            (State::Talk, after),
            (State::Wrap, task.wrap),
        ] {
            self.push(state, None, Some(task.call), at, at + len);
            at += len;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::people::Shift;
    use crate::shift;

    #[test]
    fn spans_tile_the_session_to_the_millisecond_however_much_work_there_is() {
        for seed in 0..600 {
            let mut rng = Rng::of(&[seed]);
            let pauses = shift::pauses(Shift::Late, &mut rng);
            for outage in [false, true] {
                let pauses = if outage { shift::pauses(Shift::Early, &mut rng) } else { pauses.clone() };
                let shift = if outage { Shift::Early } else { Shift::Late };
                for session in shift::sessions(shift, &pauses, outage, &mut rng) {
                    let mut call = 0;
                    let per_hour = seed % 40;
                    let mut give = |_: &Work| {
                        (0..per_hour)
                            .map(|_| {
                                call += 1;
                                Task { call, preview: 0, dial: 900, talk: 120_000, hold: 7_000, wrap: 30_011 }
                            })
                            .collect()
                    };
                    let wanted = (seed % 3 == 0).then_some(800);
                    let day = work(&session, &mut give, |_| wanted, &mut rng);
                    let mut at = session.login;
                    for span in &day.spans {
                        assert_eq!(span.from, at);
                        assert!(span.until > span.from);
                        at = span.until;
                    }
                    assert_eq!(at, day.logout);
                    let is_cut = outage && session.logout == crate::story::OUTAGE_FROM;
                    assert!(
                        !is_cut || day.logout == session.logout,
                        "work went on after the system was down"
                    );
                }
            }
        }
    }

    #[test]
    fn a_stretch_is_filled_to_the_occupancy_asked_for() {
        let mut rng = Rng::of(&[3]);
        let work_item = Work { hour: 10, start: 0, end: 3_600_000, hard: false };
        let session = Session { login: 0, logout: 3_600_000, items: vec![Item::Work(work_item)] };
        let mut give = |_: &Work| {
            (0..12)
                .map(|call| Task { call, preview: 0, dial: 0, talk: 200_000, hold: 0, wrap: 40_000 })
                .collect()
        };
        let day = work(&session, &mut give, |_| Some(930), &mut rng);
        let busy: i64 = day.spans.iter().filter(|s| s.state != State::Wait).map(|s| s.until - s.from).sum();
        assert!((busy - 3_348_000).abs() < 110_000, "{busy}");
    }
}

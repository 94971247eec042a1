//! An agent's time as one state after the other, from events that overlap.
//!
//! What systems log are changes: logged in, paused, connected, each with its own beginning and end, some of them twice and
//! some never. Time is what facts need: stretches that lie neither over each other nor apart while the agent is logged in.
//! The rules: a conversation is stronger than ringing, ringing than a pause, a pause than waiting; a conversation or ringing
//! counts even outside a log-in, for nobody talks who is not there; a pause counts outside only where no log-in was ever
//! seen. So the states of a log-in add up to it, to the millisecond.

/// What an agent does, the strongest first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum State {
    Talk,
    Ring,
    Pause,
    Wait,
}

impl State {
    pub(crate) const fn word(self) -> &'static str {
        match self {
            State::Talk => "talk",
            State::Ring => "ring",
            State::Pause => "pause",
            State::Wait => "wait",
        }
    }
}

/// A stretch of time in one state, in milliseconds since 1970.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Stretch {
    pub(crate) from_ms: i64,
    pub(crate) to_ms: i64,
    pub(crate) state: State,
    /// The reason of a pause, the call of a conversation, the queue: what the event said.
    pub(crate) about: Vec<(&'static str, String)>,
}

/// Everything that was logged of one agent.
#[derive(Debug, Default)]
pub(crate) struct Logged {
    /// From log-in to log-out.
    pub(crate) shifts: Vec<(i64, i64)>,
    /// Conversations, ringing, pauses, in the order of the log.
    pub(crate) events: Vec<Stretch>,
}

impl Logged {
    /// Log-ins that overlap or touch made one.
    pub(crate) fn merged_shifts(&self) -> Vec<(i64, i64)> {
        let mut shifts: Vec<(i64, i64)> =
            self.shifts.iter().copied().filter(|(from, to)| from < to).collect();
        shifts.sort_unstable();
        let mut merged: Vec<(i64, i64)> = Vec::with_capacity(shifts.len());
        for (from, to) in shifts {
            match merged.last_mut() {
                Some((_, last)) if from <= *last => *last = to.max(*last),
                _ => merged.push((from, to)),
            }
        }
        merged
    }

    /// The agent's time, stretch after stretch.
    pub(crate) fn states(&self) -> Vec<Stretch> {
        let shifts = self.merged_shifts();
        let mut cuts: Vec<i64> = shifts.iter().flat_map(|(from, to)| [*from, *to]).collect();
        cuts.extend(self.events.iter().flat_map(|event| [event.from_ms, event.to_ms]));
        cuts.sort_unstable();
        cuts.dedup();
        // Events that may reach over a cut, kept while the cuts are walked in their order.
        let mut waiting: Vec<&Stretch> =
            self.events.iter().filter(|event| event.from_ms < event.to_ms).collect();
        waiting.sort_by_key(|event| event.from_ms);
        let mut next = waiting.into_iter().peekable();
        let mut running: Vec<&Stretch> = Vec::new();
        let mut shift = shifts.iter().peekable();
        let mut all: Vec<Stretch> = Vec::new();
        for (&from, &to) in cuts.iter().zip(cuts.iter().skip(1)) {
            running.retain(|event| event.to_ms > from);
            while let Some(event) = next.next_if(|event| event.from_ms <= from) {
                running.push(event);
            }
            while shift.next_if(|(_, end)| *end <= from).is_some() {}
            let is_logged = shift.peek().is_some_and(|(start, end)| *start <= from && to <= *end);
            let counts = |event: &&&Stretch| is_logged || event.state != State::Pause || shifts.is_empty();
            // Of two of the same strength the one that began first goes on.
            let strongest = running.iter().filter(counts).min_by_key(|event| (event.state, event.from_ms));
            let stretch = match strongest {
                Some(event) => Stretch { from_ms: from, to_ms: to, ..(*event).clone() },
                None if is_logged => {
                    Stretch { from_ms: from, to_ms: to, state: State::Wait, about: Vec::new() }
                }
                None => continue,
            };
            match all.last_mut() {
                Some(last)
                    if last.to_ms == stretch.from_ms
                        && last.state == stretch.state
                        && last.about == stretch.about =>
                {
                    last.to_ms = stretch.to_ms;
                }
                _ => all.push(stretch),
            }
        }
        all
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn event(from_ms: i64, to_ms: i64, state: State) -> Stretch {
        Stretch { from_ms, to_ms, state, about: Vec::new() }
    }

    fn told(logged: &Logged) -> Vec<(i64, i64, &'static str)> {
        logged.states().iter().map(|s| (s.from_ms, s.to_ms, s.state.word())).collect()
    }

    #[test]
    fn the_states_of_a_log_in_add_up_to_it() {
        let logged = Logged {
            shifts: vec![(0, 100), (90, 200)],
            events: vec![
                event(10, 30, State::Talk),
                event(20, 50, State::Pause),
                event(25, 28, State::Ring),
                event(60, 60, State::Talk),
            ],
        };
        assert_eq!(told(&logged), [(0, 10, "wait"), (10, 30, "talk"), (30, 50, "pause"), (50, 200, "wait")]);
        assert_eq!(logged.states().iter().map(|s| s.to_ms - s.from_ms).sum::<i64>(), 200);
    }

    #[test]
    fn a_conversation_counts_outside_a_log_in_and_a_pause_does_not() {
        let logged = Logged {
            shifts: vec![(100, 200)],
            events: vec![event(50, 80, State::Pause), event(190, 230, State::Talk)],
        };
        assert_eq!(told(&logged), [(100, 190, "wait"), (190, 230, "talk")]);
        let unknown = Logged { shifts: Vec::new(), ..logged };
        assert_eq!(told(&unknown), [(50, 80, "pause"), (190, 230, "talk")]);
    }

    #[test]
    fn what_is_logged_twice_counts_once() {
        let logged = Logged {
            shifts: vec![(0, 100), (0, 100)],
            events: vec![event(10, 40, State::Pause), event(20, 60, State::Pause)],
        };
        assert_eq!(told(&logged), [(0, 10, "wait"), (10, 60, "pause"), (60, 100, "wait")]);
    }
}

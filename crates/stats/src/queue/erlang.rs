//! Erlang's formulas of 1917: lost calls and waiting callers.

use super::{MOST_SERVERS, is_load, is_time};

/// How callers fare who wait until they are answered.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Waiting {
    erlangs: f64,
    servers: f64,
    handle: f64,
    waits: f64,
}

/// Share of calls that find all lines taken and are lost (Erlang B). `None` for a load that is negative or not finite, or more
/// than a million lines.
pub fn blocking(erlangs: f64, lines: u32) -> Option<f64> {
    if !is_load(erlangs) || lines > MOST_SERVERS {
        return None;
    }
    Some((1..=lines).fold(1.0, |blocked, line| with_one_more(blocked, erlangs, line)))
}

/// The share that is lost with one line more than `blocked` was lost with: B' = a B / (k + a B), without factorials.
pub(super) fn with_one_more(blocked: f64, erlangs: f64, line: u32) -> f64 {
    let blocked = erlangs * blocked;
    if blocked > 0.0 { blocked / (f64::from(line) + blocked) } else { 0.0 }
}

/// The fewest lines of which a call finds none free in at most this share of cases (Erlang B); no calls need none. `None` for
/// impossible numbers, or when more than a million would be needed.
pub fn lines(erlangs: f64, blocked: f64) -> Option<u32> {
    if !(is_load(erlangs) && blocked > 0.0 && blocked < 1.0) {
        return None;
    }
    if erlangs <= 0.0 {
        return Some(0);
    }
    let mut found = 1.0;
    (1..=MOST_SERVERS).find(|lines| {
        found = with_one_more(found, erlangs, *lines);
        found <= blocked
    })
}

/// How callers fare with so many agents (Erlang C) when a call takes `handle` on average; whatever unit that has, waits have too.
/// `None` when the agents cannot keep up (the queue would grow without end), for impossible numbers, or more than a million
/// agents.
pub fn waiting(erlangs: f64, servers: u32, handle: f64) -> Option<Waiting> {
    Waiting::after(blocking(erlangs, servers)?, erlangs, servers, handle)
}

impl Waiting {
    /// From the share that would be lost.
    pub(super) fn after(blocked: f64, erlangs: f64, servers: u32, handle: f64) -> Option<Waiting> {
        let servers = f64::from(servers);
        if erlangs >= servers || !is_time(handle) {
            return None;
        }
        let waits = blocked / (1.0 - erlangs / servers * (1.0 - blocked));
        Some(Waiting { erlangs, servers, handle, waits })
    }

    /// Share of callers who have to wait at all.
    pub const fn waits(self) -> f64 {
        self.waits
    }

    /// Share of callers who are answered within this time; at once counts as within.
    pub fn answered_within(self, time: f64) -> f64 {
        let time = time.max(0.0);
        1.0 - self.waits * (-(self.servers - self.erlangs) * time / self.handle).exp()
    }

    /// Average wait of all callers: the average speed of answer.
    pub fn average_wait(self) -> f64 {
        self.waits * self.handle / (self.servers - self.erlangs)
    }

    /// Share of their time that agents handle calls.
    pub fn occupancy(self) -> f64 {
        self.erlangs / self.servers
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn near(a: f64, b: f64, relative: f64) -> bool {
        (a - b).abs() <= relative * b.abs()
    }

    #[test]
    fn known_loads_have_their_known_losses() {
        for (erlangs, lines, lost) in
            [(25.0, 30, 0.052_603_172_2), (1000.0, 1000, 0.024_811_917_6), (1e5, 100_000, 0.002_518_893_4)]
        {
            assert!((blocking(erlangs, lines).unwrap() - lost).abs() < 5e-11, "{erlangs} {lines}");
        }
        // One line, one erlang: half. Two lines: 1 of 1, 1, 1/2.
        assert!(near(blocking(1.0, 1).unwrap(), 0.5, 1e-15) && near(blocking(1.0, 2).unwrap(), 0.2, 1e-15));
        assert!(
            near(blocking(0.0, 3).unwrap() + 1.0, 1.0, 1e-15) && near(blocking(3.0, 0).unwrap(), 1.0, 1e-15)
        );
    }

    #[test]
    fn known_queues_have_their_known_waits() {
        let one = waiting(48.0, 55, 240.0).unwrap();
        assert!((one.waits() - 0.238_700_936_4).abs() < 5e-11);
        assert!((one.answered_within(15.0) - 0.845_883_092_2).abs() < 5e-11);
        assert!((one.average_wait() - 8.184_032_104).abs() < 5e-10);
        let other = waiting(10.0, 12, 180.0).unwrap();
        assert!((other.waits() - 0.449_388_224_3).abs() < 5e-11);
        assert!((other.answered_within(20.0) - 0.640_158_040_4).abs() < 5e-11);
        assert!((other.average_wait() - 40.444_940_19).abs() < 5e-9);
        assert!(near(other.occupancy(), 10.0 / 12.0, 1e-15));
    }

    #[test]
    fn a_queue_that_grows_without_end_has_no_wait() {
        assert_eq!(waiting(10.0, 10, 180.0), None);
        assert_eq!(waiting(10.0, 9, 180.0), None);
        assert_eq!(waiting(0.0, 0, 180.0), None);
    }

    #[test]
    fn lines_are_the_fewest_that_lose_no_more_calls() {
        // Erlang's table at a loss of one in a hundred: 5 lines carry 1.36, 18 carry 10.44, 30 carry 20.34 erlangs.
        for (erlangs, wanted) in [(0.0, 0), (1.36, 5), (1.37, 6), (10.4, 18), (10.5, 19), (20.3, 30)] {
            assert_eq!(lines(erlangs, 0.01), Some(wanted), "{erlangs}");
        }
        assert_eq!([lines(-1.0, 0.01), lines(1.0, 0.0), lines(1.0, 1.0)], [None; 3]);
        let many = lines(9_000.0, 0.01).unwrap();
        assert!(blocking(9_000.0, many).unwrap() <= 0.01 && blocking(9_000.0, many - 1).unwrap() > 0.01);
    }

    #[test]
    fn impossible_loads_have_no_answer() {
        for erlangs in [-1.0, f64::NAN, f64::INFINITY] {
            assert_eq!(blocking(erlangs, 3), None);
        }
        assert_eq!(blocking(1.0, MOST_SERVERS + 1), None);
        for handle in [0.0, -1.0, f64::NAN, f64::INFINITY] {
            assert_eq!(waiting(1.0, 3, handle), None);
        }
        let quiet = waiting(0.0, 3, 180.0).unwrap();
        assert!(quiet.waits().abs() < 1e-300 && (quiet.answered_within(0.0) - 1.0).abs() < 1e-15);
    }

    proptest! {
        #[test]
        fn more_agents_lose_and_keep_waiting_fewer(whole in 0_u32..300, part in 0.01..1.0_f64, more in 1_u32..50) {
            let (erlangs, servers) = (f64::from(whole) + part, whole + more);
            prop_assert!(blocking(erlangs, servers + 1).unwrap() < blocking(erlangs, servers).unwrap());
            let (one, other) = (waiting(erlangs, servers, 200.0).unwrap(), waiting(erlangs, servers + 1, 200.0).unwrap());
            prop_assert!(other.waits() < one.waits() && other.average_wait() < one.average_wait());
            prop_assert!(one.answered_within(20.0) >= one.answered_within(10.0));
            prop_assert!((1.0 - one.answered_within(0.0) - one.waits()).abs() < 1e-15);
            prop_assert!(one.waits() >= blocking(erlangs, servers).unwrap());
        }
    }
}

//! When something that was not taken is tried again, and when it is given up.

use jiff::{SignedDuration, Timestamp};

/// How long is waited after each try, in minutes.
const WAITS: [i64; 7] = [1, 5, 15, 60, 180, 360, 720];
/// Nothing is given up before this is over, however often it was tried.
const LEAST: SignedDuration = SignedDuration::from_hours(24);
/// How long what is not set up is waited for.
const UNREADY: SignedDuration = SignedDuration::from_mins(5);

/// When it is tried again after so many tries; `None` when it is given up.
pub(super) fn again(tries: u32, written_at: Timestamp, now: Timestamp) -> Option<Timestamp> {
    let nth = usize::try_from(tries.saturating_sub(1)).unwrap_or(usize::MAX);
    let longest = WAITS.last().copied();
    let wait = match WAITS.get(nth) {
        Some(minutes) => Some(*minutes),
        None if now.duration_since(written_at) < LEAST => longest,
        None => None,
    };
    now.checked_add(SignedDuration::from_mins(wait?)).ok()
}

/// When something is looked at again for which nothing is set up here.
pub(super) fn unready(now: Timestamp) -> Timestamp {
    now.checked_add(UNREADY).unwrap_or(now)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn waits_grow_and_end_after_a_day() {
        let written: Timestamp = "2026-07-01T08:00:00Z".parse().unwrap();
        let (mut now, mut tries, mut waited) = (written, 1, Vec::new());
        while let Some(next) = again(tries, written, now) {
            waited.push(next.duration_since(now).as_mins());
            (now, tries) = (next, tries + 1);
        }
        assert_eq!(waited, [1, 5, 15, 60, 180, 360, 720, 720]);
        assert!(now.duration_since(written) > LEAST);
    }

    #[test]
    fn tries_that_were_lost_in_an_hour_give_nothing_up() {
        let written: Timestamp = "2026-07-01T08:00:00Z".parse().unwrap();
        assert!(again(40, written, "2026-07-01T09:00:00Z".parse().unwrap()).is_some());
        assert!(again(40, written, "2026-07-02T09:00:00Z".parse().unwrap()).is_none());
    }
}

//! Places wall clocks on the line of instants, many in a row.
//!
//! The rule is `model::civil::place`; this only remembers the stretch of wall time around the last answer in
//! which every time exists once and the offset stays the same.

use dialmark_model::civil::{Placed, place};
use jiff::Timestamp;
use jiff::tz::TimeZone;

use super::wall::Wall;

/// Longest gap or fold that a zone's clocks make; within it of a change nothing is remembered.
const MARGIN_US: i64 = 26 * 3_600_000_000;

/// Places local times of one zone.
#[derive(Debug, Clone)]
pub struct Placer {
    zone: TimeZone,
    from_us: i64,
    until_us: i64,
    offset_us: i64,
}

impl Placer {
    /// A placer for this zone.
    pub fn new(zone: TimeZone) -> Placer {
        Placer { zone, from_us: 0, until_us: 0, offset_us: 0 }
    }

    /// The zone.
    pub fn zone(&self) -> &TimeZone {
        &self.zone
    }

    /// The instant of a local time in microseconds since 1970, and how it was placed.
    pub fn place(&mut self, wall: Wall) -> Option<(i64, Placed)> {
        if (self.from_us..self.until_us).contains(&wall.0) {
            return Some((wall.0 - self.offset_us, Placed::Plainly));
        }
        let (at, placed) = place(wall.to_civil()?, &self.zone)?;
        if placed == Placed::Plainly {
            self.remember(at);
        }
        Some((at.as_microsecond(), placed))
    }

    fn remember(&mut self, at: Timestamp) {
        self.offset_us = i64::from(self.zone.to_offset(at).seconds()) * 1_000_000;
        let wall = |t: Timestamp| t.as_microsecond() + self.offset_us;
        let after = self.zone.following(at).next().map_or(i64::MAX, |t| wall(t.timestamp()) - MARGIN_US);
        let before = self.zone.preceding(at).next().map_or(i64::MIN, |t| wall(t.timestamp()) + MARGIN_US);
        (self.from_us, self.until_us) = (before, after);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_agrees_with_the_rule_around_every_change_of_the_clocks() {
        for name in [
            "Europe/London",
            "America/New_York",
            "Australia/Lord_Howe",
            "Pacific/Apia",
            "UTC",
            "Asia/Jerusalem",
        ] {
            let zone = dialmark_model::civil::zone(name).unwrap();
            let mut placer = Placer::new(zone.clone());
            let start = Wall::new(2011, 1, 1, 0).unwrap();
            for step in 0..40_000_i64 {
                let wall = Wall(start.0 + step * 901_000_000);
                let wanted = place(wall.to_civil().unwrap(), &zone).unwrap();
                assert_eq!(
                    placer.place(wall),
                    Some((wanted.0.as_microsecond(), wanted.1)),
                    "{name} {wall:?}"
                );
            }
        }
    }
}

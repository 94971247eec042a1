//! Instants and days in any of the forms that a mapping can name.

use dialmark_model::civil::{Placed, place, zone};
use dialmark_model::source::Read;

use super::decimal::Decimal;
use super::flag::{Flag, FlagSet};
use super::iso::{self, Moment};
use super::pattern::Pattern;
use super::placer::Placer;
use super::wall::{DAY_US, Wall};

/// First instant that a call centre can have recorded: 1900-01-01.
const EARLIEST_US: i64 = -2_208_988_800_000_000;
/// First instant that it cannot have planned: 2200-01-01.
const LATEST_US: i64 = 7_258_118_400_000_000;

/// Whether a call centre can have recorded or planned something then.
pub fn is_sensible(at_us: i64) -> bool {
    (EARLIEST_US..LATEST_US).contains(&at_us)
}

/// How a moment is written.
#[derive(Debug, Clone)]
pub enum MomentForm {
    /// ISO 8601.
    Iso,
    /// A `strftime` pattern.
    Pattern(Pattern),
    /// Seconds (0), milliseconds (3) or microseconds (6) since 1970; the number is what a unit's exponent is.
    Epoch(u8),
    /// As in mail.
    Rfc2822,
}

/// An instant that was read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Placement {
    /// Microseconds since 1970.
    pub at_us: i64,
    /// The wall clock that it was read from, if it was one of the source's zone.
    pub wall: Option<Wall>,
    /// What was odd.
    pub flags: FlagSet,
}

impl MomentForm {
    /// The form that a mapping names; `None` when it names none of moments.
    pub fn new(read: &Read) -> Option<Result<MomentForm, String>> {
        Some(Ok(match read {
            Read::Plain => MomentForm::Iso,
            Read::Pattern(pattern) => return Some(Pattern::new(pattern).map(MomentForm::Pattern)),
            Read::EpochSeconds => MomentForm::Epoch(0),
            Read::EpochMillis => MomentForm::Epoch(3),
            Read::EpochMicros => MomentForm::Epoch(6),
            Read::Rfc2822 => MomentForm::Rfc2822,
            Read::Unit(_) | Read::DecimalComma | Read::DecimalPoint => return None,
        }))
    }

    fn moment(&self, text: &str) -> Option<Moment> {
        match self {
            MomentForm::Iso => iso::read(text),
            MomentForm::Pattern(pattern) => pattern.read(text),
            MomentForm::Epoch(exponent) => {
                let us = Decimal::plain(text)?.floor(6 - exponent)?;
                // Far beyond sense either way; kept as a number so that it is called out of range.
                Some(Moment::Instant(i64::try_from(us).unwrap_or(i64::MAX)))
            }
            MomentForm::Rfc2822 => {
                let at = jiff::fmt::rfc2822::parse(text).ok()?;
                Some(Moment::Instant(at.timestamp().as_microsecond()))
            }
        }
    }

    /// Reads an instant; local times are those of the placer's zone.
    pub fn instant(&self, text: &str, placer: &mut Placer) -> Result<Placement, Flag> {
        let (at_us, wall, flags) = match self.moment(text).ok_or(Flag::Unreadable)? {
            Moment::Instant(at_us) => (at_us, None, FlagSet::NONE),
            Moment::Local(wall) => {
                let (at_us, flags) = placed(placer.place(wall))?;
                (at_us, Some(wall), flags)
            }
            Moment::LocalIn(wall, name) => {
                let zone = zone(&name).map_err(|_| Flag::Unreadable)?;
                let at = wall.to_civil().and_then(|civil| place(civil, &zone));
                let (at_us, flags) = placed(at.map(|(at, placed)| (at.as_microsecond(), placed)))?;
                (at_us, None, flags)
            }
            Moment::Day(day) => {
                let wall = Wall(day * DAY_US);
                let (at_us, flags) = placed(placer.place(wall))?;
                (at_us, Some(wall), flags.with(Flag::DateOnly))
            }
        };
        if !is_sensible(at_us) {
            return Err(Flag::OutOfRange);
        }
        Ok(Placement { at_us, wall, flags })
    }

    /// Reads a civil day, as days since 1970. An instant falls on its day in the placer's zone.
    pub fn day(&self, text: &str, placer: &Placer) -> Result<i64, Flag> {
        let day = match self.moment(text).ok_or(Flag::Unreadable)? {
            Moment::Day(day) => day,
            Moment::Local(wall) | Moment::LocalIn(wall, _) => wall.day(),
            Moment::Instant(at_us) => {
                let at = jiff::Timestamp::from_microsecond(at_us).map_err(|_| Flag::OutOfRange)?;
                Wall::from_civil(placer.zone().to_datetime(at)).day()
            }
        };
        let range = EARLIEST_US / DAY_US..LATEST_US / DAY_US;
        if range.contains(&day) { Ok(day) } else { Err(Flag::OutOfRange) }
    }
}

/// The flags of a placing; a time that no zone knows is out of range.
pub fn placed(placing: Option<(i64, Placed)>) -> Result<(i64, FlagSet), Flag> {
    let (at_us, placed) = placing.ok_or(Flag::OutOfRange)?;
    let flags = match placed {
        Placed::Plainly => FlagSet::NONE,
        Placed::MovedForward => FlagSet::of(Flag::MovedForward),
        Placed::TakenEarlier => FlagSet::of(Flag::Ambiguous),
    };
    Ok((at_us, flags))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(read: &Read, text: &str) -> Result<(String, FlagSet), Flag> {
        let mut placer = Placer::new(zone("Europe/London").unwrap());
        let form = MomentForm::new(read).unwrap().unwrap();
        let placement = form.instant(text, &mut placer)?;
        Ok((jiff::Timestamp::from_microsecond(placement.at_us).unwrap().to_string(), placement.flags))
    }

    #[test]
    fn local_times_are_placed_in_the_zone_and_odd_ones_flagged() {
        for (text, wanted, flags) in [
            ("2026-07-01 10:00", "2026-07-01T09:00:00Z", FlagSet::NONE),
            ("2026-03-29 01:30", "2026-03-29T01:30:00Z", FlagSet::of(Flag::MovedForward)),
            ("2026-10-25 01:30", "2026-10-25T00:30:00Z", FlagSet::of(Flag::Ambiguous)),
            ("2026-10-25T01:30Z", "2026-10-25T01:30:00Z", FlagSet::NONE),
            ("2026-10-25T01:30+00:00", "2026-10-25T01:30:00Z", FlagSet::NONE),
            ("2026-07-01", "2026-06-30T23:00:00Z", FlagSet::of(Flag::DateOnly)),
            ("2026-07-01T10:00[America/New_York]", "2026-07-01T14:00:00Z", FlagSet::NONE),
        ] {
            assert_eq!(read(&Read::Plain, text), Ok((wanted.to_owned(), flags)), "{text}");
        }
    }

    #[test]
    fn epochs_and_mail_dates_are_instants() {
        let at = Ok(("2023-07-26T01:51:32Z".to_owned(), FlagSet::NONE));
        assert_eq!(read(&Read::EpochSeconds, "1690336292"), at);
        assert_eq!(read(&Read::EpochMillis, "1690336292000"), at);
        assert_eq!(read(&Read::EpochMicros, "1690336292000000"), at);
        assert_eq!(
            read(&Read::EpochSeconds, "1690336292.1234569").map(|r| r.0),
            Ok("2023-07-26T01:51:32.123456Z".to_owned())
        );
        assert_eq!(
            read(&Read::Rfc2822, "Fri, 18 Oct 2019 17:02:00 +0000").map(|r| r.0),
            Ok("2019-10-18T17:02:00Z".to_owned())
        );
    }

    #[test]
    fn moments_beyond_sense_are_out_of_range_and_other_texts_unreadable() {
        assert_eq!(read(&Read::EpochSeconds, "1690336292000"), Err(Flag::OutOfRange));
        assert_eq!(read(&Read::Plain, "0001-01-01 00:00:00"), Err(Flag::OutOfRange));
        assert_eq!(read(&Read::Plain, "9999-12-31"), Err(Flag::OutOfRange));
        assert_eq!(read(&Read::Plain, "yesterday"), Err(Flag::Unreadable));
        assert_eq!(read(&Read::Plain, "2026-07-01T10:00[Middle/Earth]"), Err(Flag::Unreadable));
    }

    #[test]
    fn an_instant_falls_on_its_day_in_the_source_zone() {
        let placer = Placer::new(zone("Europe/London").unwrap());
        let day = |text| MomentForm::Iso.day(text, &placer);
        assert_eq!(day("2026-06-30T23:30:00Z"), day("2026-07-01"));
        assert_eq!(day("2026-07-01 23:59"), day("2026-07-01"));
        assert_eq!(day("0000-00-00"), Err(Flag::Unreadable));
    }
}

//! Civil time: the one place where a day, an hour or a month begins.
//!
//! Instants are UTC microseconds. A zone turns them into civil time; nothing else in Dialmark does.

use jiff::civil::{Date, DateTime, Weekday};
use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};

/// The length of civil time that figures are grouped by.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Grain {
    /// 15 minutes.
    Quarter15,
    /// 30 minutes.
    Half30,
    /// 60 minutes.
    Hour,
    /// A civil day, of 23, 24 or 25 hours.
    Day,
    /// A week from Monday.
    Week,
    /// A calendar month.
    Month,
    /// Three calendar months from January.
    Quarter,
    /// A calendar year.
    Year,
    /// Three months from the start of the fiscal year.
    FiscalQuarter,
    /// Twelve months from the start of the fiscal year.
    FiscalYear,
}

impl Grain {
    /// All grains, finest first.
    pub const ALL: [Grain; 10] = [
        Grain::Quarter15,
        Grain::Half30,
        Grain::Hour,
        Grain::Day,
        Grain::Week,
        Grain::Month,
        Grain::Quarter,
        Grain::Year,
        Grain::FiscalQuarter,
        Grain::FiscalYear,
    ];

    /// The word for it on the command line and in URLs.
    pub const fn word(self) -> &'static str {
        match self {
            Grain::Quarter15 => "15m",
            Grain::Half30 => "30m",
            Grain::Hour => "hour",
            Grain::Day => "day",
            Grain::Week => "week",
            Grain::Month => "month",
            Grain::Quarter => "quarter",
            Grain::Year => "year",
            Grain::FiscalQuarter => "fiscal_quarter",
            Grain::FiscalYear => "fiscal_year",
        }
    }

    /// Reads [`Grain::word`] back; `60m` and `1h` are accepted for an hour.
    pub fn from_word(word: &str) -> Option<Grain> {
        match word {
            "60m" | "1h" => Some(Grain::Hour),
            _ => Grain::ALL.into_iter().find(|g| g.word() == word),
        }
    }

    /// Microseconds of a grain shorter than a day.
    pub const fn micros(self) -> Option<i64> {
        match self {
            Grain::Quarter15 => Some(900_000_000),
            Grain::Half30 => Some(1_800_000_000),
            Grain::Hour => Some(3_600_000_000),
            _ => None,
        }
    }

    /// First day of the bucket that `day` falls into, for grains of a day or longer; the day itself otherwise.
    /// Fiscal years begin with the month that `fiscal` names.
    pub fn first_day(self, day: Date, fiscal: FiscalStart) -> Date {
        let months_into = |start: i8, length: i8| {
            let month = (day.month() - start).rem_euclid(12) / length * length + start;
            let first = Date::new(day.year(), (month - 1).rem_euclid(12) + 1, 1).unwrap_or(day);
            // The bucket may have begun in the year before.
            match first > day {
                true => Date::new(day.year() - 1, first.month(), 1).unwrap_or(day),
                false => first,
            }
        };
        match self {
            Grain::Quarter15 | Grain::Half30 | Grain::Hour | Grain::Day => day,
            Grain::Week => day
                .checked_sub(SignedDuration::from_hours(
                    24 * i64::from(day.weekday().to_monday_zero_offset()),
                ))
                .unwrap_or(day),
            Grain::Month => day.first_of_month(),
            Grain::Quarter => months_into(1, 3),
            Grain::Year => day.first_of_year(),
            Grain::FiscalQuarter => months_into(fiscal.0, 3),
            Grain::FiscalYear => months_into(fiscal.0, 12),
        }
    }
}

/// Month with which a fiscal year begins, 1 to 12.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct FiscalStart(i8);

impl FiscalStart {
    /// January, as the calendar year.
    pub const JANUARY: FiscalStart = FiscalStart(1);

    /// The month of this number.
    pub fn month(number: i8) -> Option<FiscalStart> {
        (1..=12).contains(&number).then_some(FiscalStart(number))
    }
}

impl Default for FiscalStart {
    fn default() -> FiscalStart {
        FiscalStart::JANUARY
    }
}

/// How a centre's days and years run: its zone, the hour at which its business day begins, its fiscal year.
#[derive(Debug, Clone)]
pub struct Calendar {
    /// Zone of its days.
    pub zone: TimeZone,
    /// How long after midnight, on the wall, the business day begins: a shift that ends at two belongs to the evening.
    pub day_starts: DayStart,
    /// Where its fiscal year begins.
    pub fiscal: FiscalStart,
}

/// Time after midnight, on the wall, at which a business day begins.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash)]
pub struct DayStart {
    hour: i8,
    minute: i8,
}

impl DayStart {
    /// At this hour and minute, before noon.
    pub fn at(hour: i8, minute: i8) -> Option<DayStart> {
        ((0..12).contains(&hour) && (0..60).contains(&minute)).then_some(DayStart { hour, minute })
    }

    /// Microseconds after midnight.
    pub fn micros(self) -> i64 {
        (i64::from(self.hour) * 60 + i64::from(self.minute)) * 60_000_000
    }
}

impl Calendar {
    /// Days from midnight to midnight, years from January.
    pub fn plain(zone: TimeZone) -> Calendar {
        Calendar { zone, day_starts: DayStart::default(), fiscal: FiscalStart::JANUARY }
    }

    /// The same days in another zone.
    pub fn in_zone(&self, zone: TimeZone) -> Calendar {
        Calendar { zone, ..self.clone() }
    }

    /// The business day of an instant.
    pub fn day_of(&self, at: Timestamp) -> Date {
        let back = SignedDuration::from_micros(self.day_starts.micros());
        let wall = self.zone.to_datetime(at);
        wall.checked_sub(back).unwrap_or(wall).date()
    }

    /// The instant at which a business day begins.
    pub fn day_start(&self, day: Date) -> Option<Timestamp> {
        let time = jiff::civil::Time::new(self.day_starts.hour, self.day_starts.minute, 0, 0).ok()?;
        self.zone.to_ambiguous_timestamp(day.to_datetime(time)).compatible().ok()
    }

    /// First day of the bucket that `day` falls into.
    pub fn first_day(&self, grain: Grain, day: Date) -> Date {
        grain.first_day(day, self.fiscal)
    }

    /// From the start of one business day to the start of another, which is not included.
    pub fn period(&self, from: Option<Date>, to: Option<Date>) -> Period {
        Period { from: from.and_then(|d| self.day_start(d)), to: to.and_then(|d| self.day_start(d)) }
    }
}

/// A time zone that could not be found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UnknownZone(pub String);

impl std::fmt::Display for UnknownZone {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(out, "`{}` is not an IANA time zone, such as `Europe/London` or `UTC`", self.0)
    }
}

impl std::error::Error for UnknownZone {}

/// The zone of this IANA name.
pub fn zone(name: &str) -> Result<TimeZone, UnknownZone> {
    TimeZone::get(name).map_err(|_| UnknownZone(name.to_owned()))
}

/// How a local time was placed on the line of instants.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Placed {
    /// It exists once.
    Plainly,
    /// It does not exist (clocks went forward) and was moved forward by the gap.
    MovedForward,
    /// It exists twice (clocks went back) and the earlier was taken.
    TakenEarlier,
}

/// The instant of a local time. A time that does not exist moves forward; one that exists twice is the earlier.
pub fn place(local: DateTime, zone: &TimeZone) -> Option<(Timestamp, Placed)> {
    use jiff::tz::AmbiguousOffset;
    let ambiguous = zone.to_ambiguous_timestamp(local);
    let placed = match ambiguous.offset() {
        AmbiguousOffset::Unambiguous { .. } => Placed::Plainly,
        AmbiguousOffset::Gap { .. } => Placed::MovedForward,
        AmbiguousOffset::Fold { .. } => Placed::TakenEarlier,
    };
    Some((ambiguous.compatible().ok()?, placed))
}

/// The instant at which a civil day begins: midnight, or the first instant after a gap at midnight.
pub fn day_start(day: Date, zone: &TimeZone) -> Option<Timestamp> {
    zone.to_ambiguous_timestamp(day.to_datetime(jiff::civil::Time::midnight())).compatible().ok()
}

/// The civil day of an instant.
pub fn day_of(at: Timestamp, zone: &TimeZone) -> Date {
    zone.to_datetime(at).date()
}

/// English name of a weekday, in lower case, as used for the `weekday` dimension.
pub const fn weekday_word(day: Weekday) -> &'static str {
    match day {
        Weekday::Monday => "monday",
        Weekday::Tuesday => "tuesday",
        Weekday::Wednesday => "wednesday",
        Weekday::Thursday => "thursday",
        Weekday::Friday => "friday",
        Weekday::Saturday => "saturday",
        Weekday::Sunday => "sunday",
    }
}

/// A half-open stretch of instants, `from <= at < to`; a missing end is open.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Period {
    /// First instant that belongs to it.
    pub from: Option<Timestamp>,
    /// First instant that does not.
    pub to: Option<Timestamp>,
}

impl Period {
    /// All time.
    pub const ALL: Period = Period { from: None, to: None };

    /// From the start of one civil day to the start of another, which is not included.
    pub fn days(from: Option<Date>, to: Option<Date>, zone: &TimeZone) -> Period {
        Period { from: from.and_then(|d| day_start(d, zone)), to: to.and_then(|d| day_start(d, zone)) }
    }
}

/// Civil time of many instants in one zone: remembers the stretch of constant offset that it saw last.
#[derive(Debug, Clone)]
pub struct Clock {
    zone: TimeZone,
    from_us: i64,
    until_us: i64,
    offset_us: i64,
}

impl Clock {
    /// A clock for this zone.
    pub fn new(zone: TimeZone) -> Clock {
        Clock { zone, from_us: 0, until_us: 0, offset_us: 0 }
    }

    /// Offset from UTC in microseconds at an instant of `at_us` microseconds since 1970.
    pub fn offset_us(&mut self, at_us: i64) -> i64 {
        if at_us < self.from_us || at_us >= self.until_us {
            self.look_up(at_us);
        }
        self.offset_us
    }

    fn look_up(&mut self, at_us: i64) {
        let at = Timestamp::from_microsecond(at_us).unwrap_or(if at_us < 0 {
            Timestamp::MIN
        } else {
            Timestamp::MAX
        });
        self.offset_us = i64::from(self.zone.to_offset(at).seconds()) * 1_000_000;
        // The following transition that is strictly later bounds the stretch; the one at or before starts it.
        self.until_us = self.zone.following(at).next().map_or(i64::MAX, |t| t.timestamp().as_microsecond());
        self.from_us = self
            .zone
            .preceding(at.checked_add(SignedDuration::from_micros(1)).unwrap_or(at))
            .next()
            .map_or(i64::MIN, |t| t.timestamp().as_microsecond());
    }

    /// Microseconds of civil time since 1970-01-01T00:00 on the wall.
    pub fn wall_us(&mut self, at_us: i64) -> i64 {
        at_us + self.offset_us(at_us)
    }

    /// Days since 1970-01-01 of the civil day.
    pub fn day_number(&mut self, at_us: i64) -> i64 {
        self.wall_us(at_us).div_euclid(86_400_000_000)
    }

    /// Instant at which the bucket of `micros` that holds `at_us` begins, for grains shorter than a day.
    pub fn bucket_start_us(&mut self, at_us: i64, micros: i64) -> i64 {
        let offset = self.offset_us(at_us);
        (at_us + offset).div_euclid(micros) * micros - offset
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use jiff::civil::date;

    fn london() -> TimeZone {
        zone("Europe/London").unwrap()
    }

    #[test]
    fn a_time_that_does_not_exist_moves_forward() {
        let (at, placed) = place(date(2026, 3, 29).at(1, 30, 0, 0), &london()).unwrap();
        assert_eq!(placed, Placed::MovedForward);
        assert_eq!(at.to_string(), "2026-03-29T01:30:00Z");
    }

    #[test]
    fn a_time_that_exists_twice_is_the_earlier() {
        let (at, placed) = place(date(2026, 10, 25).at(1, 30, 0, 0), &london()).unwrap();
        assert_eq!(placed, Placed::TakenEarlier);
        assert_eq!(at.to_string(), "2026-10-25T00:30:00Z");
    }

    #[test]
    fn days_of_23_and_25_hours() {
        let hours = |day: Date| {
            let start = day_start(day, &london()).unwrap();
            let end = day_start(day.tomorrow().unwrap(), &london()).unwrap();
            end.duration_since(start).as_hours()
        };
        assert_eq!(hours(date(2026, 3, 29)), 23);
        assert_eq!(hours(date(2026, 10, 25)), 25);
        assert_eq!(hours(date(2026, 10, 26)), 24);
    }

    #[test]
    fn the_clock_agrees_with_jiff_around_every_change_of_the_clocks() {
        for name in [
            "Europe/London",
            "Asia/Jerusalem",
            "America/New_York",
            "UTC",
            "Australia/Lord_Howe",
            "Asia/Kathmandu",
        ] {
            let zone = zone(name).unwrap();
            let mut clock = Clock::new(zone.clone());
            let start = date(2025, 12, 1).to_zoned(TimeZone::UTC).unwrap().timestamp().as_microsecond();
            // Forwards and backwards, so that the remembered stretch is left on both sides.
            for step in (0..9000_i64).chain((0..9000).rev()) {
                let at_us = start + step * 3_601_000_003;
                let at = Timestamp::from_microsecond(at_us).unwrap();
                let wanted = zone.to_datetime(at);
                let day = wanted.date().duration_since(date(1970, 1, 1)).as_hours() / 24;
                assert_eq!(clock.day_number(at_us), day, "{name} {at}");
                assert_eq!(
                    clock.offset_us(at_us),
                    i64::from(zone.to_offset(at).seconds()) * 1_000_000,
                    "{name} {at}"
                );
            }
        }
    }

    #[test]
    fn weeks_begin_on_monday_and_quarters_in_january() {
        assert_eq!(Grain::Week.first_day(date(2026, 11, 22), FiscalStart::JANUARY), date(2026, 11, 16));
        assert_eq!(Grain::Quarter.first_day(date(2026, 11, 22), FiscalStart::JANUARY), date(2026, 10, 1));
        assert_eq!(Grain::Month.first_day(date(2026, 11, 22), FiscalStart::JANUARY), date(2026, 11, 1));
    }

    #[test]
    fn fiscal_years_begin_where_they_are_said_to() {
        let april = FiscalStart::month(4).unwrap();
        for (grain, day, wanted) in [
            (Grain::FiscalYear, date(2026, 3, 31), date(2025, 4, 1)),
            (Grain::FiscalYear, date(2026, 4, 1), date(2026, 4, 1)),
            (Grain::FiscalQuarter, date(2026, 2, 10), date(2026, 1, 1)),
            (Grain::FiscalQuarter, date(2026, 6, 30), date(2026, 4, 1)),
            (Grain::FiscalYear, date(2026, 12, 31), date(2026, 4, 1)),
        ] {
            assert_eq!(grain.first_day(day, april), wanted, "{day}");
        }
        let november = FiscalStart::month(11).unwrap();
        assert_eq!(Grain::FiscalQuarter.first_day(date(2026, 1, 15), november), date(2025, 11, 1));
        assert_eq!(Grain::FiscalQuarter.first_day(date(2026, 2, 1), november), date(2026, 2, 1));
    }

    #[test]
    fn a_shift_over_midnight_belongs_to_the_evening_on_which_it_began() {
        let calendar = Calendar { day_starts: DayStart::at(4, 0).unwrap(), ..Calendar::plain(london()) };
        let at = |text: &str| text.parse::<Timestamp>().unwrap();
        assert_eq!(calendar.day_of(at("2026-11-22T03:59:59Z")), date(2026, 11, 21));
        assert_eq!(calendar.day_of(at("2026-11-22T04:00:00Z")), date(2026, 11, 22));
        assert_eq!(calendar.day_start(date(2026, 7, 1)).unwrap(), at("2026-07-01T03:00:00Z"));
        // The night on which the clocks go back makes the business day of the Saturday longer.
        let hours = |day: Date| {
            let start = calendar.day_start(day).unwrap();
            calendar.day_start(day.tomorrow().unwrap()).unwrap().duration_since(start).as_hours()
        };
        assert_eq!((hours(date(2026, 10, 24)), hours(date(2026, 10, 25))), (25, 24));
    }
}

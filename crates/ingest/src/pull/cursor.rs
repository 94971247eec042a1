//! Where a reading ended and where the next begins: a number or a time, kept as the database writes it.

use dialmark_model::pull::LookBack;
use jiff::civil::{Date, DateTime};
use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};

/// Read again before the last time, unless the source says otherwise: transactions commit in another order than they begin.
const LOOK_BACK_MS: u64 = 600_000;
/// The same for numbers.
const LOOK_BACK_COUNT: u64 = 1_000;

/// What a cursor's column holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Grows {
    /// Whole numbers.
    Whole,
    /// Numbers with digits after the point.
    Decimal,
    /// Instants, read and written in UTC.
    Instant,
    /// A wall clock in the source's zone.
    Wall,
    /// A wall clock as a text.
    WallText,
    /// Days.
    Day,
}

/// A cursor as the ledger keeps it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Kept {
    /// Column that it is of: another one begins anew.
    pub column: String,
    /// The last value.
    pub at: String,
}

impl Kept {
    /// Reads what the ledger keeps; nothing when another way of reading wrote it.
    pub fn read(text: &str) -> Option<Kept> {
        serde_json::from_str(text).ok()
    }

    /// As the ledger keeps it.
    pub fn text(&self) -> String {
        serde_json::to_string(self).unwrap_or_default()
    }
}

impl Grows {
    /// By the name of a column's type, of either system; nothing for types that do not grow or are not exact.
    pub fn of_type(name: &str) -> Option<Grows> {
        let name = name.to_ascii_uppercase();
        let name = name.trim_end_matches(" UNSIGNED");
        Some(match name {
            "TINYINT" | "BOOLEAN" | "SMALLINT" | "MEDIUMINT" | "INT" | "INTEGER" | "BIGINT" | "INT2"
            | "INT4" | "INT8" | "YEAR" => Grows::Whole,
            "DECIMAL" | "NUMERIC" => Grows::Decimal,
            "TIMESTAMPTZ" => Grows::Instant,
            // MySQL's are instants, PostgreSQL's are not: see `of_mysql_type`.
            "DATETIME" | "TIMESTAMP" => Grows::Wall,
            "DATE" => Grows::Day,
            "CHAR" | "VARCHAR" | "TEXT" | "TINYTEXT" | "MEDIUMTEXT" | "LONGTEXT" | "BPCHAR" => {
                Grows::WallText
            }
            _ => return None,
        })
    }

    /// MySQL's `TIMESTAMP` is an instant.
    pub fn of_mysql_type(name: &str) -> Option<Grows> {
        match name.eq_ignore_ascii_case("TIMESTAMP") {
            true => Some(Grows::Instant),
            false => Grows::of_type(name),
        }
    }

    const fn is_time(self) -> bool {
        !matches!(self, Grows::Whole | Grows::Decimal)
    }

    /// The wall, in UTC for instants, that a text of this kind shows; nothing for numbers and for what is no time, such
    /// as PostgreSQL's `infinity` and MySQL's day zero.
    fn wall(self, text: &str) -> Option<DateTime> {
        let text = text.trim();
        match self {
            Grows::Whole | Grows::Decimal => None,
            Grows::Day => text.parse::<Date>().ok().map(|day| day.at(0, 0, 0, 0)),
            Grows::Instant => {
                text.trim_end_matches('Z').trim_end_matches("+00:00").trim_end_matches("+00").parse().ok()
            }
            Grows::Wall | Grows::WallText => text.parse().ok(),
        }
    }

    /// The wall of now, on the clock that cursors of this kind show.
    fn wall_at(self, now: Timestamp, zone: &TimeZone) -> DateTime {
        match self {
            Grows::Instant => TimeZone::UTC.to_datetime(now),
            _ => zone.to_datetime(now),
        }
    }

    fn written(self, wall: DateTime) -> String {
        match self {
            Grows::Day => wall.date().to_string(),
            _ => wall.strftime("%Y-%m-%d %H:%M:%S%.f").to_string(),
        }
    }

    /// How far is read again, when the source's words fit the column.
    pub fn look_back(self, said: Option<LookBack>) -> Result<LookBack, &'static str> {
        match (self.is_time(), said) {
            (true, None) => Ok(LookBack::Time(LOOK_BACK_MS)),
            (false, None) => Ok(LookBack::Count(LOOK_BACK_COUNT)),
            (true, Some(LookBack::Time(ms))) => Ok(LookBack::Time(ms)),
            (false, Some(LookBack::Count(count))) => Ok(LookBack::Count(count)),
            (true, Some(LookBack::Count(_))) => {
                Err("its cursor is a time, but `look_back` is a number. Write a length such as `\"2h\"`.")
            }
            (false, Some(LookBack::Time(_))) => Err(
                "its cursor is a number, but `look_back` is a length of time. Write how much less is read again, such as `look_back = 1000`.",
            ),
        }
    }

    /// Where the next reading begins: so much before the last one ended. A wall clock that was set back since shows the
    /// same hour twice, and what was written in the second lies before the cursor, so that hour is read again, too.
    pub fn back(self, at: &str, look_back: LookBack, zone: &TimeZone) -> Option<String> {
        match look_back {
            LookBack::Count(count) => {
                let whole = at.split('.').next().unwrap_or(at);
                let number: i128 = whole.trim().parse().ok()?;
                Some(number.saturating_sub(i128::from(count)).to_string())
            }
            LookBack::Time(ms) => {
                let wall = self.wall(at)?;
                let set_back = match self {
                    Grows::Wall | Grows::WallText => set_back_s(wall, zone),
                    _ => 0,
                };
                let ms = i64::try_from(ms).unwrap_or(i64::MAX).saturating_add(set_back * 1_000);
                let earlier = wall.checked_sub(SignedDuration::from_millis(ms)).unwrap_or(DateTime::MIN);
                Some(self.written(earlier))
            }
        }
    }

    /// So many milliseconds after, for times.
    pub fn forth(self, at: &str, ms: u64) -> Option<String> {
        let ms = SignedDuration::from_millis(i64::try_from(ms).unwrap_or(i64::MAX));
        Some(self.written(self.wall(at)?.saturating_add(ms)))
    }

    /// Whether one value lies before another; nothing that cannot be compared does.
    pub fn is_before(self, a: &str, b: &str) -> bool {
        match self {
            Grows::Whole | Grows::Decimal => {
                let number = |text: &str| text.split('.').next().and_then(|whole| whole.parse::<i128>().ok());
                number(a).zip(number(b)).is_some_and(|(a, b)| a < b)
            }
            _ => self.wall(a).zip(self.wall(b)).is_some_and(|(a, b)| a < b),
        }
    }

    /// What may be kept as the end of a reading: a value of the kind, and no time to come. A single row that is dated ten
    /// years ahead would otherwise end all reading for as long.
    pub fn kept(self, at: &str, now: Timestamp, zone: &TimeZone) -> Option<String> {
        match self {
            Grows::Whole => at.trim().parse::<i128>().ok().map(|_| at.trim().to_owned()),
            Grows::Decimal => {
                let whole = at.trim().split('.').next().unwrap_or_default();
                whole.parse::<i128>().ok().map(|_| at.trim().to_owned())
            }
            _ => {
                let now = self.wall_at(now, zone);
                self.wall(at).map(|wall| self.written(wall.min(now)))
            }
        }
    }
}

/// Seconds by which the clock of the zone was set back within the hours around this time on its wall.
fn set_back_s(wall: DateTime, zone: &TimeZone) -> i64 {
    let Ok(instant) = zone.to_ambiguous_timestamp(wall).later() else { return 0 };
    let (from, to) = (instant - SignedDuration::from_hours(3), instant + SignedDuration::from_hours(3));
    let offset = |at: Timestamp| i64::from(zone.to_offset(at).seconds());
    zone.following(from)
        .take_while(|change| change.timestamp() <= to)
        .map(|change| offset(change.timestamp() - SignedDuration::from_secs(1)) - offset(change.timestamp()))
        .filter(|set_back| *set_back > 0)
        .sum()
}

/// A time of a column as seconds since 1970, with its fraction: for packs, which know no zones.
pub fn epoch(text: &str, zone: &TimeZone) -> Option<String> {
    let text = text.trim();
    let instant = match text.parse::<Timestamp>() {
        Ok(instant) => instant,
        Err(_) => match text.parse::<DateTime>() {
            // As everywhere: what exists twice is the earlier.
            Ok(wall) => zone.to_ambiguous_timestamp(wall).compatible().ok()?,
            // Some write the second since 1970 into a text.
            Err(_) => return text.parse::<f64>().is_ok().then(|| text.to_owned()),
        },
    };
    let us = instant.as_microsecond();
    let (second, fraction) = (us.div_euclid(1_000_000), us.rem_euclid(1_000_000));
    Some(if fraction == 0 { second.to_string() } else { format!("{second}.{fraction:06}") })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn berlin() -> TimeZone {
        TimeZone::get("Europe/Berlin").unwrap()
    }

    #[test]
    fn the_next_reading_begins_so_much_before_the_last_one_ended() {
        let back = |grows: Grows, at: &str, look_back| grows.back(at, look_back, &berlin()).unwrap();
        assert_eq!(back(Grows::Whole, "5000", LookBack::Count(1000)), "4000");
        assert_eq!(back(Grows::Whole, "18446744073709551615", LookBack::Count(0)), "18446744073709551615");
        assert_eq!(back(Grows::Decimal, "12.5", LookBack::Count(1)), "11");
        let two_hours = LookBack::Time(7_200_000);
        assert_eq!(back(Grows::Wall, "2026-01-05 10:00:00", two_hours), "2026-01-05 08:00:00");
        assert_eq!(
            back(Grows::Instant, "2026-01-05 10:00:00.250000+00", two_hours),
            "2026-01-05 08:00:00.25"
        );
        assert_eq!(back(Grows::Day, "2026-01-05", two_hours), "2026-01-04");
        assert_eq!(Grows::Wall.back("infinity", two_hours, &berlin()), None);
    }

    #[test]
    fn an_hour_that_the_wall_shows_twice_is_read_again() {
        // Clocks in Berlin go back from 3:00 to 2:00 on the last Sunday of October.
        let hour = LookBack::Time(3_600_000);
        let back = |at: &str| Grows::Wall.back(at, hour, &berlin()).unwrap();
        assert_eq!(back("2026-10-25 02:59:59"), "2026-10-25 00:59:59");
        assert_eq!(back("2026-10-25 03:30:00"), "2026-10-25 01:30:00");
        assert_eq!(back("2026-10-25 12:00:00"), "2026-10-25 11:00:00");
        // In spring nothing is shown twice, and instants never are.
        assert_eq!(back("2026-03-29 03:30:00"), "2026-03-29 02:30:00");
        let instant = Grows::Instant.back("2026-10-25 02:59:59", hour, &berlin()).unwrap();
        assert_eq!(instant, "2026-10-25 01:59:59");
    }

    #[test]
    fn a_time_to_come_is_not_kept() {
        let now: Timestamp = "2026-06-01T10:00:00Z".parse().unwrap();
        let kept = |grows: Grows, at: &str| grows.kept(at, now, &berlin());
        assert_eq!(kept(Grows::Wall, "2036-01-01 00:00:00").unwrap(), "2026-06-01 12:00:00");
        assert_eq!(kept(Grows::Instant, "2036-01-01 00:00:00+00").unwrap(), "2026-06-01 10:00:00");
        assert_eq!(kept(Grows::Wall, "2026-05-01 00:00:00.5").unwrap(), "2026-05-01 00:00:00.5");
        assert_eq!(kept(Grows::Day, "2030-01-01").unwrap(), "2026-06-01");
        assert_eq!(kept(Grows::Wall, "0000-00-00 00:00:00"), None);
        assert_eq!(kept(Grows::WallText, "NONE"), None);
        assert_eq!(kept(Grows::Whole, "7").unwrap(), "7");
    }

    #[test]
    fn a_look_back_fits_its_cursor() {
        assert!(Grows::Wall.look_back(Some(LookBack::Count(5))).is_err());
        assert!(Grows::Whole.look_back(Some(LookBack::Time(5))).is_err());
        assert_eq!(Grows::Whole.look_back(None), Ok(LookBack::Count(1000)));
    }

    #[test]
    fn types_of_both_systems_are_known() {
        for (name, grows) in [
            ("BIGINT UNSIGNED", Grows::Whole),
            ("int8", Grows::Whole),
            ("timestamptz", Grows::Instant),
            ("timestamp", Grows::Wall),
            ("datetime", Grows::Wall),
            ("varchar", Grows::WallText),
        ] {
            assert_eq!(Grows::of_type(name), Some(grows), "{name}");
        }
        assert_eq!(Grows::of_mysql_type("timestamp"), Some(Grows::Instant));
        assert_eq!(Grows::of_type("DOUBLE"), None);
    }

    #[test]
    fn times_become_seconds_since_1970() {
        let of = |text: &str| epoch(text, &berlin());
        assert_eq!(of("2026-01-05 10:00:00").unwrap(), "1767603600");
        assert_eq!(of("2026-01-05T10:00:00.25").unwrap(), "1767603600.250000");
        assert_eq!(of("2026-01-05T09:00:00+00:00").unwrap(), "1767603600");
        assert_eq!(of("1767603600").unwrap(), "1767603600");
        assert_eq!(of("soon"), None);
    }
}

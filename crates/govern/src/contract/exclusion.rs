//! Exclusions: stretches of time for which a service level does not count, or not in full.

use std::fmt;

use dialmark_metrics::Ratio;
use dialmark_model::civil;
use jiff::Timestamp;
use jiff::civil::Date;
use jiff::tz::TimeZone;
use serde::{Deserialize, Serialize};

use super::period::CivilDays;

/// Time that does not count, with what shows it and who agreed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Exclusion {
    /// Its name within the contract.
    pub name: String,
    /// The service level that it is about; all of them when there is none.
    pub service_level: Option<String>,
    /// Why.
    pub cause: Cause,
    /// When.
    pub stretch: Stretch,
    /// What shows it; never empty.
    pub evidence: String,
    /// Who agreed.
    pub agreed: Agreed,
    /// What it does once both have agreed.
    pub effect: Effect,
}

/// Why time is excluded.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Cause {
    /// A system that the work needs was down.
    Outage,
    /// Nobody could help it.
    ForceMajeure,
    /// The client did it.
    ClientCaused,
}

impl Cause {
    /// All, with their words.
    pub const ALL: [(&'static str, Cause); 3] = [
        ("outage", Cause::Outage),
        ("force_majeure", Cause::ForceMajeure),
        ("client_caused", Cause::ClientCaused),
    ];

    /// The word in a declaration.
    pub const fn word(self) -> &'static str {
        match self {
            Cause::Outage => "outage",
            Cause::ForceMajeure => "force_majeure",
            Cause::ClientCaused => "client_caused",
        }
    }
}

/// What an exclusion does.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Effect {
    /// Takes off this share of a penalty, above 0 and at most 1, in every period that it touches.
    Relief(Ratio),
    /// The figure is computed without the records of that time.
    LeaveOut,
}

/// Who agreed to an exclusion.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Agreed {
    /// Who agreed for the client.
    pub by_client: Option<String>,
    /// Who agreed for the provider.
    pub by_provider: Option<String>,
    /// The day on which the last of them did.
    pub on: Option<Date>,
}

impl Agreed {
    /// Whether both had agreed by the end of a day.
    pub fn by_both(&self, today: Date) -> bool {
        self.by_client.is_some() && self.by_provider.is_some() && self.on.is_some_and(|on| on <= today)
    }
}

/// Time between two instants, `from <= at < to`, and the zone in which people speak of it.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Stretch {
    /// First instant.
    pub from: Timestamp,
    /// First instant that does not belong to it.
    pub to: Timestamp,
    /// IANA name.
    pub zone: String,
}

impl Stretch {
    fn zone(&self) -> TimeZone {
        // The reader let no unknown zone through.
        civil::zone(&self.zone).unwrap_or(TimeZone::UTC)
    }

    /// The civil days that it touches.
    pub fn days(&self) -> Option<CivilDays> {
        let zone = self.zone();
        let last = self.to.checked_sub(jiff::SignedDuration::from_nanos(1)).ok()?;
        CivilDays::new(civil::day_of(self.from, &zone), civil::day_of(last, &zone).tomorrow().ok()?)
    }
}

impl fmt::Display for Stretch {
    /// Such as `2026-11-02 10:05 to 2026-11-02 11:20 (Europe/London)`.
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let zone = self.zone();
        let moment = |at: Timestamp| {
            let local = zone.to_datetime(at);
            let time = match local.second() == 0 && local.subsec_nanosecond() == 0 {
                true => format!("{:02}:{:02}", local.hour(), local.minute()),
                false => local.time().to_string(),
            };
            format!("{} {time}", local.date())
        };
        write!(out, "{} to {} ({})", moment(self.from), moment(self.to), self.zone)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use jiff::civil::date;

    #[test]
    fn a_stretch_that_ends_at_midnight_does_not_touch_the_next_day() {
        let stretch = Stretch {
            from: "2026-10-31T23:30:00Z".parse().unwrap(),
            to: "2026-11-01T00:00:00Z".parse().unwrap(),
            zone: "Europe/London".to_owned(),
        };
        assert_eq!(stretch.days(), CivilDays::new(date(2026, 10, 31), date(2026, 11, 1)));
        let berlin = Stretch { zone: "Europe/Berlin".to_owned(), ..stretch };
        assert_eq!(berlin.days(), CivilDays::new(date(2026, 11, 1), date(2026, 11, 2)));
        assert_eq!(berlin.to_string(), "2026-11-01 00:30 to 2026-11-01 01:00 (Europe/Berlin)");
    }

    #[test]
    fn one_party_alone_agrees_to_nothing() {
        let on = Some(date(2026, 12, 2));
        let client = Agreed { by_client: Some("A. Marsh".to_owned()), by_provider: None, on };
        assert!(!client.by_both(date(2026, 12, 31)));
        let both = Agreed { by_provider: Some("P. Bell".to_owned()), ..client };
        assert!(both.by_both(date(2026, 12, 2)) && !both.by_both(date(2026, 12, 1)));
    }
}

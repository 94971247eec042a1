//! The clock of the place that is called.

use std::collections::HashMap;

use dialmark_engine::Dialled;
use dialmark_model::civil;
use jiff::civil::DateTime;
use jiff::tz::TimeZone;

/// Zones by the names that calls state, each looked up once.
pub(super) struct Places {
    centre: TimeZone,
    known: HashMap<String, Option<TimeZone>>,
}

impl Places {
    /// Where a call does not say, the centre's clock is the next best one.
    pub(super) fn new(centre: TimeZone) -> Places {
        Places { centre, known: HashMap::new() }
    }

    /// Date and time of a call at the called place; `None` where the call names no zone that exists.
    pub(super) fn there(&mut self, call: &Dialled) -> Option<DateTime> {
        let name = call.zone.as_deref()?;
        if !self.known.contains_key(name) {
            self.known.insert(name.to_owned(), civil::zone(name).ok());
        }
        Some(self.known.get(name)?.as_ref()?.to_datetime(call.at))
    }

    /// The same, or by the centre's clock.
    pub(super) fn there_or_here(&mut self, call: &Dialled) -> DateTime {
        self.there(call).unwrap_or_else(|| self.centre.to_datetime(call.at))
    }

    /// The zone by which a call's time is read.
    pub(super) fn zone_of(&mut self, call: &Dialled) -> String {
        let named = call.zone.clone().filter(|_| self.there(call).is_some());
        named.or_else(|| self.centre.iana_name().map(str::to_owned)).unwrap_or_else(|| "UTC".to_owned())
    }
}

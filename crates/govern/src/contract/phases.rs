//! Phases of a contract: from the signature to go-live to the end, and what each means for money.

use dialmark_model::validity::Days;
use jiff::civil::Date;

use super::period::CivilDays;

/// Where a contract stands on a day.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Phase {
    /// Signed; the work has not begun.
    Signature,
    /// The work is handed over, and runs in parallel.
    Transition,
    /// From go-live on.
    Steady,
}

impl Phase {
    /// All, in their order, with their words.
    pub const ALL: [(&'static str, Phase); 3] =
        [("signature", Phase::Signature), ("transition", Phase::Transition), ("steady", Phase::Steady)];

    /// The word in a declaration.
    pub const fn word(self) -> &'static str {
        match self {
            Phase::Signature => "signature",
            Phase::Transition => "transition",
            Phase::Steady => "steady",
        }
    }
}

/// The days that divide a contract's life. A day that is not stated does not limit anything.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Phases {
    /// The day of the signature.
    pub signed_on: Option<Date>,
    /// The parallel run. What lies between its end and go-live belongs to it as well.
    pub transition: Option<CivilDays>,
    /// The first day of the steady state.
    pub go_live_on: Option<Date>,
    /// The last day on which the contract holds.
    pub ends_on: Option<Date>,
}

impl Phases {
    /// The days on which the contract holds.
    pub fn days(&self) -> Days {
        let from = self.signed_on.or(self.transition.map(|t| t.from())).or(self.go_live_on);
        Days { from, until: self.end() }
    }

    /// The first day of the steady state; without a stated go-live the day after the transition, or the signature.
    pub fn steady_from(&self) -> Option<Date> {
        self.go_live_on.or(self.transition.map(|t| t.until())).or(self.signed_on)
    }

    /// The days of a phase; `None` when the contract has no such phase.
    pub fn of(&self, phase: Phase) -> Option<Days> {
        let begins = self.transition.map(|t| t.from());
        let days = match phase {
            Phase::Signature => Days { from: Some(self.signed_on?), until: begins.or(self.steady_from()) },
            Phase::Transition => Days { from: Some(begins?), until: self.steady_from() },
            Phase::Steady => Days { from: self.steady_from(), until: self.end() },
        };
        (!days.is_empty()).then_some(days)
    }

    fn end(&self) -> Option<Date> {
        self.ends_on.and_then(|day| day.tomorrow().ok())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use jiff::civil::date;

    fn days(from: Date, until: Date) -> Option<Days> {
        Some(Days { from: Some(from), until: Some(until) })
    }

    #[test]
    fn every_day_of_a_contract_belongs_to_one_phase() {
        let phases = Phases {
            signed_on: Some(date(2026, 6, 15)),
            transition: CivilDays::new(date(2026, 7, 1), date(2026, 7, 20)),
            go_live_on: Some(date(2026, 8, 1)),
            ends_on: Some(date(2027, 7, 31)),
        };
        assert_eq!(phases.of(Phase::Signature), days(date(2026, 6, 15), date(2026, 7, 1)));
        assert_eq!(phases.of(Phase::Transition), days(date(2026, 7, 1), date(2026, 8, 1)));
        assert_eq!(phases.of(Phase::Steady), days(date(2026, 8, 1), date(2027, 8, 1)));
        assert_eq!(Some(phases.days()), days(date(2026, 6, 15), date(2027, 8, 1)));
    }

    #[test]
    fn a_contract_without_days_is_always_in_its_steady_state() {
        let phases = Phases::default();
        assert_eq!(phases.of(Phase::Steady), Some(Days::ALL));
        assert_eq!(phases.of(Phase::Transition), None);
        assert_eq!(phases.of(Phase::Signature), None);
    }
}

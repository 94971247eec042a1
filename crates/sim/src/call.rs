//! One dial and what came of it.

use crate::campaign::Campaign;
use crate::lists::{LISTS, Turn};

/// What came of a dial.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Status {
    Sale,
    Appointment,
    Promise,
    NotInterested,
    /// Not interested, by a code that came into use without anybody telling.
    NewCode,
    Callback,
    DoNotCall,
    WrongPerson,
    /// A person answered and no agent was free.
    Dropped,
    /// A person answered and hung up before an agent was there.
    HungUp,
    Machine,
    NoAnswer,
    Busy,
    BusyAuto,
    Invalid,
}

impl Status {
    /// The dialler's code.
    pub(crate) const fn code(self) -> &'static str {
        match self {
            Status::Sale => "SALE",
            Status::Appointment => "APPT",
            Status::Promise => "PTP",
            Status::NotInterested => "NI",
            Status::NewCode => "NIX",
            Status::Callback => "CB",
            Status::DoNotCall => "DNC",
            Status::WrongPerson => "WRONG",
            Status::Dropped => "DROP",
            Status::HungUp => "PDROP",
            Status::Machine => "A",
            Status::NoAnswer => "N",
            Status::Busy => "B",
            Status::BusyAuto => "AB",
            Status::Invalid => "DC",
        }
    }

    /// Whether an agent spoke to a person.
    pub(crate) const fn is_conversation(self) -> bool {
        matches!(
            self,
            Status::Sale
                | Status::Appointment
                | Status::Promise
                | Status::NotInterested
                | Status::NewCode
                | Status::Callback
                | Status::DoNotCall
                | Status::WrongPerson
        )
    }

    /// Whether a map that lacks the new code counts it as a contact.
    pub(crate) const fn is_contact(self) -> bool {
        self.is_conversation() && !matches!(self, Status::NewCode)
    }

    /// Whether it was the person wanted.
    pub(crate) const fn is_right_party(self) -> bool {
        self.is_contact() && !matches!(self, Status::WrongPerson)
    }

    /// Whether a person answered, as far as the map knows.
    pub(crate) const fn is_live(self) -> bool {
        self.is_contact() || matches!(self, Status::Dropped | Status::HungUp)
    }

    /// Whether the call reached what it was made for.
    pub(crate) const fn is_success(self) -> bool {
        matches!(self, Status::Sale | Status::Appointment | Status::Promise)
    }

    /// Whether anything picked up.
    pub(crate) const fn is_answered(self) -> bool {
        self.is_conversation() || matches!(self, Status::Dropped | Status::HungUp | Status::Machine)
    }

    /// Mean talk and wrap time, in milliseconds.
    pub(crate) const fn handle_ms(self, campaign: Campaign) -> (i64, i64) {
        match (self, campaign) {
            (Status::Sale, _) => (620_000, 110_000),
            (Status::Appointment, _) => (480_000, 150_000),
            (Status::Promise, _) => (330_000, 90_000),
            (Status::NotInterested | Status::NewCode, Campaign::Arrears) => (240_000, 50_000),
            (Status::NotInterested | Status::NewCode, Campaign::B2b) => (150_000, 40_000),
            (Status::NotInterested | Status::NewCode, Campaign::HomeSwitch) => (190_000, 35_000),
            (Status::Callback, _) => (140_000, 38_000),
            (Status::DoNotCall | Status::WrongPerson, _) => (48_000, 27_000),
            _ => (0, 7_000),
        }
    }
}

/// One dial.
#[derive(Debug, Clone)]
pub(crate) struct Call {
    pub list: usize,
    pub turn: Turn,
    /// An account that stands on two lists, instead of the lead of `turn`.
    pub planted: Option<u64>,
    /// Caller ID of the consumer campaign.
    pub caller: u8,
    /// Place of the agent among the floor's people.
    pub agent: Option<usize>,
    pub status: Status,
    /// Instants, in milliseconds since 1970.
    pub started: i64,
    pub answered: Option<i64>,
    pub connected: Option<i64>,
    pub ended: i64,
    pub wrap_ended: Option<i64>,
    pub talk: Option<i64>,
    pub hold: Option<i64>,
    pub wrap: Option<i64>,
}

impl Call {
    /// A dial that is still to be given its times.
    pub(crate) fn new(list: usize, turn: Turn, status: Status) -> Call {
        Call {
            list,
            turn,
            planted: None,
            caller: 0,
            agent: None,
            status,
            started: 0,
            answered: None,
            connected: None,
            ended: 0,
            wrap_ended: None,
            talk: None,
            hold: None,
            wrap: None,
        }
    }

    pub(crate) fn campaign(&self) -> Campaign {
        LISTS[self.list].campaign
    }

    /// When the dialler writes its record: after the wrap.
    pub(crate) fn delivered(&self) -> i64 {
        self.wrap_ended.unwrap_or(self.ended)
    }

    /// Ringing before an answer, or until the end.
    pub(crate) fn ring(&self) -> i64 {
        self.answered.unwrap_or(self.ended) - self.started
    }

    /// Carrier's price in ten-thousandths of a pound: one for each second begun after the answer.
    pub(crate) fn price(&self) -> i64 {
        self.answered.map_or(0, |answered| (self.ended - answered + 999) / 1_000)
    }
}

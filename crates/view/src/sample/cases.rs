//! A made-up case.

use dialmark_govern::case::{Case, Entry, Event, Opening, clocks};
use dialmark_model::civil::Calendar;
use jiff::civil::{Date, date};

use super::head;
use super::people::{at, zone};
use crate::form::{Choice, FORM, Sent};
use crate::link::Link;
use crate::pages::cases::CasePage;
use crate::pages::cases::forms::{self, CaseForms};
use crate::shell::Place;
use crate::when;

pub const DAY: Date = date(2026, 11, 30);
pub const LATE: Date = date(2027, 1, 1);

pub fn cause() -> Event {
    Event::Cause { says: "The list <NL-07> is old.".to_owned() }
}

pub fn action() -> Event {
    Event::Action { says: "Buy a list".to_owned(), owner: "ann".to_owned(), due_on: DAY }
}

pub fn case(events: Vec<Event>) -> CasePage {
    let opening = Opening {
        kpi: "conversion_north".to_owned(),
        place: dialmark_govern::Place::of("campaign_id", "home <switch>"),
        from: date(2026, 10, 1),
        until: date(2026, 11, 1),
        below_since: date(2026, 10, 1),
        opened_at: at("2026-11-01T08:00:00Z"),
        owner: "lead@example.org".to_owned(),
        value: "173/10000".to_owned(),
        shown: "1.73 %".to_owned(),
        target: "at least 2.30 %".to_owned(),
        causes: vec!["list_id NL-07: −0.61 points of −0.67.".to_owned()],
    };
    let entry = |event| Entry { at: at("2026-11-02T09:00:00Z"), by: "lead@example.org".to_owned(), event };
    let entries: Vec<Entry> = events.into_iter().map(entry).collect();
    let case = Case::after(opening, &entries);
    let now = at("2026-11-05T12:00:00Z");
    let zone = zone();
    let clock = |clock: dialmark_govern::case::Clock| {
        let done = clock.done_at.map(|at| when::instant(at, &zone));
        (clock.clone(), when::instant(clock.due_at, &zone), done, clock.is_late(now))
    };
    CasePage {
        head: head("Case 7", Place::Cases),
        clocks: clocks(&case, &Calendar::plain(zone.clone())).into_iter().map(clock).collect(),
        missed: "1.73 % where at least 2.30 % was to be reached".to_owned(),
        history: vec![(
            "Mon 2 Nov 2026, 09:00".to_owned(),
            "lead@example.org".to_owned(),
            "Root cause: The list <NL-07> is old.".to_owned(),
        )],
        case,
    }
}

pub fn forms() -> CaseForms {
    CaseForms {
        action: Link::to("/case/7"),
        people: vec![Choice::new("ann", "Ann Archer"), Choice::new("ben", "Ben <Birch>")],
        sent: Sent::NOTHING,
    }
}

/// An action that was sent without a day.
pub fn refused() -> CaseForms {
    let pairs =
        [(FORM, forms::ACTION), (forms::SAYS, "Buy a list"), (forms::OWNER, "ann"), (forms::DUE_ON, "")];
    let mut sent = Sent::of(pairs.iter().map(|(n, v)| ((*n).to_owned(), (*v).to_owned())).collect());
    assert_eq!(forms::event(&mut sent), None);
    CaseForms { sent, ..forms() }
}

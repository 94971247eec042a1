use dialmark_model::civil::{self, Calendar};
use jiff::civil::date;

use super::*;

fn at(text: &str) -> Timestamp {
    text.parse().unwrap()
}

fn opening() -> Opening {
    Opening {
        kpi: "conversion".to_owned(),
        place: Place::of("campaign_id", "north"),
        from: date(2026, 10, 1),
        until: date(2026, 11, 1),
        below_since: date(2026, 10, 1),
        opened_at: at("2026-11-02T08:00:00Z"),
        owner: "lead@example.org".to_owned(),
        value: "173/10000".to_owned(),
        shown: "1.73 %".to_owned(),
        target: "at least 2.40 %".to_owned(),
        causes: vec!["List cold_14 took 0.74 points off.".to_owned()],
    }
}

fn entry(when: &str, event: Event) -> Entry {
    Entry { at: at(when), by: "lead@example.org".to_owned(), event }
}

fn london() -> Calendar {
    Calendar::plain(civil::zone("Europe/London").unwrap())
}

fn says(text: &str) -> String {
    text.to_owned()
}

#[test]
fn the_root_cause_is_due_in_48_hours_and_the_plan_in_a_week() {
    let mut case = Case::opened(opening());
    let due = |case: &Case| -> Vec<(ClockKind, String, bool)> {
        let clocks = clocks(case, &london());
        clocks.iter().map(|c| (c.kind, c.due_at.to_string(), c.is_late(at("2026-11-05T00:00:00Z")))).collect()
    };
    assert_eq!(
        due(&case),
        [
            (ClockKind::RootCause, "2026-11-04T08:00:00Z".to_owned(), true),
            (ClockKind::Plan, "2026-11-09T08:00:00Z".to_owned(), false),
        ]
    );
    case.take(&entry("2026-11-03T10:00:00Z", Event::Cause { says: says("an old list") })).unwrap();
    assert!(!due(&case)[0].2, "found in time");
}

#[test]
fn an_action_has_one_owner_and_a_day() {
    let mut case = Case::opened(opening());
    let action = |owner: &str| Event::Action {
        says: says("cap the list"),
        owner: says(owner),
        due_on: date(2026, 11, 12),
    };
    let refused = case.take(&entry("2026-11-03T10:00:00Z", action("a@example.org; b@example.org")));
    assert_eq!(refused.unwrap_err(), "An action has one owner, not 2.");
    case.take(&entry("2026-11-03T10:00:00Z", action("a@example.org"))).unwrap();
    let late = Event::Milestone { action: 1, says: says("half of it"), due_on: date(2026, 11, 13) };
    assert!(case.take(&entry("2026-11-03T10:00:00Z", late)).unwrap_err().contains("lies after its action"));
    let clocks = clocks(&case, &london());
    let last = clocks.last().unwrap();
    // The day ends when the next begins.
    assert_eq!((last.kind, last.due_at), (ClockKind::Action(1), at("2026-11-13T00:00:00Z")));
    let done = |n| Event::Done { action: n, says: says("two attempts at most") };
    assert_eq!(
        case.take(&entry("2026-11-10T10:00:00Z", done(2))).unwrap_err(),
        "There is no action 2; they are numbered from 1 to 1."
    );
    case.take(&entry("2026-11-10T10:00:00Z", done(1))).unwrap();
    assert!(case.take(&entry("2026-11-10T10:00:00Z", done(1))).is_err());
}

#[test]
fn a_case_is_closed_with_a_cause_and_without_open_actions() {
    let mut case = Case::opened(opening());
    let close = entry("2026-11-20T10:00:00Z", Event::Closed { says: says("back above target") });
    assert!(case.take(&close).unwrap_err().contains("before its root cause"));
    assert!(
        case.take(&entry("2026-11-03T09:00:00Z", Event::Plan { says: says("x") }))
            .unwrap_err()
            .contains("root cause")
    );
    case.take(&entry("2026-11-03T10:00:00Z", Event::Cause { says: says("an old list") })).unwrap();
    case.take(&entry(
        "2026-11-03T10:00:00Z",
        Event::Action { says: says("cap it"), owner: says("a"), due_on: date(2026, 11, 12) },
    ))
    .unwrap();
    assert_eq!(case.take(&close).unwrap_err(), "1 action is not done yet.");
    case.take(&entry("2026-11-10T10:00:00Z", Event::Done { action: 1, says: says("") })).unwrap();
    case.take(&close).unwrap();
    assert!(case.take(&close).unwrap_err().contains("closed"));
}

#[test]
fn after_60_and_90_days_below_target_it_goes_to_a_review() {
    let mut case = Case::opened(opening());
    let reviews = |case: &Case| -> Vec<ClockKind> {
        clocks(case, &london())
            .into_iter()
            .map(|c| c.kind)
            .filter(|k| matches!(k, ClockKind::Review(_)))
            .collect()
    };
    assert_eq!(case.days_below(), 31);
    assert!(reviews(&case).is_empty());
    let missed = |month: i8| Event::MissedAgain {
        from: date(2026, month, 1),
        until: date(2026, month, 1).last_of_month().tomorrow().unwrap(),
        value: says("0.02"),
    };
    case.take(&entry("2026-12-01T08:00:00Z", missed(11))).unwrap();
    assert_eq!((case.days_below(), reviews(&case)), (61, vec![ClockKind::Review(60)]));
    case.take(&entry("2027-01-01T08:00:00Z", missed(12))).unwrap();
    assert_eq!(reviews(&case), [ClockKind::Review(60), ClockKind::Review(90)]);
    let met = Event::Met { from: date(2027, 1, 1), until: date(2027, 2, 1), value: says("0.03") };
    case.take(&entry("2027-02-01T08:00:00Z", met)).unwrap();
    assert!(reviews(&case).is_empty());
}

#[test]
fn a_case_is_its_opening_and_what_happened_since() {
    let entries = [
        entry("2026-11-03T10:00:00Z", Event::Cause { says: says("an old list") }),
        entry("2026-11-03T11:00:00Z", Event::Cause { says: says("an old list with invalid numbers") }),
        entry("2026-11-04T10:00:00Z", Event::Plan { says: says("cap it at two attempts") }),
        // Refused when it was to be written; should it stand there all the same, it changes nothing.
        entry("2026-11-04T10:00:00Z", Event::Done { action: 7, says: says("") }),
    ];
    let case = Case::after(opening(), &entries);
    let cause = case.cause.unwrap();
    assert_eq!(cause.says, "an old list with invalid numbers");
    assert_eq!(cause.at, at("2026-11-03T10:00:00Z"), "what stops the clock is that it was there");
    assert_eq!(case.plan.unwrap().at, at("2026-11-04T10:00:00Z"));
}

//! An evaluation in the hands of the agent.

use dialmark_model::civil::{Calendar, zone};
use jiff::Timestamp;

use super::forms::{SALES, form};
use crate::quality::{Evaluation, Form, Standing};

fn at(text: &str) -> Timestamp {
    text.parse().unwrap()
}

fn made() -> Evaluation {
    // 23:30 in Berlin, still the 1st of July there.
    Evaluation::made("e1", "ann", "eve", at("2026-07-01T21:30:00Z")).unwrap()
}

fn rules() -> (Form, Calendar) {
    (form(SALES), Calendar::plain(zone("Europe/Berlin").unwrap()))
}

fn appealed() -> Evaluation {
    let (form, calendar) = rules();
    made()
        .appeal("ann", at("2026-07-02T09:00:00Z"), " The price was right. ", form.appeal_days, &calendar)
        .unwrap()
}

#[test]
fn an_appeal_is_decided_by_somebody_else() {
    let when = at("2026-07-03T09:00:00Z");
    assert_eq!(
        appealed().uphold("eve", when, "No.").unwrap_err(),
        "eve made the evaluation and cannot decide on it. Let somebody else decide."
    );
    assert_eq!(
        appealed().change("ann", when, "Yes.", "e2").unwrap_err(),
        "ann was evaluated and cannot decide on it. Let somebody else decide."
    );
    let upheld = appealed().uphold("mia", when, "The old price was named.").unwrap();
    assert!(upheld.counts());
    let changed = appealed().change("mia", when, "The price was right.", "e2").unwrap();
    assert!(!changed.counts());
    assert_eq!(
        changed.standing(),
        &Standing::Changed {
            why: "The price was right.".to_owned(),
            by: "mia".to_owned(),
            at: when,
            says: "The price was right.".to_owned(),
            replaced_by: "e2".to_owned(),
        }
    );
}

#[test]
fn an_appeal_is_possible_until_the_end_of_the_last_day() {
    let (form, calendar) = rules();
    // The form allows five days: all of the 6th of July in Berlin, which ends at 22:00 UTC.
    assert!(made().appeal("ann", at("2026-07-06T21:59:59Z"), "Why.", form.appeal_days, &calendar).is_ok());
    assert_eq!(
        made().appeal("ann", at("2026-07-06T22:00:00Z"), "Why.", form.appeal_days, &calendar).unwrap_err(),
        "The evaluation `e1` was made on 2026-07-01 and could be appealed until 2026-07-06, within 5 days."
    );
}

#[test]
fn steps_that_do_not_follow_are_refused_in_a_sentence() {
    let (form, calendar) = rules();
    let (early, when) = (at("2026-07-01T21:00:00Z"), at("2026-07-02T10:00:00Z"));
    let refused = |result: Result<Evaluation, String>| result.unwrap_err();
    assert_eq!(
        refused(Evaluation::made("e1", "ann", "ann", when)),
        "ann cannot evaluate their own conversation. Let somebody else do it."
    );
    assert_eq!(
        refused(made().uphold("mia", when, "No.")),
        "The evaluation `e1` was not appealed, so it cannot be upheld."
    );
    assert_eq!(
        refused(made().acknowledge("ben", when)),
        "Only ann can acknowledge the evaluation `e1`, not ben."
    );
    assert_eq!(
        refused(made().acknowledge("ann", early)),
        "2026-07-01T21:00:00Z is before 2026-07-01T21:30:00Z, when the evaluation `e1` last changed."
    );
    let acknowledged = made().acknowledge("ann", when).unwrap();
    assert_eq!(
        refused(acknowledged.appeal("ann", when, "Why.", form.appeal_days, &calendar)),
        "The evaluation `e1` cannot be appealed: it was acknowledged at 2026-07-02T10:00:00Z."
    );
    assert_eq!(
        refused(appealed().appeal("ann", when, "Again.", form.appeal_days, &calendar)),
        "The evaluation `e1` cannot be appealed: it was appealed at 2026-07-02T09:00:00Z and is not decided."
    );
    let upheld = appealed().uphold("mia", when, "No.").unwrap();
    assert_eq!(
        refused(upheld.change("mia", when, "Yes.", "e2")),
        "The evaluation `e1` cannot be changed: it was upheld by mia at 2026-07-02T10:00:00Z."
    );
    assert_eq!(
        refused(appealed().change("mia", when, "Yes.", "e1")),
        "The evaluation `e1` is changed by another one. Name that one."
    );
    assert_eq!(
        refused(made().appeal("ann", when, " ", form.appeal_days, &calendar)),
        "An appeal needs a reason. Say what the evaluation gets wrong."
    );
}

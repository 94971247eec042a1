//! An evaluation and its versions.

use dialmark_metrics::Ratio;
use dialmark_model::civil::{Calendar, zone};
use jiff::Timestamp;

use super::forms::{SALES, answers, form};
use crate::dispute::CallId;
use crate::quality::{Conversation, Evaluated, Given, Selection, Standing};

fn at(text: &str) -> Timestamp {
    text.parse().unwrap()
}

fn given(price: u32) -> Given {
    let all = [("greeting", 1), ("needs", 1), ("price", price), ("consent", 1), ("objection", 1)];
    Given { answers: answers(&all.map(|(name, points)| (name, Some(points)))), ..Given::default() }
}

fn made() -> Evaluated {
    let call = CallId { source: "dialler".to_owned(), source_id: "4711".to_owned() };
    let of = Conversation {
        call,
        agent_id: "ann".to_owned(),
        team_id: None,
        campaign_id: Some("north".to_owned()),
        client_id: None,
        at: at("2026-07-01T09:00:00Z"),
    };
    let selection = Selection::Random("weekly".to_owned());
    Evaluated::made("e1", of, &form(SALES), selection, given(0), "eve", at("2026-07-02T09:00:00Z")).unwrap()
}

fn appealed() -> Evaluated {
    let calendar = Calendar::plain(zone("Europe/Berlin").unwrap());
    made().appeal("ann", at("2026-07-03T09:00:00Z"), "The price was right.", &calendar).unwrap()
}

#[test]
fn a_change_is_a_newer_version_of_the_same_evaluation() {
    // 10 + half of 20 + 0 + 25 + 15 = 60; with all of the price 90.
    assert_eq!((made().revision(), made().counts().scored.score), (1, Ratio::parse("60").unwrap()));
    let when = at("2026-08-04T09:00:00Z");
    let changed = appealed().change("mia", when, "It was.", &form(SALES), given(3)).unwrap();
    assert_eq!((changed.revision(), changed.counts().scored.score), (2, Ratio::parse("90").unwrap()));
    assert_eq!((changed.id(), changed.made_at()), ("e1", at("2026-07-02T09:00:00Z")));
    assert_eq!(changed.counts().evaluation.evaluator(), "mia");
    assert!(changed.earlier().iter().all(|version| !version.evaluation.counts()));

    // The new version can be appealed as well, but nobody decides on their own work.
    let calendar = Calendar::plain(zone("Europe/Berlin").unwrap());
    let again = changed.appeal("ann", when, "Still wrong.", &calendar).unwrap();
    assert_eq!(
        again.clone().uphold("eve", when, "No.").unwrap_err(),
        "eve made an earlier version of the evaluation `e1` and cannot decide on it. Let somebody else decide."
    );
    assert!(again.clone().uphold("mia", when, "No.").is_err());
    assert!(matches!(again.uphold("zoe", when, "No.").unwrap().standing(), Standing::Upheld { .. }));
}

#[test]
fn a_change_is_by_the_same_version_of_the_form() {
    let newer = form(&SALES.replace("\"3\"", "\"4\""));
    assert_eq!(
        appealed().change("mia", at("2026-07-04T09:00:00Z"), "It was.", &newer, given(3)).unwrap_err(),
        "The evaluation `e1` was made by the form `sales/3`, and what is declared now is `sales/4`. Uphold it, or \
         declare that version again."
    );
}

#[test]
fn what_is_wrong_is_said_at_once() {
    let mut bad = given(1);
    bad.comments.insert("prise".to_owned(), "Too low.".to_owned());
    let of = made().of().clone();
    let when = at("2026-07-02T09:00:00Z");
    let problems =
        Evaluated::made("e2", of, &form(SALES), Selection::Targeted, bad, "ann", when).unwrap_err();
    assert_eq!(
        problems,
        [
            "ann cannot evaluate their own conversation. Let somebody else do it.",
            "`price` cannot have 1 points; it has 0, 2, 3.",
            "A comment is about `prise`, which is no criterion of `sales/3`.",
        ]
    );
}

#[test]
fn it_is_the_same_after_it_was_written_down() {
    let changed =
        appealed().change("mia", at("2026-07-04T09:00:00Z"), "Yes.", &form(SALES), given(2)).unwrap();
    let text = serde_json::to_string(&changed).unwrap();
    assert!(text.contains("\"80/1\""), "{text}");
    assert_eq!(serde_json::from_str::<Evaluated>(&text).unwrap(), changed);
}

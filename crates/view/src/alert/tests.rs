use dialmark_govern::alert::{Kind, Notice};
use jiff::tz::TimeZone;

use super::sample::{HOSTILE, notice, told};
use super::*;

fn zone() -> TimeZone {
    TimeZone::get("Europe/London").unwrap()
}

fn message<'a>(notice: &'a Notice, zone: &'a TimeZone, pages_at: Option<&'a str>) -> Message<'a> {
    Message { notice, centre: "Aire", zone, pages_at, is_test: false }
}

#[test]
fn a_message_says_what_how_much_since_when_and_where_to_look() {
    let (zone, notice) = (zone(), notice(Kind::Raised, vec![told("north")]));
    let message = message(&notice, &zone, Some("https://figures.example.org"));
    assert_eq!(message.subject(), "Drops \u{2013} Drop rate, north: 3.10 %");
    // The clocks go back that night: half past one comes twice, and the zone says which it is.
    assert_eq!(
        text(&message),
        "Drops \u{2013} Drop rate, north: 3.10 %\n\n\
         Drop rate, north\n\
         \x20 3.10 %; above 3.00 %, over at 2.00 %; n = 1000\n\
         \x20 Since Sun 25 Oct 2026, 01:30 BST; records to Sun 25 Oct 2026, 01:40 BST\n\
         \x20 Records are missing in 1 hour.\n\
         \x20 https://figures.example.org/calls?metric=drop_rate&part=denominator&from=2026-10-25T00%3A10%3A00Z\
         &to=2026-10-25T00%3A40%3A00Z&where=campaign_id%20%3D%20%27x%27\n\n\
         Aire, alert drops\n\
         https://figures.example.org/alerts\n"
    );
}

#[test]
fn what_is_over_what_still_stands_and_what_only_tries_say_so() {
    let zone = zone();
    let subject = |kind| {
        let notice = notice(kind, vec![told("a"), told("b")]);
        message(&notice, &zone, None).subject()
    };
    assert_eq!(subject(Kind::Cleared), "Over: Drops \u{2013} 2 things");
    assert_eq!(subject(Kind::Reminder), "Still: Drops \u{2013} 2 things");
    let notice = notice(Kind::Raised, vec![told("a")]);
    let test = Message { is_test: true, ..message(&notice, &zone, None) };
    assert!(
        test.subject().starts_with("[test] ") && text(&test).contains("only tries whether messages arrive")
    );
    assert_eq!(json(&test)["type"], "alert.test");
}

#[test]
fn hostile_names_stay_names_in_slack() {
    let (zone, notice) = (zone(), notice(Kind::Raised, vec![told(HOSTILE)]));
    let whole = slack(&message(&notice, &zone, Some("https://figures.example.org"))).to_string();
    assert!(!whole.contains("<!channel>") && !whole.contains("<https://evil"), "{whole}");
    assert!(whole.contains("&lt;!channel&gt;"), "{whole}");
    // The only links are our own.
    assert_eq!(whole.matches("<https://figures.example.org/").count(), 2, "{whole}");
    assert_eq!(whole.matches("<http").count(), 2, "{whole}");
    // Addresses in names are not made links either.
    assert_eq!(whole.matches("\"verbatim\":true").count(), 3, "{whole}");
}

#[test]
fn hostile_names_stay_names_in_teams_and_letters() {
    let (zone, notice) = (zone(), notice(Kind::Raised, vec![told(HOSTILE)]));
    let message = message(&notice, &zone, Some("https://figures.example.org"));
    let card = teams(&message);
    let body = card["attachments"][0]["content"]["body"].as_array().unwrap();
    // Marks mean something in blocks and facts, and nothing in runs.
    assert!(body.iter().all(|block| block["type"] == "RichTextBlock"), "{card}");
    let html = html(&message);
    assert!(!html.contains("<b>") && html.contains("&lt;b&gt;"), "{html}");
    assert_eq!(html.matches("href=").count(), 2, "{html}");
    assert!(!message.subject().contains(['\r', '\n']));
    assert!(!text(&message).lines().any(|line| line.starts_with("Bcc")));
}

#[test]
fn a_message_of_many_names_some_and_says_how_many_more() {
    let zone = zone();
    let many: Vec<Told> = (0..50).map(|number| told(&format!("c{number:02}"))).collect();
    let notice = notice(Kind::Raised, many);
    let message = message(&notice, &zone, None);
    assert!(text(&message).contains("And 30 more."));
    let blocks = slack(&message);
    assert!(blocks["blocks"].as_array().unwrap().len() <= 50);
    assert!(teams(&message).to_string().len() < 28_000);
    // Programs get all of it.
    assert_eq!(json(&message)["data"]["things"].as_array().unwrap().len(), 50);
}

#[test]
fn without_an_address_of_the_pages_there_is_a_path_and_no_link() {
    let (zone, notice) = (zone(), notice(Kind::Raised, vec![told("north")]));
    let message = message(&notice, &zone, None);
    assert!(!html(&message).contains("href=") && html(&message).contains("/calls?metric=drop_rate"));
    assert!(!slack(&message).to_string().contains('<'));
    assert!(teams(&message)["attachments"][0]["content"].get("actions").is_none());
}

#[test]
fn programs_get_exact_values_and_every_key_that_is_documented() {
    let (zone, notice) = (zone(), notice(Kind::Cleared, vec![told("north")]));
    let sent = json(&message(&notice, &zone, None));
    assert_eq!(
        (&sent["type"], &sent["timestamp"]),
        (&"alert.cleared".into(), &"2026-10-25T01:30:00Z".into())
    );
    let thing = &sent["data"]["things"][0];
    assert_eq!((&thing["value"], &thing["n"]), (&"31/1000".into(), &1000.into()));
    let schema: serde_json::Value =
        serde_json::from_str(include_str!("../../../../docs/alert.schema.json")).unwrap();
    let keys = |value: &serde_json::Value| value.as_object().unwrap().keys().cloned().collect::<Vec<_>>();
    let properties = &schema["properties"];
    assert_eq!(keys(properties), keys(&sent));
    let data = &properties["data"]["properties"];
    assert_eq!(keys(data), keys(&sent["data"]));
    assert_eq!(keys(&data["things"]["items"]["properties"]), keys(thing));
}

//! Quality and coaching on pages: who scores, who answers, who decides, and who sees none of it.

use std::path::Path;

use axum::Router;
use axum::http::{StatusCode, header};
use dialmark_govern::Role;
use dialmark_metrics::Catalogue;
use dialmark_project::{Project, ProjectFile};
use dialmark_server::Promises;
use jiff::Timestamp;
use jiff::civil::date;

use super::signed_in::{account, cookie, post, seen};
use super::{Answer, Record, plain, served_with};

const CENTRE: &str = "[centre]\nname = \"Northgate\"\nzone = \"Europe/London\"\n";
const FORM: &str = r#"
[form.sales]
label     = "Sales calls"
version   = "3"
pass_mark = 60
[[form.sales.criterion]]
name   = "need"
label  = "Asks what is needed"
weight = 40
points = 4
coach  = "asking"
[[form.sales.criterion]]
name   = "price"
label  = "Tells the whole price"
weight = 60
points = 2

[sampling.weekly]
label      = "Two each"
form       = "sales"
per_agent  = 2
every      = "week"
least_talk = "30s"
by         = ["quality"]
seed       = "autumn"
"#;

fn promises() -> Promises {
    let files = [ProjectFile::new("dialmark.toml", CENTRE), ProjectFile::new("quality/sales.toml", FORM)];
    let project = Project::from_files(Path::new("/nowhere"), &files).unwrap();
    let (catalogue, _) = Catalogue::builtin();
    let (governed, problems) = dialmark_manage::governed(&project, &catalogue, date(2026, 11, 19));
    assert!(problems.is_empty(), "{problems:?}");
    Promises { governed, own_sources: project.own_sources, ..Promises::default() }
}

/// Two conversations of ann and one of ben, of a minute each.
fn conversations() -> Vec<Record> {
    let call = |id: &str, agent: &str, campaign: &str| {
        vec![
            ("direction", "outbound".to_owned()),
            ("agent_id", agent.to_owned()),
            ("campaign_id", campaign.to_owned()),
            ("disposition", "SALE".to_owned()),
            ("started_at", "2020-11-17T09:00:00Z".to_owned()),
            ("answered_at", "2020-11-17T09:00:10Z".to_owned()),
            ("talk_ms", "60000".to_owned()),
            ("source_id", id.to_owned()),
        ]
    };
    vec![call("1", "ann", "north"), call("2", "ann", "south"), call("3", "ben", "north")]
}

/// Everybody of a small centre, by their cookies.
struct Centre {
    router: Router,
    eve: String,
    mia: String,
    ann: String,
    ben: String,
    acme: String,
}

impl Centre {
    async fn new(folder: &Path) -> Centre {
        let router = served_with(folder, &conversations(), promises()).await;
        let mut cookies = Vec::new();
        for (name, role, confined) in [
            ("root", Role::Admin, vec![]),
            ("eve", Role::Quality, vec![]),
            ("mia", Role::Operations, vec![]),
            ("ann.a", Role::Agent, vec![("agent_id", "ann")]),
            ("ben.b", Role::Agent, vec![("agent_id", "ben")]),
            ("acme", Role::Client, vec![("campaign_id", "north")]),
        ] {
            let password = account(folder, name, role, &confined).await;
            cookies.push(cookie(&router, name, &password).await);
        }
        let [_, eve, mia, ann, ben, acme] = cookies.try_into().unwrap();
        Centre { router, eve, mia, ann, ben, acme }
    }

    async fn get(&self, who: &str, address: &str) -> Answer {
        seen(&self.router, address, who).await
    }

    async fn page(&self, who: &str, address: &str) -> String {
        let answer = self.get(who, address).await;
        assert_eq!(answer.status, StatusCode::OK, "{address}: {}", answer.text);
        plain(&answer.text)
    }

    async fn post(&self, who: &str, address: &str, fields: &[(&str, &str)]) -> Answer {
        post(&self.router, address, who, fields).await
    }

    /// Sends a form that is taken; where it leads.
    async fn done(&self, who: &str, address: &str, fields: &[(&str, &str)]) -> String {
        let answer = self.post(who, address, fields).await;
        assert_eq!(answer.status, StatusCode::SEE_OTHER, "{address}: {}", answer.text);
        answer.headers.get(header::LOCATION).unwrap().to_str().unwrap().to_owned()
    }

    /// Points reached and possible in the records of evaluations.
    async fn figures(&self) -> serde_json::Value {
        let text = self.page(&self.mia, "/api/v1/query?metric=qa_score").await;
        serde_json::from_str(&text).unwrap()
    }
}

/// The fields of a form that scores a call.
fn scores<'a>(call: &'a str, step: &'a str, need: &'a str, price: &'a str) -> Vec<(&'a str, &'a str)> {
    vec![
        ("form", "score"),
        ("step", step),
        ("source", "dialler"),
        ("source_id", call),
        ("sheet", "sales/3"),
        ("points.need", need),
        ("points.price", price),
        ("comment.need", "Offered <before> asking."),
    ]
}

#[tokio::test]
async fn an_evaluation_goes_from_the_sample_to_the_agent_to_a_decision_and_nobody_else_sees_it() {
    let folder = tempfile::tempdir().unwrap();
    let centre = Centre::new(folder.path()).await;
    let Centre { eve, mia, ann, ben, acme, .. } = &centre;

    let text = centre.page(eve, "/quality?on=2020-11-17").await;
    assert!(text.contains("0 of 3 chosen conversations are evaluated"), "{text}");
    assert!(text.contains("/evaluate?call=dialler%2F1") && text.contains("3 of 3 conversations"), "{text}");
    for who in [ann, acme] {
        for address in ["/quality", "/evaluate?call=dialler%2F3", "/calibration", "/coaching"] {
            assert_eq!(centre.get(who, address).await.status, StatusCode::FORBIDDEN, "{address}");
        }
    }

    assert!(centre.page(eve, "/evaluate?call=dialler%2F1").await.contains("Asks what is needed"));
    let half = centre.post(eve, "/evaluate", &scores("1", "save", "1", "")).await;
    assert_eq!(half.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(half.text.contains("Offered &lt;before&gt; asking."), "{}", half.text);
    let preview = centre.post(eve, "/evaluate", &scores("1", "preview", "1", "1")).await;
    // A quarter of 40 and half of 60.
    assert_eq!(preview.status, StatusCode::OK, "{}", preview.text);
    assert!(
        preview.text.contains("Nothing is saved yet") && preview.text.contains("40.0"),
        "{}",
        preview.text
    );
    let page = centre.done(eve, "/evaluate", &scores("1", "save", "1", "1")).await;
    assert!(page.starts_with("/evaluation/"), "{page}");
    let again = centre.post(eve, "/evaluate", &scores("1", "save", "4", "2")).await;
    assert_eq!(again.status, StatusCode::UNPROCESSABLE_ENTITY, "a call is evaluated once by a form");
    let rows = centre.figures().await;
    assert_eq!(
        (&rows[0]["qa_score"]["numerator"], &rows[0]["qa_score"]["denominator"]),
        (&40.into(), &100.into()),
        "{rows}"
    );
    assert!(centre.page(eve, "/quality?on=2020-11-17").await.contains("1 of 3 chosen"));

    // Its agent reads it; to others it is not there.
    for who in [ben, acme] {
        assert_eq!(centre.get(who, &page).await.status, StatusCode::NOT_FOUND);
        let appeal = [("form", "appeal"), ("why", "mine?")];
        assert_eq!(centre.post(who, &page, &appeal).await.status, StatusCode::NOT_FOUND);
    }
    let text = centre.page(ann, &page).await;
    assert!(text.contains("not passed") && text.contains("You may appeal until"), "{text}");
    assert!(centre.page(ann, "/me").await.contains("1 thing waits for you"));
    assert!(!centre.page(ben, "/me").await.contains(&page));

    // Only the agent appeals, and for a reason; who evaluated does not decide.
    let nothing = centre.post(ann, &page, &[("form", "appeal"), ("why", " ")]).await;
    assert_eq!(nothing.status, StatusCode::UNPROCESSABLE_ENTITY);
    let appeal = [("form", "appeal"), ("why", "I <did> ask.")];
    assert_eq!(centre.post(eve, &page, &appeal).await.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert_eq!(centre.done(ann, &page, &appeal).await, page);
    let uphold = [("form", "uphold"), ("says", "It stays.")];
    for who in [eve, ann] {
        let refused = centre.post(who, &page, &uphold).await;
        assert!(matches!(refused.status, StatusCode::UNPROCESSABLE_ENTITY | StatusCode::FORBIDDEN));
    }
    assert!(!centre.page(eve, &page).await.contains("replaces="));
    let text = centre.page(mia, &page).await;
    assert!(text.contains("I &lt;did&gt; ask.") && text.contains("replaces="), "{text}");

    // Evaluated anew, that counts instead and is counted once.
    let id = page.rsplit('/').next().unwrap();
    let anew = [scores("1", "save", "4", "1"), vec![("replaces", id), ("says", "Asked at 1:20.")]].concat();
    assert_eq!(centre.done(mia, "/evaluate", &anew).await, page);
    let rows = centre.figures().await;
    assert_eq!(
        (&rows[0]["qa_score"]["numerator"], &rows[0]["qa_score"]["denominator"]),
        (&70.into(), &100.into()),
        "{rows}"
    );
    let text = centre.page(ann, &page).await;
    assert!(
        text.contains("70.0") && text.contains("Before: 40.0 of 100") && text.contains("Asked at 1:20."),
        "{text}"
    );
    let accept = |item| [("form", "acknowledge_evaluation"), ("item", item)];
    assert_eq!(centre.post(ben, "/me", &accept(id)).await.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert_eq!(centre.done(ann, "/me", &accept(id)).await, "/me");
    assert!(centre.page(ann, &page).await.contains("acknowledged"));
}

#[tokio::test]
async fn in_a_round_everyone_scores_on_their_own_before_they_see_what_others_gave() {
    let folder = tempfile::tempdir().unwrap();
    let centre = Centre::new(folder.path()).await;
    let Centre { eve, mia, .. } = &centre;
    let open = |calls: &'static str| {
        vec![
            ("form", "open_session"),
            ("label", "November"),
            ("sheet", "sales/3"),
            ("master", "mia"),
            ("evaluator", "eve"),
            ("calls", calls),
        ]
    };
    let unknown = centre.post(mia, "/calibration", &open("dialler/99")).await;
    assert_eq!(unknown.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(unknown.text.contains("dialler/99</textarea>"), "{}", unknown.text);
    let page = centre.done(mia, "/calibration", &open("dialler/1\r\ndialler/3")).await;
    assert_eq!(page, "/calibration/November");
    let in_round = |call, need| [scores(call, "save", need, "2"), vec![("session", "November")]].concat();
    for call in ["1", "3"] {
        assert_eq!(centre.done(mia, "/evaluate", &in_round(call, "4")).await, page);
    }
    let text = centre.page(eve, &page).await;
    assert!(text.contains("session=November") && text.contains("shown once you have scored"), "{text}");
    centre.done(eve, "/evaluate", &in_round("1", "4")).await;
    centre.done(eve, "/evaluate", &in_round("3", "3")).await;
    // 100 and 100; 90 and 100, more than five apart.
    let text = centre.page(eve, &page).await;
    assert!(text.contains("within 5 points of the master, 1 of 2"), "{text}");
    assert!(centre.figures().await[0]["qa_score"]["value"].is_null(), "a round is no evaluation");
}

/// The fields of a form that writes down a session.
fn held<'a>(agent: &'a str, held_on: &'a str, recheck_on: &'a str) -> Vec<(&'a str, &'a str)> {
    vec![
        ("form", "held"),
        ("agent", agent),
        ("behaviour", "asking"),
        ("agreement", "Two <questions> first."),
        ("held_on", held_on),
        ("recheck_on", recheck_on),
    ]
}

#[tokio::test]
async fn coaching_is_written_down_and_acknowledged_by_the_agent() {
    let folder = tempfile::tempdir().unwrap();
    let centre = Centre::new(folder.path()).await;
    let Centre { mia, ann, ben, .. } = &centre;
    let today = Timestamp::now().to_zoned(dialmark_model::civil::zone("Europe/London").unwrap()).date();
    let (today, later) = (today.to_string(), today.tomorrow().unwrap().to_string());
    for (agent, recheck) in [("nobody", later.as_str()), ("ann", today.as_str())] {
        let refused = centre.post(mia, "/coaching", &held(agent, &today, recheck)).await;
        assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY, "{agent}: {}", refused.text);
        assert!(refused.text.contains("Two &lt;questions&gt; first.</textarea>"), "{}", refused.text);
    }
    assert_eq!(centre.done(mia, "/coaching", &held("ann", &today, &later)).await, "/coaching");
    assert!(centre.page(mia, "/coaching").await.contains("Two &lt;questions&gt; first."));

    let text = centre.page(ann, "/me").await;
    assert!(text.contains("1 thing waits for you"), "{text}");
    let item = text.split("name=\"item\" value=\"").nth(1).unwrap().split('"').next().unwrap();
    let accept = [("form", "acknowledge_coaching"), ("item", item)];
    assert_eq!(centre.post(ben, "/me", &accept).await.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert_eq!(centre.done(ann, "/me", &accept).await, "/me");
    assert!(!centre.page(ann, "/me").await.contains("1 thing waits for you"));
}

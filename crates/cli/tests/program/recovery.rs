//! Customers who were unhappy are called back against a clock, and what customers answer has a margin.

use std::fmt::Write;

use jiff::{SignedDuration, Timestamp};
use serde_json::{Value, json};

use crate::project::Project;

const SOURCE: &str = "\
[source.survey]
table    = \"surveys\"
files    = [\"survey/*.csv\"]
id       = \"answer\"
revision = { from = \"updated\" }
[source.survey.columns]
survey      = \"survey\"
campaign_id = \"campaign\"
agent_id    = \"agent\"
call_id     = \"call\"
customer_id = \"customer\"
sent_at     = \"sent\"
answered_at = \"answered\"
score       = \"score\"
scale_min   = \"low\"
scale_max   = \"high\"
";

const RULE: &str = "\
[recovery.detractors]
survey           = \"nps\"
call_back_within = \"48h\"
owner            = \"lead@example.org\"
tries            = 1
";

const HEAD: &str = "answer,updated,survey,campaign,agent,call,customer,sent,answered,score,low,high\n";

fn hours_ago(hours: i64) -> Timestamp {
    Timestamp::now().checked_sub(SignedDuration::from_hours(hours)).unwrap()
}

fn answer(id: &str, revision: u32, survey: &str, answered: Timestamp, score: &str) -> String {
    let sent = answered.checked_sub(SignedDuration::from_hours(1)).unwrap();
    format!(
        "{id},2026-01-01T00:00:0{revision}Z,{survey},north,ann,c{id},k{id},{sent},{answered},{score},0,10\n"
    )
}

fn project(answers: &str) -> Project {
    let project = Project::with_dialler();
    project.write("sources/survey.toml", SOURCE);
    project.write("quality/recovery.toml", RULE);
    project.write("survey/answers.csv", &format!("{HEAD}{answers}"));
    project.run(&["import"]).ends_with(0);
    project
}

#[test]
fn a_negative_answer_is_admitted_once_and_its_clock_runs_out() {
    let mut answers = answer("a1", 1, "nps", hours_ago(50), "3");
    answers += &answer("a2", 1, "nps", hours_ago(20), "9");
    answers += &answer("a3", 1, "nps", hours_ago(1), "6");
    answers += &answer("a4", 1, "csat", hours_ago(1), "0");
    let project = project(&answers);
    let list = |more: &[&str]| {
        let all: Vec<&str> = ["recovery", "list", "--format", "json"].iter().chain(more).copied().collect();
        project.run(&all).ends_with(0).json()
    };
    let counts =
        |said: &Value| ["opened", "known", "content", "undecided"].map(|key| said[key].as_u64().unwrap());
    let first = list(&[]);
    assert_eq!(counts(&first), [2, 0, 1, 0]);
    let of = |said: &Value, key: &str| -> Vec<Value> {
        said["items"].as_array().unwrap().iter().map(|item| item[key].clone()).collect()
    };
    // What is due first comes first.
    assert_eq!(of(&first, "id"), ["survey/a1", "survey/a3"]);
    let clock = &first["items"][0]["clock"];
    let late = clock["ms"].as_i64().unwrap();
    assert_eq!(clock["is"], "overdue");
    assert!((7_200_000..7_800_000).contains(&late), "two hours: {late}");
    assert_eq!(first["items"][1]["clock"]["is"], "due");
    assert_eq!(first["items"][0]["answer"]["customer_id"], "ka1");
    // Delivered again, in another revision, it is the same answer.
    project.write("survey/again.csv", &format!("{HEAD}{}", answer("a1", 2, "nps", hours_ago(50), "2")));
    project.run(&["import"]).ends_with(0);
    assert_eq!(counts(&list(&[])), [0, 2, 1, 0]);

    let step = |args: &[&str]| {
        let all: Vec<&str> = ["recovery"].iter().chain(args).copied().collect();
        project.run(&all)
    };
    let refused = step(&["reached", "survey/a1", "--by", "ann"]).ends_with(1);
    assert!(refused.err.contains("Take it first"), "{}", refused.err);
    step(&["take", "survey/a1", "--by", "ann"]).ends_with(0);
    assert!(step(&["reached", "survey/a1", "--by", "ben"]).ends_with(1).err.contains("ann took"));
    step(&["reached", "survey/a1", "--by", "ann"]).ends_with(0);
    let close = ["close", "survey/a1", "--by", "ann", "--outcome", "resolved", "--says", "refunded"];
    assert_eq!(step(&close).ends_with(0).out, "survey/a1 is closed by ann: resolved\n");
    step(&["take", "survey/a3", "--by", "ann"]).ends_with(0);
    step(&["give-back", "survey/a3", "--by", "ann"]).ends_with(0);
    step(&["take", "survey/a3", "--by", "ben"]).ends_with(0);
    step(&["not-reached", "survey/a3", "--by", "ben"]).ends_with(0);
    let gone = ["close", "survey/a3", "--by", "ben", "--outcome", "not-reached", "--says", "no answer"];
    step(&gone).ends_with(0);
    assert!(
        step(&["take", "survey/a9", "--by", "ann"])
            .ends_with(1)
            .err
            .contains("no call back for a9 of survey")
    );

    assert_eq!(list(&[])["items"], json!([]));
    let all = list(&["--all"]);
    let clocks: Vec<Value> = of(&all, "clock").into_iter().map(|clock| clock["is"].clone()).collect();
    assert_eq!(clocks, ["late", "given_up"]);
    assert_eq!(counts(&all)[0], 0, "a closed one is not opened again");
}

#[test]
fn scores_have_margins_and_say_how_many_answered() {
    // Of 20 asked in June 10 answered: 6 promoters, 2 in between, 2 detractors. Of 8, 4: three satisfied.
    let mut text = String::new();
    let mut row = |id: String, survey: &str, score: Option<u32>| {
        let (answered, score) = match score {
            Some(score) => ("2026-06-02T09:00:00Z", score.to_string()),
            None => ("", String::new()),
        };
        writeln!(text, "{id},2026-07-01T00:00:01Z,{survey},north,ann,{id},k{id},2026-06-01T09:00:00Z,{answered},{score},0,10")
            .unwrap();
    };
    let nps = [10, 9, 9, 9, 10, 9, 7, 8, 6, 0];
    for at in 0..20 {
        row(format!("n{at}"), "nps", nps.get(at).copied());
    }
    for at in 0..8 {
        row(format!("s{at}"), "csat", [8, 9, 10, 3].get(at).copied());
    }
    let project = project(&text);
    let said = project.run(&["surveys", "--by", "campaign_id", "--format", "json"]).ends_with(0).json();
    let of = |survey: &str| said.as_array().unwrap().iter().find(|one| one["survey"] == survey).unwrap();
    let near = |value: &Value, wanted: f64| (value.as_f64().unwrap() - wanted).abs() < 5e-5;
    let nps = of("nps");
    assert_eq!((&nps["score"], &nps["n"]), (&"0.4".into(), &json!(10)));
    assert_eq!(nps["counts"], json!({ "promoters": 6, "detractors": 2 }));
    assert_eq!((&nps["answered"], &nps["asked"]), (&json!(10), &json!(20)));
    assert_eq!(nps["place"], json!({ "campaign_id": "north" }));
    // 6.75 and 2.75 of 13: 0.3077 -+ 1.96 x 0.2212.
    assert!(near(&nps["interval"]["low"], -0.12586) && near(&nps["interval"]["high"], 0.74124), "{nps}");
    let csat = of("csat");
    assert_eq!((&csat["score"], &csat["n"], &csat["asked"]), (&"0.75".into(), &json!(4), &json!(8)));
    assert!(near(&csat["interval"]["low"], 0.30064) && near(&csat["interval"]["high"], 0.95441), "{csat}");
    let text = project.run(&["surveys"]).ends_with(0).out;
    assert!(text.contains("+40.0") && text.contains("75.0 %") && text.contains("50.0 %"), "{text}");
}

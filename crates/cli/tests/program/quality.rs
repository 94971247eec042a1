//! From a plan to an evaluation, its appeal, calibration and coaching, over a week that can be added up by hand.

use std::fmt::Write;
use std::path::Path;

use serde_json::{Value, json};

use crate::project::{Project, Said};

const FORM: &str = r#"
[form.sales]
label         = "Sales call"
version       = "3"
pass_mark     = 80
appeal_within = "5 days"
[[form.sales.criterion]]
name    = "greeting"
weight  = 10
[[form.sales.criterion]]
name    = "needs"
weight  = 20
points  = 2
coach   = "asking before offering"
[[form.sales.criterion]]
name    = "price"
weight  = 30
levels  = [0, 2, 3]
[[form.sales.criterion]]
name      = "consent"
weight    = 25
auto_fail = true
[[form.sales.criterion]]
name            = "objection"
weight          = 15
may_be_left_out = true

[sampling.weekly]
label      = "Two a week"
form       = "sales"
who        = {}
per_agent  = 2
every      = "week"
least_talk = "60 s"
by         = ["quality"]
seed       = "autumn 2026"
"#;

const HEAD: &str = "call,updated,campaign,agent,start,answer,talk,status\n";

/// The week of the 6th of July: three conversations of ann that are long enough, one that is not, one dial that nobody
/// answered; one conversation of bob. A dial of the week after says that it is over.
fn project() -> Project {
    let project = Project::with_dialler();
    project.write("quality/sales.toml", FORM);
    let mut text = HEAD.to_owned();
    for (call, day, agent, talk) in
        [(1, 6, "ann", 120), (2, 7, "ann", 120), (3, 8, "ann", 120), (4, 8, "ann", 30), (6, 9, "bob", 300)]
    {
        let start = format!("2026-07-{day:02}T09:00:00Z");
        writeln!(text, "{call},2026-12-01T00:00:01Z,north,{agent},{start},{start},{talk},NI").unwrap();
    }
    text.push_str("5,2026-12-01T00:00:01Z,north,ann,2026-07-09T09:00:00Z,,0,NA\n");
    text.push_str("7,2026-12-01T00:00:01Z,north,bob,2026-07-14T09:00:00Z,,0,NA\n");
    project.write("dialler/july.csv", &text);
    project.run(&["import"]).ends_with(0);
    project
}

/// What is given where all is well but for some criteria.
fn evaluate(project: &Project, call: &str, by: &str, but: &[&str]) -> Said {
    let mut args = vec!["quality", "evaluate", call, "--form", "sales", "--by", by, "--format", "json"];
    args.extend(answers(but));
    project.run(&args)
}

fn answers<'a>(but: &[&'a str]) -> Vec<&'a str> {
    let name = |text: &str| text.split('=').next().unwrap().to_owned();
    let all = ["greeting=1", "needs=2", "price=3", "consent=1", "objection=1"];
    let given =
        all.into_iter().map(|one| but.iter().find(|but| name(but) == name(one)).copied().unwrap_or(one));
    given.flat_map(|one| ["--answer", one]).collect()
}

/// Numerator and denominator of a metric over everything.
fn parts(project: &Project, metric: &str) -> (String, String) {
    let said = project.run(&["query", metric, "--format", "json"]).ends_with(0).json();
    let cell = &said[0][metric];
    let text = |key: &str| match &cell[key] {
        Value::String(text) => text.clone(),
        other => other.to_string(),
    };
    (text("numerator"), text("denominator"))
}

fn count(project: &Project, metric: &str) -> String {
    let said = project.run(&["query", metric, "--format", "json"]).ends_with(0).json();
    match &said[0][metric]["value"] {
        Value::String(text) => text.clone(),
        other => other.to_string(),
    }
}

fn sample(project: &Project) -> Value {
    project.run(&["quality", "sample", "--format", "json"]).ends_with(0).json()
}

fn agent<'v>(sample: &'v Value, name: &str) -> &'v Value {
    sample["agents"].as_array().unwrap().iter().find(|one| one["agent_id"] == name).unwrap()
}

fn text<'v>(value: &'v Value, key: &str) -> &'v str {
    value[key].as_str().unwrap_or_else(|| panic!("no text {key} in {value}"))
}

/// The calls of ann that were chosen, and the one that was not.
fn chosen(project: &Project) -> (Vec<String>, String) {
    let drawn = sample(project);
    let calls: Vec<String> = agent(&drawn, "ann")["calls"]
        .as_array()
        .unwrap()
        .iter()
        .map(|c| c.as_str().unwrap().to_owned())
        .collect();
    let other =
        ["dialler/1", "dialler/2", "dialler/3"].into_iter().find(|c| !calls.iter().any(|one| one == c));
    (calls, other.unwrap().to_owned())
}

#[test]
fn a_sample_is_the_same_whenever_it_is_drawn_and_what_is_lacking_is_listed() {
    let project = project();
    let drawn = sample(&project);
    assert_eq!((text(&drawn, "from"), text(&drawn, "until")), ("2026-07-06", "2026-07-13"));
    assert_eq!(drawn["is_over"], true);
    let of = |name: &str| {
        let row = agent(&drawn, name);
        json!([row["of"], row["wanted"], row["planned"], row["done"], row["besides"]])
    };
    // The short one is not to be chosen from; bob has but one.
    assert_eq!((of("ann"), of("bob")), (json!([3, 2, 2, 0, 0]), json!([1, 2, 1, 0, 0])));
    assert_eq!((&drawn["too_short"], &drawn["total"]["planned"]), (&json!(1), &json!(3)));
    assert_eq!(sample(&project), drawn);

    let (calls, other) = chosen(&project);
    let done = evaluate(&project, calls[0].as_str(), "eve", &[]).ends_with(0).json();
    assert_eq!(done["sample"], "random");
    let done = evaluate(&project, &other, "eve", &[]).ends_with(0).json();
    assert_eq!(done["sample"], "targeted");
    let after = sample(&project);
    let ann = agent(&after, "ann");
    assert_eq!(json!([ann["done"], ann["besides"], ann["lacking"]]), json!([1, 1, [calls[1]]]));
    assert_eq!(after["total"]["lacking"].as_array().unwrap().len(), 2);
    let said = project.run(&["quality", "sample", "weekly"]).ends_with(0).out;
    assert!(said.contains("Two a week: 2026-07-06 to 2026-07-12") && said.contains(&calls[1]), "{said}");
}

#[test]
fn metrics_count_evaluations_made_here_once_and_a_change_after_an_appeal_changes_the_score_alone() {
    let project = project();
    let (calls, other) = chosen(&project);
    // 10 + 10 + 0 + 25 + 15 of 100.
    let first = evaluate(&project, &calls[0], "eve", &["needs=1", "price=0"]).ends_with(0).json();
    assert_eq!((text(&first, "score"), &first["passed"]), ("60", &json!(false)));
    assert_eq!(parts(&project, "qa_score"), ("60".to_owned(), "100".to_owned()));
    // 85 of 85: what does not apply counts on neither side.
    let second = evaluate(&project, &other, "eve", &["objection=-"]).ends_with(0).json();
    assert_eq!((text(&second, "score"), text(&second, "points_possible")), ("100", "85"));
    assert_eq!(parts(&project, "qa_score"), ("145".to_owned(), "185".to_owned()));
    assert_eq!(count(&project, "evaluations"), "2");
    assert_eq!(parts(&project, "critical_error_rate"), ("0".to_owned(), "2".to_owned()));
    // Five conversations; two were evaluated, one of them drawn.
    assert_eq!(parts(&project, "qa_coverage"), ("2".to_owned(), "5".to_owned()));
    assert_eq!(parts(&project, "qa_coverage/random_only"), ("1".to_owned(), "5".to_owned()));

    let id = text(&first, "id");
    let refused = project.run(&["quality", "appeal", id, "--by", "bob", "--why", "No."]).ends_with(1);
    assert!(refused.err.contains("Only ann can appeal"), "{}", refused.err);
    project.run(&["quality", "appeal", id, "--by", "ann", "--why", "The price was right."]).ends_with(0);
    let mut decide = vec!["quality", "decide", id, "--says", "It was.", "--by"];
    let own = project.run(&[decide.as_slice(), &["eve", "--uphold"]].concat()).ends_with(1);
    assert!(own.err.contains("eve made the evaluation and cannot decide on it"), "{}", own.err);
    decide.extend(["mia", "--format", "json"]);
    decide.extend(answers(&["needs=1"]));
    let changed = project.run(&decide).ends_with(0).json();
    assert_eq!((text(&changed, "score"), &changed["revision"]), ("90", &json!(2)));
    assert_eq!(parts(&project, "qa_score"), ("175".to_owned(), "185".to_owned()));
    assert_eq!(count(&project, "evaluations"), "2");
    project.run(&["quality", "acknowledge", id, "--by", "ann"]).ends_with(0);
    let shown = project.run(&["quality", "show", id, "--format", "json"]).ends_with(0).json();
    let history: Vec<&str> =
        shown["history"].as_array().unwrap().iter().map(|step| text(step, "by")).collect();
    assert_eq!(history, ["eve", "ann", "mia", "ann"]);

    // Everything once more: two evaluations of five criteria, all of them there.
    let again = project.run(&["quality", "send", "--again", "--format", "json"]).ends_with(0).json();
    assert_eq!(again, json!({ "new": 0, "corrected": 0, "unchanged": 12 }));
    assert_eq!(parts(&project, "qa_score"), ("175".to_owned(), "185".to_owned()));
    assert_eq!(count(&project, "evaluations"), "2");
    // Price: 30 + 30 of 60; needs: 10 + 20 of 40; objection: 15 of 15 where it applied.
    assert_eq!(parts(&project, "criterion_score"), ("175".to_owned(), "185".to_owned()));
}

#[test]
fn an_evaluation_whose_record_was_lost_on_the_way_is_sent_later_and_once() {
    let project = project();
    let (calls, other) = chosen(&project);
    evaluate(&project, &calls[0], "eve", &[]).ends_with(0);
    // The store as it was when the evaluation was kept and its record was not there yet.
    let before = tempfile::tempdir().unwrap();
    copy(&project.path("lake"), before.path());
    evaluate(&project, &other, "eve", &[]).ends_with(0);
    let state = std::fs::read(project.path("lake/state.db")).unwrap();
    std::fs::remove_dir_all(project.path("lake")).unwrap();
    copy(before.path(), &project.path("lake"));
    for left in ["lake/state.db-wal", "lake/state.db-shm"] {
        let _ = std::fs::remove_file(project.path(left));
    }
    std::fs::write(project.path("lake/state.db"), state).unwrap();

    assert_eq!(count(&project, "evaluations"), "1");
    assert_eq!(project.run(&["quality", "list", "--format", "json"]).json().as_array().unwrap().len(), 2);
    let sent = project.run(&["quality", "send", "--format", "json"]).ends_with(0).json();
    assert_eq!(sent["new"], 6);
    assert_eq!(count(&project, "evaluations"), "2");
    let sent = project.run(&["quality", "send", "--format", "json"]).ends_with(0).json();
    assert_eq!(sent, json!({ "new": 0, "corrected": 0, "unchanged": 0 }));
    assert_eq!(count(&project, "evaluations"), "2");
}

fn copy(from: &Path, to: &Path) {
    std::fs::create_dir_all(to).unwrap();
    for entry in std::fs::read_dir(from).unwrap() {
        let path = entry.unwrap().path();
        let target = to.join(path.file_name().unwrap());
        if path.is_dir() {
            copy(&path, &target);
        } else {
            std::fs::copy(&path, &target).unwrap();
        }
    }
}

#[test]
fn what_cannot_be_evaluated_is_refused_in_a_sentence() {
    let project = project();
    let refused = |args: &[&str]| project.run(&[&["quality"], args].concat()).ends_with(1).err;
    let said = refused(&["evaluate", "dialler/1", "--form", "sale", "--by", "eve"]);
    assert!(said.contains("There is no form `sale`. Did you mean `sales`?"), "{said}");
    let said = refused(&["evaluate", "dialler/5", "--form", "sales", "--by", "eve"]);
    assert!(said.contains("No conversation of an agent is known as `dialler/5`"), "{said}");
    let said = refused(&["evaluate", "1", "--form", "sales", "--by", "ann", "--answer", "greeting=2"]);
    for part in
        ["ann cannot evaluate their own", "`greeting` cannot have 2 points", "`consent` has no answer"]
    {
        assert!(said.contains(part), "{part}: {said}");
    }
    let first = evaluate(&project, "1", "eve", &["consent=0"]).ends_with(0).json();
    assert_eq!((text(&first, "score"), &first["critical_errors"]), ("0", &json!(["consent"])));
    assert_eq!(parts(&project, "qa_score"), ("75".to_owned(), "100".to_owned()));
    assert_eq!(parts(&project, "qa_score/critical_error_zero"), ("0".to_owned(), "100".to_owned()));
    assert_eq!(parts(&project, "critical_error_rate"), ("1".to_owned(), "1".to_owned()));
    let twice = evaluate(&project, "dialler/1", "fay", &[]).ends_with(1).err;
    assert!(twice.contains("was evaluated by the form `sales` already, by eve"), "{twice}");
    assert!(refused(&["show", "nothing"]).contains("There is no evaluation `nothing`."));
    let file = "[answers]\ngreeting = 1\nneed = 2\n";
    project.write("answers.toml", file);
    let said = refused(&["evaluate", "2", "--form", "sales", "--by", "eve", "--answers", "answers.toml"]);
    assert!(said.contains("has no criterion `need`. Did you mean `needs`?"), "{said}");
    assert_eq!(count(&project, "evaluations"), "1");
}

#[test]
fn evaluators_are_compared_with_the_master_and_no_quality_score_counts_it() {
    let project = project();
    let calibrate = |args: &[&str]| project.run(&[&["quality", "calibrate"], args].concat());
    let open = ["open", "july", "--form", "sales", "--master", "mia", "--by", "mia"];
    calibrate(&[open.as_slice(), &["--call", "dialler/1", "--call", "2"]].concat()).ends_with(0);
    let score = |call: &str, by: &str, but: &[&str]| {
        let mut args = vec!["score", "july", call, "--by", by];
        args.extend(answers(but));
        calibrate(&args)
    };
    score("1", "eve", &["needs=1"]).ends_with(0);
    let early = calibrate(&["show", "july", "--format", "json"]).ends_with(0).json();
    assert_eq!(text(&early, "why_not"), "mia, the master, has scored no call of the round yet.");
    score("1", "mia", &[]).ends_with(0);
    score("2", "mia", &["price=0"]).ends_with(0);
    score("2", "eve", &["price=0"]).ends_with(0);
    score("1", "fay", &[]).ends_with(0);
    score("2", "fay", &["price=0"]).ends_with(0);
    assert!(score("2", "fay", &[]).ends_with(1).err.contains("fay scored the call 2 of dialler already."));
    assert!(score("1", "ann", &[]).ends_with(1).err.contains("ann spoke on the call 1 of dialler"));
    let shown = calibrate(&["show", "july", "--format", "json"]).ends_with(0).json();
    let compared = &shown["compared"];
    // eve gave 90 for what the master gave 100; the three others are the master's.
    assert_eq!(json!([compared["agree"], compared["of"]]), json!([3, 4]));
    let worst = &compared["by_criterion"][0];
    assert_eq!(json!([worst["criterion"], worst["mean_difference"]]), json!(["needs", "0.125"]));
    // eve 90 and 70, fay 100 and 70. Observed: 2 x 100 over 4. Expected: the squared differences of all ordered pairs,
    // 2 x (100 + 400 + 400 + 900 + 900), over 4 x 3. 1 - 50 / 450.
    let alpha = compared["alpha"].as_f64().unwrap();
    assert!((alpha - 8.0 / 9.0).abs() < 1e-9, "{alpha}");
    assert_eq!(count(&project, "evaluations/with_calibration"), "6");
    assert_eq!(count(&project, "evaluations/made"), "0");
}

/// Six conversations of cyd before a session on the 15th of June and six after it.
fn coached() -> Project {
    let project = project();
    let mut text = HEAD.to_owned();
    for number in 0..12 {
        let day = if number < 6 { 9 + number } else { 10 + number };
        let start = format!("2026-06-{day:02}T09:00:00Z");
        writeln!(text, "c{number},2026-12-01T00:00:01Z,north,cyd,{start},{start},120,NI").unwrap();
    }
    project.write("dialler/june.csv", &text);
    project.run(&["import"]).ends_with(0);
    for (number, needs) in [0, 1, 0, 1, 0, 1, 2, 2, 1, 2, 2, 2].iter().enumerate() {
        let needs = format!("needs={needs}");
        evaluate(&project, &format!("c{number}"), "eve", &[&needs]).ends_with(0);
    }
    project
}

#[test]
fn a_session_is_on_what_is_lowest_and_shows_whether_it_helped() {
    let project = coached();
    let coaching = |args: &[&str]| project.run(&[&["coaching"], args].concat());
    let due =
        || coaching(&["due", "--on", "2026-06-14", "--days", "6", "--format", "json"]).ends_with(0).json();
    // 3 of 12 points in six evaluations.
    assert_eq!(
        due(),
        json!([{ "agent_id": "cyd", "too_few": [],
            "behaviours": [{ "behaviour": "asking before offering", "share": "0.25", "n": 6, "critical_errors": 0 }] }])
    );
    let hold = |more: &[&str]| {
        let args =
            ["hold", "--agent", "cyd", "--behaviour", "asking before offering", "--agreement", "Ask twice."];
        coaching(
            &[args.as_slice(), &["--held-at", "2026-06-15T09:00:00Z", "--format", "json"], more].concat(),
        )
    };
    let refused = hold(&["--recheck", "2026-06-15", "--by", "cyd"]).ends_with(1).err;
    assert!(
        refused.contains("cyd cannot coach themselves.") && refused.contains("no later day"),
        "{refused}"
    );
    let session = hold(&["--recheck", "2026-07-01", "--by", "cleo"]).ends_with(0).json();
    let id = text(&session, "id");
    assert!(hold(&["--recheck", "2026-07-01", "--by", "cleo"]).ends_with(1).err.contains("already"));
    assert_eq!(due(), json!([]));
    let listed = coaching(&["list", "--format", "json"]).ends_with(0).json();
    assert_eq!(listed[0]["overdue"].as_array().unwrap().len(), 2);

    assert!(coaching(&["acknowledge", id, "--by", "cleo"]).ends_with(1).err.contains("Only cyd"));
    coaching(&["acknowledge", id, "--by", "cyd"]).ends_with(0);
    assert_eq!((count(&project, "coaching_sessions"), session["number"].clone()), ("1".to_owned(), json!(1)));
    // 3 of 12 before, 11 of 12 after: two thirds more.
    let found = coaching(&["recheck", id, "--by", "cleo", "--format", "json"]).ends_with(0).json();
    assert_eq!(found["rechecked"]["verdict"], "better");
    let says = text(&found["rechecked"], "says");
    assert!(says.starts_with("Better: `criterion_score` rose by 0.6667 (between 0."), "{says}");
    assert!(coaching(&["recheck", id, "--by", "cleo"]).ends_with(1).err.contains("Hold another one"));
    assert_eq!(coaching(&["list", "--format", "json"]).json()[0]["overdue"], json!([]));
}

//! From a target to a case and a statement, over two months that can be added up by hand.

use std::fmt::Write;

use serde_json::Value;

use crate::project::Project;

const KPIS: &str = "\
[kpi.conversion]
metric = \"conversion_rate/success_per_contact\"
owner  = \"lead@example.org\"
window = \"month\"
guards = [\"cancellation_rate\"]
target = { at_least = \"18 %\", tolerance = \"1 %\" }

[kpi.contacts]
metric = \"contacts\"
owner  = \"lead@example.org\"
window = \"month\"
target = { at_least = 1500 }
";

const SCORECARD: &str = "\
[scorecard.centre]
kpis    = { conversion = 75, contacts = 25 }
cascade = [\"campaign\", \"agent\"]
";

const CONTRACT: &str = "\
[contract.acme]
client     = \"acme\"
scope      = {}
currency   = \"GBP\"
period     = \"month\"
go_live_on = 2026-01-01
[[contract.acme.price]]
name   = \"work\"
kind   = \"fixed\"
amount = 1000.00
[[contract.acme.service_level]]
name   = \"conversion\"
metric = \"conversion_rate/success_per_contact\"
steps  = [{ below = \"18 %\", pays = -0.05 }]
";

/// Twenty-five conversations an agent on each day of a month; so many of them sales.
fn month(text: &mut String, month: u32, revision: u32, sales: impl Fn(&str) -> u32) {
    for day in 1..=(if month == 6 { 30 } else { 31 }) {
        for (campaign, agent) in [("north", "a"), ("north", "b"), ("south", "c"), ("south", "d")] {
            for number in 0..25 {
                let status = if number < sales(campaign) { "SALE" } else { "NI" };
                let start = format!("2026-{month:02}-{day:02}T09:{number:02}:00Z");
                let call = format!("{month}-{day}-{agent}-{number}");
                let updated = format!("2026-12-01T00:00:0{revision}Z");
                writeln!(text, "{call},{updated},{campaign},{agent},{start},{start},60,{status}").unwrap();
            }
        }
    }
}

const HEAD: &str = "call,updated,campaign,agent,start,answer,talk,status\n";

/// June: five of twenty-five everywhere. July: two of twenty-five in the north. One dial in August says that July is over.
fn project() -> Project {
    let project = Project::with_dialler();
    let mut text = HEAD.to_owned();
    month(&mut text, 6, 1, |_| 5);
    month(&mut text, 7, 1, |campaign| if campaign == "north" { 2 } else { 5 });
    text.push_str("last,2026-12-01T00:00:01Z,south,c,2026-08-03T09:00:00Z,,0,NA\n");
    project.write("dialler/summer.csv", &text);
    project.write("kpis/sales.toml", KPIS);
    project.write("scorecards/centre.toml", SCORECARD);
    project.write("contracts/acme.toml", CONTRACT);
    project.run(&["import"]).ends_with(0);
    project
}

fn of<'v>(all: &'v Value, key: &str, wanted: &str) -> &'v Value {
    let found = all.as_array().unwrap().iter().find(|one| one[key] == wanted);
    found.unwrap_or_else(|| panic!("no {key} {wanted} in {all}"))
}

#[test]
fn a_kpi_is_judged_by_its_target_its_interval_and_the_month_before() {
    let project = project();
    let said = project.run(&["kpis", "status", "--on", "2026-07-31", "--format", "json"]).ends_with(0).json();
    let conversion = of(&said, "kpi", "conversion");
    // North 2 agents x 31 days x 2, south 2 x 31 x 5: 434 of 3,100.
    assert_eq!(
        (&conversion["numerator"], &conversion["denominator"]),
        (&Value::from(434), &Value::from(3100))
    );
    assert_eq!((&conversion["value"], &conversion["before"]), (&Value::from("0.14"), &Value::from("0.2")));
    assert_eq!(conversion["status"], "missed");
    assert_eq!(conversion["trend"], "worse");
    assert_eq!(conversion["is_over"], true);
    // Four points short, five tolerances to nothing: a fifth of the score is left.
    assert_eq!(conversion["score"], "20");
    let (low, high) =
        (conversion["interval"]["low"].as_f64().unwrap(), conversion["interval"]["high"].as_f64().unwrap());
    assert!(0.12 < low && low < 0.14 && 0.14 < high && high < 0.16, "{low} {high}");
    let contacts = of(&said, "kpi", "contacts");
    assert_eq!(
        (&contacts["status"], &contacts["score"], &contacts["interval"]),
        (&"met".into(), &"100".into(), &Value::Null)
    );
}

#[test]
fn a_part_is_not_judged_as_the_whole() {
    let project = project();
    let status = |args: &[&str]| {
        let all: Vec<&str> =
            ["kpis", "status"].iter().chain(args).chain(&["--format", "json"]).copied().collect();
        project.run(&all).ends_with(0).json()
    };
    // On 10 July there were 1,000 of 1,500 conversations: what adds up is not judged before the month is over, a rate is.
    let running = status(&["--on", "2026-07-10"]);
    let contacts = of(&running, "kpi", "contacts");
    assert_eq!((&contacts["value"], &contacts["status"]), (&"1000".into(), &"not_enough_evidence".into()));
    assert_eq!(contacts["score"], Value::Null);
    assert!(contacts["why"].as_str().unwrap().contains("is not over"), "{contacts}");
    assert_eq!(of(&running, "kpi", "conversion")["status"], "missed");
    // What is reached is reached.
    assert_eq!(of(&status(&["--on", "2026-07-15"]), "kpi", "contacts")["status"], "met");
    // August lacks most of its records, and a part of a part has no score either.
    assert_eq!(of(&status(&[]), "kpi", "contacts")["score"], Value::Null);
    // Each agent has 775 of 3,100 conversations, and nobody asked that much of one.
    let agents = status(&["contacts", "--by", "agent", "--on", "2026-07-31"]);
    assert_eq!(agents.as_array().unwrap().len(), 4);
    assert!(agents.as_array().unwrap().iter().all(|one| one["status"] == "not_enough_evidence"), "{agents}");
    let wrong = project.run(&["kpis", "status", "--by", "agnt"]).ends_with(2);
    assert!(wrong.err.contains("no dimension `agnt`"), "{}", wrong.err);
    // Records begin with June, so a quarter that began in April is half unknown.
    project.write("kpis/sales.toml", &KPIS.replace("\"month\"", "\"quarter\""));
    let june = status(&["--on", "2026-06-30"]);
    for kpi in ["conversion", "contacts"] {
        assert_eq!(
            of(&june, "kpi", kpi)["status"],
            if kpi == "contacts" { "met" } else { "not_enough_evidence" }
        );
    }
    assert!(of(&june, "kpi", "conversion")["why"].as_str().unwrap().contains("records begin on 2026-06-01"));
}

#[test]
fn the_parts_of_a_cascade_add_up_to_the_whole() {
    let project = project();
    let card =
        project.run(&["scorecard", "centre", "--depth", "2", "--on", "2026-07-31", "--format", "json"]);
    let card = card.ends_with(0).json();
    let at = |depth: u64| card.as_array().unwrap().iter().filter(move |row| row["depth"] == depth);
    let sum = |depth: u64, part: &str| -> u64 {
        at(depth).map(|row| of(&row["kpis"], "kpi", "conversion")[part].as_u64().unwrap()).sum()
    };
    for depth in 0..=2 {
        assert_eq!((sum(depth, "numerator"), sum(depth, "denominator")), (434, 3100), "depth {depth}");
    }
    assert_eq!((at(1).count(), at(2).count()), (2, 4));
    // 75 x 20 + 25 x 100, over 100.
    assert_eq!(at(0).next().unwrap()["score"], "40");
    let north = at(1).find(|row| row["place"]["campaign_id"] == "north").unwrap();
    assert_eq!(of(&north["kpis"], "kpi", "conversion")["status"], "missed");
    let south = at(1).find(|row| row["place"]["campaign_id"] == "south").unwrap();
    // Two in ten of 1,550, with an interval that begins at 18.1 %.
    assert_eq!(of(&south["kpis"], "kpi", "conversion")["status"], "met");
}

#[test]
fn a_miss_opens_one_case_that_says_what_weighs_most() {
    let project = project();
    let judge = || project.run(&["cases", "judge", "--format", "json"]).ends_with(0).json();
    let judged = judge();
    assert_eq!((&judged["windows"], &judged["opened"]), (&Value::from(2), &serde_json::json!([1])));
    assert_eq!(judge()["windows"], 0);
    let case = project.run(&["cases", "show", "1", "--format", "json"]).ends_with(0).json();
    let causes: Vec<&str> =
        case["opening"]["causes"].as_array().unwrap().iter().map(|c| c.as_str().unwrap()).collect();
    assert_eq!(
        causes,
        [
            "campaign_id = north: -6.00 points; its share went from 50.0 to 50.0 %, its own figure from 20.00 % to 8.00 %."
        ]
    );
    let update = |args: &[&str]| {
        let all: Vec<&str> =
            ["cases", "update", "1", "--by", "lead@example.org"].iter().chain(args).copied().collect();
        project.run(&all)
    };
    let refused = update(&["--close", "done"]).ends_with(1);
    assert!(refused.err.contains("before its root cause"), "{}", refused.err);
    update(&["--cause", "the northern list is old"]).ends_with(0);
    update(&["--plan", "two attempts at most"]).ends_with(0);
    let passed =
        update(&["--action", "cap it", "--owner", "ops@example.org", "--due", "2020-11-12"]).ends_with(1);
    assert!(passed.err.contains("2020-11-12 has passed"), "{}", passed.err);
    update(&["--action", "cap it", "--owner", "ops@example.org", "--due", "2099-11-12"]).ends_with(0);
    update(&["--done", "1", "--note", "capped"]).ends_with(0);
    let shown = project.run(&["cases", "show", "1"]).ends_with(0).out;
    assert!(shown.contains("14 % where at least 18 %"), "{shown}");
    assert!(shown.contains("Action: cap it (ops@example.org, until 2099-11-12)"), "{shown}");
    update(&["--close", "capped, and back above target"]).ends_with(0);
    assert_eq!(project.run(&["cases", "list"]).ends_with(0).out, "No case is open.\n");
    let wrong = update(&["--cause", "a", "--plan", "b"]).ends_with(2);
    assert!(wrong.err.contains("cannot be used with"), "{}", wrong.err);
}

#[test]
fn a_frozen_statement_stays_and_late_records_go_onto_the_next() {
    let project = project();
    let statement = |period: &str, more: &[&str]| {
        let all: Vec<&str> = ["statement", "acme", "--period", period].iter().chain(more).copied().collect();
        project.run(&all)
    };
    let amount = |statement: &Value, id: &str| of(&statement["lines"], "id", id)["amount"].clone();
    statement("2026-07", &["--freeze", "--by", "finance@example.org"]).ends_with(0);
    let frozen = statement("2026-07", &["--format", "json"]).ends_with(0);
    let july = frozen.json();
    assert_eq!(amount(&july, "service_level.conversion"), "-50.00 GBP");
    assert_eq!(july["due"], "950.00 GBP");
    let again = statement("2026-07", &["--freeze", "--by", "finance@example.org"]).ends_with(1);
    assert!(again.err.contains("was frozen on"), "{}", again.err);

    // The sales of the north come in late.
    let mut text = HEAD.to_owned();
    month(&mut text, 7, 2, |_| 5);
    project.write("dialler/late.csv", &text);
    project.run(&["import"]).ends_with(0);
    assert_eq!(statement("2026-07", &["--format", "json"]).ends_with(0).out, frozen.out, "byte for byte");
    let august = statement("2026-08", &["--format", "json"]).ends_with(0).json();
    assert_eq!(amount(&august, "late.2026-07.service_level.conversion"), "50.00 GBP");
    let html = statement("2026-07", &["--format", "html"]).ends_with(0).out;
    assert!(html.contains("950.00") && html.contains("Frozen"), "{html}");
}

#[test]
fn what_is_wrong_with_a_promise_stops_no_figure() {
    let project = project();
    project.write("kpis/broken.toml", "[kpi.broken]\nmetric = \"convertion_rate\"\nowner = [\"a\", \"b\"]\n");
    project.run(&["query", "sales"]).ends_with(0);
    let refused = project.run(&["kpis", "status"]).ends_with(1);
    for part in [
        "Did you mean `conversion_rate`?",
        "error[two-owners]: kpis/broken.toml:3",
        "error[no-target]",
        "error[no-window]",
    ] {
        assert!(refused.err.contains(part), "{part}: {}", refused.err);
    }
    let checked = project.run(&["check", "--format", "json"]).ends_with(1).json();
    assert!(checked["problems"].as_array().unwrap().iter().any(|one| one["code"] == "two-owners"));
    // A place that no record knows is most likely misspelt.
    project.write("kpis/broken.toml", "");
    let place =
        KPIS.replace("kpi.c", "kpi.northern_c").replace("window", "place = { campaign = \"nort\" }\nwindow");
    project.write("kpis/northern.toml", &place);
    let checked = project.run(&["check"]).ends_with(0);
    let said = format!("{}{}", checked.out, checked.err);
    assert!(said.contains("Did you mean `north`?"), "{said}");
}

#[test]
fn kpis_of_a_role_begin_with_own_figures_as_targets() {
    let project = project();
    project.run(&["kpis", "add", "outbound_agents", "--owner", "lead@example.org"]).ends_with(0);
    let text = std::fs::read_to_string(project.path("kpis/outbound_agents.toml")).unwrap();
    assert!(text.contains("The centre's own figure of the last 90 days"), "{text}");
    project.run(&["kpis", "status"]).ends_with(0);
    let again = project.run(&["kpis", "add", "outbound_agents"]).ends_with(1);
    assert!(again.err.contains("outbound_agents.toml"), "{}", again.err);
    let wrong = project.run(&["kpis", "add", "outbound_agent"]).ends_with(2);
    assert!(wrong.err.contains("Did you mean `outbound_agents`?"), "{}", wrong.err);
}

#[test]
fn a_benchmark_is_not_compared_with_what_counts_something_else() {
    let project = project();
    let said =
        project.run(&["benchmarks", "compare", "conversion_rate/success_per_contact", "--format", "json"]);
    let said = said.ends_with(0).json();
    let all = said["comparisons"].as_array().unwrap();
    assert!(!all.is_empty());
    assert!(
        all.iter().all(|one| one["made"] == false && !one["said"].as_array().unwrap().is_empty()),
        "{said}"
    );
    assert!(project.run(&["benchmarks", "list"]).ends_with(0).out.lines().count() > 30);
}

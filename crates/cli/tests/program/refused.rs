//! Promises that cannot be kept, or cannot be settled, are refused with file, line and a way out.

use serde_json::Value;

use crate::project::Project;

const PEOPLE: &str = "\
[person.\"lead@example.org\"]
[person.\"old@example.org\"]
name = \"Old lead\"
left = 2026-06-30
";

/// Errors of `dialmark check`, as `file:line: key: message help`.
fn errors(project: &Project) -> Vec<String> {
    let said = project.run(&["check", "--format", "json"]).ends_with(1).json();
    let text = |problem: &Value, key: &str| problem[key].as_str().unwrap_or_default().to_owned();
    let shown = |problem: &Value| {
        let [file, key, message, help] = ["file", "key", "message", "help"].map(|key| text(problem, key));
        format!("{file}:{}: {key}: {message} {help}", problem["line"])
    };
    let problems = said["problems"].as_array().unwrap().iter();
    problems.filter(|problem| problem["severity"] == "error").map(shown).collect()
}

fn with(name: &str, text: &str) -> Project {
    let project = Project::with_dialler();
    project.write("people/people.toml", PEOPLE);
    project.write(name, text);
    project
}

fn kpi(owner: &str, more: &str) -> String {
    format!(
        "[kpi.conversion]\nmetric = \"conversion_rate/success_per_contact\"\nowner = {owner}\nwindow = \"month\"\n{more}\n"
    )
}

const TARGET: &str = "target = { at_least = 0.05 }";

fn contract(more: &str) -> String {
    format!(
        "[contract.acme]\nclient = \"acme\"\nscope = {{}}\ncurrency = \"EUR\"\nperiod = \"month\"\n{more}"
    )
}

const FEE: &str = "[[contract.acme.price]]\nname = \"fee\"\nkind = \"fixed\"\namount = 1000.00\n";

#[test]
fn targets_that_overlap() {
    let two = "[[kpi.conversion.target]]\nat_least = 0.05\n[[kpi.conversion.target]]\nfrom = 2026-10-01\nat_least = 0.06";
    assert_eq!(
        errors(&with("kpis/a.toml", &kpi("\"lead@example.org\"", two))),
        [
            "kpis/a.toml:7: kpi.conversion.target: two targets hold on the same days for the same place (centre): this one (from 2026-10-01) and that of line 5 (always). Limit them to different days with `from` and `until`."
        ]
    );
}

#[test]
fn owners_who_are_two_or_gone() {
    assert_eq!(
        errors(&with("kpis/a.toml", &kpi("[\"lead@example.org\", \"old@example.org\"]", TARGET))),
        [
            "kpis/a.toml:3: kpi.conversion.owner: the KPI has 2 owners, so each miss would be argued over. Keep the one who answers for it, such as `owner = \"lead@example.org\"`."
        ]
    );
    assert_eq!(
        errors(&with("kpis/a.toml", &kpi("\"old@example.org\"", TARGET))),
        ["kpis/a.toml:3: kpi.conversion.owner: Old lead left on 2026-06-30. Name who took over."]
    );
}

#[test]
fn weights_that_do_not_add_up() {
    let project = with("kpis/a.toml", &kpi("\"lead@example.org\"", TARGET));
    project.write("scorecards/a.toml", "[scorecard.a]\nkpis = { conversion = 90 }\n");
    project.write(
        "quality/a.toml",
        "[form.a]\nversion = \"1\"\n[[form.a.criterion]]\nname = \"opening\"\nweight = 90\n",
    );
    project.write(
        "costs/a.toml",
        "[allocation.a]\nby = \"fixed\"\nshares = { north = \"60 %\", south = \"30 %\" }\n",
    );
    let level = |name: &str, weight: &str| {
        format!(
            "[[contract.acme.service_level]]\nname = \"{name}\"\nmetric = \"asr\"\nweight = {weight}\nsteps = [{{ below = 0.2, pays = -0.02 }}]\n"
        )
    };
    project.write(
        "contracts/a.toml",
        &contract(&format!("{FEE}{}{}", level("one", "0.4"), level("two", "0.5"))),
    );
    let said = errors(&project).join("\n");
    for part in [
        "scorecards/a.toml:2: scorecard.a.kpis: the weights add up to 90, not to 100. Change them so that they do.",
        "quality/a.toml:3: form.a.criterion: the weights add up to 90, 10 too little. Let them add up to exactly 100.",
        "contracts/a.toml:10: contract.acme.service_level: the weights of the service levels add up to 0.9, not to 1. Change them so that they add up to exactly 1.",
        "costs/a.toml:3: allocation.a.shares",
    ] {
        assert!(said.contains(part), "{part}\nis not in\n{said}");
    }
}

#[test]
fn a_contract_over_what_no_source_gives() {
    let text = contract(&format!(
        "{FEE}[[contract.acme.service_level]]\nname = \"content\"\nmetric = \"nps\"\nsteps = [{{ below = 20, pays = -0.02 }}]\n"
    ));
    let said = errors(&with("contracts/a.toml", &text));
    assert_eq!(said.len(), 1, "{said:?}");
    assert!(
        said[0].starts_with("contracts/a.toml:12: contract.acme.service_level.metric: no source gives what `nps` is computed from: `surveys"),
        "{said:?}"
    );
    assert!(
        said[0].ends_with("bind the measure to a table of your own, or name another metric."),
        "{said:?}"
    );
    // Calls are there, so what is computed from them may be promised.
    let project = with("contracts/a.toml", &text.replace("\"nps\"", "\"asr\"").replace("20", "0.2"));
    project.run(&["check"]).ends_with(0);
}

#[test]
fn money_without_a_rate() {
    let source = "[source.ledger]\ntable = \"payments\"\nfiles = [\"ledger/*.csv\"]\nid = \"id\"\nrevision = \"arrival\"\n\
                  [source.ledger.columns]\npaid_at = \"day\"\npaid_amount = \"amount\"\ncurrency = { const = \"GBP\" }\n";
    let price = "[[contract.acme.price]]\nname = \"fee\"\nkind = \"share_of\"\nmetric = \"amount_collected/gross\"\nrate = \"18 %\"\n";
    let project = with("contracts/a.toml", &contract(price));
    project.write("sources/ledger.toml", source);
    assert_eq!(
        errors(&project),
        [
            "contracts/a.toml:9: contract.acme.price.metric: `amount_collected/gross` is money in GBP (source `ledger`), and no rate from GBP to EUR is declared. Declare it under `[rate.NAME]` in `costs/` for the last day of each period, or settle in GBP."
        ]
    );
    project.write(
        "costs/rates.toml",
        "[rate.pounds]\nfrom = \"GBP\"\nto = \"EUR\"\nsource = \"a bank\"\nby_day = { 2026-10-31 = 1.15 }\n",
    );
    project.run(&["check"]).ends_with(0);
    project.write("ledger/october.csv", "id,day,amount\n1,2026-10-05T10:00:00Z,1000.00\n");
    project.run(&["import"]).ends_with(0);
    // 1,000 x 1.15 x 18 %
    let october =
        project.run(&["statement", "acme", "--period", "2026-10", "--format", "json"]).ends_with(0).json();
    assert_eq!(october["due"], "207.00 EUR", "{october}");
    assert!(
        october["lines"][0]["says"].as_str().unwrap().contains("1.15 EUR for one GBP (a bank)"),
        "{october}"
    );
    // There is no rate of the last day of November, and no other is taken.
    project.write("ledger/november.csv", "id,day,amount\n2,2026-11-05T10:00:00Z,1000.00\n");
    project.run(&["import"]).ends_with(0);
    let november =
        project.run(&["statement", "acme", "--period", "2026-11", "--format", "json"]).ends_with(0).json();
    assert!(november["lines"][0]["amount"].is_null(), "{november}");
    assert!(
        november["incomplete"][0].as_str().unwrap().contains("no rate from GBP to EUR of 2026-11-30"),
        "{november}"
    );
}

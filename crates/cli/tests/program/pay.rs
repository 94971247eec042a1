//! What agents earn and dispute, over two months that can be added up by hand.

use serde_json::{Value, json};

use crate::project::{CALLS, Project};

const SOURCES: &str = "\
[source.crm]
table    = \"outcomes\"
files    = [\"crm/*.csv\"]
id       = \"sale\"
revision = { from = \"updated\" }
[source.crm.columns]
outcome      = { const = \"sale\" }
campaign_id  = \"campaign\"
agent_id     = \"agent\"
occurred_at  = \"sold\"
verified_at  = \"verified\"
cancelled_at = \"cancelled\"
value_amount = \"value\"
currency     = { const = \"GBP\" }

[source.floor]
table    = \"agent_spans\"
files    = [\"floor/*.csv\"]
id       = \"span\"
revision = { from = \"updated\" }
[source.floor.columns]
campaign_id = \"campaign\"
agent_id    = \"agent\"
state       = { const = \"talk\" }
started_at  = \"start\"
duration_ms = { from = \"seconds\", as = \"s\" }

[source.promises]
table    = \"callbacks\"
files    = [\"promises/*.csv\"]
id       = \"promise\"
revision = { from = \"updated\" }
[source.promises.columns]
campaign_id = \"campaign\"
agent_id    = \"agent\"
due_at      = \"due\"
kept_at     = \"kept\"
";

const PLAN: &str = "\
[incentive.north]
label    = \"Commission, North\"
who      = { campaign = \"north\" }
currency = \"GBP\"
period   = \"month\"
negative = \"carried_over\"
clawback = { each = 4.00, within = \"60 days\" }
[[incentive.north.part]]
name   = \"sales\"
kind   = \"per_unit\"
metric = \"verified_sales\"
tiers  = [{ from = 0, rate = 4.00 }, { from = 3, rate = 6.00 }]
[[incentive.north.part]]
name   = \"revenue\"
kind   = \"share_of\"
metric = \"sales_revenue\"
rate   = \"1.5 %\"
[[incentive.north.part]]
name      = \"team\"
kind      = \"team\"
metric    = \"gross_sales\"
steps     = [{ at_least = 5, pays = 100.00 }]
shared_by = \"logged_hours\"
";

const SALES_HEAD: &str = "sale,updated,campaign,agent,sold,verified,cancelled,value\n";
const SALES: &str = "\
s1,2026-07-01T00:00:01Z,north,ann,2026-06-02T10:00:00Z,2026-06-03T10:00:00Z,,100.00
s2,2026-07-01T00:00:01Z,north,ann,2026-06-09T10:00:00Z,2026-06-10T10:00:00Z,,100.00
s3,2026-07-01T00:00:01Z,north,ann,2026-06-16T10:00:00Z,2026-06-17T10:00:00Z,,100.00
s4,2026-07-01T00:00:01Z,north,ann,2026-06-23T10:00:00Z,2026-06-24T10:00:00Z,,100.00
s5,2026-07-01T00:00:01Z,north,ben,2026-06-23T11:00:00Z,2026-06-24T10:00:00Z,,80.00
s6,2026-08-01T00:00:01Z,north,ann,2026-07-07T10:00:00Z,2026-07-08T10:00:00Z,,50.00
s7,2026-08-01T00:00:01Z,south,ann,2026-07-07T11:00:00Z,2026-07-08T10:00:00Z,,999.00
";
/// Two hours of Ann's and one of Ben's in June, one of each in July; Cyd only in July.
const SPANS: &str = "\
span,updated,campaign,agent,start,seconds
1,2026-07-01T00:00:01Z,north,ann,2026-06-02T09:00:00Z,7200
2,2026-07-01T00:00:01Z,north,ben,2026-06-02T09:00:00Z,3600
3,2026-08-01T00:00:01Z,north,ann,2026-07-02T09:00:00Z,3600
4,2026-08-01T00:00:01Z,north,ben,2026-07-02T09:00:00Z,3600
5,2026-08-01T00:00:01Z,north,cyd,2026-07-02T09:00:00Z,3600
";
/// The last call says that July is over, and August has begun.
const CALLS_OF_SUMMER: &str = "\
call,updated,campaign,agent,start,answer,talk,status
1,2026-08-01T00:00:01Z,north,ann,2026-07-02T09:00:00Z,2026-07-02T09:00:05Z,60,SALE
2,2026-08-01T00:00:01Z,north,ann,2026-07-02T09:10:00Z,2026-07-02T09:10:05Z,60,NI
3,2026-08-01T00:00:01Z,north,ben,2026-07-02T09:20:00Z,2026-07-02T09:20:05Z,60,NI
4,2026-08-01T00:00:01Z,north,ann,2026-08-03T09:00:00Z,,0,NA
";
const PROMISES: &str = "\
promise,updated,campaign,agent,due,kept
1,2026-08-01T00:00:01Z,north,ann,2026-08-02T09:00:00Z,
2,2026-08-01T00:00:01Z,north,ann,2026-08-06T09:00:00Z,
3,2026-08-01T00:00:01Z,north,ann,2026-08-02T10:00:00Z,2026-08-02T10:05:00Z
4,2026-08-01T00:00:01Z,north,ben,2026-08-02T09:00:00Z,
";
const KPIS: &str = "\
[kpi.sales]
metric = \"gross_sales\"
owner  = \"lead@example.org\"
window = \"month\"
target = { at_least = 1 }
";

fn project() -> Project {
    let project = Project::with_dialler();
    project.write("sources/more.toml", SOURCES);
    project.write("incentives/north.toml", PLAN);
    project.write("kpis/sales.toml", KPIS);
    project.write("crm/sales.csv", &format!("{SALES_HEAD}{SALES}"));
    project.write("floor/spans.csv", SPANS);
    project.write("promises/promises.csv", PROMISES);
    project.write("dialler/summer.csv", CALLS_OF_SUMMER);
    project.run(&["import"]).ends_with(0);
    project
}

fn amounts(statement: &Value) -> Vec<(String, Value)> {
    let lines = statement["lines"].as_array().unwrap().iter();
    lines.map(|line| (line["id"].as_str().unwrap().to_owned(), line["amount"].clone())).collect()
}

fn lines(all: &[(&str, &str)]) -> Vec<(String, Value)> {
    all.iter().map(|(id, amount)| ((*id).to_owned(), Value::from(*amount))).collect()
}

#[test]
fn an_agents_statement_is_right_to_the_cent_and_stays_when_it_is_frozen() {
    let project = project();
    let statement = |agent: &str, period: &str, more: &[&str]| {
        let first = ["incentives", "statement", "north", "--agent", agent, "--period", period];
        let all: Vec<&str> = first.iter().chain(more).copied().collect();
        project.run(&all)
    };
    let freeze =
        |agent: &str, period: &str| statement(agent, period, &["--freeze", "--by", "pay@example.org"]);
    let json = ["--format", "json"];
    // Four sales: 2 x 4 + 2 x 6. Of 400, 1.5 %. Two of three hours of 100.
    let june = statement("ann", "2026-06", &json).ends_with(0).json();
    let wanted = [("part.sales", "20.00 GBP"), ("part.revenue", "6.00 GBP"), ("part.team", "66.67 GBP")];
    assert_eq!(amounts(&june), lines(&wanted));
    assert_eq!((&june["due"], &june["standing"]), (&"92.67 GBP".into(), &"final".into()));
    let ben = statement("ben", "2026-06", &json).ends_with(0).json();
    let wanted = [("part.sales", "4.00 GBP"), ("part.revenue", "1.20 GBP"), ("part.team", "33.33 GBP")];
    assert_eq!(amounts(&ben), lines(&wanted), "both parts of the hundred add up to it");
    freeze("ann", "2026-06").ends_with(0);
    let frozen = statement("ann", "2026-06", &json).ends_with(0).out;
    let again = freeze("ann", "2026-06").ends_with(1);
    assert!(again.err.contains("was frozen on") && again.err.contains("pay@example.org"), "{}", again.err);

    // One of June is cancelled in July, and a sale of June comes in late.
    let late = "\
s2,2026-08-02T00:00:00Z,north,ann,2026-06-09T10:00:00Z,2026-06-10T10:00:00Z,2026-07-20T10:00:00Z,100.00
s8,2026-08-02T00:00:00Z,north,ann,2026-06-28T10:00:00Z,2026-06-29T10:00:00Z,,100.00
";
    project.write("crm/late.csv", &format!("{SALES_HEAD}{late}"));
    project.run(&["import"]).ends_with(0);
    assert_eq!(statement("ann", "2026-06", &json).ends_with(0).out, frozen, "byte for byte");
    let july = statement("ann", "2026-07", &json).ends_with(0).json();
    // Five sales of June instead of four: another 6, and 1.5 % of another hundred. The team's hundred stays as it was shared.
    let wanted = [
        ("part.sales", "4.00 GBP"),
        ("part.revenue", "0.75 GBP"),
        ("part.team", "0.00 GBP"),
        ("late.2026-06", "7.50 GBP"),
        ("clawback.crm/s2", "-4.00 GBP"),
    ];
    assert_eq!(amounts(&july), lines(&wanted));
    assert_eq!(july["due"], "8.25 GBP");
    freeze("ann", "2026-07").ends_with(0);
    // It is taken back once, and paid late once. What July paid late is taken back when it is cancelled; what turns out to be
    // somebody else's, or worth less, is paid no more.
    let august = statement("ann", "2026-08", &json).ends_with(0).json();
    assert_eq!(august["clawed_back"], json!([]));
    assert_eq!(amounts(&august).len(), 3, "{august}");
    let later = "\
s8,2026-08-03T00:00:00Z,north,ann,2026-06-28T10:00:00Z,2026-06-29T10:00:00Z,2026-08-02T10:00:00Z,100.00
s1,2026-08-03T00:00:00Z,north,ben,2026-06-02T10:00:00Z,2026-06-03T10:00:00Z,,100.00
s3,2026-08-03T00:00:00Z,north,ann,2026-06-16T10:00:00Z,2026-06-17T10:00:00Z,,60.00
";
    project.write("crm/later.csv", &format!("{SALES_HEAD}{later}"));
    project.run(&["import"]).ends_with(0);
    let august = statement("ann", "2026-08", &json).ends_with(0).json();
    // Four of June instead of five, and 360 instead of 500: -6.00 and -2.10.
    assert_eq!(
        amounts(&august)[3..],
        lines(&[("late.2026-06", "-8.10 GBP"), ("clawback.crm/s8", "-4.00 GBP")])
    );
    assert_eq!(august["standing"], json!({ "provisional": "2026-08-04" }));
    let running = freeze("ann", "2026-08").ends_with(1);
    assert!(running.err.contains("nothing is settled yet"), "{}", running.err);
    let before = freeze("ann", "2026-05").ends_with(1);
    assert!(before.err.contains("in the order of their periods"), "{}", before.err);

    let listed = project.run(&["incentives", "list", "--format", "json"]).ends_with(0).json();
    let kept: Vec<&Value> = listed[0]["frozen"].as_array().unwrap().iter().map(|one| &one["due"]).collect();
    assert_eq!(kept, ["92.67 GBP", "8.25 GBP"]);
}

/// Sales can be cancelled for thirty days, and the records end on 3 August.
#[test]
fn a_bonus_on_what_may_still_happen_waits_until_it_cannot() {
    let project = project();
    let plan = "\
[incentive.careful]
who      = { campaign = \"north\" }
currency = \"GBP\"
period   = \"month\"
[[incentive.careful.part]]
name   = \"kept\"
kind   = \"bonus\"
metric = \"cancellation_rate\"
steps  = [{ at_most = \"4 %\", pays = 90.00 }]
";
    project.write("incentives/careful.toml", plan);
    let statement = |period: &str, more: &[&str]| {
        let first = ["incentives", "statement", "careful", "--agent", "ann", "--period", period];
        let all: Vec<&str> = first.iter().chain(more).copied().collect();
        project.run(&all)
    };
    let june = statement("2026-06", &["--format", "json"]).ends_with(0).json();
    assert_eq!(amounts(&june), lines(&[("part.kept", "90.00 GBP")]));
    let july = statement("2026-07", &["--format", "json"]).ends_with(0).json();
    assert_eq!(july["lines"][0]["amount"], Value::Null);
    let refused = statement("2026-07", &["--freeze", "--by", "pay@example.org"]).ends_with(1);
    assert!(refused.err.contains("is complete on 2026-08-31"), "{}", refused.err);
}

/// A gate that nobody passes, since there are no evaluations: nothing is paid, and nothing of it taken back.
#[test]
fn nothing_is_taken_back_of_what_earned_nothing() {
    let project = project();
    let plan = PLAN.replace("rate = 4.00 }, { from", "rate = 5.00 }, { from").replace(
        "metric = \"verified_sales\"",
        "metric = \"verified_sales\"\nonly_if = { metric = \"qa_score\", at_least = \"80 %\", without = \"fails\" }",
    );
    // The revenue pays nothing either.
    project.write("incentives/north.toml", &plan.replace("rate   = \"1.5 %\"", "rate = \"0 %\""));
    let statement = |period: &str, more: &[&str]| {
        let first = ["incentives", "statement", "north", "--agent", "ann", "--period", period];
        let all: Vec<&str> = first.iter().chain(more).copied().collect();
        project.run(&all).ends_with(0)
    };
    statement("2026-06", &["--freeze", "--by", "pay@example.org"]);
    let cancelled = "s2,2026-08-02T00:00:00Z,north,ann,2026-06-09T10:00:00Z,2026-06-10T10:00:00Z,2026-07-20T10:00:00Z,100.00\n";
    project.write("crm/cancelled.csv", &format!("{SALES_HEAD}{cancelled}"));
    project.run(&["import"]).ends_with(0);
    let july = statement("2026-07", &["--format", "json"]).json();
    assert!(july["lines"].as_array().unwrap().iter().all(|line| line["kind"] != "clawback"), "{july}");
}

#[test]
fn who_sold_nothing_earns_nothing_and_who_is_not_there_has_no_statement() {
    let project = project();
    let statement = |agent: &str, period: &str| {
        let all =
            ["incentives", "statement", "north", "--agent", agent, "--period", period, "--format", "json"];
        project.run(&all)
    };
    // Others have sales in July, Cyd has none: that is zero, and nothing is left open.
    let cyd = statement("cyd", "2026-07").ends_with(0).json();
    assert_eq!((&cyd["due"], &cyd["incomplete"]), (&"0.00 GBP".into(), &json!([])));
    let nobody = statement("anm", "2026-07").ends_with(1);
    assert!(nobody.err.contains("Did you mean `ann`?"), "{}", nobody.err);
    let wrong = statement("ann", "2026-Q3").ends_with(2);
    assert!(wrong.err.contains("is no month of this plan"), "{}", wrong.err);
    let plan = project.run(&["incentives", "statement", "nort", "--agent", "ann", "--period", "2026-07"]);
    assert!(plan.ends_with(2).err.contains("Did you mean `north`?"));
}

#[test]
fn an_agents_page_has_the_agents_own_alone() {
    let project = project();
    let page = project.run(&["agent", "ann", "--format", "json"]).ends_with(0).json();
    assert_eq!(page["without_figure"][0]["kpi"], "sales", "no sale in August: {page}");
    let due: Vec<(&Value, &Value)> = page["callbacks"]
        .as_array()
        .unwrap()
        .iter()
        .map(|one| (&one["due_at"], &one["is_overdue"]))
        .collect();
    assert_eq!(
        due,
        [
            (&"2026-08-02T09:00:00Z".into(), &Value::Bool(true)),
            (&"2026-08-06T09:00:00Z".into(), &Value::Bool(false)),
        ]
    );
    assert_eq!(page["commission"][0]["statement"]["period"], "2026-08");
    assert_eq!(page["disputes"], json!([]));
    let raised = project.run(&[
        "disputes",
        "raise",
        "dialler/2",
        "--should-be",
        "SALE",
        "--why",
        "She agreed.",
        "--by",
        "ann",
    ]);
    raised.ends_with(0);
    let page = project.run(&["agent", "ann", "--format", "json"]).ends_with(0).json();
    assert_eq!(page["disputes"][0]["call"], json!({ "source": "dialler", "source_id": "2" }));
    let ben = project.run(&["agent", "ben", "--format", "json"]).ends_with(0).json();
    assert_eq!((ben["callbacks"].as_array().unwrap().len(), &ben["disputes"]), (1, &json!([])));
    project.run(&["agent", "ann"]).ends_with(0);
}

#[test]
fn a_dispute_is_the_agents_own_and_decided_by_another() {
    let project = Project::with_dialler();
    project.write("people/people.toml", "[person.\"ann@example.org\"]\nagent_id = \"ann\"\n");
    project.write("dialler/calls.csv", CALLS);
    project.run(&["import"]).ends_with(0);
    let raise = |call: &str, code: &str, by: &str| {
        project.run(&["disputes", "raise", call, "--should-be", code, "--why", "She agreed.", "--by", by])
    };
    for (call, code, by, says) in [
        ("dialler/6", "NI", "ann", "was handled by bob, and only they can dispute it"),
        ("dialler/99", "SALE", "ann", "There is no call 99 of dialler"),
        ("dialler/2", "SALES", "ann", "Did you mean `SALE`?"),
        ("dialler/2", "NI", "ann", "is `NI` already"),
    ] {
        let refused = raise(call, code, by).ends_with(1);
        assert!(refused.err.contains(says), "{call} {code}: {}", refused.err);
    }
    // Under the name by which people know her, too.
    assert_eq!(
        raise("dialler/2", "SALE", "ann@example.org").ends_with(0).out,
        "raised dispute 1 about the call 2 of dialler\n"
    );
    assert!(raise("dialler/2", "SALE", "ann").ends_with(1).err.contains("disputed already, as `1`"));
    let decide = |verdict: &str, by: &str| {
        project.run(&["disputes", verdict, "1", "--by", by, "--why", "Heard the recording."])
    };
    for name in ["ann", "ann@example.org"] {
        let own = decide("accept", name).ends_with(1);
        assert!(own.err.contains("cannot decide it"), "{}", own.err);
    }
    let accepted = decide("accept", "mia@example.org").ends_with(0);
    assert!(
        accepted.out.contains("correct the call 2 of dialler in its source: `NI` to `SALE`"),
        "{}",
        accepted.out
    );
    assert!(decide("withdraw", "ann").ends_with(1).err.contains("It is closed."));

    let listed = || project.run(&["disputes", "list", "--format", "json"]).ends_with(0).json();
    let correction = |is_made: bool| {
        json!({ "source": "dialler", "source_id": "2", "field": "disposition", "from": "NI", "to": "SALE",
                "is_made": is_made })
    };
    assert_eq!(listed()[0]["correction"], correction(false));
    let (head, _) = CALLS.split_once('\n').unwrap();
    let corrected = "2,north,ann,2026-01-05 09:10:00,2026-01-05 09:10:08,30.5,SALE,2026-01-07T10:00:00Z";
    project.write("dialler/corrected.csv", &format!("{head}\n{corrected}\n"));
    project.run(&["import"]).ends_with(0);
    assert_eq!(listed()[0]["correction"], correction(true));
    assert_eq!(project.run(&["disputes", "list"]).ends_with(0).out, "No dispute is open.\n");
}

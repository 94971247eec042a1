use std::collections::BTreeMap;
use std::sync::LazyLock;

use dialmark_metrics::{Catalogue, MetricRef, Ratio};
use dialmark_model::declared::Problems;
use jiff::civil::date;
use proptest::prelude::{prop_assert, prop_assert_eq, prop_assume, proptest};

use super::*;
use crate::person::People;

static CATALOGUE: LazyLock<Catalogue> = LazyLock::new(|| Catalogue::builtin().0);

fn ratio(text: &str) -> Ratio {
    Ratio::parse(text).unwrap()
}

/// KPIs by name, each over a metric.
fn kpis(all: &[(&str, &str)]) -> BTreeMap<String, KpiFacts> {
    let facts = |name: &str, metric: &str| {
        KpiFacts::of_metric(name, name, &MetricRef::parse(metric).unwrap(), &CATALOGUE).unwrap()
    };
    all.iter().map(|(name, metric)| ((*name).to_owned(), facts(name, metric))).collect()
}

fn usual() -> BTreeMap<String, KpiFacts> {
    kpis(&[
        ("appointments", "appointments/booked"),
        ("qualified", "qualified_lead_rate/per_appointment"),
        ("sales", "net_sales/standing"),
        ("conversion", "conversion_rate/sales_per_contact"),
        ("answered", "asr/seizure"),
        ("satisfaction", "csat/satisfied"),
        ("handle_time", "aht/handle"),
    ])
}

fn read(text: &str, kpis: &BTreeMap<String, KpiFacts>) -> (Strategy, Vec<String>) {
    let problems = Problems::new();
    let people = People::new(date(2026, 11, 19));
    let reading = Reading { catalogue: &CATALOGUE, kpis, people: &people };
    let files = [("strategy/plan.toml".to_owned(), text.to_owned())];
    let strategy = Strategy::read(&files, &reading, &problems);
    (strategy, problems.into_vec().iter().map(ToString::to_string).collect())
}

const PLAN: &str = "
[goal.profit]
label       = \"Earn on every campaign\"
perspective = \"financial\"
says        = \"Sales that stand, at a cost that leaves something.\"
kpis        = [\"sales\"]

[goal.trust]
label       = \"Customers who would come back\"
perspective = \"customer\"
parent      = \"profit\"
kpis        = [\"satisfaction\"]

[goal.reach]
label       = \"Conversations worth having\"
perspective = \"internal\"
parent      = \"trust\"
kpis        = [\"appointments\", \"qualified\", \"conversion\", \"answered\"]

[objective.better_appointments]
label  = \"Appointments that qualify\"
owner  = \"lead@example.org\"
period = \"2026-Q4\"
goal   = \"reach\"
key_results = [
  { kpi = \"appointments\", from = 400, to = 520, quality = \"qualified\" },
  { kpi = \"qualified\", from = \"22 %\", to = 0.40 },
  { kpi = \"handle_time\", from = \"6 min\", to = \"5min 30s\" },
]
";

#[test]
fn a_plan_is_read_with_exact_values_in_the_units_of_its_kpis() {
    let (strategy, problems) = read(PLAN, &usual());
    assert!(problems.is_empty(), "{}", problems.join("\n"));
    let objective = &strategy.objectives["better_appointments"];
    assert_eq!(objective.period.to_string(), "2026-10-01 to 2026-12-31");
    let ways: Vec<(Ratio, Ratio)> =
        objective.key_results.iter().map(|result| (result.from, result.to)).collect();
    assert_eq!(
        ways,
        [(ratio("400"), ratio("520")), (ratio("0.22"), ratio("0.4")), (ratio("360000"), ratio("330000"))]
    );
    assert_eq!(strategy.goals["reach"].parent.as_deref(), Some("trust"));
}

#[test]
fn progress_is_the_part_of_the_way_and_an_objective_has_the_mean() {
    let (strategy, _) = read(PLAN, &usual());
    let objective = &strategy.objectives["better_appointments"];
    let now = |kpi: &str| match kpi {
        // (460 - 400) / (520 - 400) = 60 / 120 = 1/2
        "appointments" => Some(ratio("460")),
        // (0.19 - 0.22) / (0.40 - 0.22) = -0.03 / 0.18 = -1/6: counts as nothing.
        "qualified" => Some(ratio("0.19")),
        // (320 s - 360 s) / (330 s - 360 s) = 40 / 30 = 4/3: counts as the whole.
        "handle_time" => Some(ratio("320000")),
        _ => None,
    };
    let progress = objective_progress(objective, &now);
    let exact: Vec<String> = progress.results.iter().map(|(_, p)| p.unwrap().exact.to_string()).collect();
    assert_eq!(exact, ["0.5", "-1/6", "4/3"]);
    // (1/2 + 0 + 1) / 3 = 1/2
    assert_eq!(progress.mean, Ok(ratio("1/2")));
}

#[test]
fn without_a_value_there_is_no_progress_rather_than_none_made() {
    let (strategy, _) = read(PLAN, &usual());
    let progress =
        objective_progress(&strategy.objectives["better_appointments"], &|kpi| match kpi == "qualified" {
            true => None,
            false => Some(ratio("450")),
        });
    assert_eq!(progress.mean, Err("There is no value of qualified yet.".to_owned()));
    assert_eq!(progress.results.iter().filter(|(_, progress)| progress.is_some()).count(), 2);
}

#[test]
fn a_volume_needs_quality_beside_it() {
    let objective = |results: &str| {
        format!(
            "[objective.o]\nlabel = \"O\"\nowner = \"a@example.org\"\nperiod = 2026\nkey_results = [ {results} ]\n"
        )
    };
    let alone = objective("{ kpi = \"appointments\", from = 400, to = 520 }");
    let way = |kpis: &[(&str, &str)]| read(&alone, &self::kpis(kpis)).1;
    // A KPI that guards this very metric comes first, then any of quality, then what could be declared.
    assert_eq!(
        read(&alone, &usual()).1,
        [
            "error: strategy/plan.toml:5: objective.o.key_results.kpi: `appointments` is a volume, and no KPI of quality stands beside it. Add `quality = \"...\"` with one of `qualified`."
        ]
    );
    assert_eq!(
        way(&[("appointments", "appointments/booked"), ("csat", "csat/satisfied")]),
        [
            "error: strategy/plan.toml:5: objective.o.key_results.kpi: `appointments` is a volume, and no KPI of quality stands beside it. Add `quality = \"...\"` with one of `csat`."
        ]
    );
    assert_eq!(
        way(&[("appointments", "appointments/booked")]),
        [
            "error: strategy/plan.toml:5: objective.o.key_results.kpi: `appointments` is a volume, and no KPI of quality stands beside it. Declare a KPI of quality, such as one over `appointment_held_rate`, `qualified_lead_rate`, and name it in `quality`."
        ]
    );
    let wrong = objective("{ kpi = \"appointments\", from = 400, to = 520, quality = \"answered\" }");
    assert_eq!(
        read(&wrong, &usual()).1,
        [
            "error: strategy/plan.toml:5: objective.o.key_results.quality: `answered` is no KPI of quality. Add `quality = \"...\"` with one of `qualified`."
        ]
    );
    // Another key result of the objective may be the quality; a rate needs none.
    let paired = objective(
        "{ kpi = \"appointments\", from = 400, to = 520 }, { kpi = \"qualified\", from = 0.2, to = 0.3 }",
    );
    assert!(read(&paired, &usual()).1.is_empty());
    assert!(read(&objective("{ kpi = \"answered\", from = 0.4, to = 0.5 }"), &usual()).1.is_empty());
}

#[test]
fn volumes_and_qualities_are_told_apart_by_their_metrics() {
    let facts = kpis(&[
        ("a", "appointments"),
        ("b", "dials_per_logged_hour"),
        ("c", "sales_revenue"),
        ("d", "unserved_calls"),
        ("e", "csat"),
        ("f", "short_call_rate"),
        ("g", "asr"),
        ("h", "average_sale_value"),
    ]);
    let seen: Vec<(bool, bool)> = facts.values().map(|facts| (facts.is_volume, facts.is_quality)).collect();
    assert_eq!(
        seen,
        [
            (true, false),
            (true, false),
            (true, false),
            // Fewer is better.
            (false, false),
            (false, true),
            // No outcome, but it guards calls an hour.
            (false, true),
            (false, false),
            (false, false),
        ]
    );
}

#[test]
fn what_is_wrong_with_a_plan_is_said_all_at_once() {
    let text = "
[goal.one]
label       = \"One\"
perspective = \"finacial\"
kpis        = [\"salse\", \"sales\", \"sales\"]
[goal.two]
label       = \"Two\"
perspective = \"customer\"
parent      = \"tree\"
[goal.three]
label       = \"Three\"
perspective = \"internal\"
parent      = \"four\"
[goal.four]
label       = \"Four\"
perspective = \"internal\"
parent      = \"three\"
weight      = 3
[objective.five]
label  = \"Five\"
owner  = \"a@example.org, b@example.org\"
period = \"2026-Q5\"
goal   = \"six\"
key_results = [
  { kpi = \"answered\", from = 0.5, to = 0.4 },
  { kpi = \"answered\", from = 0.4, to = 0.5 },
  { kpi = \"satisfaction\", from = 80, to = 0.9 },
  { kpi = \"conversion\", from = 0.1, to = 0.1 },
  { kpi = \"handle\", from = 1 },
]
[objective.seven]
label  = \"Seven\"
";
    let (strategy, problems) = read(text, &usual());
    assert_eq!(
        problems,
        [
            "error: strategy/plan.toml:4: goal.one.perspective: `finacial` is not known here. Did you mean `financial`?",
            "error: strategy/plan.toml:5: goal.one.kpis: there is no KPI `salse`. Known here: `answered`, `appointments`, `conversion`, `handle_time`, `qualified`, `sales`, `satisfaction`.",
            "error: strategy/plan.toml:5: goal.one.kpis: `sales` is named twice. Remove one of them.",
            "error: strategy/plan.toml:9: goal.two.parent: there is no goal `tree`. Did you mean `three`?",
            "error: strategy/plan.toml:17: goal.four.parent: the goals serve each other in a circle: `four` serves `three` serves `four`. Take out the `parent` of the one that is wanted for itself.",
            "error: strategy/plan.toml:18: goal.four.weight: nothing is known by this key. Known here: `kpis`, `label`, `parent`, `perspective`, `says`.",
            "error: strategy/plan.toml:21: objective.five.owner: the objective has 2 owners. Name one person, such as `owner = \"lead@example.org\"`.",
            "error: strategy/plan.toml:22: objective.five.period: this is no period. Write `2026`, `2026-Q4`, `2026-10` or `{ from = 2026-10-01, until = 2027-01-01 }`.",
            "warning: strategy/plan.toml:25: objective.five.key_results.to: `answered` would get worse. Exchange `from` and `to` unless that is meant.",
            "error: strategy/plan.toml:26: objective.five.key_results.kpi: `answered` is a key result of it already. Join the two, or take another KPI.",
            "error: strategy/plan.toml:27: objective.five.key_results.from: 80 of a share is 8000 %. Write `\"80 %\"`, or `\"8000 %\"` if that is meant.",
            "error: strategy/plan.toml:28: objective.five.key_results.to: the key result ends where it starts. A value that is only to be held is a target of a KPI.",
            "error: strategy/plan.toml:29: objective.five.key_results: `to` is missing. Add `to`: the value to reach.",
            "error: strategy/plan.toml:29: objective.five.key_results.kpi: there is no KPI `handle`. Known here: `answered`, `appointments`, `conversion`, `handle_time`, `qualified`, `sales`, `satisfaction`.",
            "error: strategy/plan.toml:31: objective.seven: the objective has no owner, so nobody answers for it. Name one person, such as `owner = \"lead@example.org\"`.",
            "error: strategy/plan.toml:31: objective.seven: `period` is missing. Write `2026`, `2026-Q4`, `2026-10` or `{ from = 2026-10-01, until = 2027-01-01 }`.",
            "error: strategy/plan.toml:31: objective.seven: nothing tells whether the objective is reached. Add `key_results = [ { kpi = \"...\", from = ..., to = ... } ]`.",
        ]
    );
    assert!(strategy.objectives.is_empty());
    assert!(strategy.goals.values().all(|goal| goal.parent.is_none()));
}

#[test]
fn an_objective_of_a_goal_that_is_not_there_is_reported() {
    let text = PLAN.replace("goal   = \"reach\"", "goal   = \"reech\"");
    assert_eq!(
        read(&text, &usual()).1,
        [
            "error: strategy/plan.toml:24: objective.better_appointments.goal: there is no goal `reech`. Did you mean `reach`?"
        ]
    );
}

#[test]
fn periods_are_years_quarters_months_or_two_days() {
    let of = |period: &str| {
        let text = PLAN.replace("\"2026-Q4\"", period);
        let (strategy, problems) = read(&text, &usual());
        strategy
            .objectives
            .get("better_appointments")
            .map_or_else(|| problems.join(""), |o| o.period.to_string())
    };
    assert_eq!(of("2026"), "2026-01-01 to 2026-12-31");
    assert_eq!(of("\"2024-02\""), "2024-02-01 to 2024-02-29");
    assert_eq!(of("\"2026-Q1\""), "2026-01-01 to 2026-03-31");
    assert_eq!(of("{ from = 2026-11-15, until = 2027-01-15 }"), "2026-11-15 to 2027-01-14");
    for bad in ["\"2026-13\"", "\"2026-Q0\"", "26", "\"2026-1\"", "{ from = 2026-11-15, until = 2026-11-15 }"]
    {
        assert!(of(bad).contains("this is no period."), "{bad}");
    }
}

#[test]
fn the_map_shows_goals_kpis_and_what_moves_what() {
    let (strategy, _) = read(PLAN, &usual());
    let map = Map::of(&strategy, &usual(), &CATALOGUE);
    let rows: Vec<Vec<&str>> =
        map.rows.iter().map(|row| row.nodes.iter().map(|node| node.label.as_str()).collect()).collect();
    assert_eq!(rows.len(), 4);
    assert_eq!(rows[0], ["Earn on every campaign", "conversion", "sales"]);
    assert_eq!(rows[1][0], "Customers who would come back");
    assert_eq!(rows[2][0], "Conversations worth having");
    assert!(rows[3].is_empty());
    let name = |id: &NodeId| match id {
        NodeId::Goal(name) => format!("({name})"),
        NodeId::Kpi(name) => name.clone(),
    };
    let lines: Vec<String> = map
        .edges
        .iter()
        .map(|edge| {
            let how = match &edge.kind {
                EdgeKind::Serves => "serves".to_owned(),
                EdgeKind::Tells => "tells".to_owned(),
                EdgeKind::Drives { through } => format!("drives[{}]", through.join(" ")),
            };
            format!("{} {how} {}", name(&edge.from), name(&edge.to))
        })
        .collect();
    for wanted in [
        "(reach) serves (trust)",
        "(trust) serves (profit)",
        "qualified tells (reach)",
        // asr drives connection_rate, which drives conversion_rate; connection_rate is no KPI here.
        "answered drives[connection_rate] conversion",
        // conversion_rate drives appointments, and gross_sales, which drives net_sales.
        "conversion drives[] appointments",
        "conversion drives[gross_sales] sales",
    ] {
        assert!(lines.iter().any(|line| line == wanted), "{wanted} is not in\n{}", lines.join("\n"));
    }
    let gaps: Vec<String> = map.gaps.iter().map(ToString::to_string).collect();
    assert_eq!(gaps, ["No goal stands in the learning view.", "The KPI `handle_time` belongs to no goal."]);
}

#[test]
fn a_goal_has_a_kpi_when_one_that_serves_it_has() {
    let text = PLAN.replace("kpis        = [\"sales\"]", "").replace("kpis        = [\"satisfaction\"]", "")
        + "[goal.people]\nlabel = \"People who stay\"\nperspective = \"learning\"\n";
    let (strategy, problems) = read(&text, &usual());
    assert!(problems.is_empty(), "{}", problems.join("\n"));
    let gaps = Map::of(&strategy, &usual(), &CATALOGUE).gaps;
    let silent: Vec<&Gap> = gaps.iter().filter(|gap| matches!(gap, Gap::GoalWithoutKpi(_))).collect();
    assert_eq!(silent, [&Gap::GoalWithoutKpi("people".to_owned())]);
}

#[test]
fn a_project_without_goals_misses_nothing() {
    let map = Map::of(&Strategy::default(), &usual(), &CATALOGUE);
    assert!(map.gaps.is_empty());
    assert!(map.edges.iter().all(|edge| matches!(edge.kind, EdgeKind::Drives { .. })));
}

#[test]
fn every_built_in_metric_fills_all_thirteen_attributes_of_a_pack() {
    let kpis: Vec<KpiFacts> = CATALOGUE
        .metrics
        .values()
        .map(|metric| {
            KpiFacts::of_metric(&metric.id, &metric.label, &MetricRef::new(&metric.id), &CATALOGUE).unwrap()
        })
        .collect();
    let rows = pack(&CATALOGUE, &kpis).unwrap();
    assert_eq!(rows.len(), CATALOGUE.metrics.len());
    for row in &rows {
        for (heading, value) in COLUMNS.iter().zip(row.values()) {
            assert!(!value.is_empty(), "{}: {heading} is empty", row.kpi);
        }
    }
    // Kpi, metric and label, and then the thirteen.
    assert_eq!(COLUMNS.len() - 3, 13);
}

#[test]
fn a_row_of_the_pack_names_the_formula_of_the_variant() {
    let kpis = usual();
    let rows = pack(&CATALOGUE, kpis.values().filter(|kpi| kpi.name == "conversion")).unwrap();
    let [row] = rows.as_slice() else { panic!("one row") };
    assert_eq!(row.metric, "conversion_rate/sales_per_contact");
    assert_eq!(row.formula, "sales / contacts");
    assert!(row.definition.ends_with("Closed deals over conversations."));
    let unknown = KpiFacts { metric: MetricRef::new("cnversion_rate"), ..kpis["conversion"].clone() };
    assert_eq!(
        pack(&CATALOGUE, [&unknown]).unwrap_err(),
        "There is no metric `cnversion_rate`. Did you mean `conversion_rate`?"
    );
}

proptest! {
    #[test]
    fn progress_runs_from_nothing_to_the_whole_whichever_way(from in -500_i32..500, to in -500_i32..500, now in -900_i32..900, more in 1_i32..50) {
        prop_assume!(from != to);
        let result = KeyResult { kpi: "k".to_owned(), from: ratio(&from.to_string()), to: ratio(&to.to_string()), quality: None };
        let at = |value: i32| progress(&result, ratio(&value.to_string())).unwrap();
        let whole = ratio("1");
        prop_assert_eq!((at(from).exact, at(to).exact), (Ratio::ZERO, whole));
        prop_assert!(at(now).counted >= Ratio::ZERO && at(now).counted <= whole);
        // A step towards the goal is never a step back.
        let nearer = if to > from { now + more } else { now - more };
        prop_assert!(at(nearer).exact > at(now).exact && at(nearer).counted >= at(now).counted);
    }
}

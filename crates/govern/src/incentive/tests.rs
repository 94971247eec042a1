//! Plans and statements, tried from the outside.

mod declarations;
mod figures;
mod golden;
mod properties;

use std::collections::{BTreeMap, BTreeSet};
use std::sync::LazyLock;

use dialmark_metrics::{Catalogue, Ratio};

use super::{Figure, Inputs, Need, Plan, Whose};
use crate::Money;
use crate::contract::BillingPeriod;
use crate::reading::testing;
use crate::statement::{Answer, Declared};

static CATALOGUE: LazyLock<Catalogue> = LazyLock::new(|| Catalogue::builtin().0);

static NORTH: LazyLock<Plan> = LazyLock::new(|| plan(PLAN));

const PLAN: &str = r#"
[incentive.north]
label    = "Commission, North"
who      = { campaign = "north" }
currency = "EUR"
period   = "month"
from     = 2026-07-01
cap      = 350.00
negative = "carried_over"
clawback = { each = 4.00, within = "60 days" }

[[incentive.north.part]]
name    = "sales"
label   = "Verified sales"
kind    = "per_unit"
metric  = "verified_sales"
tiers   = [{ from = 0, rate = 4.00 }, { from = 21, rate = 6.00 }]
only_if = { metric = "qa_score", at_least = "80 %", least_n = 4 }

[[incentive.north.part]]
name   = "revenue"
kind   = "share_of"
metric = "sales_revenue"
rate   = "1.5 %"
times  = { metric = "qa_score", steps = [{ at_least = "80 %", times = 0.5 }, { at_least = "90 %", times = 1 }] }

[[incentive.north.part]]
name   = "conversion"
kind   = "bonus"
metric = "conversion_rate"
steps  = [{ at_least = "5 %", pays = 50.00 }, { at_least = "6 %", pays = 120.00 }]

[[incentive.north.part]]
name      = "team"
kind      = "team"
metric    = "csat"
steps     = [{ at_least = "80 %", pays = 300.00 }]
shared_by = "logged_hours"
"#;

fn read(text: &str) -> (Option<Plan>, Vec<String>) {
    testing::read(text, "incentive", |section, name| Plan::read(section, name, &CATALOGUE))
}

fn plan(text: &str) -> Plan {
    let (plan, problems) = read(text);
    assert_eq!(problems, Vec::<String>::new());
    plan.unwrap()
}

fn ratio(text: &str) -> Ratio {
    Ratio::parse(text).unwrap()
}

fn euros(text: &str) -> Money {
    Money::rounded(ratio(text), "EUR").unwrap()
}

fn missing(says: &str) -> Answer {
    Answer::Missing { reason: "no_data".to_owned(), says: says.to_owned() }
}

fn figure(metric: &str, whose: Whose, value: &str, n: u64, currency: Option<&str>) -> Figure {
    Figure {
        need: Need { metric: metric.to_owned(), whose },
        answer: Answer::Value(ratio(value)),
        n,
        complete_on: None,
        currency: currency.map(str::to_owned),
    }
}

/// Ann's July, as the golden statement has it, without anything cancelled or carried over.
fn july() -> Inputs {
    let hours = |hours: i64| Answer::Value(ratio(&(hours * 3_600_000).to_string()));
    Inputs {
        plan: Declared { text: PLAN.to_owned(), hash: "abc".to_owned() },
        agent: "ann".to_owned(),
        period: BillingPeriod::parse("2026-07").unwrap(),
        seen_until: "2026-08-01".parse().unwrap(),
        figures: vec![
            figure("verified_sales", Whose::Agent, "23", 23, None),
            figure("sales_revenue", Whose::Agent, "4321.50", 23, Some("EUR")),
            figure("qa_score", Whose::Agent, "0.82", 5, None),
            figure("conversion_rate", Whose::Agent, "0.0625", 400, None),
            figure("csat", Whose::Team, "0.81", 90, None),
        ],
        members: BTreeMap::from([
            ("ann".to_owned(), hours(120)),
            ("ben".to_owned(), hours(100)),
            ("cai".to_owned(), hours(80)),
        ]),
        cancelled: Vec::new(),
        clawed_back_before: BTreeSet::new(),
        late: Vec::new(),
        carried: Money::zero("EUR"),
    }
}

/// The same with another answer to one question.
fn with(mut inputs: Inputs, metric: &str, answer: Answer) -> Inputs {
    let figure = inputs.figures.iter_mut().find(|figure| figure.need.metric == metric).unwrap();
    figure.answer = answer;
    inputs
}

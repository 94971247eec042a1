//! What work costs: shares add up to the ledger exactly.

use serde_json::{Value, json};

use crate::project::{CALLS, Project};

const SOURCES: &str = "\
[source.books]
table    = \"costs\"
files    = [\"books/costs*.csv\"]
id       = \"entry\"
revision = { from = \"updated\" }
[source.books.columns]
category    = \"category\"
kind        = \"kind\"
campaign_id = \"campaign\"
booked_on   = \"day\"
cost_amount = \"amount\"
currency    = \"currency\"

[source.invoices]
table    = \"revenues\"
files    = [\"books/revenue*.csv\"]
id       = \"entry\"
revision = { from = \"updated\" }
[source.invoices.columns]
category       = \"category\"
campaign_id    = \"campaign\"
booked_on      = \"day\"
revenue_amount = \"amount\"
currency       = \"currency\"
";

const RULES: &str = "\
[allocation.premises]
categories = [\"premises\"]
by         = \"calls\"
";

const COSTS: &str = "\
entry,updated,category,kind,campaign,day,amount,currency
1,2026-02-01T00:00:00Z,lists,campaign,north,2026-01-02,60.00,GBP
2,2026-02-01T00:00:00Z,lists,campaign,north,2026-01-20,40.00,GBP
3,2026-02-01T00:00:00Z,lists,campaign,south,2026-01-02,40.00,GBP
4,2026-02-01T00:00:00Z,premises,operating,,2026-01-31,100.01,GBP
5,2026-02-01T00:00:00Z,telephony,operating,,2026-01-31,10.00,GBP
6,2026-02-01T00:00:00Z,premises,operating,,2026-02-01,77.00,GBP
";

const REVENUE: &str = "\
entry,updated,category,campaign,day,amount,currency
1,2026-02-01T00:00:00Z,sales,north,2026-01-31,300.02,GBP
";

fn project(more: &str) -> Project {
    let project = Project::with_dialler();
    project.write("sources/books.toml", SOURCES);
    project.write("costs/rules.toml", RULES);
    project.write("dialler/calls.csv", CALLS);
    project.write("books/costs.csv", &format!("{COSTS}{more}"));
    project.write("books/revenue.csv", REVENUE);
    project.run(&["import"]).ends_with(0);
    project
}

const RATE: &str = "\
[rate.dollars]
from   = \"USD\"
to     = \"GBP\"
source = \"Bank of England\"
by_day = { 2026-01-04 = 0.9, 2026-01-05 = 0.7525 }
";

/// An amount such as `50.01 GBP` in pence.
fn pence(amount: &Value) -> i64 {
    let text = amount.as_str().unwrap().strip_suffix(" GBP").unwrap();
    text.replace('.', "").parse().unwrap()
}

#[test]
fn shares_add_up_to_the_ledger_and_quotients_show_their_parts() {
    let project = project("");
    let said = project.run(&["costs", "--period", "2026-01", "--format", "json"]).ends_with(0).json();
    assert_eq!((&said["total"], &said["left"]), (&"250.01 GBP".into(), &"10.00 GBP".into()));
    let entries = said["entries"].as_array().unwrap();
    assert_eq!(entries.iter().map(|entry| pence(&entry["converted"])).sum::<i64>(), 25_001);
    // Five calls each: the odd penny goes to the first.
    let shared: Vec<(&Value, &Value)> = entries
        .iter()
        .filter(|entry| entry["rule"] == "premises")
        .map(|entry| (&entry["bearer"], &entry["converted"]))
        .collect();
    assert_eq!(shared, [(&"north".into(), &"50.01 GBP".into()), (&"south".into(), &"50.00 GBP".into())]);
    let of = |name: &str| said["bearers"].as_array().unwrap().iter().find(|one| one["name"] == name).unwrap();
    let north = of("north");
    assert_eq!((&north["booked"], &north["shared"]), (&"100.00 GBP".into(), &"50.01 GBP".into()));
    let value = |one: &Value, key: &str| one[key]["value"].clone();
    // 150.01 over 5 calls, 2 conversations, 1 sale; 300.02 earned.
    let wanted = [
        ("cost", "150.01"),
        ("calls", "5"),
        ("cost_per_call", "30.002"),
        ("contacts", "2"),
        ("cost_per_contact", "75.005"),
        ("cost_per_acquisition", "150.01"),
        ("return_on_investment", "1"),
    ];
    for (key, figure) in wanted {
        assert_eq!(value(north, key), figure, "{key}");
    }
    // Nothing was booked as earned in the south: that is not nothing earned.
    assert_eq!(of("south")["return_on_investment"], json!({ "value": null, "reason": "no_data" }));
    let incomplete = said["incomplete"].as_array().unwrap();
    assert_eq!(incomplete.len(), 1, "{said}");
    assert!(incomplete[0].as_str().unwrap().contains("no rule shares them out"), "{said}");
    let text = project.run(&["costs", "--period", "2026-01"]).ends_with(0).out;
    assert!(text.contains("10.00 GBP are borne by nobody."), "{text}");
    // A quarter keeps its months apart: in February nobody called, and what was booked then is borne by nobody.
    let quarter = project.run(&["costs", "--period", "2026-Q1", "--format", "json"]).ends_with(0).json();
    assert_eq!((&quarter["total"], &quarter["left"]), (&"327.01 GBP".into(), &"87.00 GBP".into()));
}

#[test]
fn costs_are_shared_out_among_agents_by_the_same_rules() {
    let project = project("");
    let said = project.run(&["costs", "--by", "agent_id", "--period", "2026-01", "--format", "json"]);
    let said = said.ends_with(0).json();
    assert_eq!(said["total"], "250.01 GBP");
    // Calls: Ann 3, Bob 5, Cyd 2 of 10, of 100.01. Lists and telephony have no rule.
    let shared: Vec<i64> =
        said["bearers"].as_array().unwrap().iter().map(|one| pence(&one["shared"])).collect();
    assert_eq!(shared, [3_000, 5_001, 2_000]);
    assert_eq!(said["left"], "150.00 GBP");
}

#[test]
fn another_currency_needs_the_rate_of_its_day() {
    let project = project("7,2026-02-01T00:00:00Z,lists,campaign,north,2026-01-05,10.00,USD\n");
    let said = project.run(&["costs", "--period", "2026-01", "--format", "json"]).ends_with(0).json();
    let incomplete: Vec<&str> =
        said["incomplete"].as_array().unwrap().iter().map(|one| one.as_str().unwrap()).collect();
    assert!(incomplete.iter().any(|one| one.contains("no rate from USD to GBP of 2026-01-05")), "{said}");
    let north = said["bearers"].as_array().unwrap().iter().find(|one| one["name"] == "north").unwrap();
    assert_eq!(north["cost_per_call"], json!({ "value": null, "reason": "mixed_currencies" }));
    assert_eq!(said["total"], "250.01 GBP", "what is not converted is not counted as if it were");
    // 10.00 at 0.7525 is 7.525, half to even.
    project.write("costs/rates.toml", RATE);
    let said = project.run(&["costs", "--period", "2026-01", "--format", "json"]).ends_with(0).json();
    let entry = said["entries"].as_array().unwrap().iter().find(|entry| entry["currency"] == "USD").unwrap();
    assert_eq!((&entry["amount"], &entry["converted"]), (&"10.00 USD".into(), &"7.52 GBP".into()), "{said}");
    assert_eq!(said["total"], "257.53 GBP");
    let wrong = project.run(&["costs", "--period", "January"]).ends_with(2);
    assert!(wrong.err.contains("neither a month"), "{}", wrong.err);
}

const MONTHLY: &str = "\
[source.ledger]
table    = \"costs\"
files    = [\"ledger/*.csv\"]
id       = \"entry\"
[source.ledger.columns]
category    = \"category\"
booked_on   = { from = \"month\", as = \"%Y-%m\" }
cost_amount = { from = \"amount\", as = \"decimal_point\" }
currency    = { const = \"GBP\" }
";

#[test]
fn costs_by_month_with_thousands_are_read_and_stand_in_the_ledger_of_imports() {
    let project = Project::with_dialler();
    project.write("sources/ledger.toml", MONTHLY);
    project.write("dialler/calls.csv", CALLS);
    let file = "entry,category,month,amount\n1,premises,2026-01,\"1,234.56\"\n2,premises,2026-02,950.00\n3,premises,2026-02,\"12,34\"\n";
    project.write("ledger/costs.csv", file);
    project.run(&["import"]).ends_with(0);
    let of = |period: &str| {
        project.run(&["costs", "--period", period, "--format", "json"]).ends_with(0).json()["total"].clone()
    };
    assert_eq!((of("2026-01"), of("2026-02")), (json!("1234.56 GBP"), json!("950.00 GBP")));
    let imports = project.run(&["imports", "--source", "ledger", "--format", "json"]).ends_with(0).json();
    assert_eq!(imports[0]["report"]["read"], 3, "{imports}");
    assert_eq!(imports[0]["report"]["flags"]["cost_amount:unreadable"], 1, "{imports}");
    let number = imports[0]["report"]["import_id"].to_string();
    let said = project.run(&["imports", &number]).ends_with(0).out;
    assert!(said.contains("3 read: 3 new. Noted: cost_amount:unreadable 1."), "{said}");
    let none = project.run(&["imports", "99"]).ends_with(2);
    assert!(none.err.contains("There is no import 99."), "{}", none.err);
}

#[test]
fn a_mapping_proposes_months_and_thousands() {
    let project = Project::new();
    project.write(
        "costs.csv",
        "entry,category,booked_on,cost_amount,currency\n1,premises,2026-01,\"1,234.56\",GBP\n2,lists,2026-02,950.00,GBP\n",
    );
    let said = project.run(&["map", "costs.csv"]).ends_with(0).out;
    assert!(said.contains("as = \"%Y-%m\"") && said.contains("as = \"decimal_point\""), "{said}");
}

//! What the tests of contracts share: a catalogue, contracts from text, inputs by hand.

use std::collections::BTreeMap;
use std::sync::OnceLock;

use dialmark_govern::Place;
use dialmark_govern::contract::{self, BillingPeriod, Contract, Known, KpiFigure, Need};
use dialmark_govern::statement::{self, Answer, Declared, Figure, Inputs, Statement};
use dialmark_metrics::{Catalogue, MetricRef, Ratio};
use dialmark_model::declared::{Document, Problems};

/// Cancellations that are counted on the day of the clawback, which a centre declares itself.
const OWN: &str = r#"
[measure.sales_reclaimed]
unit        = "sales"
about       = "Sales that were cancelled within the cooling-off period after their fee was paid."
on.outcomes = "count where outcome = 'sale' and clawed_back_at is not null"

[metric.sales_reclaimed]
about   = "Sales that were cancelled after their fee was paid."
kind    = "simple"
measure = "sales_reclaimed"
"#;

pub fn catalogue() -> &'static Catalogue {
    static CATALOGUE: OnceLock<Catalogue> = OnceLock::new();
    CATALOGUE.get_or_init(|| {
        let problems = Problems::new();
        let files = [("metrics/own.toml".to_owned(), OWN.to_owned())];
        let catalogue = Catalogue::read(&files, &[], &problems);
        assert!(!problems.has_errors(), "{:?}", problems.into_vec());
        catalogue
    })
}

/// Reads the contracts of a text; problems as they are shown.
pub fn read(text: &str) -> (Vec<Contract>, Vec<String>) {
    let problems = Problems::new();
    let kpis = BTreeMap::from([(
        "answered_north".to_owned(),
        KpiFigure { metric: MetricRef::new("service_level"), place: Place::of("campaign_id", "north") },
    )]);
    let known = Known { catalogue: catalogue(), kpis: &kpis };
    let mut contracts = Vec::new();
    if let Some(document) = Document::parse("contracts/acme.toml", text, &problems) {
        let root = document.root(&problems);
        for (name, section) in root.named_sections("contract") {
            contracts.extend(contract::read(&section, &name, &known));
        }
        root.finish();
    }
    contract::check_together(&contracts, &problems);
    (contracts, problems.into_vec().iter().map(ToString::to_string).collect())
}

/// The one contract of a text without problems.
pub fn sound(text: &str) -> Contract {
    let (mut contracts, problems) = read(text);
    assert_eq!(problems, Vec::<String>::new());
    assert_eq!(contracts.len(), 1);
    contracts.remove(0)
}

pub fn ratio(text: &str) -> Ratio {
    Ratio::parse(text).unwrap()
}

pub fn period(text: &str) -> BillingPeriod {
    BillingPeriod::parse(text).unwrap()
}

/// A figure by hand: a value, or a fraction whose parts are numerator and denominator.
#[derive(Clone, Copy)]
pub struct Told<'a> {
    pub metric: &'a str,
    pub value: &'a str,
    pub currency: Option<&'a str>,
    /// Whether it is the figure that leaves something out.
    pub without: bool,
}

pub const fn told<'a>(metric: &'a str, value: &'a str) -> Told<'a> {
    Told { metric, value, currency: None, without: false }
}

pub const fn euro<'a>(metric: &'a str, value: &'a str) -> Told<'a> {
    Told { metric, value, currency: Some("EUR"), without: false }
}

/// Inputs that answer every need of a period from what is told; the statement is made on the third day after it.
pub fn inputs(contract: &Contract, at: &str, told: &[Told<'_>]) -> Inputs {
    let period = period(at);
    let today = period.days().until().checked_add(jiff::Span::new().days(2)).unwrap();
    let as_of = format!("{today}T06:00:00Z").parse().unwrap();
    let mut inputs = Inputs {
        contract: Declared { text: "as declared".to_owned(), hash: "c0ffee".to_owned() },
        period,
        as_of,
        today,
        figures: Vec::new(),
        rates: Vec::new(),
        earlier: Vec::new(),
        adjustments: Vec::new(),
    };
    answer(contract, &mut inputs, told);
    inputs
}

/// Answers every need that the contract has on the inputs' day.
pub fn answer(contract: &Contract, inputs: &mut Inputs, told: &[Told<'_>]) {
    let needs = contract.needs(inputs.period, inputs.today);
    inputs.figures = needs.into_iter().map(|need| figure(need, told)).collect();
}

fn figure(need: Need, told: &[Told<'_>]) -> Figure {
    let metric = need.metric.to_string();
    let found = told.iter().find(|t| t.metric == metric && t.without != need.left_out.is_empty());
    let (answer, parts, currency) = match found {
        None => {
            let says = "no record in this place and time".to_owned();
            (Answer::Missing { reason: "no_data".to_owned(), says }, None, None)
        }
        Some(told) => (Answer::Value(ratio(told.value)), told.value.split_once('/'), told.currency),
    };
    Figure {
        need,
        answer,
        numerator: parts.map(|(top, _)| top.to_owned()),
        denominator: parts.map(|(_, bottom)| bottom.to_owned()),
        n: 1000,
        missing: 0,
        undecided: 0,
        pending: 0,
        currency: currency.map(str::to_owned),
        definition: format!("hash-of-{metric}"),
    }
}

/// A contract with these parts.
pub fn contract(top: &str, parts: &str) -> Contract {
    sound(&format!(
        "[contract.acme]\nclient = \"acme\"\nscope = {{ client_id = \"acme\" }}\ncurrency = \"EUR\"\n{top}\n{parts}"
    ))
}

pub fn monthly(parts: &str) -> Contract {
    contract("period = \"month\"\ngo_live_on = 2026-08-01", parts)
}

pub const FEE: &str = "[[contract.acme.price]]\nname = \"fee\"\nkind = \"fixed\"\namount = 10000.00\n";

pub const ANSWERED: &str = "[[contract.acme.service_level]]\nname = \"answered\"\nmetric = \"service_level\"\n\
     steps = [{ below = 0.75, pays = -0.05 }, { below = 0.80, pays = -0.02 }, { from = 0.85, pays = 0.03 }]\n";

pub fn amount(statement: &Statement, id: &str) -> Option<String> {
    let line = statement.line(id).unwrap_or_else(|| panic!("no line {id} in {:#?}", statement.lines));
    line.amount.as_ref().map(ToString::to_string)
}

pub fn due(contract: &Contract, at: &str, figures: &[Told<'_>]) -> String {
    statement::of(contract, &inputs(contract, at, figures)).due.to_string()
}

/// The statements of some months in a row, each with what matters of the ones before it.
pub fn months(contract: &Contract, figures: &[(&str, Option<&str>)]) -> Vec<Statement> {
    let mut made: Vec<Statement> = Vec::new();
    for (at, service_level) in figures {
        let told: Vec<Told<'_>> = service_level.iter().map(|value| told("service_level", value)).collect();
        let mut inputs = inputs(contract, at, &told);
        inputs.earlier = statement::earlier(&made);
        made.push(statement::of(contract, &inputs));
    }
    made
}

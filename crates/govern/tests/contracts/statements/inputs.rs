//! What a statement says of its inputs.

use crate::common::{ANSWERED, FEE, inputs, monthly, period, told};
use dialmark_govern::statement::{self, SignedState};

#[test]
fn a_statement_says_who_signed_the_definitions() {
    let definition = |hash: &str, signed: &str| {
        format!(
            "[[contract.acme.definition]]\nmetric = \"service_level\"\nhash = \"{hash}\"\nsigned = [{signed}]\n"
        )
    };
    let client = "{ party = \"client\", by = \"A. Marsh\", on = 2026-06-15 }";
    let provider = "{ party = \"provider\", by = \"P. Bell\", on = 2026-12-04 }";
    let state = |definitions: &str| {
        let contract = monthly(&format!("{FEE}{ANSWERED}{definitions}"));
        let statement =
            statement::of(&contract, &inputs(&contract, "2026-11", &[told("service_level", "1/1")]));
        assert_eq!(statement.definitions.len(), 1);
        statement.definitions[0].state
    };
    let used = "hash-of-service_level";
    assert_eq!(state(""), SignedState::NotSigned);
    // The provider signs the day after the statement.
    assert_eq!(state(&definition(used, &format!("{client}, {provider}"))), SignedState::ByClient);
    assert_eq!(state(&definition("older", client)), SignedState::InAnotherVersion);
    assert_eq!(state(&definition("older", provider)), SignedState::NotSigned);
    let both = format!("{client}, {}", provider.replace("2026-12-04", "2026-12-03"));
    assert_eq!(
        state(&format!("{}{}", definition("older", client), definition(used, &both))),
        SignedState::ByBoth
    );
}

#[test]
fn records_that_could_not_be_counted_are_told() {
    let contract = monthly(&format!("{FEE}{ANSWERED}"));
    let mut inputs = inputs(&contract, "2026-11", &[told("service_level", "8/10")]);
    inputs.figures[0].undecided = 12;
    inputs.figures[0].missing = 1;
    let statement = statement::of(&contract, &inputs);
    assert_eq!(
        statement.lines[1].says,
        "Service level was 80 % (8 of 10), in none of the steps: 0 % of 10000.00 EUR (all prices) = 0.00 EUR. 1 record without a value that is needed: not counted. 12 records of which nobody can say whether they count (an unmapped code, a missing value): not counted."
    );
}

#[test]
fn a_month_is_no_quarter() {
    let contract = monthly(FEE);
    let mut inputs = inputs(&contract, "2026-11", &[]);
    inputs.period = period("2026-Q4");
    let statement = statement::of(&contract, &inputs);
    assert_eq!(statement.incomplete, ["The contract is settled by month, and 2026-Q4 is none."]);
    assert!(statement.lines.is_empty());
}

#[test]
fn figures_that_are_handed_in_twice_are_not_chosen_from() {
    let contract = monthly(&format!("{FEE}{ANSWERED}"));
    let mut inputs = inputs(&contract, "2026-11", &[told("service_level", "1/2")]);
    inputs.figures.push(inputs.figures[0].clone());
    assert_eq!(statement::of(&contract, &inputs).due.to_string(), "9500.00 EUR");
    inputs.figures[1].n = 999;
    let statement = statement::of(&contract, &inputs);
    assert!(statement.incomplete[0].contains("`service_level` was handed in twice with different values."));
}

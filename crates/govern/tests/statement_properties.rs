//! What holds of every statement, whatever the figures.

mod common;

use std::sync::OnceLock;

use common::{Told, answer, euro, inputs, ratio, sound, told};
use dialmark_govern::Money;
use dialmark_govern::contract::Contract;
use dialmark_govern::statement::{self, Inputs, LineKind, Statement};
use dialmark_metrics::Ratio;
use proptest::prelude::*;

/// Every kind of price and scale, monotone steps, caps, reliefs and a clawback.
const CONTRACT: &str = include_str!("golden/every_form.toml");

fn contract() -> &'static Contract {
    static READ: OnceLock<Contract> = OnceLock::new();
    READ.get_or_init(|| sound(CONTRACT))
}

fn capped(cap: i64) -> Contract {
    let mut contract = contract().clone();
    contract.cap.penalty = Some(ratio(&format!("{cap}/1000")));
    contract
}

/// The figures of a month; shares in thousandths.
#[derive(Debug, Clone)]
struct Month {
    answered: i64,
    abandoned: i64,
    handle_ms: i64,
    north: i64,
    dials: i64,
    seats_tenths: i64,
    collected_cents: i64,
    sales: i64,
    reclaimed: i64,
}

prop_compose! {
    fn month()(
        answered in 0_i64..=1000, abandoned in 0_i64..=200, handle_ms in 100_000_i64..400_000, north in 0_i64..=1000,
        dials in 0_i64..300_000, seats_tenths in 0_i64..400, collected_cents in -50_000_i64..50_000_000,
        sales in 0_i64..5_000, reclaimed in 0_i64..200,
    ) -> Month {
        Month { answered, abandoned, handle_ms, north, dials, seats_tenths, collected_cents, sales, reclaimed }
    }
}

/// Inputs of November from these figures.
fn november(contract: &Contract, month: &Month) -> Inputs {
    let texts = [
        format!("{}/1000", month.answered),
        format!("{}/1000", month.abandoned),
        month.handle_ms.to_string(),
        format!("{}/1000", month.north),
        month.dials.to_string(),
        format!("{}/10", month.seats_tenths),
        format!("{}/100", month.collected_cents),
        month.sales.to_string(),
        month.reclaimed.to_string(),
    ];
    let metrics = [
        "service_level/offered{threshold=20000}",
        "outbound_abandonment_rate",
        "aht",
        "service_level",
        "dials",
        "agents_per_day",
        "amount_collected",
        "verified_sales",
        "sales_reclaimed",
    ];
    let figures: Vec<Told<'_>> = metrics
        .iter()
        .zip(&texts)
        .map(
            |(metric, text)| {
                if *metric == "amount_collected" { euro(metric, text) } else { told(metric, text) }
            },
        )
        .collect();
    let mut inputs = inputs(contract, "2026-11", &[]);
    answer(contract, &mut inputs, &figures);
    inputs
}

fn sum(statement: &Statement, kinds: &[LineKind]) -> Ratio {
    let lines = statement.lines.iter().filter(|line| kinds.contains(&line.kind));
    lines
        .filter_map(|line| line.amount.as_ref().map(Money::ratio))
        .fold(Ratio::ZERO, |sum, amount| sum.plus(amount).unwrap())
}

const LEVELS: [LineKind; 3] = [LineKind::ServiceLevel, LineKind::Relief, LineKind::Cap];

proptest! {
    #![proptest_config(ProptestConfig::with_cases(128))]

    #[test]
    fn lines_add_up_to_what_is_due(month in month()) {
        let statement = statement::of(contract(), &november(contract(), &month));
        prop_assert!(statement.is_complete(), "{:?}", statement.incomplete);
        prop_assert_eq!(sum(&statement, &LineKind::ALL), statement.due.ratio());
        let subtotals = &statement.subtotals;
        let parts = [&subtotals.prices, &subtotals.service_levels, &subtotals.clawbacks, &subtotals.adjustments];
        let parts = parts.iter().fold(Ratio::ZERO, |sum, part| sum.plus(part.ratio()).unwrap());
        prop_assert_eq!(parts, statement.due.ratio());
        let mut ids: Vec<&str> = statement.lines.iter().map(|line| line.id.as_str()).collect();
        ids.sort_unstable();
        ids.dedup();
        prop_assert_eq!(ids.len(), statement.lines.len());
    }

    #[test]
    fn inputs_that_were_kept_give_the_same_statement_byte_for_byte(month in month()) {
        let inputs = november(contract(), &month);
        let kept = serde_json::to_string(&inputs).unwrap();
        let read: Inputs = serde_json::from_str(&kept).unwrap();
        prop_assert_eq!(&read, &inputs);
        let stated = statement::of(contract(), &inputs);
        let text = serde_json::to_string(&stated).unwrap();
        prop_assert_eq!(&serde_json::to_string(&statement::of(contract(), &read)).unwrap(), &text);
        prop_assert_eq!(serde_json::from_str::<Statement>(&text).unwrap(), stated);
    }

    #[test]
    fn the_order_in_which_figures_are_handed_in_does_not_matter(month in month(), by in 0_usize..9) {
        let mut inputs = november(contract(), &month);
        let stated = statement::of(contract(), &inputs);
        let by = by % inputs.figures.len();
        inputs.figures.rotate_left(by);
        prop_assert_eq!(statement::of(contract(), &inputs), stated);
    }

    #[test]
    fn a_better_service_level_is_never_paid_less(month in month(), other in 0_i64..=1000) {
        let paid = |answered: i64| {
            let month = Month { answered, ..month.clone() };
            statement::of(contract(), &november(contract(), &month)).due.ratio()
        };
        let (worse, better) = (other.min(month.answered), other.max(month.answered));
        prop_assert!(paid(worse) <= paid(better));
    }

    #[test]
    fn penalties_stay_within_the_cap_and_a_wider_cap_never_deducts_less(month in month(), cap in 0_i64..60, wider in 0_i64..60) {
        let penalties = |cap: i64| {
            let contract = capped(cap);
            let statement = statement::of(&contract, &november(&contract, &month));
            let mut deducted = Ratio::ZERO;
            for outcome in &statement.outcomes {
                let own = statement.lines.iter().filter(|line| {
                    LEVELS.contains(&line.kind) && line.id.ends_with(&format!(".{}", outcome.service_level))
                });
                let net = own.fold(Ratio::ZERO, |sum, line| sum.plus(line.amount.as_ref().unwrap().ratio()).unwrap());
                if net < Ratio::ZERO {
                    deducted = deducted.minus(net).unwrap();
                }
            }
            (deducted, statement.subtotals.prices.ratio())
        };
        let (narrow, fees) = penalties(cap);
        let (wide, _) = penalties(cap + wider);
        let most = Money::rounded(fees.times(ratio(&format!("{cap}/1000"))).unwrap().max(Ratio::ZERO), "EUR").unwrap();
        prop_assert!(narrow <= most.ratio());
        prop_assert!(narrow <= wide);
    }

    #[test]
    fn a_statement_and_its_adjustments_are_what_it_would_be_now(before in month(), after in month()) {
        let stated = statement::of(contract(), &november(contract(), &before));
        let now = november(contract(), &after);
        let lines = statement::adjustments(contract(), &stated, &[], &now).unwrap();
        let adjusted = lines
            .iter()
            .map(|line| line.amount.as_ref().unwrap().ratio())
            .fold(stated.due.ratio(), |sum, amount| sum.plus(amount).unwrap());
        prop_assert_eq!(adjusted, statement::of(contract(), &now).due.ratio());
    }
}

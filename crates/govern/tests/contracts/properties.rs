//! What holds of every statement, whatever the figures.

use std::sync::OnceLock;

use crate::common::{Told, answer, euro, inputs, ratio, read, sound, told};
use dialmark_govern::Money;
use dialmark_govern::contract::Contract;
use dialmark_govern::statement::{self, Answer, Inputs, LineKind, Statement};
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

#[test]
fn figures_that_do_not_fit_are_said_to_be_too_large() {
    let most = i128::MAX.to_string();
    for extreme in
        [most.clone(), format!("-{most}"), format!("1/{most}"), format!("{most}/3"), format!("-{most}/7")]
    {
        let contract = contract();
        let mut inputs = november(
            contract,
            &Month {
                answered: 1,
                abandoned: 1,
                handle_ms: 1,
                north: 1,
                dials: 1,
                seats_tenths: 1,
                collected_cents: 1,
                sales: 1,
                reclaimed: 1,
            },
        );
        for figure in &mut inputs.figures {
            figure.answer = Answer::Value(ratio(&extreme));
        }
        let statement = statement::of(contract, &inputs);
        for line in &statement.lines {
            assert!(line.amount.is_some() || !line.says.is_empty(), "{extreme}: {line:?}");
        }
        if extreme == most {
            assert_eq!(
                statement.line("clawback.cancelled_sales").unwrap().says,
                "`sales_reclaimed` is too large to be computed with exactly."
            );
        }
    }
}

/// A contract is read without a panic whatever is missing or doubled, and what is not read is said.
#[test]
fn a_contract_that_lacks_any_line_is_read_or_refused_with_a_reason() {
    let lines: Vec<&str> = CONTRACT.lines().collect();
    for at in 0..lines.len() {
        let mut without = lines.clone();
        let line = without.remove(at);
        let mut doubled = lines.clone();
        doubled.insert(at, line);
        let mut emptied = lines.clone();
        let key = line.split('=').next().unwrap_or_default();
        let empty = format!("{key}= [{{}}]");
        emptied[at] = &empty;
        for text in [without, doubled, emptied] {
            let (contracts, problems) = read(&text.join("\n"));
            let is_refused = problems.iter().any(|problem| problem.starts_with("error"));
            assert!(contracts.len() == 1 || is_refused, "without a reason, at line {}: {line}", at + 1);
        }
    }
}

const EARNED_BACK: &str = r#"
[contract.acme]
client   = "acme"
scope    = { client_id = "acme" }
currency = "EUR"
period   = "month"
[[contract.acme.price]]
name   = "dials"
kind   = "per_transaction"
metric = "dials"
rate   = 0.117
[[contract.acme.service_level]]
name      = "answered"
metric    = "service_level"
steps     = [{ below = 0.75, pays = -0.05 }, { below = 0.80, pays = -0.02 }, { from = 0.85, pays = 0.03 }]
earn_back = { periods = 2 }
"#;

/// Months in a row.
const MONTHS: [&str; 6] = ["2026-08", "2026-09", "2026-10", "2026-11", "2026-12", "2027-01"];

/// Dials and calls answered of a hundred.
type Counted = (i64, i64);

/// Inputs of a month as it is known when the statement of month `seen` is made.
fn known(contract: &Contract, at: usize, seen: usize, (dials, answered): Counted) -> Inputs {
    let (dials, answered) = (dials.to_string(), format!("{answered}/100"));
    let figures = [told("dials", &dials), told("service_level", &answered)];
    let mut known = inputs(contract, MONTHS[at], &figures);
    let day = inputs(contract, MONTHS[seen], &figures);
    (known.as_of, known.today) = (day.as_of, day.today);
    known
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(96))]

    /// However late records arrive, what was sent and adjusted in the end is what one would have stated with all of them.
    #[test]
    fn late_data_of_any_month_comes_to_what_all_records_would_have_paid(
        history in prop::collection::vec(prop::collection::vec((0_i64..5_000, 70_i64..90), 6), 6),
        settles in 0_usize..6,
    ) {
        let contract = sound(EARNED_BACK);
        // What is known of a month when another is stated; nothing changes any more after `settles`.
        let figure = |at: usize, seen: usize| history[at][seen.min(settles).max(at)];
        let mut sent: Vec<(Inputs, Statement)> = Vec::new();
        for seen in 0..MONTHS.len() {
            let (mut before, mut adjustments) = (Vec::new(), Vec::new());
            for (at, (frozen, stated)) in sent.iter().enumerate() {
                let mut now = known(&contract, at, seen, figure(at, seen));
                now.earlier = statement::earlier(&before);
                now.adjustments = frozen.adjustments.clone();
                let later: Vec<Statement> = sent[at + 1..].iter().map(|(_, later)| later.clone()).collect();
                adjustments.extend(statement::adjustments(&contract, stated, &later, &now).unwrap());
                before.push(statement::of(&contract, &now));
            }
            let mut own = known(&contract, seen, seen, figure(seen, seen));
            own.earlier = statement::earlier(&before);
            own.adjustments = adjustments;
            let statement = statement::of(&contract, &own);
            prop_assert!(statement.is_complete(), "{:?}", statement.incomplete);
            sent.push((own, statement));
        }
        let paid = sent.iter().fold(Ratio::ZERO, |sum, (_, statement)| sum.plus(statement.due.ratio()).unwrap());
        let (mut at_once, mut all) = (Vec::new(), Ratio::ZERO);
        let last = MONTHS.len() - 1;
        for at in 0..MONTHS.len() {
            let mut own = known(&contract, at, last, figure(at, last));
            own.earlier = statement::earlier(&at_once);
            let statement = statement::of(&contract, &own);
            all = all.plus(statement.due.ratio()).unwrap();
            at_once.push(statement);
        }
        prop_assert_eq!(paid, all);
    }
}

//! What holds for every statement.

use dialmark_metrics::{Exact, Ratio};
use proptest::prelude::*;

use super::{NORTH, PLAN, euros, july, plan, ratio, with};
use crate::Money;
use crate::incentive::{Cancelled, Inputs, Plan, statement};
use crate::statement::Answer;
use std::sync::LazyLock;

static UNCAPPED: LazyLock<Plan> = LazyLock::new(|| plan(&PLAN.replace("cap      = 350.00\n", "")));

fn hundredths(value: i64) -> Answer {
    Answer::Value(ratio(&format!("{value}/100")))
}

fn inputs(sales: i64, cents: i64, quality: i64, conversion: i64) -> Inputs {
    let inputs = with(july(), "verified_sales", Answer::Value(ratio(&sales.to_string())));
    let inputs = with(inputs, "sales_revenue", hundredths(cents));
    let inputs = with(inputs, "qa_score", hundredths(quality));
    with(inputs, "conversion_rate", hundredths(conversion))
}

fn due(plan: &Plan, inputs: &Inputs) -> Ratio {
    statement(plan, inputs).unwrap().due.ratio()
}

proptest! {
    #[test]
    fn better_work_never_pays_less(
        sales in 0_i64..60, cents in 0_i64..1_000_000, quality in 0_i64..100, conversion in 0_i64..12,
        more in 0_i64..40, which in 0_usize..4,
    ) {
        let mut figures = [sales, cents, quality, conversion];
        let of = |[sales, cents, quality, conversion]: [i64; 4]| inputs(sales, cents, quality, conversion);
        let before = of(figures);
        figures[which] += more;
        let after = of(figures);
        for plan in [&*NORTH, &*UNCAPPED] {
            prop_assert!(due(plan, &after) >= due(plan, &before));
        }
    }

    #[test]
    fn the_cap_holds_and_lines_add_up(
        sales in 0_i64..200, cents in -100_000_i64..10_000_000, quality in 0_i64..=100, conversion in 0_i64..12,
        carried in 0_i128..20_000, cancelled in 0_usize..30,
    ) {
        let mut inputs = inputs(sales, cents, quality, conversion);
        inputs.carried = Money::rounded(Ratio::exact(Exact::new(-carried, 2).unwrap()).unwrap(), "EUR").unwrap();
        inputs.cancelled = (0..cancelled)
            .map(|number| Cancelled {
                sale: format!("s{number}"),
                sold_on: "2026-06-20".parse().unwrap(),
                cancelled_on: "2026-07-09".parse().unwrap(),
                paid: None,
            })
            .collect();
        let shown = statement(&NORTH, &inputs).unwrap();
        let sum = shown.lines.iter().fold(Money::zero("EUR"), |sum, line| sum.plus(line.amount.as_ref().unwrap()).unwrap());
        prop_assert_eq!(&sum, &shown.due);
        prop_assert!(shown.due.ratio() <= ratio("350") && shown.due.ratio() >= Ratio::ZERO);
        // Nothing is lost: what is due and what is carried forward is what the cap leaves, less what is taken off.
        let uncapped = statement(&UNCAPPED, &{ let mut plain = inputs.clone(); plain.cancelled.clear(); plain.carried = euros("0"); plain }).unwrap();
        let earned = uncapped.due.plus(&uncapped.carried_forward).unwrap().ratio().min(ratio("350"));
        let off = ratio("4").times(ratio(&cancelled.to_string())).unwrap();
        let wanted = earned.minus(off).unwrap().plus(inputs.carried.ratio()).unwrap();
        prop_assert_eq!(shown.due.plus(&shown.carried_forward).unwrap().ratio(), wanted);
    }

    #[test]
    fn the_order_of_inputs_changes_nothing(by in 0_usize..5, sales in 0_i64..60) {
        let plain = inputs(sales, 100_000, 85, 6);
        let mut turned = plain.clone();
        turned.figures.rotate_left(by);
        prop_assert_eq!(statement(&NORTH, &plain).unwrap(), statement(&NORTH, &turned).unwrap());
    }

    #[test]
    fn the_parts_of_a_team_add_up_to_what_it_earned(hours in proptest::collection::btree_map("[a-z]{1,6}", 0_i64..200, 1..12)) {
        prop_assume!(hours.values().any(|hours| *hours > 0));
        let mut inputs = july();
        inputs.members = hours.iter().map(|(agent, hours)| (agent.clone(), hundredths(*hours))).collect();
        let part = |agent: &String| {
            let inputs = Inputs { agent: agent.clone(), ..inputs.clone() };
            statement(&NORTH, &inputs).unwrap().line("part.team").unwrap().amount.clone().unwrap()
        };
        let sum = hours.keys().map(part).fold(Money::zero("EUR"), |sum, part| sum.plus(&part).unwrap());
        prop_assert_eq!(sum, euros("300"));
    }
}

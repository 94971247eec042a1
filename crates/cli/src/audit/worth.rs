//! The largest opportunities, for the report: each with its price and what that rests on.

use dialmark_govern::Governed;
use dialmark_govern::opportunity::{Basis, Goal, OVERLAP, Opportunity, Origin};
use dialmark_manage::{Opportunities, Price};
use dialmark_metrics::metric::Unit;
use dialmark_metrics::{Exact, Ratio};
use dialmark_view::{audit, format};

use super::wording;

/// Opportunities that are shown, at most.
const MOST: usize = 10;
const HOUR_MS: i64 = 3_600_000;

/// The opportunities for the page.
pub fn opportunities(found: &Opportunities, governed: &Governed) -> audit::Opportunities {
    let caution = match found.ranked.as_slice() {
        [] => {
            "Nothing can be weighed: no figure falls short of an own target, of an average, a median or a top quartile \
             that it may be compared with, or of an own best team."
        }
        _ => OVERLAP,
    };
    audit::Opportunities {
        prices: vec![
            price(
                "A sale, or a success where nothing is sold,",
                "is worth",
                "--sale-value",
                1,
                &found.prices.sale,
            ),
            price("An hour of an agent", "costs", "--hour-cost", HOUR_MS, &found.prices.hour),
        ],
        rows: found.ranked.iter().take(MOST).map(|one| row(one, governed)).collect(),
        hidden: found.ranked.len().saturating_sub(MOST),
        caution: caution.to_owned(),
        left_out: found.left_out.clone(),
    }
}

fn row(one: &Opportunity, governed: &Governed) -> audit::Opportunity {
    let figure = |value: Ratio| format::figure(value, one.unit, one.currency.as_deref()).to_string();
    let (edge, goal) = match one.reference.goal() {
        Goal::AtLeast(goal) => ("at least", goal),
        Goal::AtMost(goal) => ("at most", goal),
    };
    let mut brings: Vec<String> =
        one.gains.iter().map(|gain| format!("{} {} more", counted(gain.count), gain.word.label)).collect();
    if let Some(hours) = one.hours {
        brings.push(format!("{} hours of agents less", format::fixed(hours, 1)));
    }
    audit::Opportunity {
        title: match wording::place(&one.place) {
            Some(place) => format!("{}, {place}", one.label),
            None => one.label.clone(),
        },
        step: format!("From {} to {edge} {}", figure(one.value), figure(goal)),
        by: match one.reference.origin() {
            Origin::Target { kpi } => format!("the own target of the KPI `{kpi}`"),
            Origin::Best { place } => {
                format!("which the best has reached: {}", wording::place(place).unwrap_or_default())
            }
            Origin::Benchmark { name, kind } => {
                let label = governed.library.benchmarks.get(name).map_or(name, |benchmark| &benchmark.label);
                format!("the {} of others: {label}", kind.word().replace('_', " "))
            }
        },
        brings: brings.join(", "),
        worth: one.worth.as_ref().map_err(Clone::clone).map(|money| match Ratio::exact(money.amount()) {
            Some(amount) => format::figure(amount, Unit::Money, Some(money.currency())).to_string(),
            None => money.to_string(),
        }),
        assumptions: one.assumptions.clone(),
    }
}

/// Whole when it is, and from a hundred on, where tenths are noise.
fn counted(count: Ratio) -> String {
    let is_whole = count.parts().1 == 1;
    let is_large = Ratio::exact(Exact::integer(100)).is_some_and(|hundred| count >= hundred);
    format::fixed(count, usize::from(!is_whole && !is_large))
}

/// What is taken for a price, and where it comes from.
fn price(thing: &str, verb: &str, option: &str, each: i64, price: &Price) -> String {
    match price {
        Price::Unknown(why) => format!("{why} `{option}` states it."),
        Price::Known { average, currency, over, unused } => {
            let money = |amount: Ratio| format::figure(amount, Unit::Money, Some(currency)).to_string();
            let one = average.of_each(each).map_or_else(|| format::DASH.to_owned(), money);
            let mut text = match average.basis {
                Basis::Stated => format!("{thing} {verb} {one}, as `{option}` states."),
                Basis::Records => {
                    let whole = Ratio::exact(average.amount).map(money).unwrap_or_default();
                    let over_them = match each {
                        HOUR_MS => Ratio::scaled(average.over, Exact::integer(HOUR_MS.into()), 1)
                            .map(|hours| format::fixed(hours, 1))
                            .unwrap_or_default(),
                        _ => format::count(average.over),
                    };
                    format!(
                        "{thing} {verb} {one} on average: {whole} over {over_them} {over}, from the records."
                    )
                }
            };
            if unused.is_some() {
                text.push_str(&format!(" So `{option}` was not used."));
            }
            text
        }
    }
}

//! Lines of clawbacks: always deducted, with count and rate.

use dialmark_metrics::Ratio;

use super::figures::Figures;
use super::inputs::Inputs;
use super::line::{Line, LineKind};
use super::says;
use crate::Money;
use crate::contract::Contract;

/// A line for each clawback that is counted in the period.
pub(super) fn lines(contract: &Contract, inputs: &Inputs, figures: &Figures<'_>) -> Vec<Line> {
    let currency = contract.currency.as_str();
    let mut lines = Vec::new();
    for clawback in &contract.clawbacks {
        let Some(need) = clawback.need(inputs.period) else { continue };
        let line = Line::new(LineKind::Clawback, &clawback.name);
        let found = match figures.of(&need, &clawback.of) {
            Ok(found) => found,
            Err(why) => {
                lines.push(line.open(why));
                continue;
            }
        };
        let taken = found.value.times(clawback.rate).and_then(|back| Ratio::ZERO.minus(back));
        let amount = taken.and_then(|taken| Some((taken, Money::rounded(taken, currency)?)));
        let Some((taken, amount)) = amount else {
            lines.push(line.open(says::too_large(&need.metric)));
            continue;
        };
        let (count, rate) = (says::exact(found.value), says::rate(clawback.rate, currency));
        lines.push(Line {
            quantity: Some(found.value.to_string()),
            rate: Some(clawback.rate.to_string()),
            says: format!(
                "{}: {count} x {rate} taken back = {}.{}",
                clawback.of.label,
                says::result(taken, &amount),
                found.aside
            ),
            amount: Some(amount),
            ..line
        });
    }
    lines
}

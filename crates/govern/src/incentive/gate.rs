//! How much of a part its gates leave.

use dialmark_metrics::metric::Unit;
use dialmark_metrics::{Exact, Ratio};

use super::earn::{figure_of, in_currency, value, waits_until};
use super::inputs::Inputs;
use super::plan::{Gate, Whose, Without};
use crate::statement::says;

/// The factor that a gate leaves, and why, without a full stop; or why it waits, as a sentence.
pub(super) fn factor(gate: &Gate, inputs: &Inputs, currency: &str) -> Result<(Ratio, String), String> {
    let Gate { metric, unit, factors, least_n, without } = gate;
    let found = value(inputs, metric, Whose::Agent).and_then(|(value, figure)| match figure.n < *least_n {
        true => Err(format!("`{metric}` rests on {} records, and at least {least_n} are needed.", figure.n)),
        false if *unit == Unit::Money => in_currency(metric, figure, currency).map(|()| value),
        false => Ok(value),
    });
    // What is there and not complete is no missing figure: the plan knows what to do without one, not with half of one.
    let is_half =
        figure_of(inputs, metric, Whose::Agent).is_some_and(|figure| waits_until(inputs, figure).is_some());
    match (found, without) {
        (Err(why), _) if is_half => Err(why),
        (Ok(value), _) => {
            let factor = factors.reached(value).map_or(Ratio::ZERO, |step| step.brings);
            let shown = factors.says(value, *unit, currency);
            Ok((factor, format!("`{metric}` {shown}{}", leaves(factor))))
        }
        (Err(why), Without::Waits) => Err(why),
        (Err(why), Without::Passes) => Ok((one(), format!("{} The plan pays without it", why))),
        (Err(why), Without::Fails) => Ok((Ratio::ZERO, format!("{} The plan does not pay without it", why))),
    }
}

fn leaves(factor: Ratio) -> String {
    match factor {
        factor if factor.is_zero() => ", so nothing is paid".to_owned(),
        factor if factor == one() => String::new(),
        factor => format!(", so it is paid {} times", says::exact(factor)),
    }
}

pub(super) fn one() -> Ratio {
    Ratio::exact(Exact::integer(1)).unwrap_or(Ratio::ZERO)
}

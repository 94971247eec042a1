//! The contract's cap on all penalties, and on all bonuses, of a period.

use dialmark_metrics::Ratio;

use super::line::{Line, LineKind, total};
use super::says;
use super::service_levels::Judged;
use crate::Money;
use crate::contract::Contract;

/// Adds a line to each service level whose penalty or bonus the cap lowers. What is above the cap is taken off all of
/// them in proportion; amounts are rounded as running sums, so that together they are the cap to the cent.
pub(super) fn limit(contract: &Contract, prices: &[Line], judged: &mut [Judged]) {
    if let Some(share) = contract.cap.penalty {
        side(contract, prices, judged, &Side { share, is_penalty: true });
    }
    if let Some(share) = contract.cap.bonus {
        side(contract, prices, judged, &Side { share, is_penalty: false });
    }
}

/// Penalties or bonuses, and how much they may be.
struct Side {
    /// Of all prices.
    share: Ratio,
    is_penalty: bool,
}

impl Side {
    /// The size of a penalty or bonus of this side.
    fn size(&self, judged: &Judged) -> Option<Ratio> {
        let net = judged.net.as_ref()?.ratio();
        let size = if self.is_penalty { Ratio::ZERO.minus(net)? } else { net };
        (size > Ratio::ZERO).then_some(size)
    }

    const fn noun(&self) -> &'static str {
        if self.is_penalty { "penalties" } else { "bonuses" }
    }
}

fn side(contract: &Contract, prices: &[Line], judged: &mut [Judged], side: &Side) {
    let sizes: Vec<Option<Ratio>> = judged.iter().map(|level| side.size(level)).collect();
    if sizes.iter().all(Option::is_none) {
        return;
    }
    let currency = contract.currency.as_str();
    let open = prices.iter().find(|line| line.amount.is_none());
    let fees = match open {
        Some(_) => None,
        None => total(prices, &[LineKind::Price], currency),
    };
    let Some(plan) = fees.and_then(|fees| Plan::of(&fees, &sizes, side.share, currency)) else {
        // The cap is a share of all prices; without one of them nobody can say whether it is reached.
        for (level, _) in judged.iter_mut().zip(&sizes).filter(|(_, size)| size.is_some()) {
            let line = Line::new(LineKind::Cap, &level.outcome.service_level);
            let why = open.map_or_else(
                || "The cap of the contract is too large to be computed exactly.".to_owned(),
                |line| {
                    format!(
                        "The cap of the contract is a share of all prices, and `{}` has no amount.",
                        line.id
                    )
                },
            );
            level.lines.push(line.open(why));
        }
        return;
    };
    let Some(kept) = &plan.kept else { return };
    for ((level, size), kept) in judged.iter_mut().zip(&sizes).zip(kept) {
        let Some(size) = size else { continue };
        let line = Line::new(LineKind::Cap, &level.outcome.service_level);
        let off = size.minus(kept.ratio()).and_then(|off| match side.is_penalty {
            true => Some(off),
            false => Ratio::ZERO.minus(off),
        });
        let Some(amount) = off.and_then(|off| Money::rounded(off, currency)) else {
            level.lines.push(line.open("The cap of the contract is too large to be computed exactly."));
            continue;
        };
        let says = format!(
            "All {} together are {}, more than {} of {} = {}; this one is lowered in proportion from {} to {kept}.",
            side.noun(),
            says::amount(plan.sum, currency),
            says::per_cent(side.share),
            plan.fees,
            plan.most,
            says::amount(*size, currency),
        );
        level.net = level.net.as_ref().and_then(|net| net.plus(&amount));
        level.lines.push(Line {
            rate: Some(side.share.to_string()),
            base: Some(plan.fees.clone()),
            amount: Some(amount),
            says,
            ..line
        });
    }
}

/// How much is kept of each.
struct Plan {
    fees: Money,
    most: Money,
    sum: Ratio,
    /// One an entry of `sizes`; `None` when the cap is not reached.
    kept: Option<Vec<Money>>,
}

impl Plan {
    fn of(fees: &Money, sizes: &[Option<Ratio>], share: Ratio, currency: &str) -> Option<Plan> {
        let fees = if fees.ratio() < Ratio::ZERO { Money::zero(currency) } else { fees.clone() };
        let most = Money::rounded(fees.ratio().times(share)?, currency)?;
        let sum = sizes.iter().flatten().try_fold(Ratio::ZERO, |sum, size| sum.plus(*size))?;
        if sum <= most.ratio() {
            return Some(Plan { fees, most, sum, kept: None });
        }
        let mut kept = Vec::new();
        let (mut running, mut before) = (Ratio::ZERO, Money::zero(currency));
        for size in sizes {
            running = running.plus(size.unwrap_or(Ratio::ZERO))?;
            let until_here = Money::rounded(most.ratio().times(running)?.over(sum)?, currency)?;
            kept.push(until_here.minus(&before)?);
            before = until_here;
        }
        Some(Plan { fees, most, sum, kept: Some(kept) })
    }
}

//! Prices: what is paid for seats, work, hours, outcomes and money brought in.

use dialmark_metrics::{Exact, Ratio};
use dialmark_model::validity::Days;

use super::Measured;

/// One price of a contract; several add up.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Price {
    /// Its name within the contract.
    pub name: String,
    /// The days on which it is paid: those of its phases, from `from` to the one before `until`.
    pub days: Days,
    /// What is paid.
    pub kind: PriceKind,
}

/// What a price is paid for. Rates are in the contract's currency.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum PriceKind {
    /// So much an agent a month; for part of a month its civil days over the days of that month.
    PerSeat {
        /// How many agents.
        seats: Seats,
        /// For an agent a month.
        rate: Rate,
    },
    /// So much for each thing done.
    PerTransaction {
        /// A count.
        of: Measured,
        /// For one.
        rate: Rate,
    },
    /// So much an hour; hours are milliseconds over 3,600,000, not rounded.
    PerHour {
        /// A length of time in milliseconds.
        of: Measured,
        /// For an hour.
        rate: Rate,
    },
    /// So much for each outcome, such as a verified sale.
    PerOutcome {
        /// A count.
        of: Measured,
        /// For one.
        rate: Rate,
    },
    /// An amount a period; for part of a period its civil days over the days of the period.
    Fixed {
        /// For a whole period.
        amount: Ratio,
    },
    /// A share of money, such as a contingency fee.
    ShareOf {
        /// A sum of money.
        of: Measured,
        /// The share, 0 to 1.
        rate: Rate,
    },
}

impl PriceKind {
    /// The word in a declaration.
    pub const fn word(&self) -> &'static str {
        match self {
            PriceKind::PerSeat { .. } => "per_seat",
            PriceKind::PerTransaction { .. } => "per_transaction",
            PriceKind::PerHour { .. } => "per_hour",
            PriceKind::PerOutcome { .. } => "per_outcome",
            PriceKind::Fixed { .. } => "fixed",
            PriceKind::ShareOf { .. } => "share_of",
        }
    }

    /// The metric that decides over it, if one does.
    pub const fn measured(&self) -> Option<&Measured> {
        match self {
            PriceKind::PerSeat { seats: Seats::Measured(of), .. }
            | PriceKind::PerTransaction { of, .. }
            | PriceKind::PerHour { of, .. }
            | PriceKind::PerOutcome { of, .. }
            | PriceKind::ShareOf { of, .. } => Some(of),
            PriceKind::PerSeat { seats: Seats::Agreed(_), .. } | PriceKind::Fixed { .. } => None,
        }
    }
}

/// How many seats are paid for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Seats {
    /// A number that was agreed.
    Agreed(Ratio),
    /// A figure.
    Measured(Measured),
}

/// What one unit costs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Rate {
    /// Every unit the same.
    Flat(Ratio),
    /// By how many there are in the period; the first tier begins at 0.
    Tiers {
        /// In ascending order.
        tiers: Vec<Tier>,
        /// Which units a tier's rate is for.
        apply: TiersApply,
        /// Whether units are counted one by one, so that `from = 1001` is the 1001st, or measured, so that it is what
        /// comes after 1001.
        counted: bool,
    },
}

/// Where a rate begins.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Tier {
    /// The first unit, or the amount, from which it holds.
    pub from: Ratio,
    /// For one unit.
    pub rate: Ratio,
}

/// Which units a tier's rate is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TiersApply {
    /// Each unit is paid at the rate of its own tier.
    Graduated,
    /// All units are paid at the rate of the tier that was reached.
    All,
}

impl TiersApply {
    /// Both, with their words.
    pub const ALL: [(&'static str, TiersApply); 2] =
        [("graduated", TiersApply::Graduated), ("all", TiersApply::All)];
}

/// Units at one rate: how many, and at which.
pub type Portion = (Ratio, Ratio);

impl Rate {
    /// The units by the rates they are paid at; `None` when a number does not fit 128 bits.
    pub fn portions(&self, quantity: Ratio) -> Option<Vec<Portion>> {
        match self {
            Rate::Flat(rate) => Some(vec![(quantity, *rate)]),
            Rate::Tiers { tiers, apply: TiersApply::All, .. } => {
                let reached = tiers.iter().rev().find(|tier| tier.from <= quantity).or(tiers.first())?;
                Some(vec![(quantity, reached.rate)])
            }
            Rate::Tiers { tiers, apply: TiersApply::Graduated, counted } => {
                graduated(tiers, quantity, *counted)
            }
        }
    }

    /// What a quantity costs, not rounded.
    pub fn amount(&self, quantity: Ratio) -> Option<Ratio> {
        let portions = self.portions(quantity)?;
        portions.into_iter().try_fold(Ratio::ZERO, |sum, (units, rate)| sum.plus(units.times(rate)?))
    }
}

fn graduated(tiers: &[Tier], quantity: Ratio, counted: bool) -> Option<Vec<Portion>> {
    let one = Ratio::exact(Exact::integer(1))?;
    let mut portions = Vec::new();
    let mut below = Ratio::ZERO;
    for (at, tier) in tiers.iter().enumerate() {
        // The 1001st unit is the one after 1000.
        let end = match tiers.get(at + 1) {
            Some(next) if counted => next.from.minus(one)?,
            Some(next) => next.from,
            None => quantity.max(below),
        };
        let reached = quantity.min(end);
        // Less than nothing, such as more money paid back than came in, is at the first rate.
        if reached > below || at == 0 {
            portions.push((reached.minus(below)?, tier.rate));
        }
        below = end;
        if quantity <= end {
            break;
        }
    }
    Some(portions)
}

/// What is taken back: sales that were cancelled after their fee was paid, for example.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Clawback {
    /// Its name within the contract.
    pub name: String,
    /// The days on which it is counted. It goes on after the contract has ended: the fees were paid within it.
    pub days: Days,
    /// A count.
    pub of: Measured,
    /// For one, above zero.
    pub rate: Ratio,
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn ratio(text: &str) -> Ratio {
        Ratio::parse(text).unwrap()
    }

    fn tiers(apply: TiersApply, counted: bool) -> Rate {
        let tier = |from: &str, rate: &str| Tier { from: ratio(from), rate: ratio(rate) };
        Rate::Tiers {
            tiers: vec![tier("0", "12.00"), tier("1001", "10.50"), tier("2001", "9")],
            apply,
            counted,
        }
    }

    #[test]
    fn each_unit_is_paid_at_the_rate_of_its_own_tier() {
        let rate = tiers(TiersApply::Graduated, true);
        // 1000 x 12.00
        assert_eq!(rate.amount(ratio("1000")), Some(ratio("12000")));
        // 1000 x 12.00 + 1 x 10.50
        assert_eq!(rate.amount(ratio("1001")), Some(ratio("12010.50")));
        // 1000 x 12.00 + 1000 x 10.50 + 500 x 9
        assert_eq!(rate.amount(ratio("2500")), Some(ratio("27000")));
        assert_eq!(rate.portions(ratio("0")).unwrap(), [(ratio("0"), ratio("12"))]);
    }

    #[test]
    fn the_rate_of_the_tier_that_was_reached_can_be_for_all_units() {
        let rate = tiers(TiersApply::All, true);
        assert_eq!(rate.amount(ratio("1000")), Some(ratio("12000")));
        assert_eq!(rate.amount(ratio("1001")), Some(ratio("10510.50")));
        assert_eq!(rate.amount(ratio("-3")), Some(ratio("-36")));
    }

    #[test]
    fn what_is_measured_has_no_first_unit() {
        // 1001 hours at 12.00 and half an hour at 10.50.
        assert_eq!(tiers(TiersApply::Graduated, false).amount(ratio("1001.5")), Some(ratio("12017.25")));
    }

    proptest! {
        #[test]
        fn graduated_portions_add_up_to_the_quantity(units in -500_i64..5_000, counted in any::<bool>()) {
            let quantity = ratio(&format!("{units}/2"));
            let portions = tiers(TiersApply::Graduated, counted).portions(quantity).unwrap();
            let sum = portions.iter().fold(Ratio::ZERO, |sum, (units, _)| sum.plus(*units).unwrap());
            prop_assert_eq!(sum, quantity);
        }

        #[test]
        fn more_units_never_cost_less_when_graduated(a in 0_i64..5_000, more in 0_i64..5_000) {
            let rate = tiers(TiersApply::Graduated, true);
            let amount = |units: i64| rate.amount(ratio(&units.to_string())).unwrap();
            prop_assert!(amount(a) <= amount(a + more));
        }
    }
}

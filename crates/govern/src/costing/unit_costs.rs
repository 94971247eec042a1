//! What one call, contact or customer costs, and what a campaign earns on what was spent.

use dialmark_metrics::{Ratio, Reason};

/// Sums of one campaign and period, in one currency.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sums {
    /// What was spent, the campaign's share of costs of the centre included.
    pub cost: Result<Ratio, Reason>,
    /// What was earned.
    pub revenue: Result<Ratio, Reason>,
    /// Calls made.
    pub calls: Result<Ratio, Reason>,
    /// Conversations.
    pub contacts: Result<Ratio, Reason>,
    /// New customers.
    pub acquisitions: Result<Ratio, Reason>,
}

/// The same, divided. Each is exact; where a part is missing or there is nothing to divide by, it says why.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UnitCosts {
    /// Cost over calls (source A).
    pub per_call: Result<Ratio, Reason>,
    /// Cost over contacts (sources C and D).
    pub per_contact: Result<Ratio, Reason>,
    /// Cost over new customers (source A).
    pub per_acquisition: Result<Ratio, Reason>,
    /// What was earned less what was spent, over what was spent: 0.2 is a fifth on top.
    pub return_on_investment: Result<Ratio, Reason>,
}

impl Sums {
    /// Divides.
    pub fn divide(&self) -> UnitCosts {
        let gain = match (&self.revenue, &self.cost) {
            (Ok(revenue), Ok(cost)) => revenue.minus(*cost).ok_or(Reason::TooLarge),
            (Err(reason), _) | (_, Err(reason)) => Err(reason.clone()),
        };
        UnitCosts {
            per_call: over(&self.cost, &self.calls),
            per_contact: over(&self.cost, &self.contacts),
            per_acquisition: over(&self.cost, &self.acquisitions),
            return_on_investment: over(&gain, &self.cost),
        }
    }
}

fn over(top: &Result<Ratio, Reason>, bottom: &Result<Ratio, Reason>) -> Result<Ratio, Reason> {
    let (top, bottom) = (top.clone()?, bottom.clone()?);
    match bottom.is_zero() {
        true => Err(Reason::ZeroDenominator),
        false => top.over(bottom).ok_or(Reason::TooLarge),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sums(cost: &str, calls: &str, acquisitions: &str) -> Sums {
        let value = |text: &str| Ratio::parse(text).ok_or(Reason::NoData);
        Sums {
            cost: value(cost),
            revenue: value("60000"),
            calls: value(calls),
            contacts: Err(Reason::NoData),
            acquisitions: value(acquisitions),
        }
    }

    #[test]
    fn costs_are_divided_exactly_as_the_sources_do() {
        // Source A: 50,000 over 10,000 calls is 5.00; 20,000 over 400 customers is 50.
        let ratio = |text: &str| Ok(Ratio::parse(text).unwrap());
        let shown = sums("50000", "10000", "3").divide();
        assert_eq!((shown.per_call, shown.per_acquisition), (ratio("5"), ratio("50000/3")));
        assert_eq!(sums("20000", "1", "400").divide().per_acquisition, ratio("50"));
        // 60,000 earned on 50,000 spent.
        assert_eq!(shown.return_on_investment, ratio("0.2"));
    }

    #[test]
    fn where_there_is_nothing_to_divide_by_the_reason_is_said() {
        let shown = sums("0", "0", "").divide();
        assert_eq!(shown.per_call, Err(Reason::ZeroDenominator));
        assert_eq!(shown.per_contact, Err(Reason::NoData));
        assert_eq!(shown.per_acquisition, Err(Reason::NoData));
        assert_eq!(shown.return_on_investment, Err(Reason::ZeroDenominator));
    }
}

//! Lines of prices.

use dialmark_metrics::{Exact, Ratio};

use super::figures::Figures;
use super::inputs::Inputs;
use super::line::{Line, LineKind};
use super::says;
use crate::Money;
use crate::contract::{BillingPeriod, CivilDays, Contract, Portion, Price, PriceKind, Rate, Seats};

/// Milliseconds of an hour.
const HOUR_MS: i128 = 3_600_000;

/// A line for each price that is paid on some day of the period.
pub(super) fn lines(contract: &Contract, inputs: &Inputs, figures: &Figures<'_>) -> Vec<Line> {
    let paid = contract.prices.iter().filter_map(|price| Some((price, price.days_in(inputs.period)?)));
    paid.map(|(price, days)| {
        let line = Line::new(LineKind::Price, &price.name);
        match charge(price, days, contract, inputs.period, figures) {
            Ok(charge) => charge.onto(line, &contract.currency),
            Err(why) => line.open(why),
        }
    })
    .collect()
}

/// What is computed for a price.
struct Charge {
    /// How many units.
    quantity: Ratio,
    /// What the units are, as the beginning of a sentence.
    intro: String,
    /// Units by rate.
    portions: Vec<Portion>,
    /// Whether rates are shares, shown in per cent.
    is_share: bool,
    /// For which part of a period, and how that is written; nothing for the whole.
    part: Option<(Ratio, String)>,
    /// What else is to be said of the figure.
    aside: String,
}

fn charge(
    price: &Price,
    days: CivilDays,
    contract: &Contract,
    period: BillingPeriod,
    figures: &Figures<'_>,
) -> Result<Charge, String> {
    let large = || format!("`{}` is too large to be computed exactly.", price.name);
    let (rate, is_share) = match &price.kind {
        PriceKind::Fixed { amount } => return fixed(*amount, days, contract, period).ok_or_else(large),
        PriceKind::ShareOf { rate, .. } => (rate, true),
        PriceKind::PerSeat { rate, .. }
        | PriceKind::PerTransaction { rate, .. }
        | PriceKind::PerHour { rate, .. }
        | PriceKind::PerOutcome { rate, .. } => (rate, false),
    };
    let found = match (price.need(period), price.kind.measured()) {
        (Some(need), Some(of)) => Some((figures.of(&need, of)?, of)),
        _ => None,
    };
    let aside = found.as_ref().map_or_else(String::new, |(found, _)| found.aside.clone());
    let (quantity, intro) = match (&price.kind, &found) {
        (PriceKind::PerSeat { seats: Seats::Agreed(seats), .. }, _) => {
            (*seats, format!("{} seats by the month", says::exact(*seats)))
        }
        (PriceKind::PerSeat { .. }, Some((found, of))) => {
            (found.value, format!("{} seats by the month ({}, {days})", says::exact(found.value), of.label))
        }
        (PriceKind::PerHour { .. }, Some((found, of))) => {
            let hours = Ratio::exact(Exact::integer(HOUR_MS)).and_then(|hour| found.value.over(hour));
            let hours = hours.ok_or_else(large)?;
            (hours, format!("{}, {days}, {} ms in hours", of.label, says::exact(found.value)))
        }
        (_, Some((found, of))) => (found.value, format!("{}, {days}", of.label)),
        // A kind that is multiplied with a figure always has one.
        (_, None) => return Err(format!("`{}` has no figure.", price.name)),
    };
    let part = match &price.kind {
        PriceKind::PerSeat { .. } => months(days, period).ok_or_else(large)?,
        _ => None,
    };
    let portions = rate.portions(quantity).ok_or_else(large)?;
    let intro = match rate {
        Rate::Flat(_) => intro,
        Rate::Tiers { .. } => format!("{intro}, {} by tier", says::exact(quantity)),
    };
    Ok(Charge { quantity, intro, portions, is_share, part, aside })
}

/// An amount a period, by civil days when it begins or ends within it.
fn fixed(amount: Ratio, days: CivilDays, contract: &Contract, period: BillingPeriod) -> Option<Charge> {
    let one = whole(1)?;
    let (paid, all) = (days.count(), period.days().count());
    let share = whole(paid)?.over(whole(all)?)?;
    let part = (paid != all).then(|| (share, format!("{paid}/{all} days")));
    let intro = format!("{} a {}, {days}", says::amount(amount, &contract.currency), period.billing().word());
    Some(Charge {
        quantity: one,
        intro,
        portions: vec![(one, amount)],
        is_share: false,
        part,
        aside: String::new(),
    })
}

/// How many months are paid: nothing for one whole month.
fn months(days: CivilDays, period: BillingPeriod) -> Option<Option<(Ratio, String)>> {
    let touched = period.parts_of_months(&days);
    let sum = touched.iter().try_fold(Ratio::ZERO, |sum, month| sum.plus(month.share()?))?;
    let one = whole(1)?;
    if sum == one && touched.len() == 1 {
        return Some(None);
    }
    let parts: Vec<String> = touched
        .iter()
        .map(|month| match month.days == month.of {
            true => "1".to_owned(),
            false => {
                let (year, number) = (month.first.year(), month.first.month());
                format!("{}/{} days of {year:04}-{number:02}", month.days, month.of)
            }
        })
        .collect();
    let text = match parts.as_slice() {
        [one] => one.clone(),
        several => format!("({}) months", several.join(" + ")),
    };
    Some(Some((sum, text)))
}

fn whole(number: i64) -> Option<Ratio> {
    Ratio::exact(Exact::integer(i128::from(number)))
}

impl Charge {
    fn exact(&self) -> Option<Ratio> {
        let add = |sum: Ratio, (units, rate): &Portion| sum.plus(units.times(*rate)?);
        let all = self.portions.iter().try_fold(Ratio::ZERO, add)?;
        match &self.part {
            None => Some(all),
            Some((part, _)) => all.times(*part),
        }
    }

    fn onto(self, line: Line, currency: &str) -> Line {
        let Some((value, amount)) = self.exact().and_then(|v| Some((v, Money::rounded(v, currency)?))) else {
            let why = format!("`{}` is too large to be computed exactly.", line.name);
            return line.open(why);
        };
        let rate = |rate: Ratio| match self.is_share {
            true => says::per_cent(rate),
            false => says::rate(rate, currency),
        };
        let terms: Vec<String> = self
            .portions
            .iter()
            .map(|(units, at)| format!("{} x {}", says::exact(*units), rate(*at)))
            .collect();
        let terms = match (terms.as_slice(), &self.part) {
            ([_, _, ..], Some(_)) => format!("({})", terms.join(" + ")),
            _ => terms.join(" + "),
        };
        let part = self.part.as_ref().map_or_else(String::new, |(_, text)| format!(" x {text}"));
        let says = format!("{}: {terms}{part} = {}.{}", self.intro, says::result(value, &amount), self.aside);
        let only = match self.portions.as_slice() {
            [(_, rate)] => Some(rate.to_string()),
            _ => None,
        };
        Line { quantity: Some(self.quantity.to_string()), rate: only, amount: Some(amount), says, ..line }
    }
}

//! What was booked, added up by month, category, place and currency, and converted by the rates of the days.

use std::collections::BTreeMap;

use dialmark_engine::Engine;
use dialmark_govern::costing::{Allocation, Rates};
use dialmark_govern::{Money, Place};
use dialmark_metrics::{Exact, Ratio, Reason};
use jiff::civil::Date;

use super::Asked;
use crate::error::NotDone;
use crate::rows::{self, Record, Wanted};

/// Columns that say for whom something was booked, besides the dimension that is asked for.
const PLACES: [&str; 5] = ["client_id", "campaign_id", "list_id", "site_id", "channel"];

/// What was booked to one place in one month and currency.
#[derive(Debug, Clone)]
pub(super) struct Sum {
    /// The value of the dimension that it was booked to.
    pub(super) bearer: Option<String>,
    /// Where it was booked, as far as figures can be asked for there.
    pub(super) place: Place,
    /// First day of the month.
    pub(super) month: Date,
    pub(super) category: String,
    /// Name of the rule that held on the days of booking, for what was booked to no value of the dimension; why there are
    /// two.
    pub(super) rule: Result<Option<String>, String>,
    pub(super) currency: Option<String>,
    /// As it was booked, rounded to the smallest unit of its currency.
    pub(super) amount: Option<Money>,
    /// In the currency of the answer, rounded once; or why not.
    pub(super) converted: Result<Money, String>,
    /// Whether another currency was converted.
    pub(super) is_converted: bool,
}

type Group = (Date, String, Place, Result<Option<String>, String>, Option<String>, Option<String>);

/// All costs of the period.
pub(super) async fn costs(
    engine: &Engine,
    asked: &Asked<'_>,
    rates: &Rates,
    rules: &[Allocation],
) -> Result<Vec<Sum>, NotDone> {
    read(engine, asked, rates, rules, "costs", "cost_amount").await
}

/// All revenue of the period. It is borne by those it was booked to; nothing is shared out.
pub(super) async fn revenue(engine: &Engine, asked: &Asked<'_>, rates: &Rates) -> Result<Vec<Sum>, NotDone> {
    read(engine, asked, rates, &[], "revenues", "revenue_amount").await
}

async fn read(
    engine: &Engine,
    asked: &Asked<'_>,
    rates: &Rates,
    rules: &[Allocation],
    table: &str,
    column: &str,
) -> Result<Vec<Sum>, NotDone> {
    let days = asked.period.days();
    let period = engine.calendar().period(Some(days.from()), Some(days.until()));
    let wanted = Wanted { table: Some(table), period, ..Wanted::default() };
    let (_, records) = rows::records(engine, &wanted).await?;
    let mut groups: BTreeMap<Group, Vec<(Date, Exact)>> = BTreeMap::new();
    for record in &records {
        let day = record.get("booked_on").and_then(|text| text.parse::<Date>().ok());
        let (Some(day), Some(amount)) = (day, record.get(column).and_then(|text| Exact::parse(text))) else {
            // A cost without a sum is flagged when it is imported, and one without a day has no place in time.
            continue;
        };
        groups.entry(group(record, asked, rules, day)).or_default().push((day, amount));
    }
    groups.into_iter().map(|(group, booked)| sum(asked, rates, group, &booked)).collect()
}

fn group(record: &Record, asked: &Asked<'_>, rules: &[Allocation], day: Date) -> Group {
    let place = PLACES
        .iter()
        .filter(|column| **column != asked.by)
        .filter_map(|column| Some((*column, record.get(*column)?)));
    let category = record.get("category").cloned().unwrap_or_default();
    let bearer = record.get(asked.by).cloned();
    let rule = match bearer {
        Some(_) => Ok(None),
        None => Allocation::rule_for(rules, &category, day).map(|rule| rule.map(|rule| rule.name.clone())),
    };
    let place = place.fold(Place::centre(), |place, (column, value)| place.within(column, value));
    (day.first_of_month(), category, place, rule, record.get("currency").cloned(), bearer)
}

fn sum(
    asked: &Asked<'_>,
    rates: &Rates,
    (month, category, place, rule, currency, bearer): Group,
    booked: &[(Date, Exact)],
) -> Result<Sum, NotDone> {
    let too_large = || NotDone::Refused(format!("The sums of `{category}` are too large to be added up."));
    let exact = booked.iter().try_fold(Exact::ZERO, |sum, (_, amount)| sum.checked_add(*amount));
    let exact = exact.and_then(Ratio::exact).ok_or_else(too_large)?;
    let (amount, converted) = match &currency {
        None => (
            None,
            Err(format!("Something was booked as `{category}` without a currency, so nobody can add it up.")),
        ),
        Some(currency) => {
            let amount = Money::rounded(exact, currency).ok_or_else(too_large)?;
            (Some(amount), converted(asked, rates, currency, booked))
        }
    };
    let is_converted = currency.as_deref().is_some_and(|currency| currency != asked.currency);
    Ok(Sum { bearer, place, month, category, rule, currency, amount, converted, is_converted })
}

/// Each day's sum at the rate of its day, added up and then rounded once.
fn converted(
    asked: &Asked<'_>,
    rates: &Rates,
    currency: &str,
    booked: &[(Date, Exact)],
) -> Result<Money, String> {
    let too_large = || "The sums are too large to be converted.".to_owned();
    let mut sum = Ratio::ZERO;
    for (day, amount) in booked {
        let amount = Ratio::exact(*amount).ok_or_else(too_large)?;
        let amount = rates.convert(amount, currency, asked.currency, *day)?;
        sum = sum.plus(amount).ok_or_else(too_large)?;
    }
    Money::rounded(sum, asked.currency).ok_or_else(too_large)
}

/// What one value of the dimension earned; sums that cannot be converted are said.
pub(super) fn of_bearer(sums: &[Sum], name: &str, incomplete: &mut Vec<String>) -> Result<Ratio, Reason> {
    let mut total: Option<Ratio> = None;
    for sum in sums.iter().filter(|sum| sum.bearer.as_deref() == Some(name)) {
        match &sum.converted {
            Ok(amount) => {
                total = Some(total.unwrap_or(Ratio::ZERO).plus(amount.ratio()).ok_or(Reason::TooLarge)?);
            }
            Err(sentence) => {
                incomplete.push(format!("Revenue of {name}: {sentence}"));
                return Err(Reason::MixedCurrencies);
            }
        }
    }
    total.ok_or(Reason::NoData)
}

//! Costs that were booked to no value of the dimension, shared out by the declared rules.

use std::collections::BTreeMap;

use dialmark_engine::Engine;
use dialmark_govern::Place;
use dialmark_govern::costing::{Allocation, Basis};
use dialmark_metrics::{MetricQuery, MetricRef, Ratio, Reason};
use dialmark_model::civil::Period;
use jiff::ToSpan;
use jiff::civil::Date;

use super::ledger::Sum;
use super::{Asked, Entry, by_value};
use crate::desk::Desk;
use crate::error::NotDone;

/// The lines of one sum: its own where it was booked to a value of the dimension, else a share for each value, or one line
/// that nobody bears.
pub(super) async fn entries(
    desk: &Desk<'_>,
    asked: &Asked<'_>,
    sum: &Sum,
    names: &[String],
    incomplete: &mut Vec<String>,
) -> Result<Vec<Entry>, NotDone> {
    let own = |says: String| Entry {
        bearer: sum.bearer.clone(),
        month: sum.month,
        category: sum.category.clone(),
        currency: sum.currency.clone(),
        amount: sum.amount.clone(),
        converted: sum.converted.clone().ok(),
        rule: None,
        says,
    };
    let amount = match &sum.converted {
        Ok(amount) => amount,
        Err(sentence) => {
            incomplete.push(sentence.clone());
            return Ok(vec![own(sentence.clone())]);
        }
    };
    let converted = match (&sum.amount, sum.is_converted) {
        (Some(booked), true) => format!("{booked} at the rates of the days = {amount}."),
        _ => String::new(),
    };
    if sum.bearer.is_some() {
        return Ok(vec![own(converted)]);
    }
    let left = |why: String, incomplete: &mut Vec<String>| {
        incomplete.push(why.clone());
        vec![own(why)]
    };
    let rule = match &sum.rule {
        Ok(Some(name)) => desk.governed.allocations.get(name),
        Ok(None) => None,
        Err(sentence) => return Ok(left(sentence.clone(), incomplete)),
    };
    let Some(rule) = rule else {
        let why = format!(
            "{amount} of `{}` ({}) are booked to no `{}`, and no rule shares them out. Declare one as `[allocation.NAME]`.",
            sum.category, sum.place, asked.by
        );
        return Ok(left(why, incomplete));
    };
    // Who worked on a list may be known for its campaign only. Other campaigns do not bear what is none of theirs.
    let is_same_work = |wider: &Place| {
        ["client_id", "campaign_id"].into_iter().all(|level| wider.value(level) == sum.place.value(level))
    };
    let mut place = sum.place.clone();
    let weights = loop {
        let weights = match weights(desk.engine, asked, rule, sum, &place, names).await? {
            Ok(weights) => weights,
            Err(why) => return Ok(left(why, incomplete)),
        };
        match place.wider() {
            Some(wider) if weights.is_empty() && is_same_work(&wider) => place = wider,
            _ => break weights,
        }
    };
    let noun = asked.by.trim_end_matches("_id");
    let shares = match rule.share_out(amount, noun, &weights) {
        Ok(shares) => shares,
        Err(sentence) => return Ok(left(sentence, incomplete)),
    };
    let at = match (sum.place.is_centre(), place == sum.place) {
        (true, _) => String::new(),
        (false, true) => format!(" Booked to {}.", sum.place),
        (false, false) => {
            format!(" Booked to {}, where nobody has any, so those of {place} bear it.", sum.place)
        }
    };
    let says = format!("{converted}{}{}{at}", if converted.is_empty() { "" } else { " " }, shares.says);
    // Whose share is nothing has no line.
    let shares = shares.by_bearer.into_iter().filter(|(_, part)| !part.is_zero());
    Ok(shares
        .map(|(bearer, part)| Entry {
            bearer: Some(bearer),
            month: sum.month,
            category: sum.category.clone(),
            currency: sum.currency.clone(),
            amount: None,
            converted: Some(part),
            rule: Some(rule.name.clone()),
            says: says.clone(),
        })
        .collect())
}

/// What each value of the dimension weighs in the month of a sum, at a place.
async fn weights(
    engine: &Engine,
    asked: &Asked<'_>,
    rule: &Allocation,
    sum: &Sum,
    place: &Place,
    names: &[String],
) -> Result<Result<BTreeMap<String, Result<Ratio, Reason>>, String>, NotDone> {
    let until: Date = sum.month.checked_add(1.month()).unwrap_or(sum.month);
    let month = engine.calendar().period(Some(sum.month), Some(until));
    let all = || names.iter().map(|name| (name.clone(), Ok(Ratio::ZERO))).collect();
    match &rule.basis {
        Basis::Fixed(_) if asked.by != "campaign_id" => Ok(Err(format!(
            "The rule `{}` shares out by fixed shares of campaigns, not by `{}`.",
            rule.name, asked.by
        ))),
        Basis::Fixed(_) => Ok(Ok(all())),
        // Those who called there.
        Basis::Equally => {
            let dials = MetricRef::new("dials");
            Ok(Ok(figures(engine, &dials, asked.by, Some(place), month).await?))
        }
        Basis::LoggedHours | Basis::PaidHours | Basis::Calls => {
            let Some(metric) = rule.metric() else { return Ok(Ok(all())) };
            Ok(Ok(figures(engine, &metric, asked.by, Some(place), month).await?))
        }
    }
}

/// A figure by the values of a dimension, at a place.
pub(super) async fn figures(
    engine: &Engine,
    metric: &MetricRef,
    by: &str,
    place: Option<&Place>,
    period: Period,
) -> Result<BTreeMap<String, Result<Ratio, Reason>>, NotDone> {
    let question = MetricQuery {
        metrics: vec![metric.clone()],
        by: vec![by.to_owned()],
        filter: place.and_then(Place::condition),
        period,
        ..MetricQuery::default()
    };
    by_value(engine, &question).await
}

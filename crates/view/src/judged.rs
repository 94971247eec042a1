//! Standings of KPIs in words: value, interval, target, status.

use dialmark_govern::target::{Aim, Goal};
use dialmark_govern::{Standing, Status, Trend};
use dialmark_metrics::metric::Unit;
use dialmark_metrics::{Exact, Ratio};
use dialmark_stats::Interval;

use crate::format::{self, DASH};

/// Digits of an interval's ends before they are rounded for people.
const INTERVAL_DIGITS: usize = 9;

/// The value, or a dash.
pub fn value(standing: &Standing) -> String {
    match &standing.cell.value {
        Ok(value) => figure(standing, *value),
        Err(_) => DASH.to_owned(),
    }
}

/// Where the value could as well lie: `72.1 % to 76.4 %`.
pub fn interval(standing: &Standing) -> Option<String> {
    interval_text(standing.interval?, standing.kpi.unit, standing.cell.currency.as_deref())
}

/// The same of any interval, in the unit of its ends.
pub fn interval_text(interval: Interval, unit: Unit, currency: Option<&str>) -> Option<String> {
    let end = |end: f64| {
        let value = Ratio::exact(Exact::parse(&format!("{end:.INTERVAL_DIGITS$}"))?)?;
        Some(format::figure(value, unit, currency).to_string())
    };
    Some(format!("{} to {}", end(interval.low())?, end(interval.high())?))
}

/// The target: `at least 80.0 %`.
pub fn target(standing: &Standing) -> String {
    match &standing.goal {
        Ok(goal) => aim(goal, standing.kpi.unit, standing.cell.currency.as_deref()),
        Err(none) => none.to_string(),
    }
}

fn aim(goal: &Goal, unit: Unit, currency: Option<&str>) -> String {
    let figure = |value: Ratio| format::figure(value, unit, currency).to_string();
    match goal.aim {
        Aim::AtLeast(edge) => format!("at least {}", figure(edge)),
        Aim::AtMost(edge) => format!("at most {}", figure(edge)),
        Aim::Within(from, to) => format!("{} to {}", figure(from), figure(to)),
    }
}

/// The score: `81.3`, or a dash.
pub fn score(score: Option<Ratio>) -> String {
    score.map_or_else(|| DASH.to_owned(), |score| format::fixed(score, 1))
}

/// How it stands, and why nothing can be said where that is so.
pub fn status(standing: &Standing) -> String {
    match &standing.status {
        Status::NotEnough(why) => format!("{}: {why}", standing.status.label()),
        status => status.label().to_owned(),
    }
}

/// A sign beside the status that can be told apart without colour.
pub const fn sign(status: &Status) -> &'static str {
    match status {
        Status::Met => "●",
        Status::Close => "◐",
        Status::Missed => "○",
        Status::NotEnough(_) => "?",
    }
}

/// Whether it has moved, in a word with an arrow.
pub const fn trend(trend: Trend) -> &'static str {
    match trend {
        Trend::Better => "▲ better",
        Trend::Worse => "▼ worse",
        Trend::Higher => "▲ higher",
        Trend::Lower => "▼ lower",
        Trend::Steady => "= no clear change",
        Trend::Unknown => "nothing to compare with",
    }
}

/// The window and how much of it is judged.
pub fn window(standing: &Standing) -> String {
    let is_over = standing.so_far.is_some_and(|part| part.is_over);
    format!("{}{}", standing.stretch, if is_over { "" } else { ", so far" })
}

fn figure(standing: &Standing, value: Ratio) -> String {
    format::figure(value, standing.kpi.unit, standing.cell.currency.as_deref()).to_string()
}

//! One rule with the calls that it is asked about.

use dialmark_engine::{DialledQuery, Engine};
use dialmark_govern::calling::{InForce, Opens, Rule};
use dialmark_metrics::{Expr, Scope};
use dialmark_model::civil::{Calendar, Period};
use jiff::civil::Date;
use jiff::{SignedDuration, Timestamp};

use crate::desk::Desk;
use crate::error::NotDone;
use crate::rows::{condition, quoted};

/// The days that are looked at, the last of them as far as it has gone.
#[derive(Debug, Clone)]
pub(super) struct Stretch {
    pub(super) first: Date,
    pub(super) last: Date,
    /// The beginning of the first day.
    pub(super) from: Timestamp,
    /// First instant that does not count.
    pub(super) to: Timestamp,
}

impl Stretch {
    pub(super) fn of(first: Date, last: Date, at: Timestamp, calendar: &Calendar) -> Option<Stretch> {
        let to = at.checked_add(SignedDuration::from_micros(1)).ok()?;
        Some(Stretch { first, last, from: calendar.day_start(first)?, to })
    }
}

/// A rule, the records, and whose eyes they are seen with.
pub(super) struct Asked<'a> {
    pub(super) engine: &'a Engine,
    pub(super) scope: &'a Scope,
    pub(super) in_force: &'a InForce<'a>,
    pub(super) stretch: &'a Stretch,
    /// The calls that the rule is about, as a condition.
    pub(super) only: Option<String>,
    /// The same without the called region.
    pub(super) anywhere: Option<Expr>,
    filter: Option<Expr>,
}

impl<'a> Asked<'a> {
    pub(super) fn new(
        desk: &Desk<'a>,
        in_force: &'a InForce<'a>,
        campaign: Option<&str>,
        stretch: &'a Stretch,
    ) -> Result<Asked<'a>, NotDone> {
        let own = campaign.map(|name| format!("campaign_id = {}", quoted(name)));
        let everywhere = InForce { region: None, ..in_force.clone() };
        let only = joined(in_force.condition(), own.as_deref());
        let anywhere = joined(everywhere.condition(), own.as_deref());
        let read = |text: &Option<String>| text.as_deref().map(condition).transpose();
        Ok(Asked {
            engine: desk.engine,
            scope: desk.scope,
            in_force,
            stretch,
            filter: read(&only)?,
            anywhere: read(&anywhere)?,
            only,
        })
    }

    pub(super) fn rule(&self) -> &'a Rule {
        self.in_force.rule
    }

    pub(super) fn calendar(&self) -> &'a Calendar {
        self.engine.calendar()
    }

    /// The condition on calls.
    pub(super) fn filter(&self) -> Option<Expr> {
        self.filter.clone()
    }

    /// The condition on calls and another one.
    pub(super) fn filter_and(&self, other: &str) -> Result<Option<Expr>, NotDone> {
        let other = condition(other)?;
        Ok(Some(match self.filter() {
            Some(own) => own.and(other),
            None => other,
        }))
    }

    /// Calls from `back` before the days that are looked at on, but none from before the rule held.
    pub(super) fn calls(&self, same: Option<&str>, back: SignedDuration) -> DialledQuery {
        let from = self.stretch.from.checked_sub(back).unwrap_or(self.stretch.from);
        let held = self.rule().days.from.and_then(|day| self.calendar().day_start(day));
        DialledQuery {
            same: same.map(str::to_owned),
            filter: self.filter(),
            period: Period {
                from: Some(held.map_or(from, |held| from.max(held))),
                to: Some(self.stretch.to),
            },
            scope: self.scope.clone(),
            entries: None,
        }
    }

    /// Whether a call is one of those that are looked at, and on a day on which the rule holds.
    pub(super) fn counts(&self, at: Timestamp, day: Date) -> bool {
        at >= self.stretch.from && self.rule().days.hold(day)
    }

    /// The calls to one number or about one account between two calls, both included.
    pub(super) fn opens(&self, column: &str, value: &str, first: Timestamp, last: Timestamp) -> Opens {
        let whose = format!("direction = 'outbound' and is_call and {column} = {}", quoted(value));
        Opens {
            metric: None,
            condition: joined(Some(whose), self.only.as_deref()),
            from: first,
            to: last.checked_add(SignedDuration::from_micros(1)).unwrap_or(last),
        }
    }

    /// One call.
    pub(super) fn opens_one(&self, source: &str, source_id: Option<&str>, at: Timestamp) -> Opens {
        let one = match source_id {
            Some(id) => format!("source = {} and source_id = {}", quoted(source), quoted(id)),
            None => format!("source = {}", quoted(source)),
        };
        let to = at.checked_add(SignedDuration::from_micros(1)).unwrap_or(at);
        Opens { metric: None, condition: Some(one), from: at, to }
    }
}

/// Both conditions.
pub(super) fn joined(one: Option<String>, other: Option<&str>) -> Option<String> {
    match (one, other) {
        (Some(one), Some(other)) => Some(format!("{one} and {other}")),
        (one, other) => one.or_else(|| other.map(str::to_owned)),
    }
}

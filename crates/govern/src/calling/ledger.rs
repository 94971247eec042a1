//! How calls stand against the rules: windows with what is left of them, violations with their calls, and what cannot be judged.

use std::collections::{BTreeMap, BTreeSet};

use dialmark_metrics::{MetricRef, Ratio};
use dialmark_stats::Interval;
use jiff::Timestamp;
use jiff::civil::Date;

use super::{Asks, Rule};

/// Violations of a rule that are named one by one, the latest; how many there are is counted all the same.
pub const MOST_NAMED: usize = 1_000;

/// How calls stand against the rules in force.
#[derive(Debug, Clone)]
pub struct Ledger {
    /// As of when: nothing later counts.
    pub at: Timestamp,
    /// The business day of that.
    pub day: Date,
    /// The first business day of which violations are looked for.
    pub since: Date,
    /// Where the centre says that it calls.
    pub jurisdictions: Vec<String>,
    /// The rules in force on one of these days, by name.
    pub entries: Vec<Entry>,
    /// What the reader should know.
    pub notes: Vec<String>,
}

/// One rule, and how calls stand against it.
#[derive(Debug, Clone)]
pub struct Entry {
    /// The rule.
    pub rule: Rule,
    /// The calls that it is about, as a condition; `None` for all.
    pub only: Option<String>,
    /// What was found.
    pub found: Found,
    /// What cannot be judged, source by source.
    pub unjudged: Vec<Unjudged>,
}

/// What was found.
#[derive(Debug, Clone)]
pub enum Found {
    /// Shares of abandoned calls, by campaign.
    Shares(Vec<Share>),
    /// Calls that should not have been made.
    Calls(Violations),
}

/// Calls of a window: those of the base, and those of them that were abandoned.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Parts {
    /// Abandoned.
    pub lost: u64,
    /// Of so many.
    pub base: u64,
}

impl Parts {
    /// Both together.
    pub fn plus(self, other: Parts) -> Parts {
        Parts { lost: self.lost.saturating_add(other.lost), base: self.base.saturating_add(other.base) }
    }

    /// The share; `None` without a base.
    pub fn share(self) -> Option<Ratio> {
        use dialmark_metrics::Exact;
        Ratio::of(Exact::integer(i128::from(self.lost)), Exact::integer(i128::from(self.base)))
    }

    /// Whether the share is above a limit. Nothing of nothing is not.
    pub fn is_over(self, limit: Ratio) -> bool {
        self.share().is_some_and(|share| share > limit)
    }
}

/// A window of a campaign.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Windowed {
    /// First day.
    pub from: Date,
    /// First day that does not belong to it.
    pub until: Date,
    /// Its number among successive ones, from 1.
    pub number: Option<u32>,
    /// Its calls, as far as they have been made.
    pub parts: Parts,
    /// Those of them that were abandoned.
    pub opens: Opens,
}

/// How one campaign stands against a limit of abandoned calls.
#[derive(Debug, Clone)]
pub struct Share {
    /// The campaign; `None` for calls of none.
    pub campaign: Option<String>,
    /// The window in which the day lies.
    pub now: Windowed,
    /// How many may still be abandoned; `None` where there is no limit.
    pub budget: Option<Budget>,
    /// Windows with a day since the first one that was asked for and over the limit, in the order of time, the present one
    /// included; of rolling ones each that ends with such a day.
    pub over: Vec<Windowed>,
    /// The window of these with the highest share; `None` when none has calls.
    pub worst: Option<Windowed>,
    /// The rate with estimated machines, and its evidence.
    pub estimate: Option<Estimate>,
}

/// How many calls may still be abandoned.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Budget {
    /// Before the limit is reached, if no more calls were made; below zero when it has been passed.
    pub left: i64,
    /// Calls of the day so far.
    pub today: Parts,
    /// How many more of the base the rest of the day brings at today's volume; `None` where no such weekday tells.
    pub expected: Option<u64>,
    /// Before the limit is reached, when so many more have been made.
    pub left_today: Option<i64>,
}

/// A rate in which machines are estimated.
#[derive(Debug, Clone, PartialEq)]
pub struct Estimate {
    /// The rate over the days that are looked at; `None` without calls.
    pub rate: Option<Ratio>,
    /// Machines that agents met, of the calls that they were given.
    pub machines: Parts,
    /// Where the share of machines could as well lie, at 95 %.
    pub interval: Option<Interval>,
}

/// Calls that should not have been made.
#[derive(Debug, Clone, Default)]
pub struct Violations {
    /// How many calls were judged.
    pub judged: u64,
    /// How many of them should not have been made.
    pub total: u64,
    /// The same by campaign; `None` for calls of none.
    pub by_campaign: BTreeMap<Option<String>, u64>,
    /// The latest of them, at most [`MOST_NAMED`], the latest first.
    pub named: Vec<Violation>,
}

/// A call that should not have been made.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Violation {
    /// The call's source.
    pub source: String,
    /// Its identifier there, if its source gives any.
    pub source_id: Option<String>,
    /// When it was dialled.
    pub at: Timestamp,
    /// The zone of the called place, or of the centre where the call does not say.
    pub zone: String,
    /// Its campaign.
    pub campaign: Option<String>,
    /// Who was called: a number, as it is kept, or an account.
    pub whom: Option<String>,
    /// Which call of its window it is, or of a rest, which day.
    pub count: Option<u32>,
    /// What is wrong with it, in a sentence.
    pub says: String,
    /// The calls that make it one.
    pub opens: Opens,
}

/// Calls, as records are asked for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Opens {
    /// A metric whose numerator they are; `None` for calls as such.
    pub metric: Option<MetricRef>,
    /// The condition on them.
    pub condition: Option<String>,
    /// First instant.
    pub from: Timestamp,
    /// First instant that does not belong to it.
    pub to: Timestamp,
}

/// What a source cannot show.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Unjudged {
    /// The source; `None` where no source is to blame.
    pub source: Option<String>,
    /// Calls of it that are not judged.
    pub calls: u64,
    /// Of so many that the rule is about.
    pub of: u64,
    /// What it is, in a sentence.
    pub says: String,
}

impl Ledger {
    /// Violations of all rules together, calls and windows alike.
    pub fn violations(&self) -> u64 {
        self.entries.iter().map(Entry::violations).sum()
    }

    /// What is left of every limit: the rule, the campaign and the budget.
    pub fn budgets(&self) -> impl Iterator<Item = (&Entry, &Share, Budget)> {
        self.entries.iter().flat_map(|entry| {
            let shares = match &entry.found {
                Found::Shares(shares) => shares.as_slice(),
                Found::Calls(_) => &[],
            };
            shares.iter().filter_map(move |share| Some((entry, share, share.budget?)))
        })
    }

    /// Of each campaign the limit that is nearest: of which least is left, the campaign with the least in front.
    pub fn tightest(&self) -> Vec<(&Entry, &Share, Budget)> {
        let mut all: Vec<_> = self.budgets().collect();
        all.sort_by(|(a, one, of_one), (b, other, of_other)| {
            let left =
                |budget: &Budget| budget.left_today.map_or(budget.left, |today| today.min(budget.left));
            let key = |entry: &Entry| entry.rule.name.clone();
            left(of_one)
                .cmp(&left(of_other))
                .then_with(|| (&one.campaign, key(a)).cmp(&(&other.campaign, key(b))))
        });
        let mut seen = BTreeSet::new();
        all.retain(|(_, share, _)| seen.insert(share.campaign.clone()));
        all
    }
}

impl Rule {
    /// The limit of a rule about abandoned calls; `None` where there is none.
    pub fn limit(&self) -> Option<Ratio> {
        match &self.asks {
            Asks::Abandoned(abandoned) => abandoned.at_most,
            _ => None,
        }
    }
}

impl Entry {
    /// Calls that should not have been made, or windows over their limit.
    pub fn violations(&self) -> u64 {
        match &self.found {
            Found::Calls(violations) => violations.total,
            Found::Shares(shares) => {
                shares.iter().map(|share| u64::try_from(share.over.len()).unwrap_or(u64::MAX)).sum()
            }
        }
    }

    /// Whether nothing at all could be judged.
    pub fn is_unjudged(&self) -> bool {
        let nothing = match &self.found {
            Found::Calls(violations) => violations.judged == 0,
            Found::Shares(shares) => shares.iter().all(|share| share.worst.is_none()),
        };
        nothing && !self.unjudged.is_empty()
    }
}

impl Violations {
    /// Notes one.
    pub fn note(&mut self, violation: Violation) {
        self.total += 1;
        *self.by_campaign.entry(violation.campaign.clone()).or_default() += 1;
        self.named.push(violation);
        // Twice as many as are kept, so that they are seldom sorted.
        if self.named.len() >= MOST_NAMED * 2 {
            self.keep_latest();
        }
    }

    /// Puts the latest first, in an order that depends on nothing but the calls.
    pub fn keep_latest(&mut self) {
        self.named.sort_by(|a, b| {
            let key = |one: &Violation| (one.source.clone(), one.source_id.clone(), one.whom.clone());
            b.at.cmp(&a.at).then_with(|| key(a).cmp(&key(b)))
        });
        self.named.truncate(MOST_NAMED);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn violation(second: i64) -> Violation {
        let at = Timestamp::from_second(second).unwrap();
        Violation {
            source: "dialler".to_owned(),
            source_id: Some(second.to_string()),
            at,
            zone: "UTC".to_owned(),
            campaign: (second % 2 == 0).then(|| "home".to_owned()),
            whom: None,
            count: None,
            says: String::new(),
            opens: Opens { metric: None, condition: None, from: at, to: at },
        }
    }

    #[test]
    fn all_are_counted_and_the_latest_are_named() {
        let mut violations = Violations::default();
        (0..2_500).for_each(|second| violations.note(violation(second)));
        violations.keep_latest();
        assert_eq!((violations.total, violations.named.len()), (2_500, MOST_NAMED));
        assert_eq!(violations.named.first(), Some(&violation(2_499)));
        assert_eq!(violations.named.last(), Some(&violation(1_500)));
        assert_eq!(violations.by_campaign[&None], 1_250);
    }

    #[test]
    fn a_share_at_the_limit_is_not_over_it_and_nothing_of_nothing_is_no_share() {
        let limit = Ratio::parse("0.03").unwrap();
        assert!(!Parts { lost: 3, base: 100 }.is_over(limit));
        assert!(Parts { lost: 3, base: 99 }.is_over(limit));
        assert!(!Parts::default().is_over(limit) && Parts::default().share().is_none());
    }
}

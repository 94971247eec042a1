//! Measures: additive quantities with a unit, and how each is read from a table.

use crate::expr::Expr;

/// A quantity that adds up, such as `dials` or `talk_ms`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Measure {
    /// Name, as in `[measure.NAME]`. Counts are plural, durations end in `_ms`, money in `_amount`.
    pub id: String,
    /// What one of it is: `calls`, `ms`, `GBP` (`money` when the currency comes with the record).
    pub unit: String,
    /// One sentence.
    pub about: String,
    /// What it says of a place that has records, but none that matches.
    pub no_match: NoMatch,
    /// How it is read, by table.
    pub bindings: Vec<Binding>,
}

/// What a measure says of a place that has records, but none that matches.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum NoMatch {
    /// Nothing happened: the count or sum is zero. A campaign with dials and no sale sold nothing.
    #[default]
    Zero,
    /// Nobody wrote it down there: the measure is not known. A campaign to which only its leads are booked does not run
    /// for nothing; its share of the wages is booked elsewhere.
    Unknown,
}

impl Measure {
    /// How it is read from this table.
    pub fn on(&self, table: &str) -> Option<&Binding> {
        self.bindings.iter().find(|b| b.table == table)
    }
}

/// How a measure is read from one table.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Binding {
    /// The table.
    pub table: String,
    /// Instant or day at which a record counts; `None` for the table's own first known time.
    pub at: Option<String>,
    /// Only records at least this long (milliseconds, `$param` allowed) before the end of the data count: the
    /// window in which something may still happen to them has passed.
    pub matured: Option<Expr>,
    /// What is added up.
    pub shape: Shape,
    /// File in which it is declared.
    pub declared_in: String,
}

/// What is added up.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Shape {
    /// One pass over the records.
    Records(Aggregate),
    /// Records that another record of the same entity follows, or does not follow.
    Followed {
        /// Which records are counted.
        among: Expr,
        /// Column that names the entity; records without one do not count.
        same: String,
        /// How far ahead the follower may begin, in milliseconds.
        within: Expr,
        /// Which records are followers.
        follower: Expr,
        /// Count those that are not followed.
        negated: bool,
    },
    /// Records first grouped, then the groups added up: agent-days, for instance.
    Grouped {
        /// Columns or time words (`day`) that make a group.
        per: Vec<String>,
        /// Which records go in.
        among: Option<Expr>,
        /// Quantities of one group, by name.
        each: Vec<(String, Aggregate)>,
        /// What is added up over the groups; its expressions speak of the names in `each`.
        outer: Aggregate,
    },
}

/// A function over records and which records it takes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Aggregate {
    /// What is done.
    pub function: Function,
    /// Which records; all when absent.
    pub filter: Option<Expr>,
}

/// What an aggregate does.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Function {
    /// Number of records.
    Count,
    /// Sum of an expression.
    Sum(Expr),
    /// Smallest value.
    Min(Expr),
    /// Largest value.
    Max(Expr),
    /// Number of different values, nulls not counted.
    Distinct(Expr),
}

impl Function {
    /// The expression, when there is one.
    pub fn argument(&self) -> Option<&Expr> {
        match self {
            Function::Count => None,
            Function::Sum(e) | Function::Min(e) | Function::Max(e) | Function::Distinct(e) => Some(e),
        }
    }

    /// Whether parts may be added up to a whole.
    pub const fn is_additive(&self) -> bool {
        matches!(self, Function::Count | Function::Sum(_))
    }
}

impl std::fmt::Display for Aggregate {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match &self.function {
            Function::Count => write!(out, "count")?,
            Function::Sum(e) => write!(out, "sum({e})")?,
            Function::Min(e) => write!(out, "min({e})")?,
            Function::Max(e) => write!(out, "max({e})")?,
            Function::Distinct(e) => write!(out, "distinct({e})")?,
        }
        match &self.filter {
            Some(filter) => write!(out, " where {filter}"),
            None => Ok(()),
        }
    }
}

impl Aggregate {
    /// Every expression in it.
    pub fn expressions(&self) -> impl Iterator<Item = &Expr> {
        self.function.argument().into_iter().chain(self.filter.as_ref())
    }

    /// Reads a sentence: `count`, `count where E`, `sum(E) where E`, likewise `min`, `max`, `distinct`.
    pub fn parse(sentence: &str) -> Result<Aggregate, crate::expr::ExprError> {
        use crate::expr::{ExprError, parse, parse_where};
        let trimmed = sentence.trim();
        let word_end = trimmed.find(|c: char| !c.is_ascii_alphabetic()).unwrap_or(trimmed.len());
        let (word, rest) = trimmed.split_at(word_end);
        let word = word.to_ascii_lowercase();
        if word == "count" {
            let rest = rest.trim();
            let filter = match rest.strip_prefix("where").or_else(|| rest.strip_prefix("WHERE")) {
                Some(condition) => Some(parse(condition)?),
                None if rest.is_empty() => None,
                None => {
                    return Err(ExprError(format!("`{sentence}` should read `count` or `count where ...`.")));
                }
            };
            return Ok(Aggregate { function: Function::Count, filter });
        }
        let make: fn(Expr) -> Function = match word.as_str() {
            "sum" => Function::Sum,
            "min" => Function::Min,
            "max" => Function::Max,
            "distinct" => Function::Distinct,
            _ => {
                return Err(ExprError(format!(
                    "`{sentence}` does not begin with what is done: `count`, `sum(...)`, `min(...)`, `max(...)` or `distinct(...)`."
                )));
            }
        };
        // The argument stands in parentheses, so reading the rest as an expression yields the argument.
        if !rest.trim_start().starts_with('(') {
            return Err(ExprError(format!("`{sentence}` should read `{word}(...)`.")));
        }
        let (argument, filter) = parse_where(rest)?;
        Ok(Aggregate { function: make(argument), filter })
    }
}

impl Binding {
    /// Every expression over the table's own columns.
    pub fn record_expressions(&self) -> Vec<&Expr> {
        match &self.shape {
            Shape::Records(aggregate) => aggregate.expressions().collect(),
            Shape::Followed { among, follower, .. } => vec![among, follower],
            Shape::Grouped { among, each, .. } => {
                among.iter().chain(each.iter().flat_map(|(_, a)| a.expressions())).collect()
            }
        }
    }

    /// Every expression that may hold a parameter.
    pub fn all_expressions(&self) -> Vec<&Expr> {
        let mut all = self.record_expressions();
        match &self.shape {
            Shape::Records(_) => {}
            Shape::Followed { within, .. } => all.push(within),
            Shape::Grouped { outer, .. } => all.extend(outer.expressions()),
        }
        all.extend(self.matured.as_ref());
        all
    }

    /// Whether parts may be added up to a whole.
    pub fn is_additive(&self) -> bool {
        match &self.shape {
            Shape::Records(aggregate) => aggregate.function.is_additive(),
            Shape::Followed { .. } | Shape::Grouped { .. } => false,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sentences_are_read() {
        for sentence in [
            "count",
            "count where outcome = 'sale'",
            "sum(talk_ms)",
            "sum(talk_ms + hold_ms) where agent_id is not null",
            "distinct(customer_id)",
            "max(duration_ms) where a = 1 and b = 2",
        ] {
            assert_eq!(Aggregate::parse(sentence).unwrap().to_string(), sentence);
        }
    }

    #[test]
    fn what_is_no_sentence_is_refused() {
        for sentence in [
            "",
            "counts",
            "avg(talk_ms)",
            "sum talk_ms",
            "sum(talk_ms) wher a",
            "count of calls",
            "sum(a), sum(b)",
        ] {
            assert!(Aggregate::parse(sentence).is_err(), "{sentence}");
        }
    }
}

//! Measures: additive quantities with a unit, and how each is read from a table.

mod words;

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
    /// File in which it is declared.
    pub declared_in: String,
    /// Line of the declaration.
    pub line: usize,
}

/// What a measure says of a place that has records, but none that matches.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
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
    /// Only records of this age count.
    pub matured: Option<Matured>,
    /// A length of time that is shared out over the intervals that it crosses; `None` when it counts whole where its
    /// record counts.
    pub split: Option<Split>,
    /// How lengths that belong to no value of a column are shared out over its values.
    pub share: Option<Share>,
    /// Time of another table's records that covers these.
    pub covered: Option<Box<Covered>>,
    /// What is added up.
    pub shape: Shape,
    /// File in which it is declared.
    pub declared_in: String,
    /// Line of the declaration.
    pub line: usize,
}

/// Which records count by their age when the data ends.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Matured {
    /// The window in which something may still happen to a record, in milliseconds; `$param` allowed.
    pub window: Expr,
    /// Count those whose window has passed, or else those whose window has not.
    pub has_passed: bool,
}

/// How a length of time is shared out.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Split {
    /// The duration that is added up begins at this instant.
    Length {
        /// The column.
        from: String,
    },
    /// Every day from the first to the last counts by itself.
    Days {
        /// Column of the first day.
        from: String,
        /// Column of the last day; a missing one is open.
        until: String,
        /// Only days that lie before the end of the data count.
        so_far: bool,
    },
}

/// Lengths without a value of a column, shared out over the values that the same group has.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Share {
    /// The column, such as `campaign_id`.
    pub column: String,
    /// Columns or time words that make a group: an agent's day.
    pub per: Vec<String>,
    /// The weight of a value within its group: a sum of a duration.
    pub by: Aggregate,
}

/// The part of a record's time that is covered by another table's records of the same entity: planned time during which
/// an agent really worked. Records of the other table that lie over each other cover their time once.
///
/// What is added up speaks of [`Covered::COVERED`] and [`Covered::UNCOVERED`], which make up the record's length as far as
/// there is data. Of an entity that the other table does not know neither is known.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Covered {
    /// Length of the record, which begins where its split begins.
    pub length: Expr,
    /// The other table.
    pub table: String,
    /// Column that names the entity.
    pub same: String,
    /// Column that names the entity there.
    pub same_there: String,
    /// Instant at which the time of a record there begins.
    pub from: String,
    /// Its length.
    pub lasts: Expr,
    /// Which records there cover.
    pub filter: Expr,
}

impl Covered {
    /// Milliseconds of a record that are covered.
    pub const COVERED: &str = "covered_ms";
    /// Milliseconds of a record that are not.
    pub const UNCOVERED: &str = "uncovered_ms";

    /// Whether a name is one of the two lengths.
    pub fn is_length(name: &str) -> bool {
        name == Covered::COVERED || name == Covered::UNCOVERED
    }
}

/// What is added up.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Shape {
    /// One pass over the records.
    Records(Aggregate),
    /// Records that another record of the same entity follows, or does not follow.
    Followed(Box<Followed>),
    /// Records first grouped, then the groups added up: agent-days, for instance.
    Grouped {
        /// Columns, dimensions or time words that make a group.
        per: Vec<String>,
        /// Which records go in.
        among: Option<Expr>,
        /// Quantities of one group, by name.
        each: Vec<(String, Aggregate)>,
        /// What is added up over the groups; its expressions speak of the names in `each`.
        outer: Aggregate,
    },
}

/// Records and what follows them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Followed {
    /// Which records are counted.
    pub among: Expr,
    /// Column that names the entity; records without one do not count.
    pub same: String,
    /// Only the first record of each entity counts, of all those for which this holds.
    pub first: Option<Expr>,
    /// What is added up of a counted record.
    pub value: FollowedValue,
    /// Which of them count: those that are followed, those that are not, or all.
    pub hit: Hit,
    /// Table of the followers; the binding's own when absent.
    pub follower_table: Option<String>,
    /// Column that names the entity there.
    pub follower_same: String,
    /// Instant at which a follower happens there; the table's own when absent.
    pub follower_at: Option<String>,
    /// Which records are followers.
    pub follower: Expr,
    /// How far ahead a follower may begin, in milliseconds; any time later when absent.
    pub within: Option<Expr>,
    /// A follower at the same instant is one as well.
    pub or_at_once: bool,
    /// Only the next follower is looked at.
    pub next: bool,
    /// What must hold of the follower that is looked at.
    pub then: Option<Expr>,
    /// A column by whose level record and follower are compared.
    pub level: Option<(String, Level)>,
}

/// How the level of a follower must stand to that of the record. A level is the first number in a text (`31-60` is 31);
/// `current` is zero, and other texts without a number have no place in the order.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Level {
    /// Higher.
    Rises,
    /// Both have a place in the order.
    Known,
}

/// Which records of those that something may follow count.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Hit {
    /// Those that are followed.
    Followed,
    /// Those that are not.
    NotFollowed,
    /// All of them.
    Any,
}

/// What is added up of a record that something may follow.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum FollowedValue {
    /// The record itself.
    Count,
    /// An expression over its columns.
    Sum(Expr),
    /// The time to the first follower, in milliseconds.
    Elapsed,
    /// Each such time, for a distribution.
    ElapsedValues,
}

impl std::fmt::Display for FollowedValue {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            FollowedValue::Count => write!(out, "count"),
            FollowedValue::Sum(e) => write!(out, "sum({e})"),
            FollowedValue::Elapsed => write!(out, "sum(elapsed_ms)"),
            FollowedValue::ElapsedValues => write!(out, "values(elapsed_ms)"),
        }
    }
}

impl std::fmt::Display for Followed {
    /// `count where ..., not followed within $window by a record with the same customer_id where ...`
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(out, "{} where {}", self.value, self.among)?;
        match &self.first {
            Some(first) if *first == self.among => write!(out, ", only the first of each {}", self.same)?,
            Some(first) => {
                write!(out, ", only if it is the first of its {} where {first}", self.same)?;
            }
            None => {}
        }
        match self.hit {
            Hit::Any => return Ok(()),
            Hit::Followed => write!(out, ", followed")?,
            Hit::NotFollowed => write!(out, ", not followed")?,
        }
        if let Some(within) = &self.within {
            write!(out, " within {within}")?;
        }
        write!(out, " by {} record", if self.next { "the next" } else { "a" })?;
        if let Some(table) = &self.follower_table {
            write!(out, " of {table}")?;
        }
        write!(out, " with the same {} where {}", self.follower_same, self.follower)?;
        match &self.level {
            Some((column, Level::Rises)) => write!(out, " and with a higher {column}")?,
            Some((column, Level::Known)) => write!(out, " and with a {column} that can be compared")?,
            None => {}
        }
        match &self.then {
            Some(then) => write!(out, ", of which {then}"),
            None => Ok(()),
        }
    }
}

impl std::fmt::Display for Shape {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Shape::Records(aggregate) => write!(out, "{aggregate}"),
            Shape::Followed(followed) => write!(out, "{followed}"),
            Shape::Grouped { per, among, each, outer } => {
                write!(out, "{outer} over each {}", per.join(", "))?;
                if let Some(among) = among {
                    write!(out, " where {among}")?;
                }
                let each: Vec<String> = each.iter().map(|(name, what)| format!("{name} = {what}")).collect();
                if each.is_empty() { Ok(()) } else { write!(out, " with {}", each.join("; ")) }
            }
        }
    }
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
    /// All values, for a distribution.
    Values(Expr),
}

impl Function {
    /// The expression, when there is one.
    pub fn argument(&self) -> Option<&Expr> {
        match self {
            Function::Count => None,
            Function::Sum(e)
            | Function::Min(e)
            | Function::Max(e)
            | Function::Distinct(e)
            | Function::Values(e) => Some(e),
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
            Function::Values(e) => write!(out, "values({e})")?,
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

    /// Reads a sentence: `count`, `count where E`, `sum(E) where E`, likewise `min`, `max`, `distinct`, `values`.
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
            "values" => Function::Values,
            _ => {
                return Err(ExprError(format!(
                    "`{sentence}` does not begin with what is done: `count`, `sum(...)`, `min(...)`, `max(...)`, `distinct(...)` or `values(...)`."
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
            Shape::Followed(followed) => {
                let value = match &followed.value {
                    FollowedValue::Sum(e) => Some(e),
                    _ => None,
                };
                // A follower of another table is checked against that one.
                let follower = followed.follower_table.is_none().then_some(&followed.follower);
                let then = followed.then.as_ref().filter(|_| followed.follower_table.is_none());
                let all = std::iter::once(&followed.among).chain(&followed.first);
                all.chain(value).chain(follower).chain(then).collect()
            }
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
            Shape::Followed(followed) => {
                if followed.follower_table.is_some() {
                    all.push(&followed.follower);
                    all.extend(&followed.then);
                }
                all.extend(&followed.within);
            }
            Shape::Grouped { outer, .. } => all.extend(outer.expressions()),
        }
        all.extend(self.matured.as_ref().map(|m| &m.window));
        all.extend(self.share.iter().flat_map(|s| s.by.expressions()));
        all.extend(self.covered.iter().flat_map(|c| [&c.length, &c.lasts, &c.filter]));
        all
    }

    /// Whether the sum over a stretch of days is the sum of the days' sums.
    pub fn adds_up_over_days(&self) -> bool {
        match &self.shape {
            Shape::Records(aggregate) => {
                matches!(aggregate.function, Function::Count | Function::Sum(_) | Function::Values(_))
            }
            // Every record counts on its own day.
            Shape::Followed(_) => true,
            Shape::Grouped { per, outer, .. } => {
                matches!(outer.function, Function::Count | Function::Sum(_))
                    && per.iter().any(|p| matches!(p.as_str(), "day" | "hour_start"))
            }
        }
    }

    /// Whether it holds all values rather than their sum.
    pub fn is_of_values(&self) -> bool {
        match &self.shape {
            Shape::Records(aggregate) => matches!(aggregate.function, Function::Values(_)),
            Shape::Followed(followed) => followed.value == FollowedValue::ElapsedValues,
            Shape::Grouped { outer, .. } => matches!(outer.function, Function::Values(_)),
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
            "values(talk_ms) where a",
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

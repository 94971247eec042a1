//! Formulas over metrics: `promoters_rate - detractors_rate`, worked out in exact fractions after everything has been
//! added up.

mod parse;

use std::fmt;

use crate::exact::{Exact, Ratio};
use crate::metric::{MetricRef, Unit};

pub use parse::parse;

/// A formula over metrics.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Arithmetic {
    /// A plain number.
    Number(Exact),
    /// A length of time in milliseconds, written `duration('1 day')`.
    Duration(i64),
    /// A parameter of the metric, written `$name`.
    Param(String),
    /// A metric.
    Metric(MetricRef),
    /// The opposite.
    Negate(Box<Arithmetic>),
    /// Two operands.
    Binary(Operator, Box<Arithmetic>, Box<Arithmetic>),
}

/// What joins two operands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Operator {
    /// `+`
    Plus,
    /// `-`
    Minus,
    /// `*`
    Times,
    /// `/`
    Over,
}

impl Operator {
    /// The sign.
    pub const fn sign(self) -> &'static str {
        match self {
            Operator::Plus => "+",
            Operator::Minus => "-",
            Operator::Times => "*",
            Operator::Over => "/",
        }
    }
}

/// Powers of time and of money: what must agree before two values are added.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Dimension {
    /// 1 for a length of time, -1 for something over time.
    pub time: i8,
    /// 1 for money.
    pub money: i8,
}

impl Dimension {
    /// A number without a unit.
    pub const PLAIN: Dimension = Dimension { time: 0, money: 0 };

    /// That of a metric's value.
    pub const fn of(unit: Unit) -> Dimension {
        match unit {
            Unit::Duration => Dimension { time: 1, money: 0 },
            Unit::Money => Dimension { time: 0, money: 1 },
            Unit::Count | Unit::Share | Unit::Ratio | Unit::PerHour | Unit::Score => Dimension::PLAIN,
        }
    }

    fn noun(self) -> String {
        match (self.time, self.money) {
            (0, 0) => "a plain number".to_owned(),
            (1, 0) => "a length of time".to_owned(),
            (0, 1) => "money".to_owned(),
            (time, money) => format!("time to the power of {time} and money to the power of {money}"),
        }
    }
}

impl Arithmetic {
    /// The metrics of which it is the product, two at least; `None` when it is anything else.
    pub fn product(&self) -> Option<Vec<MetricRef>> {
        fn gather(part: &Arithmetic, factors: &mut Vec<MetricRef>) -> bool {
            match part {
                Arithmetic::Metric(metric) => {
                    factors.push(metric.clone());
                    true
                }
                Arithmetic::Binary(Operator::Times, a, b) => gather(a, factors) && gather(b, factors),
                _ => false,
            }
        }
        let mut factors = Vec::new();
        (gather(self, &mut factors) && factors.len() > 1).then_some(factors)
    }

    /// Whether it does nothing but add and subtract metrics of which this is true.
    pub fn is_sum_of(&self, is_true: &dyn Fn(&MetricRef) -> bool) -> bool {
        match self {
            Arithmetic::Metric(part) => is_true(part),
            Arithmetic::Negate(inner) => inner.is_sum_of(is_true),
            Arithmetic::Binary(Operator::Plus | Operator::Minus, a, b) => {
                a.is_sum_of(is_true) && b.is_sum_of(is_true)
            }
            Arithmetic::Binary(Operator::Times | Operator::Over, ..)
            | Arithmetic::Number(_)
            | Arithmetic::Duration(_)
            | Arithmetic::Param(_) => false,
        }
    }

    /// Metrics in it, in the order of writing.
    pub fn metrics(&self) -> Vec<&MetricRef> {
        let mut all = Vec::new();
        self.walk(&mut |part| {
            if let Arithmetic::Metric(metric) = part {
                all.push(metric);
            }
        });
        all
    }

    /// Parameters in it.
    pub fn params(&self) -> Vec<&str> {
        let mut all: Vec<&str> = Vec::new();
        self.walk(&mut |part| {
            if let Arithmetic::Param(name) = part
                && !all.contains(&name.as_str())
            {
                all.push(name);
            }
        });
        all
    }

    fn walk<'a>(&'a self, visit: &mut impl FnMut(&'a Arithmetic)) {
        visit(self);
        match self {
            Arithmetic::Negate(inner) => inner.walk(visit),
            Arithmetic::Binary(_, a, b) => {
                a.walk(visit);
                b.walk(visit);
            }
            _ => {}
        }
    }

    /// The unit of the result; `None` when parameters alone decide it. An error is a sentence.
    pub fn dimension(&self, of: &impl Fn(&MetricRef) -> Option<Unit>) -> Result<Option<Dimension>, String> {
        Ok(match self {
            Arithmetic::Number(_) => Some(Dimension::PLAIN),
            Arithmetic::Duration(_) => Some(Dimension { time: 1, money: 0 }),
            Arithmetic::Param(_) => None,
            Arithmetic::Metric(metric) => of(metric).map(Dimension::of),
            Arithmetic::Negate(inner) => inner.dimension(of)?,
            Arithmetic::Binary(op, a, b) => {
                let (left, right) = (a.dimension(of)?, b.dimension(of)?);
                match (op, left, right) {
                    (Operator::Plus | Operator::Minus, Some(x), Some(y)) if x != y => {
                        return Err(format!(
                            "`{a}` is {}, but `{b}` is {}; the two cannot be combined by `{}`.",
                            x.noun(),
                            y.noun(),
                            op.sign()
                        ));
                    }
                    (Operator::Plus | Operator::Minus, x, y) => x.or(y),
                    (Operator::Times, Some(x), Some(y)) => {
                        Some(Dimension { time: x.time + y.time, money: x.money + y.money })
                    }
                    (Operator::Over, Some(x), Some(y)) => {
                        Some(Dimension { time: x.time - y.time, money: x.money - y.money })
                    }
                    _ => None,
                }
            }
        })
    }

    /// Works it out. `value` gives a metric's value or why it has none, `param` a parameter's.
    pub fn work_out<E>(
        &self,
        value: &impl Fn(&MetricRef) -> Result<Ratio, E>,
        param: &impl Fn(&str) -> Option<i64>,
        failed: &impl Fn(Failed) -> E,
    ) -> Result<Ratio, E> {
        let again = |part: &Arithmetic| part.work_out(value, param, failed);
        let fits = |ratio: Option<Ratio>| ratio.ok_or_else(|| failed(Failed::TooLarge));
        match self {
            Arithmetic::Number(number) => fits(Ratio::exact(*number)),
            Arithmetic::Duration(ms) => fits(Ratio::exact(Exact::integer(i128::from(*ms)))),
            Arithmetic::Param(name) => {
                fits(param(name).and_then(|value| Ratio::exact(Exact::integer(i128::from(value)))))
            }
            Arithmetic::Metric(metric) => value(metric),
            Arithmetic::Negate(inner) => fits(Ratio::ZERO.minus(again(inner)?)),
            Arithmetic::Binary(op, a, b) => {
                let (a, b) = (again(a)?, again(b)?);
                match op {
                    Operator::Plus => fits(a.plus(b)),
                    Operator::Minus => fits(a.minus(b)),
                    Operator::Times => fits(a.times(b)),
                    Operator::Over if b.is_zero() => Err(failed(Failed::ZeroDenominator)),
                    Operator::Over => fits(a.over(b)),
                }
            }
        }
    }
}

/// Why a formula has no value although its parts have.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Failed {
    /// Something is divided by zero.
    ZeroDenominator,
    /// A part does not fit 128 bits.
    TooLarge,
}

impl fmt::Display for Arithmetic {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Arithmetic::Number(number) => write!(out, "{number}"),
            Arithmetic::Duration(ms) => write!(out, "duration('{ms} ms')"),
            Arithmetic::Param(name) => write!(out, "${name}"),
            Arithmetic::Metric(metric) => write!(out, "{metric}"),
            Arithmetic::Negate(inner) => write!(out, "-{}", inner.wrapped()),
            Arithmetic::Binary(op, a, b) => {
                let is_sum = |op: &Operator| matches!(op, Operator::Plus | Operator::Minus);
                let left = match a.as_ref() {
                    // Operators of one rank are read from the left.
                    Arithmetic::Binary(inner, ..) if is_sum(op) || !is_sum(inner) => a.to_string(),
                    _ => a.wrapped(),
                };
                let right = if matches!(op, Operator::Plus) { b.to_string() } else { b.wrapped() };
                write!(out, "{left} {} {right}", op.sign())
            }
        }
    }
}

impl Arithmetic {
    fn wrapped(&self) -> String {
        match self {
            Arithmetic::Binary(..) => format!("({self})"),
            _ => self.to_string(),
        }
    }
}

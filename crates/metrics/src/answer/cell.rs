//! The last step: from sums to a figure, with everything that a reader needs to doubt it.

use super::{Cell, Reason, Sum};
use crate::arithmetic::{Arithmetic, Failed};
use crate::exact::{Exact, Ratio};
use crate::metric::{MetricRef, Params, Statistic};

impl Cell {
    /// No record at all.
    pub fn empty() -> Cell {
        Cell::null(Reason::NoData)
    }

    /// No value, for this reason.
    pub fn null(reason: Reason) -> Cell {
        Cell {
            value: Err(reason),
            numerator: None,
            denominator: None,
            n: 0,
            missing: 0,
            undecided: 0,
            pending: 0,
            bars: Vec::new(),
            currency: None,
        }
    }

    /// The measure itself.
    pub fn simple(sum: Option<&Sum>) -> Cell {
        let Some(sum) = sum else { return Cell::empty() };
        let value = match (sum.total, sum.is_mixed()) {
            (_, true) => Err(Reason::MixedCurrencies),
            (None, _) => Err(sum.nothing()),
            (Some(total), _) => Ratio::exact(total).ok_or(Reason::TooLarge),
        };
        Cell {
            value,
            // A sum over different currencies is no number.
            numerator: sum.total.filter(|_| !sum.is_mixed()),
            n: sum.n,
            missing: sum.missing,
            undecided: sum.undecided,
            currency: sum.currency(),
            ..Cell::empty()
        }
    }

    /// One measure over another: the last division.
    pub fn ratio(numerator: Option<&Sum>, denominator: Option<&Sum>, times: i64) -> Cell {
        let (Some(top), Some(bottom)) = (numerator, denominator) else {
            let known = |s: Option<&Sum>| s.and_then(|s| s.total);
            return Cell {
                numerator: known(numerator),
                denominator: known(denominator),
                n: denominator.map_or(0, |d| d.n),
                currency: numerator.and_then(Sum::currency).or_else(|| denominator.and_then(Sum::currency)),
                ..Cell::empty()
            };
        };
        let value = if top.is_mixed() || bottom.is_mixed() {
            Err(Reason::MixedCurrencies)
        } else {
            match (top.total, bottom.total) {
                _ if top.blocked.is_some() => Err(top.nothing()),
                (_, Some(zero)) if zero.is_zero() => Err(Reason::ZeroDenominator),
                (None, _) => Err(top.nothing()),
                (_, None) => Err(bottom.nothing()),
                (Some(a), Some(b)) => Ratio::scaled(a, b, times).ok_or(Reason::TooLarge),
            }
        };
        Cell {
            value,
            numerator: top.total.filter(|_| !top.is_mixed()),
            denominator: bottom.total.filter(|_| !bottom.is_mixed()),
            n: bottom.n,
            // Mostly the same records on both sides: so many at least, and none counted twice.
            missing: top.missing.max(bottom.missing),
            undecided: top.undecided.max(bottom.undecided),
            currency: top.currency().or_else(|| bottom.currency()),
            ..Cell::empty()
        }
    }

    /// Converted over base, of those whose window has passed; the others are pending and count in neither.
    pub fn conversion(converted: Option<&Sum>, base: Option<&Sum>, pending: Option<&Sum>) -> Cell {
        let pending = pending.map_or(0, |p| p.n);
        let cell = Cell::ratio(converted, base, 1);
        let none_matured = pending > 0 && base.is_none_or(|b| b.n == 0);
        let value = if none_matured { Err(Reason::NotMatured) } else { cell.value };
        Cell { value, pending, ..cell }
    }

    /// One value of a distribution, and its histogram when bars have a width.
    pub fn distribution(sum: Option<&Sum>, statistic: &Statistic, width: Option<Exact>) -> Cell {
        let Some(sum) = sum else { return Cell::empty() };
        let spread = sum.spread.clone().unwrap_or_default();
        let value = match spread.n() {
            _ if sum.is_mixed() => Err(Reason::MixedCurrencies),
            // A measure that waits for values it never got says so; one that nothing matched has no data.
            0 => Err(sum.nothing()),
            1 if *statistic == Statistic::Deviation => Err(Reason::ZeroDenominator),
            _ => spread.value(statistic).ok_or(Reason::TooLarge),
        };
        Cell {
            value,
            n: spread.n(),
            missing: sum.missing,
            undecided: sum.undecided,
            bars: width.map(|width| spread.bars(width)).unwrap_or_default(),
            currency: sum.currency(),
            ..Cell::empty()
        }
    }

    /// A formula over other cells.
    pub fn derived<'c>(
        arithmetic: &Arithmetic,
        cell: &impl Fn(&MetricRef) -> Option<&'c Cell>,
        params: &Params,
    ) -> Cell {
        let parts: Vec<&Cell> = arithmetic.metrics().into_iter().filter_map(cell).collect();
        let currency = match currency_of(arithmetic, cell) {
            Ok(currency) => currency,
            Err(()) => return Cell { n: least_n(&parts), ..Cell::null(Reason::MixedCurrencies) },
        };
        let value = arithmetic.work_out(
            &|metric| cell(metric).map_or(Err(Reason::NoData), |c| c.value.clone()),
            &|name| params.0.get(name).copied(),
            &|failed| match failed {
                Failed::ZeroDenominator => Reason::ZeroDenominator,
                Failed::TooLarge => Reason::TooLarge,
            },
        );
        let most = |of: fn(&Cell) -> u64| parts.iter().map(|c| of(c)).max().unwrap_or(0);
        Cell {
            value,
            n: least_n(&parts),
            missing: most(|c| c.missing),
            undecided: most(|c| c.undecided),
            pending: most(|c| c.pending),
            currency,
            ..Cell::empty()
        }
    }
}

/// A formula is as well founded as its weakest part.
fn least_n(parts: &[&Cell]) -> u64 {
    parts.iter().map(|c| c.n).min().unwrap_or(0)
}

/// The currency of a formula's value; an error when currencies meet that differ.
fn currency_of<'c>(
    arithmetic: &Arithmetic,
    cell: &impl Fn(&MetricRef) -> Option<&'c Cell>,
) -> Result<Option<String>, ()> {
    use crate::arithmetic::Operator;
    Ok(match arithmetic {
        Arithmetic::Metric(metric) => cell(metric).and_then(|c| c.currency.clone()),
        Arithmetic::Negate(inner) => currency_of(inner, cell)?,
        Arithmetic::Binary(op, a, b) => match (currency_of(a, cell)?, currency_of(b, cell)?) {
            (Some(a), Some(b)) if a != b => return Err(()),
            // Money over money of one currency is a plain number.
            (Some(_), Some(_)) if *op == Operator::Over => None,
            (a, b) => a.or(b),
        },
        _ => None,
    })
}

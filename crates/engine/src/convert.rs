//! From expressions of the metric layer to expressions of DataFusion.

use arrow::datatypes::DataType;
use datafusion::common::ScalarValue;
use datafusion::logical_expr::{Expr as Plan, Operator, binary_expr, cast, ident, in_list, lit, when};
use datafusion::prelude::{coalesce, lower};
use dialmark_metrics::expr::{BinaryOp, Call};
use dialmark_metrics::{Expr, Params};
use dialmark_model::{DispositionMap, Kind};

use crate::error::{EngineError, refuse};
use crate::functions;

/// Digits that sums are widened to, so that they cannot wrap.
pub(crate) const WIDE: u8 = 38;

/// Replaces parameters by their values and virtual columns by what they stand for; a table's own columns stay.
pub(crate) fn prepare(
    expr: &Expr,
    params: &Params,
    map: &DispositionMap,
    is_own: &dyn Fn(&str) -> bool,
) -> Expr {
    let filled = expr.replace(&|leaf| match leaf {
        Expr::Param(name) => params.0.get(name).map(|value| Expr::Integer(*value)),
        _ => None,
    });
    dialmark_metrics::virtuals::expand(&filled, map, is_own)
}

/// Digits after the point of what a numeric expression yields.
pub(crate) fn scale(expr: &Expr, kind_of: &dyn Fn(&str) -> Option<Kind>) -> u8 {
    match expr {
        Expr::Column(name) => kind_of(name).map_or(0, Kind::scale),
        Expr::Decimal(_, scale) => *scale,
        Expr::Negate(inner) => scale(inner, kind_of),
        Expr::Call(Call::Abs, arguments) => arguments.first().map_or(0, |e| scale(e, kind_of)),
        Expr::Binary(BinaryOp::Times, a, b) => scale(a, kind_of).saturating_add(scale(b, kind_of)),
        Expr::Binary(_, a, b) => scale(a, kind_of).max(scale(b, kind_of)),
        Expr::Case(branches, otherwise) => branches
            .iter()
            .map(|(_, then)| then)
            .chain(otherwise.as_deref())
            .map(|e| scale(e, kind_of))
            .max()
            .unwrap_or(0),
        Expr::Call(Call::Coalesce, arguments) => {
            arguments.iter().map(|e| scale(e, kind_of)).max().unwrap_or(0)
        }
        _ => 0,
    }
}

/// The expression for DataFusion. Parameters and virtual columns must have been replaced before.
pub(crate) fn convert(expr: &Expr, kind_of: &dyn Fn(&str) -> Option<Kind>) -> Result<Plan, EngineError> {
    let again = |e: &Expr| convert(e, kind_of);
    Ok(match expr {
        Expr::Column(name) => ident(name.as_str()),
        Expr::Param(name) => return refuse(format!("the parameter `${name}` has no value.")),
        Expr::Text(text) => lit(text.as_str()),
        Expr::Integer(number) => lit(*number),
        Expr::Decimal(units, scale) => lit(ScalarValue::Decimal128(Some(*units), WIDE, signed(*scale))),
        Expr::Day(day) => crate::anchor::day_of_plan(*day)?,
        Expr::Bool(yes) => lit(*yes),
        Expr::Null => lit(ScalarValue::Null),
        Expr::Not(inner) => Plan::Not(Box::new(again(inner)?)),
        Expr::Negate(inner) => Plan::Negative(Box::new(wide(inner, kind_of)?)),
        Expr::Binary(op @ (BinaryOp::Plus | BinaryOp::Minus | BinaryOp::Times), a, b) => {
            // Whole numbers are widened first: sixty-four bits wrap without a word.
            binary_expr(wide(a, kind_of)?, operator(*op), wide(b, kind_of)?)
        }
        Expr::Binary(op, a, b) => binary_expr(again(a)?, operator(*op), again(b)?),
        Expr::IsNull(inner, false) => again(inner)?.is_null(),
        Expr::IsNull(inner, true) => again(inner)?.is_not_null(),
        Expr::In(value, list, negated) => {
            in_list(again(value)?, list.iter().map(again).collect::<Result<_, _>>()?, *negated)
        }
        Expr::Case(branches, otherwise) => case(branches, otherwise.as_deref(), kind_of)?,
        Expr::Call(call, arguments) => {
            let mut converted = arguments.iter().map(again).collect::<Result<Vec<_>, _>>()?;
            match (call, arguments.as_slice()) {
                (Call::Coalesce, _) => coalesce(converted),
                (Call::MsBetween, _) => functions::ms_between().call(converted),
                (Call::DaysBetween, _) => functions::days_between().call(converted),
                (Call::Abs, [inner]) => {
                    let value = wide(inner, kind_of)?;
                    when(value.clone().lt(lit(0_i64)), Plan::Negative(Box::new(value.clone())))
                        .otherwise(value)?
                }
                (Call::Flagged, [Expr::Text(flag)]) => functions::flagged(flag).call(vec![ident("flags")]),
                (Call::Text, [_]) => cast(converted.remove(0), DataType::Utf8),
                (Call::Lower, [_]) => lower(converted.remove(0)),
                _ => return refuse(format!("`{expr}` has the wrong arguments.")),
            }
        }
    })
}

/// A numeric operand as a decimal of 38 digits.
pub(crate) fn wide(expr: &Expr, kind_of: &dyn Fn(&str) -> Option<Kind>) -> Result<Plan, EngineError> {
    let digits_after = scale(expr, kind_of);
    Ok(cast(convert(expr, kind_of)?, DataType::Decimal128(WIDE, signed(digits_after))))
}

/// Scales are at most 38.
pub(crate) fn signed(scale: u8) -> i8 {
    i8::try_from(scale).unwrap_or(i8::MAX)
}

fn case(
    branches: &[(Expr, Expr)],
    otherwise: Option<&Expr>,
    kind_of: &dyn Fn(&str) -> Option<Kind>,
) -> Result<Plan, EngineError> {
    let mut rest = branches.iter();
    let Some((first_when, first_then)) = rest.next() else {
        return otherwise.map_or(Ok(lit(ScalarValue::Null)), |e| convert(e, kind_of));
    };
    let mut builder = when(convert(first_when, kind_of)?, convert(first_then, kind_of)?);
    for (condition, then) in rest {
        builder = builder.when(convert(condition, kind_of)?, convert(then, kind_of)?);
    }
    Ok(match otherwise {
        Some(e) => builder.otherwise(convert(e, kind_of)?)?,
        None => builder.end()?,
    })
}

fn operator(op: BinaryOp) -> Operator {
    match op {
        BinaryOp::And => Operator::And,
        BinaryOp::Or => Operator::Or,
        BinaryOp::Equal => Operator::Eq,
        BinaryOp::Unequal => Operator::NotEq,
        BinaryOp::Less => Operator::Lt,
        BinaryOp::LessOrEqual => Operator::LtEq,
        BinaryOp::Greater => Operator::Gt,
        BinaryOp::GreaterOrEqual => Operator::GtEq,
        BinaryOp::Plus => Operator::Plus,
        BinaryOp::Minus => Operator::Minus,
        BinaryOp::Times => Operator::Multiply,
    }
}

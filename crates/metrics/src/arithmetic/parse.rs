//! From text to [`Arithmetic`], refusing everything that is not on the list.

use std::collections::BTreeMap;

use sqlparser::ast;

use super::{Arithmetic, Operator};
use crate::exact::Exact;
use crate::expr::{ExprError, parse_sql};
use crate::metric::MetricRef;

/// Reads a formula over metrics; a name is looked up in `uses` and is otherwise the metric of that name.
pub fn parse(text: &str, uses: &BTreeMap<String, MetricRef>) -> Result<Arithmetic, ExprError> {
    convert(&parse_sql(text)?, uses)
}

fn refuse<T>(message: impl Into<String>) -> Result<T, ExprError> {
    Err(ExprError(message.into()))
}

fn convert(sql: &ast::Expr, uses: &BTreeMap<String, MetricRef>) -> Result<Arithmetic, ExprError> {
    use ast::Expr as Sql;
    let boxed = |e: &ast::Expr| convert(e, uses).map(Box::new);
    Ok(match sql {
        Sql::Identifier(name) => match uses.get(&name.value) {
            Some(metric) => Arithmetic::Metric(metric.clone()),
            None => Arithmetic::Metric(MetricRef::parse(&name.value).map_err(ExprError)?),
        },
        Sql::Nested(inner) => convert(inner, uses)?,
        Sql::Value(value) => match &value.value {
            ast::Value::Number(text, _) => match Exact::parse(text) {
                Some(number) => Arithmetic::Number(number),
                None => return refuse(format!("`{text}` is not a plain number.")),
            },
            ast::Value::Placeholder(name) => match name.strip_prefix('$') {
                Some(name) if !name.is_empty() => Arithmetic::Param(name.to_owned()),
                _ => return refuse(format!("`{name}` is not a parameter; write `$name`.")),
            },
            other => {
                return refuse(format!("`{other}` is not a number, so metrics cannot be combined with it."));
            }
        },
        Sql::UnaryOp { op: ast::UnaryOperator::Minus, expr } => Arithmetic::Negate(boxed(expr)?),
        Sql::BinaryOp { left, op, right } => {
            let op = match op {
                ast::BinaryOperator::Plus => Operator::Plus,
                ast::BinaryOperator::Minus => Operator::Minus,
                ast::BinaryOperator::Multiply => Operator::Times,
                ast::BinaryOperator::Divide => Operator::Over,
                other => return refuse(format!("`{other}` is not among `+`, `-`, `*` and `/`.")),
            };
            Arithmetic::Binary(op, boxed(left)?, boxed(right)?)
        }
        Sql::Function(_) => match crate::expr::duration_of(sql) {
            Some(ms) => Arithmetic::Duration(ms?),
            None => {
                return refuse(format!(
                    "`{sql}` is not among the things that a formula over metrics may use."
                ));
            }
        },
        other => {
            return refuse(format!("`{other}` is not among the things that a formula over metrics may use."));
        }
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::metric::Unit;

    fn read(text: &str) -> Arithmetic {
        let uses = [("talk".to_owned(), MetricRef::of("aht", "talk"))].into_iter().collect();
        parse(text, &uses).unwrap_or_else(|e| panic!("{text}: {e}"))
    }

    #[test]
    fn what_is_written_is_read_back_the_same() {
        for text in ["a - b", "(a + b) * c / d", "a - (b - c)", "-a + 0.5", "talk / $target * 100"] {
            let once = read(text);
            assert_eq!(once.to_string().replace("aht/talk", "talk"), text);
        }
    }

    #[test]
    fn time_and_money_do_not_add_up() {
        let unit = |m: &MetricRef| match m.metric.as_str() {
            "aht" => Some(Unit::Duration),
            "cost" => Some(Unit::Money),
            _ => Some(Unit::Count),
        };
        let said = read("talk + cost").dimension(&unit).unwrap_err();
        assert_eq!(
            said,
            "`aht/talk` is a length of time, but `cost` is money; the two cannot be combined by `+`."
        );
        let velocity = read("deals * cost / talk * duration('1 day')").dimension(&unit).unwrap();
        assert_eq!(velocity, Some(crate::arithmetic::Dimension { time: 0, money: 1 }));
        assert!(read("talk - 5").dimension(&unit).is_err());
    }

    #[test]
    fn what_could_reach_outside_is_refused() {
        for text in ["(select 1)", "a > b", "sum(a)", "'x'", "a; b", "a.b", "case when a then b end", ""] {
            assert!(parse(text, &BTreeMap::new()).is_err(), "{text}");
        }
    }
}

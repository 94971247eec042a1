//! Types and units of expressions: adding seconds to money is an error before any record is read.

use super::{BinaryOp, Call, Expr, ExprError};
use dialmark_model::Kind;
use dialmark_model::declared::nearest;

/// What an expression yields.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Type {
    /// Text.
    Text,
    /// Yes or no.
    Bool,
    /// A whole number without a unit.
    Integer,
    /// A decimal without a unit.
    Number,
    /// Milliseconds.
    Duration,
    /// Money.
    Amount,
    /// An instant.
    Instant,
    /// A civil day.
    Day,
    /// `null`, which fits everywhere.
    Null,
}

impl Type {
    fn of(kind: Kind) -> Type {
        match kind {
            Kind::Text | Kind::Phone | Kind::Code => Type::Text,
            Kind::Integer => Type::Integer,
            Kind::Bool => Type::Bool,
            Kind::Instant => Type::Instant,
            Kind::Day => Type::Day,
            Kind::Duration => Type::Duration,
            Kind::Amount => Type::Amount,
            Kind::Number => Type::Number,
        }
    }

    fn noun(self) -> &'static str {
        match self {
            Type::Text => "a text",
            Type::Bool => "a condition",
            Type::Integer => "a count",
            Type::Number => "a number",
            Type::Duration => "a duration",
            Type::Amount => "money",
            Type::Instant => "an instant",
            Type::Day => "a day",
            Type::Null => "nothing",
        }
    }

    /// The kind of a column that holds values of it; `None` for `null`.
    pub const fn kind(self) -> Option<Kind> {
        Some(match self {
            Type::Text => Kind::Text,
            Type::Bool => Kind::Bool,
            Type::Integer => Kind::Integer,
            Type::Number => Kind::Number,
            Type::Duration => Kind::Duration,
            Type::Amount => Kind::Amount,
            Type::Instant => Kind::Instant,
            Type::Day => Kind::Day,
            Type::Null => return None,
        })
    }

    const fn is_plain_number(self) -> bool {
        matches!(self, Type::Integer | Type::Number)
    }

    /// Whether values of it can be added up.
    pub const fn is_additive(self) -> bool {
        matches!(self, Type::Integer | Type::Number | Type::Duration | Type::Amount)
    }
}

/// The type of an expression over columns that `kind_of` knows. `names` lists them for suggestions.
/// Parameters count as durations or counts, whichever the place asks for.
pub fn check(
    expr: &Expr,
    kind_of: &impl Fn(&str) -> Option<Kind>,
    names: &[&str],
) -> Result<Type, ExprError> {
    let again = |e: &Expr| check(e, kind_of, names);
    let condition = |e: &Expr| match again(e)? {
        Type::Bool | Type::Null => Ok(()),
        other => Err(ExprError(format!("`{e}` is {}, where a condition is needed.", other.noun()))),
    };
    Ok(match expr {
        Expr::Column(name) => match kind_of(name) {
            Some(kind) => Type::of(kind),
            None => {
                let help = nearest(name, names.iter().copied())
                    .map_or(String::new(), |n| format!(" Did you mean `{n}`?"));
                return Err(ExprError(format!("the column `{name}` is not known here.{help}")));
            }
        },
        Expr::Param(_) | Expr::Null => Type::Null,
        Expr::Text(_) => Type::Text,
        Expr::Integer(_) => Type::Integer,
        Expr::Decimal(..) => Type::Number,
        Expr::Day(_) => Type::Day,
        Expr::Bool(_) => Type::Bool,
        Expr::Not(inner) => {
            condition(inner)?;
            Type::Bool
        }
        Expr::Negate(inner) => match again(inner)? {
            t if t.is_additive() || t == Type::Null => t,
            other => {
                return Err(ExprError(format!("`-` needs a number, but `{inner}` is {}.", other.noun())));
            }
        },
        Expr::IsNull(inner, _) => {
            again(inner)?;
            Type::Bool
        }
        Expr::Binary(op, a, b) => {
            if op.is_comparison() {
                can_be_equal(a, b, kind_of)?;
                can_be_equal(b, a, kind_of)?;
            }
            binary(*op, (a, again(a)?), (b, again(b)?))?
        }
        Expr::In(value, list, _) => {
            let wanted = again(value)?;
            for item in list {
                can_be_equal(value, item, kind_of)?;
                common(wanted, again(item)?)
                    .ok_or_else(|| mismatch(value, wanted, item, again(item).unwrap_or(Type::Null)))?;
            }
            Type::Bool
        }
        Expr::Case(branches, otherwise) => {
            let mut result = Type::Null;
            for (when, then) in branches {
                condition(when)?;
                let t = again(then)?;
                result = common(result, t).ok_or_else(|| {
                    ExprError(format!("`{expr}` yields {} here and {} there.", result.noun(), t.noun()))
                })?;
            }
            if let Some(e) = otherwise {
                let t = again(e)?;
                result = common(result, t).ok_or_else(|| {
                    ExprError(format!("`{expr}` yields {} here and {} there.", result.noun(), t.noun()))
                })?;
            }
            result
        }
        Expr::Call(call, arguments) => match call {
            Call::Coalesce => {
                let mut result = Type::Null;
                for argument in arguments {
                    let t = again(argument)?;
                    result = common(result, t).ok_or_else(|| {
                        ExprError(format!("`{expr}` mixes {} and {}.", result.noun(), t.noun()))
                    })?;
                }
                result
            }
            Call::MsBetween => {
                for argument in arguments {
                    if !matches!(again(argument)?, Type::Instant | Type::Null) {
                        return Err(ExprError(format!(
                            "`ms_between` needs two instants, but `{argument}` is {}.",
                            again(argument)?.noun()
                        )));
                    }
                }
                Type::Duration
            }
            Call::DaysBetween => {
                for argument in arguments {
                    if !matches!(again(argument)?, Type::Day | Type::Null) {
                        return Err(ExprError(format!(
                            "`days_between` needs two days, but `{argument}` is {}.",
                            again(argument)?.noun()
                        )));
                    }
                }
                Type::Integer
            }
            Call::Abs => match arguments.first().map(again).transpose()? {
                Some(t) if t.is_additive() || t == Type::Null => t,
                _ => return Err(ExprError("`abs` needs a number.".to_owned())),
            },
            Call::Flagged => Type::Bool,
            Call::Text => {
                for argument in arguments {
                    again(argument)?;
                }
                Type::Text
            }
            Call::Lower => match arguments.first().map(again).transpose()? {
                Some(Type::Text | Type::Null) => Type::Text,
                _ => return Err(ExprError("`lower` needs a text.".to_owned())),
            },
        },
    })
}

/// Digits from which on a telephone number is kept hidden.
const HIDDEN_DIGITS: usize = 7;

/// Refuses to compare a column of hidden numbers with one as people write it: nothing would ever equal it.
fn can_be_equal(
    column: &Expr,
    literal: &Expr,
    kind_of: &impl Fn(&str) -> Option<Kind>,
) -> Result<(), ExprError> {
    let (Expr::Column(name), Expr::Text(text)) = (column, literal) else { return Ok(()) };
    let is_written =
        !text.starts_with(['*', 'e']) && text.bytes().filter(u8::is_ascii_digit).count() >= HIDDEN_DIGITS;
    if kind_of(name) != Some(Kind::Phone) || !is_written {
        return Ok(());
    }
    Err(ExprError(format!(
        "`{name}` holds numbers that are hidden, so none of them is `{text}`. `dialmark erase --phone NUMBER --format json` \
         says how a number is hidden, and changes nothing; compare with that."
    )))
}

fn mismatch(a: &Expr, ta: Type, b: &Expr, tb: Type) -> ExprError {
    let help = match (ta, tb) {
        (Type::Day, Type::Text) | (Type::Text, Type::Day) => " Write a day as `date '2026-11-22'`.",
        _ => "",
    };
    ExprError(format!(
        "`{a}` is {}, but `{b}` is {}; the two cannot be combined.{help}",
        ta.noun(),
        tb.noun()
    ))
}

fn common(a: Type, b: Type) -> Option<Type> {
    match (a, b) {
        (Type::Null, t) | (t, Type::Null) => Some(t),
        (a, b) if a == b => Some(a),
        (Type::Integer, Type::Number) | (Type::Number, Type::Integer) => Some(Type::Number),
        // A bare number beside a duration is milliseconds, beside money an amount.
        (Type::Duration | Type::Amount, Type::Integer) => Some(a),
        (Type::Integer, Type::Duration | Type::Amount) => Some(b),
        (Type::Amount, Type::Number) | (Type::Number, Type::Amount) => Some(Type::Amount),
        _ => None,
    }
}

fn binary(op: BinaryOp, (a, ta): (&Expr, Type), (b, tb): (&Expr, Type)) -> Result<Type, ExprError> {
    let fail = || mismatch(a, ta, b, tb);
    match op {
        BinaryOp::And | BinaryOp::Or => {
            for (e, t) in [(a, ta), (b, tb)] {
                if !matches!(t, Type::Bool | Type::Null) {
                    return Err(ExprError(format!("`{e}` is {}, where a condition is needed.", t.noun())));
                }
            }
            Ok(Type::Bool)
        }
        _ if op.is_comparison() => common(ta, tb).map(|_| Type::Bool).ok_or_else(fail),
        BinaryOp::Times => match (ta, tb) {
            (Type::Null, t) | (t, Type::Null) if t.is_additive() || t == Type::Null => Ok(t),
            (a, b) if a.is_plain_number() && b.is_plain_number() => common(a, b).ok_or_else(fail),
            (Type::Amount, t) | (t, Type::Amount) if t.is_plain_number() => Ok(Type::Amount),
            (Type::Duration, Type::Integer) | (Type::Integer, Type::Duration) => Ok(Type::Duration),
            _ => Err(fail()),
        },
        _ => match common(ta, tb) {
            Some(t) if t.is_additive() || t == Type::Null => {
                // A count is not a duration: only literals take the other side's unit.
                let literal = |e: &Expr| {
                    matches!(e, Expr::Integer(_) | Expr::Decimal(..) | Expr::Null | Expr::Param(_))
                };
                if ta != tb
                    && ta != Type::Null
                    && tb != Type::Null
                    && !(ta.is_plain_number() && tb.is_plain_number())
                    && !literal(a)
                    && !literal(b)
                {
                    return Err(fail());
                }
                Ok(t)
            }
            _ => Err(fail()),
        },
    }
}

#[cfg(test)]
mod tests {
    use super::super::parse;
    use super::*;

    fn type_of(text: &str) -> Result<Type, String> {
        let table = dialmark_model::facts::table("calls").unwrap();
        let names: Vec<&str> = table.columns.iter().map(|c| c.name.as_ref()).collect();
        check(&parse(text).unwrap(), &|n| table.column(n).map(|c| c.kind), &names).map_err(|e| e.0)
    }

    #[test]
    fn sums_keep_their_unit() {
        assert_eq!(type_of("talk_ms + hold_ms"), Ok(Type::Duration));
        assert_eq!(type_of("cost_amount * 2"), Ok(Type::Amount));
        assert_eq!(type_of("ms_between(started_at, ended_at) > 3600000"), Ok(Type::Bool));
        assert_eq!(type_of("attempt_no = 1"), Ok(Type::Bool));
    }

    #[test]
    fn seconds_and_money_do_not_mix() {
        assert_eq!(
            type_of("talk_ms + cost_amount"),
            Err("`talk_ms` is a duration, but `cost_amount` is money; the two cannot be combined.".to_owned())
        );
        assert!(type_of("talk_ms + attempt_no").is_err());
        assert!(type_of("talk_ms * hold_ms").is_err());
        assert!(type_of("talk_ms and true").is_err());
        assert!(type_of("disposition = 3").is_err());
    }

    #[test]
    fn a_number_as_people_write_it_equals_no_hidden_one() {
        for text in [
            "called_number = '+44 7700 900123'",
            "'07700900123' <> caller_number",
            "called_number in ('1001', '07700900123')",
        ] {
            assert!(type_of(text).unwrap_err().contains("hidden"), "{text}");
        }
        for text in [
            "called_number = '1001'",
            "called_number = '*0123:nVX0LKg_EpWlZTCyBWWdQA'",
            "called_number = caller_number",
        ] {
            assert_eq!(type_of(text), Ok(Type::Bool), "{text}");
        }
    }

    #[test]
    fn days_are_written_as_days() {
        let hired = |text: &str| {
            let kind = |name: &str| (name == "hired_on").then_some(Kind::Day);
            parse(text).and_then(|e| check(&e, &kind, &["hired_on"])).map_err(|e| e.0)
        };
        assert_eq!(hired("hired_on >= date '2026-11-22'"), Ok(Type::Bool));
        assert_eq!(
            hired("hired_on = '2026-11-22'").unwrap_err(),
            "`hired_on` is a day, but `'2026-11-22'` is a text; the two cannot be combined. \
             Write a day as `date '2026-11-22'`."
        );
        let refused = hired("hired_on = date '2026-02-30'").unwrap_err();
        assert_eq!(refused, "`date '2026-02-30'` is not a day; write one as `date '2026-11-22'`.");
    }

    #[test]
    fn an_unknown_column_suggests_the_nearest() {
        assert_eq!(
            type_of("talk_mss > 0"),
            Err("the column `talk_mss` is not known here. Did you mean `talk_ms`?".to_owned())
        );
    }
}

//! From text to [`Expr`], refusing everything that is not on the list.

use sqlparser::ast;
use sqlparser::dialect::GenericDialect;
use sqlparser::keywords::Keyword;
use sqlparser::parser::Parser;
use sqlparser::tokenizer::{Token, TokenWithSpan, Tokenizer};

use super::{BinaryOp, Call, Expr};
use crate::exact::Exact;
use dialmark_model::declared::nearest;

/// Why a text is not an expression; a sentence.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct ExprError(pub String);

fn refuse<T>(message: impl Into<String>) -> Result<T, ExprError> {
    Err(ExprError(message.into()))
}

/// More words and signs than this are not a formula that a person wrote.
const MOST_TOKENS: usize = 1_000;
/// Parentheses, `not` and `case` inside each other: the parser recurses, so depth is bounded before it runs.
const DEEPEST: usize = 24;

/// Reads one expression, such as `talk_ms + hold_ms` or `outcome = 'sale' and attempt_no = 1`.
pub fn parse(text: &str) -> Result<Expr, ExprError> {
    let (head, condition) = parse_where(text)?;
    match condition {
        None => Ok(head),
        Some(_) => refuse("`where` belongs to a measure, not to an expression."),
    }
}

/// Reads `EXPR [where EXPR]`.
pub(crate) fn parse_where(text: &str) -> Result<(Expr, Option<Expr>), ExprError> {
    let dialect = GenericDialect {};
    let unreadable =
        |e: sqlparser::parser::ParserError| ExprError(format!("`{text}` cannot be read: {}.", plain(&e)));
    let tokens = Tokenizer::new(&dialect, text).tokenize_with_location().map_err(|e| unreadable(e.into()))?;
    refuse_excess(&tokens)?;
    let mut parser =
        Parser::new(&dialect).with_recursion_limit(2 * DEEPEST).with_tokens_with_locations(tokens);
    let head = convert(&parser.parse_expr().map_err(unreadable)?)?;
    let condition = if parser.parse_keyword(Keyword::WHERE) {
        Some(convert(&parser.parse_expr().map_err(unreadable)?)?)
    } else {
        None
    };
    match parser.peek_token().token {
        Token::EOF => Ok((head, condition)),
        other => refuse(format!("`{text}` goes on with `{other}` where it should end.")),
    }
}

/// Reads one expression of SQL, before anything of it is allowed.
pub(crate) fn parse_sql(text: &str) -> Result<ast::Expr, ExprError> {
    let dialect = GenericDialect {};
    let unreadable =
        |e: sqlparser::parser::ParserError| ExprError(format!("`{text}` cannot be read: {}.", plain(&e)));
    let tokens = Tokenizer::new(&dialect, text).tokenize_with_location().map_err(|e| unreadable(e.into()))?;
    refuse_excess(&tokens)?;
    let mut parser =
        Parser::new(&dialect).with_recursion_limit(2 * DEEPEST).with_tokens_with_locations(tokens);
    let read = parser.parse_expr().map_err(unreadable)?;
    match parser.peek_token().token {
        Token::EOF => Ok(read),
        other => refuse(format!("`{text}` goes on with `{other}` where it should end.")),
    }
}

/// The milliseconds of `duration('...')`; `None` when the expression is something else.
pub(crate) fn duration_of(sql: &ast::Expr) -> Option<Result<i64, ExprError>> {
    match convert(sql) {
        Ok(Expr::Integer(ms)) => Some(Ok(ms)),
        Ok(_) => None,
        Err(error) => Some(Err(error)),
    }
}

fn refuse_excess(tokens: &[TokenWithSpan]) -> Result<(), ExprError> {
    if tokens.len() > MOST_TOKENS {
        return refuse(format!("The expression has more than {MOST_TOKENS} words and signs."));
    }
    let (mut depth, mut prefixes) = (0_usize, 0_usize);
    for token in tokens {
        match &token.token {
            Token::Whitespace(_) => continue,
            Token::LParen => depth += 1,
            Token::RParen => depth = depth.saturating_sub(1),
            Token::Word(word) if word.keyword == Keyword::CASE => depth += 1,
            Token::Word(word) if word.keyword == Keyword::END => depth = depth.saturating_sub(1),
            _ => {}
        }
        let is_prefix = match &token.token {
            Token::Minus | Token::Plus | Token::Tilde | Token::ExclamationMark => true,
            Token::Word(word) => word.keyword == Keyword::NOT,
            _ => false,
        };
        prefixes = if is_prefix { prefixes + 1 } else { 0 };
        if depth + prefixes > DEEPEST {
            return refuse(format!("The expression is nested more than {DEEPEST} deep."));
        }
    }
    Ok(())
}

/// Reads `a, b, c`.
pub fn parse_list(text: &str) -> Result<Vec<Expr>, ExprError> {
    match parse(&format!("coalesce({text})"))? {
        Expr::Call(Call::Coalesce, items) => Ok(items),
        other => Ok(vec![other]),
    }
}

fn plain(error: &sqlparser::parser::ParserError) -> String {
    let text = error.to_string();
    text.trim_start_matches("sql parser error: ").trim_end_matches('.').to_owned()
}

fn convert(sql: &ast::Expr) -> Result<Expr, ExprError> {
    use ast::Expr as Sql;
    let boxed = |e: &ast::Expr| convert(e).map(Box::new);
    Ok(match sql {
        Sql::Identifier(name) => {
            let plain = |b: u8| b.is_ascii_alphanumeric() || b == b'_';
            if name.quote_style.is_some() || !name.value.bytes().all(plain) {
                return refuse(format!(
                    "`{name}` is not the name of a column; texts stand in single quotes."
                ));
            }
            Expr::Column(name.value.clone())
        }
        Sql::Nested(inner) => convert(inner)?,
        Sql::Value(value) => literal(&value.value)?,
        Sql::TypedString(typed) if typed.data_type == ast::DataType::Date => day(&typed.value.value)?,
        Sql::UnaryOp { op: ast::UnaryOperator::Not, expr } => Expr::Not(boxed(expr)?),
        Sql::UnaryOp { op: ast::UnaryOperator::Minus, expr } => match convert(expr)? {
            Expr::Integer(number) => Expr::Integer(
                number.checked_neg().ok_or_else(|| ExprError(format!("{number} is too large.")))?,
            ),
            Expr::Decimal(units, scale) => Expr::Decimal(-units, scale),
            other => Expr::Negate(Box::new(other)),
        },
        Sql::BinaryOp { left, op, right } => Expr::Binary(operator(op)?, boxed(left)?, boxed(right)?),
        Sql::IsNull(inner) => Expr::IsNull(boxed(inner)?, false),
        Sql::IsNotNull(inner) => Expr::IsNull(boxed(inner)?, true),
        Sql::IsTrue(inner) => Expr::Call(Call::Coalesce, vec![convert(inner)?, Expr::Bool(false)]),
        Sql::IsNotTrue(inner) => {
            Expr::Not(Box::new(Expr::Call(Call::Coalesce, vec![convert(inner)?, Expr::Bool(false)])))
        }
        Sql::InList { expr, list, negated } => {
            Expr::In(boxed(expr)?, list.iter().map(convert).collect::<Result<_, _>>()?, *negated)
        }
        Sql::Between { expr, negated, low, high } => {
            let value = convert(expr)?;
            let low = Expr::Binary(BinaryOp::GreaterOrEqual, Box::new(value.clone()), boxed(low)?);
            let high = Expr::Binary(BinaryOp::LessOrEqual, Box::new(value), boxed(high)?);
            let within = low.and(high);
            if *negated { Expr::Not(Box::new(within)) } else { within }
        }
        Sql::Case { operand, conditions, else_result, .. } => {
            let subject = operand.as_deref().map(convert).transpose()?;
            let branches = conditions
                .iter()
                .map(|branch| {
                    let when = convert(&branch.condition)?;
                    let when = match &subject {
                        Some(s) => Expr::Binary(BinaryOp::Equal, Box::new(s.clone()), Box::new(when)),
                        None => when,
                    };
                    Ok((when, convert(&branch.result)?))
                })
                .collect::<Result<_, ExprError>>()?;
            Expr::Case(branches, else_result.as_deref().map(boxed).transpose()?)
        }
        Sql::Function(function) => return call(function),
        Sql::CompoundIdentifier(_) => {
            return refuse(format!(
                "`{sql}` has a dot; a measure reads one table, so name the column alone."
            ));
        }
        Sql::Subquery(_) | Sql::InSubquery { .. } | Sql::Exists { .. } => {
            return refuse("a formula cannot hold a query of its own.");
        }
        other => return refuse(format!("`{other}` is not among the things that a formula may use.")),
    })
}

fn operator(op: &ast::BinaryOperator) -> Result<BinaryOp, ExprError> {
    use ast::BinaryOperator as Sql;
    Ok(match op {
        Sql::And => BinaryOp::And,
        Sql::Or => BinaryOp::Or,
        Sql::Eq => BinaryOp::Equal,
        Sql::NotEq => BinaryOp::Unequal,
        Sql::Lt => BinaryOp::Less,
        Sql::LtEq => BinaryOp::LessOrEqual,
        Sql::Gt => BinaryOp::Greater,
        Sql::GtEq => BinaryOp::GreaterOrEqual,
        Sql::Plus => BinaryOp::Plus,
        Sql::Minus => BinaryOp::Minus,
        Sql::Multiply => BinaryOp::Times,
        Sql::Divide | Sql::Modulo => {
            return refuse(
                "a measure adds up and never divides. Make the two parts measures and divide them in a ratio metric.",
            );
        }
        other => return refuse(format!("the operator `{other}` is not known here.")),
    })
}

fn literal(value: &ast::Value) -> Result<Expr, ExprError> {
    Ok(match value {
        ast::Value::Number(text, _) => number(text)?,
        ast::Value::SingleQuotedString(text) | ast::Value::DoubleQuotedString(text) => {
            Expr::Text(text.clone())
        }
        ast::Value::Boolean(yes) => Expr::Bool(*yes),
        ast::Value::Null => Expr::Null,
        ast::Value::Placeholder(name) => match name.strip_prefix('$') {
            Some(name) if !name.is_empty() => Expr::Param(name.to_owned()),
            _ => return refuse(format!("`{name}` is not a parameter; write `$name`.")),
        },
        other => return refuse(format!("`{other}` is not a value that a formula may use.")),
    })
}

/// The day of `date '2026-11-22'`.
fn day(written: &ast::Value) -> Result<Expr, ExprError> {
    let day = match written {
        ast::Value::SingleQuotedString(text) => text.parse().ok(),
        _ => None,
    };
    day.map(Expr::Day)
        .ok_or_else(|| ExprError(format!("`date {written}` is not a day; write one as `date '2026-11-22'`.")))
}

fn number(text: &str) -> Result<Expr, ExprError> {
    if let Ok(whole) = text.parse::<i64>() {
        return Ok(Expr::Integer(whole));
    }
    let too_odd = || ExprError(format!("`{text}` is not a plain number."));
    let exact = Exact::parse(text).ok_or_else(too_odd)?;
    let (mut units, mut scale) = exact.parts();
    // `2.50` and `2.5` are the same number, and so are `2.` and `2`.
    while scale > 0 && units % 10 == 0 {
        units /= 10;
        scale -= 1;
    }
    match i64::try_from(units) {
        Ok(whole) if scale == 0 => Ok(Expr::Integer(whole)),
        _ => Ok(Expr::Decimal(units, scale)),
    }
}

fn call(function: &ast::Function) -> Result<Expr, ExprError> {
    let name = function.name.to_string().to_lowercase();
    let ast::FunctionArguments::List(list) = &function.args else {
        return refuse(format!("`{function}` is not written as a function of values."));
    };
    if function.filter.is_some()
        || function.over.is_some()
        || list.duplicate_treatment.is_some()
        || !list.clauses.is_empty()
    {
        return refuse(format!("`{function}` has clauses that a formula may not use."));
    }
    let arguments = list
        .args
        .iter()
        .map(|argument| match argument {
            ast::FunctionArg::Unnamed(ast::FunctionArgExpr::Expr(e)) => convert(e),
            other => refuse(format!("`{other}` is not a value.")),
        })
        .collect::<Result<Vec<_>, _>>()?;
    if name == "duration" {
        return match arguments.as_slice() {
            [Expr::Text(text)] => {
                let ms =
                    dialmark_model::duration_text::parse_ms(text).map_err(|e| ExprError(e.to_string()))?;
                i64::try_from(ms).map(Expr::Integer).or_else(|_| refuse(format!("`{text}` is too long.")))
            }
            _ => refuse("`duration` takes one text, such as `duration('20 s')`."),
        };
    }
    let Some(known) = Call::ALL.into_iter().find(|c| c.word() == name) else {
        let words = Call::ALL.iter().map(|c| c.word()).chain(["duration"]);
        let near = nearest(&name, words).map_or(String::new(), |n| format!(" Did you mean `{n}`?"));
        return refuse(format!("the function `{name}` is not known here.{near}"));
    };
    let arity_is_right = match known {
        Call::Coalesce => !arguments.is_empty(),
        Call::MsBetween | Call::DaysBetween => arguments.len() == 2,
        Call::Abs => arguments.len() == 1,
        Call::Flagged => matches!(arguments.as_slice(), [Expr::Text(_)]),
        Call::Text | Call::Lower => arguments.len() == 1,
    };
    if !arity_is_right {
        return refuse(format!("`{function}` has the wrong arguments."));
    }
    Ok(Expr::Call(known, arguments))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_written_is_read_back_the_same() {
        for text in [
            "outcome = 'sale' and attempt_no = 1",
            "talk_ms + hold_ms + wrap_ms",
            "queue_ms <= $threshold",
            "ms_between(started_at, ended_at) > 3600000",
            "case when attempt_no >= 10 then '10+' else text(attempt_no) end",
            "outcome in ('sale', 'it''s') or not (answered_at is null)",
            "score * 0.25",
        ] {
            let once = parse(text).unwrap();
            assert_eq!(parse(&once.to_string()).unwrap(), once, "{text} -> {once}");
        }
    }

    #[test]
    fn durations_are_milliseconds() {
        assert_eq!(parse("duration('20 s')").unwrap(), Expr::Integer(20_000));
        assert_eq!(parse("duration('7 days')").unwrap(), Expr::Integer(604_800_000));
    }

    #[test]
    fn what_could_reach_outside_the_row_is_refused() {
        for text in [
            "(select 1)",
            "a in (select b from c)",
            "exists (select 1)",
            "read_csv('/etc/passwd')",
            "a / b",
            "sum(a)",
            "a; drop table calls",
            "count(*)",
            "a || b",
            "other.column",
            "cast(a as int)",
            "1e400",
            "a = 'x' where b = 1",
            "",
            "((((((((",
        ] {
            assert!(parse(text).is_err(), "{text}");
        }
        assert!(parse(&"(".repeat(9_000)).is_err());
        assert!(parse(&"not ".repeat(2_000)).is_err());
    }
}

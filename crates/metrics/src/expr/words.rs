//! Words that a column compares with: an outcome that does not exist would never match, and a figure would be zero
//! without anybody noticing.

use dialmark_model::Outcome;
use dialmark_model::declared::nearest;

use super::{BinaryOp, Expr, ExprError};
use crate::catalogue::Catalogue;

/// Checks the words that an expression over a table compares `outcome` with, where that is the disposition map's and not
/// a column of the table's own.
pub fn check_outcomes(catalogue: &Catalogue, table: &str, expr: &Expr) -> Result<(), ExprError> {
    match catalogue.tables.get(table).is_some_and(|t| t.column("outcome").is_some()) {
        true => Ok(()),
        false => check_words(expr),
    }
}

fn check_words(expr: &Expr) -> Result<(), ExprError> {
    let mut unknown = None;
    expr.walk(&mut |part| {
        let words: Vec<&Expr> = match part {
            Expr::Binary(BinaryOp::Equal | BinaryOp::Unequal, a, b) if is_outcome(a) => vec![b],
            Expr::Binary(BinaryOp::Equal | BinaryOp::Unequal, a, b) if is_outcome(b) => vec![a],
            Expr::In(value, list, _) if is_outcome(value) => list.iter().collect(),
            _ => return,
        };
        for word in words {
            if let Expr::Text(word) = word
                && Outcome::from_word(word).is_none()
            {
                unknown.get_or_insert_with(|| word.clone());
            }
        }
    });
    let Some(word) = unknown else { return Ok(()) };
    let known: Vec<&str> = Outcome::ALL.into_iter().map(Outcome::word).collect();
    let help = match nearest(&word, known.iter().copied()) {
        Some(near) => format!("Did you mean `{near}`?"),
        None => format!("There are {}.", known.join(", ")),
    };
    Err(ExprError(format!("there is no outcome `{word}`. {help}")))
}

fn is_outcome(expr: &Expr) -> bool {
    matches!(expr, Expr::Column(name) if name == "outcome")
}

#[cfg(test)]
mod tests {
    use super::super::parse;
    use super::*;

    #[test]
    fn an_outcome_that_does_not_exist_is_named_with_the_nearest() {
        for text in [
            "outcome = 'callbak'",
            "not ('callbak' <> outcome)",
            "is_call and outcome in ('sale', 'callbak')",
        ] {
            let error = check_words(&parse(text).unwrap()).unwrap_err();
            assert_eq!(error.0, "there is no outcome `callbak`. Did you mean `callback`?", "{text}");
        }
    }

    #[test]
    fn outcomes_and_other_columns_pass() {
        for text in
            ["outcome = 'sale' or outcome is null", "campaign_id = 'callbak'", "outcome = campaign_id"]
        {
            assert_eq!(check_words(&parse(text).unwrap()), Ok(()), "{text}");
        }
    }
}

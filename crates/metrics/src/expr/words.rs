//! Words of closed sets in expressions: what no record can say must not silently match nothing.

use dialmark_model::Outcome;
use dialmark_model::declared::nearest;
use dialmark_model::facts::{Strange, vocabulary};

use super::{BinaryOp, Call, Expr, ExprError};
use crate::answer::Key;
use crate::catalogue::Catalogue;

/// Checks the words and hours that an expression over a table compares columns of closed sets with: `outcome` where it is
/// the disposition map's, `weekday` and `hour` where they are the record's on the wall, and the table's own columns
/// whose other words an import turns into nulls.
pub fn check_words(catalogue: &Catalogue, table: &str, expr: &Expr) -> Result<(), ExprError> {
    let is_own = |name: &str| catalogue.tables.get(table).is_some_and(|t| t.column(name).is_some());
    let known = |column: &str| -> Option<Vec<String>> {
        match (column, is_own(column)) {
            ("outcome", false) => Some(Outcome::ALL.into_iter().map(|o| o.word().to_owned()).collect()),
            ("weekday", false) => Some((0..7).map(|day| Key::Weekday(day).to_string()).collect()),
            ("hour", false) => Some((0..24).map(|hour| hour.to_string()).collect()),
            (_, true) => vocabulary(table, column)
                .filter(|known| known.strange == Strange::Null)
                .map(|known| known.words().iter().map(|word| (*word).to_owned()).collect()),
            _ => None,
        }
    };
    let mut wrong = None;
    expr.walk(&mut |part| {
        for (column, word) in compared(part) {
            let Some(known) = known(column) else { continue };
            if !known.contains(&word) {
                wrong.get_or_insert((column.to_owned(), word, known));
            }
        }
    });
    let Some((column, word, known)) = wrong else { return Ok(()) };
    let help = match nearest(&word, known.iter().map(String::as_str)) {
        Some(near) if column != "hour" => format!("Did you mean `{near}`?"),
        _ if column == "hour" => "The hours are 0 to 23.".to_owned(),
        _ => format!("There are {}.", known.join(", ")),
    };
    Err(ExprError(format!("there is no {column} `{word}`. {help}")))
}

/// Columns and the constants that they are compared with.
fn compared(part: &Expr) -> Vec<(&str, String)> {
    let constant = |e: &Expr| match e {
        Expr::Text(word) => Some(word.clone()),
        Expr::Integer(number) => Some(number.to_string()),
        _ => None,
    };
    let (column, instead, others) = match part {
        Expr::Binary(BinaryOp::Equal | BinaryOp::Unequal, a, b) => match (column_of(a), column_of(b)) {
            (Some((name, instead)), None) => (name, instead, std::slice::from_ref(b.as_ref())),
            (None, Some((name, instead))) => (name, instead, std::slice::from_ref(a.as_ref())),
            _ => return Vec::new(),
        },
        Expr::In(value, list, _) => match column_of(value) {
            Some((name, instead)) => (name, instead, list.as_slice()),
            None => return Vec::new(),
        },
        _ => return Vec::new(),
    };
    let words = others.iter().filter_map(constant).filter(|word| instead != Some(word.as_str()));
    words.map(|word| (column, word)).collect()
}

/// The column that is compared, and the word that stands in place of nothing: in `coalesce(outcome, '')` the empty one.
fn column_of(e: &Expr) -> Option<(&str, Option<&str>)> {
    match e {
        Expr::Column(name) => Some((name, None)),
        Expr::Call(Call::Coalesce, tried) => match tried.as_slice() {
            [Expr::Column(name), Expr::Text(word)] => Some((name, Some(word))),
            _ => None,
        },
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::super::parse;
    use super::*;

    fn checked(text: &str) -> Result<(), ExprError> {
        check_words(&Catalogue::builtin().0, "calls", &parse(text).unwrap())
    }

    #[test]
    fn a_word_that_no_record_can_say_is_named_with_the_nearest() {
        for (text, sentence) in [
            ("outcome = 'callbak'", "there is no outcome `callbak`. Did you mean `callback`?"),
            ("not ('callbak' <> outcome)", "there is no outcome `callbak`. Did you mean `callback`?"),
            (
                "is_call and outcome in ('sale', 'callbak')",
                "there is no outcome `callbak`. Did you mean `callback`?",
            ),
            ("direction = 'outbond'", "there is no direction `outbond`. Did you mean `outbound`?"),
            (
                "direction in ('inbound', 'Outbound')",
                "there is no direction `Outbound`. Did you mean `outbound`?",
            ),
            ("weekday = 'moonday'", "there is no weekday `moonday`. Did you mean `monday`?"),
            (
                "coalesce(direction, '') <> 'inbuond'",
                "there is no direction `inbuond`. Did you mean `inbound`?",
            ),
            ("hour = 25", "there is no hour `25`. The hours are 0 to 23."),
        ] {
            assert_eq!(checked(text), Err(ExprError(sentence.to_owned())), "{text}");
        }
    }

    #[test]
    fn words_of_closed_sets_and_other_columns_pass() {
        for text in [
            "outcome = 'sale' or outcome is null",
            "campaign_id = 'callbak'",
            "outcome = campaign_id",
            "direction = 'internal' and hour in (0, 23) and weekday <> 'sunday'",
            "dial_mode = 'ratio'",
            "coalesce(direction, '') <> '' and coalesce(direction, 'none') in ('none', 'inbound')",
        ] {
            assert_eq!(checked(text), Ok(()), "{text}");
        }
    }
}

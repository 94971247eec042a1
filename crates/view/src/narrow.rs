//! From a figure to fewer records: the condition that a row of a table stands for, and its parts as chips.

use dialmark_metrics::expr::BinaryOp;
use dialmark_metrics::{Expr, Key};

/// `filter`, and the records of this key only. `None` for a key that has no condition on records.
pub fn narrow(filter: Option<&Expr>, dimension: &Expr, key: &Key) -> Option<Expr> {
    let left = || Box::new(dimension.clone());
    let equals = |right: Expr| Expr::Binary(BinaryOp::Equal, left(), Box::new(right));
    let here = match key {
        Key::None => Expr::IsNull(left(), false),
        Key::Bool(true) => dimension.clone(),
        Key::Bool(false) => Expr::Not(left()),
        Key::Integer(number) => equals(Expr::Integer(*number)),
        Key::Number(n) => equals(Expr::Decimal(n.units, n.scale)),
        Key::Text(text) => equals(Expr::Text(text.clone())),
        Key::Weekday(_) => equals(Expr::Text(key.to_string())),
        // A stretch of time is a period, not a condition.
        Key::Day(_) | Key::At(_) => return None,
    };
    Some(match filter {
        Some(filter) => filter.clone().and(here),
        None => here,
    })
}

/// Conditions that hold at once, in the order of writing.
pub fn conditions(filter: &Expr) -> Vec<&Expr> {
    match filter {
        Expr::Binary(BinaryOp::And, a, b) => {
            let mut all = conditions(a);
            all.extend(conditions(b));
            all
        }
        one => vec![one],
    }
}

/// The filter without its condition at this place; `None` when nothing is left.
pub fn without(filter: &Expr, place: usize) -> Option<Expr> {
    conditions(filter)
        .into_iter()
        .enumerate()
        .filter(|(at, _)| *at != place)
        .map(|(_, condition)| condition.clone())
        .reduce(Expr::and)
}

#[cfg(test)]
mod tests {
    use super::*;
    use dialmark_metrics::expr;

    fn column(name: &str) -> Expr {
        Expr::Column(name.to_owned())
    }

    #[test]
    fn a_row_becomes_a_condition_that_can_be_read_back() {
        let before = expr::parse("direction = 'outbound' or is_call").unwrap();
        for key in [
            Key::None,
            Key::Bool(true),
            Key::Bool(false),
            Key::Integer(-3),
            Key::Text("O'Neil & <co>".to_owned()),
        ] {
            let narrowed = narrow(Some(&before), &column("campaign_id"), &key).unwrap();
            let back = expr::parse(&narrowed.to_string()).unwrap();
            assert_eq!(back.to_string(), narrowed.to_string());
            assert_eq!(conditions(&back).len(), 2, "{back}");
        }
    }

    #[test]
    fn a_stretch_of_time_is_no_condition_but_a_weekday_is() {
        assert_eq!(narrow(None, &column("x"), &Key::Day(jiff::civil::date(2026, 3, 29))), None);
        let mondays = narrow(None, &column("weekday"), &Key::Weekday(0)).unwrap();
        assert_eq!(mondays.to_string(), "weekday = 'monday'");
    }

    #[test]
    fn one_condition_can_be_taken_away() {
        let filter = expr::parse("a = 1 and (b = 2 or c = 3) and d = 4").unwrap();
        assert_eq!(conditions(&filter).len(), 3);
        assert_eq!(
            without(&filter, 1).unwrap().to_string(),
            expr::parse("a = 1 and d = 4").unwrap().to_string()
        );
        let single = expr::parse("a = 1").unwrap();
        assert_eq!(without(&single, 0), None);
    }
}

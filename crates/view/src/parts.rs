//! Small parts that several pages share: a figure, why there is none, how it moved.

use std::collections::BTreeMap;

use dialmark_metrics::Cell;
use dialmark_metrics::metric::{Direction, Unit};
use maud::{Markup, html};

use crate::format::{self, Change, DASH, Sense};

/// A figure set large, its unit small; without a value a dash with the reason beside it.
pub fn large(cell: &Cell, unit: Unit) -> Markup {
    match &cell.value {
        Ok(value) => {
            let figure = format::figure(*value, unit, cell.currency.as_deref());
            html! { b { (figure.before) (figure.number) } " " span.unit { (figure.after) } }
        }
        Err(reason) => html! { b title=(reason) { (DASH) } " " span.why { (reason) } },
    }
}

/// A figure in a line or a table.
pub fn value(cell: &Cell, unit: Unit) -> Markup {
    match &cell.value {
        Ok(value) => html! { (format::figure(*value, unit, cell.currency.as_deref())) },
        Err(reason) => html! { span title=(reason) { (DASH) } " " span.why { (reason) } },
    }
}

/// How a figure moved, with an arrow for the way and a word for better or worse: never by colour alone.
pub fn moved(now: &Cell, before: &Cell, unit: Unit, direction: Direction) -> Markup {
    let (Ok(value_now), Ok(value_before)) = (&now.value, &before.value) else {
        let reason = if now.value.is_err() { "" } else { "nothing to compare with" };
        return html! { span.quiet { (reason) } };
    };
    if now.currency != before.currency {
        return html! { span.quiet { "the currency changed" } };
    }
    match format::change(*value_now, *value_before, unit) {
        None => {
            let was = format::figure(*value_before, unit, before.currency.as_deref());
            html! { span.quiet { "was " (was) } }
        }
        Some(change) => change_markup(&change, direction),
    }
}

fn change_markup(change: &Change, direction: Direction) -> Markup {
    if change.is_tiny {
        // Too little to be called better or worse.
        return html! { span.quiet { "less than " (change.distance) } };
    }
    let (arrow, way) = match change.sense {
        Sense::Up => ("▲", "up"),
        Sense::Down => ("▼", "down"),
        Sense::Same => return html! { span.quiet { "unchanged" } },
    };
    let (class, verdict) = match (change.sense, direction) {
        (_, Direction::Neither) => ("quiet", ""),
        (Sense::Up, Direction::Up) | (Sense::Down, Direction::Down) => ("good", ", better"),
        _ => ("bad", ", worse"),
    };
    html! {
        span class=(class) {
            span aria-hidden="true" { (arrow) } span.hidden { (way) } " " (change.distance) (verdict)
        }
    }
}

/// How many records should have counted but lack a value, and of how many it is not known whether they count.
pub fn missing(cell: &Cell) -> Option<String> {
    let lacking = match cell.missing {
        0 => None,
        1 => Some("1 record lacks a value and is left out.".to_owned()),
        n => Some(format!("{} records lack a value and are left out.", format::count(n))),
    };
    let undecided = match cell.undecided {
        0 => None,
        1 => Some(
            "Whether 1 more counts is not known: its code stands in no map, or a value is missing."
                .to_owned(),
        ),
        n => Some(format!(
            "Whether {} more count is not known: their codes stand in no map, or a value is missing.",
            format::count(n)
        )),
    };
    match (lacking, undecided) {
        (Some(a), Some(b)) => Some(format!("{a} {b}")),
        (one, other) => one.or(other),
    }
}

/// The name of somebody, else how records and accounts know them.
pub fn name<'n>(names: &'n BTreeMap<String, String>, id: &'n str) -> &'n str {
    names.get(id).map_or(id, String::as_str)
}

/// A number with the word for what it counts.
pub fn counted(number: impl std::fmt::Display, one: &str, many: &str) -> String {
    let digits = number.to_string();
    format!("{}{}{}", format::count(&digits), format::NO_BREAK, if digits == "1" { one } else { many })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::test_tables::ratio_cell;
    use dialmark_metrics::Reason;

    fn none(reason: Reason) -> Cell {
        Cell { value: Err(reason), ..ratio_cell(0, 1) }
    }

    #[test]
    fn no_data_is_a_dash_with_its_reason_and_never_a_zero() {
        let text = large(&none(Reason::NoData), Unit::Share).into_string();
        assert_eq!(
            text,
            "<b title=\"no record in this place and time\">–</b> <span class=\"why\">no record in this place and time</span>"
        );
        assert!(
            value(&none(Reason::ZeroDenominator), Unit::Count).into_string().contains("nothing to divide by")
        );
    }

    #[test]
    fn a_change_says_by_word_whether_it_is_better() {
        let text = |direction| {
            moved(&ratio_cell(173, 10_000), &ratio_cell(240, 10_000), Unit::Share, direction).into_string()
        };
        assert!(text(Direction::Up).contains("▼") && text(Direction::Up).contains("points, worse"));
        assert!(text(Direction::Down).contains("points, better"));
        assert!(!text(Direction::Neither).contains("better") && !text(Direction::Neither).contains("worse"));
    }

    #[test]
    fn a_change_below_the_last_digit_is_neither_better_nor_worse() {
        let text = |unit| {
            moved(&ratio_cell(100_001, 1_000_000), &ratio_cell(1, 10), unit, Direction::Up).into_string()
        };
        assert_eq!(text(Unit::Share), "<span class=\"quiet\">less than 0.01\u{a0}points</span>");
        assert_eq!(text(Unit::PerHour), "<span class=\"quiet\">less than 0.1\u{a0}%</span>");
    }

    #[test]
    fn without_a_value_before_there_is_no_change() {
        let text = moved(&ratio_cell(1, 2), &none(Reason::NoData), Unit::Share, Direction::Up).into_string();
        assert!(text.contains("nothing to compare with"));
        let from_zero = moved(&ratio_cell(5, 1), &ratio_cell(0, 1), Unit::Count, Direction::Up).into_string();
        assert!(from_zero.contains("was 0"));
    }
}

//! The stable JSON of a query: an array of rows; each has one property a dimension and one a metric.

use dialmark_metrics::answer::MetricHeader;
use dialmark_metrics::{Cell, Exact, Key, MetricTable};
use serde_json::{Map, Value};

use super::{decimal, readable_integer};

/// The rows of a table as JSON.
///
/// A dimension is a text, a number, `true` or `false`, an ISO day, an RFC 3339 instant or null. A metric, under
/// the name by which it was asked for, is an object with `value`, `numerator`, `denominator` and `n`; with
/// `reason` when `value` is null, `missing` when records lacked a value, `undecided` when it is not known whether records
/// count, `pending` when base events of a conversion may still be converted, `histogram` when the metric has bars, `currency` when it is money. Whole
/// numbers are numbers up to 2^53 and text beyond; decimals, and the value of every ratio, are text.
pub fn json(table: &MetricTable) -> String {
    let rows: Vec<Value> = table.rows.iter().map(|row| Value::Object(object(table, row))).collect();
    // One row a line: readable, and a diff of two answers shows the rows that differ.
    let lines: Vec<String> = rows.iter().map(|row| format!("  {row}")).collect();
    match lines.is_empty() {
        true => "[]\n".to_owned(),
        false => format!("[\n{}\n]\n", lines.join(",\n")),
    }
}

fn object(table: &MetricTable, row: &dialmark_metrics::Row) -> Map<String, Value> {
    let mut object = Map::new();
    for (name, key) in table.dimensions.iter().zip(&row.keys) {
        object.insert(name.clone(), key_value(key));
    }
    for (header, cell) in table.metrics.iter().zip(&row.cells) {
        object.insert(property(table, header), cell_value(header, cell));
    }
    object
}

/// As asked for; in full when a dimension has that name already.
fn property(table: &MetricTable, header: &MetricHeader) -> String {
    match table.dimensions.contains(&header.asked) {
        true => format!("{}/{}", header.metric, header.variant),
        false => header.asked.clone(),
    }
}

pub(super) fn key_value(key: &Key) -> Value {
    match key {
        Key::None => Value::Null,
        Key::Bool(yes) => Value::Bool(*yes),
        Key::Integer(number) => number_or_text(Exact::integer(i128::from(*number))),
        Key::Number(_) | Key::Day(_) | Key::At(_) | Key::Weekday(_) => Value::String(key.to_string()),
        Key::Text(text) => Value::String(text.clone()),
    }
}

fn cell_value(header: &MetricHeader, cell: &Cell) -> Value {
    let mut object = Map::new();
    let value = match &cell.value {
        Err(_) => Value::Null,
        Ok(value) if header.kind == "simple" => match cell.numerator {
            Some(exact) => number_or_text(exact),
            None => Value::String(decimal(*value)),
        },
        Ok(value) => Value::String(decimal(*value)),
    };
    object.insert("value".to_owned(), value);
    object.insert("numerator".to_owned(), cell.numerator.map_or(Value::Null, number_or_text));
    object.insert("denominator".to_owned(), cell.denominator.map_or(Value::Null, number_or_text));
    object.insert("n".to_owned(), Value::from(cell.n));
    if let Err(reason) = &cell.value {
        object.insert("reason".to_owned(), Value::from(reason.word()));
    }
    if cell.missing > 0 {
        object.insert("missing".to_owned(), Value::from(cell.missing));
    }
    if cell.undecided > 0 {
        object.insert("undecided".to_owned(), Value::from(cell.undecided));
    }
    if cell.pending > 0 {
        object.insert("pending".to_owned(), Value::from(cell.pending));
    }
    if !cell.bars.is_empty() {
        let bar = |(from, n): &(Exact, u64)| serde_json::json!({ "from": number_or_text(*from), "n": n });
        object.insert("histogram".to_owned(), cell.bars.iter().map(bar).collect());
    }
    if let Some(currency) = &cell.currency {
        object.insert("currency".to_owned(), Value::from(currency.clone()));
    }
    Value::Object(object)
}

pub(super) fn number_or_text(value: Exact) -> Value {
    match readable_integer(value) {
        Some(whole) => Value::from(whole),
        None => Value::String(value.to_string()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::test_tables::*;
    use dialmark_metrics::Reason;
    use dialmark_metrics::metric::Unit;

    #[test]
    fn a_row_has_its_dimensions_and_an_object_for_each_metric() {
        let table = table(
            &["campaign_id", "attempt_no"],
            &[ratio_header("conversion_rate", Unit::Share), simple_header("dials", Unit::Count)],
            vec![row(
                vec![Key::Text("north \"1\"".to_owned()), Key::Integer(2)],
                vec![ratio_cell(1, 3), simple_cell(148_210)],
            )],
        );
        assert_eq!(
            json(&table),
            "[\n  {\"campaign_id\":\"north \\\"1\\\"\",\"attempt_no\":2,\
             \"conversion_rate\":{\"value\":\"0.333333333333333333\",\"numerator\":1,\"denominator\":3,\"n\":3},\
             \"dials\":{\"value\":148210,\"numerator\":148210,\"denominator\":null,\"n\":148210}}\n]\n"
        );
    }

    #[test]
    fn a_null_value_says_why_and_missing_and_currency_show_when_there_are_some() {
        let nothing = Cell { value: Err(Reason::ZeroDenominator), ..ratio_cell(0, 1) };
        let money = Cell {
            numerator: Exact::parse("12.50"),
            currency: Some("GBP".to_owned()),
            missing: 4,
            undecided: 2,
            ..simple_cell(3)
        };
        let table = table(
            &[],
            &[ratio_header("aht", Unit::Duration), simple_header("cost", Unit::Money)],
            vec![row(vec![], vec![nothing, money])],
        );
        let text = json(&table);
        assert!(text.contains("\"aht\":{\"value\":null,\"numerator\":0,\"denominator\":1,\"n\":1,\"reason\":\"zero_denominator\"}"), "{text}");
        assert!(text.contains("\"cost\":{\"value\":\"12.5\",\"numerator\":\"12.5\",\"denominator\":null,\"n\":3,\"missing\":4,\"undecided\":2,\"currency\":\"GBP\"}"), "{text}");
    }

    #[test]
    fn integers_that_a_double_would_blur_are_text() {
        let table = table(
            &["big"],
            &[simple_header("sum", Unit::Count)],
            vec![row(vec![Key::Integer(i64::MAX)], vec![exact_cell(Exact::integer((1 << 53) + 1))])],
        );
        let text = json(&table);
        assert!(text.contains("\"big\":\"9223372036854775807\""), "{text}");
        assert!(text.contains("\"value\":\"9007199254740993\""), "{text}");
    }

    #[test]
    fn a_ratio_is_text_even_when_it_is_whole() {
        let table = table(&[], &[ratio_header("r", Unit::Ratio)], vec![row(vec![], vec![ratio_cell(6, 3)])]);
        assert!(json(&table).contains("\"value\":\"2\""));
    }

    #[test]
    fn keys_of_every_kind_have_their_form() {
        let forms = [
            (Key::None, "null"),
            (Key::Bool(true), "true"),
            (Key::Day(jiff::civil::date(2026, 10, 25)), "\"2026-10-25\""),
            (Key::At("2026-10-25T01:30:00Z".parse().unwrap()), "\"2026-10-25T01:30:00Z\""),
            (Key::Weekday(0), "\"monday\""),
            (Key::Number(dialmark_metrics::answer::ExactKey { units: 150, scale: 2 }), "\"1.5\""),
        ];
        for (key, wanted) in forms {
            assert_eq!(key_value(&key).to_string(), wanted);
        }
    }

    #[test]
    fn a_metric_never_hides_a_dimension_of_its_name() {
        let table = table(
            &["dials"],
            &[simple_header("dials", Unit::Count)],
            vec![row(vec![Key::Integer(7)], vec![simple_cell(9)])],
        );
        let text = json(&table);
        assert!(text.contains("\"dials\":7") && text.contains("\"dials/standard\":{\"value\":9"), "{text}");
    }

    #[test]
    fn no_rows_are_an_empty_array() {
        assert_eq!(json(&table(&["day"], &[], vec![])), "[]\n");
    }
}

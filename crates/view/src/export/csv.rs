//! The same rows as CSV (RFC 4180): one column a dimension, then for each metric its value and its parts.

use dialmark_metrics::metric::Unit;
use dialmark_metrics::{Cell, Key, MetricTable};

use super::decimal;

/// The rows of a table as CSV with a header line and CRLF line ends.
///
/// For each metric, under the name by which it was asked for: `.value`, `.numerator`, `.denominator`, `.n`,
/// `.reason`, `.missing`, `.undecided`, and `.currency` when it is money. What is null is empty; an empty text is `""`. Text
/// is written as it is in the records, also where a spreadsheet would take it for a formula.
pub fn csv(table: &MetricTable) -> String {
    let mut header: Vec<Option<String>> = table.dimensions.iter().cloned().map(Some).collect();
    for metric in &table.metrics {
        let part = |part: &str| Some(format!("{}.{part}", metric.asked));
        header.extend(["value", "numerator", "denominator", "n", "reason", "missing", "undecided"].map(part));
        if metric.unit == Unit::Money {
            header.push(part("currency"));
        }
    }
    let mut out = csv_record(&header);
    for row in &table.rows {
        let mut fields: Vec<Option<String>> = row.keys.iter().map(key_field).collect();
        for (metric, cell) in table.metrics.iter().zip(&row.cells) {
            cell_fields(cell, metric.unit, &mut fields);
        }
        out.push_str(&csv_record(&fields));
    }
    out
}

/// One line of CSV. A field is quoted when it holds a separator, a quotation mark or a line end, or is an empty
/// text rather than null.
pub fn csv_record(fields: &[Option<String>]) -> String {
    let mut line = String::new();
    for (at, field) in fields.iter().enumerate() {
        if at > 0 {
            line.push(',');
        }
        let Some(text) = field else { continue };
        if text.is_empty() || text.contains([',', '"', '\r', '\n']) {
            line.push('"');
            line.push_str(&text.replace('"', "\"\""));
            line.push('"');
        } else {
            line.push_str(text);
        }
    }
    line.push_str("\r\n");
    line
}

fn key_field(key: &Key) -> Option<String> {
    match key {
        Key::None => None,
        other => Some(other.to_string()),
    }
}

fn cell_fields(cell: &Cell, unit: Unit, fields: &mut Vec<Option<String>>) {
    fields.push(cell.value.as_ref().ok().map(|value| decimal(*value)));
    fields.push(cell.numerator.map(|n| n.to_string()));
    fields.push(cell.denominator.map(|d| d.to_string()));
    fields.push(Some(cell.n.to_string()));
    fields.push(cell.value.as_ref().err().map(|reason| reason.word().to_owned()));
    fields.push(Some(cell.missing.to_string()));
    fields.push(Some(cell.undecided.to_string()));
    if unit == Unit::Money {
        fields.push(cell.currency.clone());
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::test_tables::*;
    use dialmark_metrics::Reason;

    #[test]
    fn values_stand_beside_their_parts() {
        let table = table(
            &["campaign_id"],
            &[ratio_header("conversion_rate", Unit::Share), simple_header("cost", Unit::Money)],
            vec![
                row(vec![Key::Text("north, \"1\"".to_owned())], vec![ratio_cell(1, 4), simple_cell(7)]),
                row(
                    vec![Key::None],
                    vec![Cell { value: Err(Reason::NoData), ..ratio_cell(0, 1) }, Cell::empty()],
                ),
                row(vec![Key::Text(String::new())], vec![ratio_cell(2, 1), simple_cell(0)]),
            ],
        );
        assert_eq!(
            csv(&table),
            "campaign_id,conversion_rate.value,conversion_rate.numerator,conversion_rate.denominator,\
             conversion_rate.n,conversion_rate.reason,conversion_rate.missing,conversion_rate.undecided,cost.value,cost.numerator,\
             cost.denominator,cost.n,cost.reason,cost.missing,cost.undecided,cost.currency\r\n\
             \"north, \"\"1\"\"\",0.25,1,4,4,,0,0,7,7,,7,,0,0,\r\n\
             ,,0,1,1,no_data,0,0,,,,0,no_data,0,0,\r\n\
             \"\",2,2,1,1,,0,0,0,0,,0,,0,0,\r\n"
        );
    }
}

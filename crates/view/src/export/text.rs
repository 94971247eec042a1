//! The same rows for a terminal: aligned columns, units formatted, the number of records beside each value.

use dialmark_metrics::answer::MetricHeader;
use dialmark_metrics::{Cell, Key, MetricTable};
use dialmark_model::civil;
use jiff::tz::TimeZone;

use crate::format;

/// Blanks between columns.
const GAP: usize = 2;

/// The rows of a table as aligned text, followed by the number of rows, period and notes.
///
/// When the metrics do not fit into `width` characters they go into several tables, one below the other, each
/// with the dimensions again; nothing is cut. Instants are shown in the zone of the question, else in the centre's.
pub fn text(table: &MetricTable, width: usize, centre: &TimeZone) -> String {
    let keys: Vec<Column> =
        table.dimensions.iter().enumerate().map(|(at, d)| key_column(table, at, d, centre)).collect();
    let metrics: Vec<[Column; 2]> =
        table.metrics.iter().enumerate().map(|(at, header)| metric_columns(table, at, header)).collect();
    let mut out = String::new();
    for group in groups(&keys, &metrics, width) {
        let columns: Vec<&Column> = keys.iter().chain(group.iter().flatten()).collect();
        write_table(&mut out, &columns, table.rows.len());
        out.push('\n');
    }
    write_footer(&mut out, table);
    out
}

struct Column {
    title: String,
    cells: Vec<String>,
    is_number: bool,
}

impl Column {
    fn width(&self) -> usize {
        self.cells.iter().chain([&self.title]).map(|t| t.chars().count()).max().unwrap_or(0)
    }
}

fn key_column(table: &MetricTable, at: usize, title: &str, centre: &TimeZone) -> Column {
    let zone = table.zone.as_deref().and_then(|name| civil::zone(name).ok()).unwrap_or(centre.clone());
    let keys: Vec<&Key> = table.rows.iter().filter_map(|row| row.keys.get(at)).collect();
    Column {
        title: title.to_owned(),
        cells: keys.iter().map(|key| key_text(key, &zone)).collect(),
        is_number: keys.iter().any(|key| matches!(key, Key::Integer(_) | Key::Number(_))),
    }
}

fn key_text(key: &Key, zone: &TimeZone) -> String {
    match key {
        Key::None => "(none)".to_owned(),
        // With its offset: two buckets of the night in which clocks go back would otherwise look alike.
        Key::At(at) => at.to_zoned(zone.clone()).strftime("%Y-%m-%d %H:%M %:z").to_string(),
        other => printable(&other.to_string()),
    }
}

/// Control characters could move the cursor or colour the terminal.
fn printable(text: &str) -> String {
    text.chars().map(|c| if c.is_control() { '\u{fffd}' } else { c }).collect()
}

fn metric_columns(table: &MetricTable, at: usize, header: &MetricHeader) -> [Column; 2] {
    let cells: Vec<&Cell> = table.rows.iter().filter_map(|row| row.cells.get(at)).collect();
    let values = cells.iter().map(|cell| cell_text(cell, header)).collect();
    let counts = cells.iter().map(|cell| plain(&format::count(cell.n))).collect();
    [
        Column { title: header.asked.clone(), cells: values, is_number: true },
        Column { title: "n".to_owned(), cells: counts, is_number: true },
    ]
}

fn cell_text(cell: &Cell, header: &MetricHeader) -> String {
    match &cell.value {
        Ok(value) => plain(&format::figure(*value, header.unit, cell.currency.as_deref()).to_string()),
        Err(reason) => format!("{} {reason}", format::DASH),
    }
}

/// Terminals are copied from: commas and plain blanks travel better than typographic ones.
pub fn plain(text: &str) -> String {
    text.replace(format::GROUP, ",").replace(format::NO_BREAK, " ").replace(format::MINUS, "-")
}

/// As many metrics side by side as fit, at least one.
fn groups<'a>(keys: &[Column], metrics: &'a [[Column; 2]], width: usize) -> Vec<&'a [[Column; 2]]> {
    let key_width: usize = keys.iter().map(|c| c.width() + GAP).sum();
    let mut groups = Vec::new();
    let (mut start, mut used) = (0, key_width);
    for (at, pair) in metrics.iter().enumerate() {
        let wanted: usize = pair.iter().map(|c| c.width() + GAP).sum();
        if at > start && used + wanted > width + GAP {
            groups.extend(metrics.get(start..at));
            (start, used) = (at, key_width);
        }
        used += wanted;
    }
    groups.extend(metrics.get(start..));
    groups
}

fn write_table(out: &mut String, columns: &[&Column], rows: usize) {
    let widths: Vec<usize> = columns.iter().map(|c| c.width()).collect();
    let titles: Vec<&str> = columns.iter().map(|c| c.title.as_str()).collect();
    write_line(out, columns, &widths, &titles);
    let rules: Vec<String> = widths.iter().map(|width| "-".repeat(*width)).collect();
    write_line(out, columns, &widths, &rules.iter().map(String::as_str).collect::<Vec<_>>());
    for row in 0..rows {
        let cells: Vec<&str> = columns.iter().map(|c| c.cells.get(row).map_or("", String::as_str)).collect();
        write_line(out, columns, &widths, &cells);
    }
}

fn write_line(out: &mut String, columns: &[&Column], widths: &[usize], cells: &[&str]) {
    let mut line = String::new();
    for ((column, width), cell) in columns.iter().zip(widths).zip(cells) {
        let blanks = " ".repeat(width.saturating_sub(cell.chars().count()));
        match column.is_number {
            true => line.push_str(&format!("{blanks}{cell}")),
            false => line.push_str(&format!("{cell}{blanks}")),
        }
        line.push_str(&" ".repeat(GAP));
    }
    out.push_str(line.trim_end());
    out.push('\n');
}

fn write_footer(out: &mut String, table: &MetricTable) {
    let rows = match table.rows.len() {
        0 => "no rows".to_owned(),
        1 => "1 row".to_owned(),
        n => format!("{} rows", plain(&format::grouped(&n.to_string()))),
    };
    let mut parts = vec![rows];
    parts.extend(period_text(table));
    parts.extend(table.zone.clone());
    out.push_str(&parts.join("; "));
    out.push('\n');
    let lacking = counted(
        table,
        |cell| cell.missing,
        |count| format!("{count} records that should have counted lack a value."),
    );
    let undecided = counted(
        table,
        |cell| cell.undecided,
        |count| {
            format!(
                "whether {count} more records count is not known; their codes stand in no map, or a value is missing."
            )
        },
    );
    for note in table.notes.iter().chain(&lacking).chain(&undecided) {
        out.push_str("note: ");
        out.push_str(&printable(note));
        out.push('\n');
    }
}

/// A note for each metric of which some records are not counted.
fn counted(table: &MetricTable, records: fn(&Cell) -> u64, says: fn(&str) -> String) -> Vec<String> {
    let note = |(at, header): (usize, &MetricHeader)| {
        let sum: u64 = table.rows.iter().filter_map(|row| row.cells.get(at)).map(records).sum();
        (sum > 0).then(|| format!("{}: {}", header.asked, says(&plain(&format::count(sum)))))
    };
    table.metrics.iter().enumerate().filter_map(note).collect()
}

fn period_text(table: &MetricTable) -> Option<String> {
    match (table.period.from, table.period.to) {
        (None, None) => None,
        (Some(from), None) => Some(format!("from {from}")),
        (None, Some(to)) => Some(format!("before {to}")),
        (Some(from), Some(to)) => Some(format!("from {from}, before {to}")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::test_tables::*;
    use dialmark_metrics::Reason;
    use dialmark_metrics::metric::Unit;

    fn example() -> MetricTable {
        table(
            &["campaign_id"],
            &[ratio_header("conversion_rate", Unit::Share), simple_header("dials", Unit::Count)],
            vec![
                row(vec![Key::Text("north".to_owned())], vec![ratio_cell(173, 10_000), simple_cell(148_210)]),
                row(
                    vec![Key::None],
                    vec![
                        Cell { value: Err(Reason::ZeroDenominator), n: 0, ..ratio_cell(0, 1) },
                        simple_cell(5),
                    ],
                ),
            ],
        )
    }

    #[test]
    fn columns_are_aligned_and_every_value_has_its_n() {
        assert_eq!(
            text(&example(), 120, &TimeZone::UTC),
            "campaign_id         conversion_rate       n    dials        n\n\
             -----------  ----------------------  ------  -------  -------\n\
             north                        1.73 %  10,000  148,210  148,210\n\
             (none)       – nothing to divide by       0        5        5\n\
             \n2 rows\n"
        );
    }

    #[test]
    fn what_does_not_fit_side_by_side_goes_below_with_the_dimensions_again() {
        let narrow = text(&example(), 50, &TimeZone::UTC);
        assert_eq!(narrow.matches("campaign_id").count(), 2);
        assert_eq!(narrow.matches("148,210").count(), 2);
        assert!(narrow.ends_with("2 rows\n"));
        // Even a width of nothing cuts nothing.
        assert_eq!(text(&example(), 0, &TimeZone::UTC).matches("1.73 %").count(), 1);
    }

    #[test]
    fn the_footer_tells_period_zone_notes_and_missing_values() {
        let mut table = example();
        table.zone = Some("Europe/London".to_owned());
        table.period.from = Some("2026-10-01T00:00:00Z".parse().unwrap());
        table.notes = vec!["12 codes are unmapped.".to_owned()];
        table.rows[0].cells[0].missing = 3;
        let shown = text(&table, 100, &TimeZone::UTC);
        assert!(shown.contains("2 rows; from 2026-10-01T00:00:00Z; Europe/London\n"), "{shown}");
        assert!(shown.contains("note: 12 codes are unmapped.\n"), "{shown}");
        assert!(shown.contains("note: conversion_rate: 3 records that should have counted lack a value.\n"));
    }

    #[test]
    fn a_name_cannot_move_the_cursor() {
        let table = table(&["name"], &[], vec![row(vec![Key::Text("\u{1b}[31mred".to_owned())], vec![])]);
        assert!(!text(&table, 80, &TimeZone::UTC).contains('\u{1b}'));
    }

    #[test]
    fn both_hours_of_the_night_when_clocks_go_back_can_be_told_apart() {
        let mut table = table(
            &["hour"],
            &[],
            ["2026-10-25T00:00:00Z", "2026-10-25T01:00:00Z"]
                .map(|at| row(vec![Key::At(at.parse().unwrap())], vec![]))
                .to_vec(),
        );
        table.zone = Some("Europe/London".to_owned());
        let shown = text(&table, 80, &TimeZone::UTC);
        assert!(shown.contains("2026-10-25 01:00 +01:00") && shown.contains("2026-10-25 01:00 +00:00"));
    }
}

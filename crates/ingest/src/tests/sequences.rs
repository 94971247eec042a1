//! Properties: every record ends somewhere, and its neighbours do not change it.

use dialmark_model::Kind;
use dialmark_model::source::{DurationUnit, Read, Source};
use proptest::prelude::*;

use super::collect::{Mapped, Row, mapping, read};

fn calls() -> Source {
    mapping("calls").known_by(&["id"]).newest_by("rev", Kind::Integer).with("started_at", "start").with_field(
        "talk_ms",
        "talk",
        |f| f.read = Read::Unit(DurationUnit::Seconds),
    )
}

const HEADER: &str = "id,rev,start,talk\n";

fn line() -> impl Strategy<Value = String> {
    (
        "[0-9]{0,2}",
        "[0-9x]{0,2}",
        prop::sample::select(vec!["2026-01-01 10:00", "2026-03-29 01:30", "", "no"]),
        "-?[0-9.]{0,4}",
    )
        .prop_map(|(id, rev, start, talk)| format!("{id},{rev},{start},{talk}\n"))
}

fn without_line(row: &Row) -> Row {
    let mut row = row.clone();
    row.remove("line");
    row
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn every_record_becomes_a_row_or_is_set_aside(lines in prop::collection::vec(line(), 0..20)) {
        let taken = read(&calls(), (HEADER.to_owned() + &lines.concat()).as_bytes()).unwrap();
        prop_assert_eq!(taken.rows.len() + taken.quarantined.len(), lines.len());
    }

    #[test]
    fn the_order_of_lines_changes_no_row_under_declared_revisions(
        (lines, shuffled) in prop::collection::vec(line(), 0..20)
            .prop_flat_map(|lines| (Just(lines.clone()), Just(lines).prop_shuffle()))
    ) {
        let rows = |lines: &[String]| {
            let taken = read(&calls(), (HEADER.to_owned() + &lines.concat()).as_bytes()).unwrap();
            let mut rows: Vec<Row> = taken.rows.iter().map(without_line).collect();
            rows.sort();
            rows
        };
        prop_assert_eq!(rows(&lines), rows(&shuffled));
    }
}

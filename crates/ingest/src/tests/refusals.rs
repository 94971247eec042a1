//! What is quarantined, with line and reason, and what stops a file.

use dialmark_model::Kind;
use dialmark_model::source::{Format, From, Identity};

use super::collect::{Mapped, mapping, read};
use crate::people::{Forgotten, PeopleKey};

fn calls() -> dialmark_model::source::Source {
    mapping("calls").known_by(&["id"]).with("started_at", "start").with("agent_id", "agent")
}

#[test]
fn records_without_identifier_or_time_or_shape_are_set_aside_and_the_rest_is_taken() {
    let text = b"id,start,agent\n\
        1,2026-01-01 10:00,ana\n\
        ,2026-01-01 10:00,ana\n\
        3,,ana\n\
        4,soon,ana\n\
        5,2026-01-01 10:00\n\
        6,2026-01-01 10:00,ana,x\n\
        7,2026-01-01 10:00,m\xfcller\n\
        8,2026-01-01 10:00,bo\n\
        9,2026-01-01 10:00,\"cut";
    let taken = read(&calls(), text).unwrap();
    assert_eq!(taken.column("source_id"), ["1", "8"]);
    assert_eq!(
        taken.reasons(),
        [
            (3, "no_id"),
            (4, "no_time"),
            (5, "no_time"),
            (6, "columns"),
            (7, "columns"),
            (8, "encoding"),
            (10, "quotes")
        ]
    );
    for row in &taken.quarantined {
        assert!(row.detail.ends_with('.') && !row.text.is_empty(), "{row:?}");
    }
    let encoding = taken.quarantined.iter().find(|q| q.reason == "encoding").unwrap();
    assert!(encoding.detail.contains("encoding = \"windows-1252\""), "{}", encoding.detail);
    assert_eq!(encoding.text, "7,2026-01-01 10:00,m\u{fffd}ller");
}

#[test]
fn half_characters_on_both_sides_of_a_separator_are_no_text() {
    let taken = read(&calls(), b"id,start,agent\n1,2026-01-01 10:00\xc3,\xa9\n").unwrap();
    assert_eq!(taken.reasons(), [(2, "encoding")]);
}

#[test]
fn a_declared_revision_that_cannot_be_read_sets_the_record_aside() {
    let source = calls().newest_by("rev", Kind::Integer);
    let taken = read(
        &source,
        b"id,start,agent,rev\n1,2026-01-01 10:00,a,5\n2,2026-01-01 10:00,a,\n3,2026-01-01 10:00,a,x\n",
    )
    .unwrap();
    assert_eq!(taken.column("revision"), ["5"]);
    assert_eq!(taken.reasons(), [(3, "no_revision"), (4, "no_revision")]);
    let source = calls().newest_by("rev", Kind::Instant);
    let taken = read(&source, b"id,start,agent,rev\n1,2026-01-01 10:00,a,1970-01-01T00:00:01Z\n").unwrap();
    assert_eq!(taken.column("revision"), ["1000000"]);
}

#[test]
fn revisions_of_arrival_follow_the_lines() {
    let taken = read(&calls(), b"id,start,agent\n1,2026-01-01 10:00,a\n1,2026-01-01 10:00,b\n").unwrap();
    let revisions: Vec<i64> = taken.column("revision").iter().map(|r| r.parse().unwrap()).collect();
    assert_eq!(revisions, [2, 3].map(|line| dialmark_lake::arrival_revision(7, line)));
}

#[test]
fn parts_of_an_identifier_cannot_run_together() {
    let source = calls().known_by(&["id", "agent"]);
    let text = b"id,start,agent\na|b,2026-01-01 10:00,c\na,2026-01-01 10:00,b|c\n";
    let taken = read(&source, text).unwrap();
    assert_eq!(taken.column("source_id"), ["a\\|b|c", "a|b\\|c"]);
}

fn error_of(source: &dialmark_model::source::Source, text: &str) -> String {
    read(source, text.as_bytes()).unwrap_err().to_string()
}

#[test]
fn a_mapped_column_that_is_absent_or_doubled_stops_the_file() {
    let error = error_of(&calls(), "id,begin,agent\n");
    assert!(error.contains("column `start`") && error.contains("`begin`"), "{error}");
    let error = error_of(&calls(), "id,starts,agent\n");
    assert!(error.contains("did you mean `starts`?"), "{error}");
    let error = error_of(&calls(), "id,start,agent,start\n");
    assert!(error.contains("columns 2 and 4"), "{error}");
}

#[test]
fn a_wrong_separator_stops_the_file_and_names_the_right_one() {
    let format = Format::Csv { delimiter: Some(b','), quote: None, encoding: None, header: true };
    let error = error_of(&calls().in_format(format), "id;start;agent\n1;2026-01-01 10:00;a\n");
    assert!(error.contains("delimiter = \";\""), "{error}");
}

#[test]
fn a_mapping_that_contradicts_itself_is_an_error_that_names_it() {
    let text = "id,start,agent\n1,2026-01-01 10:00,a\n";
    let untimed = mapping("calls").with("agent_id", "agent");
    let error = error_of(&untimed, text);
    assert!(
        error.contains("sources/dialler.toml: [source.dialler]") && error.contains("`started_at`"),
        "{error}"
    );
    assert!(error_of(&calls().with("agent_id", "id"), text).contains("filled twice"));
    let circle = calls().with_field("queued_at", "start", |f| f.after = Some("ended_at".into())).with_field(
        "ended_at",
        "start",
        |f| f.after = Some("queued_at".into()),
    );
    assert!(error_of(&circle, text).contains("in a circle"));
    let constant = calls().with_field("attempt_no", "start", |f| f.from = From::Constant("one".into()));
    assert!(error_of(&constant, text).contains("constant `one`"));
    let mut nowhere = calls();
    nowhere.zone = "Europe/Atlantis".into();
    assert!(error_of(&nowhere, text).contains("Europe/Atlantis"));
    let mut nameless = calls();
    if let Identity::Id { columns, .. } = &mut nameless.identity {
        columns.clear();
    }
    assert!(error_of(&nameless, text).contains("names no column"));
}

#[test]
fn a_header_alone_is_a_file_without_records() {
    let taken = read(&calls(), b"id,start,agent\n").unwrap();
    assert!(taken.rows.is_empty() && taken.quarantined.is_empty());
}

#[test]
fn the_last_record_of_a_file_that_still_grows_waits_for_its_end() {
    use std::io::Write;
    let mut file = tempfile::NamedTempFile::new().unwrap();
    file.write_all(b"id,start,agent\n1,2026-01-01 10:00,ana\n2,2026-01-01 10:00,b").unwrap();
    let pinned = crate::pinned::Pinned::look(file.path()).unwrap();
    file.write_all(b"ob\n3,2026-01-01 10:00,cy\n").unwrap();
    let source = calls();
    let mut taken = super::collect::Taken::default();
    let pipeline = crate::pipeline::Pipeline::open(
        &pinned,
        &source,
        &PeopleKey::passing().unwrap(),
        &Forgotten::default(),
    )
    .unwrap();
    let schema = dialmark_lake::schema::stored_schema(&source.table);
    pipeline.run(1, &schema, &mut taken, &crate::pipeline::Unwatched).unwrap();
    assert_eq!(taken.column("source_id"), ["1"]);
    assert_eq!(taken.reasons(), [(3, "incomplete")]);
    assert_eq!(pinned.check(), Ok(crate::pinned::Since::Grown));
}

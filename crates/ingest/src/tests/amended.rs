//! Fields that cannot be: they become null with a counted flag, and their record stays.

use dialmark_model::source::{From, Source};

use super::collect::{Mapped, mapping, read};

fn calls() -> Source {
    mapping("calls")
        .with("started_at", "start")
        .with("answered_at", "answer")
        .with("ended_at", "end")
        .with("wrap_ended_at", "wrap")
}

#[test]
fn times_before_the_start_of_a_call_become_null_and_are_counted() {
    let text = b"start,answer,end,wrap\n\
        2026-01-05 10:00,2026-01-05 10:00,2026-01-05 09:00,2026-01-05 10:02\n\
        2026-01-05 10:00,2026-01-05 09:59:59,2026-01-05 10:01,2026-01-04 10:02\n\
        2026-01-05 10:00,2026-01-05 10:00,2026-01-05 10:00,2026-01-05 10:00\n";
    let taken = read(&calls(), text).unwrap();
    assert_eq!(taken.rows.len(), 3);
    assert_eq!(taken.column("ended_at"), ["", "2026-01-05T10:01:00Z", "2026-01-05T10:00:00Z"]);
    assert_eq!(
        taken.column("flags"),
        ["ended_at:before_start", "answered_at:before_start wrap_ended_at:before_start", ""]
    );
    assert_eq!(taken.outcome.flags.get("ended_at:before_start"), Some(&1));
}

#[test]
fn an_end_that_a_change_of_the_clocks_puts_before_its_start_becomes_null() {
    // The hour from one to two exists twice in London that night; 01:10 is the earlier of two.
    let source = mapping("calls").with("started_at", "start").with("ended_at", "end");
    let taken = read(&source, b"start,end\n2026-10-25T00:50:00Z,2026-10-25 01:10\n").unwrap();
    assert_eq!(taken.column("ended_at"), [""]);
    assert_eq!(taken.column("flags"), ["ended_at:before_start"]);
}

#[test]
fn spans_shifts_and_plans_do_not_end_before_they_begin() {
    for (table, start, end) in [
        ("agent_spans", "started_at", "ended_at"),
        ("shifts", "started_at", "ended_at"),
        ("schedules", "starts_at", "ends_at"),
    ] {
        let source = mapping(table).with(start, "a").with(end, "b");
        let taken = read(&source, b"a,b\n2026-01-05 10:00,2026-01-05 09:00\n").unwrap();
        assert_eq!(taken.column(end), [""], "{table}");
        assert_eq!(taken.column("flags"), [format!("{end}:before_start")]);
    }
}

#[test]
fn a_direction_is_known_in_any_case_and_any_other_word_becomes_null() {
    let source = mapping("calls").with("started_at", "start").with("direction", "way");
    let text = "start,way\n".to_owned()
        + &["Outbound", "OUTBOUND ", "inbound", "Internal", "out", ""]
            .map(|way| format!("2026-01-05 10:00,{way}\n"))
            .concat();
    let taken = read(&source, text.as_bytes()).unwrap();
    assert_eq!(taken.column("direction"), ["outbound", "outbound", "inbound", "internal", "", ""]);
    assert_eq!(taken.column("flags"), ["", "", "", "", "direction:unknown", ""]);
    assert_eq!(taken.outcome.flags.get("direction:unknown"), Some(&1));
}

#[test]
fn a_word_that_the_mapping_chose_is_kept() {
    let source = mapping("calls").with("started_at", "start").with_field("direction", "way", |field| {
        field.values = vec![("O".into(), "Outbound".into()), ("T".into(), "transfer".into())];
    });
    let taken =
        read(&source, b"start,way\n2026-01-05 10:00,O\n2026-01-05 10:00,T\n2026-01-05 10:00,X\n").unwrap();
    assert_eq!(taken.column("direction"), ["outbound", "transfer", ""]);
    assert_eq!(taken.column("flags"), ["", "", "direction:unknown"]);
    let source = mapping("calls").with("started_at", "start").with_field("direction", "way", |field| {
        field.from = From::Constant("Inbound".into());
    });
    let taken = read(&source, b"start,way\n2026-01-05 10:00,O\n").unwrap();
    assert_eq!(taken.column("direction"), ["inbound"]);
}

#[test]
fn other_words_that_a_column_does_not_know_stay_and_are_counted() {
    let source =
        mapping("agent_spans").with("started_at", "start").with("state", "state").with("reason", "why");
    let taken =
        read(&source, b"start,state,why\n2026-01-05 10:00,TALK,Lunch\n2026-01-05 10:00,ACW,x\n").unwrap();
    assert_eq!(taken.column("state"), ["talk", "ACW"]);
    assert_eq!(taken.column("reason"), ["Lunch", "x"]);
    assert_eq!(taken.column("flags"), ["", "state:unknown"]);
}

//! Fields: recoding, what means nothing, joined parts, constants, headers.

use dialmark_model::source::{Format, From, Read};
use dialmark_model::{Column, Kind, Table};

use super::collect::{Mapped, mapping, read};

#[test]
fn texts_are_trimmed_emptied_and_recoded_in_that_order() {
    let source = mapping("agent_spans")
        .with("started_at", "start")
        .with_field("state", "state", |f| {
            f.null = vec!["-".into(), "N/A".into()];
            f.values = vec![("INCALL".into(), "talk".into()), ("X".into(), String::new())];
        })
        .with_field("paid", "paid", |f| {
            f.values = vec![("J".into(), "yes".into()), ("N".into(), "no".into())]
        });
    let text = "start,state,paid\n\
        2026-01-01 10:00, INCALL ,J\n\
        2026-01-01 10:01,-,N\n\
        2026-01-01 10:02, N/A,perhaps\n\
        2026-01-01 10:03,X,\n\
        2026-01-01 10:04,PAUSE,yes\n";
    let taken = read(&source, text.as_bytes()).unwrap();
    assert_eq!(taken.column("state"), ["talk", "", "", "", "pause"]);
    assert_eq!(taken.column("paid"), ["true", "false", "", "", "true"]);
    assert_eq!(taken.column("flags"), ["", "", "paid:unreadable", "", ""]);
}

#[test]
fn joined_times_need_all_their_parts_and_joined_texts_do_not() {
    let source = mapping("calls")
        .with_field("started_at", "day", |f| {
            f.from = From::Joined(vec!["day".into(), "time".into()], " ".into());
            f.null = vec!["00:00:00".into()];
        })
        .with("ended_at", "end")
        .with_field("agent_id", "first", |f| {
            f.from = From::Joined(vec!["first".into(), "last".into()], " ".into())
        })
        .with_field("direction", "first", |f| f.from = From::Constant("outbound".into()));
    let text = "day,time,end,first,last\n\
        2026-01-01,10:00:00,,Ana,Ruiz\n\
        2026-01-01,,2026-01-01 10:05,Ana,\n\
        2026-01-01,00:00:00,2026-01-01 10:05,,Ruiz\n\
        ,10:00:00,2026-01-01 10:05,,\n";
    let taken = read(&source, text.as_bytes()).unwrap();
    assert_eq!(taken.column("started_at"), ["2026-01-01T10:00:00Z", "", "", ""]);
    assert_eq!(taken.column("agent_id"), ["Ana Ruiz", "Ana", "Ruiz", ""]);
    assert_eq!(taken.column("direction"), ["outbound"; 4]);
    assert_eq!(taken.column("flags"), [""; 4]);
}

#[test]
fn a_file_without_header_is_read_by_number() {
    let format = Format::Csv { delimiter: None, quote: None, encoding: None, header: false };
    let source = mapping("calls").with("called_number", "1").with("started_at", "2").in_format(format);
    let taken = read(&source, b"555,2026-01-01 10:00\n556,2026-01-01 10:01\n").unwrap();
    assert_eq!(taken.column("called_number"), ["555", "556"]);
    assert_eq!(taken.column("line"), ["1", "2"]);
}

#[test]
fn a_table_of_ones_own_needs_no_clock_and_holds_every_kind() {
    let columns = vec![
        Column::own("talk_ms", Kind::Duration, "Talk."),
        Column::own("dials", Kind::Integer, "Dials."),
        Column::own("seen_on", Kind::Day, "Day."),
        Column::own("fee_amount", Kind::Amount, "Fee."),
        Column::own("share", Kind::Number, "Share."),
        Column::own("won", Kind::Bool, "Won."),
        Column::own("note", Kind::Text, "Note."),
    ];
    let mut source = mapping("calls");
    source.table = Table::own("clients", "One row a client.", &[], columns);
    let source = source
        .with("talk_ms", "t")
        .with("dials", "d")
        .with_field("seen_on", "s", |f| f.read = Read::Pattern("%d/%m/%Y".into()))
        .with_field("fee_amount", "f", |f| f.read = Read::DecimalComma)
        .with("share", "h")
        .with("won", "w")
        .with("note", "n");
    let text = "t;d;s;f;h;w;n\n5000;3.0;28/2/2026;1.234,50;0.5;n;x\n\"\";;;;;;\n";
    let taken = read(&source, text.as_bytes()).unwrap();
    for (column, wanted) in [
        ("talk_ms", "5000"),
        ("dials", "3"),
        ("seen_on", "2026-02-28"),
        ("fee_amount", "1234.5000"),
        ("share", "0.500000"),
        ("won", "false"),
        ("note", "x"),
    ] {
        assert_eq!(taken.column(column), [wanted, ""], "{column}");
    }
    assert_eq!(taken.column("source_id"), ["", ""]);
}

#[test]
fn identical_lines_stay_apart() {
    let source = mapping("calls").with("started_at", "start");
    let taken = read(&source, b"start\n2026-01-01 10:00\n2026-01-01 10:00\n").unwrap();
    assert_eq!(taken.rows.len(), 2);
    assert_ne!(taken.column("line").first(), taken.column("line").last());
}

#[test]
fn long_files_come_in_several_batches_without_loss() {
    let mut text = "start,agent\n".to_owned();
    for n in 0..20_000 {
        text += &format!("2026-01-01 10:00:{:02},agent {n}\n", n % 60);
    }
    let source = mapping("calls").with("started_at", "start").with("agent_id", "agent");
    let taken = read(&source, text.as_bytes()).unwrap();
    assert_eq!(taken.rows.len(), 20_000);
    assert!(taken.column("agent_id").iter().enumerate().all(|(n, agent)| *agent == format!("agent {n}")));
}

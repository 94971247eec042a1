//! An export with a date column, clocks without a date, and an identifier of three parts.

use dialmark_model::source::{DurationUnit, Field, From, Read};

use super::collect::{Mapped, Taken, mapping, read};

const HEADER: &str =
    "line\tcall\tcustomer\tdate\tentry\tq_start\tq_time\tresult\ts_start\ts_end\ts_time\tagent\t\r\n";

fn clock(after: Option<&str>, lasting: Option<&str>) -> impl Fn(&mut Field) {
    let (after, lasting) = (after.map(str::to_owned), lasting.map(str::to_owned));
    move |field: &mut Field| {
        let From::Column(time) = &field.from else { return };
        field.from = From::Joined(vec!["date".into(), time.clone()], " ".into());
        field.read = Read::Pattern("%y%m%d %H:%M:%S".into());
        field.after = after.clone();
        field.lasting = lasting.clone();
        if field.after.is_some() {
            field.null = vec!["0:00:00".into()];
        }
    }
}

fn seconds(field: &mut Field) {
    field.read = Read::Unit(DurationUnit::Seconds);
}

fn taken(lines: &[&str]) -> Taken {
    let mut source = mapping("calls")
        .known_by(&["line", "date", "call"])
        .with_field("customer_id", "customer", |f| f.null = vec!["0".into()])
        .with_field("ended_at", "s_end", clock(Some("connected_at"), Some("talk_ms")))
        .with_field("connected_at", "s_start", clock(Some("started_at"), None))
        .with_field("queued_at", "q_start", clock(Some("started_at"), None))
        .with_field("started_at", "entry", clock(None, None))
        .with_field("queue_ms", "q_time", seconds)
        .with_field("talk_ms", "s_time", seconds)
        .with_field("agent_id", "agent", |f| f.null = vec!["NO_SERVER".into()])
        .with("disposition", "result");
    source.zone = "Asia/Jerusalem".into();
    let text: String =
        std::iter::once(HEADER.to_owned()).chain(lines.iter().map(|l| format!("{l}\t\r\n"))).collect();
    read(&source, text.as_bytes()).unwrap()
}

#[test]
fn a_handled_call_is_read_with_all_its_times_in_utc() {
    let taken =
        taken(&["AA01\t7\t23317894\t990201\t7:02:47\t7:02:56\t4\tAGENT\t7:02:59\t7:05:41\t162\tDORIT"]);
    let row = taken.rows.first().unwrap();
    for (column, wanted) in [
        ("source", "dialler"),
        ("source_id", "AA01|990201|7"),
        ("source_zone", "Asia/Jerusalem"),
        ("import_id", "7"),
        ("line", "2"),
        ("customer_id", "23317894"),
        ("started_at", "1999-02-01T05:02:47Z"),
        ("queued_at", "1999-02-01T05:02:56Z"),
        ("connected_at", "1999-02-01T05:02:59Z"),
        ("ended_at", "1999-02-01T05:05:41Z"),
        ("queue_ms", "4000"),
        ("talk_ms", "162000"),
        // No column says it: from the start to the end.
        ("duration_ms", "174000"),
        ("agent_id", "DORIT"),
        ("disposition", "AGENT"),
    ] {
        assert_eq!(row.get(column).map(String::as_str), Some(wanted), "{column}");
    }
    assert_eq!(row.get("flags"), None);
    assert_eq!(row.len(), 16, "{row:?}");
}

#[test]
fn an_abandoned_call_has_no_service_and_an_unknown_customer_is_nobody() {
    let taken = taken(&["AA01\t8\t0\t990201\t8:09:16\t8:09:22\t5\tHANG\t0:00:00\t0:00:00\t0\tNO_SERVER"]);
    let row = taken.rows.first().unwrap();
    for column in ["customer_id", "connected_at", "ended_at", "agent_id"] {
        assert_eq!(row.get(column), None, "{column}");
    }
    assert_eq!(row.get("talk_ms").map(String::as_str), Some("0"));
}

#[test]
fn a_service_that_crosses_midnight_ends_on_the_next_day() {
    let taken = taken(&[
        "AA01\t1\t0\t990201\t23:58:00\t0:00:00\t0\tAGENT\t23:59:00\t0:01:30\t150\tDORIT",
        "AA01\t2\t0\t990201\t23:59:50\t23:59:58\t4\tAGENT\t0:00:02\t0:01:02\t60\tDORIT",
        // The stated duration disagrees, so it is not the next day's, and an end before the start is none.
        "AA01\t3\t0\t990201\t23:58:00\t0:00:00\t0\tAGENT\t23:59:00\t0:01:30\t10\tDORIT",
    ]);
    assert_eq!(taken.column("ended_at"), ["1999-02-01T22:01:30Z", "1999-02-01T22:01:02Z", ""]);
    assert_eq!(taken.column("connected_at").get(1), Some(&"1999-02-01T22:00:02Z"));
    assert_eq!(
        taken.column("flags"),
        ["ended_at:next_day", "connected_at:next_day ended_at:next_day", "ended_at:before_start"]
    );
    assert_eq!(taken.outcome.flags.get("ended_at:next_day"), Some(&2));
}

#[test]
fn an_impossible_duration_becomes_null_and_the_record_stays() {
    let taken = taken(&["AA01\t1\t0\t990201\t7:00:00\t0:00:00\t-3\tAGENT\t7:00:05\t7:01:05\tx\tDORIT"]);
    assert_eq!(taken.column("flags"), ["queue_ms:negative talk_ms:unreadable"]);
    assert_eq!(taken.column("queue_ms"), [""]);
}

#[test]
fn a_stated_duration_that_differs_from_its_instants_stays_and_is_counted() {
    let taken = taken(&[
        "AA01\t1\t0\t990201\t7:00:00\t0:00:00\t0\tAGENT\t7:00:05\t7:01:05\t90\tDORIT",
        "AA01\t2\t0\t990201\t7:00:00\t0:00:00\t0\tAGENT\t7:00:05\t7:01:05\t61\tDORIT",
    ]);
    assert_eq!(taken.column("talk_ms"), ["90000", "61000"]);
    assert_eq!(taken.column("flags"), ["talk_ms:mismatch", ""]);
}

#[test]
fn columns_that_no_field_reads_are_reported() {
    let text = "a,b,c\n1,2026-01-01 10:00,x\n";
    let source = mapping("calls").with("called_number", "a").with("started_at", "b");
    assert_eq!(read(&source, text.as_bytes()).unwrap().outcome.unused, ["c"]);
}

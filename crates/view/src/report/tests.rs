use dialmark_govern::report::{ReturnRow, Returning};
use jiff::civil::date;

use super::*;
use crate::sample;

fn content(told: Told) -> Content {
    Content {
        centre: "Northgate & Sons".to_owned(),
        label: "Morning <sheet>".to_owned(),
        day: date(2026, 11, 19),
        at: "2026-11-19T10:40:00Z".parse().unwrap(),
        zone: "Europe/London".to_owned(),
        lacking: vec![Lacking {
            source: "dialler".to_owned(),
            table: "calls".to_owned(),
            hours: 2,
            first: "2026-11-18T15:00:00Z".parse().unwrap(),
        }],
        told,
    }
}

#[test]
fn the_morning_sheet_says_what_the_page_says_in_text_and_in_html() {
    let letter = render(&content(Told::Morning(Box::new(sample::today::answer()))), false).unwrap();
    assert_eq!(letter.subject, "Morning <sheet>, Thu 19 Nov 2026");
    for part in [
        "Conversion per dial was 1.73 %",
        "31",
        "Days of data left",
        "in 2 hours, first at Wed 18 Nov 2026, 15:00",
        "Northgate",
    ] {
        let (text, html) = (&letter.text, letter.html.replace(crate::format::NO_BREAK, " "));
        assert!(text.contains(part), "{part} not in {text}");
        assert!(html.contains(part), "{part} not in the HTML");
    }
    assert!(
        letter.html.contains("Morning &lt;sheet&gt;") && !letter.html.contains("<switch>"),
        "data is escaped"
    );
    for alien in ["<script", "<link", "http:", "https:", "url("] {
        assert!(!letter.html.contains(alien), "{alien}");
    }
    for (name, png) in &letter.pictures {
        assert!(letter.html.contains(&format!("cid:{name}")) && png.starts_with(b"\x89PNG"));
    }
    assert_eq!(letter.files[0].name, "morning-sheet-2026-11-19.xlsx");
    assert!(letter.files[0].bytes.starts_with(b"PK"));
}

#[test]
fn a_test_differs_by_the_mark_of_its_subject_and_nothing_else() {
    let content = content(Told::Morning(Box::new(sample::today::answer())));
    let (real, test) = (render(&content, false).unwrap(), render(&content, true).unwrap());
    assert_eq!(test.subject, format!("[Test] {}", real.subject));
    assert_eq!((test.text, test.html, test.pictures), (real.text, real.html, real.pictures));
    assert_eq!(test.files, real.files);
}

#[test]
fn a_return_file_has_a_line_for_each_call_and_totals_to_check_it_by() {
    let row = |call: &str, outcome, is_do_not_call, is_changed| ReturnRow {
        lead_id: Some(format!("L,{call}")),
        call_id: call.to_owned(),
        campaign: Some("north".to_owned()),
        attempt: None,
        started_at: "2026-11-18T10:40:00Z".parse().unwrap(),
        outcome,
        code: Some("X".to_owned()),
        is_do_not_call,
        is_changed,
    };
    let found = Returning {
        client: "acme".to_owned(),
        from: "2026-11-01T00:00:00Z".parse().unwrap(),
        to: "2026-11-19T06:30:00Z".parse().unwrap(),
        rows: vec![
            row("1", Some("sale"), false, false),
            row("2", Some("do_not_call"), true, false),
            row("3", None, false, true),
        ],
    };
    let letter = render(&content(Told::Returned(found)), false).unwrap();
    let text = String::from_utf8(letter.files[0].bytes.clone()).unwrap();
    let lines: Vec<&str> = text.lines().collect();
    assert_eq!(lines.len(), 4);
    assert_eq!(lines[0], "lead_id,call_id,campaign_id,attempt,called_at,outcome,code,do_not_call,change");
    assert_eq!(lines[1], "\"L,1\",1,north,,2026-11-18T10:40:00Z,sale,X,no,new");
    assert!(lines[3].ends_with(",,X,no,corrected"));
    assert!(letter.text.contains("all") && letter.text.contains("3 calls of acme"), "{}", letter.text);
}

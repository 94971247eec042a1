use super::*;
use crate::{export, sample};

fn says(page: &TodayPage) -> String {
    render(page).into_string()
}

#[test]
fn the_lead_says_what_happened_why_and_what_is_needed_and_its_figures_open_records() {
    let text = export::lead_text(&sample::today::answer()).join(" ").replace(format::NO_BREAK, " ");
    for part in [
        "Conversion per dial was 1.73 % on Wed 18 Nov 2026, 0.67 points under 4 Wednesdays before; its target is at least 2.30 %.",
        "What keeps it from its target is list NL-07: 62.0 % of all, with 0.50 %",
        "Every campaign is on the pace of its targets.",
        "7 callbacks of home <switch> are overdue.",
    ] {
        assert!(
            text.contains(part) || part.contains("has made") && text.contains("on the pace"),
            "{part} not in {text}"
        );
    }
    assert!(
        says(&sample::today::page()).contains("<a href=\"/calls?metric=callbacks_overdue&amp;part=numerator")
    );
}

#[test]
fn the_lead_names_who_is_furthest_behind() {
    // 209 of 240 are lacking and 40 hours are left; 31 in 12.5 hours are made.
    let mut today = sample::today::answer();
    if let Ok(pace) = &mut today.pace {
        pace.aims[0].rows = vec![sample::today::pace_row(None, Some("240"), "31", "12.5", Some("40"))];
    }
    let text = export::lead_text(&today).join(" ");
    let wanted =
        "home <switch> has made 31 sales and needs 5.22 in each of 40.0 hours left; it makes 2.48 now.";
    assert!(text.contains(wanted), "{text}");
}

#[test]
fn each_panel_has_its_figures_and_their_records() {
    let text = says(&sample::today::page()).replace(format::NO_BREAK, " ");
    for part in [
        "31 of 120",
        "on pace: 2.22 an hour needed for 40.0 hours left; now 2.48; at this pace the day ends on 130.2",
        "3.0 days",
        "none left",
        "none called lately",
        "Site leeds was logged in for 2.2 of its usual 24.0 hours on Mon 16 Nov 2026, 10:00 to 11:00.",
        "dialler_calls brought 3 of its usual 900 records of calls on Tue 17 Nov 2026, 20:00 to 22:00.",
        "more than 15 min ago",
        "over 2 min",
        "Ann &lt;Archer&gt;",
        "late since",
        "was not taken apart",
        "href=\"/case/4\"",
        "weekday%20%3D%20%27monday%27",
    ] {
        assert!(text.contains(part), "{part} not in {text}");
    }
    assert!(!text.contains("<switch>") && !text.contains("NL-07 <b>"), "data is escaped");
}

#[test]
fn a_panel_without_records_says_why_and_shows_no_zero() {
    let page = TodayPage { today: Some(sample::today::nothing()), ..sample::today::page() };
    let text = says(&page);
    assert!(text.matches("nobody has recorded it").count() >= 6, "{text}");
    assert!(
        text.contains("No case is open.") && text.contains("There are no days before to judge by."),
        "{text}"
    );
    let empty = TodayPage { today: None, ..page };
    assert!(says(&empty).contains("dialmark import"));
}

#[test]
fn the_page_the_text_and_json_say_the_same_figures() {
    let today = sample::today::answer();
    let json = export::today(&today);
    assert_eq!(json["pace"]["aims"][0]["rows"][0]["needed"]["an_hour"], "2.225");
    assert_eq!(json["pace"]["aims"][0]["rows"][0]["ends_on"], "130.2");
    assert_eq!(json["lists"]["rows"][0]["days_left"], "3");
    assert_eq!(json["yesterday_kpis"][0]["value"], "0.0173");
    assert_eq!(json["yesterday_kpis"][0]["like"]["value"], "0.024");
    assert_eq!(json["contact_by_hour"]["rows"][1]["by_hour"]["10"], serde_json::Value::Null);
    let parts = export::today_parts(&today);
    let titles: Vec<&str> = parts.iter().map(|part| part.title.as_str()).collect();
    assert_eq!(titles.len(), 9, "{titles:?}");
    let pace = parts.iter().find(|part| part.title == "Pace of today").unwrap();
    let row = pace.table.as_ref().unwrap().1.first().unwrap();
    assert_eq!(row[2..], ["31", "120", "2.48", "2.22 an hour", "40.0", "130.2"]);
    let nothing = export::today(&sample::today::nothing());
    assert_eq!(nothing["pace"]["nothing"], "nobody has recorded it");
}

#[test]
fn who_is_behind_is_told_without_dividing_by_zero() {
    let row = sample::today::pace_row;
    for (row, is_behind, says) in [
        (row(None, Some("120"), "31", "12.5", Some("40")), false, "2.22 an hour"),
        (row(None, Some("240"), "31", "12.5", Some("40")), true, "5.22 an hour"),
        (row(None, Some("120"), "0", "12.5", Some("40")), true, "3.00 an hour"),
        (row(None, Some("120"), "0", "0", Some("40")), true, "3.00 an hour"),
        (row(None, Some("120"), "31", "12.5", Some("0")), true, "89 are lacking and no hour is left"),
        (row(None, Some("120"), "31", "12.5", None), false, "89 more; hours left are not known"),
        (row(None, Some("120"), "120", "12.5", None), false, "reached"),
        (row(None, None, "31", "12.5", Some("40")), false, "no target of this part"),
    ] {
        assert_eq!((today::is_behind(&row), today::needed(&row).as_str()), (is_behind, says));
    }
}

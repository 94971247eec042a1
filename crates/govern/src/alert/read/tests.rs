use dialmark_metrics::{MetricRef, Ratio};
use dialmark_model::declared::Problems;
use jiff::civil::date;

use super::super::{Alert, Group, Side, Watch};
use super::*;
use crate::governed::{Against, Governed};

const KPI: &str = "\
[kpi.conversion]
metric = \"conversion_rate\"
owner  = \"lead@example.org\"
window = \"month\"
guards = [\"cancellation_rate\"]
target = { at_least = \"5 %\" }

[channel.floor]
kind = \"mail\"
to   = \"floor@example.org\"

";

fn read(text: &str) -> (BTreeMap<String, Alert>, Vec<String>) {
    let (catalogue, _) = Catalogue::builtin();
    let files = [("alerts/a.toml".to_owned(), format!("{KPI}{text}"))];
    let problems = Problems::new();
    let against = Against { catalogue: &catalogue, today: date(2026, 11, 22), mark: &|_: &MetricRef| None };
    let governed = Governed::read(&files, &against, &problems);
    let said = problems.into_vec().iter().map(ToString::to_string).collect();
    (governed.alerts, said)
}

#[test]
fn a_live_figure_has_two_edges_a_least_n_and_hours() {
    let (alerts, problems) = read(
        "[alert.low]\non = \"live\"\nmetric = \"conversion_rate\"\nplace = { campaign = \"north\" }\n\
         window = \"last 30 min\"\nbelow = \"4 %\"\nclears_at = \"5 %\"\nfor = \"10 min\"\nminimum_n = 200\n\
         hours = \"09:00-20:00\"\ndays = \"friday-monday\"\nquiet_for = \"2h\"\ngroup = \"campaign\"\nto = [\"floor\"]\n",
    );
    assert_eq!(problems, Vec::<String>::new());
    let alert = &alerts["low"];
    let Watch::Live { edge, window, by, .. } = &alert.watch else { panic!("{alert:?}") };
    assert_eq!((edge.side(), edge.raises_at()), (Side::Below, Ratio::parse("0.04").unwrap()));
    assert_eq!((*window, by.clone(), edge.minimum_n()), (LiveWindow::Last(1_800_000), None, 200));
    assert_eq!((alert.for_ms, alert.quiet_for_ms, alert.remind_after_ms), (600_000, 7_200_000, None));
    assert_eq!(alert.group, Group::By("campaign_id".to_owned()));
    let days = &alert.hours.as_ref().unwrap().days;
    assert_eq!(days, &[Weekday::Friday, Weekday::Saturday, Weekday::Sunday, Weekday::Monday]);
}

#[test]
fn an_owner_stands_for_all_of_their_kpis() {
    let (alerts, problems) =
        read("[alert.mine]\non = \"kpi\"\nowner = \"lead@example.org\"\nto = \"floor\"\n");
    assert_eq!(problems, Vec::<String>::new());
    let kpis = vec!["conversion".to_owned()];
    assert_eq!(alerts["mine"].watch, Watch::Kpi { kpis, close_too: false, minimum_n: 0 });
    assert_eq!(alerts["mine"].hours, None);
}

#[test]
fn all_that_is_wrong_with_an_alert_is_said_at_once() {
    let (alerts, problems) = read(
        "[alert.a]\non = \"live\"\nmetric = \"conversion_rat\"\nwindow = \"30 min\"\nabove = \"3 %\"\nbelow = \"2 %\"\n\
         hours = \"nine to five\"\ndays = [\"funday\"]\nholidays = [\"christmas\"]\nzone = \"Europe/Leeds\"\n\
         for = \"10m\"\ngroup = \"campain\"\nto = [\"flor\"]\nuntil = 3\n\n\
         [alert.b]\non = \"budget\"\nused = \"80 %\"\nclears_at = \"90 %\"\nminimum_n = 100\nto = [\"floor\"]\n\n\
         [alert.c]\non = \"kpi\"\nkpi = [\"convertion\"]\nfor = \"10 min\"\n\n\
         [alert.d]\non = \"weather\"\nto = [\"floor\"]\n",
    );
    assert!(alerts.is_empty(), "{alerts:?}");
    let said = problems.join("\n");
    for part in [
        "alert.a.metric: There is no metric `conversion_rat`. Did you mean `conversion_rate`?",
        "alert.a.window: `30 min` is no time. Write `last 30 min`, or `today`.",
        "alert.a.below: `above` and `below` exclude each other.",
        "alert.a: `minimum_n` is missing.",
        "alert.a.hours: `nine to five` names no hours.",
        "alert.a.for: `10m` could mean minutes or months.",
        "alert.a.group: there is no dimension `campain`. Did you mean `campaign_id`?",
        "alert.a.to: there is no channel `flor`. Did you mean `floor`?",
        "alert.a.until: nothing is known by this key.",
        "alert.b.clears_at: it would be over while it still begins. Let `clears_at` be not above `used`.",
        "alert.c: `to` is missing.",
        "alert.c.kpi: there is no KPI `convertion`. Did you mean `conversion`?",
        // What a KPI's status is has been weighed already.
        "alert.c.for: nothing is known by this key.",
        "alert.d.on: `weather` is not known here.",
    ] {
        assert!(said.contains(part), "{part}\nis not in\n{said}");
    }
}

#[test]
fn days_hours_and_zones_are_read_each() {
    let with =
        |line: &str| read(&format!("[alert.a]\non = \"gap\"\nto = [\"floor\"]\n{line}\n")).1.join("\n");
    assert_eq!(with("hours = \"22:00-06:00\""), "");
    assert!(with("days = [\"funday\"]").contains("`funday` is no day of the week."));
    assert!(with("holidays = [\"christmas\"]").contains("`christmas` is no day."));
    assert!(with("zone = \"Europe/Leeds\"").contains("`Europe/Leeds` is not an IANA time zone"));
    assert!(with("hours = \"09:00-09:00\"").contains("names no hours"));
}

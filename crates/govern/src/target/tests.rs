use dialmark_model::declared::{Document, Problems};
use jiff::civil::date;
use proptest::prelude::*;

use super::*;
use crate::target::read::About;
use dialmark_metrics::metric::{Direction, Unit};

fn ratio(text: &str) -> Ratio {
    Ratio::parse(text).unwrap()
}

fn read(text: &str) -> Result<Vec<Target>, Vec<String>> {
    let problems = Problems::new();
    let document = Document::parse("kpis/a.toml", text, &problems).unwrap();
    let is_dimension = |name: &str| crate::place::LEVELS.contains(&name);
    let about = About { unit: Unit::Share, direction: Direction::Up, is_dimension: &is_dimension };
    let found = targets(&document.root(&problems), "target", about);
    let problems: Vec<String> = problems.into_vec().iter().map(ToString::to_string).collect();
    if problems.is_empty() { Ok(found) } else { Err(problems) }
}

fn month(year: i16, month: i8) -> Stretch {
    let from = date(year, month, 1);
    Stretch { from, until: from.last_of_month().tomorrow().unwrap() }
}

#[test]
fn a_ramp_rises_in_a_straight_line_to_the_goal() {
    let targets =
        read("target = { at_least = 0.80, ramp = { starts = 2026-10-01, days = 90, eased_by = \"10 %\" } }")
            .unwrap();
    let on = |day: Date| targets[0].on(day).unwrap();
    // 10 % of 0.80 is 0.08: the ramp begins at 0.72.
    assert_eq!(on(date(2026, 10, 1)), Aim::AtLeast(ratio("0.72")));
    // After 45 of 90 days half of the ease is left.
    assert_eq!(on(date(2026, 11, 15)), Aim::AtLeast(ratio("0.76")));
    assert_eq!(on(date(2026, 12, 30)), Aim::AtLeast(ratio("0.80")));
    // Before go-live nothing harder is asked than on its first day.
    assert_eq!(on(date(2026, 9, 1)), Aim::AtLeast(ratio("0.72")));
}

#[test]
fn a_ramp_towards_less_begins_with_more() {
    let targets = read("target = { band = { from = 0.10, to = 0.20 }, ramp = { starts = 2026-10-01, days = 10, eased_by = \"10 %\" } }").unwrap();
    assert_eq!(targets[0].on(date(2026, 10, 1)), Some(Aim::Within(ratio("0.09"), ratio("0.22"))));
}

#[test]
fn the_target_of_a_month_in_a_ramp_is_the_mean_of_its_days() {
    let text = "target = { at_least = 0.90, ramp = { starts = 2026-11-01, days = 30, from = 0.60 } }";
    let targets = read(text).unwrap();
    // Day k of 30 asks for 0.60 + 0.01 k, k from 0 to 29: the mean of k is 14.5.
    let goal = goal(&targets, &Place::centre(), &month(2026, 11)).unwrap();
    assert_eq!(goal.aim, Aim::AtLeast(ratio("0.745")));
    assert_eq!(
        super::goal(&targets, &Place::centre(), &month(2026, 12)).unwrap().aim,
        Aim::AtLeast(ratio("0.90"))
    );
}

#[test]
fn the_narrowest_place_decides_and_others_inherit() {
    let text = "[[target]]\nat_least = 0.05\n[[target]]\nplace = { campaign_id = \"north\" }\nat_least = 0.06\n\
                [[target]]\nplace = { campaign_id = \"north\", team_id = \"a\" }\nfrom = 2026-11-01\nat_least = 0.07\n";
    let targets = read(text).unwrap();
    let north = Place::of("campaign_id", "north");
    let at = |place: &Place, day: Date| holding(&targets, place, day).unwrap().aim;
    let day = date(2026, 11, 20);
    assert_eq!(at(&Place::of("campaign_id", "south"), day), Aim::AtLeast(ratio("0.05")));
    assert_eq!(at(&north.within("agent_id", "7"), day), Aim::AtLeast(ratio("0.06")));
    assert_eq!(at(&north.within("team_id", "a"), day), Aim::AtLeast(ratio("0.07")));
    assert_eq!(at(&north.within("team_id", "a"), date(2026, 10, 20)), Aim::AtLeast(ratio("0.06")));
}

#[test]
fn a_target_of_a_team_holds_for_whichever_column_names_it() {
    let mut targets =
        read("target = [{ at_least = 0.6 }, { place = { team_id = \"new\" }, at_least = 0.5 }]").unwrap();
    for named in ["team", "team_id"] {
        targets[1].place = Place::of(named, "new");
        for asked in ["team", "team_id"] {
            let place = Place::of("campaign_id", "north").within(asked, "new");
            assert_eq!(goal(&targets, &place, &month(2026, 10)).unwrap().aim, Aim::AtLeast(ratio("0.5")));
        }
    }
}

#[test]
fn a_stretch_without_a_target_on_one_of_its_days_has_none() {
    let targets = read("target = { at_least = 0.05, from = 2026-11-10 }").unwrap();
    let centre = Place::centre();
    assert_eq!(goal(&targets, &centre, &month(2026, 11)), Err(NoGoal::From(date(2026, 11, 1))));
    assert_eq!(goal(&targets, &centre, &month(2026, 10)), Err(NoGoal::None));
    assert!(goal(&targets, &centre, &month(2026, 12)).is_ok());
}

#[test]
fn a_season_may_lie_over_the_turn_of_the_year() {
    let text = "[target]\nat_least = 0.10\nseason = [{ from = \"12-15\", to = \"01-05\", times = 0.8 }]\n";
    let targets = read(text).unwrap();
    for (day, wanted) in
        [(date(2026, 12, 15), "0.08"), (date(2027, 1, 5), "0.08"), (date(2027, 1, 6), "0.10")]
    {
        assert_eq!(targets[0].on(day), Some(Aim::AtLeast(ratio(wanted))), "{day}");
    }
}

#[test]
fn tolerances_are_so_much_or_such_a_part() {
    let of = |text: &str| {
        let targets = read(text).unwrap();
        let goal = goal(&targets, &Place::centre(), &month(2026, 11)).unwrap();
        (goal.tolerance, goal.zero_after)
    };
    assert_eq!(of("target = { at_least = 0.80, tolerance = 0.02 }"), (ratio("0.02"), ratio("0.1")));
    assert_eq!(of("target = { at_least = 0.80, tolerance = \"5 %\" }"), (ratio("0.05"), ratio("0.25")));
    let band = "target = { band = { from = 0.75, to = 0.85 }, tolerance = \"2 %\", zero_after = 0.3 }";
    assert_eq!(of(band), (ratio("0.02"), ratio("0.3")));
}

#[test]
fn what_a_value_beyond_an_edge_means_is_said() {
    let text = "[target]\nband = { from = 0.75, to = 0.85 }\nbeyond = [{ above = 0.85, says = \"burnout risk\" }, { above = 0.90, says = \"errors and turnover\" }, { below = 0.70, says = \"overstaffed\" }]\n";
    let targets = read(text).unwrap();
    let says = |value: &str| beyond(&targets, &Place::centre(), date(2026, 11, 1), ratio(value));
    assert_eq!(says("0.95"), ["burnout risk", "errors and turnover"]);
    assert_eq!(says("0.65"), ["overstaffed"]);
    assert!(says("0.85").is_empty() && says("0.72").is_empty());
}

#[test]
fn what_is_wrong_with_a_target_is_said_with_its_line() {
    let cases = [
        ("target = { at_least = 0.8, at_most = 0.9 }", "names more than one value"),
        ("target = { tolerance = 0.1 }", "names no value"),
        ("target = { at_least = 85 }", "Write it in per cent"),
        ("target = { at_most = 0.9 }", "of this metric more is better"),
        ("target = { band = { from = 0.9, to = 0.8 } }", "ends before it begins"),
        ("target = { at_least = 0.8, tolerance = -0.1 }", "not less than nothing"),
        (
            "target = { at_least = 0.8, ramp = { starts = 2026-10-01, days = 0, eased_by = \"10 %\" } }",
            "number of days from 1",
        ),
        ("target = { at_least = 0.8, ramp = { eased_by = \"10 %\" } }", "does not say when it begins"),
        ("target = { at_least = 0.8, ramp = { starts = 2026-10-01, eased_by = \"30 %\" } }", "steep-ramp"),
        ("target = { at_least = 0.8, toleranse = 0.1 }", "Did you mean `tolerance`?"),
        ("target = { at_least = 0.8, place = { campain = \"a\" } }", "Did you mean `campaign_id`?"),
        ("target = 3", "a table or a list of tables"),
        ("[[target]]\nat_least = 0.8\n[[target]]\nat_least = 0.9\n", "overlapping-targets]: kpis/a.toml:3"),
        ("[[target]]\nat_least = 0.8\n[[target]]\nfrom = 2026-01-01\nat_most = 0.9\n", "of another kind"),
        (
            "target = { at_least = 0.8, season = { from = \"13-01\", to = \"12-31\", times = 1.1 } }",
            "no day of the year",
        ),
    ];
    for (text, part) in cases {
        let said = read(text).expect_err(text).join("\n");
        assert!(said.contains(part), "{text}\n{said}");
    }
}

proptest! {
    #[test]
    fn a_ramp_never_falls(level in 1_u32..1000, eased in 1_u32..10, days in 1_u16..366, a in 0_i64..500, b in 0_i64..500) {
        let text = format!("target = {{ at_least = 0.{level:03}, ramp = {{ starts = 2026-01-01, days = {days}, eased_by = \"{eased} %\" }} }}");
        let targets = read(&text).unwrap();
        let on = |days: i64| {
            let day = date(2026, 1, 1).checked_add(jiff::Span::new().days(days)).unwrap();
            match targets[0].on(day).unwrap() { Aim::AtLeast(edge) => edge, _ => unreachable!() }
        };
        prop_assert!(on(a.min(b)) <= on(a.max(b)));
        prop_assert_eq!(on(500), ratio(&format!("0.{level:03}")));
    }
}

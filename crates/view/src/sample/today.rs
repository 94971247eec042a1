//! Today, made up: the story's Thursday at 10:40, with figures that a person can add up.

use dialmark_govern::target::{Aim, Goal};
use dialmark_govern::today::left::Left;
use dialmark_govern::today::pace::{an_hour, ends_on, needed};
use dialmark_govern::today::quiet::Quiet;
use dialmark_govern::today::{
    CallbackRow, Callbacks, Cause, Due, DueNext, Exceptions, Gaps, Hours, HoursLeft, Like, ListLeft, Lists,
    Looked, Moved, Of, Pace, PaceAim, PaceRow, PaceTarget, Records, SiteGap, SourceGap, Today, Was, Weight,
};
use dialmark_govern::{Place, Standing, Status, Stretch, Trend, Window};
use dialmark_metrics::metric::{Direction, Unit};
use dialmark_metrics::{Cell, Key, MetricRef, Reason};
use dialmark_model::civil::Period;
use jiff::civil::date;

use super::head;
use super::people::{at, choice, kpi, ratio};
use crate::link::Link;
use crate::pages::today::TodayPage;
use crate::shell::Place as Entry;
use crate::test_tables::{ratio_cell, simple_cell};

fn records(metric: &str) -> Records {
    Records {
        of: Of::Numerator(MetricRef::new(metric)),
        condition: Place::of("campaign_id", "home <switch>").condition(),
        period: Period { from: Some(at("2026-11-19T00:00:00Z")), to: Some(at("2026-11-19T10:40:00Z")) },
    }
}

fn was(name: &str, label: &str, cell: Cell, aim: Aim, status: Status) -> Was {
    let place = Place::of("campaign_id", "home <switch>");
    let mut kpi = kpi(name, label, Unit::Share, Direction::Up);
    kpi.place = place.clone();
    kpi.window = Window::parse("day").unwrap();
    Was {
        standing: Standing {
            place,
            stretch: Stretch { from: date(2026, 11, 18), until: date(2026, 11, 19) },
            so_far: None,
            interval: None,
            cell,
            goal: Ok(Goal { aim, tolerance: ratio("0.001"), zero_after: ratio("0.005") }),
            status,
            score: None,
            before: Err(Reason::NoData),
            trend: Trend::Steady,
            guards: None,
            maturing: None,
            notes: Vec::new(),
            kpi,
        },
        is_of_day: true,
        like: Some(Like { value: ratio("0.024"), of: "4 Wednesdays before".to_owned() }),
        course: (1..=28).map(|day| (date(2026, 10, day), (day % 6 != 0).then(|| ratio("0.02")))).collect(),
        records: records(name),
    }
}

fn looked() -> (Looked, Cause) {
    let why = super::why().why;
    let along = why.along.clone().unwrap();
    let effect = along.whole.effects.first().unwrap().clone();
    let says = along.says(&effect, why.header.unit);
    let cause = Cause { at: 0, by: along.by, effect, is_sure: true, says };
    let looked = Looked {
        kpi: "conversion".to_owned(),
        label: "Conversion per dial".to_owned(),
        metric: MetricRef::new("conversion_rate"),
        rest: (1, 3, why.change - cause.effect.total),
        weighs: vec![Weight {
            by: "list_id".to_owned(),
            key: Key::Text("NL-07".to_owned()),
            says: "list_id = NL-07: 62.0 % of all, with 0.50 %; without it the figure would be 3.74 %."
                .to_owned(),
            records: records("conversion_rate"),
        }],
        why,
        records: records("conversion_rate"),
    };
    (looked, cause)
}

/// A row of the pace towards so many sales: made in hours, with hours left.
pub fn pace_row(
    team: Option<&str>,
    goal: Option<&str>,
    made: &str,
    logged: &str,
    left: Option<&str>,
) -> PaceRow {
    let ms = |hours: &str| ratio(hours).times(ratio("3600000")).unwrap();
    let campaign = Place::of("campaign_id", "home <switch>");
    let (made, logged_ms, left_ms) = (ratio(made), ms(logged), left.map(ms));
    let goal = goal.map(ratio);
    PaceRow {
        place: team.map_or(campaign.clone(), |team| campaign.within("team", team)),
        is_part: team.is_some(),
        now: an_hour(made, logged_ms),
        needed: needed(goal, made, left_ms),
        ends_on: left_ms.and_then(|left| ends_on(made, logged_ms, left)),
        made,
        goal,
        logged_ms,
        left_ms,
        records: records("sales"),
    }
}

fn lists() -> Lists {
    let row = |list: Option<&str>, uncalled: i128, fresh: i128| {
        let (uncalled, fresh_a_day) = (simple_cell(uncalled), simple_cell(fresh));
        ListLeft {
            list: list.map(str::to_owned),
            left: Left::of(&uncalled, &fresh_a_day),
            uncalled,
            fresh_a_day,
            attempts: Cell { value: Ok(ratio("1.9")), ..Cell::empty() },
            invalid: ratio_cell(194, 1_000),
            records: records("dials"),
        }
    };
    Lists {
        pace_of: (date(2026, 11, 10), date(2026, 11, 18), 7),
        rows: vec![row(Some("NL-11 <web>"), 4_830, 1_610), row(Some("NL-07"), 0, 5_000), row(None, 12, 0)],
        notes: Vec::new(),
    }
}

fn hours() -> Hours {
    let cells = |shift: i128| {
        (9..12).map(|hour| (hour != 10 || shift != 1).then(|| ratio_cell(hour + shift, 100))).collect()
    };
    Hours {
        metric: MetricRef::new("connection_rate"),
        days: (date(2026, 10, 22), date(2026, 11, 18)),
        hours: vec![9, 10, 11],
        rows: vec![(0, cells(0)), (1, cells(1))],
        records: records("connection_rate"),
    }
}

/// The answer.
pub fn answer() -> Today {
    let (looked, cause) = looked();
    Today {
        asked_at: at("2026-11-19T10:40:00Z"),
        at: at("2026-11-19T10:40:00Z"),
        data_to: at("2026-11-19T10:38:00Z"),
        day: date(2026, 11, 19),
        day_from: at("2026-11-19T00:00:00Z"),
        day_to: at("2026-11-20T00:00:00Z"),
        yesterday: Some(date(2026, 11, 18)),
        zone: "Europe/London".to_owned(),
        place: Place::centre(),
        figures: Ok(vec![
            was(
                "conversion",
                "Conversion per dial",
                ratio_cell(173, 10_000),
                Aim::AtLeast(ratio("0.023")),
                Status::Missed,
            ),
            was("kept", "Kept <promises>", ratio_cell(7, 10), Aim::AtLeast(ratio("0.65")), Status::Met),
        ]),
        pace: Ok(Pace {
            hours: HoursLeft::Planned,
            aims: vec![PaceAim {
                kpi: "sales_today".to_owned(),
                counted: "sales".to_owned(),
                owner: "lead@example.org".to_owned(),
                target: PaceTarget::Day(ratio("120")),
                rows: vec![
                    pace_row(None, Some("120"), "31", "12.5", Some("40")),
                    pace_row(Some("L-1"), None, "31", "12.5", Some("40")),
                ],
            }],
        }),
        moved: Ok(Moved {
            looked: vec![looked],
            causes: vec![cause],
            passed_over: vec![("Kept <promises>".to_owned(), "it is judged over a 28 days".to_owned())],
        }),
        lists: Ok(lists()),
        calling: Some(Ok(super::calling::ledger())),
        callbacks: Ok(Callbacks {
            grace_ms: Some(900_000),
            days_back: 90,
            rows: vec![CallbackRow {
                campaign: Some("home <switch>".to_owned()),
                due: 40,
                overdue: 7,
                due_records: records("callbacks_due"),
                overdue_records: records("callbacks_overdue"),
            }],
        }),
        floor: Some(Ok(vec![
            Exceptions {
                label: "Long wraps".to_owned(),
                threshold_ms: Some(120_000),
                count: Ok(35),
                agents: vec![("a-17".to_owned(), 9, records("long_wraps"))],
                records: records("long_wraps"),
            },
            Exceptions {
                label: "Late log-ins".to_owned(),
                threshold_ms: Some(300_000),
                count: Err("no plan".to_owned()),
                agents: Vec::new(),
                records: records("late_logins"),
            },
        ])),
        gaps: Gaps {
            since: Some(date(2026, 11, 10)),
            sources: vec![SourceGap {
                source: "dialler_calls".to_owned(),
                table: "calls".to_owned(),
                from: at("2026-11-17T20:00:00Z"),
                to: at("2026-11-17T22:00:00Z"),
                received: 3,
                usual: 900,
            }],
            sites: vec![SiteGap {
                site: "leeds".to_owned(),
                quiet: Quiet {
                    from: at("2026-11-16T10:00:00Z"),
                    to: at("2026-11-16T11:00:00Z"),
                    logged_ms: 7_800_000,
                    usual_ms: 86_400_000,
                },
                records: records("logged_hours"),
            }],
            without_sites: None,
        },
        cases: Some(vec![Due {
            id: 4,
            label: "Conversion per dial".to_owned(),
            place: Place::centre(),
            missed: "1.73 %; the target was at least 2.30 %".to_owned(),
            causes: vec!["list_id = NL-07 <b>: -0.61 points.".to_owned()],
            next: Some(DueNext {
                says: "Root cause".to_owned(),
                owner: "lead@example.org".to_owned(),
                due_at: at("2026-11-19T09:00:00Z"),
                is_late: true,
            }),
        }]),
        hours: Ok(hours()),
    }
}

/// The page.
pub fn page() -> TodayPage {
    TodayPage {
        head: head("Today", Entry::Today),
        today: Some(answer()),
        places: vec![choice("everything", true), choice("home", false)],
        names: std::collections::BTreeMap::from([("a-17".to_owned(), "Ann <Archer>".to_owned())]),
        json: Link::to("/api/v1/today"),
    }
}

/// The same with nothing in any panel.
pub fn nothing() -> Today {
    let why = || "nobody has recorded it".to_owned();
    Today {
        figures: Err(why()),
        pace: Err(why()),
        moved: Err(why()),
        lists: Err(why()),
        callbacks: Err(why()),
        floor: Some(Err(why())),
        calling: Some(Err(why())),
        gaps: Gaps::default(),
        cases: Some(Vec::new()),
        hours: Err(why()),
        yesterday: None,
        ..answer()
    }
}

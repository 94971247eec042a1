//! Pages with made-up figures, for the tests of this crate and for a look by eye.

pub mod accounts;
mod calling;
pub mod cases;
pub mod people;
pub mod promises;
pub mod quality;
pub mod today;
mod why;

pub use calling::{compliance, ledger};
pub use why::{ranking, why};

use dialmark_metrics::metric::{Direction, Unit};
use dialmark_metrics::{Cell, Key, Reason};
use dialmark_model::Kind;
use dialmark_model::civil::{self, Grain};
use jiff::civil::date;

use crate::asked::{Asked, Sort, SortBy};
use crate::link::Link;
use crate::pages::calls::CallsPage;
use crate::pages::catalogue::{self, CataloguePage};
use crate::pages::data::{
    DataPage, DayDelivered, Delivered, ImportLine, QuarantineGroup, Sample, WaitingLine,
};
use crate::pages::metric::{Breakdown, Course, Figure, Formula, MeasureLine, MetricPage, Point, VariantLine};
use crate::pages::overview::{Card, Choice, Intake, Lead, OutOfReach, Overview, TourStep};
use crate::pages::problem::ProblemPage;
use crate::pages::staff::StaffPage;
use crate::shell::{Chip, Head, Place, Theme};
use crate::test_tables::ratio_cell;

pub fn head(title: &str, place: Place) -> Head {
    Head {
        period: Some("13 to 19 Nov 2026, to 10:38".to_owned()),
        against: Some("the 7 days before".to_owned()),
        zone: Some("Europe/London".to_owned()),
        freshness: Some("data to Thu 19 Nov 2026, 10:38".to_owned()),
        ..Head::plain("Northgate", title, place, Theme::Auto, Link::to("/"))
    }
}

/// A course that falls and wobbles, the same every time.
fn days(start: f64, slope: f64) -> Vec<Option<f64>> {
    (0..28)
        .map(|day| {
            let day = f64::from(day);
            Some(start + slope * day + (day * 1.7).sin() * slope.abs() * 3.0)
        })
        .map(|v| v.filter(|v| (v * 1000.0).fract() > 0.05))
        .collect()
}

fn card(
    label: &str,
    cell: Cell,
    before: Cell,
    unit: Unit,
    direction: Direction,
    says: &str,
    slope: f64,
) -> Card {
    Card {
        label: label.to_owned(),
        href: Link::below("/metric", &label.to_lowercase().replace(' ', "_")),
        calls: Some(Link::to("/calls").with("metric", label)),
        days: if cell.value.is_ok() { days(0.5, slope) } else { vec![] },
        provisional: true,
        cell,
        unit,
        direction,
        before: Some(before),
        against: Some("the 7 days before".to_owned()),
        definition: says.to_owned(),
        whole_days: None,
    }
}

pub fn overview() -> Overview {
    use Direction::{Down, Neither, Up};
    let nothing = Cell { value: Err(Reason::ZeroDenominator), ..ratio_cell(0, 1) };
    let money = Cell { currency: Some("GBP".to_owned()), missing: 12, ..ratio_cell(20_000, 400) };
    Overview {
        head: head("Overview", Place::Overview),
        lead: vec![
            Lead::Figure("148\u{202f}210 dials".to_owned(), Link::to("/calls")),
            Lead::Words(" reached ".to_owned()),
            Lead::Figure("31\u{202f}870 people".to_owned(), Link::to("/calls")),
            Lead::Words(" and closed ".to_owned()),
            Lead::Figure("2\u{202f}564 sales".to_owned(), Link::to("/calls")),
            Lead::Words(" in the 7 days to Thursday 19 November.".to_owned()),
        ],
        periods: ["last day", "7 days", "28 days", "all"]
            .into_iter()
            .map(|says| Choice { says: says.to_owned(), href: Link::to("/"), is_current: says == "7 days" })
            .collect(),
        tour: (1..=6)
            .map(|n| TourStep {
                title: format!("Story {n}: the list, not the team"),
                sentence: "Conversion fell, and every warm source improved.".to_owned(),
                href: "/metric/conversion_rate?by=lead_source".to_owned(),
            })
            .collect(),
        cards: vec![
            card(
                "Conversion rate",
                Cell { n: 148_210, ..ratio_cell(173, 10_000) },
                ratio_cell(240, 10_000),
                Unit::Share,
                Up,
                "Successful outcomes over outbound calls.",
                -0.01,
            ),
            card(
                "Contacts per logged hour",
                ratio_cell(64, 10),
                ratio_cell(67, 10),
                Unit::PerHour,
                Up,
                "Conversations in an hour logged in.",
                -0.02,
            ),
            card(
                "Outbound abandonment",
                ratio_cell(1_722, 63_800),
                ratio_cell(1_450, 63_800),
                Unit::Share,
                Down,
                "Calls hung up before an agent was connected, over all outbound calls.",
                0.01,
            ),
            card(
                "Average handle time",
                ratio_cell(252_000, 1),
                ratio_cell(249_000, 1),
                Unit::Duration,
                Neither,
                "Talk, hold and work after the call, over handled calls.",
                0.005,
            ),
            card(
                "Kept promises",
                nothing,
                ratio_cell(68, 100),
                Unit::Share,
                Up,
                "Share of the promises to pay that were paid in full by their date and grace; undecided ones do not count.",
                0.0,
            ),
            card(
                "Occupancy",
                ratio_cell(81, 100),
                ratio_cell(80, 100),
                Unit::Share,
                Neither,
                "Talk, hold and wrap over time logged in.",
                0.008,
            ),
            card(
                "Cost per call",
                money,
                Cell { currency: Some("GBP".to_owned()), ..ratio_cell(20_500, 400) },
                Unit::Money,
                Down,
                "Operating costs over calls.",
                -0.004,
            ),
            card(
                "Calls to one sale",
                ratio_cell(20, 1),
                ratio_cell(20, 1),
                Unit::Ratio,
                Down,
                "Outbound calls over sales.",
                0.004,
            ),
        ],
        without_records: vec![("Queue abandonment".to_owned(), Link::to("/metric/queue_abandonment_rate"))],
        out_of_reach: vec![
            OutOfReach {
                label: "Cost per acquisition".to_owned(),
                href: Link::to("/metric/cpa"),
                missing: vec!["costs.cost_amount".to_owned(), "costs.kind".to_owned()],
            },
            OutOfReach {
                label: "Attempts per lead".to_owned(),
                href: Link::to("/metric/attempts_per_lead"),
                missing: vec!["calls.lead_id".to_owned()],
            },
        ],
        intake: Some(Intake {
            imports: 93,
            read: 1_004_211,
            accepted: 1_004_199,
            quarantined: 12,
            corrected: 310,
            unchanged: 2_044,
            unmapped: Some((2, 1_311)),
        }),
        notes: vec![],
    }
}

fn calls_link(part: &str) -> Option<Link> {
    Some(Link::to("/calls").with("metric", "conversion_rate").with("part", part))
}

fn point(key: Key, cell: Cell) -> Point {
    Point {
        key,
        cell,
        href: Some(Link::to("/metric/conversion_rate")),
        numerator_calls: calls_link("numerator"),
        denominator_calls: calls_link("denominator"),
    }
}

pub fn metric() -> MetricPage {
    let measure = |id: &str, about: &str, sentence: &str, part: &str| MeasureLine {
        id: id.to_owned(),
        about: about.to_owned(),
        unit: "calls".to_owned(),
        bindings: vec![("calls".to_owned(), sentence.to_owned())],
        calls: calls_link(part),
    };
    let variant = |id: &str, says: &str, cell, is_current| VariantLine {
        id: id.to_owned(),
        says: says.to_owned(),
        source: Some("A, E".to_owned()),
        href: Link::to("/metric/conversion_rate").with("variant", id),
        is_current,
        cell,
    };
    MetricPage {
        head: Head {
            scope: vec![Chip {
                says: "campaign_id = 'home <switch>'".to_owned(),
                drop: Some(Link::to("/metric/conversion_rate")),
            }],
            ..head("Conversion rate", Place::Metrics)
        },
        asked: Asked {
            by: Some("list_id".to_owned()),
            sort: Some(Sort { by: SortBy::Value, falling: true }),
            ..Asked::default()
        },
        metric: "conversion_rate".to_owned(),
        about: "Share of calls, contacts or leads that became what the call was made for.".to_owned(),
        unit: Unit::Share,
        direction: Direction::Up,
        figure: Some(Figure {
            cell: ratio_cell(2_564, 148_210),
            before: Some(ratio_cell(3_557, 148_210)),
            against: Some("the 7 days before".to_owned()),
            why: Some(Link::to("/why/conversion_rate")),
        }),
        missing: vec![],
        formula: Formula {
            numerator: measure(
                "successes",
                "Outbound calls that reached what they were made for.",
                "count where direction = 'outbound' and is_success",
                "numerator",
            ),
            denominator: Some(measure(
                "dials",
                "Outbound calls made, whatever came of them.",
                "count where direction = 'outbound' and is_call",
                "denominator",
            )),
            factor: None,
            params: vec![],
            text: None,
        },
        variants: vec![
            variant(
                "success_per_dial",
                "Successful outcomes over outbound calls.",
                Ok(ratio_cell(2_564, 148_210)),
                true,
            ),
            variant(
                "success_per_contact",
                "Successful outcomes over conversations.",
                Ok(ratio_cell(2_564, 31_870)),
                false,
            ),
            variant(
                "success_per_lead",
                "Successful outcomes over different leads called.",
                Err(vec!["calls.lead_id".to_owned()]),
                false,
            ),
        ],
        course: Some(Course {
            grain: Grain::Day,
            span: "23 Oct to 19 Nov 2026".to_owned(),
            points: (0..28_i32)
                .map(|n| {
                    let day = date(2026, 10, 23).checked_add(jiff::Span::new().days(n)).unwrap();
                    let cell = match n % 7 {
                        // A Sunday without calls.
                        2 => Cell { value: Err(Reason::ZeroDenominator), ..ratio_cell(0, 1) },
                        _ => ratio_cell(i128::from(240 - n * 3 + (n * 7) % 11), 10_000),
                    };
                    point(Key::Day(day), cell)
                })
                .collect(),
            provisional: Some("data to Thu 19 Nov 2026, 10:38".to_owned()),
        }),
        breakdown: Some(Breakdown {
            dimension: "list_id".to_owned(),
            rows: [
                ("NL-07 cold, 14 months", 310, 61_220),
                ("NL-11 web, November", 900, 14_830),
                ("P-03 partner & friends", 1_010, 42_410),
                ("B2B-Q4 <b>", 344, 29_120),
            ]
            .into_iter()
            .map(|(name, top, bottom)| point(Key::Text(name.to_owned()), ratio_cell(top, bottom)))
            .chain([point(Key::None, ratio_cell(0, 630))])
            .collect(),
        }),
        dimensions: ["campaign_id", "list_id", "agent_id", "hour", "weekday"].map(str::to_owned).to_vec(),
        periods: overview().periods,
        notes: vec!["1 311 calls carry codes that no map knows.".to_owned()],
        zone: civil::zone("Europe/London").unwrap(),
        advice: crate::pages::metric::Advice::default(),
        downloads: vec![
            ("CSV".to_owned(), Link::to("/api/v1/query")),
            ("JSON".to_owned(), Link::to("/api/v1/query")),
        ],
    }
}

pub fn calls() -> CallsPage {
    let columns = [
        ("call_id", Some(Kind::Text)),
        ("started_at", Some(Kind::Instant)),
        ("campaign_id", Some(Kind::Code)),
        ("talk_ms", Some(Kind::Duration)),
        ("attempt_no", Some(Kind::Integer)),
        ("transfer_to", Some(Kind::Text)),
        ("note", None),
    ];
    let row = |id: &str| {
        [
            Some(id),
            Some("2026-10-19T09:00:05Z"),
            Some("home switch"),
            Some("252000"),
            Some("3"),
            None,
            Some("<script>alert(1)</script>"),
        ]
        .map(|f| f.map(str::to_owned))
        .to_vec()
    };
    CallsPage {
        head: head("Calls", Place::Metrics),
        label: "Conversion rate".to_owned(),
        metric: Link::to("/metric/conversion_rate"),
        part: "Outbound calls that reached what they were made for.".to_owned(),
        other_part: Some((
            "the denominator: dials".to_owned(),
            Link::to("/calls").with("part", "denominator"),
        )),
        table: "calls".to_owned(),
        total: 2_564,
        first: 51,
        columns: columns.map(|(name, kind)| (name.to_owned(), kind)).to_vec(),
        rows: ["a-1", "a-2", "a-3"].map(row).to_vec(),
        before: Some(Link::to("/calls")),
        after: Some(Link::to("/calls").with("page", 3)),
        download: Link::to("/calls.csv"),
        zone: civil::zone("Europe/London").unwrap(),
    }
}

pub fn data() -> DataPage {
    let import = |id, file: &str, read| ImportLine {
        id,
        at: "Thu 19 Nov 2026, 10:39".to_owned(),
        source: "dialler".to_owned(),
        table: "calls".to_owned(),
        file: file.to_owned(),
        identity: "id, newest by arrival".to_owned(),
        read,
        new: read - 6,
        unchanged: 2,
        corrected: 1,
        quarantined: 3,
        ..ImportLine::default()
    };
    DataPage {
        head: head("Data", Place::Data),
        imports: vec![import(2, "2026-11-19.csv", 4_211), import(1, "2026-11-18.csv", 11_020)],
        imports_total: 2,
        sum: import(0, "", 15_231),
        all_imports: Some(Link::to("/data").with("imports", "all")),
        days: ["17 Nov", "18 Nov", "19 Nov"].map(str::to_owned).to_vec(),
        delivered: vec![Delivered {
            source: "dialler".to_owned(),
            table: "calls".to_owned(),
            days: vec![
                DayDelivered::default(),
                DayDelivered { records: Some(11_020), gaps: Vec::new() },
                DayDelivered { records: Some(4_211), gaps: vec!["14:00".to_owned(), "15:00".to_owned()] },
            ],
        }],
        waiting: vec![WaitingLine {
            source: "crm".to_owned(),
            records: 1_204,
            since: "Thu 19 Nov 2026, 10:39".to_owned(),
        }],
        quarantine: vec![QuarantineGroup {
            reason: "no_id".to_owned(),
            count: 12,
            samples: [17, 90]
                .map(|line| Sample {
                    file: "2026-11-19.csv".to_owned(),
                    line,
                    detail: "The record has no call_id.".to_owned(),
                    text: "a;<b>;c".to_owned(),
                })
                .to_vec(),
        }],
        flags: vec![("duration_ms:negative".to_owned(), 31)],
        unknown_agents: vec![("a-117".to_owned(), 31)],
        unmapped: vec![("NEW_CODE".to_owned(), 1_204, Some(Link::to("/calls")))],
    }
}

pub fn catalogue() -> CataloguePage {
    let line = |label: &str, state: Result<Vec<String>, Vec<String>>| catalogue::MetricLine {
        id: label.to_lowercase().replace(' ', "_"),
        label: label.to_owned(),
        about: "Share of calls that became what the call was made for.".to_owned(),
        href: Link::to("/metric/x"),
        variants: vec![
            catalogue::VariantLine {
                id: "per_dial".to_owned(),
                says: "Over calls.".to_owned(),
                is_default: true,
                href: Link::to("/metric/x"),
                state: state.clone(),
            },
            catalogue::VariantLine {
                id: "per_contact".to_owned(),
                says: "Over conversations.".to_owned(),
                is_default: false,
                href: Link::to("/metric/x"),
                state,
            },
        ],
    };
    CataloguePage {
        head: head("Metrics", Place::Metrics),
        groups: vec![(
            "outbound".to_owned(),
            vec![
                line("Conversion rate", Ok(vec!["calls".to_owned()])),
                line("Occupancy", Err(vec!["agent_spans".to_owned()])),
            ],
        )],
    }
}

pub fn staff() -> StaffPage {
    use dialmark_govern::staffing::{Asked, staffed};
    let asked = Asked {
        calls: "120".to_owned(),
        interval: "30min".to_owned(),
        handle: "5min".to_owned(),
        target: "80/20".to_owned(),
        shrinkage: "30%".to_owned(),
        ..Asked::default()
    };
    StaffPage { head: head("Staffing", Place::People), found: staffed(&asked), asked }
}

pub fn problem() -> ProblemPage {
    ProblemPage {
        head: Head::plain("Northgate", "This cannot be shown", Place::Elsewhere, Theme::Auto, Link::to("/")),
        status: 400,
        sentence: "`campaign = ` is not a condition: it ends where a value should stand.".to_owned(),
        help: Some("Write a condition such as `campaign_id = 'north'`.".to_owned()),
    }
}

/// Every page with its name.
pub fn all() -> Vec<(&'static str, String)> {
    use crate::pages;
    vec![
        ("overview", pages::overview::render(&overview()).into_string()),
        ("today", pages::today::render(&today::page()).into_string()),
        (
            "today-nothing",
            pages::today::render(&pages::today::TodayPage { today: Some(today::nothing()), ..today::page() })
                .into_string(),
        ),
        ("metric", pages::metric::render(&metric()).into_string()),
        ("calls", pages::calls::render(&calls()).into_string()),
        ("why", pages::why::render(&why()).into_string()),
        ("compliance", pages::compliance::render(&compliance()).into_string()),
        ("ranking", pages::ranking::render(&ranking()).into_string()),
        ("staff", pages::staff::render(&staff()).into_string()),
        ("data", pages::data::render(&data()).into_string()),
        ("catalogue", pages::catalogue::render(&catalogue()).into_string()),
        ("problem", pages::problem::render(&problem()).into_string()),
        ("agent", pages::agent::render(&people::agent()).into_string()),
        (
            "case",
            pages::cases::render_with(&cases::case(vec![cases::cause(), cases::action()]), &cases::forms())
                .into_string(),
        ),
        (
            "case-refused",
            pages::cases::render_with(&cases::case(vec![cases::cause()]), &cases::refused()).into_string(),
        ),
        ("kpi", pages::kpi_form::render(&promises::kpi()).into_string()),
        ("presets", pages::kpi_form::presets::render(&promises::presets()).into_string()),
        ("dispositions", pages::dispositions::render(&promises::dispositions()).into_string()),
        ("login", pages::login::render(&accounts::login()).into_string()),
        ("password", pages::login::render_password(&accounts::password()).into_string()),
        ("accounts", pages::accounts::render(&accounts::accounts()).into_string()),
        ("trail", pages::trail::render(&accounts::trail()).into_string()),
        ("disputes", pages::disputes::render(&people::disputes()).into_string()),
        ("dispute-form", pages::dispute_form::render(&people::dispute_form()).into_string()),
        ("incentive", pages::incentive::render(&people::incentive()).into_string()),
        ("incentives", pages::incentive::render_all(&people::incentives()).into_string()),
        ("evaluations", pages::evaluations::render(&quality::evaluations()).into_string()),
        ("evaluate", pages::evaluate::render(&quality::evaluate()).into_string()),
        ("evaluation", pages::evaluation::render(&quality::evaluation_page()).into_string()),
        ("appealed", pages::evaluation::render(&quality::appealed()).into_string()),
        ("changed", pages::evaluation::render(&quality::changed()).into_string()),
        ("calibration", pages::calibration::render(&quality::calibration()).into_string()),
        ("recovery", pages::recovery::render(&quality::recovery()).into_string()),
        ("statements", pages::statements::render_all(&promises::statements()).into_string()),
        ("statement", pages::statements::render(&promises::statement()).into_string()),
        ("coaching", pages::coaching::render(&quality::coaching()).into_string()),
    ]
}

#[test]
fn no_page_has_inline_style_script_or_a_link_elsewhere() {
    for (name, text) in all() {
        for word in ["style=\"", "<style", "<script", "javascript:", "src=", " onclick"] {
            assert!(!text.contains(word), "{word} in {name}");
        }
        let elsewhere = text.replace("xmlns=\"http://www.w3.org/2000/svg\"", "");
        assert!(!elsewhere.contains("//"), "{name}");
    }
}

#[test]
fn every_page_escapes_what_data_brings() {
    for (name, text) in all() {
        for evil in [
            "<b>'",
            "<switch>",
            "<script>alert",
            "B2B-Q4 <b>",
            "<account>",
            "<5>",
            "<offering>",
            "<Birch>",
            "<Lead>",
            "<Monday>",
            "<price>",
        ] {
            assert!(!text.contains(evil), "{evil} in {name}");
        }
    }
}

#[test]
fn headings_and_landmarks_are_there_once() {
    for (name, text) in all() {
        for part in ["<h1>", "<main ", "<nav aria-label=\"Main\">", "class=\"skip\""] {
            assert_eq!(text.matches(part).count(), 1, "{part} in {name}");
        }
    }
}

/// The values of an attribute, in their order.
fn values<'t>(text: &'t str, attribute: &str) -> Vec<&'t str> {
    let start = format!(" {attribute}=\"");
    text.split(start.as_str()).skip(1).filter_map(|rest| rest.split('"').next()).collect()
}

#[test]
fn labels_and_descriptions_lead_to_what_they_are_about_and_no_id_stands_twice() {
    for (name, text) in all() {
        let ids = values(&text, "id");
        let mut once = ids.clone();
        once.sort_unstable();
        once.dedup();
        assert_eq!(ids.len(), once.len(), "{name}: {ids:?}");
        let described = values(&text, "aria-describedby").into_iter().flat_map(str::split_whitespace);
        let links = values(&text, "href").into_iter().filter_map(|href| href.strip_prefix('#'));
        let named = values(&text, "aria-labelledby").into_iter().chain(values(&text, "for"));
        for id in described.chain(links).chain(named) {
            assert!(ids.contains(&id), "{id} in {name}");
        }
    }
}

#[test]
fn every_field_that_is_seen_has_a_label() {
    for (name, text) in all() {
        let labels = values(&text, "for");
        for start in ["<input ", "<select ", "<textarea "] {
            for field in text.split(start).skip(1).filter_map(|rest| rest.split('>').next()) {
                let field = format!(" {field}");
                let is_hidden = field.contains("type=\"hidden\"") || field.ends_with(" hidden");
                let is_named = field.contains("aria-label=")
                    || values(&field, "id").iter().any(|id| labels.contains(id));
                // Forms that ask for figures stand inside of their labels.
                let is_inside = !field.contains(" id=\"");
                assert!(is_hidden || is_named || is_inside, "{field} in {name}");
            }
        }
    }
}

/// Writes the pages as files for a look by eye.
#[test]
#[ignore = "writes files: set DIALMARK_PAGES to a folder"]
fn pages_for_the_eye() {
    let folder = std::path::PathBuf::from(std::env::var("DIALMARK_PAGES").unwrap());
    for (name, text) in all() {
        for theme in ["light", "dark"] {
            let inside = text
                .replace("<html lang=\"en\"", &format!("<html lang=\"en\" data-theme=\"{theme}\""))
                .replace(
                    "<link rel=\"stylesheet\"",
                    &format!("<style>{}</style><link rel=\"x\"", crate::shell::STYLE),
                );
            std::fs::write(folder.join(format!("{name}-{theme}.html")), inside).unwrap();
        }
    }
}

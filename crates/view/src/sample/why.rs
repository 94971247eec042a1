//! The change of the story's first scene and the ranking of its third, made up.

use dialmark_govern::guard::{Compared, Days, Verdict, Watched};
use dialmark_govern::ranking::{Leader, Ranked};
use dialmark_govern::why::{Along, Chain, Drawn, Looked, Nested, Side, Why};
use dialmark_metrics::answer::MetricHeader;
use dialmark_metrics::metric::{Direction, Unit};
use dialmark_metrics::{Exact, Key, Ratio};
use dialmark_model::civil::Period;
use dialmark_stats::decompose::{self, Cell, Segment};
use dialmark_stats::ranking::{self, Better, Entrant, Figure, Sureness};
use dialmark_stats::{Interval, Part};

use super::head;
use crate::link::Link;
use crate::pages::ranking::RankingPage;
use crate::pages::why::WhyPage;
use crate::shell::Place;
use crate::test_tables::ratio_cell;

pub fn why() -> WhyPage {
    let part = |top, bottom| Part { top, bottom };
    let segment =
        |name: &str, before, after| Segment { key: vec![Key::Text(name.to_owned())], before, after };
    let whole = decompose::ratio([
        segment("NL-07 cold, 14 months", Part::default(), part(310.0, 62_000.0)),
        segment("NL-03 cold <b>", part(200.0, 40_000.0), Part::default()),
        segment("NL-11 web", part(1_200.0, 20_000.0), part(744.0, 12_000.0)),
        segment("P-03 partner", part(1_000.0, 40_000.0), part(676.0, 26_000.0)),
    ])
    .unwrap();
    let errors = [Some(0.0005), Some(0.0005), Some(0.0005), Some(0.1)];
    let intervals = whole
        .effects
        .iter()
        .zip(errors)
        .map(|(effect, error)| Interval::around(effect.total, 1.96 * error.unwrap()))
        .collect();
    let told = decompose::tell(&whole, &errors);
    let side = |top, bottom| Side {
        period: Period::ALL,
        condition: Some("campaign_id = 'home <switch>'".to_owned()),
        cell: ratio_cell(top, bottom),
    };
    let looked = vec![
        Looked { by: vec!["list_id".to_owned()], tells: Ok(told.explained) },
        Looked { by: vec!["list_id".to_owned(), "hour".to_owned()], tells: Ok(0.4) },
        Looked { by: vec!["agent_id".to_owned()], tells: Err("most records have no agent_id.".to_owned()) },
    ];
    let change = whole.change;
    let link = |when: &str| Link::to("/calls").with("where", when);
    WhyPage {
        head: head("Why conversion rate moved", Place::Metrics),
        metric: Link::to("/metric/conversion_rate"),
        records: whole.effects.iter().map(|_| Some((link("before"), link("now")))).collect(),
        others: looked
            .iter()
            .map(|one| Link::to("/why/conversion_rate").with("by", one.by.join(",")))
            .collect(),
        why: Why {
            header: header(),
            before: side(2_400, 100_000),
            now: side(1_730, 100_000),
            change,
            interval: Interval::around(change, 0.0007),
            drawn: Drawn::Days(21, 18),
            along: Some(Along { by: vec!["list_id".to_owned()], whole, told, intervals }),
            nested: Some(nested()),
            chain: Some(chain()),
            looked,
            notes: vec!["1 311 calls carry codes that no map knows.".to_owned()],
        },
        against: "before".to_owned(),
        sides: (link("before"), link("now")),
        keeps: vec![("from".to_owned(), "2026-11-02".to_owned())],
        dimensions: vec!["list_id".to_owned(), "team_id".to_owned()],
        download: Link::to("/api/v1/why").with("metric", "conversion_rate"),
    }
}

/// A number that is answered less whatever list it calls.
fn nested() -> Nested {
    let text = |name: &str| Key::Text(name.to_owned());
    let cell = |outer: &str, inner: &str, before, after| Cell {
        outer: text(outer),
        inner: text(inner),
        before: Part { top: before, bottom: 1_000.0 },
        after: Part { top: after, bottom: 1_000.0 },
    };
    let within = decompose::within([
        cell("web", "HS-4", 240.0, 240.0),
        cell("web", "HS-5 <b>", 240.0, 110.0),
        cell("cold", "HS-4", 120.0, 120.0),
        cell("cold", "HS-5 <b>", 120.0, 60.0),
    ]);
    Nested {
        outer: "lead_source".to_owned(),
        inner: "caller_id".to_owned(),
        within: within.unwrap(),
        deeper: None,
    }
}

fn chain() -> Chain {
    let part = |top, bottom| Ratio::of(Exact::integer(top), Exact::integer(bottom)).unwrap();
    let factor =
        |label: &str, before, now| (MetricHeader { label: label.to_owned(), ..header() }, before, now);
    let factors = vec![
        factor("Connection rate <b>", part(20_000, 100_000), part(18_000, 100_000)),
        factor("Conversion rate", part(2_400, 20_000), part(1_730, 18_000)),
    ];
    Chain::of((part(2_400, 100_000), part(1_730, 100_000)), factors).unwrap()
}

fn header() -> MetricHeader {
    MetricHeader {
        asked: "conversion_rate".to_owned(),
        metric: "conversion_rate".to_owned(),
        variant: "success_per_dial".to_owned(),
        label: "Conversion rate".to_owned(),
        unit: Unit::Share,
        direction: Direction::Up,
        kind: "ratio",
        table: "calls".to_owned(),
    }
}

/// The one who leads, whose appointments do not qualify.
fn leader() -> Leader {
    let moved = |now, against| Compared { now, against, difference: Interval::around(now - against, 0.08) };
    let day = jiff::civil::date(2026, 11, 19);
    Leader {
        key: Key::Text("Ada <b>".to_owned()),
        watched: Watched {
            target: header(),
            guard: MetricHeader { label: "Qualified leads".to_owned(), ..header() },
            days: Days { now: (day, day), against: (day, day) },
            ripens_days: 30,
            target_moved: moved(0.31, 0.17),
            guard_moved: moved(0.22, 0.61),
            also_before: None,
        },
        verdict: Verdict::Fails,
    }
}

pub fn ranking() -> RankingPage {
    let agents = [
        ("Ada <b>", 155.0, 500.0),
        ("Ben", 88.0, 500.0),
        ("Cem", 80.0, 500.0),
        ("Dee", 86.0, 500.0),
        ("Eve", 3.0, 4.0),
    ];
    let entrants = agents.map(|(name, top, bottom)| Entrant {
        key: Key::Text(name.to_owned()),
        parts: vec![Part { top, bottom }],
    });
    let ranking = ranking::rank(entrants, Figure::Share, Better::High, Sureness::default()).unwrap();
    RankingPage {
        head: head("Conversion rate by agent", Place::Metrics),
        metric: Link::to("/metric/conversion_rate"),
        links: ranking.placed.iter().map(|_| Some(Link::to("/calls"))).collect(),
        ranked: Ranked {
            header: header(),
            by: "agent_id".to_owned(),
            ranking,
            without: vec![Key::Text("Fay".to_owned())],
            leaders: vec![leader()],
            unwatched: Vec::new(),
            maturing: None,
            notes: Vec::new(),
        },
    }
}

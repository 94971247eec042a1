//! The overview: the centre's metrics of the period, each against the time before and over the last weeks.

use std::collections::BTreeMap;

use axum::response::Response;
use dialmark_engine::EngineError;
use dialmark_govern::Right;
use dialmark_lake::ImportRecord;
use dialmark_metrics::catalogue::{Computable, Filled};
use dialmark_metrics::{Cell, Expr, Key, MetricQuery, MetricRef, MetricTable};
use dialmark_model::civil::{Grain, Period};
use dialmark_view::asked::Asked;
use dialmark_view::format;
use dialmark_view::link::Link;
use dialmark_view::pages::overview::{self, Card, Intake, Lead, OutOfReach, Overview};
use dialmark_view::shell::Place;
use jiff::civil::Date;
use maud::Markup;

use crate::answer;
use crate::app::{App, Seen};
use crate::links;
use crate::problem::Problem;
use crate::stretch::{self, Stretch};
use crate::visit::{self, Visit};

/// Metrics of the overview, in this order, as far as they can be computed.
const PRESET: [&str; 22] = [
    "conversion_rate",
    "connection_rate",
    "contacts_per_logged_hour",
    "sales_per_logged_hour",
    "asr",
    "outbound_abandonment_rate",
    "drop_rate",
    "aht",
    "occupancy",
    "calls_per_agent",
    "call_to_sale",
    "fcc",
    "attempts_per_lead",
    "promise_rate",
    "kept_promise_rate",
    "cpa",
    "cost_per_call",
    "service_level",
    "asa",
    "queue_abandonment_rate",
    "fcr",
    "calls_offered",
];

/// Figures of the sentence at the top.
const LEAD: [&str; 3] = ["dials", "contacts", "sales"];

/// `GET /overview`
pub async fn handle(Seen(app): Seen, visit: Visit) -> Response {
    let outcome = page(&app, &visit).await;
    answer::page_or_problem(&app, &visit, outcome)
}

async fn page(app: &App, visit: &Visit) -> Result<Markup, Problem> {
    let (asked, _) = visit.asked(&[])?;
    let filter = visit::filter(&asked)?;
    let _turn = app.turn().await?;
    let calendar = app.centre.calendar();
    let known = app.known().await?;
    let extent = known.extent;
    let stretch = Stretch::of(&asked, extent, &calendar)?;
    let computable = default_variants(app, &app.filled(&known));
    let wanted: Vec<MetricRef> = wanted(&computable);
    let mut figures = Figures::default();
    let mut notes = Vec::new();
    let mut unsaid = Vec::new();
    let asked_of_days = stretch::whole_days(&asked, extent, &calendar);
    let stretch_of_days = Stretch::of(&asked_of_days, extent, &calendar)?;
    let of_days = Time { stretch: &stretch_of_days, asked: &asked_of_days };
    let of_hours = Time { stretch: &stretch, asked: &asked };
    let (booked, timed): (Vec<MetricRef>, Vec<MetricRef>) =
        wanted.iter().cloned().partition(|metric| is_booked_to_days(app, &computable, metric));
    for (metrics, time) in [(&timed, &of_hours), (&booked, &of_days)] {
        ask(app, metrics, &filter, time.stretch.period, None, &mut notes, |name, _, cell| {
            figures.now.insert(name, cell);
        })
        .await?;
        if let Some(before) = time.stretch.before {
            ask(app, metrics, &filter, before, None, &mut unsaid, |name, _, cell| {
                figures.before.insert(name, cell);
            })
            .await?;
        }
    }
    let days = stretch::course_days(&stretch, stretch::SPARK_DAYS).map(|(_, last)| (spark_start(last), last));
    if let Some((first, last)) = days {
        let period = calendar.period(Some(first), Some(stretch::next(last)));
        ask(app, &wanted, &filter, period, Some(Grain::Day), &mut unsaid, |name, key, cell| {
            if let Some(Key::Day(day)) = key {
                figures.days.entry(name).or_default().insert(*day, cell);
            }
        })
        .await?;
    }
    let imports = app.lake.imports().await?;
    let mut head = visit.head(app, "Overview", Place::Overview, &asked, &stretch)?;
    if figures.now.is_empty() {
        head.period = None;
        head.against = None;
    }
    let model = Overview {
        head,
        lead: lead(&figures, &stretch, &asked),
        periods: stretch::choices(&asked, extent, &calendar, |asked| asked.place(Link::to("/overview"))),
        tour: app.tour.to_vec(),
        cards: cards(
            app,
            &figures,
            |name| if booked.iter().any(|b| b.metric == name) { &of_days } else { &of_hours },
            days,
        ),
        without_records: without_records(app, &figures, &asked),
        out_of_reach: out_of_reach(app, &computable, &asked),
        intake: app.visitor.may(Right::Data).then(|| intake(&imports, &known.unmapped)),
        notes,
    };
    Ok(overview::render(&model))
}

/// Which time a figure is of.
struct Time<'a> {
    asked: &'a Asked,
    stretch: &'a Stretch,
}

/// Whether a metric is read from what is booked to days, such as costs.
fn is_booked_to_days(app: &App, computable: &[Computable], reference: &MetricRef) -> bool {
    let catalogue = app.engine.catalogue();
    let tables = computable.iter().find(|c| c.metric == reference.metric).map(|c| c.tables.as_slice());
    catalogue.resolve(reference).is_ok_and(|resolved| {
        catalogue.is_booked_to_days(&resolved.variant.formula, tables.unwrap_or_default())
    })
}

/// Answers by the name of the metric.
#[derive(Default)]
struct Figures {
    now: BTreeMap<String, Cell>,
    before: BTreeMap<String, Cell>,
    days: BTreeMap<String, BTreeMap<Date, Cell>>,
}

impl Figures {
    /// Whether there is any record behind the metric, now, before or in the last weeks.
    fn has_records(&self, name: &str) -> bool {
        let counts = |cell: &Cell| cell.n > 0 || cell.value.as_ref().is_ok_and(|v| v.decimal(15) != "0");
        self.now.get(name).is_some_and(counts)
            || self.before.get(name).is_some_and(counts)
            || self.days.get(name).is_some_and(|days| days.values().any(counts))
    }
}

fn spark_start(last: Date) -> Date {
    let back = jiff::Span::new().try_days(stretch::SPARK_DAYS - 1);
    back.ok().and_then(|span| last.checked_sub(span).ok()).unwrap_or(last)
}

/// The default variant of each metric of the page, and whether it can be computed.
fn default_variants(app: &App, filled: &Filled) -> Vec<Computable> {
    let catalogue = app.engine.catalogue();
    let all = catalogue.computable(filled);
    PRESET
        .into_iter()
        .chain(LEAD)
        .filter_map(|name| {
            let metric = catalogue.metrics.get(name)?;
            all.iter().find(|c| c.metric == name && c.variant == metric.default).cloned()
        })
        .collect()
}

fn wanted(computable: &[Computable]) -> Vec<MetricRef> {
    computable.iter().filter(|c| !c.tables.is_empty()).map(|c| MetricRef::new(&c.metric)).collect()
}

/// Asks for all metrics at once. Where one of them stands in the way (its records lack a column of the
/// condition), asks one by one and says which were left out.
async fn ask(
    app: &App,
    metrics: &[MetricRef],
    filter: &Option<Expr>,
    period: Period,
    grain: Option<Grain>,
    notes: &mut Vec<String>,
    mut keep: impl FnMut(String, Option<&Key>, Cell),
) -> Result<(), Problem> {
    if metrics.is_empty() {
        return Ok(());
    }
    let question = |metrics: Vec<MetricRef>| MetricQuery {
        metrics,
        filter: filter.clone(),
        period,
        grain,
        zone: Some(app.centre.zone().to_owned()),
        ..MetricQuery::default()
    };
    let mut tables: Vec<MetricTable> = Vec::new();
    match app.engine.query(&question(metrics.to_vec())).await {
        Ok(table) => tables.push(table),
        Err(EngineError::Question(_)) if metrics.len() > 1 => {
            for metric in metrics {
                match app.engine.query(&question(vec![metric.clone()])).await {
                    Ok(table) => tables.push(table),
                    Err(EngineError::Question(sentence)) => {
                        notes.push(format!("{metric} is left out: {sentence}"))
                    }
                    Err(other) => return Err(other.into()),
                }
            }
        }
        Err(other) => return Err(other.into()),
    }
    for table in tables {
        for note in &table.notes {
            if !notes.contains(note) {
                notes.push(note.clone());
            }
        }
        for row in table.rows {
            for (header, cell) in table.metrics.iter().zip(row.cells) {
                keep(header.metric.clone(), row.keys.first(), cell);
            }
        }
    }
    Ok(())
}

fn cards<'a>(
    app: &App,
    figures: &Figures,
    time_of: impl Fn(&str) -> &'a Time<'a>,
    days: Option<(Date, Date)>,
) -> Vec<Card> {
    let catalogue = app.engine.catalogue();
    PRESET
        .into_iter()
        .filter_map(|name| {
            let cell = figures.now.get(name).filter(|_| figures.has_records(name))?.clone();
            let reference = MetricRef::new(name);
            let resolved = catalogue.resolve(&reference).ok()?;
            let Time { asked, stretch } = time_of(name);
            let ends_earlier = stretch.days.zip(days).is_some_and(|((_, last), (_, shown))| last < shown);
            Some(Card {
                label: resolved.metric.label.clone(),
                href: links::metric(&reference, asked),
                unit: resolved.metric.unit,
                direction: resolved.metric.direction,
                before: stretch.before.and_then(|_| figures.before.get(name).cloned()),
                against: stretch.against_short(),
                days: days.map_or(Vec::new(), |range| course(figures.days.get(name), range)),
                provisional: days
                    .zip(stretch.data_to)
                    .is_some_and(|((_, last), at)| app.centre.calendar().day_of(at) == last),
                definition: links::definition(resolved.metric, resolved.variant),
                whole_days: ends_earlier.then(|| stretch.words.clone()),
                calls: Some(links::calls(&reference, links::DENOMINATOR, asked)),
                cell,
            })
        })
        .collect()
}

/// One value a day, with gaps where there is none.
fn course(days: Option<&BTreeMap<Date, Cell>>, (first, last): (Date, Date)) -> Vec<Option<f64>> {
    let Some(days) = days else { return Vec::new() };
    first
        .series(jiff::Span::new().days(1))
        .take_while(|day| *day <= last)
        .map(|day| days.get(&day).and_then(|cell| cell.value.as_ref().ok()).map(|value| value.to_f64()))
        .collect()
}

/// Metrics that could be computed, had there been a record: a nought of calls that nobody takes is no news.
fn without_records(app: &App, figures: &Figures, asked: &Asked) -> Vec<(String, Link)> {
    PRESET
        .into_iter()
        .filter(|name| figures.now.contains_key(*name) && !figures.has_records(name))
        .filter_map(|name| {
            let label = app.engine.catalogue().metrics.get(name)?.label.clone();
            Some((label, links::metric(&MetricRef::new(name), asked)))
        })
        .collect()
}

fn out_of_reach(app: &App, computable: &[Computable], asked: &Asked) -> Vec<OutOfReach> {
    computable
        .iter()
        .filter(|c| c.tables.is_empty() && PRESET.contains(&c.metric.as_str()))
        .filter_map(|c| {
            Some(OutOfReach {
                label: app.engine.catalogue().metrics.get(&c.metric)?.label.clone(),
                href: links::metric(&MetricRef::new(&c.metric), asked),
                missing: c.missing.clone(),
            })
        })
        .collect()
}

/// "148 210 dials reached 31 870 people and closed 2 564 sales in the 7 days to Thu 19 Nov 2026."
fn lead(figures: &Figures, stretch: &Stretch, asked: &Asked) -> Vec<Lead> {
    let figure = |name: &str, word: &str| {
        let cell = figures.now.get(name)?;
        let value = cell.value.as_ref().ok()?;
        let shown = format!("{}{}{word}", format::fixed(*value, 0), format::NO_BREAK);
        Some(Lead::Figure(shown, links::calls(&MetricRef::new(name), links::NUMERATOR, asked)))
    };
    let words = |text: &str| Lead::Words(text.to_owned());
    let Some(dials) = figure("dials", "dials") else { return Vec::new() };
    let mut pieces = vec![dials];
    if let Some(contacts) = figure("contacts", "conversations") {
        pieces.extend([words(" led to "), contacts]);
        if let Some(sales) = figure("sales", "sales") {
            pieces.extend([words(" and closed "), sales]);
        }
    }
    let time = match (stretch.length(), stretch.days) {
        (Some(1), Some((_, last))) => format!(" on {}.", dialmark_view::when::day(last)),
        (Some(days), Some((_, last))) => {
            format!(" in the {days} days to {}.", dialmark_view::when::day(last))
        }
        _ => ".".to_owned(),
    };
    pieces.push(Lead::Words(time));
    pieces
}

/// What came in, summed over all imports.
fn intake(imports: &[ImportRecord], unmapped: &[(String, u64)]) -> Intake {
    let sum = |part: fn(&ImportRecord) -> u64| imports.iter().map(part).sum();
    Intake {
        imports: u64::try_from(imports.len()).unwrap_or(u64::MAX),
        read: sum(|i| i.report.read),
        accepted: sum(|i| i.report.accepted),
        quarantined: sum(|i| i.report.quarantined_total()),
        corrected: sum(|i| i.report.corrected),
        unchanged: sum(|i| i.report.unchanged),
        unmapped: Some((
            u64::try_from(unmapped.len()).unwrap_or(u64::MAX),
            unmapped.iter().map(|(_, calls)| calls).sum(),
        )),
    }
}

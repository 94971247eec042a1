//! One metric: the whole period, the rivals, the course, the breakdown.

use std::collections::BTreeMap;

use axum::extract::Path;
use axum::response::Response;
use dialmark_engine::EngineError;
use dialmark_metrics::catalogue::{Computable, Filled, Resolved};
use dialmark_metrics::metric::{Formula as MetricFormula, Level, Metric, Variant};
use dialmark_metrics::{Catalogue, Cell, Expr, Key, MetricQuery, MetricRef, MetricTable};
use dialmark_model::Kind;
use dialmark_model::civil::{FiscalStart, Grain, Period};
use dialmark_view::asked::Asked;
use dialmark_view::link::Link;
use dialmark_view::pages::metric::{
    self, Advice, Breakdown, Course, Figure, Formula, MeasureLine, MetricPage, Point, VariantLine,
};
use dialmark_view::shell::Place;
use dialmark_view::{narrow, when};
use jiff::civil::Date;
use maud::Markup;

use crate::answer;
use crate::app::{App, Seen};
use crate::links;
use crate::problem::Problem;
use crate::stretch::{self, Stretch};
use crate::visit::{self, Visit};

/// Dimensions that come first in the list, and of which the first that has values is the breakdown.
const FIRST_DIMENSIONS: [&str; 8] =
    ["campaign_id", "lead_source", "list_id", "team_id", "agent_id", "site_id", "queue", "outcome"];
/// Most buckets that are gone through to find those without a record.
const MOST_BUCKETS: usize = 2_000;

/// `GET /metric/{metric}`
pub async fn handle(Seen(app): Seen, Path(name): Path<String>, visit: Visit) -> Response {
    let outcome = page(&app, &visit, &name).await;
    answer::page_or_problem(&app, &visit, outcome)
}

async fn page(app: &App, visit: &Visit, name: &str) -> Result<Markup, Problem> {
    let (asked, _) = visit.asked(&[])?;
    let filter = visit::filter(&asked)?;
    let catalogue = app.engine.catalogue();
    if !catalogue.metrics.contains_key(name) {
        let sentence = catalogue.resolve(&MetricRef::new(name)).err().unwrap_or_default();
        return Err(Problem::missing(sentence).helped("The catalogue lists all metrics."));
    }
    let reference = asked.metric(name).map_err(Problem::bad)?;
    let resolved = catalogue.resolve(&reference).map_err(Problem::bad)?;
    let _turn = app.turn().await?;
    let zone = app.centre.time_zone();
    let calendar = app.centre.calendar();
    let known = app.known().await?;
    let extent = known.extent;
    let filled = &app.filled(&known);
    let states: Vec<Computable> =
        catalogue.computable(filled).into_iter().filter(|c| c.metric == name).collect();
    let state = states.iter().find(|c| c.variant == resolved.variant.id);
    let tables: Vec<String> = state.map_or(Vec::new(), |s| s.tables.clone());
    let asked = match catalogue.is_booked_to_days(&resolved.variant.formula, &tables) {
        true => stretch::whole_days(&asked, extent, &calendar),
        false => asked,
    };
    let stretch = Stretch::of(&asked, extent, &calendar)?;
    let asker = Asker { app, filter: &filter, asked: &asked, reference: &reference };
    let dimensions = dimensions(app, &tables, filled);
    let mut notes = Vec::new();
    let cells = asker.variants(&resolved, &states, stretch.period, &mut notes).await?;
    let (mut figure, mut course, mut breakdown) = (None, None, None);
    if !tables.is_empty() {
        let now = cells.get(&resolved.variant.id).and_then(|cell| cell.clone().ok());
        figure = match now {
            Some(cell) => Some(asker.figure(cell, &stretch).await?),
            None => None,
        };
        course = asker.course(&stretch, &mut notes).await?;
        if let Some(by) = asked.by.clone().or_else(|| dimensions.first().cloned()) {
            breakdown = asker.breakdown(&stretch, &by, &mut notes).await?;
        }
    }
    // The form shows what is shown, chosen or not.
    let shown = Asked { by: breakdown.as_ref().map(|b| b.dimension.clone()), ..asked.clone() };
    let mut dimensions = dimensions;
    if let Some(by) = &shown.by
        && !dimensions.contains(by)
    {
        dimensions.push(by.clone());
    }
    let model = MetricPage {
        head: visit.head(app, &resolved.metric.label, Place::Metrics, &asked, &stretch)?,
        metric: name.to_owned(),
        about: resolved.metric.about.clone(),
        unit: resolved.metric.unit,
        direction: resolved.metric.direction,
        missing: state.map_or(Vec::new(), |s| s.missing.clone()),
        formula: formula(app, &resolved, &reference, &asked, &tables),
        variants: variant_lines(catalogue, &resolved, (&reference, &asked), &cells),
        periods: stretch::choices(&asked, extent, &calendar, |asked| {
            asked.whole(Link::below("/metric", name))
        }),
        downloads: downloads(app, &reference, &shown, &stretch, figure.is_some()),
        asked: shown,
        figure,
        course,
        breakdown,
        dimensions,
        notes,
        zone: zone.clone(),
        advice: advice(catalogue, resolved.metric),
    };
    Ok(metric::render(&model))
}

/// What the catalogue says to a manager.
fn advice(catalogue: &Catalogue, metric: &Metric) -> Advice {
    let linked = |ids: &[String]| {
        let known = ids.iter().filter_map(|id| catalogue.metrics.get(id));
        known.map(|m| (m.label.clone(), Link::below("/metric", &m.id))).collect()
    };
    let suspects = catalogue.symptoms.values().filter(|s| s.metric == metric.id);
    Advice {
        guide: metric.guide.clone(),
        drivers: linked(&metric.drivers),
        guards: linked(&metric.guards),
        suspects: suspects
            .map(|s| (if s.when == Level::Low { "low" } else { "high" }, s.suspects.clone()))
            .collect(),
    }
}

/// Asks the same of one metric in several ways.
struct Asker<'a> {
    app: &'a App,
    filter: &'a Option<Expr>,
    asked: &'a Asked,
    reference: &'a MetricRef,
}

impl Asker<'_> {
    async fn table(
        &self,
        period: Period,
        grain: Option<Grain>,
        by: Option<&str>,
        notes: &mut Vec<String>,
    ) -> Result<MetricTable, EngineError> {
        self.ask(vec![self.reference.clone()], period, grain, by, notes).await
    }

    async fn ask(
        &self,
        metrics: Vec<MetricRef>,
        period: Period,
        grain: Option<Grain>,
        by: Option<&str>,
        notes: &mut Vec<String>,
    ) -> Result<MetricTable, EngineError> {
        let question = MetricQuery {
            metrics,
            by: by.into_iter().map(str::to_owned).collect(),
            filter: self.filter.clone(),
            period,
            grain,
            zone: Some(self.app.centre.zone().to_owned()),
            ..MetricQuery::default()
        };
        let table = self.app.engine.query(&question).await?;
        for note in &table.notes {
            if !notes.contains(note) {
                notes.push(note.clone());
            }
        }
        Ok(table)
    }

    async fn figure(&self, cell: Cell, stretch: &Stretch) -> Result<Figure, Problem> {
        let before = match stretch.before {
            Some(period) => single(self.table(period, None, None, &mut Vec::new()).await?),
            None => None,
        };
        let resolved = self.app.engine.catalogue().resolve(self.reference).map_err(Problem::bad)?;
        let is_ratio = matches!(
            resolved.variant.formula,
            MetricFormula::Ratio { .. } | MetricFormula::Conversion { .. }
        );
        let why = (is_ratio && before.is_some()).then(|| {
            Asked { by: None, ..self.asked.clone() }.whole(Link::below("/why", &self.reference.metric))
        });
        Ok(Figure { cell, before, against: stretch.against_short(), why })
    }

    async fn course(&self, stretch: &Stretch, notes: &mut Vec<String>) -> Result<Option<Course>, Problem> {
        let Some(own) = stretch.days else { return Ok(None) };
        // A grain that was asked for shows the period itself; otherwise a short one gets the weeks before it.
        let (first, last) = match self.asked.grain {
            Some(_) => own,
            None => stretch::course_days(stretch, stretch::SPARK_DAYS).unwrap_or(own),
        };
        let grain = self
            .asked
            .grain
            .unwrap_or_else(|| stretch::fitting_grain(stretch::days_between(first, last) + 1));
        let zone = self.app.centre.time_zone();
        let calendar = self.app.centre.calendar();
        // Whole buckets only: half a week beside whole ones would look like a fall.
        let from = calendar.first_day(grain, first);
        let period = calendar.period(Some(from), Some(stretch::next(last)));
        let table = self.table(period, Some(grain), None, notes).await?;
        let provisional = stretch
            .data_to
            .filter(|at| calendar.day_of(*at) == last)
            .map(|at| format!("data to {}", when::instant(at, zone)));
        let points = filled_in(table, grain, (from, last), calendar.fiscal)
            .into_iter()
            .map(|(key, cell)| {
                let place = links::bucket(&key, grain).map(|(from, to)| Asked {
                    from: Some(from),
                    to: Some(to),
                    ..self.asked.clone()
                });
                self.point(key, cell, place)
            })
            .collect();
        Ok(Some(Course { grain, span: when::days(from, last), points, provisional }))
    }

    async fn breakdown(
        &self,
        stretch: &Stretch,
        by: &str,
        notes: &mut Vec<String>,
    ) -> Result<Option<Breakdown>, Problem> {
        let table = match self.table(stretch.period, None, Some(by), notes).await {
            Ok(table) => table,
            // A breakdown that nobody asked for is left out where it makes no sense.
            Err(EngineError::Question(_)) if self.asked.by.is_none() => return Ok(None),
            Err(error) => return Err(error.into()),
        };
        let mut rows: Vec<(Key, Cell)> = keyed(table);
        if self.asked.sort.is_none() && rows.iter().all(|(key, _)| matches!(key, Key::Text(_) | Key::None)) {
            rows.sort_by(|a, b| b.1.n.cmp(&a.1.n).then_with(|| a.0.cmp(&b.0)));
        }
        let dimension = Expr::Column(by.to_owned());
        let rows = rows
            .into_iter()
            .map(|(key, cell)| {
                let place = match Grain::from_word(by) {
                    Some(grain) => links::bucket(&key, grain).map(|(from, to)| Asked {
                        from: Some(from),
                        to: Some(to),
                        ..self.asked.clone()
                    }),
                    None => narrow::narrow(self.filter.as_ref(), &dimension, &key)
                        .map(|filter| Asked { filter: Some(filter.to_string()), ..self.asked.clone() }),
                };
                self.point(key, cell, place)
            })
            .collect();
        Ok(Some(Breakdown { dimension: by.to_owned(), rows }))
    }

    fn point(&self, key: Key, cell: Cell, place: Option<Asked>) -> Point {
        let calls = |part: &str| place.as_ref().map(|p| links::calls(self.reference, part, p));
        let name = &self.reference.metric;
        Point {
            numerator_calls: calls(links::NUMERATOR),
            denominator_calls: calls(links::DENOMINATOR),
            href: place.map(|p| p.whole(Link::below("/metric", name))),
            key,
            cell,
        }
    }

    /// The figure of each variant, or what it lacks. All are asked for at once; where one cannot be asked so,
    /// one by one.
    async fn variants(
        &self,
        resolved: &Resolved<'_>,
        states: &[Computable],
        period: Period,
        notes: &mut Vec<String>,
    ) -> Result<Cells, Problem> {
        let mut cells = Cells::new();
        let mut wanted: Vec<MetricRef> = Vec::new();
        for variant in &resolved.metric.variants {
            match states.iter().find(|s| s.variant == variant.id && s.tables.is_empty()) {
                Some(state) => {
                    cells.insert(variant.id.clone(), Err(state.missing.clone()));
                }
                None => wanted.push(MetricRef {
                    variant: Some(variant.id.clone()),
                    params: self.app.engine.catalogue().heeded(variant, &self.reference.params),
                    ..self.reference.clone()
                }),
            }
        }
        if wanted.is_empty() {
            return Ok(cells);
        }
        let mut keep = |table: MetricTable| {
            let row = table.rows.into_iter().next();
            for (header, cell) in table.metrics.into_iter().zip(row.into_iter().flat_map(|row| row.cells)) {
                cells.insert(header.variant, Ok(cell));
            }
        };
        match self.ask(wanted.clone(), period, None, None, notes).await {
            Ok(table) => keep(table),
            Err(EngineError::Question(_)) if wanted.len() > 1 => {
                for one in wanted {
                    let variant = one.variant.clone().unwrap_or_default();
                    match self.ask(vec![one], period, None, None, notes).await {
                        Ok(table) => keep(table),
                        Err(EngineError::Question(_)) if variant != resolved.variant.id => {}
                        Err(error) => return Err(error.into()),
                    }
                }
            }
            Err(error) => return Err(error.into()),
        }
        Ok(cells)
    }
}

/// By variant: its figure, or what is missing.
type Cells = BTreeMap<String, Result<Cell, Vec<String>>>;

fn variant_lines(
    catalogue: &Catalogue,
    resolved: &Resolved<'_>,
    (reference, asked): (&MetricRef, &Asked),
    cells: &Cells,
) -> Vec<VariantLine> {
    let params = |variant: &Variant| {
        let heeded = catalogue.heeded(variant, &reference.params);
        if heeded == reference.params { asked.params.clone() } else { Some(heeded.to_string()) }
    };
    let line = |variant: &Variant| VariantLine {
        id: variant.id.clone(),
        says: links::definition(resolved.metric, variant),
        source: variant.source.clone(),
        href: Asked {
            variant: Some(variant.id.clone()),
            params: params(variant).filter(|params| !params.is_empty()),
            ..asked.clone()
        }
        .whole(Link::below("/metric", &resolved.metric.id)),
        is_current: variant.id == resolved.variant.id,
        cell: cells
            .get(&variant.id)
            .cloned()
            .unwrap_or_else(|| Err(vec!["records that this condition can be asked of".to_owned()])),
    };
    resolved.metric.variants.iter().map(line).collect()
}

fn single(table: MetricTable) -> Option<Cell> {
    table.rows.into_iter().next()?.cells.into_iter().next()
}

fn keyed(table: MetricTable) -> Vec<(Key, Cell)> {
    table
        .rows
        .into_iter()
        .filter_map(|row| Some((row.keys.into_iter().next()?, row.cells.into_iter().next()?)))
        .collect()
}

/// The buckets of a table and those without a record, from `first` to `last`: a gap must be seen as one. Buckets
/// shorter than a day are filled between the first and the last record: nights would only stretch the picture.
fn filled_in(
    table: MetricTable,
    grain: Grain,
    (first, last): (Date, Date),
    fiscal: FiscalStart,
) -> Vec<(Key, Cell)> {
    let mut cells: BTreeMap<Key, Cell> = keyed(table).into_iter().collect();
    let bounds =
        cells.first_key_value().zip(cells.last_key_value()).map(|((a, _), (b, _))| (a.clone(), b.clone()));
    // Without any record there is no course.
    let Some((known_first, known_last)) = bounds else { return Vec::new() };
    let (from, to) = match known_first {
        Key::Day(_) => (Key::Day(grain.first_day(first, fiscal)), Key::Day(grain.first_day(last, fiscal))),
        _ => (known_first, known_last),
    };
    let mut next = Some(from);
    let mut seen = 0;
    while let Some(key) = next.filter(|key| *key <= to && seen < MOST_BUCKETS) {
        next = match &key {
            Key::Day(day) => links::after(*day, grain).map(Key::Day),
            Key::At(at) => links::end(*at, grain).map(Key::At),
            _ => None,
        };
        seen += 1;
        cells.entry(key).or_insert_with(Cell::empty);
    }
    cells.into_iter().collect()
}

fn formula(
    app: &App,
    resolved: &Resolved<'_>,
    reference: &MetricRef,
    asked: &Asked,
    tables: &[String],
) -> Formula {
    let catalogue = app.engine.catalogue();
    let line = |id: &str, part: &str| {
        let measure = catalogue.measures.get(id);
        MeasureLine {
            id: id.to_owned(),
            about: links::about_measure(catalogue, id),
            unit: measure.map_or_else(String::new, |m| m.unit.clone()),
            bindings: measure.map_or(Vec::new(), |m| {
                let read = m.bindings.iter().filter(|b| tables.is_empty() || tables.contains(&b.table));
                read.map(|b| (b.table.clone(), b.shape.to_string())).collect()
            }),
            calls: (!tables.is_empty()).then(|| links::calls(reference, part, asked)),
        }
    };
    let formula = &resolved.variant.formula;
    let numerator = line(links::measure_of(catalogue, formula, links::NUMERATOR), links::NUMERATOR);
    let (denominator, factor) = match formula {
        MetricFormula::Ratio { denominator, times, .. } => (
            Some(line(denominator, links::DENOMINATOR)),
            match times {
                1 => None,
                3_600_000 => Some("per hour of the denominator's milliseconds".to_owned()),
                other => Some(format!("times {other}")),
            },
        ),
        MetricFormula::Conversion { base, .. } => (Some(line(base, links::DENOMINATOR)), None),
        _ => (None, None),
    };
    let text = !matches!(formula, MetricFormula::Simple { .. } | MetricFormula::Ratio { .. });
    let params = links::params_in_words(&resolved.params);
    Formula { numerator, denominator, factor, params, text: text.then(|| formula.to_string()) }
}

/// Columns by which the records of all these tables can be broken out.
fn dimensions(app: &App, tables: &[String], filled: &Filled) -> Vec<String> {
    let catalogue = app.engine.catalogue();
    let is_on_all = |name: &str| {
        tables.iter().all(|table| {
            let fits = matches!(catalogue.kind_of(table, name), Some(Kind::Code | Kind::Bool));
            fits && catalogue.is_filled(filled, table, name)
        })
    };
    let Some(first) = tables.first() else { return Vec::new() };
    let mut names: Vec<String> =
        FIRST_DIMENSIONS.into_iter().filter(|name| is_on_all(name)).map(str::to_owned).collect();
    for name in catalogue.column_names(first) {
        if is_on_all(name) && !names.iter().any(|n| n == name) {
            names.push(name.to_owned());
        }
    }
    let declared = catalogue.dimensions.values().filter(|dimension| {
        tables.iter().all(|table| {
            let expr = catalogue.dimension_on(table, &dimension.id);
            expr.is_some_and(|expr| expr.columns().iter().all(|c| catalogue.is_filled(filled, table, c)))
        })
    });
    names.extend(declared.map(|d| d.id.clone()));
    let has_clock = |table: &String| catalogue.tables.get(table).is_some_and(|t| !t.placed_by.is_empty());
    if tables.iter().all(has_clock) {
        names.extend(["hour", "weekday"].map(str::to_owned));
    }
    names
}

fn downloads(
    app: &App,
    reference: &MetricRef,
    asked: &Asked,
    stretch: &Stretch,
    is_computable: bool,
) -> Vec<(String, Link)> {
    if !is_computable {
        return Vec::new();
    }
    // The period as it is shown, not as it was left to the page to choose.
    let link = |form: &str| {
        Link::to("/api/v1/query")
            .with("metric", reference)
            .with_some("by", asked.by.as_deref())
            .with_some("grain", asked.grain.map(Grain::word))
            .with_some("where", asked.filter.as_deref())
            .with_some("from", stretch.period.from)
            .with_some("to", stretch.period.to)
            .with("zone", app.centre.zone())
            .with("format", form)
    };
    vec![("CSV".to_owned(), link("csv")), ("JSON".to_owned(), link("json"))]
}

#[cfg(test)]
mod tests {
    use super::*;
    use dialmark_metrics::{Reason, Row};
    use jiff::civil::date;

    #[test]
    fn days_without_a_record_are_gaps() {
        let row = |day| Row { keys: vec![Key::Day(date(2026, 11, day))], cells: vec![Cell::empty()] };
        let table = MetricTable {
            dimensions: vec!["day".to_owned()],
            metrics: vec![],
            rows: vec![row(1), row(4)],
            period: Period::ALL,
            grain: Some(Grain::Day),
            zone: None,
            seen: None,
            notes: vec![],
        };
        let filled =
            filled_in(table, Grain::Day, (date(2026, 10, 31), date(2026, 11, 5)), FiscalStart::JANUARY);
        assert_eq!(filled.len(), 6);
        assert!(filled.iter().all(|(_, cell)| cell.value == Err(Reason::NoData)));
    }
}

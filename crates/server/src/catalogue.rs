//! All metrics and whether the data at hand allows them.

use axum::response::Response;
use dialmark_metrics::MetricRef;
use dialmark_metrics::catalogue::Computable;
use dialmark_metrics::metric::Metric;
use dialmark_view::asked::Asked;
use dialmark_view::pages::catalogue::{self, CataloguePage, MetricLine, VariantLine};
use dialmark_view::shell::Place;
use maud::Markup;

use crate::answer;
use crate::app::{App, Seen};
use crate::links;
use crate::problem::Problem;
use crate::visit::Visit;

/// `GET /catalogue`
pub async fn handle(Seen(app): Seen, visit: Visit) -> Response {
    let outcome = page(&app, &visit).await;
    answer::page_or_problem(&app, &visit, outcome)
}

async fn page(app: &App, visit: &Visit) -> Result<Markup, Problem> {
    visit.asked(&[])?;
    let catalogue = app.engine.catalogue();
    let states = catalogue.computable(&app.filled(&*app.known().await?));
    let mut groups: Vec<(String, Vec<MetricLine>)> = Vec::new();
    for metric in catalogue.metrics.values() {
        let theme = theme_of(&metric.declared_in);
        let line = line(metric, &states);
        match groups.iter_mut().find(|(name, _)| *name == theme) {
            Some((_, lines)) => lines.push(line),
            None => groups.push((theme, vec![line])),
        }
    }
    groups.sort_by_key(|(name, _)| (name != "outbound", name.clone()));
    let model = CataloguePage { head: visit.plain_head(app, "Metrics", Place::Metrics), groups };
    Ok(catalogue::render(&model))
}

fn line(metric: &Metric, states: &[Computable]) -> MetricLine {
    let variants = metric.variants.iter().map(|variant| {
        let state = states.iter().find(|s| s.metric == metric.id && s.variant == variant.id);
        let reference = MetricRef { variant: Some(variant.id.clone()), ..MetricRef::new(&metric.id) };
        VariantLine {
            id: variant.id.clone(),
            says: variant.about.clone(),
            is_default: variant.id == metric.default,
            href: links::metric(&reference, &Asked::default()),
            state: match state {
                Some(state) if !state.tables.is_empty() => Ok(state.tables.clone()),
                Some(state) => Err(state.missing.clone()),
                None => Err(Vec::new()),
            },
        }
    });
    MetricLine {
        id: metric.id.clone(),
        label: metric.label.clone(),
        about: metric.about.clone(),
        href: links::metric(&MetricRef::new(&metric.id), &Asked::default()),
        variants: variants.collect(),
    }
}

/// Name of the file without folder and ending: `outbound`, `queue`, or a project's own.
fn theme_of(declared_in: &str) -> String {
    let file = declared_in.rsplit(['/', '\\']).next().unwrap_or(declared_in);
    file.strip_suffix(".toml").unwrap_or(file).to_owned()
}

//! From a temporary store to the report: figures, findings, and what is in their way.

use std::collections::BTreeMap;

use dialmark_lake::ImportReport;
use dialmark_manage::{Looked, Stated, Weighed};
use dialmark_metrics::catalogue::Computable;
use dialmark_metrics::metric::{Direction, Metric};
use dialmark_metrics::{Catalogue, MetricTable, Scope};
use dialmark_model::civil::Period;
use dialmark_view::audit::{AuditFigure, AuditPage, Breakdown, Course, Finding, OutOfReach};
use dialmark_view::link::Link;
use dialmark_view::shell::{Head, Place, Theme};
use dialmark_view::{format, when};
use jiff::Timestamp;

use super::arrive::Arrived;
use super::findings::{self, Outlier};
use super::wording::words;
use super::{beside, quality, question, worth};
use crate::failure::Failure;
use crate::managed::{self, Managed};
use crate::out;

/// Findings that are listed, at most.
const MOST_FINDINGS: usize = 10;

/// What was said on the command line of what the records do not say.
#[derive(Debug, Default)]
pub struct Said {
    /// Of what kind the work is.
    pub work: beside::Work,
    /// What a sale is worth and what an hour costs.
    pub prices: Stated,
    /// Which time.
    pub period: Period,
}

/// Everything that the report says.
pub async fn compose(arrived: Arrived, said: &Said) -> Result<AuditPage, Failure> {
    let Arrived { opened, lake, files, mappings, guessed_codes } = arrived;
    let Managed { opened, mut governed } = managed::with_promises(opened)?;
    let engine = opened.engine(lake.clone());
    let arrived = Arrived { opened, lake, files, mappings, guessed_codes };
    let arrived = &arrived;
    let period = said.period;
    let catalogue = engine.catalogue();
    let unmapped = engine.unmapped().await?;
    let coded = engine.top_values("calls", "disposition", usize::MAX).await.unwrap_or_default();
    let total = |codes: &[(String, u64)]| codes.iter().map(|(_, calls)| calls).sum::<u64>();
    let filled = question::meaningful(engine.filled().await?, total(&unmapped), total(&coded));
    let (reachable, others) = question::within_reach(catalogue, &filled);
    let main = question::main_ratio(catalogue, &reachable);
    let extent = question::within(engine.extent().await?, period);

    let mut outliers = Vec::new();
    let mut breakdowns = Vec::new();
    let mut course = None;
    if let Some(main) = main {
        let metric = catalogue.metrics.get(&main.metric);
        for by in question::breakdowns(&engine, main, &filled, period).await? {
            let mut found = by.to_compare.as_ref().map(findings::outliers).unwrap_or_default();
            found.truncate(findings::MOST_OF_A_DIMENSION);
            outliers.append(&mut found);
            breakdowns.extend(metric.map(|metric| breakdown(metric, by.dimension, &by.table)));
        }
        if let Some((grain, table)) = question::course(&engine, main, extent, period).await? {
            course = metric.map(|metric| over_time(metric, grain.word(), &table));
        }
    }
    let mut outliers = findings::merged(outliers);
    outliers.sort_by_key(|outlier| std::cmp::Reverse(outlier.excess.unsigned_abs()));
    outliers.truncate(MOST_FINDINGS);
    let main_metric = main.and_then(|main| catalogue.metrics.get(&main.metric));
    let (figures, idle) = figures(catalogue, question::figures(&engine, &reachable, period).await?.as_ref());
    let is_mapped = filled.has("calls", "disposition") || coded.is_empty();
    let notes = beside::settle(&engine, &mut governed.library, &said.work).await?;
    let looked = Looked { filled: &filled, period, scope: &Scope::Everything };
    let laid = dialmark_manage::beside(&engine, &governed.library, &looked).await?;
    let day = extent.map(|(_, last)| engine.calendar().day_of(last));
    let weighed = Weighed { governed: &governed, beside: &laid, looked, stated: &said.prices, day };
    let gains = dialmark_manage::opportunities(&engine, &weighed).await?;
    Ok(AuditPage {
        head: head(arrived, extent),
        lead: lead(arrived, figures.len(), others.len() + idle.len(), &unmapped).await?,
        figures,
        targets: question::targets(&engine, &governed, day).await?,
        benchmarks: beside::benchmarks(&laid, &governed.library, notes),
        opportunities: worth::opportunities(&gains, &governed),
        course,
        findings: main_metric
            .map(|metric| {
                outliers
                    .iter()
                    .map(|outlier| finding(metric, main.map(|m| m.variant.as_str()), outlier))
                    .collect()
            })
            .unwrap_or_default(),
        method: method(main_metric),
        breakdowns,
        out_of_reach: out_of_reach(catalogue, &others, is_mapped, idle),
        files: arrived.files.iter().map(quality::file_line).collect(),
        quarantine: quality::quarantine(&arrived.lake, &arrived.files).await?,
        flags: quality::flags(&arrived.files),
        unmapped,
        mappings: arrived.mappings.clone(),
    })
}

fn head(arrived: &Arrived, extent: Option<(Timestamp, Timestamp)>) -> Head {
    let centre = &arrived.opened.project.centre;
    let zone = centre.time_zone();
    let day = |at: Timestamp| dialmark_model::civil::day_of(at, zone);
    Head {
        period: extent.map(|(first, last)| when::days(day(first), day(last))),
        zone: Some(centre.zone().to_owned()),
        freshness: extent.map(|(_, last)| format!("data to {}", when::instant(last, zone))),
        ..Head::plain(centre.name(), "Audit", Place::Elsewhere, Theme::Auto, Link::to("/"))
    }
}

async fn lead(
    arrived: &Arrived,
    figures: usize,
    others: usize,
    unmapped: &[(String, u64)],
) -> Result<String, Failure> {
    let mut total = ImportReport::default();
    for imported in arrived.files.iter().filter_map(|file| file.outcome.as_ref().ok()) {
        total.add(&imported.report);
    }
    let as_u64 = |n: usize| n.try_into().unwrap_or(u64::MAX);
    let records = match arrived.files.is_empty() {
        true => {
            let tables = arrived.lake.snapshot().await?.tables;
            let rows = tables.values().map(|table| table.rows()).sum();
            format!("The store has {}", out::counted(rows, "record", "records"))
        }
        false => format!(
            "{} of {} were read",
            out::counted(total.accepted, "record", "records"),
            out::thousands(total.read)
        ),
    };
    let mut text = format!(
        "{records}; {} could be computed, {} could not.",
        out::counted(as_u64(figures), "metric", "metrics"),
        out::thousands(as_u64(others)),
    );
    if arrived.guessed_codes > 0 {
        text.push_str(&format!(
            " What {} {} was guessed by the name and is to be checked.",
            out::counted(as_u64(arrived.guessed_codes), "result code", "result codes"),
            if arrived.guessed_codes == 1 { "means" } else { "mean" },
        ));
    }
    let unknown: u64 = unmapped.iter().map(|(_, calls)| calls).sum();
    if unknown > 0 {
        text.push_str(&format!(
            " {} {} a result code whose meaning is not known: what they came to is counted in no figure.",
            out::counted(unknown, "call", "calls"),
            if unknown == 1 { "carries" } else { "carry" },
        ));
    }
    Ok(text)
}

/// Figures that some record stands behind, and the names of the others.
fn figures(catalogue: &Catalogue, table: Option<&MetricTable>) -> (Vec<AuditFigure>, Vec<String>) {
    let Some((table, row)) = table.and_then(|table| Some((table, table.rows.first()?))) else {
        return (Vec::new(), Vec::new());
    };
    let (mut figures, mut idle) = (Vec::new(), Vec::new());
    for (header, cell) in table.metrics.iter().zip(&row.cells) {
        if cell.n == 0 {
            idle.push(header.label.clone());
            continue;
        }
        let metric = catalogue.metrics.get(&header.metric);
        // A rival stands in where the usual definition is out of reach, and says so.
        let is_usual = metric.is_none_or(|m| m.default == header.variant);
        let rival = header.variant.replace('_', " ");
        figures.push(AuditFigure {
            label: if is_usual { header.label.clone() } else { format!("{} ({rival})", header.label) },
            cell: cell.clone(),
            unit: header.unit,
            says: metric.map(|metric| definition(metric, &header.variant)).unwrap_or_default(),
        });
    }
    (figures, idle)
}

/// What sets the variant apart, or what the metric is when it has only one.
fn definition(metric: &Metric, variant: &str) -> String {
    let about = metric.variant(Some(variant)).map(|v| v.about.clone());
    about.filter(|says| !says.is_empty()).unwrap_or_else(|| metric.about.clone())
}

fn over_time(metric: &Metric, by: &str, table: &MetricTable) -> Course {
    let points = table.rows.iter().filter_map(|row| {
        let label = when::bucket(row.keys.first()?, table.grain, &jiff::tz::TimeZone::UTC);
        Some((label, row.cells.first()?.clone()))
    });
    Course { title: format!("{} by {by}", metric.label), unit: metric.unit, points: points.collect() }
}

fn breakdown(metric: &Metric, dimension: &str, table: &MetricTable) -> Breakdown {
    let mut rows: Vec<(String, dialmark_metrics::Cell)> = table
        .rows
        .iter()
        .filter_map(|row| Some((when::key_text(row.keys.first()?), row.cells.first()?.clone())))
        .collect();
    // Hours and weekdays have an order of their own; other groups come by weight.
    if !matches!(dimension, "hour" | "weekday" | "attempt_no" | "priority") {
        rows.sort_by_key(|(_, cell)| std::cmp::Reverse(cell.n));
    }
    let title = format!("{} by {}", metric.label, words(dimension));
    Breakdown { title, unit: metric.unit, direction: metric.direction, rows }
}

fn finding(metric: &Metric, variant: Option<&str>, outlier: &Outlier) -> Finding {
    let share = |share: findings::Share| {
        let figure = share.ratio().map(|ratio| format::figure(ratio, metric.unit, None).to_string());
        figure.unwrap_or_else(|| format::DASH.to_owned())
    };
    let (hits, records) = parts(metric, variant);
    let names: Vec<String> =
        outlier.groups.iter().map(|(dimension, group)| format!("{} {group}", words(dimension))).collect();
    let names = names.join(", ");
    let (own, rest) = (outlier.own, outlier.rest);
    let amount = out::thousands(outlier.excess.unsigned_abs().try_into().unwrap_or(u64::MAX));
    let sense = if outlier.excess < 0 { "fewer" } else { "more" };
    let is_more = own.ratio() > rest.ratio();
    Finding {
        place: match &outlier.within {
            Some(work) => format!("{work}: {names}"),
            None => names,
        },
        sentence: format!(
            "{} {} ({} of {} {records}) against {} in the rest ({} of {}): about {amount} {sense} {hits} than at the \
             rest's rate.",
            metric.label,
            share(own),
            out::thousands(own.hits),
            out::thousands(own.of),
            share(rest),
            out::thousands(rest.hits),
            out::thousands(rest.of),
        ),
        good: match metric.direction {
            Direction::Up => Some(is_more),
            Direction::Down => Some(!is_more),
            Direction::Neither => None,
        },
    }
}

/// What is divided and what it is divided by, in words.
fn parts(metric: &Metric, variant: Option<&str>) -> (String, String) {
    let formula = metric.variant(variant).map(|variant| &variant.formula);
    let mut measures =
        formula.into_iter().flat_map(dialmark_metrics::Formula::measures).map(|id| id.replace('_', " "));
    (measures.next().unwrap_or_default(), measures.next().unwrap_or_default())
}

fn method(main: Option<&Metric>) -> String {
    match main {
        None => "No ratio could be computed that groups could be compared by.".to_owned(),
        Some(metric) => format!(
            "Compared is {}: each group with all others of its dimension, within a campaign where there are several. A \
             group is listed only when Wilson's 99 % intervals of both shares do not touch and both have at least 50 \
             records; the order is by how much they weigh. A difference says where to look, not why it is there.",
            metric.label
        ),
    }
}

/// What is missing, and what it stands in the way of; what stands in the way of most comes first.
fn out_of_reach(
    catalogue: &Catalogue,
    others: &[Computable],
    is_mapped: bool,
    idle: Vec<String>,
) -> Vec<OutOfReach> {
    let mut by_missing: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for computable in others {
        let missing: Vec<String> = computable.missing.iter().map(|what| in_words(what, is_mapped)).collect();
        let label = catalogue.metrics.get(&computable.metric).map_or(&computable.metric, |m| &m.label);
        by_missing.entry(missing.join(", ")).or_default().push(label.clone());
    }
    let mut lines: Vec<OutOfReach> =
        by_missing.into_iter().map(|(missing, metrics)| OutOfReach { missing, metrics }).collect();
    lines.sort_by_key(|line| std::cmp::Reverse(line.metrics.len()));
    if !idle.is_empty() {
        lines.push(OutOfReach { missing: "records of that kind".to_owned(), metrics: idle });
    }
    lines
}

fn in_words(missing: &str, is_mapped: bool) -> String {
    match missing {
        "calls.disposition" if !is_mapped => "meanings of the result codes (calls.disposition)".to_owned(),
        column if column.contains('.') => column.to_owned(),
        table => format!("any record of {table}"),
    }
}

//! From a temporary store to the report: figures, findings, and what is in their way.

use std::collections::BTreeMap;

use dialmark_lake::{ImportReport, Lake};
use dialmark_metrics::catalogue::Computable;
use dialmark_metrics::metric::{Direction, Metric};
use dialmark_metrics::{Catalogue, MetricTable};
use dialmark_view::audit::{AuditFigure, AuditPage, Breakdown, Course, FileLine, Finding, OutOfReach};
use dialmark_view::link::Link;
use dialmark_view::pages::data::{QuarantineGroup, Sample};
use dialmark_view::shell::{Head, Place, Theme};
use dialmark_view::{format, when};

use super::arrive::{Arrival, Arrived};
use super::findings::{self, Outlier};
use super::question;
use crate::failure::Failure;
use crate::{out, report};

/// Findings that are listed, at most.
const MOST_FINDINGS: usize = 10;
/// Records set aside that are shown for one reason and file.
const SAMPLES: usize = 5;

/// Everything that the report says.
pub async fn compose(arrived: &Arrived) -> Result<AuditPage, Failure> {
    let engine = arrived.opened.engine(arrived.lake.clone());
    let catalogue = engine.catalogue();
    let unmapped = engine.unmapped().await?;
    let coded = engine.top_values("calls", "disposition", usize::MAX).await.unwrap_or_default();
    let total = |codes: &[(String, u64)]| codes.iter().map(|(_, calls)| calls).sum::<u64>();
    let filled = question::meaningful(engine.filled().await?, total(&unmapped), total(&coded));
    let (reachable, others) = question::within_reach(catalogue, &filled);
    let main = question::main_ratio(catalogue, &reachable);
    let extent = engine.extent().await?;

    let mut outliers = Vec::new();
    let mut breakdowns = Vec::new();
    let mut course = None;
    if let Some(main) = main {
        let metric = catalogue.metrics.get(&main.metric);
        for by in question::breakdowns(&engine, main, &filled).await? {
            let mut found = by.to_compare.as_ref().map(findings::outliers).unwrap_or_default();
            found.truncate(findings::MOST_OF_A_DIMENSION);
            outliers.append(&mut found);
            breakdowns.extend(metric.map(|metric| breakdown(metric, by.dimension, &by.table)));
        }
        if let Some((grain, table)) = question::course(&engine, main, extent).await? {
            course = metric.map(|metric| over_time(metric, grain.word(), &table));
        }
    }
    let mut outliers = findings::merged(outliers);
    outliers.sort_by_key(|outlier| std::cmp::Reverse(outlier.excess.unsigned_abs()));
    outliers.truncate(MOST_FINDINGS);
    let main_metric = main.and_then(|main| catalogue.metrics.get(&main.metric));
    let (figures, idle) = figures(catalogue, question::figures(&engine, &reachable).await?.as_ref());
    let is_mapped = filled.has("calls", "disposition") || coded.is_empty();
    Ok(AuditPage {
        head: head(arrived, extent),
        lead: lead(arrived, figures.len(), others.len() + idle.len(), &unmapped),
        figures,
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
        files: arrived.files.iter().map(file_line).collect(),
        quarantine: quarantine(&arrived.lake, &arrived.files).await?,
        flags: flags(&arrived.files),
        unmapped,
        mappings: arrived.mappings.clone(),
    })
}

fn head(arrived: &Arrived, extent: Option<(jiff::Timestamp, jiff::Timestamp)>) -> Head {
    let centre = &arrived.opened.project.centre;
    let zone = centre.time_zone();
    let day = |at: jiff::Timestamp| dialmark_model::civil::day_of(at, zone);
    Head {
        period: extent.map(|(first, last)| when::days(day(first), day(last))),
        zone: Some(centre.zone().to_owned()),
        freshness: extent.map(|(_, last)| format!("data to {}", when::instant(last, zone))),
        ..Head::plain(centre.name(), "Audit", Place::Elsewhere, Theme::Auto, Link::to("/"))
    }
}

fn lead(arrived: &Arrived, figures: usize, others: usize, unmapped: &[(String, u64)]) -> String {
    let mut total = ImportReport::default();
    for imported in arrived.files.iter().filter_map(|file| file.outcome.as_ref().ok()) {
        total.add(&imported.report);
    }
    let as_u64 = |n: usize| n.try_into().unwrap_or(u64::MAX);
    let mut text = format!(
        "{} of {} were read; {} could be computed, {} could not.",
        out::counted(total.accepted, "record", "records"),
        out::thousands(total.read),
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
    text
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

/// `list_id` is a list, as people say it.
fn words(dimension: &str) -> String {
    match dimension {
        "hour" => "hour of the day".to_owned(),
        "weekday" => "day of the week".to_owned(),
        "attempt_no" => "attempt".to_owned(),
        "caller_id" => "caller ID".to_owned(),
        other => other.trim_end_matches("_id").replace('_', " "),
    }
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

fn file_line(file: &Arrival) -> FileLine {
    match &file.outcome {
        Ok(imported) => FileLine {
            file: file.file.clone(),
            table: Some(imported.report.table.clone()),
            sentence: report::sentence(&imported.report),
            unused: imported.unused_columns.clone(),
            notes: file.notes.clone(),
        },
        Err(why) => FileLine {
            file: file.file.clone(),
            table: None,
            sentence: format!("Not loaded: {why}"),
            unused: Vec::new(),
            notes: file.notes.clone(),
        },
    }
}

async fn quarantine(lake: &Lake, files: &[Arrival]) -> Result<Vec<QuarantineGroup>, Failure> {
    let mut groups: BTreeMap<String, QuarantineGroup> = BTreeMap::new();
    for imported in files.iter().filter_map(|file| file.outcome.as_ref().ok()) {
        let report = &imported.report;
        for (reason, count) in &report.quarantined {
            let group = groups.entry(reason.clone()).or_insert_with(|| QuarantineGroup {
                reason: reason.clone(),
                count: 0,
                samples: Vec::new(),
            });
            group.count += count;
        }
        if report.quarantined_total() == 0 {
            continue;
        }
        for row in lake.quarantined(report.import_id, usize::MAX).await? {
            let Some(group) = groups.get_mut(&row.reason) else { continue };
            if group.samples.iter().filter(|s| s.file == report.file_name).count() < SAMPLES {
                group.samples.push(Sample {
                    file: report.file_name.clone(),
                    line: row.line,
                    detail: row.detail,
                    text: row.text,
                });
            }
        }
    }
    let mut groups: Vec<QuarantineGroup> = groups.into_values().collect();
    groups.sort_by_key(|group| std::cmp::Reverse(group.count));
    Ok(groups)
}

fn flags(files: &[Arrival]) -> Vec<(String, u64)> {
    let mut all: BTreeMap<String, u64> = BTreeMap::new();
    for imported in files.iter().filter_map(|file| file.outcome.as_ref().ok()) {
        for (flag, count) in &imported.report.flags {
            *all.entry(flag.clone()).or_default() += count;
        }
    }
    let mut flags: Vec<(String, u64)> = all.into_iter().collect();
    flags.sort_by_key(|(_, count)| std::cmp::Reverse(*count));
    flags
}

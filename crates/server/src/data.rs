//! What came in: the ledger, the quarantine, flags, codes without a meaning.

use std::collections::BTreeMap;

use axum::response::Response;
use dialmark_lake::{ImportRecord, Waiting};
use dialmark_metrics::Expr;
use dialmark_metrics::coverage::over_until;
use dialmark_model::civil::Calendar;
use dialmark_view::link::Link;
use dialmark_view::pages::data::{
    self, DataPage, DayDelivered, Delivered, ImportLine, QuarantineGroup, Sample, WaitingLine,
};
use dialmark_view::shell::Place;
use dialmark_view::when;
use jiff::civil::Date;
use jiff::tz::TimeZone;
use jiff::{Span, Timestamp};
use maud::Markup;

use crate::answer;
use crate::app::{App, Seen};
use crate::problem::Problem;
use crate::visit::Visit;

/// Imports in the list, unless all are asked for.
const NEWEST_IMPORTS: usize = 25;
/// Days of which the page says what came.
const DAYS: i64 = 14;
/// Most samples of one reason.
const MOST_SAMPLES: usize = 5;
/// Records of one import that are looked at for samples.
const LOOKED_AT: usize = 200;

/// `GET /data`
pub async fn handle(Seen(app): Seen, visit: Visit) -> Response {
    let outcome = page(&app, &visit).await;
    answer::page_or_problem(&app, &visit, outcome)
}

async fn page(app: &App, visit: &Visit) -> Result<Markup, Problem> {
    let (_, own) = visit.asked(&["imports"])?;
    let all = match own.first().map(|(_, value)| value.as_str()) {
        None => false,
        Some("all") => true,
        Some(other) => {
            return Err(Problem::bad(format!("`imports={other}` is not known; it is `imports=all`.")));
        }
    };
    let _turn = app.turn().await?;
    let mut imports = app.lake.imports().await?;
    imports.reverse();
    let known = app.known().await?;
    let zone = app.centre.time_zone();
    let now = Timestamp::now();
    let days = last_days(known.extent, now, &app.centre.calendar());
    let mut head = visit.plain_head(app, "Data", Place::Data);
    head.zone = Some(app.centre.zone().to_owned());
    head.freshness = known.extent.map(|(_, last)| format!("data to {}", when::instant(last, zone)));
    let model = DataPage {
        head,
        imports: imports
            .iter()
            .take(if all { imports.len() } else { NEWEST_IMPORTS })
            .map(|import| line(import, zone))
            .collect(),
        sum: sum(&imports),
        all_imports: (!all).then(|| Link::to("/data").with("imports", "all")),
        imports_total: u64::try_from(imports.len()).unwrap_or(u64::MAX),
        days: days.iter().map(|day| day.strftime("%-d %b").to_string()).collect(),
        delivered: delivered(app, &days, now).await?,
        waiting: waiting(app, zone).await?,
        quarantine: quarantine(app, &imports).await?,
        flags: flags(&imports),
        unknown_agents: known.unknown_agents.clone(),
        unmapped: known
            .unmapped
            .iter()
            .map(|(code, calls)| {
                (code.clone(), *calls, Some(calls_of(code, known.extent, &app.centre.calendar())))
            })
            .collect(),
    };
    Ok(data::render(&model))
}

/// The last days of the data, oldest first; where records are still awaited, up to the last day that is over.
fn last_days(extent: Option<(Timestamp, Timestamp)>, now: Timestamp, calendar: &Calendar) -> Vec<Date> {
    let Some((first, last)) = extent else { return Vec::new() };
    let (first, last) = (calendar.day_of(first), calendar.day_of(over_until(last, None, now)));
    let begin = last.checked_sub(Span::new().days(DAYS - 1)).unwrap_or(last).max(first);
    begin.series(Span::new().days(1)).take_while(|day| *day <= last).collect()
}

/// What each source delivered of these days.
async fn delivered(app: &App, days: &[Date], now: Timestamp) -> Result<Vec<Delivered>, Problem> {
    let (Some(first), Some(last)) = (days.first(), days.last()) else { return Ok(Vec::new()) };
    let calendar = app.centre.calendar();
    let period = calendar.period(Some(*first), last.tomorrow().ok());
    let mut lines = Vec::new();
    for one in app.engine.coverage(&period, Some(now)).await?.sources {
        let mut by_day: BTreeMap<Date, DayDelivered> = BTreeMap::new();
        for hour in &one.hours {
            let day = by_day.entry(calendar.day_of(hour.starts_at)).or_default();
            day.records = Some(day.records.unwrap_or(0) + hour.received);
            if hour.is_gap {
                day.gaps.push(hour.starts_at.to_zoned(calendar.zone.clone()).strftime("%H:%M").to_string());
            }
        }
        if !by_day.is_empty() {
            let days = days.iter().map(|day| by_day.remove(day).unwrap_or_default()).collect();
            lines.push(Delivered { source: one.source, table: one.table, days });
        }
    }
    lines.sort_by(|a, b| (&a.source, &a.table).cmp(&(&b.source, &b.table)));
    Ok(lines)
}

/// What was sent and is not records yet.
async fn waiting(app: &App, zone: &TimeZone) -> Result<Vec<WaitingLine>, Problem> {
    let waiting = app.lake.waiting().await?;
    let line = |waits: Waiting| WaitingLine {
        source: waits.source,
        records: waits.records,
        since: waits.since.parse::<Timestamp>().map_or(waits.since, |at| when::stamp(at, zone)),
    };
    Ok(waiting.into_iter().map(line).collect())
}

fn line(import: &ImportRecord, zone: &TimeZone) -> ImportLine {
    let report = &import.report;
    ImportLine {
        id: report.import_id,
        at: match import.committed_at.parse::<Timestamp>() {
            Ok(at) => when::stamp(at, zone),
            Err(_) => import.committed_at.clone(),
        },
        source: report.source.clone(),
        table: report.table.clone(),
        file: report.file_name.clone(),
        identity: import.identity.clone(),
        read: report.read,
        new: report.new,
        unchanged: report.unchanged,
        corrected: report.corrected,
        superseded: report.superseded,
        conflicts: report.conflicts,
        quarantined: report.quarantined_total(),
    }
}

/// The whole ledger in one line.
fn sum(imports: &[ImportRecord]) -> ImportLine {
    let sum = |part: fn(&ImportRecord) -> u64| imports.iter().map(part).sum();
    ImportLine {
        read: sum(|i| i.report.read),
        new: sum(|i| i.report.new),
        unchanged: sum(|i| i.report.unchanged),
        corrected: sum(|i| i.report.corrected),
        superseded: sum(|i| i.report.superseded),
        conflicts: sum(|i| i.report.conflicts),
        quarantined: sum(|i| i.report.quarantined_total()),
        ..ImportLine::default()
    }
}

/// Reasons with their counts from the ledger and some of the records, the newest imports first.
async fn quarantine(app: &App, imports: &[ImportRecord]) -> Result<Vec<QuarantineGroup>, Problem> {
    let mut counts: BTreeMap<&str, u64> = BTreeMap::new();
    for (reason, count) in imports.iter().flat_map(|i| &i.report.quarantined) {
        *counts.entry(reason).or_default() += count;
    }
    let mut samples: BTreeMap<String, Vec<Sample>> = BTreeMap::new();
    for import in imports {
        let has_room = |reason: &str| samples.get(reason).is_none_or(|s| s.len() < MOST_SAMPLES);
        if !import.report.quarantined.keys().any(|reason| has_room(reason)) {
            continue;
        }
        for row in app.lake.quarantined(import.report.import_id, LOOKED_AT).await? {
            let group = samples.entry(row.reason).or_default();
            if group.len() < MOST_SAMPLES {
                group.push(Sample {
                    file: import.report.file_name.clone(),
                    line: row.line,
                    detail: row.detail,
                    text: row.text,
                });
            }
        }
    }
    let mut groups: Vec<QuarantineGroup> = counts
        .into_iter()
        .map(|(reason, count)| QuarantineGroup {
            reason: reason.to_owned(),
            count,
            samples: samples.remove(reason).unwrap_or_default(),
        })
        .collect();
    groups.sort_by(|a, b| b.count.cmp(&a.count).then_with(|| a.reason.cmp(&b.reason)));
    Ok(groups)
}

fn flags(imports: &[ImportRecord]) -> Vec<(String, u64)> {
    let mut counts: BTreeMap<&str, u64> = BTreeMap::new();
    for (flag, count) in imports.iter().flat_map(|i| &i.report.flags) {
        *counts.entry(flag).or_default() += count;
    }
    let mut flags: Vec<(String, u64)> = counts.into_iter().map(|(flag, n)| (flag.to_owned(), n)).collect();
    flags.sort_by(|a, b| b.1.cmp(&a.1).then_with(|| a.0.cmp(&b.0)));
    flags
}

/// The calls that carry a code, of all time: the count beside the link is of all time too.
fn calls_of(code: &str, extent: Option<(Timestamp, Timestamp)>, calendar: &Calendar) -> Link {
    let condition = Expr::Column("disposition".to_owned()).equals_text(code);
    Link::to("/calls")
        .with("table", "calls")
        .with("where", condition)
        .with_some("from", extent.map(|(first, _)| calendar.day_of(first)))
}

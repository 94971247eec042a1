//! Where records are missing: sources that delivered too little, and sites at which nobody was logged in.

use std::collections::BTreeMap;

use dialmark_engine::EngineError;
use dialmark_govern::Place;
use dialmark_govern::today::quiet::{self, WEEKS};
use dialmark_govern::today::{Gaps, Of, Records, SiteGap, SourceGap};
use dialmark_metrics::{Key, MetricRef};
use dialmark_model::civil::{Grain, Period};
use jiff::{SignedDuration, Timestamp};

use super::Seen;
use super::days::weeks_before;

const LOGGED: &str = "logged_hours";
const SITE: &str = "site_id";
const HOUR: SignedDuration = SignedDuration::from_hours(1);

/// Gaps since the first of the last seven dialling days.
pub(super) async fn gaps(seen: &Seen<'_>) -> Result<Gaps, EngineError> {
    let Some((since, ..)) = seen.days.pace() else { return Ok(Gaps::default()) };
    let calendar = seen.asked.engine.calendar();
    let Some(from) = calendar.day_start(since) else { return Ok(Gaps::default()) };
    let period = Period { from: Some(from), to: Some(seen.days.at) };
    let coverage = seen.asked.engine.coverage(&period, Some(seen.days.at)).await?;
    let mut sources = Vec::new();
    for one in &coverage.sources {
        for hour in one.gaps() {
            let to = hour.starts_at.checked_add(HOUR).unwrap_or(hour.starts_at);
            let (received, usual) = (hour.received, hour.usual.unwrap_or(0));
            match sources.last_mut() {
                // Hours that follow one another are one gap.
                Some(SourceGap { source, table, to: end, received: sum, usual: lacked, .. })
                    if *source == one.source && *table == one.table && *end == hour.starts_at =>
                {
                    (*end, *sum, *lacked) = (to, *sum + received, *lacked + usual);
                }
                _ => sources.push(SourceGap {
                    source: one.source.clone(),
                    table: one.table.clone(),
                    from: hour.starts_at,
                    to,
                    received,
                    usual,
                }),
            }
        }
    }
    let (sites, without_sites) = match sites(seen, from).await? {
        Ok(sites) => (sites, None),
        Err(sentence) => (Vec::new(), Some(sentence)),
    };
    Ok(Gaps { since: Some(since), sources, sites, without_sites })
}

/// Quiet hours of sites. A roster with fewer people says nothing: an hour is quiet below a fifth of the usual.
async fn sites(seen: &Seen<'_>, from: Timestamp) -> Result<Result<Vec<SiteGap>, String>, EngineError> {
    let calendar = seen.asked.engine.calendar();
    let period = Period { from: weeks_before(from, WEEKS, calendar), to: Some(seen.days.at) };
    let mut question = seen.question(&[LOGGED], &[SITE], period)?;
    question.grain = Some(Grain::Hour);
    let table = match seen.ask(&question).await? {
        Ok(table) => table,
        Err(sentence) => return Ok(Err(sentence)),
    };
    let mut logged: BTreeMap<String, BTreeMap<Timestamp, i128>> = BTreeMap::new();
    for row in &table.rows {
        let (Some(Key::At(hour)), Some(Key::Text(site))) = (row.keys.first(), row.keys.get(1)) else {
            continue;
        };
        let ms = row.cells.first().and_then(|cell| cell.value.as_ref().ok().copied());
        if let Some((ms, by)) = ms.map(|ms| ms.parts()) {
            logged.entry(site.clone()).or_default().insert(*hour, ms / by);
        }
    }
    if logged.is_empty() {
        return Ok(Err("no record says who was logged in at which site.".to_owned()));
    }
    let mut found = Vec::new();
    for (site, hours) in logged {
        let same_hour = |at: Timestamp, weeks: i64| weeks_before(at, weeks, calendar);
        for quiet in quiet::hours(&hours, from, seen.days.at, same_hour) {
            let records = Records {
                of: Of::Numerator(MetricRef::new(LOGGED)),
                condition: seen.narrowed(&Place::of(SITE, &site)),
                period: Period { from: Some(quiet.from), to: Some(quiet.to) },
            };
            found.push(SiteGap { site: site.clone(), quiet, records });
        }
    }
    found.sort_by(|a, b| b.quiet.from.cmp(&a.quiet.from).then_with(|| a.site.cmp(&b.site)));
    Ok(Ok(found))
}

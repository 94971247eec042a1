//! Hours in which a source delivered too little, up to the last hour whose records should have come.

use dialmark_engine::SourceCoverage;
use dialmark_govern::Place;
use dialmark_govern::alert::{Found, Hours, Opens, Reading, Subject, Verdict};
use dialmark_metrics::coverage::Hour;
use dialmark_metrics::{Exact, Ratio};
use dialmark_model::civil::Period;
use jiff::{SignedDuration, Timestamp};

use crate::desk::Desk;
use crate::error::NotDone;

/// How far back a gap is followed.
const BACK: SignedDuration = SignedDuration::from_hours(7 * 24);
const HOUR: SignedDuration = SignedDuration::from_hours(1);
const LIMIT: &str = "at least a fifth of the usual records";

/// One reading a source and table. Of hours in which an alert does not look nothing is expected: that nobody called on a holiday
/// is no gap on the day after.
pub(super) async fn readings(
    desk: &Desk<'_>,
    open: Option<&Hours>,
    source: Option<&str>,
    late_ms: u64,
) -> Result<Vec<Reading>, NotDone> {
    let late = SignedDuration::from_millis(i64::try_from(late_ms).unwrap_or(i64::MAX));
    let over = desk.now.checked_sub(late).unwrap_or(Timestamp::MIN);
    let period = Period { from: over.checked_sub(BACK).ok(), to: Some(over) };
    let coverage = desk.engine.coverage_before(&period, over).await?;
    let wanted = coverage.sources.iter().filter(|one| source.is_none_or(|name| name == one.source));
    let centre = &desk.engine.calendar().zone;
    let is_open = |hour: &Hour| open.is_none_or(|open| open.hold(hour.starts_at, centre));
    let found: Vec<Reading> = wanted.map(|one| reading(one, over, is_open)).collect();
    match (found.is_empty(), source) {
        (true, Some(name)) => Ok(vec![never(name, over)]),
        _ => Ok(found),
    }
}

fn reading(one: &SourceCoverage, over: Timestamp, is_open: impl Fn(&Hour) -> bool) -> Reading {
    let is_judged = |hour: &&Hour| end_of(hour) <= over && is_open(hour);
    let hours: Vec<&Hour> = one.hours.iter().filter(is_judged).collect();
    let ending = Gap::at_end_of(&hours);
    let verdict = match &ending {
        Ending::Gap(gap) => Verdict::Beyond { since: Some(gap.since) },
        Ending::Sound => Verdict::Clear,
        Ending::Silent => Verdict::Unknown,
    };
    let at = hours.last().map_or(over, |hour| end_of(hour));
    let (value, shown, n) = match &ending {
        Ending::Gap(gap) => {
            let exact = |number: u64| Exact::integer(i128::from(number));
            let share = Ratio::of(exact(gap.received), exact(gap.usual)).map(|share| share.to_string());
            let hours = if gap.hours == 1 { "1 hour".to_owned() } else { format!("{} hours", gap.hours) };
            let says = format!("{} of about {} usual records in {hours}", gap.received, gap.usual);
            (share, says, Some(gap.usual))
        }
        Ending::Sound => (None, "it delivers as usual".to_owned(), None),
        Ending::Silent => (None, "these hours are usually quiet".to_owned(), None),
    };
    Reading {
        subject: subject(&one.source, Some(&one.table)),
        verdict,
        found: Found { at, value, shown, limit: LIMIT.to_owned(), n, notes: Vec::new(), opens: Opens::Data },
    }
}

/// A source that is named and never delivered anything: a slip of the pen, or one that never began.
fn never(source: &str, at: Timestamp) -> Reading {
    Reading {
        subject: subject(source, None),
        verdict: Verdict::Unknown,
        found: Found {
            at,
            value: None,
            shown: "nothing was ever delivered by a source of this name".to_owned(),
            limit: LIMIT.to_owned(),
            n: None,
            notes: Vec::new(),
            opens: Opens::Data,
        },
    }
}

fn subject(source: &str, table: Option<&str>) -> Subject {
    let label = match table {
        Some(table) => format!("Records of {table} from {source}"),
        None => format!("Records from {source}"),
    };
    let key = table.map_or_else(|| source.to_owned(), |table| format!("{source} {table}"));
    Subject { key, label, place: Place::centre() }
}

fn end_of(hour: &Hour) -> Timestamp {
    hour.starts_at.checked_add(HOUR).unwrap_or(hour.starts_at)
}

/// How hours end.
#[derive(Debug, PartialEq, Eq)]
enum Ending {
    /// With hours that lack records.
    Gap(Gap),
    /// With an hour that brought what is usual.
    Sound,
    /// With hours of which nothing is expected, and nothing else is known.
    Silent,
}

/// Hours that lack records, those between them in which nothing is expected left out.
#[derive(Debug, PartialEq, Eq)]
struct Gap {
    since: Timestamp,
    hours: usize,
    received: u64,
    usual: u64,
}

impl Gap {
    /// An hour that brought nothing and usually brings next to nothing says nothing: a gap of the evening goes on in the
    /// morning.
    fn at_end_of(hours: &[&Hour]) -> Ending {
        let telling = hours.iter().rev().filter(|hour| hour.is_gap || hour.received > 0);
        let mut gap: Option<Gap> = None;
        for hour in telling {
            if !hour.is_gap {
                return gap.map_or(Ending::Sound, Ending::Gap);
            }
            let gap = gap.get_or_insert(Gap { since: hour.starts_at, hours: 0, received: 0, usual: 0 });
            gap.since = hour.starts_at;
            gap.hours += 1;
            gap.received = gap.received.saturating_add(hour.received);
            gap.usual = gap.usual.saturating_add(hour.usual.unwrap_or(0));
        }
        gap.map_or(Ending::Silent, Ending::Gap)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn hour(at: u32, received: u64, usual: u64) -> Hour {
        let starts_at = format!("2026-11-19T{at:02}:00:00Z").parse().unwrap();
        Hour { starts_at, received, usual: Some(usual), is_gap: usual >= 30 && received * 5 < usual }
    }

    fn ending(hours: &[Hour]) -> Ending {
        Gap::at_end_of(&hours.iter().collect::<Vec<_>>())
    }

    #[test]
    fn a_gap_is_followed_back_over_hours_in_which_nothing_is_expected() {
        let hours = [hour(9, 400, 410), hour(10, 20, 400), hour(11, 0, 0), hour(12, 0, 390), hour(13, 0, 0)];
        let since = hours[1].starts_at;
        assert_eq!(ending(&hours), Ending::Gap(Gap { since, hours: 2, received: 20, usual: 790 }));
    }

    #[test]
    fn an_hour_with_records_ends_a_gap_and_silence_says_nothing() {
        assert_eq!(ending(&[hour(9, 0, 400), hour(10, 380, 400), hour(11, 0, 2)]), Ending::Sound);
        assert_eq!(ending(&[hour(9, 0, 2), hour(10, 0, 0)]), Ending::Silent);
        assert_eq!(ending(&[]), Ending::Silent);
    }
}

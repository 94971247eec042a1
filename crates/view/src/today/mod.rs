//! Today in words and links: what the page, the command and JSON have in common.

mod lead;

use dialmark_govern::Place;
use dialmark_govern::today::left::Left;
use dialmark_govern::today::pace::Needed;
use dialmark_govern::today::{Cause, HoursLeft, Looked, Of, PaceRow, Records, Today, Was, Weight};
use dialmark_govern::why::Words;
use dialmark_metrics::metric::Unit;
use dialmark_metrics::{Exact, Expr, Key, MetricRef, Ratio, expr};
use dialmark_model::civil::{self, Period};
use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp};

use crate::asked::{Asked, Bound};
use crate::format::{self, Change, Sense};
use crate::link::Link;
use crate::{narrow, when};

pub use lead::lead;

/// Age of the records from which on it is said.
const OLD: SignedDuration = SignedDuration::from_mins(60);

/// The page of these records.
pub fn link(records: &Records) -> Link {
    let to = Link::to("/calls");
    let to = match &records.of {
        Of::Numerator(metric) => to.with("metric", metric).with("part", "numerator"),
        Of::Denominator(metric) => to.with("metric", metric).with("part", "denominator"),
        Of::Table(table) => to.with("table", table),
    };
    asked(records).place(to)
}

fn asked(records: &Records) -> Asked {
    Asked {
        from: records.period.from.map(Bound::At),
        to: records.period.to.map(Bound::At),
        filter: records.condition.as_ref().map(Expr::to_string),
        ..Asked::default()
    }
}

/// These records, of one value of each of these dimensions; `None` for values that no condition can say.
pub fn narrowed(records: &Records, by: &[String], keys: &[Key]) -> Option<Records> {
    let mut condition = records.condition.clone();
    for (dimension, key) in by.iter().zip(keys) {
        condition = Some(narrow::narrow(condition.as_ref(), &expr::parse(dimension).ok()?, key)?);
    }
    Some(Records { condition, ..records.clone() })
}

/// The records of a cause, as they are now.
pub fn cause_link(looked: &Looked, cause: &Cause) -> Option<Link> {
    narrowed(&looked.records, &cause.by, &cause.effect.key).map(|records| link(&records))
}

/// The page that takes a change apart as it was taken apart here.
pub fn why_link(looked: &Looked) -> Link {
    let by = looked.why.along.as_ref().map(|along| along.by.join(","));
    let asked = Asked { by, variant: looked.metric.variant.clone(), ..asked(&looked.records) };
    asked.whole(Link::below("/why", &looked.metric.metric)).with("against", "weekdays")
}

/// The page of a metric for these records.
pub fn metric_link(metric: &MetricRef, records: &Records) -> Link {
    let asked = Asked { variant: metric.variant.clone(), ..asked(records) };
    asked.whole(Link::below("/metric", &metric.metric))
}

/// The zone of the answer.
pub fn zone(today: &Today) -> TimeZone {
    civil::zone(&today.zone).unwrap_or(TimeZone::UTC)
}

/// `Thu 19 Nov 2026, to 10:40`.
pub fn period(today: &Today) -> String {
    format!("{}, to {}", when::day(today.day), clock(today.at, &zone(today)))
}

/// `10:40`.
pub fn clock(at: Timestamp, zone: &TimeZone) -> String {
    at.to_zoned(zone.clone()).strftime("%H:%M").to_string()
}

/// How far the records go, and how long ago that is where it is long.
pub fn freshness(today: &Today) -> String {
    let zone = zone(today);
    let age = today.data_to.duration_until(today.asked_at);
    let data = format!("data to {}", when::instant(today.data_to, &zone));
    match age > OLD {
        true => format!("{data}; asked at {}", when::instant(today.asked_at, &zone)),
        false => data,
    }
}

/// What yesterday is compared with: most KPIs with several days, some only with one.
pub fn against(today: &Today) -> Option<String> {
    let figures = today.figures.as_ref().ok()?.iter().filter(|was| was.is_of_day);
    let all: Vec<&str> = figures.filter_map(|was| was.like.as_ref()).map(|like| like.of.as_str()).collect();
    let several = all.iter().find(|of| of.starts_with(|first: char| first.is_ascii_digit()));
    several.or_else(|| all.first()).map(|of| (*of).to_owned())
}

/// A value in the unit of a KPI.
pub fn figure(was: &Was, value: Ratio) -> String {
    format::figure(value, was.standing.kpi.unit, was.standing.cell.currency.as_deref()).to_string()
}

/// `0.67 points under 4 Wednesdays before`; `None` without two values.
pub fn moved(was: &Was) -> Option<String> {
    let (value, like) = (was.standing.cell.value.as_ref().ok()?, was.like.as_ref()?);
    let Change { sense, distance, is_tiny } = format::change(*value, like.value, was.standing.kpi.unit)?;
    Some(match sense {
        _ if is_tiny => format!("less than {distance} off {}", like.of),
        Sense::Same => format!("as on {}", like.of),
        Sense::Up => format!("{distance} over {}", like.of),
        Sense::Down => format!("{distance} under {}", like.of),
    })
}

/// Names of dimensions as people say them.
fn dimension(name: &str) -> String {
    match name {
        "caller_id" => "caller ID".to_owned(),
        "lead_source" => "lead source".to_owned(),
        "called_region" => "region".to_owned(),
        other => other.strip_suffix("_id").unwrap_or(other).replace('_', " "),
    }
}

/// `caller ID HS-5`.
pub fn cause_name(cause: &Cause) -> String {
    let all = cause.by.iter().zip(&cause.effect.key).map(|(name, key)| named(name, key));
    all.collect::<Vec<_>>().join(", ")
}

fn named(name: &str, key: &Key) -> String {
    match key {
        Key::None => format!("no {}", dimension(name)),
        key => format!("{} {key}", dimension(name)),
    }
}

/// What a cause did to the figure: `-0.16 points`.
pub fn cause_size(looked: &Looked, cause: &Cause) -> String {
    Words(looked.why.header.unit).signed(cause.effect.total)
}

/// How it did that, without its name.
pub fn cause_how(cause: &Cause) -> String {
    let how = cause.says.split_once("; ").map_or(cause.says.as_str(), |(_, how)| how);
    let mut letters = how.chars();
    letters.next().map_or_else(String::new, |first| first.to_uppercase().chain(letters).collect())
}

/// `list HS-COLD-14`.
pub fn weight_name(weight: &Weight) -> String {
    named(&weight.by, &weight.key)
}

/// Its share, its own figure and what the whole would be without it, without its name.
pub fn weight_says(weight: &Weight) -> &str {
    weight.says.split_once(": ").map_or(weight.says.as_str(), |(_, says)| says)
}

/// The records of a value that weighs.
pub fn weight_link(weight: &Weight) -> Option<Link> {
    let by = std::slice::from_ref(&weight.by);
    narrowed(&weight.records, by, std::slice::from_ref(&weight.key)).map(|records| link(&records))
}

/// What is not named: `The other 6 come to -0.03 points together.`
pub fn rest(looked: &Looked) -> String {
    let by = looked
        .why
        .along
        .as_ref()
        .map(|along| along.by.iter().map(|name| dimension(name)).collect::<Vec<_>>().join(" and "));
    let words = Words(looked.why.header.unit);
    match (by, looked.rest) {
        (None, _) => "No dimension of the records can take it apart.".to_owned(),
        (Some(by), (0, ..)) => format!("No {by} stands out from chance."),
        (Some(_), (_, 0, _)) => "That is all of it.".to_owned(),
        (Some(by), (_, others, total)) => {
            format!("What else there is by {by} ({others}) comes to {} together.", words.signed(total))
        }
    }
}

/// From when to when a change was looked at: `16 to 18 Nov 2026`.
pub fn span(period: Period, zone: &TimeZone) -> String {
    let day = |at: Timestamp| at.to_zoned(zone.clone()).date();
    match (period.from, period.to.and_then(|to| to.checked_sub(SignedDuration::from_micros(1)).ok())) {
        (Some(from), Some(last)) => when::days(day(from), day(last)),
        _ => "all time".to_owned(),
    }
}

/// `home_switch`, `L-HOME-1`; the finest level of a place, which the row above it is a part of.
pub fn place(place: &Place) -> String {
    let finest = |name: &str| match name {
        "agent_id" => 3,
        "team" | "team_id" => 2,
        _ => 1,
    };
    let value = place.iter().max_by_key(|(name, _)| finest(name)).map(|(_, value)| value);
    match value {
        None => "all".to_owned(),
        Some("") => "without a campaign".to_owned(),
        Some(value) => value.to_owned(),
    }
}

/// So many, with at most one digit after the point.
pub fn many(value: Ratio) -> String {
    let whole = value.parts().1 == 1;
    format::fixed(value, if whole { 0 } else { 1 })
}

/// So many an hour, with two digits after the point below ten.
pub fn rate(value: Ratio) -> String {
    let ten = Ratio::exact(Exact::integer(10)).unwrap_or(Ratio::ONE);
    format::fixed(value, if value < ten { 2 } else { 1 })
}

/// Hours with one digit after the point.
pub fn hours(ms: Ratio) -> String {
    let hour = Ratio::exact(Exact::integer(3_600_000)).unwrap_or(Ratio::ONE);
    ms.over(hour).map_or_else(|| format::DASH.to_owned(), |hours| format::fixed(hours, 1))
}

/// What a row of the pace needs, in words.
pub fn needed(row: &PaceRow) -> String {
    match (row.needed, row.left_ms) {
        (Needed::Reached, _) => "reached".to_owned(),
        (Needed::AnHour(rate_needed), _) => format!("{} an hour", rate(rate_needed)),
        (Needed::TooLate(lacking), _) => format!("{} are lacking and no hour is left", many(lacking)),
        (Needed::HoursUnknown(lacking), _) => format!("{} more; hours left are not known", many(lacking)),
        (Needed::NoTarget, _) => "no target of this part".to_owned(),
    }
}

/// Whether what is made now is less than what is needed.
pub fn is_behind(row: &PaceRow) -> bool {
    match row.needed {
        Needed::AnHour(needed) => row.now.is_none_or(|now| now < needed),
        Needed::TooLate(_) => true,
        Needed::Reached | Needed::HoursUnknown(_) | Needed::NoTarget => false,
    }
}

/// Where the hours that are left come from, in a sentence.
pub fn hours_left(hours: &HoursLeft) -> String {
    match hours {
        HoursLeft::Planned => "Hours left are those that are planned for the rest of the day, breaks included.".to_owned(),
        HoursLeft::Typical(1) => {
            "There is no plan of today: hours left are those logged after this time on the same weekday a week that has any.".to_owned()
        }
        HoursLeft::Typical(days) => format!(
            "There is no plan of today: hours left are the mean of those logged after this time on {days} of the same weekdays before."
        ),
        HoursLeft::Unknown(why) => format!("How many hours are left is not known: {why}."),
    }
}

/// How long leads last, in words.
pub fn left(left: Left) -> String {
    match left {
        Left::Days(days) if days == Ratio::ONE => "1 day".to_owned(),
        Left::Days(days) => format!("{} days", format::fixed(days, 1)),
        Left::Empty => "none left".to_owned(),
        Left::NoPace => "none called lately".to_owned(),
        Left::Unknown => "not known".to_owned(),
    }
}

/// A length in words: `2 min`, `1 h 15 min`.
pub fn length(ms: i64) -> String {
    let minutes = ms / 60_000;
    match (ms % 60_000, minutes / 60, minutes % 60) {
        (0, 0, minutes) => format!("{minutes} min"),
        (0, hours, 0) => format!("{hours} h"),
        (0, hours, minutes) => format!("{hours} h {minutes} min"),
        _ => format::quantity(Exact::integer(i128::from(ms)), "ms", None).to_string(),
    }
}

/// The unit that figures of a looked-at KPI have.
pub const fn unit(looked: &Looked) -> Unit {
    looked.why.header.unit
}

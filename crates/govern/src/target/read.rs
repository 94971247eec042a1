//! Reading targets: one table, or a list of them for places and days.

use dialmark_metrics::Ratio;
use dialmark_metrics::metric::{Direction, Unit};
use dialmark_model::declared::Section;
use dialmark_model::validity::Days;

use super::{Aim, Beyond, Edge, Ramp, RampFrom, Season, Target, Tolerance};
use crate::lint;
use crate::place::Place;
use crate::value::{Written, of_unit, share, written};

/// Longest ramp: a year.
const MOST_RAMP_DAYS: i64 = 366;

/// What a target is about.
#[derive(Clone, Copy)]
pub(crate) struct About<'a> {
    pub(crate) unit: Unit,
    pub(crate) direction: Direction,
    pub(crate) is_dimension: &'a dyn Fn(&str) -> bool,
}

/// The targets under `key`; mistakes are reported, and those that clash with another.
pub(crate) fn targets(section: &Section<'_>, key: &str, about: About<'_>) -> Vec<Target> {
    let sections = section.sections(key);
    let mut targets: Vec<Target> = Vec::new();
    for inner in &sections {
        let read = target(inner, about);
        inner.finish();
        let Some(target) = read else { continue };
        if let Some(first) = targets.first()
            && !first.aim.is_like(target.aim)
        {
            inner.error(
                "",
                "this target is of another kind than the first of this KPI.",
                Some("Use `at_least`, `at_most` or `band` for all of its targets.".to_owned()),
            );
            continue;
        }
        let clash = targets
            .iter()
            .find(|other| other.place.is_same(&target.place) && other.days.overlap(&target.days));
        if let Some(other) = clash {
            inner.breaks(
                lint::OVERLAPPING_TARGETS.id(),
                "",
                format!(
                    "two targets hold on the same days for the same place ({}): this one ({}) and that of line {} ({}).",
                    target.place, target.days, other.line, other.days
                ),
                Some("Limit them to different days with `from` and `until`.".to_owned()),
            );
            continue;
        }
        targets.push(target);
    }
    targets
}

fn target(section: &Section<'_>, about: About<'_>) -> Option<Target> {
    let days = Days { from: section.day("from"), until: section.day("until") };
    if days.is_empty() {
        let help = "Let `until` be later than `from`.".to_owned();
        section.error("until", "the target holds on no day.", Some(help));
    }
    let place = match section.section("place") {
        Some(inner) => Place::read(&inner, about.is_dimension)?,
        None => Place::centre(),
    };
    let aim = aim(section, about);
    let is_strict = !section.has("tolerance");
    let tolerance = tolerance(section, about.unit).or(is_strict.then_some(Tolerance::By(Ratio::ZERO)));
    let zero_after = distance(section, "zero_after", about.unit);
    let ramp = section.section("ramp").map(|inner| (ramp(&inner, about.unit, aim), inner.line()));
    let seasons = section.sections("season").iter().map(season).collect::<Option<Vec<Season>>>();
    let beyond =
        section.sections("beyond").iter().map(|inner| beyond(inner, about.unit)).collect::<Option<Vec<_>>>();
    Some(Target {
        days,
        place,
        aim: aim?,
        tolerance: tolerance?,
        zero_after,
        ramp: match ramp {
            Some((read, _)) => Some(read?),
            None => None,
        },
        seasons: seasons?,
        beyond: beyond?,
        line: section.line(),
    })
}

fn aim(section: &Section<'_>, about: About<'_>) -> Option<Aim> {
    let at_least = of_unit(section, "at_least", about.unit);
    let at_most = of_unit(section, "at_most", about.unit);
    let band = section.section("band").map(|inner| {
        let (from, to) = (of_unit(&inner, "from", about.unit), of_unit(&inner, "to", about.unit));
        inner.finish();
        let (from, to) = (from?, to?);
        if from >= to {
            inner.error(
                "to",
                "the band ends before it begins.",
                Some("Let `to` be more than `from`.".to_owned()),
            );
            return None;
        }
        Some(Aim::Within(from, to))
    });
    let given = ["at_least", "at_most", "band"].into_iter().filter(|key| section.has(key)).count();
    if given != 1 {
        section.error(
            "",
            match given {
                0 => "the target names no value.",
                _ => "the target names more than one value.",
            },
            Some(
                "Write one of `at_least = ...`, `at_most = ...`, `band = { from = ..., to = ... }`."
                    .to_owned(),
            ),
        );
        return None;
    }
    let found = match (at_least, at_most, band) {
        (Some(low), ..) => Aim::AtLeast(low),
        (_, Some(high), _) => Aim::AtMost(high),
        (.., band) => band.flatten()?,
    };
    let edges = match found {
        Aim::AtLeast(edge) | Aim::AtMost(edge) => [edge, edge],
        Aim::Within(from, to) => [from, to],
    };
    if about.unit == Unit::Share && edges.iter().any(|edge| *edge >= Ratio::TWO) {
        section.warn(
            "",
            "the target is more than twice the whole, for the metric is a share.",
            Some("Write it in per cent, such as `\"85 %\"`.".to_owned()),
        );
    }
    let other_way = match (found, about.direction) {
        (Aim::AtLeast(_), Direction::Down) => Some(("at_least", "at_most", "less")),
        (Aim::AtMost(_), Direction::Up) => Some(("at_most", "at_least", "more")),
        _ => None,
    };
    if let Some((key, other, better)) = other_way {
        section.warn(
            key,
            format!("of this metric {better} is better."),
            Some(format!("Write `{other}` unless it is meant so.")),
        );
    }
    Some(found)
}

fn tolerance(section: &Section<'_>, unit: Unit) -> Option<Tolerance> {
    let read = written(section, "tolerance", unit)?;
    let (value, tolerance) = match read {
        Written::Plain(value) => (value, Tolerance::By(value)),
        // "1 %" beside a target of "18 %" means a point, as everybody reads it; of what is no share, a part of the target.
        Written::Part(part) if unit == Unit::Share => (part, Tolerance::By(part)),
        Written::Part(part) => (part, Tolerance::Part(part)),
    };
    if value < Ratio::ZERO {
        section.error("tolerance", "a tolerance is not less than nothing.", None);
        return None;
    }
    Some(tolerance)
}

fn distance(section: &Section<'_>, key: &str, unit: Unit) -> Option<Ratio> {
    let value = of_unit(section, key, unit)?;
    if value <= Ratio::ZERO {
        section.error(key, "this distance is more than nothing.", None);
    }
    (value > Ratio::ZERO).then_some(value)
}

fn ramp(section: &Section<'_>, unit: Unit, aim: Option<Aim>) -> Option<Ramp> {
    let starts = section.day("starts");
    if starts.is_none() && !section.has("starts") {
        section.error(
            "",
            "the ramp does not say when it begins.",
            Some("Add `starts = 2026-10-01`.".to_owned()),
        );
    }
    let days = section.integer("days").unwrap_or(90);
    let value = of_unit(section, "from", unit);
    let eased = share(section, "eased_by");
    section.finish();
    let days = match u16::try_from(days) {
        Ok(number) if (1..=MOST_RAMP_DAYS).contains(&days) => number,
        _ => {
            let sentence = format!("`{days}` is not a number of days from 1 to {MOST_RAMP_DAYS}.");
            section.error("days", sentence, Some("Ninety are usual.".to_owned()));
            return None;
        }
    };
    let from = match (value, eased) {
        (Some(value), None) => RampFrom::Value(value),
        (None, Some(part)) => RampFrom::EasedBy(part),
        _ => {
            section.error(
                "",
                "the ramp says not, or twice, where it begins.",
                Some("Write `eased_by = \"10 %\"` or `from = ...`, one of the two.".to_owned()),
            );
            return None;
        }
    };
    let usual = Ratio::parse("0.10");
    match from {
        RampFrom::Value(_) if matches!(aim, Some(Aim::Within(..))) => {
            section.error(
                "from",
                "a band has two edges, so one value cannot be where it begins.",
                Some("Write `eased_by = \"10 %\"`.".to_owned()),
            );
            return None;
        }
        RampFrom::EasedBy(part) if part <= Ratio::ZERO => {
            section.error("eased_by", "a ramp that is not easier is none.", None);
            return None;
        }
        RampFrom::EasedBy(part) if usual.is_some_and(|usual| part > usual) => section.breaks(
            lint::STEEP_RAMP.id(),
            "eased_by",
            "a ramp usually begins 5 to 10 % below the long-term goal; this one is easier.",
            None,
        ),
        RampFrom::EasedBy(_) | RampFrom::Value(_) => {}
    }
    Some(Ramp { starts: starts?, days, from })
}

fn season(section: &Section<'_>) -> Option<Season> {
    let (from, to) = (month_and_day(section, "from"), month_and_day(section, "to"));
    let times = share(section, "times");
    if times.is_none() && !section.has("times") {
        section.error(
            "",
            "the season does not say what the target is then.",
            Some("Add `times = 1.10` for a tenth more.".to_owned()),
        );
    }
    section.finish();
    let season = Season { from: from?, to: to?, times: times? };
    if season.times <= Ratio::ZERO {
        section.error("times", "a target times nothing is none.", None);
        return None;
    }
    Some(season)
}

fn month_and_day(section: &Section<'_>, key: &str) -> Option<(i8, i8)> {
    let text = section.required_text(key, "a day of the year such as `12-01`")?;
    // The leap year lets the 29th of February be named.
    let day: Option<jiff::civil::Date> = format!("2024-{text}").parse().ok();
    if day.is_none() {
        section.error(key, format!("`{text}` is no day of the year, such as `12-01`."), None);
    }
    day.map(|day| (day.month(), day.day()))
}

fn beyond(section: &Section<'_>, unit: Unit) -> Option<Beyond> {
    let above = of_unit(section, "above", unit);
    let below = of_unit(section, "below", unit);
    let says = section.required_text("says", "what such a value means");
    section.finish();
    let edge = match (above, below) {
        (Some(edge), None) => Edge::Above(edge),
        (None, Some(edge)) => Edge::Below(edge),
        _ => {
            section.error("", "write one of `above` and `below`.", None);
            return None;
        }
    };
    Some(Beyond { edge, says: says? })
}

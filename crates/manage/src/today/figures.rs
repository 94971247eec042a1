//! KPIs of yesterday: standing, the same weekdays before, four weeks day by day.

use std::collections::BTreeMap;

use dialmark_engine::EngineError;
use dialmark_govern::today::{Like, Of, Panel, Records, Was};
use dialmark_govern::{Kpi, Standing, Status, Window};
use dialmark_metrics::{Cell, Exact, Key, MetricRef, MetricTable, Ratio, Scope};
use dialmark_model::civil::{Grain, Period};
use jiff::ToSpan;
use jiff::civil::Date;

use super::Seen;
use crate::figures::{Ask, each, times};
use crate::instant::Reach;
use crate::standing::{Asked, standings};

/// Days of a course, and of the weeks whose same weekdays are looked at.
const DAYS: i64 = 28;
/// The longest window of which a day alone is shown: a day says little of a quarter, and may not be ripe.
const MOST_DAYS: u16 = 7;

/// KPIs of yesterday: what was missed first, then in the order of their names.
pub(super) async fn figures(seen: &Seen<'_>) -> Result<Panel<Vec<Was>>, EngineError> {
    let asked = seen.asked;
    if asked.kpis.is_empty() {
        return Ok(Err("No KPI is declared for these records: nothing says what a day should be. `dialmark kpis add ROLE` writes a set to start from.".to_owned()));
    }
    let calendar = asked.engine.calendar();
    let yesterday = seen.days.yesterday();
    let reach = yesterday.and_then(|day| {
        let until = calendar.day_start(day.tomorrow().ok()?)?;
        Some(Reach { since: calendar.day_of(seen.days.first_at), until, day })
    });
    let (Some(yesterday), Some(reach)) = (yesterday, reach) else {
        return Ok(Err("Nobody was called on the days before: there is no yesterday to look at.".to_owned()));
    };
    let kpis: Vec<(Kpi, bool)> = asked.kpis.iter().map(|kpi| of_day(seen, kpi)).collect();
    let refs: Vec<&Kpi> = kpis.iter().map(|(kpi, _)| kpi).collect();
    let question =
        Asked { within: asked.place, by: &[], reach, scope: &Scope::Everything, whole: asked.whole };
    let found = standings(asked.engine, &refs, &question).await?;
    let mut courses = courses(seen, &found, yesterday).await?;
    let was = found.into_iter().enumerate().map(|(at, standing)| {
        let is_of_day = kpis.get(at).is_some_and(|(_, is_of_day)| *is_of_day);
        let course = courses.remove(&at);
        let like = like(&standing, course.as_ref(), yesterday, is_of_day);
        let period =
            standing.so_far.map_or(Period::ALL, |part| Period { from: Some(part.from), to: Some(part.to) });
        Was {
            records: Records {
                of: Of::Denominator(standing.kpi.metric.clone()),
                condition: standing.place.condition(),
                period,
            },
            course: course.map_or_else(Vec::new, |table| by_day(&table, yesterday)),
            is_of_day,
            like,
            standing,
        }
    });
    let mut was: Vec<Was> = was.collect();
    // What is red stands first.
    was.sort_by_key(|one| match one.standing.status {
        Status::Missed => 0_u8,
        Status::Close => 1,
        Status::NotEnough(_) => 2,
        Status::Met => 3,
    });
    Ok(Ok(was))
}

/// The KPI as it is judged by a day, where its own window is no longer than a week and its figure does not add up.
fn of_day(seen: &Seen<'_>, kpi: &Kpi) -> (Kpi, bool) {
    let is_day = kpi.window == Window::Calendar(Grain::Day) || kpi.window == Window::Days(1);
    let is_short = match kpi.window {
        Window::Calendar(grain) => matches!(grain, Grain::Day | Grain::Week),
        Window::Days(days) => days <= MOST_DAYS,
    };
    // What is to be reached in a week is not to be reached in a day.
    match is_day || (is_short && !seen.asked.engine.catalogue().adds_up(&kpi.metric)) {
        true => (Kpi { window: Window::Calendar(Grain::Day), ..kpi.clone() }, true),
        false => (kpi.clone(), false),
    }
}

/// Each KPI day by day over the four weeks up to yesterday; KPIs of the same place in one question.
async fn courses(
    seen: &Seen<'_>,
    standings: &[Standing],
    yesterday: Date,
) -> Result<BTreeMap<usize, MetricTable>, EngineError> {
    let calendar = seen.asked.engine.calendar();
    let first = yesterday.checked_sub(DAYS.days()).ok();
    let period = calendar.period(first, yesterday.tomorrow().ok());
    let mut groups: BTreeMap<_, Vec<usize>> = BTreeMap::new();
    for (at, standing) in standings.iter().enumerate() {
        groups.entry(&standing.place).or_default().push(at);
    }
    let mut found = BTreeMap::new();
    for (place, members) in groups {
        let metrics: Vec<MetricRef> = members
            .iter()
            .filter_map(|at| standings.get(*at).map(|standing| standing.kpi.metric.clone()))
            .collect();
        let ask = Ask { metrics: &metrics, place, by: &[], period, scope: &Scope::Everything };
        let tables = each(seen.asked.engine, &ask, &metrics, &[], Some(Grain::Day)).await?;
        for (at, table) in members.into_iter().zip(tables) {
            if let Ok(table) = table {
                found.insert(at, table);
            }
        }
    }
    Ok(found)
}

/// What a figure is compared with: of a day the same weekdays of the four weeks before, added up and then divided; of anything
/// else the stretch before.
fn like(standing: &Standing, course: Option<&MetricTable>, yesterday: Date, is_of_day: bool) -> Option<Like> {
    if is_of_day
        && let Some(table) = course
        && let Some(like) = same_weekdays(table, yesterday)
    {
        return Some(like);
    }
    let of = match is_of_day {
        true => format!("the {} before", yesterday.strftime("%A")),
        false => format!("the {} before", standing.kpi.window),
    };
    standing.before.as_ref().ok().map(|value| Like { value: *value, of })
}

/// Ratios of sums of the same weekdays; `None` where parts do not add up over days, or there is no such day.
fn same_weekdays(table: &MetricTable, yesterday: Date) -> Option<Like> {
    let header = table.metrics.first()?;
    let is_like = |day: Date| day < yesterday && day.weekday() == yesterday.weekday();
    let cells: Vec<&Cell> = rows(table)
        .filter(|(day, _)| is_like(*day))
        .map(|(_, cell)| cell)
        .filter(|cell| cell.value.is_ok())
        .collect();
    let sum = |part: fn(&Cell) -> Option<Exact>| {
        cells.iter().try_fold(Exact::ZERO, |sum, cell| sum.checked_add(part(cell)?))
    };
    let value = match header.kind {
        "ratio" | "conversion" => {
            let factor = cells.iter().find_map(|cell| times(cell)).unwrap_or(Ratio::ONE);
            Ratio::of(sum(|cell| cell.numerator)?, sum(|cell| cell.denominator)?)?.times(factor)?
        }
        "simple" => {
            let days = Exact::integer(i128::try_from(cells.len()).ok()?);
            Ratio::of(sum(|cell| cell.numerator)?, days)?
        }
        _ => return None,
    };
    let (count, name) = (cells.len(), yesterday.strftime("%A"));
    let of = match count {
        1 => format!("the {name} before"),
        count => format!("{count} {name}s before"),
    };
    Some(Like { value, of })
}

/// One value a day, with gaps where there is none.
fn by_day(table: &MetricTable, yesterday: Date) -> Vec<(Date, Option<Ratio>)> {
    let known: BTreeMap<Date, Option<Ratio>> =
        rows(table).map(|(day, cell)| (day, cell.value.as_ref().ok().copied())).collect();
    let first = yesterday.checked_sub((DAYS - 1).days()).unwrap_or(yesterday);
    let days = first.series(1.day()).take_while(|day| *day <= yesterday);
    days.map(|day| (day, known.get(&day).copied().flatten())).collect()
}

fn rows(table: &MetricTable) -> impl Iterator<Item = (Date, &Cell)> {
    table.rows.iter().filter_map(|row| match (row.keys.first()?, row.cells.first()?) {
        (Key::Day(day), cell) => Some((*day, cell)),
        _ => None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use dialmark_metrics::Row;
    use dialmark_metrics::answer::MetricHeader;
    use dialmark_metrics::metric::{Direction, Unit};
    use jiff::civil::date;

    fn table(kind: &'static str, rows: &[(Date, i128, i128)]) -> MetricTable {
        let row = |(day, top, bottom): &(Date, i128, i128)| Row {
            keys: vec![Key::Day(*day)],
            cells: vec![Cell {
                value: Ok(Ratio::of(Exact::integer(*top), Exact::integer(*bottom)).unwrap()),
                numerator: Some(Exact::integer(*top)),
                denominator: Some(Exact::integer(*bottom)),
                ..Cell::empty()
            }],
        };
        MetricTable {
            dimensions: vec!["day".to_owned()],
            metrics: vec![MetricHeader {
                asked: "m".to_owned(),
                metric: "m".to_owned(),
                variant: "v".to_owned(),
                label: "M".to_owned(),
                unit: Unit::Share,
                direction: Direction::Up,
                kind,
                table: "calls".to_owned(),
            }],
            rows: rows.iter().map(row).collect(),
            period: Period::ALL,
            grain: Some(Grain::Day),
            zone: None,
            seen: None,
            notes: Vec::new(),
        }
    }

    #[test]
    fn like_days_are_added_up_and_then_divided() {
        let wednesday = date(2026, 11, 18);
        // 10 of 1,000 and 90 of 1,000 are 5 %; the mean of 1 % and 30 % of unequal days would be another figure.
        let days = [
            (date(2026, 11, 4), 10, 1_000),
            (date(2026, 11, 10), 500, 1_000),
            (date(2026, 11, 11), 90, 300),
            (wednesday, 1, 100),
        ];
        let like = same_weekdays(&table("ratio", &days), wednesday).unwrap();
        assert_eq!(like.value, Ratio::parse("100/1300").unwrap());
        assert_eq!(like.of, "2 Wednesdays before");
        // Counts are a mean of days; windows over days do not add up.
        let like = same_weekdays(&table("simple", &days), wednesday).unwrap();
        assert_eq!(like.value, Ratio::parse("50").unwrap());
        assert_eq!(same_weekdays(&table("cumulative", &days), wednesday), None);
        assert_eq!(same_weekdays(&table("ratio", &days[3..]), wednesday), None);
    }
}

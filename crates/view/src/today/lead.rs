//! The sentences at the top: what happened, why, and what is needed; each figure opens its records.

use dialmark_govern::Status;
use dialmark_govern::today::pace::Needed;
use dialmark_govern::today::{Pace, PaceAim, PaceRow, PaceTarget, Today, Was};
use dialmark_metrics::metric::Unit;

use super::{
    cause_how, cause_link, cause_name, cause_size, figure, hours, is_behind, link, moved, place, rate, span,
    weight_link, weight_name, weight_says, zone,
};
use crate::pages::compliance::calls_of;
use crate::pages::overview::Lead;
use crate::{format, judged, parts, when};

/// Sentences, each of its pieces.
pub fn lead(today: &Today) -> Vec<Vec<Lead>> {
    [happened(today), why(today), weighs(today), needed(today), budget(today), waiting(today)]
        .into_iter()
        .filter(|says| !says.is_empty())
        .collect()
}

fn words(text: impl Into<String>) -> Lead {
    Lead::Words(text.into())
}

/// The KPI that is furthest from its target; that all are met, where they are.
fn happened(today: &Today) -> Vec<Lead> {
    let (Ok(figures), Some(yesterday)) = (&today.figures, today.yesterday) else {
        let why = today.figures.as_ref().err().cloned().unwrap_or_default();
        return vec![words(why)];
    };
    let Some(worst) = worst(today, figures) else {
        let met = figures.iter().filter(|was| was.standing.status == Status::Met).count();
        return vec![words(format!(
            "Nothing was missed on {}: {} of {} met, and the others say too little.",
            when::day(yesterday),
            met,
            parts::counted(figures.len(), "KPI", "KPIs")
        ))];
    };
    let standing = &worst.standing;
    let Ok(value) = standing.cell.value else { return Vec::new() };
    let time = match worst.is_of_day {
        true => format!(" on {}", when::day(yesterday)),
        false => format!(" in the {} to {}", standing.kpi.window, when::day(yesterday)),
    };
    let mut says = vec![
        words(format!("{} was ", standing.kpi.label)),
        Lead::Figure(figure(worst, value), link(&worst.records)),
        words(time),
    ];
    if let Some(moved) = moved(worst) {
        says.push(words(format!(", {moved}")));
    }
    says.push(words(format!("; its target is {}.", judged::target(standing))));
    let missed = figures.iter().filter(|was| was.standing.status == Status::Missed).count();
    if missed > 1 {
        says.push(words(format!(
            " {missed} of {} were missed.",
            parts::counted(figures.len(), "KPI", "KPIs")
        )));
    }
    says
}

/// What was taken apart first, else whatever was missed.
fn worst<'t>(today: &Today, figures: &'t [Was]) -> Option<&'t Was> {
    let looked = today.moved.as_ref().ok().and_then(|moved| moved.looked.first());
    let of_looked = looked.and_then(|looked| figures.iter().find(|was| was.standing.kpi.name == looked.kpi));
    of_looked.or_else(|| figures.iter().find(|was| was.standing.status == Status::Missed))
}

/// The largest cause of what is said first.
fn why(today: &Today) -> Vec<Lead> {
    let Ok(moved) = &today.moved else { return Vec::new() };
    let Some(first) = moved.looked.first() else { return Vec::new() };
    let time = span(first.why.now.period, &zone(today));
    let of_first = moved.causes.iter().find(|cause| cause.at == 0);
    let Some(cause) = of_first else {
        return vec![words(format!("From {time}, no single cause of its change stands out from chance."))];
    };
    let size = cause_size(first, cause);
    let figure = match cause_link(first, cause) {
        Some(href) => Lead::Figure(size, href),
        None => words(size),
    };
    let doubt = if cause.is_sure { "" } else { ", which cannot be told from chance" };
    let how = cause_how(cause);
    let mut letters = how.chars();
    let how: String =
        letters.next().map_or_else(String::new, |first| first.to_lowercase().chain(letters).collect());
    vec![words(format!("From {time}, {} did ", cause_name(cause))), figure, words(format!("{doubt}: {how}"))]
}

/// What keeps the same figure from its target, whether or not it moved.
fn weighs(today: &Today) -> Vec<Lead> {
    let first = today.moved.as_ref().ok().and_then(|moved| moved.looked.first());
    let Some(weight) = first.and_then(|first| first.weighs.first()) else { return Vec::new() };
    let name = weight_name(weight);
    let figure =
        weight_link(weight).map_or_else(|| words(name.clone()), |href| Lead::Figure(name.clone(), href));
    vec![words("What keeps it from its target is "), figure, words(format!(": {}", weight_says(weight)))]
}

/// What is furthest behind: what the hours that are left must bring.
fn needed(today: &Today) -> Vec<Lead> {
    let Ok(pace) = &today.pace else { return Vec::new() };
    let Some((counted, row, needed)) = furthest_behind(pace) else {
        return match pace
            .aims
            .iter()
            .flat_map(|aim| &aim.rows)
            .any(|row| matches!(row.needed, Needed::AnHour(_) | Needed::Reached))
        {
            true => vec![words("Every campaign is on the pace of its targets.")],
            false => Vec::new(),
        };
    };
    let left = row.left_ms.map(hours).unwrap_or_default();
    let now = row
        .now
        .map_or_else(|| "nobody was logged in yet".to_owned(), |now| format!("it makes {} now", rate(now)));
    vec![
        words(format!("{} has made ", place(&row.place))),
        Lead::Figure(format!("{} {counted}", super::many(row.made)), link(&row.records)),
        words(format!(" and needs {} in each of {left} hours left; {now}.", rate(needed))),
    ]
}

fn furthest_behind(pace: &Pace) -> Option<(&str, &PaceRow, dialmark_metrics::Ratio)> {
    // What the day is held to comes before what every hour is held to.
    let is_of_day = |aim: &PaceAim| matches!(aim.target, PaceTarget::Day(_));
    behind_among(pace, is_of_day).or_else(|| behind_among(pace, |aim| !is_of_day(aim)))
}

fn behind_among(
    pace: &Pace,
    which: impl Fn(&PaceAim) -> bool,
) -> Option<(&str, &PaceRow, dialmark_metrics::Ratio)> {
    let aims = pace.aims.iter().filter(|aim| which(aim));
    let rows = aims.flat_map(|aim| aim.rows.iter().map(move |row| (aim.counted.as_str(), row)));
    let behind =
        rows.filter(|(_, row)| !row.is_part && is_behind(row)).filter_map(|(counted, row)| {
            match row.needed {
                Needed::AnHour(needed) => Some((counted, row, needed)),
                _ => None,
            }
        });
    // How many times more is needed than is made; nothing made is furthest.
    let behind_by = |row: &PaceRow, needed: dialmark_metrics::Ratio| row.now.and_then(|now| needed.over(now));
    behind.reduce(|worst, one| match (behind_by(worst.1, worst.2), behind_by(one.1, one.2)) {
        (None, _) => worst,
        (Some(_), None) => one,
        (Some(a), Some(b)) => {
            if b > a {
                one
            } else {
                worst
            }
        }
    })
}

/// The limit of abandoned calls that is nearest.
fn budget(today: &Today) -> Vec<Lead> {
    let Some(Ok(ledger)) = &today.calling else { return Vec::new() };
    let Some((entry, share, budget)) = ledger.tightest().into_iter().next() else { return Vec::new() };
    let (Some(limit), Some(rate)) = (entry.rule.limit(), share.now.parts.share()) else { return Vec::new() };
    let percent = |share| format::figure(share, Unit::Share, None).to_string();
    let what = match budget.left_today.map_or(budget.left, |today| today.min(budget.left)) {
        left if left < 0 => {
            let over = parts::counted(left.unsigned_abs(), "call", "calls");
            format!(" of the calls that people answered, {over} over what {} allows.", percent(limit))
        }
        left => format!(
            " of the calls that people answered; {} more may be before {}.",
            format::count(left.unsigned_abs()),
            percent(limit)
        ),
    };
    vec![
        words(format!("{} abandoned ", share.campaign.as_deref().unwrap_or("Calls of no campaign"))),
        Lead::Figure(percent(rate), calls_of(&share.now.opens)),
        words(what),
    ]
}

/// Callbacks that nobody made.
fn waiting(today: &Today) -> Vec<Lead> {
    let Ok(callbacks) = &today.callbacks else { return Vec::new() };
    let overdue: u64 = callbacks.rows.iter().map(|row| row.overdue).sum();
    if overdue == 0 {
        return Vec::new();
    }
    let mut says = Vec::new();
    let late: Vec<_> = callbacks.rows.iter().filter(|row| row.overdue > 0).collect();
    for (at, row) in late.iter().enumerate() {
        says.push(words(match at {
            0 => String::new(),
            at if at + 1 == late.len() => " and ".to_owned(),
            _ => ", ".to_owned(),
        }));
        let noun = if at == 0 {
            parts::counted(row.overdue, "callback", "callbacks")
        } else {
            row.overdue.to_string()
        };
        says.push(Lead::Figure(noun, link(&row.overdue_records)));
        says.push(words(format!(" of {}", row.campaign.as_deref().unwrap_or("no campaign"))));
    }
    says.push(words(if overdue == 1 { " is overdue." } else { " are overdue." }));
    says
}

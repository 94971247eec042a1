//! A client's week: scorecard, course of its KPIs, what moved them, who left, the statement so far.

use dialmark_govern::report::{Attrition, Content, Pack};
use dialmark_govern::statement::Statement;
use dialmark_govern::today::Panel;
use dialmark_govern::{Standing, Status};
use dialmark_metrics::metric::Unit;

use super::{File, Picture, Section, Table, XLSX, file_name, picture, workbook};
use crate::format::{self, DASH};
use crate::{judged, parts, when};

/// The score and what was missed, in a sentence each.
pub(super) fn lead(pack: &Pack) -> Vec<String> {
    let last = pack.week.until.yesterday().unwrap_or(pack.week.from);
    let mut says = vec![format!("The week of {}, for {}.", when::days(pack.week.from, last), pack.client)];
    let total = pack.rows.first().and_then(|row| row.total.as_ref());
    says.push(match total.and_then(|total| total.score) {
        Some(score) => {
            format!("The scorecard {} stands at {} of 100.", pack.card_label, format::fixed(score, 1))
        }
        None => format!("The scorecard {} has no score: too little can be judged.", pack.card_label),
    });
    let missed: Vec<&str> = pack
        .standings()
        .filter(|(weight, one)| weight.is_some() && one.status == Status::Missed)
        .map(|(_, one)| one.kpi.label.as_str())
        .collect();
    if !missed.is_empty() {
        says.push(format!("Missed: {}.", missed.join(", ")));
    }
    says
}

/// Everything below.
pub(super) fn sections(content: &Content, pack: &Pack) -> Vec<Section> {
    let mut sections = vec![card(pack), trend(pack), comments(pack), attrition(&pack.attrition)];
    if let Some(found) = &pack.statement {
        sections.push(statement(content, found));
    }
    sections
}

fn texts(words: &[&str]) -> Vec<String> {
    words.iter().map(|word| (*word).to_owned()).collect()
}

fn card(pack: &Pack) -> Section {
    let row = |(weight, one): (Option<dialmark_metrics::Ratio>, &Standing)| {
        vec![
            one.kpi.label.clone(),
            weight.map_or_else(|| "beside".to_owned(), |weight| format::fixed(weight, 0)),
            judged::value(one),
            judged::interval(one).unwrap_or_default(),
            judged::target(one),
            format!("{} {}", judged::sign(&one.status), judged::status(one)),
            judged::score(one.score),
            judged::trend(one.trend).to_owned(),
            judged::window(one),
            format::count(one.cell.n),
        ]
    };
    let head = [
        "KPI",
        "weight",
        "value",
        "95 % interval",
        "target",
        "status",
        "score",
        "against before",
        "window",
        "n",
    ];
    Section {
        title: format!("Scorecard {}", pack.card_label),
        table: Some(Table { head: texts(&head), rows: pack.standings().map(row).collect() }),
        says: pack.standings().flat_map(|(_, one)| one.said()).collect(),
        ..Section::default()
    }
}

fn trend(pack: &Pack) -> Section {
    let standing = |kpi: &str| pack.standings().map(|(_, one)| one).find(|one| one.kpi.name == kpi);
    let pictures: Vec<Picture> = pack
        .courses
        .iter()
        .filter_map(|course| picture::weeks(&course.kpi, standing(&course.kpi)?, course))
        .collect();
    let rows = pack.courses.iter().flat_map(|course| {
        course.weeks.iter().map(|(day, cell)| {
            let value = cell
                .value
                .as_ref()
                .map(|value| format::figure(*value, course.unit, cell.currency.as_deref()).to_string());
            vec![
                course.label.clone(),
                when::day(*day),
                value.unwrap_or_else(|reason| format!("{DASH} {reason}")),
                format::count(cell.n),
            ]
        })
    });
    Section {
        title: "Week by week".to_owned(),
        table: Some(Table { head: texts(&["KPI", "week from", "value", "n"]), rows: rows.collect() }),
        pictures,
        says: Vec::new(),
    }
}

fn comments(pack: &Pack) -> Section {
    let mut says: Vec<String> = pack
        .comments
        .iter()
        .flat_map(|one| one.says.iter().map(|says| format!("{}: {says}", one.label)))
        .collect();
    if says.is_empty() {
        says.push("No KPI of the scorecard was missed or got worse.".to_owned());
    }
    Section { title: "What moved in the week".to_owned(), says, ..Section::default() }
}

fn attrition(found: &Panel<Attrition>) -> Section {
    let title = "Who left, by tenure".to_owned();
    let found = match found {
        Ok(found) => found,
        Err(sentence) => return Section { title, says: vec![sentence.clone()], ..Section::default() },
    };
    let rows = found.rows.iter().map(|(tenure, cell)| {
        let value = cell.value.as_ref();
        vec![
            tenure.clone(),
            cell.numerator.map_or_else(|| DASH.to_owned(), format::count),
            cell.denominator.map_or_else(|| DASH.to_owned(), format::count),
            value.map_or_else(
                |reason| format!("{DASH} {reason}"),
                |value| format::figure(*value, Unit::Share, None).to_string(),
            ),
        ]
    });
    let last = found.days.until.yesterday().unwrap_or(found.days.from);
    Section {
        title,
        table: Some(Table {
            head: texts(&["employed for", "left", "days employed", "of a year's agents"]),
            rows: rows.collect(),
        }),
        says: vec![format!(
            "Of {} who called for the client from {}.",
            parts::counted(found.agents, "agent", "agents"),
            when::days(found.days.from, last)
        )],
        ..Section::default()
    }
}

fn statement(content: &Content, found: &Panel<Statement>) -> Section {
    let title = "Statement so far".to_owned();
    let found = match found {
        Ok(found) => found,
        Err(sentence) => return Section { title, says: vec![sentence.clone()], ..Section::default() },
    };
    let rows = found.lines.iter().map(|line| {
        let amount = line.amount.as_ref().map_or_else(|| DASH.to_owned(), ToString::to_string);
        vec![line.id.clone(), amount, line.says.clone()]
    });
    let mut says = vec![format!(
        "{}, {}: {} is due with the records of {}.",
        found.label,
        found.period,
        found.due,
        when::instant(found.as_of.min(content.at), &super::zone(content))
    )];
    says.extend(found.incomplete.iter().cloned());
    Section {
        title,
        table: Some(Table { head: texts(&["line", "amount", "how"]), rows: rows.collect() }),
        says,
        ..Section::default()
    }
}

/// The scorecard, the course and the statement as a workbook.
pub(super) fn files(content: &Content, pack: &Pack) -> Result<Vec<File>, String> {
    let bytes = workbook::pack(pack, content.day)?;
    Ok(vec![File { name: file_name(content, "xlsx"), media_type: XLSX, bytes }])
}

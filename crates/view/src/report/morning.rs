//! The morning sheet: the panels of today, in the words of the page.

use dialmark_govern::Status;
use dialmark_govern::report::Content;
use dialmark_govern::today::{Today, Was};

use super::{File, Picture, Section, Table, XLSX, file_name, picture, workbook};
use crate::export::{TodayPart, lead_text, today_parts};

/// KPIs of which the course is drawn: those that were missed, and no more than are looked at.
const DRAWN: usize = 4;

/// The sentences at the top.
pub(super) fn lead(today: &Today) -> Vec<String> {
    lead_text(today)
}

/// Everything below.
pub(super) fn sections(today: &Today) -> Vec<Section> {
    let mut sections: Vec<Section> = today_parts(today).into_iter().map(section).collect();
    // KPIs come first.
    if let Some(figures) = sections.first_mut() {
        figures.pictures = pictures(today);
    }
    sections
}

fn section(part: TodayPart) -> Section {
    let table =
        part.table.map(|(head, rows)| Table { head: head.into_iter().map(str::to_owned).collect(), rows });
    Section { title: part.title, table, pictures: Vec::new(), says: part.says }
}

fn pictures(today: &Today) -> Vec<Picture> {
    let missed = |was: &&Was| matches!(was.standing.status, Status::Missed | Status::Close);
    let figures = today.figures.iter().flatten().filter(missed).take(DRAWN);
    figures
        .filter_map(|was| picture::course(&was.standing.kpi.name, &was.standing, &was.course, "day"))
        .collect()
}

/// The KPIs with their parts.
pub(super) fn files(content: &Content, today: &Today) -> Result<Vec<File>, String> {
    let Ok(figures) = &today.figures else { return Ok(Vec::new()) };
    let standings: Vec<_> = figures.iter().map(|was| &was.standing).collect();
    let bytes = workbook::kpis(&content.label, content.day, &standings)?;
    Ok(vec![File { name: file_name(content, "xlsx"), media_type: XLSX, bytes }])
}

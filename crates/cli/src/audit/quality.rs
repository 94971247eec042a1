//! The quality of the data: what became of each file, what was set aside, what was amended.

use std::collections::BTreeMap;

use dialmark_lake::Lake;
use dialmark_view::audit::FileLine;
use dialmark_view::pages::data::{QuarantineGroup, Sample};

use super::arrive::Arrival;
use crate::failure::Failure;
use crate::report;

/// Records set aside that are shown for one reason and file.
const SAMPLES: usize = 5;

/// A file, and what became of its records.
pub fn file_line(file: &Arrival) -> FileLine {
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

/// Records set aside, by reason, the most frequent first.
pub async fn quarantine(lake: &Lake, files: &[Arrival]) -> Result<Vec<QuarantineGroup>, Failure> {
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

/// What was amended or found odd, and how often.
pub fn flags(files: &[Arrival]) -> Vec<(String, u64)> {
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

//! What became of calls: a file with a line each, and a letter with the totals to check it by.

use std::collections::BTreeMap;

use dialmark_govern::report::{Content, ReturnRow, Returning};

use super::{CSV, File, Section, Table, file_name, zone};
use crate::export::csv_record;
use crate::format::count;
use crate::{parts, when};

const HEAD: [&str; 9] =
    ["lead_id", "call_id", "campaign_id", "attempt", "called_at", "outcome", "code", "do_not_call", "change"];

/// What is in the file.
pub(super) fn lead(content: &Content, found: &Returning) -> Vec<String> {
    let zone = zone(content);
    let changed = found.rows.iter().filter(|row| row.is_changed).count();
    let without = found.rows.iter().filter(|row| row.lead_id.is_none()).count();
    let mut says = vec![format!(
        "{} of {} up to {}: each call that was not returned before, once.",
        parts::counted(found.rows.len(), "call", "calls"),
        found.client,
        when::instant(found.to, &zone)
    )];
    if changed > 0 {
        says.push(format!(
            "{} returned before and changed since; `change` says `corrected`, and the line takes the place of the earlier one.",
            parts::counted(changed, "of them was", "of them were")
        ));
    }
    if without > 0 {
        says.push(format!("{} no identifier of a lead.", parts::counted(without, "call has", "calls have")));
    }
    says
}

/// Totals by outcome.
pub(super) fn sections(found: &Returning) -> Vec<Section> {
    let mut outcomes: BTreeMap<&str, (usize, usize)> = BTreeMap::new();
    for row in &found.rows {
        let of = outcomes.entry(row.outcome.unwrap_or("not known")).or_default();
        of.0 += 1;
        of.1 += usize::from(row.is_do_not_call);
    }
    let total = |part: fn(&(usize, usize)) -> usize| count(outcomes.values().map(part).sum::<usize>());
    let mut rows: Vec<Vec<String>> = outcomes
        .iter()
        .map(|(word, (calls, not))| vec![(*word).to_owned(), count(calls), count(not)])
        .collect();
    rows.push(vec!["all".to_owned(), total(|of| of.0), total(|of| of.1)]);
    let head = ["outcome", "calls", "asked not to be called"].map(str::to_owned).to_vec();
    vec![Section {
        title: "What is in the file".to_owned(),
        table: Some(Table { head, rows }),
        says: vec![
            "Instants in the file are in UTC. `do_not_call` is `yes` where the person asked for it."
                .to_owned(),
        ],
        ..Section::default()
    }]
}

/// The file itself, also when nothing is in it: that there was nothing is told as well.
pub(super) fn files(content: &Content, found: &Returning) -> Vec<File> {
    let mut text = csv_record(&HEAD.map(|name| Some(name.to_owned())));
    for row in &found.rows {
        text.push_str(&csv_record(&fields(row)));
    }
    vec![File { name: file_name(content, "csv"), media_type: CSV, bytes: text.into_bytes() }]
}

fn fields(row: &ReturnRow) -> [Option<String>; 9] {
    let word = |is: bool, yes: &str, no: &str| Some(if is { yes } else { no }.to_owned());
    [
        row.lead_id.clone(),
        Some(row.call_id.clone()),
        row.campaign.clone(),
        row.attempt.clone(),
        Some(row.started_at.to_string()),
        row.outcome.map(str::to_owned),
        row.code.clone(),
        word(row.is_do_not_call, "yes", "no"),
        word(row.is_changed, "corrected", "new"),
    ]
}

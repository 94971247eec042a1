//! How the records of a file can be known again.

use super::assign::Assigned;
use super::sample::{Sample, Seen, unique_sets};
use super::shape::{Shape, epoch};
use super::synonyms::{IDS, REVISIONS};
use crate::error::IngestError;
use crate::pinned::Pinned;

/// Columns that may be needed beside an identifier that starts again every day or on every line.
const MAX_PARTNERS: usize = 4;

/// A proposed identity.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Proposed {
    /// By these columns, and the newest by this one read so.
    Id {
        /// Columns.
        columns: Vec<String>,
        /// Column of the revision and the word of its `as`.
        revision: Option<(String, Option<String>)>,
        /// Records that it was tried over.
        tried_over: usize,
    },
    /// There is no identifier; the sentence says what was found.
    None(String),
}

/// Looks for columns that tell all records apart.
pub fn identity(sample: &Sample, assigned: &[Assigned], pinned: &Pinned) -> Result<Proposed, IngestError> {
    let ids = id_columns(sample);
    if ids.is_empty() {
        return Ok(Proposed::None("No column looks like an identifier of records.".into()));
    }
    let revision = revision(sample);
    let sets = candidates(sample, assigned, &ids, revision.as_ref().map(|(seen, _)| *seen));
    let (unique, tried_over) = unique_sets(pinned.path(), pinned, &sample.format, &sets)?;
    let Some(set) = sets.iter().zip(&unique).find(|(_, unique)| **unique).map(|(set, _)| set) else {
        let names = ids.iter().map(|seen| format!("`{}`", seen.name)).collect::<Vec<_>>().join(", ");
        return Ok(Proposed::None(format!(
            "{names} look like identifiers, but several records share one and no combination tells them apart."
        )));
    };
    let name = |at: &usize| sample.columns.get(*at).map(|seen| seen.name.clone());
    let revised = revision.map(|(seen, read_as)| (seen.name.clone(), read_as));
    // Records that only the revision tells apart are deliveries of one record.
    let is_revision = |column: &String| revised.as_ref().is_some_and(|(name, _)| name == column);
    let columns = set.iter().filter_map(name).filter(|column| !is_revision(column)).collect();
    Ok(Proposed::Id { columns, revision: revised, tried_over })
}

fn id_columns(sample: &Sample) -> Vec<&Seen> {
    let rank = |seen: &Seen| {
        IDS.iter().position(|id| *id == seen.words.full || Some(*id) == seen.words.last.as_deref())
    };
    let mut found: Vec<(usize, &Seen)> =
        sample.columns.iter().filter_map(|seen| Some((rank(seen)?, seen))).collect();
    found.sort_by_key(|(rank, seen)| (*rank, seen.at));
    found.into_iter().map(|(_, seen)| seen).take(4).collect()
}

/// Identifiers alone, with the revision, then with one and two columns that often belong to them.
fn candidates(
    sample: &Sample,
    assigned: &[Assigned],
    ids: &[&Seen],
    revision: Option<&Seen>,
) -> Vec<Vec<usize>> {
    let mut partners: Vec<usize> = Vec::new();
    let date = |seen: &&Seen| {
        matches!(&seen.shape, Shape::Moment(_))
            || seen.words.full == "date"
            || seen.words.full.ends_with("_date")
    };
    partners.extend(sample.columns.iter().filter(date).map(|seen| seen.at).take(2));
    let has_date = !partners.is_empty();
    for name in ["trunk", "site_id", "queue", "agent_id"] {
        let column = assigned.iter().find(|a| a.column == name).and_then(|a| a.reading.from.first());
        partners.extend(column.and_then(|name| sample.column(name)).map(|seen| seen.at));
    }
    partners.truncate(MAX_PARTNERS);
    let mut sets: Vec<Vec<usize>> = ids.iter().map(|id| vec![id.at]).collect();
    if let Some(revision) = revision {
        sets.extend(ids.iter().map(|id| vec![id.at, revision.at]));
    }
    let Some(first) = ids.first() else { return sets };
    // An identifier that is not unique alone starts again at some time, so the date belongs to it.
    let with_date = partners.first().copied().filter(|_| has_date);
    let mut together = |mut set: Vec<usize>| {
        set.sort_unstable();
        set.dedup();
        sets.push(set);
    };
    for (nth, one) in partners.iter().enumerate() {
        together([Some(first.at), Some(*one), with_date].into_iter().flatten().collect());
        for other in partners.iter().skip(nth + 1) {
            together([Some(first.at), Some(*one), Some(*other), with_date].into_iter().flatten().collect());
        }
    }
    // Fewer columns first.
    sets.sort_by_key(Vec::len);
    sets
}

fn revision(sample: &Sample) -> Option<(&Seen, Option<String>)> {
    let named = |seen: &&Seen| {
        REVISIONS.contains(&seen.words.full.as_str())
            || seen.words.last.as_deref().is_some_and(|l| REVISIONS.contains(&l))
    };
    let seen = sample.columns.iter().find(named)?;
    match &seen.shape {
        Shape::Moment(style) => Some((seen, style.read_as.clone())),
        Shape::Whole(..) => {
            let word = epoch(&sample.values(seen)).unwrap_or("integer");
            Some((seen, Some(word.to_owned())))
        }
        _ => None,
    }
}

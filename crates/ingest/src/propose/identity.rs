//! How the records of a file can be known again.

use super::assign::Assigned;
use super::reading::DateColumn;
use super::sample::{Sample, Seen};
use super::shape::{Shape, States, epoch};
use super::synonyms::{IDS, REVISIONS, TABLES};
use super::tally::{Tallies, Tally, tally};
use super::words::joined;
use crate::error::IngestError;
use crate::pinned::Pinned;

/// Columns that may be needed beside an identifier that starts again every day or on every line.
const MAX_PARTNERS: usize = 4;

/// Identifiers of what a call is about or who made it: records of many calls share them.
const OF_OTHERS: [&str; 4] = ["lead_id", "list_id", "agent_id", "account_id"];

/// Identifiers of a call: of what is written about calls, several records may share one.
const OF_CALLS: [&str; 13] = [
    "call_id",
    "callid",
    "unique_id",
    "uniqueid",
    "call_ref",
    "call_reference",
    "call_uuid",
    "call_sid",
    "interaction_id",
    "contact_id",
    "conversation_id",
    "session_id",
    "call_key",
];
/// Behind all other words.
const LAST: usize = 1_000;

/// Columns that say when a record happened; one of them is needed to tell a correction from another record.
const WHEN: [&str; 8] = [
    "started_at",
    "queued_at",
    "answered_at",
    "occurred_at",
    "completed_at",
    "evaluated_at",
    "paid_at",
    "booked_on",
];

/// Columns that say whose record it is, needed likewise.
const WHO: [&str; 6] = ["agent_id", "called_number", "caller_number", "customer_id", "lead_id", "account_id"];

/// Columns that a correction changes no more than these, where they are filled.
const WHERE: [&str; 5] = ["campaign_id", "list_id", "queue", "direction", "trunk"];

/// Of a hundred records, how many corrections may be among them.
const FEW_PER_CENT: usize = 2;

/// A proposed identity.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Proposed {
    /// By these columns, and the newest by this one read so.
    Id {
        /// Columns.
        columns: Vec<String>,
        /// Column of the revision and the word of its `as`.
        revision: Option<(String, Option<String>)>,
        /// Why these.
        why: String,
        /// Something about it is odd.
        doubtful: bool,
    },
    /// There is no identifier; the remark says what was found and what follows from it.
    None(String),
}

/// What an identity is looked for in.
pub struct Look<'a> {
    /// The file.
    pub pinned: &'a Pinned,
    /// Its beginning.
    pub sample: &'a Sample,
    /// Columns of a canonical table that are filled; none for a table of the project's own.
    pub assigned: &'a [Assigned],
    /// The canonical table.
    pub table: Option<&'a str>,
    /// The date column.
    pub date: Option<&'a DateColumn>,
    /// The file's name.
    pub file: &'a str,
}

/// What `replace` does, for whoever has to choose.
const REPLACE: &str = "With `replace` a file takes the place of the last file of the same name, all of its records, and a file of another name adds to it, even if it holds the same records. Choose `append` where every file holds only records that none before it held.";

/// Looks for columns that tell all records apart.
pub fn identity(look: &Look<'_>) -> Result<Proposed, IngestError> {
    let ids = look.id_columns();
    if look.sample.rows.is_empty() {
        let names = names_of(&ids);
        let what = match ids.as_slice() {
            [] => "no identifier could be looked for".to_owned(),
            _ => format!("{names} could not be tried as an identifier"),
        };
        return Ok(Proposed::None(format!("The file has no records, so {what}. {REPLACE}")));
    }
    let found = if ids.is_empty() {
        "No column looks like an identifier of records.".to_owned()
    } else {
        match look.by_id(&ids)? {
            Ok(proposed) => return Ok(proposed),
            Err(found) => found,
        }
    };
    match look.by_day()? {
        Some(proposed) => Ok(proposed),
        None => Ok(Proposed::None(format!("{found} {REPLACE}"))),
    }
}

impl Look<'_> {
    fn id_columns(&self) -> Vec<&Seen> {
        // A survey's own identifier goes before that of the call that it is about.
        let own = own_ids(self.table, self.file);
        let is_own = |word: &str| own.iter().any(|id| id == word);
        let rank = |seen: &Seen| {
            let (full, last) = (seen.words.full.as_str(), seen.words.last.as_deref());
            let behind = if self.is_of_a_call(seen) { LAST } else { 1 };
            let listed = || IDS.iter().position(|id| *id == full || Some(*id) == last).map(|at| at + behind);
            if is_own(full) { Some(0) } else { listed() }
        };
        let mut found: Vec<(usize, &Seen)> =
            self.sample.columns.iter().filter_map(|seen| Some((rank(seen)?, seen))).collect();
        found.sort_by_key(|(rank, seen)| (*rank, seen.at));
        found.into_iter().map(|(_, seen)| seen).take(4).collect()
    }

    /// Whether a column names the call that a record of another table is about.
    fn is_of_a_call(&self, seen: &Seen) -> bool {
        let is_one = |word: &str| OF_CALLS.contains(&word);
        self.table.is_some_and(|table| table != "calls")
            && (is_one(&seen.words.full) || seen.words.last.as_deref().is_some_and(is_one))
    }

    /// An identity by one of these columns, alone or with others; otherwise what stands against them.
    fn by_id(&self, ids: &[&Seen]) -> Result<Result<Proposed, String>, IngestError> {
        let revision = self.revision();
        let who_and_when = self.who_and_when();
        let mut sets: Vec<Vec<usize>> = ids.iter().map(|id| vec![id.at]).collect();
        if let Some((seen, _)) = &revision {
            sets.extend(ids.iter().map(|id| vec![id.at, seen.at]));
            sets.push(vec![seen.at]);
        }
        let tallies = self.tally(&sets, who_and_when.as_deref().unwrap_or_default())?;
        let records = tallies.records;
        let alone = |nth: usize| tallies.sets.get(nth).copied().unwrap_or_default();
        // A record without a revision could not be imported.
        let unrevised = revision.as_ref().and_then(|_| tallies.sets.last()).map_or(0, |found| found.empty);
        let but = match &revision {
            Some((seen, _)) if unrevised > 0 => {
                format!("; `{}` is empty in {} of them, so it is no revision", seen.name, unrevised)
            }
            _ => String::new(),
        };
        let usable = revision.filter(|_| unrevised == 0);
        let proposed = |columns: Vec<String>, why: String, doubtful: bool| Proposed::Id {
            columns,
            doubtful: doubtful || unrevised > 0,
            revision: usable.as_ref().map(|(seen, read_as)| (seen.name.clone(), read_as.clone())),
            why: why + &but,
        };
        let of = |id: &Seen| vec![id.name.clone()];
        for (nth, id) in ids.iter().copied().enumerate() {
            let found = alone(nth);
            if found.tells_apart() && mostly_once(&found, records) {
                // An agent or lead that stands there once may come again in the next file, with another record.
                let doubtful = found.repeated > 0 || is_of_others(id) || self.is_of_a_call(id);
                return Ok(Ok(proposed(of(id), told(&found, records), doubtful)));
            }
        }
        if usable.is_some() {
            // Records that only the revision tells apart are deliveries of one record.
            for (nth, id) in ids.iter().copied().enumerate() {
                let with_revision = alone(ids.len() + nth);
                if with_revision.tells_apart() {
                    return Ok(Ok(proposed(
                        of(id),
                        told(&with_revision, records),
                        with_revision.repeated > 0,
                    )));
                }
            }
        }
        for (nth, id) in ids.iter().copied().enumerate() {
            if usable.is_some() || is_of_others(id) {
                continue;
            }
            let found = alone(nth);
            let few = found.amended * 100 <= records * FEW_PER_CENT;
            if who_and_when.is_some() && found.empty == 0 && found.clashing == 0 && few {
                let why = format!(
                    "{}; taken for corrections of earlier ones, because they agree in who and when: {}",
                    told(&found, records),
                    found.amended
                );
                return Ok(Ok(proposed(of(id), why, true)));
            }
        }
        let sets = self.with_partners(ids);
        let together = self.tally(&sets, &[])?;
        for (set, found) in sets.iter().zip(&together.sets) {
            if found.tells_apart() && (found.repeated == 0 || self.is_told_by_itself(set)) {
                let is_revision = |name: &String| usable.as_ref().is_some_and(|(seen, _)| seen.name == *name);
                let columns = self.names(set).into_iter().filter(|name| !is_revision(name)).collect();
                return Ok(Ok(proposed(columns, told(found, records), true)));
            }
        }
        let stands = |(nth, id): (usize, &&Seen)| against(&id.name, &alone(nth), records);
        let found: Vec<String> = ids.iter().enumerate().map(stands).collect();
        Ok(Err(format!("{}, and no columns together tell the records apart.", found.join("; "))))
    }

    /// An identity of rows of which there is one a day and agent, campaign or the like.
    fn by_day(&self) -> Result<Option<Proposed>, IngestError> {
        let sets = self.days_and_names();
        if sets.is_empty() {
            return Ok(None);
        }
        let tallies = self.tally(&sets, &[])?;
        let found = sets
            .iter()
            .zip(&tallies.sets)
            .find(|(set, found)| found.tells_apart() && (found.repeated == 0 || self.is_told_by_itself(set)));
        Ok(found.map(|(set, found)| Proposed::Id {
            columns: self.names(set),
            revision: None,
            doubtful: true,
            why: format!(
                "no column is an identifier, but together this {}, as one row a day and name does; a row that comes again is then known, whatever its file is called",
                told(found, tallies.records)
            ),
        }))
    }

    fn tally(&self, sets: &[Vec<usize>], who_and_when: &[usize]) -> Result<Tallies, IngestError> {
        tally(self.pinned, &self.sample.format, sets, who_and_when)
    }

    fn names(&self, set: &[usize]) -> Vec<String> {
        let name = |at: &usize| self.sample.columns.get(*at).map(|seen| seen.name.clone());
        set.iter().filter_map(name).collect()
    }

    /// Positions of the source's columns for a column of the table.
    fn columns_of(&self, name: &str) -> Vec<usize> {
        let field = self.assigned.iter().find(|a| a.column == name);
        let names = field.into_iter().flat_map(|field| field.reading.from.iter());
        names.filter_map(|name| self.sample.column(name)).map(|seen| seen.at).collect()
    }

    /// Columns in which two deliveries of one record agree; `None` where a file does not say enough to tell.
    fn who_and_when(&self) -> Option<Vec<usize>> {
        let of = |names: &[&str]| names.iter().flat_map(|name| self.columns_of(name)).collect::<Vec<_>>();
        let (when, who) = (of(&WHEN), of(&WHO));
        (!when.is_empty() && !who.is_empty()).then(|| [when, who, of(&WHERE)].concat())
    }

    /// Identifiers with one and two columns that often belong to them.
    fn with_partners(&self, ids: &[&Seen]) -> Vec<Vec<usize>> {
        let mut partners: Vec<usize> = Vec::new();
        let date = |seen: &&Seen| {
            matches!(&seen.shape, Shape::Moment(_))
                || seen.words.full == "date"
                || seen.words.full.ends_with("_date")
        };
        partners.extend(self.sample.columns.iter().filter(date).map(|seen| seen.at).take(2));
        let has_date = !partners.is_empty();
        for name in ["trunk", "site_id", "queue", "agent_id"] {
            partners.extend(self.columns_of(name).first());
        }
        partners.truncate(MAX_PARTNERS);
        let mut sets: Vec<Vec<usize>> = Vec::new();
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
                together(
                    [Some(first.at), Some(*one), Some(*other), with_date].into_iter().flatten().collect(),
                );
            }
        }
        // Fewer columns first.
        sets.sort_by_key(Vec::len);
        sets
    }

    /// The date with one or two names, the likelier first. An agent may work on several campaigns, queues and lists
    /// in a day, so these belong to the row where they are named; team and site are the agent's own.
    fn days_and_names(&self) -> Vec<Vec<usize>> {
        let days = match self.table {
            // A shift is known by its agent and its beginning.
            Some("shifts") => self.columns_of("started_at"),
            Some(_) => Vec::new(),
            None => self.day().into_iter().collect(),
        };
        if days.is_empty() {
            return Vec::new();
        }
        let named = |name: &str| match self.table {
            Some(_) => self.columns_of(name).first().copied(),
            None => self.named(name),
        };
        let agent = named("agent_id");
        let work: Vec<usize> = ["campaign_id", "queue", "list_id"].into_iter().filter_map(named).collect();
        let own: Vec<usize> = ["team_id", "site_id"].into_iter().filter_map(named).collect();
        let mut names: Vec<Vec<usize>> = Vec::new();
        names.extend(agent.iter().flat_map(|agent| work.iter().map(|other| vec![*agent, *other])));
        names.extend(agent.map(|agent| vec![agent]));
        names.extend(agent.iter().flat_map(|agent| own.iter().map(|other| vec![*agent, *other])));
        let others = [work, own].concat();
        for (nth, one) in others.iter().enumerate() {
            names.push(vec![*one]);
            names.extend(others.iter().skip(nth + 1).map(|other| vec![*one, *other]));
        }
        names.into_iter().map(|names| [days.clone(), names].concat()).collect()
    }

    /// The column that says which day, or which part of one, a row adds up.
    fn day(&self) -> Option<usize> {
        let date = self.date.and_then(|date| self.sample.column(&date.name));
        let moment = |seen: &&Seen| matches!(seen.shape, Shape::Moment(_));
        date.or_else(|| self.sample.columns.iter().find(moment)).map(|seen| seen.at)
    }

    /// The column of names or codes that a list of calls would fill this column from.
    fn named(&self, name: &str) -> Option<usize> {
        let calls = TABLES.iter().find(|words| words.table == "calls")?;
        let (_, synonyms) = calls.columns.iter().find(|(column, _)| *column == name)?;
        let rank = |seen: &Seen| {
            let full = seen.words.full.as_str();
            if full == name || full == name.trim_end_matches("_id") {
                return Some(0);
            }
            synonyms.iter().position(|word| *word == full).map(|at| at + 1)
        };
        let is_name = |seen: &Seen| match seen.shape {
            Shape::Text(..) => true,
            // A number under another name may well be a count.
            Shape::Whole(..) => seen.words.full == "agent" || seen.words.full.ends_with("_id"),
            _ => false,
        };
        let found = self.sample.columns.iter().filter(|seen| is_name(seen));
        found.filter_map(|seen| Some((rank(seen)?, seen.at))).min().map(|(_, at)| at)
    }

    /// Whether records say so much beside these columns that two equal ones are one that was delivered twice: a time
    /// of day, or several numbers. Without either, two equal records may be two calls.
    fn is_told_by_itself(&self, set: &[usize]) -> bool {
        let has_time =
            |seen: &Seen| matches!(&seen.shape, Shape::Moment(style) if style.states != States::Day);
        let is_number =
            |seen: &Seen| matches!(seen.shape, Shape::Whole(..) | Shape::Decimal(_) | Shape::Clock(_));
        let columns = &self.sample.columns;
        let numbers = columns.iter().filter(|seen| is_number(seen) && !set.contains(&seen.at)).count();
        columns.iter().any(has_time) || numbers >= 3
    }

    fn revision(&self) -> Option<(&Seen, Option<String>)> {
        let named = |seen: &&Seen| {
            REVISIONS.contains(&seen.words.full.as_str())
                || seen.words.last.as_deref().is_some_and(|l| REVISIONS.contains(&l))
        };
        let seen = self.sample.columns.iter().find(named)?;
        match &seen.shape {
            Shape::Moment(style) => Some((seen, style.read_as.clone())),
            Shape::Whole(..) => {
                let word = epoch(&self.sample.values(seen)).unwrap_or("integer");
                Some((seen, Some(word.to_owned())))
            }
            _ => None,
        }
    }
}

/// What the identifier of a record is called by what it is a record of: the table, or the file's name.
fn own_ids(table: Option<&str>, file: &str) -> Vec<String> {
    let stem = joined(file.split('.').next().unwrap_or_default());
    let words = table.into_iter().chain(stem.split('_'));
    let singular = |word: &str| word.strip_suffix('s').unwrap_or(word).to_owned();
    words.filter(|word| !word.is_empty()).map(|word| format!("{}_id", singular(word))).collect()
}

fn is_of_others(seen: &Seen) -> bool {
    OF_OTHERS.contains(&seen.words.full.as_str())
        || seen.words.last.as_deref().is_some_and(|last| OF_OTHERS.contains(&last))
}

/// What repeats more than that is no list of records that was delivered twice.
fn mostly_once(found: &Tally, records: usize) -> bool {
    found.repeated * 3 <= records * 2
}

fn names_of(ids: &[&Seen]) -> String {
    ids.iter().map(|seen| format!("`{}`", seen.name)).collect::<Vec<_>>().join(", ")
}

/// That all records are told apart, with those that stand there twice.
fn told(found: &Tally, records: usize) -> String {
    let all = format!("tells the first {records} records apart");
    match found.repeated {
        0 => all,
        1 => format!("{all}; 1 of them repeats another word for word and counts once"),
        several => format!("{all}; {several} of them repeat others word for word and count once"),
    }
}

/// What stands against an identifier.
fn against(name: &str, found: &Tally, records: usize) -> String {
    if found.empty > 0 {
        return format!(
            "`{name}` looks like an identifier, but is empty in {} of {records} records",
            found.empty
        );
    }
    if found.differing() == 0 {
        return format!(
            "`{name}` looks like an identifier, but {} of {records} records are repeated",
            found.repeated
        );
    }
    format!(
        "`{name}` looks like an identifier, but {} of {records} records share theirs with an earlier one and differ from it",
        found.differing()
    )
}

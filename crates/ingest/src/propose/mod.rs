//! Proposes a mapping for a file: what its columns probably are, what is missing, what somebody must check.

mod assign;
mod clock;
mod direction;
mod foreign;
mod identity;
mod line;
mod missing;
mod order;
mod outcomes;
mod packs;
mod reading;
mod refine;
mod sample;
mod shape;
mod synonyms;
mod tally;
mod trial;
mod words;
mod write;

use std::path::Path;

use dialmark_model::declared::nearest;
use dialmark_model::{Kind, facts};
use serde::Serialize;

use crate::error::{Failure, IngestError};
use crate::pinned::Pinned;
use assign::{Assigned, SURE, assign, satisfies};
use identity::{Look, Proposed};
pub use line::Remark;
use line::{Line, comment, written};
pub use missing::Missing;
use reading::DateColumn;
use sample::Sample;
use shape::Shape;
use synonyms::{COUNTS, TABLES, TableWords};

/// What is known before looking.
#[derive(Debug, Clone, Default)]
pub struct ProposeOptions {
    /// Name of the source; otherwise made from the file's name.
    pub source: Option<String>,
    /// Table that the file is of; otherwise guessed.
    pub table: Option<String>,
    /// Zone of local times, to be written into the mapping; otherwise the centre's applies.
    pub zone: Option<String>,
    /// Currency of sums that name none, as an ISO 4217 code.
    pub currency: Option<String>,
    /// Pattern of file names to be written into the mapping, relative to the project; otherwise the file's name.
    pub files: Option<String>,
}

/// A proposed mapping.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Proposal {
    /// A file of `sources/`, with a comment at every guess.
    pub toml: String,
    /// What somebody must check in it, line by line.
    pub remarks: Vec<Remark>,
    /// A file of `dispositions/` when the file has result codes.
    pub dispositions: Option<String>,
    /// Name of the source.
    pub source: String,
    /// Table that it fills; a pack may fill several, with commas between.
    pub table: String,
    /// The table is canonical; otherwise it is one of the project's own, to be bound.
    pub canonical: bool,
    /// What fills what, and why.
    pub guesses: Vec<Guess>,
    /// Columns of the file that nothing reads.
    pub unused: Vec<String>,
    /// What the file does not say.
    pub missing: Vec<Missing>,
    /// What somebody should know before using it, as sentences. Some of them are remarks on a line as well.
    pub warnings: Vec<String>,
}

/// A guess at one column.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Guess {
    /// Column of the table.
    pub column: String,
    /// Columns of the file.
    pub from: Vec<String>,
    /// Why.
    pub why: String,
    /// How sure it is.
    pub confidence: Confidence,
}

/// How sure a guess is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Confidence {
    /// Somebody must look at it.
    Low,
    /// Somebody should look at it.
    Medium,
    /// The name and the values leave little doubt.
    High,
}

/// Proposes a mapping for a file: that of a pack when a known system writes such files, and otherwise a guess.
pub fn propose(path: &Path, options: &ProposeOptions) -> Result<Proposal, IngestError> {
    let pinned = Pinned::look(path)?;
    if options.table.is_none()
        && let Some(found) = packs::recognised(&pinned)
    {
        return Ok(packs::proposal(&found, options, &name_of(path)));
    }
    let sample = Sample::take(&pinned)?;
    if sample.columns.is_empty() {
        return Err(Failure::new("no column was found in this file.").at(path));
    }
    let date = reading::date_column(&sample);
    let file = name_of(path);
    let asked = Asked { pinned: &pinned, sample: &sample, options, date: date.as_ref(), file: &file };
    match choose_table(&asked)? {
        Some((words, assigned)) => asked.canonical(words, &assigned),
        None => asked.foreign(),
    }
}

/// Whoever names a table that there is not gets one of the project's own, and is told so.
fn not_built_in(table: &str) -> String {
    let near = nearest(table, facts::tables().iter().map(|known| known.name.as_ref()));
    let near = near.map_or(String::new(), |near| format!(" Did you mean `{near}`?"));
    format!(
        "`{table}` is not a built-in table, so this makes it one of the project's own.{near} `dialmark tables` lists those that there are."
    )
}

fn name_of(path: &Path) -> String {
    path.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default()
}

impl ProposeOptions {
    /// The asked name of the source, or one made from the file's.
    fn source_name(&self, file: &str) -> String {
        let stem = file.split('.').next().unwrap_or_default();
        let mut name = words::joined(self.source.as_deref().unwrap_or(stem));
        if !name.starts_with(|c: char| c.is_ascii_lowercase()) {
            name = format!("source_{name}").trim_end_matches('_').to_owned();
        }
        name.truncate(60);
        name
    }

    /// Names of files that the mapping is for.
    fn pattern<'a>(&'a self, file: &'a str) -> &'a str {
        self.files.as_deref().unwrap_or(file)
    }
}

struct Asked<'a> {
    pinned: &'a Pinned,
    sample: &'a Sample,
    options: &'a ProposeOptions,
    date: Option<&'a DateColumn>,
    file: &'a str,
}

/// The canonical table that a file is of, with its columns filled; `None` when it is of none.
fn choose_table(asked: &Asked<'_>) -> Result<Option<(&'static TableWords, Vec<Assigned>)>, IngestError> {
    let filled = |words: &'static TableWords| {
        let table = facts::table(words.table)?;
        let mut assigned = assign(words, table, asked.sample, asked.date);
        if words.table == "calls" {
            direction::by_values(&mut assigned, asked.sample);
        }
        refine::refine(&mut assigned, asked.sample);
        Some((words, assigned))
    };
    if let Some(name) = &asked.options.table {
        if facts::table(name).is_none() {
            return Ok(None);
        }
        return match TABLES.iter().find(|words| words.table == name).and_then(filled) {
            Some(found) => Ok(Some(found)),
            None => Err(Failure(format!(
                "columns of the table `{name}` cannot be guessed; write its mapping by hand. Tables that can: {}.",
                TABLES.iter().map(|words| format!("`{}`", words.table)).collect::<Vec<_>>().join(", ")
            ))
            .at(asked.pinned.path())),
        };
    }
    let counts = asked.counts().len();
    let stem = words::joined(asked.file);
    let score = |words: &TableWords, assigned: &[Assigned]| {
        let named = words.file_words.iter().any(|word| stem.split('_').any(|part| part == *word));
        let fits = assigned.iter().map(|a| if a.fit >= SURE { 3 } else { 1 }).sum::<usize>();
        fits + usize::from(named) * 6
    };
    let mut best: Option<(usize, &'static TableWords, Vec<Assigned>)> = None;
    for words in TABLES {
        let Some((words, assigned)) = filled(words) else { continue };
        // Several counts in a row: the row adds up calls.
        let adds_up = counts >= 2 && ["calls", "agent_spans", "outcomes", "shifts"].contains(&words.table);
        if adds_up || !satisfies(words, &assigned) {
            continue;
        }
        let score = score(words, &assigned);
        if best.as_ref().is_none_or(|(best, ..)| score > *best) {
            best = Some((score, words, assigned));
        }
    }
    Ok(best.map(|(_, words, assigned)| (words, assigned)))
}

impl Asked<'_> {
    fn identity(&self, assigned: &[Assigned], table: Option<&str>) -> Result<Proposed, IngestError> {
        let Asked { pinned, sample, date, file, .. } = *self;
        identity::identity(&Look { pinned, sample, assigned, table, date, file })
    }

    /// Columns that count calls or the like.
    fn counts(&self) -> Vec<&str> {
        let counts = |c: &&sample::Seen| {
            matches!(c.shape, Shape::Whole(..)) && COUNTS.contains(&c.words.full.as_str())
        };
        self.sample.columns.iter().filter(counts).map(|c| c.name.as_str()).collect()
    }

    fn canonical(&self, words: &TableWords, assigned: &[Assigned]) -> Result<Proposal, IngestError> {
        let identity = self.identity(assigned, Some(words.table))?;
        let source = self.options.source_name(self.file);
        let local_times = assigned.iter().any(|a| a.reading.local);
        let head = write::Head {
            source: &source,
            table: words.table,
            why_table: if self.options.table.is_some() { "as asked for" } else { "by its columns" },
            file: self.file,
            pattern: self.options.pattern(self.file),
            format: &self.sample.format,
            identity: &identity,
            local_times,
            zone: self.options.zone.as_deref(),
        };
        let filled: Vec<String> = assigned.iter().map(|a| a.column.clone()).collect();
        let missing = missing::missing(words.table, &filled);
        let unused = self.unused(assigned.iter().flat_map(|a| a.reading.from.iter()), &identity);
        let mut lines = self.opening(&format!("table `{}`", words.table));
        lines.extend(write::source_head(&head));
        lines.push(Line::from(""));
        lines.extend(write::columns(&source, assigned));
        lines.extend(self.extras(words, &filled, &source));
        lines.extend(closing(&unused, &missing));
        let (toml, remarks) = written(lines);
        Ok(Proposal {
            toml,
            remarks,
            dispositions: self.dispositions(assigned),
            table: words.table.to_owned(),
            canonical: true,
            guesses: assigned.iter().map(guess).collect(),
            unused,
            missing,
            warnings: self.warnings(local_times, &identity),
            source,
        })
    }

    /// Constants that nearly every centre can give, commented out where they are not known.
    fn extras(&self, words: &TableWords, filled: &[String], source: &str) -> Vec<Line> {
        let absent = |name: &str| !filled.iter().any(|f| f == name);
        let mut lines = Vec::new();
        if words.table == "calls" && absent("direction") {
            // Without a direction hardly a metric can be computed, so the likelier one is written, to be checked.
            let waits = filled.iter().any(|name| name == "queue" || name.starts_with("queue"));
            let likely = if waits { "inbound" } else { "outbound" };
            let text = format!("direction = {{ const = \"{likely}\" }}");
            lines.push(Line::to_check(&text, "direction", "the file does not say; `outbound` or `inbound`"));
        }
        let has_money = filled.iter().any(|name| name.ends_with("_amount"));
        if has_money && absent("currency") {
            match &self.options.currency {
                Some(code) => lines.push(Line::because(
                    &format!("currency = {{ const = {} }}", write::quoted(code)),
                    "the centre's, because the file names none",
                )),
                None => lines.push(Line::to_check(
                    "#currency = { const = \"GBP\" }",
                    "currency",
                    &format!("the sums of [source.{source}] need a currency"),
                )),
            }
        }
        lines
    }

    fn foreign(&self) -> Result<Proposal, IngestError> {
        let source = self.options.source_name(self.file);
        let table = match &self.options.table {
            Some(table) => table.clone(),
            // Its own name may be that of a table that every project has.
            None if facts::table(&source).is_some() => format!("{source}_rows"),
            None => source.clone(),
        };
        let own = foreign::own_columns(self.sample, self.date, self.options.currency.as_deref());
        let has_money =
            own.iter().any(|c| c.kind == Kind::Amount) && !own.iter().any(|c| c.name == "currency");
        let placed_by: Vec<String> = own
            .iter()
            .filter(|c| matches!(c.kind, Kind::Instant | Kind::Day))
            .map(|c| c.name.clone())
            .take(1)
            .collect();
        let local_times = own.iter().any(|c| c.reading.local);
        let identity = self.identity(&[], None)?;
        let head = write::Head {
            source: &source,
            table: &table,
            why_table: if self.options.table.is_some() { "as asked for" } else { "one of the project's own" },
            file: self.file,
            pattern: self.options.pattern(self.file),
            format: &self.sample.format,
            identity: &identity,
            local_times,
            zone: self.options.zone.as_deref(),
        };
        let bind = foreign::bind_lines(&own, self.sample);
        let currency = self.options.currency.as_deref().filter(|_| has_money);
        let why = self.why_foreign(&placed_by);
        let mut lines = self.opening("a table of the project's own");
        lines.push(Line::from(comment(&why)));
        lines.extend(write::own_table(&head, &own, &placed_by, currency, &bind));
        let guesses = own.iter().map(|column| Guess {
            column: column.name.clone(),
            from: column.reading.from.clone(),
            why: write::own_reason(column),
            confidence: if column.reading.check.is_empty() { Confidence::Medium } else { Confidence::Low },
        });
        let mut warnings = self.warnings(local_times, &identity);
        warnings.insert(0, why);
        warnings.extend(self.options.table.as_deref().map(not_built_in));
        let (toml, remarks) = written(lines);
        Ok(Proposal {
            toml,
            remarks,
            dispositions: None,
            canonical: false,
            guesses: guesses.collect(),
            unused: Vec::new(),
            missing: Vec::new(),
            warnings,
            source,
            table,
        })
    }

    fn why_foreign(&self, placed_by: &[String]) -> String {
        let counts = self.counts();
        if counts.len() >= 2 {
            let names = counts.iter().map(|name| format!("`{name}`")).collect::<Vec<_>>().join(", ");
            return format!(
                "The rows add up calls ({names}), so they are kept as they are and bound: say in [bind] how measures are read from them."
            );
        }
        if self.sample.rows.is_empty() {
            return "The file has no records, so nobody can tell what its columns hold. Propose again from a file with records.".to_owned();
        }
        if placed_by.is_empty() {
            return "No column places a row in time, so a row is not a call. The rows are kept as they are and bound: say in [bind] how measures are read from them.".to_owned();
        }
        "The columns fit none of the tables, so the rows are kept as they are and bound: say in [bind] how measures are read from them.".to_owned()
    }

    fn opening(&self, what: &str) -> Vec<Line> {
        let mut lines = vec![
            Line::from(format!(
                "# Proposed from {} records of {}: {what}.",
                self.sample.rows.len(),
                self.file.replace(char::is_control, " ")
            )),
            Line::from("# Each line says what speaks for it; those marked `check` are to be looked at."),
        ];
        lines.extend(self.sample.notes.iter().map(|note| Line::from(comment(note))));
        lines.push(Line::from(""));
        lines
    }

    fn warnings(&self, local_times: bool, identity: &Proposed) -> Vec<String> {
        let mut warnings = self.sample.notes.clone();
        if local_times && self.options.zone.is_none() {
            warnings.push(write::NO_ZONE.into());
        }
        if let Proposed::None(found) = identity {
            warnings.push(found.clone());
        }
        if self.sample.refused > 0 {
            warnings.push(format!(
                "{} of the first {} records cannot be read and would be quarantined.",
                self.sample.refused,
                self.sample.refused + self.sample.rows.len()
            ));
        }
        if self.sample.rows.is_empty() {
            warnings.push("The file holds no record, so only names were looked at.".into());
        }
        warnings
    }

    fn unused<'s>(&self, used: impl Iterator<Item = &'s String>, identity: &Proposed) -> Vec<String> {
        let mut used: Vec<&String> = used.collect();
        if let Proposed::Id { columns, revision, .. } = identity {
            used.extend(columns);
            used.extend(revision.iter().map(|(name, _)| name));
        }
        let names = self.sample.columns.iter().map(|c| &c.name);
        names.filter(|name| !name.is_empty() && !used.contains(name)).cloned().collect()
    }

    fn dispositions(&self, assigned: &[Assigned]) -> Option<String> {
        let field = assigned.iter().find(|a| a.column == "disposition")?;
        let column = self.sample.column(field.reading.from.first()?)?;
        let codes = outcomes::codes(&self.sample.values(column));
        (!codes.is_empty()).then(|| write::dispositions(&codes, self.sample))
    }
}

fn guess(field: &Assigned) -> Guess {
    let confidence = match (field.fit >= SURE, field.reading.check.is_empty()) {
        (true, true) => Confidence::High,
        (true, false) => Confidence::Medium,
        (false, _) => Confidence::Low,
    };
    let why = write::reason(field);
    Guess { column: field.column.clone(), from: field.reading.from.clone(), why, confidence }
}

fn closing(unused: &[String], missing: &[Missing]) -> Vec<Line> {
    let mut lines = Vec::new();
    if !unused.is_empty() {
        let names =
            unused.iter().map(|name| name.replace(char::is_control, " ")).collect::<Vec<_>>().join(", ");
        lines.extend([
            Line::from(""),
            Line::from(format!("# Columns of the file that nothing reads: {names}.")),
        ]);
    }
    if !missing.is_empty() {
        lines.extend([Line::from(""), Line::from("# What this file does not say:")]);
        lines.extend(
            missing.iter().map(|m| Line::from(format!("# - {} ({})", m.without, m.columns.join(", ")))),
        );
    }
    lines
}

//! Reading what people declare in TOML: every value keeps its line, every problem is reported at once.
//!
//! Decimals keep the text of their literal, so that money and thresholds never pass through a float.

use std::cell::{Cell, RefCell};
use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

use serde::Serialize;

/// How bad a problem is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Severity {
    /// Figures are right, but something deserves a look.
    Warning,
    /// What was declared cannot be used.
    Error,
}

/// One thing wrong with a declaration: what, where, and what to do.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Problem {
    /// Error or warning.
    pub severity: Severity,
    /// Name of the rule that it breaks, for rules that have a page of their own.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub code: Option<&'static str>,
    /// File as the user knows it.
    pub file: String,
    /// Line, from 1; 0 when the problem belongs to no line.
    pub line: usize,
    /// Dotted key, such as `metric.aht.variant.handle`; empty when the file as a whole is meant.
    pub key: String,
    /// What is wrong, as a sentence.
    pub message: String,
    /// What to do, as a sentence.
    pub help: Option<String>,
}

impl fmt::Display for Problem {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let word = match self.severity {
            Severity::Warning => "warning",
            Severity::Error => "error",
        };
        match self.code {
            Some(code) => write!(out, "{word}[{code}]: {}", self.file)?,
            None => write!(out, "{word}: {}", self.file)?,
        }
        if self.line > 0 {
            write!(out, ":{}", self.line)?;
        }
        if !self.key.is_empty() {
            write!(out, ": {}", self.key)?;
        }
        write!(out, ": {}", self.message)?;
        if let Some(help) = &self.help {
            write!(out, " {help}")?;
        }
        Ok(())
    }
}

/// What a reader asks of a key: the schema of a file is what its reader asks for.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum Wanted {
    /// A text.
    Text,
    /// One of these words.
    Word(Vec<String>),
    /// `true` or `false`.
    Bool,
    /// A whole number.
    Integer,
    /// A number, whole or decimal.
    Number,
    /// A text or a list of texts.
    Texts,
    /// A civil day.
    Day,
    /// A table, or several forms of which one is a table.
    Table,
    /// A table or a list of tables.
    Tables,
    /// Whatever stands there.
    Any,
}

/// Everything that readers asked for, by the place of the section (`metric.*.variant.*`) and the key.
pub type AskedFor = BTreeMap<(String, String), BTreeSet<Wanted>>;

/// Problems found so far, and what was asked for; shared by all sections of one reading.
#[derive(Debug, Default)]
pub struct Problems(RefCell<Vec<Problem>>, RefCell<AskedFor>);

impl Problems {
    /// What the readers asked for.
    pub fn asked_for(&self) -> AskedFor {
        self.1.borrow().clone()
    }

    /// No problem yet.
    pub fn new() -> Problems {
        Problems::default()
    }

    /// Notes a problem.
    pub fn push(&self, problem: Problem) {
        self.0.borrow_mut().push(problem);
    }

    /// All problems, errors and warnings, in the order of files and lines.
    pub fn into_vec(self) -> Vec<Problem> {
        let mut all = self.0.into_inner();
        all.sort_by(|a, b| (&a.file, a.line, &a.key).cmp(&(&b.file, b.line, &b.key)));
        all
    }

    /// Whether any of them is an error.
    pub fn has_errors(&self) -> bool {
        self.0.borrow().iter().any(|p| p.severity == Severity::Error)
    }
}

/// A value and the line on which it stands.
#[derive(Debug, Clone, PartialEq)]
pub struct Node {
    /// Line, from 1.
    pub line: usize,
    /// The value.
    pub value: Value,
}

/// A TOML value; numbers with a point keep their text.
#[derive(Debug, Clone, PartialEq)]
pub enum Value {
    /// A string.
    Text(String),
    /// A whole number.
    Integer(i64),
    /// A number with a point, as written.
    Decimal(String),
    /// `true` or `false`.
    Bool(bool),
    /// A date or time, as written.
    Moment(String),
    /// An array.
    List(Vec<Node>),
    /// A table, in the order of writing.
    Table(Vec<(String, Node)>),
}

impl Value {
    fn noun(&self) -> &'static str {
        match self {
            Value::Text(_) => "a text",
            Value::Integer(_) => "a whole number",
            Value::Decimal(_) => "a decimal",
            Value::Bool(_) => "true or false",
            Value::Moment(_) => "a date or time",
            Value::List(_) => "a list",
            Value::Table(_) => "a table",
        }
    }
}

/// One parsed file.
#[derive(Debug)]
pub struct Document {
    file: String,
    root: Node,
}

impl Document {
    /// Parses `text`; a syntax error becomes a problem and nothing is returned.
    pub fn parse(file: &str, text: &str, problems: &Problems) -> Option<Document> {
        let lines = Lines::new(text);
        match toml::de::DeTable::parse(text) {
            Ok(table) => Some(Document {
                file: file.to_owned(),
                root: Node { line: 1, value: convert_table(table.get_ref(), &lines) },
            }),
            Err(error) => {
                let line = error.span().map_or(0, |span| lines.of(span.start));
                problems.push(Problem {
                    severity: Severity::Error,
                    code: None,
                    file: file.to_owned(),
                    line,
                    key: String::new(),
                    message: format!("this is not valid TOML: {}.", error.message().trim_end_matches('.')),
                    help: None,
                });
                None
            }
        }
    }

    /// The whole file as a section.
    pub fn root<'a>(&'a self, problems: &'a Problems) -> Section<'a> {
        Section::new(&self.file, String::new(), String::new(), &self.root, problems)
    }
}

struct Lines(Vec<usize>);

impl Lines {
    fn new(text: &str) -> Lines {
        Lines(text.match_indices('\n').map(|(at, _)| at).collect())
    }

    fn of(&self, offset: usize) -> usize {
        self.0.partition_point(|&newline| newline < offset) + 1
    }
}

fn convert_table(table: &toml::de::DeTable<'_>, lines: &Lines) -> Value {
    let mut entries: Vec<(usize, String, Node)> = table
        .iter()
        .map(|(key, value)| {
            let line = lines.of(key.span().start);
            let value = Node { line, value: convert(value.get_ref(), value.span().start, lines) };
            (key.span().start, key.get_ref().to_string(), value)
        })
        .collect();
    entries.sort_by_key(|(at, ..)| *at);
    Value::Table(entries.into_iter().map(|(_, key, node)| (key, node)).collect())
}

fn convert(value: &toml::de::DeValue<'_>, _at: usize, lines: &Lines) -> Value {
    use toml::de::DeValue;
    match value {
        DeValue::String(text) => Value::Text(text.to_string()),
        DeValue::Integer(number) => {
            match i64::from_str_radix(&number.as_str().replace('_', ""), number.radix()) {
                Ok(whole) => Value::Integer(whole),
                // Too large for any count we know; kept as written so that the reader can say so.
                Err(_) => Value::Decimal(number.as_str().to_owned()),
            }
        }
        DeValue::Float(number) => Value::Decimal(number.as_str().replace('_', "")),
        DeValue::Boolean(yes) => Value::Bool(*yes),
        DeValue::Datetime(moment) => Value::Moment(moment.to_string()),
        DeValue::Array(items) => Value::List(
            items
                .iter()
                .map(|item| Node {
                    line: lines.of(item.span().start),
                    value: convert(item.get_ref(), item.span().start, lines),
                })
                .collect(),
        ),
        DeValue::Table(table) => convert_table(table, lines),
    }
}

/// One table of a file, read key by key. Keys that nobody asked for are reported by [`Section::finish`].
#[derive(Debug)]
pub struct Section<'a> {
    file: &'a str,
    path: String,
    /// The path with `*` for names that people give.
    place: String,
    line: usize,
    entries: &'a [(String, Node)],
    problems: &'a Problems,
    asked: RefCell<BTreeSet<String>>,
    /// Its keys are names that people give.
    is_free: Cell<bool>,
}

impl<'a> Section<'a> {
    fn new(
        file: &'a str,
        path: String,
        place: String,
        node: &'a Node,
        problems: &'a Problems,
    ) -> Section<'a> {
        let entries = match &node.value {
            Value::Table(entries) => entries.as_slice(),
            _ => &[],
        };
        Section {
            file,
            path,
            place,
            line: node.line,
            entries,
            problems,
            asked: RefCell::default(),
            is_free: Cell::new(false),
        }
    }

    /// Line of the section's header.
    pub fn line(&self) -> usize {
        self.line
    }

    /// File that it stands in.
    pub fn file(&self) -> &str {
        self.file
    }

    /// Dotted path of the section.
    pub fn path(&self) -> &str {
        &self.path
    }

    /// Line of a key, or of the section when the key is absent.
    pub fn line_of(&self, key: &str) -> usize {
        self.peek(key).map_or(self.line, |node| node.line)
    }

    /// Keys in the order of writing.
    pub fn keys(&self) -> impl Iterator<Item = &'a str> {
        self.entries.iter().map(|(key, _)| key.as_str())
    }

    /// Whether the key is present.
    pub fn has(&self, key: &str) -> bool {
        self.peek(key).is_some()
    }

    fn peek(&self, key: &str) -> Option<&'a Node> {
        self.entries.iter().find(|(k, _)| k == key).map(|(_, node)| node)
    }

    /// The raw value of a key; counts as asked for.
    pub fn node(&self, key: &str) -> Option<&'a Node> {
        self.wanted(key, Wanted::Any)
    }

    /// Notes what is wanted of a key, and hands over what stands there.
    fn wanted(&self, key: &str, wanted: Wanted) -> Option<&'a Node> {
        self.asked.borrow_mut().insert(key.to_owned());
        let key_in_schema = if self.is_free.get() { "*" } else { key };
        let place = (self.place.clone(), key_in_schema.to_owned());
        self.problems.1.borrow_mut().entry(place).or_default().insert(wanted);
        self.peek(key)
    }

    /// Says that a key holds one of these words, for the schema.
    pub fn one_of<'w>(&self, key: &str, words: impl IntoIterator<Item = &'w str>) {
        self.wanted(key, Wanted::Word(words.into_iter().map(str::to_owned).collect()));
    }

    /// Says that the keys of this section are names that people give, for the schema.
    pub fn has_free_keys(&self) {
        self.is_free.set(true);
        let place = (self.place.clone(), "*".to_owned());
        self.problems.1.borrow_mut().entry(place).or_default();
    }

    fn dotted(&self, key: &str) -> String {
        if self.path.is_empty() { key.to_owned() } else { format!("{}.{key}", self.path) }
    }

    /// Reports an error at a key.
    pub fn error(&self, key: &str, message: impl Into<String>, help: Option<String>) {
        self.report(Severity::Error, None, key, message.into(), help);
    }

    /// Reports a warning at a key.
    pub fn warn(&self, key: &str, message: impl Into<String>, help: Option<String>) {
        self.report(Severity::Warning, None, key, message.into(), help);
    }

    /// Reports that a rule with a page of its own is broken.
    pub fn breaks(
        &self,
        (code, severity): (&'static str, Severity),
        key: &str,
        message: impl Into<String>,
        help: Option<String>,
    ) {
        self.report(severity, Some(code), key, message.into(), help);
    }

    fn report(
        &self,
        severity: Severity,
        code: Option<&'static str>,
        key: &str,
        message: String,
        help: Option<String>,
    ) {
        self.problems.push(Problem {
            severity,
            code,
            file: self.file.to_owned(),
            line: self.line_of(key),
            key: if key.is_empty() { self.path.clone() } else { self.dotted(key) },
            message,
            help,
        });
    }

    fn wrong_kind(&self, key: &str, wanted: &str, found: &Value) {
        self.error(key, format!("this should be {wanted}, but is {}.", found.noun()), None);
    }

    /// A text, if the key is present.
    pub fn text(&self, key: &str) -> Option<String> {
        match &self.wanted(key, Wanted::Text)?.value {
            Value::Text(text) => Some(text.clone()),
            other => {
                self.wrong_kind(key, "a text in quotes", other);
                None
            }
        }
    }

    /// A text that must be there; its absence is an error.
    pub fn required_text(&self, key: &str, what: &str) -> Option<String> {
        if !self.has(key) {
            self.wanted(key, Wanted::Text);
            self.error("", format!("`{key}` is missing."), Some(format!("Add `{key} = \"...\"`: {what}.")));
            return None;
        }
        self.text(key)
    }

    /// `true` or `false`, if the key is present.
    pub fn flag(&self, key: &str) -> Option<bool> {
        match &self.wanted(key, Wanted::Bool)?.value {
            Value::Bool(yes) => Some(*yes),
            other => {
                self.wrong_kind(key, "true or false", other);
                None
            }
        }
    }

    /// A whole number, if the key is present.
    pub fn integer(&self, key: &str) -> Option<i64> {
        match &self.wanted(key, Wanted::Integer)?.value {
            Value::Integer(number) => Some(*number),
            other => {
                self.wrong_kind(key, "a whole number", other);
                None
            }
        }
    }

    /// The text of a number, whole or decimal, exactly as written.
    pub fn decimal(&self, key: &str) -> Option<String> {
        match &self.wanted(key, Wanted::Number)?.value {
            Value::Integer(number) => Some(number.to_string()),
            Value::Decimal(text) => Some(text.clone()),
            other => {
                self.wrong_kind(key, "a number", other);
                None
            }
        }
    }

    /// A civil day, such as `2026-07-01`, if the key is present.
    pub fn day(&self, key: &str) -> Option<jiff::civil::Date> {
        let text = match &self.wanted(key, Wanted::Day)?.value {
            Value::Moment(text) | Value::Text(text) => text.clone(),
            other => {
                self.wrong_kind(key, "a day such as 2026-07-01", other);
                return None;
            }
        };
        let day = text.parse().ok();
        if day.is_none() {
            self.error(key, format!("`{text}` is no day, such as 2026-07-01."), None);
        }
        day
    }

    /// A text or a list of texts; empty when the key is absent.
    pub fn texts(&self, key: &str) -> Vec<String> {
        let Some(node) = self.wanted(key, Wanted::Texts) else { return Vec::new() };
        match &node.value {
            Value::Text(text) => vec![text.clone()],
            Value::List(items) => items
                .iter()
                .filter_map(|item| match &item.value {
                    Value::Text(text) => Some(text.clone()),
                    other => {
                        self.wrong_kind(key, "a list of texts", other);
                        None
                    }
                })
                .collect(),
            other => {
                self.wrong_kind(key, "a text or a list of texts", other);
                Vec::new()
            }
        }
    }

    /// A table under a key, if present.
    pub fn section(&self, key: &str) -> Option<Section<'a>> {
        let node = self.wanted(key, Wanted::Table)?;
        match &node.value {
            Value::Table(_) => {
                Some(Section::new(self.file, self.dotted(key), self.below(key), node, self.problems))
            }
            other => {
                self.wrong_kind(key, "a table", other);
                None
            }
        }
    }

    /// A table, or each of a list of tables such as `[[contract.acme.price]]`, in the order of writing; none when the key
    /// is absent. What is no table is reported with its line.
    pub fn sections(&self, key: &str) -> Vec<Section<'a>> {
        let Some(node) = self.wanted(key, Wanted::Tables) else { return Vec::new() };
        let one = |node: &'a Node| match &node.value {
            Value::Table(_) => {
                Some(Section::new(self.file, self.dotted(key), self.below(key), node, self.problems))
            }
            other => {
                self.wrong_kind(key, "a table or a list of tables", other);
                None
            }
        };
        match &node.value {
            Value::List(items) => items.iter().filter_map(one).collect(),
            _ => one(node).into_iter().collect(),
        }
    }

    /// The named tables under a key: `[metric.aht]`, `[metric.asa]` under `metric`.
    pub fn named_sections(&self, key: &str) -> Vec<(String, Section<'a>)> {
        match self.section(key) {
            None => Vec::new(),
            Some(parent) => parent.children(),
        }
    }

    /// Every key of this section as a table.
    pub fn children(&self) -> Vec<(String, Section<'a>)> {
        self.has_free_keys();
        self.keys()
            .filter_map(|name| {
                self.asked.borrow_mut().insert(name.to_owned());
                let node = self.peek(name)?;
                match &node.value {
                    Value::Table(_) => {
                        let (path, place) = (self.dotted(name), self.below(name));
                        Some((name.to_owned(), Section::new(self.file, path, place, node, self.problems)))
                    }
                    other => {
                        self.wrong_kind(name, "a table", other);
                        None
                    }
                }
            })
            .collect()
    }

    fn below(&self, key: &str) -> String {
        let key = if self.is_free.get() { "*" } else { key };
        if self.place.is_empty() { key.to_owned() } else { format!("{}.{key}", self.place) }
    }

    /// Reports keys that were never asked for, with the nearest known one.
    pub fn finish(&self) {
        let asked = self.asked.borrow();
        for (key, _) in self.entries {
            if asked.contains(key) {
                continue;
            }
            let help = match nearest(key, asked.iter().map(String::as_str)) {
                Some(near) => format!("Did you mean `{near}`?"),
                None => format!(
                    "Known here: {}.",
                    asked.iter().map(|k| format!("`{k}`")).collect::<Vec<_>>().join(", ")
                ),
            };
            self.error(key, "nothing is known by this key.", Some(help));
        }
    }
}

/// The candidate that is most like `name`, when one is close enough to be a slip of the pen.
pub fn nearest<'c>(name: &str, candidates: impl IntoIterator<Item = &'c str>) -> Option<&'c str> {
    candidates
        .into_iter()
        .map(|candidate| {
            // Whoever says `campain` means `campaign_id`: what a key is called is one step from the key.
            let key = candidate.strip_suffix("_id").map_or(usize::MAX, |bare| edits(name, bare) + 1);
            (edits(name, candidate).min(key), candidate)
        })
        .filter(|(distance, candidate)| {
            *distance <= (name.chars().count().max(candidate.chars().count()) / 3).max(1)
        })
        .min()
        .map(|(_, candidate)| candidate)
}

/// Levenshtein distance.
fn edits(a: &str, b: &str) -> usize {
    let b: Vec<char> = b.chars().collect();
    let mut row: Vec<usize> = (0..=b.len()).collect();
    for (i, ca) in a.chars().enumerate() {
        let mut diagonal = row[0];
        row[0] = i + 1;
        for (j, cb) in b.iter().enumerate() {
            let substituted = diagonal + usize::from(ca != *cb);
            diagonal = row[j + 1];
            row[j + 1] = substituted.min(row[j] + 1).min(diagonal + 1);
        }
    }
    row[b.len()]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn all_problems_come_at_once_with_their_lines() {
        let problems = Problems::new();
        let text = "[metric.aht]\nlabel = 3\nkindd = \"ratio\"\n\n[metric.asa]\nlabel = \"ASA\"\n";
        let document = Document::parse("metrics/a.toml", text, &problems).unwrap();
        for (_, section) in document.root(&problems).named_sections("metric") {
            section.text("label");
            section.required_text("kind", "simple or ratio");
            section.finish();
        }
        let found: Vec<String> = problems.into_vec().iter().map(ToString::to_string).collect();
        assert_eq!(
            found,
            [
                "error: metrics/a.toml:1: metric.aht: `kind` is missing. Add `kind = \"...\"`: simple or ratio.",
                "error: metrics/a.toml:2: metric.aht.label: this should be a text in quotes, but is a whole number.",
                "error: metrics/a.toml:3: metric.aht.kindd: nothing is known by this key. Did you mean `kind`?",
                "error: metrics/a.toml:5: metric.asa: `kind` is missing. Add `kind = \"...\"`: simple or ratio.",
            ]
        );
    }

    #[test]
    fn decimals_keep_their_text() {
        let problems = Problems::new();
        let document = Document::parse("a.toml", "rate = 0.10000000000000000001", &problems).unwrap();
        assert_eq!(document.root(&problems).decimal("rate").as_deref(), Some("0.10000000000000000001"));
    }

    #[test]
    fn a_syntax_error_names_its_line() {
        let problems = Problems::new();
        assert!(Document::parse("a.toml", "a = 1\nb = = 2\n", &problems).is_none());
        let problem = problems.into_vec().remove(0);
        assert_eq!(problem.line, 2);
    }

    #[test]
    fn the_nearest_name_is_found_and_a_far_one_is_not() {
        assert_eq!(nearest("convertion_rate", ["conversion_rate", "aht"]), Some("conversion_rate"));
        assert_eq!(nearest("xyz", ["conversion_rate", "aht"]), None);
    }
}

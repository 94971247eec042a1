//! Writes a proposal as TOML that the project reads, with a comment at every guess.

use dialmark_model::source::Format;

use super::assign::{Assigned, SURE};
use super::foreign::{BindLine, OwnColumn};
use super::identity::Proposed;
use super::outcomes::CodeGuess;
use super::reading::Reading;
use super::refine::follows;
use super::sample::Sample;
use crate::records::delimiter_name;

/// What heads a proposed source.
pub struct Head<'a> {
    /// Name of the source.
    pub source: &'a str,
    /// Table that it fills.
    pub table: &'a str,
    /// Name of the file.
    pub file: &'a str,
    /// How it is read.
    pub format: &'a Format,
    /// How records are known again.
    pub identity: &'a Proposed,
    /// Some times are local.
    pub local_times: bool,
    /// Zone to write; otherwise the centre's applies.
    pub zone: Option<&'a str>,
}

/// A text as TOML writes it.
pub fn quoted(text: &str) -> String {
    toml::Value::from(text).to_string()
}

fn list(texts: &[String]) -> String {
    format!("[{}]", texts.iter().map(|t| quoted(t)).collect::<Vec<_>>().join(", "))
}

fn one_or_list(texts: &[String]) -> String {
    match texts {
        [one] => quoted(one),
        several => list(several),
    }
}

/// A key: bare when it may be.
fn key(text: &str) -> String {
    let bare = !text.is_empty() && text.chars().all(|c| c.is_ascii_alphanumeric() || c == '_' || c == '-');
    if bare { text.to_owned() } else { quoted(text) }
}

/// A comment cannot end before its line does.
fn comment(text: &str) -> String {
    format!("# {}", text.replace(|c: char| c.is_control(), " "))
}

/// The section of a source, without its columns.
pub fn source_head(head: &Head<'_>) -> Vec<String> {
    let mut lines = vec![
        format!("[source.{}]", head.source),
        format!("table     = {}", quoted(head.table)),
        format!(
            "files     = [{}]  {}",
            quoted(head.file),
            comment("relative to the project; `*` stands for any text")
        ),
    ];
    lines.extend(format_lines(head.format));
    match (head.zone, head.local_times) {
        (Some(zone), _) => lines.push(format!("zone      = {}", quoted(zone))),
        (None, true) => {
            lines.push(comment("check: the times carry no zone and are read in the centre's. If the system writes another, name it:"));
            lines.push("#zone     = \"Europe/London\"".to_owned());
        }
        (None, false) => {}
    }
    lines.extend(identity_lines(head.identity));
    lines
}

fn format_lines(format: &Format) -> Vec<String> {
    match format {
        Format::Csv { delimiter, encoding, header, .. } => {
            let mut lines = Vec::new();
            if let Some(delimiter) = delimiter {
                lines.push(format!("delimiter = \"{}\"", delimiter_name(*delimiter)));
            }
            if let Some(encoding) = encoding {
                lines.push(format!(
                    "encoding  = {}  {}",
                    quoted(encoding),
                    comment("check: guessed, because the file is not UTF-8")
                ));
            }
            if !header {
                lines.push(format!(
                    "header    = false  {}",
                    comment("check: the first line looks like a record")
                ));
            }
            lines
        }
        Format::JsonLines => vec!["format    = \"jsonl\"".to_owned()],
        Format::Parquet => vec!["format    = \"parquet\"".to_owned()],
    }
}

fn identity_lines(identity: &Proposed) -> Vec<String> {
    match identity {
        Proposed::Id { columns, revision, tried_over } => {
            let mut lines = vec![format!(
                "id        = {}  {}",
                one_or_list(columns),
                comment(&format!("check: tells the first {tried_over} records apart"))
            )];
            if let Some((column, read_as)) = revision {
                let word = read_as.as_deref().unwrap_or("instant");
                lines.push(format!(
                    "revision  = {{ from = {}, as = {} }}  {}",
                    quoted(column),
                    quoted(word),
                    comment(
                        "check: of two deliveries of a record the one with the larger value is the newer"
                    )
                ));
            }
            lines
        }
        Proposed::None(found) => vec![
            comment(&format!("{found} A file therefore supersedes the last file of its name.")),
            "mode      = \"replace\"".to_owned(),
        ],
    }
}

/// The columns of a canonical table.
pub fn columns(source: &str, assigned: &[Assigned]) -> Vec<String> {
    let mut lines = vec![format!("[source.{source}.columns]")];
    let width = assigned.iter().map(|a| a.column.len()).max().unwrap_or(0);
    for field in assigned {
        let mut value = reading_value(&field.reading);
        if let Some((after, lasting)) = follows(field, assigned) {
            let lasting = lasting.map(|l| format!(", lasting = {}", quoted(&l))).unwrap_or_default();
            value = value.trim_end_matches('}').trim_end().to_owned()
                + &format!(", after = {}{lasting} }}", quoted(&after));
        }
        let mut checks = field.reading.check.clone();
        if field.fit < SURE {
            checks.insert(0, "by part of its name".into());
        }
        let note = if checks.is_empty() {
            String::new()
        } else {
            format!("  {}", comment(&format!("check: {}", checks.join("; "))))
        };
        lines.push(format!("{:width$} = {value}{note}", field.column));
    }
    lines
}

fn reading_value(reading: &Reading) -> String {
    if reading.from.len() == 1 && reading.read_as.is_none() && reading.null.is_empty() {
        return one_or_list(&reading.from);
    }
    let mut parts = vec![format!("from = {}", one_or_list(&reading.from))];
    if let Some(word) = &reading.read_as {
        parts.push(format!("as = {}", quoted(word)));
    }
    if !reading.null.is_empty() {
        parts.push(format!("null = {}", list(&reading.null)));
    }
    format!("{{ {} }}", parts.join(", "))
}

/// A table of one's own with its source's columns, and a binding to be completed.
pub fn own_table(
    head: &Head<'_>,
    columns: &[OwnColumn],
    placed_by: &[String],
    currency: Option<&str>,
    bind: &[BindLine],
) -> Vec<String> {
    let mut lines = source_head(head);
    let width = columns.iter().map(|c| c.name.len()).max().unwrap_or(0).max(8);
    lines.extend([String::new(), format!("[source.{}.columns]", head.source)]);
    for column in columns {
        let note = match column.reading.check.as_slice() {
            [] => String::new(),
            checks => format!("  {}", comment(&format!("check: {}", checks.join("; ")))),
        };
        lines.push(format!("{:width$} = {}{note}", column.name, reading_value(&column.reading)));
    }
    if let Some(currency) = currency {
        lines.push(format!("{:width$} = {{ const = {} }}", "currency", quoted(currency)));
    }
    lines.extend([
        String::new(),
        format!("[table.{}]", head.table),
        format!(
            "about     = {}  {}",
            quoted(&format!("One row of {}.", head.file)),
            comment("say what one row is")
        ),
        format!(
            "placed_by = {}  {}",
            list(placed_by),
            comment("columns that place a row in time; empty without a clock")
        ),
        format!("[table.{}.columns]", head.table),
    ]);
    for column in columns {
        lines.push(format!("{:width$} = {}", column.name, quoted(column.kind.word())));
    }
    if currency.is_some() {
        lines.push(format!("{:width$} = \"code\"", "currency"));
    }
    lines.extend([
        String::new(),
        comment(
            "How measures are read from this table; `dialmark check` then lists the metrics that it allows.",
        ),
        format!("#[bind.{}]", head.table),
    ]);
    if bind.is_empty() {
        lines.push("#dials = \"count\"".to_owned());
    }
    lines.extend(bind.iter().map(|line| format!("#{} = {}", line.measure, quoted(&line.formula))));
    lines
}

/// A file of meanings for result codes.
pub fn dispositions(codes: &[CodeGuess], sample: &Sample) -> String {
    let mut lines = vec![
        comment(&format!(
            "Result codes of the first {} records. Correct what is wrong and fill in what is open;",
            sample.rows.len()
        )),
        comment("a code without a meaning is counted and listed, never guessed."),
        "[disposition]".to_owned(),
    ];
    let width = codes.iter().map(|c| key(&c.code).len()).max().unwrap_or(0).min(40);
    for code in codes {
        let (mark, means, doubt) = match code.means {
            Some(outcome) => ("", outcome.word(), "check: by its name"),
            None => ("#", "", "which of the meanings?"),
        };
        lines.push(format!(
            "{mark}{:width$} = {}  {}",
            key(&code.code),
            quoted(means),
            comment(&format!("{doubt}; {} records", code.seen))
        ));
    }
    lines.push(String::new());
    lines.join("\n")
}

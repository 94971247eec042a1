//! Writes a proposal as TOML that the project reads, with a comment at every guess.

use dialmark_model::source::Format;

use super::assign::{Assigned, SURE};
use super::foreign::{BindLine, OwnColumn};
use super::identity::Proposed;
use super::line::{Line, comment, comments};
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
    /// Why that one.
    pub why_table: &'a str,
    /// Name of the file.
    pub file: &'a str,
    /// Pattern of file names under which an import finds it.
    pub pattern: &'a str,
    /// How it is read.
    pub format: &'a Format,
    /// How records are known again.
    pub identity: &'a Proposed,
    /// Some times are local.
    pub local_times: bool,
    /// Zone to write; otherwise the centre's applies.
    pub zone: Option<&'a str>,
}

/// What is said of local times, wherever the zone is not known.
pub const NO_ZONE: &str =
    "The times carry no zone; they are read in the centre's zone unless the mapping names another.";

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

/// The section of a source, without its columns.
pub fn source_head(head: &Head<'_>) -> Vec<Line> {
    let mut lines = vec![
        Line::from(format!("[source.{}]", head.source)),
        Line::because(&format!("table     = {}", quoted(head.table)), head.why_table),
        Line::because(
            &format!("files     = [{}]", quoted(head.pattern)),
            "relative to the project; `*` stands for any text",
        ),
    ];
    lines.extend(format_lines(head.format));
    match (head.zone, head.local_times) {
        (Some(zone), _) => {
            lines.push(Line::because(&format!("zone      = {}", quoted(zone)), "as asked for"))
        }
        (None, true) => {
            lines.push(Line::doubtful(
                comment("check: the times carry no zone and are read in the centre's. If the system writes another, name it:"),
                "zone",
                NO_ZONE,
            ));
            lines.push(Line::from("#zone     = \"Europe/London\""));
        }
        (None, false) => {}
    }
    lines.extend(identity_lines(head.identity));
    lines
}

fn format_lines(format: &Format) -> Vec<Line> {
    match format {
        Format::Csv { delimiter, encoding, header, .. } => {
            let mut lines = Vec::new();
            if let Some(delimiter) = delimiter {
                let line = format!("delimiter = \"{}\"", delimiter_name(*delimiter));
                lines.push(Line::because(&line, "by the first lines"));
            }
            if let Some(encoding) = encoding {
                let line = format!("encoding  = {}", quoted(encoding));
                lines.push(Line::to_check(&line, "encoding", "guessed, because the file is not UTF-8"));
            }
            if !header {
                let doubt = "the first line looks like a record";
                lines.push(Line::to_check("header    = false", "header", doubt));
            }
            lines
        }
        Format::JsonLines => vec![Line::because("format    = \"jsonl\"", "by the first line")],
        Format::Parquet => vec![Line::because("format    = \"parquet\"", "by the first bytes")],
        Format::Xlsx { sheet } => {
            let mut lines = vec![Line::because("format    = \"xlsx\"", "by the first bytes")];
            if let Some(sheet) = sheet {
                let text = format!("sheet     = {}", quoted(sheet));
                lines.push(Line::to_check(&text, "sheet", "the one with the most rows of several"));
            }
            lines
        }
        Format::Pack { pack, .. } => {
            vec![Line::because(&format!("pack      = \"{pack}\""), "by the first lines")]
        }
    }
}

fn identity_lines(identity: &Proposed) -> Vec<Line> {
    match identity {
        Proposed::Id { columns, revision, why, doubtful } => {
            let text = format!("id        = {}", one_or_list(columns));
            let mut lines = vec![match doubtful {
                true => Line::to_check(&text, "id", why),
                false => Line::because(&text, &format!("by its name; {why}")),
            }];
            if let Some((column, read_as)) = revision {
                let word = read_as.as_deref().unwrap_or("instant");
                lines.push(Line::to_check(
                    &format!("revision  = {{ from = {}, as = {} }}", quoted(column), quoted(word)),
                    "revision",
                    "of two deliveries of a record the one with the larger value is the newer",
                ));
            }
            lines
        }
        Proposed::None(found) => {
            let mut lines = comments(&format!("check: {found}"));
            lines.push(Line::doubtful("mode      = \"replace\"".to_owned(), "mode", found));
            lines
        }
    }
}

/// The columns of a canonical table.
pub fn columns(source: &str, assigned: &[Assigned]) -> Vec<Line> {
    let mut lines = vec![Line::from(format!("[source.{source}.columns]"))];
    let width = assigned.iter().map(|a| a.column.len()).max().unwrap_or(0);
    for field in assigned {
        let after = follows(field, assigned).map(|(after, lasting)| {
            let lasting = lasting.map(|l| format!(", lasting = {}", quoted(&l))).unwrap_or_default();
            format!("after = {}{lasting}", quoted(&after))
        });
        let text = format!("{:width$} = {}", field.column, reading_value(&field.reading, after));
        let mut checks = field.reading.check.clone();
        if field.fit < SURE {
            checks.insert(0, "by part of its name".into());
        }
        lines.push(match checks.as_slice() {
            [] => Line::because(&text, &reason(field)),
            checks => Line::to_check(&text, &field.column, &checks.join("; ")),
        });
    }
    lines
}

/// Why a column of the file fills this column of the table.
pub fn reason(field: &Assigned) -> String {
    let name = if field.fit >= SURE { "by its name" } else { "by part of its name" };
    format!("{name}{}", field.reading.reason)
}

/// Why a column of a table of the project's own is of its kind.
pub fn own_reason(column: &OwnColumn) -> String {
    let reason = column.reading.reason.as_str();
    match reason.strip_prefix(" and values") {
        Some(detail) => format!("by its values{detail}"),
        None if reason.is_empty() => "by its values".to_owned(),
        None => format!("by its name{reason}"),
    }
}

fn reading_value(reading: &Reading, more: Option<String>) -> String {
    let plain = reading.read_as.is_none() && reading.null.is_empty() && reading.values.is_empty();
    if reading.from.len() == 1 && plain && more.is_none() {
        return one_or_list(&reading.from);
    }
    let mut parts = vec![format!("from = {}", one_or_list(&reading.from))];
    if let Some(word) = &reading.read_as {
        parts.push(format!("as = {}", quoted(word)));
    }
    if !reading.null.is_empty() {
        parts.push(format!("null = {}", list(&reading.null)));
    }
    if !reading.values.is_empty() {
        let pairs = reading.values.iter().map(|(from, to)| format!("{} = {}", key(from), quoted(to)));
        parts.push(format!("values = {{ {} }}", pairs.collect::<Vec<_>>().join(", ")));
    }
    parts.extend(more);
    format!("{{ {} }}", parts.join(", "))
}

/// A table of one's own with its source's columns, and a binding to be completed.
pub fn own_table(
    head: &Head<'_>,
    columns: &[OwnColumn],
    placed_by: &[String],
    currency: Option<&str>,
    bind: &[BindLine],
) -> Vec<Line> {
    let mut lines = source_head(head);
    let width = columns.iter().map(|c| c.name.len()).max().unwrap_or(0).max(8);
    lines.extend([Line::from(""), Line::from(format!("[source.{}.columns]", head.source))]);
    for column in columns {
        let text = format!("{:width$} = {}", column.name, reading_value(&column.reading, None));
        lines.push(match column.reading.check.as_slice() {
            [] => Line::because(&text, &own_reason(column)),
            checks => Line::to_check(&text, &column.name, &checks.join("; ")),
        });
    }
    if let Some(currency) = currency {
        let text = format!("{:width$} = {{ const = {} }}", "currency", quoted(currency));
        lines.push(Line::because(&text, "the centre's, because the file names none"));
    }
    lines.extend([
        Line::from(""),
        Line::from(format!("[table.{}]", head.table)),
        Line::because(
            &format!("about     = {}", quoted(&format!("One row of {}.", head.file))),
            "say what one row is",
        ),
        Line::because(
            &format!("placed_by = {}", list(placed_by)),
            "columns that place a row in time; empty without a clock",
        ),
        Line::from(format!("[table.{}.columns]", head.table)),
    ]);
    for column in columns {
        lines.push(Line::from(format!("{:width$} = {}", column.name, quoted(column.kind.word()))));
    }
    if currency.is_some() {
        lines.push(Line::from(format!("{:width$} = \"code\"", "currency")));
    }
    lines.extend([
        Line::from(""),
        Line::from(comment(
            "How measures are read from this table; `dialmark check` then lists the metrics that it allows.",
        )),
        Line::from(format!("#[bind.{}]", head.table)),
    ]);
    if bind.is_empty() {
        lines.extend([
            Line::from(comment(
                "No column says which measures these are. Were each row a dial, it would be:",
            )),
            Line::from("#dials = \"count\""),
        ]);
    }
    lines
        .extend(bind.iter().map(|line| Line::from(format!("#{} = {}", line.measure, quoted(&line.formula)))));
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

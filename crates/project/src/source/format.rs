//! The shape of a source's files.

use dialmark_model::declared::{Section, nearest};
use dialmark_model::source::Format;

/// Keys that describe text with separators and mean nothing for other formats.
const CSV_KEYS: [&str; 4] = ["delimiter", "quote", "encoding", "header"];

pub(super) fn read(section: &Section<'_>) -> Option<Format> {
    let word = if section.has("format") { section.text("format")? } else { "csv".to_owned() };
    match word.as_str() {
        "csv" => read_csv(section),
        "jsonl" => plain(section, "jsonl", Format::JsonLines),
        "parquet" => plain(section, "parquet", Format::Parquet),
        _ => {
            let help = match nearest(&word, ["csv", "jsonl", "parquet"]) {
                Some(near) => format!("Did you mean `{near}`?"),
                None => "Known formats: `csv` (any separator), `jsonl`, `parquet`.".to_owned(),
            };
            section.error("format", format!("`{word}` is not a format that can be read."), Some(help));
            for key in CSV_KEYS {
                section.node(key);
            }
            None
        }
    }
}

fn plain(section: &Section<'_>, word: &str, format: Format) -> Option<Format> {
    let mut sound = true;
    for key in CSV_KEYS {
        if section.node(key).is_some() {
            section.error(
                key,
                format!("`{key}` means nothing for the format `{word}`."),
                Some("Remove it, or write `format = \"csv\"`.".to_owned()),
            );
            sound = false;
        }
    }
    sound.then_some(format)
}

fn read_csv(section: &Section<'_>) -> Option<Format> {
    let delimiter =
        one_byte(section, "delimiter", "Write `\"\\t\"` for tab; leave the key out to have it detected.");
    let quote = one_byte(section, "quote", "The usual one is `quote = \"\\\"\"`, which need not be written.");
    let encoding = encoding(section);
    let header = section.flag("header");
    if let (Ok(Some(delimiter)), Ok(quote)) = (&delimiter, &quote)
        && *delimiter == quote.unwrap_or(b'"')
    {
        section.error("delimiter", "the separator and the quotation mark are the same.", None);
        return None;
    }
    if section.has("header") && header.is_none() {
        return None;
    }
    Some(Format::Csv {
        delimiter: delimiter.ok()?,
        quote: quote.ok()?,
        encoding: encoding.ok()?,
        header: header.unwrap_or(true),
    })
}

/// A problem was reported.
struct Reported;

fn one_byte(section: &Section<'_>, key: &str, help: &str) -> Result<Option<u8>, Reported> {
    if !section.has(key) {
        section.node(key);
        return Ok(None);
    }
    let text = section.text(key).ok_or(Reported)?;
    match text.as_bytes() {
        [byte] if byte.is_ascii() && !matches!(byte, b'\r' | b'\n' | 0) => Ok(Some(*byte)),
        _ => {
            section.error(key, format!("{text:?} is not one ASCII character."), Some(help.to_owned()));
            Err(Reported)
        }
    }
}

fn encoding(section: &Section<'_>) -> Result<Option<String>, Reported> {
    if !section.has("encoding") {
        section.node("encoding");
        return Ok(None);
    }
    let label = section.text("encoding").ok_or(Reported)?;
    match encoding_rs::Encoding::for_label(label.as_bytes()) {
        Some(encoding) => Ok(Some(encoding.name().to_ascii_lowercase())),
        None => {
            section.error(
                "encoding",
                format!("`{label}` is not an encoding that can be read."),
                Some(
                    "Common ones: `utf-8`, `windows-1252` (Western Europe), `windows-1250`, `windows-1251`, `utf-16le`, `shift_jis`."
                        .to_owned(),
                ),
            );
            Err(Reported)
        }
    }
}

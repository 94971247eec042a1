//! The shape of a source's files.

use dialmark_model::declared::{Section, nearest};
use dialmark_model::source::Format;

/// Keys that describe one format and mean nothing for the others.
const KEYS: [(&str, &str); 5] =
    [("delimiter", "csv"), ("quote", "csv"), ("encoding", "csv"), ("header", "csv"), ("sheet", "xlsx")];

pub(super) fn read(section: &Section<'_>) -> Option<Format> {
    let word = if section.has("format") { section.text("format")? } else { "csv".to_owned() };
    match word.as_str() {
        "csv" => read_csv(section),
        "jsonl" => plain(section, "jsonl", Format::JsonLines),
        "parquet" => plain(section, "parquet", Format::Parquet),
        "xlsx" => read_xlsx(section),
        _ => {
            let help = match nearest(&word, ["csv", "jsonl", "parquet", "xlsx"]) {
                Some(near) => format!("Did you mean `{near}`?"),
                None if ["excel", "xls", "xlsm"].contains(&word.as_str()) => {
                    "Excel workbooks are `xlsx`; save older ones as such.".to_owned()
                }
                None => "Known formats: `csv` (any separator), `jsonl`, `parquet`, `xlsx`.".to_owned(),
            };
            section.error("format", format!("`{word}` is not a format that can be read."), Some(help));
            for (key, _) in KEYS {
                section.node(key);
            }
            None
        }
    }
}

fn plain(section: &Section<'_>, word: &str, format: Format) -> Option<Format> {
    has_no_keys_of_others(section, word).then_some(format)
}

/// Whether no key is there that describes another format than this one.
fn has_no_keys_of_others(section: &Section<'_>, word: &str) -> bool {
    let mut sound = true;
    for (key, of) in KEYS.iter().filter(|(_, of)| *of != word) {
        if section.has(key) {
            section.node(key);
            section.error(
                key,
                format!("`{key}` means nothing for the format `{word}`."),
                Some(format!("Remove it, or write `format = \"{of}\"`.")),
            );
            sound = false;
        }
    }
    sound
}

fn read_xlsx(section: &Section<'_>) -> Option<Format> {
    let sound = has_no_keys_of_others(section, "xlsx");
    if !section.has("sheet") {
        return sound.then_some(Format::Xlsx { sheet: None });
    }
    let sheet = section.text("sheet")?;
    if sheet.trim().is_empty() {
        section.error(
            "sheet",
            "an empty text names no sheet.",
            Some("Remove the line where the workbook has only one sheet with rows.".to_owned()),
        );
        return None;
    }
    sound.then_some(Format::Xlsx { sheet: Some(sheet) })
}

fn read_csv(section: &Section<'_>) -> Option<Format> {
    let delimiter =
        one_byte(section, "delimiter", "Write `\"\\t\"` for tab; leave the key out to have it detected.");
    let quote = one_byte(section, "quote", "The usual one is `quote = \"\\\"\"`, which need not be written.");
    let encoding = encoding(section);
    let header = section.flag("header");
    let sound = has_no_keys_of_others(section, "csv");
    if let (Ok(Some(delimiter)), Ok(quote)) = (&delimiter, &quote)
        && *delimiter == quote.unwrap_or(b'"')
    {
        section.error("delimiter", "the separator and the quotation mark are the same.", None);
        return None;
    }
    if section.has("header") && header.is_none() {
        return None;
    }
    if !sound {
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

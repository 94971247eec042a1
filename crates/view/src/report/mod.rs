//! Reports as letters: the same sections as text and as HTML that mail programs show, with pictures and a workbook.
//!
//! Nothing in a letter comes from elsewhere: no script, no style sheet, no picture that is fetched. What the morning sheet says
//! are the words of the page of today.

mod html;
mod morning;
mod pack;
mod picture;
mod png;
mod returned;
mod text;
mod workbook;

use dialmark_govern::report::{Content, Lacking, Told};
use dialmark_model::civil;
use jiff::tz::TimeZone;

use crate::{parts, when};

/// A letter before it is sealed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Rendered {
    /// What it is about, in a line.
    pub subject: String,
    /// It in plain text.
    pub text: String,
    /// It as HTML.
    pub html: String,
    /// PNG pictures in the HTML, by the names under which it shows them.
    pub pictures: Vec<(String, Vec<u8>)>,
    /// Files beside it.
    pub files: Vec<File>,
}

/// A file beside a letter.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct File {
    /// Its name, with its ending.
    pub name: String,
    /// Its media type.
    pub media_type: &'static str,
    /// Its bytes.
    pub bytes: Vec<u8>,
}

const XLSX: &str = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet";
const CSV: &str = "text/csv";

/// A part of a letter.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
struct Section {
    title: String,
    table: Option<Table>,
    pictures: Vec<Picture>,
    says: Vec<String>,
}

/// A table of a letter.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
struct Table {
    head: Vec<String>,
    rows: Vec<Vec<String>>,
}

/// A picture of a letter.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Picture {
    /// By which the HTML names it.
    name: String,
    /// What it shows, for those who do not see it.
    says: String,
    png: Vec<u8>,
    width: usize,
    height: usize,
}

/// The letter of a report. A test differs from what is sent by a mark in the subject and nothing else.
pub fn render(content: &Content, is_test: bool) -> Result<Rendered, String> {
    let (lead, sections, files) = match &content.told {
        Told::Morning(today) => {
            (morning::lead(today), morning::sections(today), morning::files(content, today)?)
        }
        Told::Pack(pack) => (pack::lead(pack), pack::sections(content, pack), pack::files(content, pack)?),
        Told::Returned(found) => {
            (returned::lead(content, found), returned::sections(found), returned::files(content, found))
        }
    };
    let title = format!("{}, {}", content.label, when::day(content.day));
    let lacking = lacking(content);
    let foot = format!(
        "{}. Told as of {}, times in {}.",
        content.centre,
        when::instant(content.at, &zone(content)),
        content.zone
    );
    let letter = Letter { title: &title, lacking: &lacking, lead: &lead, sections: &sections, foot: &foot };
    Ok(Rendered {
        subject: format!("{}{title}", if is_test { "[Test] " } else { "" }),
        text: text::text(&letter),
        html: html::html(&letter),
        pictures: sections
            .iter()
            .flat_map(|section| &section.pictures)
            .map(|picture| (picture.name.clone(), picture.png.clone()))
            .collect(),
        files,
    })
}

/// What both forms of a letter are made of.
struct Letter<'a> {
    title: &'a str,
    lacking: &'a [String],
    lead: &'a [String],
    sections: &'a [Section],
    foot: &'a str,
}

fn zone(content: &Content) -> TimeZone {
    civil::zone(&content.zone).unwrap_or(TimeZone::UTC)
}

fn lacking(content: &Content) -> Vec<String> {
    content.lacking.iter().map(|one| lacking_says(one, &zone(content))).collect()
}

/// What is missing, in a sentence.
pub fn lacking_says(one: &Lacking, zone: &TimeZone) -> String {
    format!(
        "Records are missing: in {}, first at {}, `{}` delivered less than a fifth of the usual records of `{}`.",
        parts::counted(one.hours, "hour", "hours"),
        when::instant(one.first, zone),
        one.source,
        one.table
    )
}

/// A name that every file system takes.
fn file_name(content: &Content, ending: &str) -> String {
    let plain: String = content
        .label
        .chars()
        .map(|c| if c.is_ascii_alphanumeric() { c.to_ascii_lowercase() } else { '-' })
        .collect();
    let words: Vec<&str> = plain.split('-').filter(|word| !word.is_empty()).collect();
    format!("{}-{}.{ending}", words.join("-"), content.day)
}

#[cfg(test)]
mod tests;

//! `[source.NAME]` in `sources/*.toml`: where records come from and how their columns become facts.

mod field;
mod format;
mod identity;
mod order;
mod packed;
mod pattern;
mod pull;
mod reading;
mod webhook;

use dialmark_model::Table;
use dialmark_model::declared::{Section, nearest};
use dialmark_model::secret;
use dialmark_model::source::{Field, Format, Source};
use dialmark_model::table::system_columns;
use dialmark_model::webhook::Webhook;

use crate::centre::{country, zone_name};
use crate::names::{self, Names, quoted};
use crate::own_table::{Found, Tables};

pub(crate) use secret::read as read_secret;

/// What holds for sources that say nothing else. The zone is missing only when `dialmark.toml` has errors of its own.
#[derive(Clone, Copy)]
pub(crate) struct Usual<'a> {
    pub zone: Option<&'a str>,
    pub country: Option<&'a str>,
}

impl Usual<'_> {
    fn zone_of(self, section: &Section<'_>) -> Option<String> {
        if section.has("zone") { zone_name(section, "zone") } else { self.zone.map(str::to_owned) }
    }

    fn country_of(self, section: &Section<'_>) -> Option<String> {
        if section.has("country") { country(section) } else { self.country.map(str::to_owned) }
    }
}

/// Reads every `[source.*]` of one file.
pub(crate) fn read(root: &Section<'_>, usual: Usual<'_>, tables: &Tables, names: &mut Names) -> Vec<Source> {
    let mut sources = Vec::new();
    for (name, section) in root.named_sections("source") {
        let first = names.note(&section, "", "source", &name);
        if section.has("pack") {
            let packed = packed::read(&name, &section, usual, tables, names);
            sources.extend(packed.into_iter().filter(|_| first));
            continue;
        }
        let source = read_source(&name, &section, usual, tables);
        if let (true, Some(source)) = (first, source) {
            sources.push(source);
        }
    }
    sources
}

fn read_source(name: &str, section: &Section<'_>, usual: Usual<'_>, tables: &Tables) -> Option<Source> {
    // Everything is read before anything is given up, so that all problems of a source come at once.
    let sound_name = names::is_sound(section, "", name);
    let table = section
        .required_text("table", "the table that the records go to, such as `calls`")
        .map(|table| find_table(section, &table, tables));
    let files = section.texts("files");
    let sound_files = patterns_are_sound(section, &files);
    let pulled = pulled(section);
    let is_pulled = !matches!(pulled, Pulled::No);
    let format = match &pulled {
        Pulled::No => format::read(section),
        // What was pulled is written down as JSON lines on its way.
        Pulled::Broken | Pulled::From(_) => format_of_pulled(section),
    };
    let zone = usual.zone_of(section);
    let country = usual.country_of(section);
    let identity = identity::read(section);
    let pull = match (pulled, &identity) {
        (Pulled::No, _) => Some(None),
        (Pulled::From(declared), Some(identity)) => declared.of_source(section, identity).map(Some),
        (Pulled::Broken | Pulled::From(_), _) => None,
    };
    let webhook = webhook_of(section).filter(|webhook| match (webhook, &identity, &format) {
        (Some(_), Some(identity), Some(format)) => webhook::fits(section, identity, format, is_pulled),
        // There is none, or something else is wrong.
        _ => true,
    });
    let columns = section.section("columns");
    if columns.is_none() && !section.has("columns") {
        section.error(
            "",
            "nothing says how the columns are read.",
            Some(format!(
                "Add `[source.{name}.columns]` with lines such as `agent_id = \"agent\"`; `dialmark map FILE` proposes them."
            )),
        );
    }
    section.finish();

    let table = table?;
    let fields = columns.and_then(|columns| match table {
        Some(table) => read_fields(&columns, table),
        // The table is unknown or broken, which is reported; against what would the columns be checked?
        None => None,
    });
    let (table, fields) = (table?, fields?);
    let placed = can_be_placed(section, table, &fields);
    if !(sound_name && sound_files && placed) {
        return None;
    }
    Some(Source {
        name: name.to_owned(),
        table: table.clone(),
        files,
        pull: pull?,
        webhook: webhook?,
        format: format?,
        zone: zone?,
        country,
        identity: identity?,
        fields,
        declared_in: section.file().to_owned(),
    })
}

/// Whether a source is pulled from a database.
enum Pulled {
    No,
    /// It is meant to be, and the section is wrong, which was reported.
    Broken,
    From(Box<pull::Declared>),
}

fn pulled(section: &Section<'_>) -> Pulled {
    if !section.has("pull") {
        return Pulled::No;
    }
    let declared = section.section("pull").and_then(|inner| pull::read(&inner));
    if section.has("files") {
        section.error(
            "files",
            "records come from files or from a database, not from both.",
            Some("Remove `files` or `[source.NAME.pull]`; two sources may go to one table.".to_owned()),
        );
        return Pulled::Broken;
    }
    declared.map_or(Pulled::Broken, |declared| Pulled::From(Box::new(declared)))
}

/// The outer `None` is a problem.
fn webhook_of(section: &Section<'_>) -> Option<Option<Webhook>> {
    match section.has("webhook") {
        true => section.section("webhook").and_then(|inner| webhook::read(&inner)).map(Some),
        false => Some(None),
    }
}

fn format_of_pulled(section: &Section<'_>) -> Option<Format> {
    let mut sound = true;
    for key in ["format", "delimiter", "quote", "encoding", "header"] {
        if section.has(key) {
            section.node(key);
            section.error(
                key,
                format!("`{key}` means nothing for records that are pulled."),
                Some("Remove it.".to_owned()),
            );
            sound = false;
        }
    }
    sound.then_some(Format::JsonLines)
}

fn find_table<'t>(section: &Section<'_>, name: &str, tables: &'t Tables) -> Option<&'t Table> {
    match tables.find(name) {
        Found::Table(table) => Some(table),
        Found::Broken => None,
        Found::Unknown(near) => {
            let help = match near {
                Some(near) => format!("Did you mean `{near}`?"),
                None => format!(
                    "Name a built-in table such as `calls` (`dialmark tables` lists them), or declare `[table.{name}]`."
                ),
            };
            section.error("table", format!("there is no table `{name}`."), Some(help));
            None
        }
    }
}

fn patterns_are_sound(section: &Section<'_>, files: &[String]) -> bool {
    let empty = files.iter().any(|pattern| pattern.trim().is_empty());
    if empty {
        section.error(
            "files",
            "an empty text names no file.",
            Some("Write a path relative to the project, such as `exports/calls-*.csv`.".to_owned()),
        );
    }
    !empty
}

/// The fields in the order of the table's columns.
fn read_fields(columns: &Section<'_>, table: &Table) -> Option<Vec<Field>> {
    let mut sound = true;
    let mut fields = Vec::new();
    columns.has_free_keys();
    for name in columns.keys() {
        match table.columns.iter().position(|column| column.name == name) {
            Some(at) => match table.columns.get(at).and_then(|column| field::read(columns, column)) {
                Some(field) => fields.push((at, field)),
                None => sound = false,
            },
            None => {
                report_unknown_column(columns, name, table);
                sound = false;
            }
        }
    }
    if columns.keys().next().is_none() {
        columns.error(
            "",
            "no column is filled.",
            Some("Add lines such as `agent_id = \"agent\"`.".to_owned()),
        );
        sound = false;
    }
    fields.sort_by_key(|(at, _)| *at);
    let fields: Vec<Field> = fields.into_iter().map(|(_, field)| field).collect();
    // A field with mistakes is missing here; references to it would be reported as wrong without being so.
    (sound && order::is_sound(columns, table, &fields)).then_some(fields)
}

fn report_unknown_column(columns: &Section<'_>, name: &str, table: &Table) {
    if system_columns().iter().any(|column| column.name == name) {
        columns.error(
            name,
            format!("`{name}` is filled by Dialmark itself."),
            Some("Identifiers and revisions are declared with `id` and `revision` on the source.".to_owned()),
        );
        return;
    }
    let known = || table.columns.iter().map(|column| column.name.as_ref());
    let help = match nearest(name, known()) {
        Some(near) => format!("Did you mean `{near}`?"),
        None => format!("Its columns: {}.", quoted(known())),
    };
    columns.error(name, format!("the table `{}` has no column `{name}`.", table.name), Some(help));
}

/// Without a time every row of a table with a clock would be quarantined.
fn can_be_placed(section: &Section<'_>, table: &Table, fields: &[Field]) -> bool {
    let placed = table.placed_by.is_empty()
        || table.placed_by.iter().any(|name| fields.iter().any(|field| field.column == name.as_ref()));
    if !placed {
        section.error(
            "columns",
            format!("no row could be placed in time: no column that places rows of `{}` is filled.", table.name),
            Some(format!(
                "Fill one of {}; records without a time belong in a table of their own with `placed_by = []`.",
                quoted(table.placed_by.iter().map(AsRef::as_ref))
            )),
        );
    }
    placed
}

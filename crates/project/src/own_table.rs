//! `[table.NAME]` in `sources/*.toml`: a table for a foreign shape, which is bound, not bent.

use dialmark_model::declared::{Section, Value, nearest};
use dialmark_model::table::system_columns;
use dialmark_model::{Column, Kind, Table, facts};

use crate::names::{self, Names, quoted};

/// The tables that a project declares.
#[derive(Debug, Default)]
pub(crate) struct Tables {
    sound: Vec<Table>,
    declared: Names,
}

/// What is known of a table's name.
pub(crate) enum Found<'t> {
    /// It is canonical or soundly declared.
    Table(&'t Table),
    /// It is declared, with mistakes that are reported at the declaration.
    Broken,
    /// Nothing is known by this name; the nearest name if there is one.
    Unknown(Option<String>),
}

impl Tables {
    /// The table of this name, canonical or own.
    pub(crate) fn find(&self, name: &str) -> Found<'_> {
        if let Some(table) = facts::table(name).or_else(|| self.sound.iter().find(|t| t.name == name)) {
            return Found::Table(table);
        }
        if self.declared.has(name) {
            return Found::Broken;
        }
        let known = facts::tables().iter().map(|t| t.name.as_ref()).chain(self.declared.iter());
        Found::Unknown(nearest(name, known).map(str::to_owned))
    }

    pub(crate) fn into_vec(mut self) -> Vec<Table> {
        self.sound.sort_by(|a, b| a.name.cmp(&b.name));
        self.sound
    }
}

/// Reads every `[table.*]` of one file.
pub(crate) fn read(root: &Section<'_>, tables: &mut Tables) {
    for (name, section) in root.named_sections("table") {
        let first = tables.declared.note(&section, "", "table", &name);
        let table = read_table(&name, &section);
        if let (true, Some(table)) = (first, table) {
            tables.sound.push(table);
        }
    }
}

fn read_table(name: &str, section: &Section<'_>) -> Option<Table> {
    let mut sound = names::is_sound(section, "", name);
    if facts::table(name).is_some() {
        section.error(
            "",
            format!("`{name}` is a canonical table, which every project has."),
            Some("Choose another name, or map a source to it as it is.".to_owned()),
        );
        sound = false;
    }
    let about =
        section.text("about").unwrap_or_else(|| format!("Rows of `{name}`, as the project declares it."));
    let placed_by = section.texts("placed_by");
    let columns = match section.section("columns") {
        Some(columns) => read_columns(&columns),
        None => {
            if !section.has("columns") {
                section.error(
                    "",
                    "the table has no columns.",
                    Some(format!("Add `[table.{name}.columns]` with lines such as `dials = \"integer\"`.")),
                );
            }
            None
        }
    };
    section.finish();
    let columns = columns?;
    sound &= placing_columns_are_times(section, &placed_by, &columns);
    sound.then(|| Table::own(name, &about, &placed_by, columns))
}

fn read_columns(section: &Section<'_>) -> Option<Vec<Column>> {
    section.has_free_keys();
    let read: Vec<Option<Column>> = section.keys().map(|name| read_column(section, name)).collect();
    if read.is_empty() {
        section.error(
            "",
            "the table has no columns.",
            Some("Add a line such as `dials = \"integer\"`.".to_owned()),
        );
        return None;
    }
    let columns: Option<Vec<Column>> = read.into_iter().collect();
    let columns = columns?;
    let money = columns.iter().find(|c| c.kind == Kind::Amount);
    if let Some(money) = money
        && !columns.iter().any(|c| c.name == "currency")
    {
        section.error(
            &money.name,
            "money needs its currency beside it.",
            Some(
                "Add the column `currency = \"code\"`; a source without one can fill it with `{ const = \"GBP\" }`."
                    .to_owned(),
            ),
        );
        return None;
    }
    Some(columns)
}

fn read_column(columns: &Section<'_>, name: &str) -> Option<Column> {
    let (kind, about, personal) = match columns.node(name).map(|node| &node.value) {
        Some(Value::Text(word)) => (kind(columns, name, word), None, false),
        Some(Value::Table(_)) => {
            let column = columns.section(name)?;
            let word = column.required_text("kind", "what the column holds, such as `integer`");
            let about = column.text("about");
            let personal = column.flag("personal").unwrap_or_default();
            column.finish();
            (kind(&column, "kind", &word?), about, personal)
        }
        _ => {
            columns.error(
                name,
                "a column is declared by a kind or a table.",
                Some(
                    "Write `NAME = \"integer\"` or `NAME = { kind = \"integer\", about = \"What it is.\" }`."
                        .to_owned(),
                ),
            );
            return None;
        }
    };
    let kind = kind?;
    let sound =
        names::is_sound(columns, name, name) && is_free(columns, name) && unit_fits(columns, name, kind);
    let about = about.unwrap_or_else(|| format!("Column `{name}`, as the project declares it."));
    let column = Column::own(name, kind, about);
    sound.then(|| if personal { column.of_a_person() } else { column })
}

fn kind(section: &Section<'_>, key: &str, word: &str) -> Option<Kind> {
    let kind = Kind::from_word(word);
    if kind.is_none() {
        let words = || Kind::ALL.into_iter().map(Kind::word);
        let help = match nearest(word, words()) {
            Some(near) => format!("Did you mean `{near}`?"),
            None => format!("Known kinds: {}.", quoted(words())),
        };
        section.error(key, format!("`{word}` is not a kind of column."), Some(help));
    }
    kind
}

fn is_free(section: &Section<'_>, name: &str) -> bool {
    let taken = system_columns().iter().any(|c| c.name == name);
    if taken {
        section.error(
            name,
            format!("every table has a column `{name}` already, which Dialmark fills itself."),
            Some("Choose another name.".to_owned()),
        );
    }
    !taken
}

/// Units stand in names, so that nobody ever adds seconds to milliseconds.
const SUFFIXES: [(Kind, &str); 4] =
    [(Kind::Instant, "_at"), (Kind::Day, "_on"), (Kind::Duration, "_ms"), (Kind::Amount, "_amount")];

fn unit_fits(section: &Section<'_>, name: &str, kind: Kind) -> bool {
    let by_kind = SUFFIXES.iter().find(|(k, _)| *k == kind).map(|(_, suffix)| *suffix);
    let by_name = SUFFIXES.iter().find(|(_, suffix)| name.ends_with(suffix));
    match (by_kind, by_name) {
        (Some(suffix), found) if found.is_none_or(|(_, s)| *s != suffix) => {
            section.error(
                name,
                format!("a column of kind `{}` has a name that ends in `{suffix}`.", kind.word()),
                Some(format!("Call it `{}{suffix}`.", found.map_or(name, |(_, s)| name.trim_end_matches(s)))),
            );
            false
        }
        (None, Some((other, suffix))) => {
            section.error(
                name,
                format!(
                    "a name that ends in `{suffix}` promises the kind `{}`, not `{}`.",
                    other.word(),
                    kind.word()
                ),
                Some("Change the kind or the name.".to_owned()),
            );
            false
        }
        _ => true,
    }
}

fn placing_columns_are_times(section: &Section<'_>, placed_by: &[String], columns: &[Column]) -> bool {
    let mut sound = true;
    for name in placed_by {
        let (message, help) = match columns.iter().find(|c| c.name == name.as_str()) {
            Some(column) if matches!(column.kind, Kind::Instant | Kind::Day) => continue,
            Some(column) => (
                format!("`{name}` is of kind `{}` and cannot place a row in time.", column.kind.word()),
                "Name columns of kind `instant` or `day`.".to_owned(),
            ),
            None => (
                format!("the table has no column `{name}`."),
                match nearest(name, columns.iter().map(|c| c.name.as_ref())) {
                    Some(near) => format!("Did you mean `{near}`?"),
                    None => {
                        "Name columns of the table; leave the list empty when it has no clock.".to_owned()
                    }
                },
            ),
        };
        section.error("placed_by", message, Some(help));
        sound = false;
    }
    sound
}

//! `dialmark tables`: the tables that every project has, for whoever writes a mapping.

use std::path::PathBuf;

use dialmark_model::Table;
use dialmark_model::declared::nearest;
use dialmark_model::facts::{self, BETWEEN, tables, vocabulary};
use serde_json::json;

use crate::failure::Failure;
use crate::files::{self, Existing};
use crate::out::{self, Style, TextOrJson};

const EXAMPLES: &str = "\
Examples:
  dialmark tables                          every table, and what one row of it is
  dialmark tables dnc_events               its columns
  dialmark tables calls --format json
  dialmark tables --out docs/tables        the reference page

A mapping in sources/ names one of these tables and fills its columns. A table of another shape is declared
with [table.NAME]; `dialmark map FILE` proposes either.";

/// Options of `dialmark tables`.
#[derive(Debug, clap::Args)]
#[command(after_help = EXAMPLES)]
pub struct Args {
    /// Only this table, with its columns
    table: Option<String>,
    /// Folder to write the reference page to
    #[arg(long, value_name = "FOLDER", conflicts_with = "table")]
    out: Option<PathBuf>,
    /// How to answer
    #[arg(long, value_enum, default_value_t)]
    format: TextOrJson,
}

/// Shows tables.
pub fn run(args: &Args) -> Result<(), Failure> {
    if let Some(folder) = &args.out {
        std::fs::create_dir_all(folder)
            .map_err(|e| Failure::problem(format!("{} cannot be made: {e}.", folder.display())))?;
        return files::write(&folder.join("README.md"), page().as_bytes(), Existing::Replace);
    }
    let one = args.table.as_deref().map(find).transpose()?;
    match (args.format, one) {
        (TextOrJson::Json, Some(table)) => out::json(&shown(table)),
        (TextOrJson::Json, None) => out::json(&tables().iter().map(shown).collect::<Vec<_>>()),
        (TextOrJson::Text, Some(table)) => columns(table),
        (TextOrJson::Text, None) => tables().iter().try_for_each(|table| {
            out::line(&format!("{:<18} {}", Style::of_stdout().strong(&table.name), table.about))
        }),
    }
}

fn find(name: &str) -> Result<&'static Table, Failure> {
    facts::table(name).ok_or_else(|| {
        let help = match nearest(name, tables().iter().map(|table| table.name.as_ref())) {
            Some(near) => format!("Did you mean `{near}`?"),
            None => "`dialmark tables` names them.".to_owned(),
        };
        Failure::usage(format!("There is no built-in table `{name}`. {help}"))
    })
}

fn columns(table: &Table) -> Result<(), Failure> {
    let style = Style::of_stdout();
    out::line(&format!("{}: {}", style.strong(&table.name), table.about))?;
    out::line(&style.faint(&placed(table)))?;
    for column in table.columns.iter() {
        let about = said(table, &column.name, &column.about);
        out::line(&format!("  {:<24} {:<9} {about}", column.name, column.kind.word()))?;
    }
    Ok(())
}

/// What a column is, and how it is worked out where no source fills it.
fn said(table: &Table, column: &str, about: &str) -> String {
    let mut said = about.to_owned();
    if let Some(one) = BETWEEN.iter().find(|one| one.table == table.name && one.length == column) {
        said.push_str(&format!(
            " Where the source does not say it, the time from `{}` to `{}`.",
            one.from, one.to
        ));
    }
    said
}

fn placed(table: &Table) -> String {
    let by: Vec<String> = table.placed_by.iter().map(|name| format!("`{name}`")).collect();
    match by.as_slice() {
        [] => "A record has no place in time.".to_owned(),
        [one] => format!("A record is placed in time by {one}, which it must have."),
        _ => format!(
            "A record is placed in time by the first that it has of {}; it must have one.",
            by.join(", ")
        ),
    }
}

fn shown(table: &Table) -> serde_json::Value {
    let columns = table.columns.iter().map(|column| {
        json!({
            "name": column.name,
            "kind": column.kind.word(),
            "about": column.about,
            "words": vocabulary(&table.name, &column.name).map(|known| known.words()),
            "of_a_person": column.personal,
        })
    });
    json!({
        "name": table.name,
        "about": table.about,
        "placed_by": table.placed_by,
        "columns": columns.collect::<Vec<_>>(),
    })
}

/// The reference page.
fn page() -> String {
    let mut page = "# Tables\n\nThe tables that every project has. A mapping in `sources/` names one and fills its columns \
         ([sources](../sources.md)); a column that no source fills stays empty, and `dialmark check` says which metrics \
         need it. Written by `cargo xtask codegen`.\n\nBeside these columns every record has its `source`, `source_id`, \
         `source_zone`, `revision`, `import_id`, `line` and `flags`. Kinds: an `instant` is stored in UTC, a `duration` \
         in milliseconds, an `amount` with four decimal places beside its currency, a `phone` as a keyed hash.\n"
        .to_owned();
    for table in tables() {
        page.push_str(&format!("\n## {}\n\n{} {}\n\n", table.name, table.about, placed(table)));
        page.push_str("| Column | Kind | What it is |\n|---|---|---|\n");
        for column in table.columns.iter() {
            let about = said(table, &column.name, &column.about).replace('|', "\\|");
            page.push_str(&format!("| `{}` | {} | {about} |\n", column.name, column.kind.word()));
        }
    }
    page
}

//! `[source.NAME.pull]`: records that are read from a database instead of files.

use dialmark_model::declared::{Section, Value};
use dialmark_model::duration_text;
use dialmark_model::pull::{DatabaseUrl, LookBack, Lookup, Pull, Rows, WantedColumn};
use dialmark_model::secret::Secret;
use dialmark_model::source::Identity;
use dialmark_packs::Pull as OfPack;

use super::secret;

/// Rows of one query: enough to be quick, few enough to keep nobody waiting.
const BATCH_ROWS: u32 = 5_000;
const MOST_BATCH_ROWS: i64 = 100_000;
const PAUSE_MS: u64 = 100;
const TIMEOUT_MS: u64 = 30_000;
/// Longer than this nobody's statement may run on a database that others work with.
const LONGEST_TIMEOUT_MS: u64 = 600_000;
/// Names of tables and columns are 64 characters long in MySQL, 63 in PostgreSQL.
const LONGEST_NAME: usize = 64;
const HOUR_MS: u64 = 3_600_000;

/// What `[source.NAME.pull]` says. A pack's own query is added by [`Declared::of_pack`].
#[derive(Debug, Clone)]
pub(super) struct Declared {
    database: DatabaseUrl,
    password: Option<Secret>,
    rows: Option<Rows>,
    cursor: Option<String>,
    look_back: Option<LookBack>,
    batch_rows: u32,
    pause_ms: u64,
    timeout_ms: u64,
}

/// Reads the section; every problem of it is reported.
pub(super) fn read(section: &Section<'_>) -> Option<Declared> {
    let database = section
        .required_text("database", "where the database is, such as `mysql://reader@replica/asterisk`")
        .and_then(|text| match DatabaseUrl::parse(&text) {
            Ok(url) => Some(url),
            Err((message, help)) => {
                section.error("database", message, Some(help));
                None
            }
        });
    let password = secret::read(section, "password");
    let rows = rows(section);
    let cursor = if section.has("cursor") { column(section, "cursor") } else { noted(section, "cursor") };
    let look_back = look_back(section);
    let batch_rows = batch_rows(section);
    let pause_ms = length(section, "pause", PAUSE_MS, 0, HOUR_MS);
    let timeout_ms = length(section, "timeout", TIMEOUT_MS, 100, LONGEST_TIMEOUT_MS);
    section.finish();
    Some(Declared {
        database: database?,
        password: password?,
        rows: rows?,
        cursor: cursor?,
        look_back: look_back?,
        batch_rows: batch_rows?,
        pause_ms: pause_ms?,
        timeout_ms: timeout_ms?,
    })
}

impl Declared {
    /// What a source with a mapping of its own pulls.
    pub(super) fn of_source(self, section: &Section<'_>, identity: &Identity) -> Option<Pull> {
        let Some(rows) = self.rows else {
            section.error(
                "pull",
                "nothing says what is read.",
                Some(
                    "Write `from = \"TABLE\"` or `query = \"select ...\"` under `[source.NAME.pull]`."
                        .to_owned(),
                ),
            );
            return None;
        };
        if self.cursor.is_none() && self.look_back.is_some() {
            section.error(
                "pull",
                "`look_back` needs a `cursor`: without one everything is read each time.",
                Some("Name the column that grows from row to row, or remove `look_back`.".to_owned()),
            );
            return None;
        }
        match (identity, &self.cursor) {
            (Identity::Id { .. }, _) | (Identity::Replace, None) => {}
            (Identity::Replace, Some(_)) => {
                section.error(
                    "pull",
                    "a source without `id` is replaced as a whole, but a `cursor` reads what is new.",
                    Some(
                        "Add `id = \"COLUMN\"`, or remove `cursor` to read everything each time.".to_owned(),
                    ),
                );
                return None;
            }
            (Identity::Append, _) => {
                section.error(
                    "mode",
                    "rows that are pulled come more than once, and `append` would count them more than once.",
                    Some("Add `id = \"COLUMN\"`, by which a row is known again.".to_owned()),
                );
                return None;
            }
        }
        Some(Pull {
            database: self.database,
            password: self.password,
            rows,
            cursor: self.cursor.into_iter().collect(),
            look_back: self.look_back,
            context_ms: 0,
            columns: Vec::new(),
            epochs: Vec::new(),
            batch_rows: self.batch_rows,
            pause_ms: self.pause_ms,
            timeout_ms: self.timeout_ms,
        })
    }

    /// What a stream of a pack pulls: the pack's own query, unless the project says otherwise.
    pub(super) fn of_pack(&self, pack: &OfPack) -> Pull {
        let owned = |names: &[&str]| names.iter().map(|name| (*name).to_owned()).collect::<Vec<_>>();
        let wanted = |names: &[&str], may_lack| {
            names.iter().map(|name| WantedColumn { name: (*name).to_owned(), may_lack }).collect::<Vec<_>>()
        };
        let lookups: Vec<Lookup> = pack
            .lookups
            .iter()
            .map(|lookup| Lookup {
                tables: owned(lookup.tables),
                key: lookup.key.to_owned(),
                columns: lookup
                    .columns
                    .iter()
                    .map(|(from, to)| ((*from).to_owned(), (*to).to_owned()))
                    .collect(),
            })
            .collect();
        let rows = match &self.rows {
            Some(Rows::Query(query)) => Rows::Query(query.clone()),
            Some(Rows::Tables { names, .. }) => {
                Rows::Tables { names: names.clone(), lookups, may_lack: false }
            }
            None => Rows::Tables { names: owned(pack.tables), lookups, may_lack: true },
        };
        let look_back = match pack.look_back {
            dialmark_packs::LookBack::Hours(hours) => LookBack::Time(u64::from(hours) * HOUR_MS),
            dialmark_packs::LookBack::Count(count) => LookBack::Count(u64::from(count)),
        };
        Pull {
            database: self.database.clone(),
            password: self.password.clone(),
            rows,
            cursor: self.cursor.clone().map_or_else(|| owned(pack.cursor), |cursor| vec![cursor]),
            look_back: Some(self.look_back.unwrap_or(look_back)),
            context_ms: u64::from(pack.context_hours) * HOUR_MS,
            columns: [wanted(pack.columns, false), wanted(pack.may_lack, true)].concat(),
            epochs: owned(pack.epochs),
            batch_rows: self.batch_rows,
            pause_ms: self.pause_ms,
            timeout_ms: self.timeout_ms,
        }
    }

    /// Whether it says what one stream alone can mean.
    pub(super) fn is_of_one_stream(&self) -> bool {
        self.rows.is_some() || self.cursor.is_some() || self.look_back.is_some()
    }
}

/// A key that is absent, noted for the schema.
fn noted<T>(section: &Section<'_>, key: &str) -> Option<Option<T>> {
    section.node(key);
    Some(None)
}

fn rows(section: &Section<'_>) -> Option<Option<Rows>> {
    let query = if section.has("query") { section.text("query").map(Some) } else { noted(section, "query") };
    let tables = section.texts("from");
    if !section.has("from") {
        return match query? {
            None => Some(None),
            Some(query) => {
                // The server reads one statement; what follows a semicolon would be a second.
                let query = query.trim().trim_end_matches(';').trim_end().to_owned();
                if query.is_empty() {
                    section.error("query", "an empty text asks for nothing.", None);
                    return None;
                }
                Some(Some(Rows::Query(query)))
            }
        };
    }
    query?;
    if section.has("query") {
        section.error(
            "from",
            "`from` and `query` exclude each other.",
            Some("Keep `query` for what a table alone does not say.".to_owned()),
        );
        return None;
    }
    let listed = match section.node("from").map(|node| &node.value) {
        Some(Value::List(items)) => items.len(),
        _ => 1,
    };
    let sound =
        tables.iter().all(|table| table.split('.').count() <= 2 && table.split('.').all(is_identifier));
    if tables.is_empty() || tables.len() != listed || !sound {
        section.error(
            "from",
            "this is no name of a table.",
            Some("Write `\"TABLE\"`, `\"SCHEMA.TABLE\"`, or a list of a table and its archives.".to_owned()),
        );
        return None;
    }
    Some(Some(Rows::Tables { names: tables, lookups: Vec::new(), may_lack: false }))
}

/// The outer `None` is a problem.
fn column(section: &Section<'_>, key: &str) -> Option<Option<String>> {
    let name = section.text(key)?;
    if !is_identifier(&name) {
        section.error(
            key,
            "this is no name of a column.",
            Some("Write it as the database has it.".to_owned()),
        );
        return None;
    }
    Some(Some(name))
}

/// Names are quoted wherever they are used; what could still end a quotation is none.
fn is_identifier(name: &str) -> bool {
    !name.trim().is_empty()
        && name.chars().count() <= LONGEST_NAME
        && !name.chars().any(|c| c.is_control() || matches!(c, '"' | '`' | '\\'))
}

fn look_back(section: &Section<'_>) -> Option<Option<LookBack>> {
    if !section.has("look_back") {
        return noted(section, "look_back");
    }
    if matches!(section.node("look_back").map(|node| &node.value), Some(Value::Integer(_))) {
        return match u64::try_from(section.integer("look_back")?) {
            Ok(count) => Some(Some(LookBack::Count(count))),
            Err(_) => {
                section.error("look_back", "nothing can be read less than nothing back.", None);
                None
            }
        };
    }
    match duration_text::parse_ms(&section.text("look_back")?) {
        Ok(ms) => Some(Some(LookBack::Time(ms))),
        Err(bad) => {
            section.error(
                "look_back",
                bad.to_string(),
                Some(
                    "For a cursor that is a number, write how much less is read again: `look_back = 1000`."
                        .to_owned(),
                ),
            );
            None
        }
    }
}

fn batch_rows(section: &Section<'_>) -> Option<u32> {
    if !section.has("batch") {
        section.node("batch");
        return Some(BATCH_ROWS);
    }
    let number = section.integer("batch")?;
    match u32::try_from(number) {
        Ok(rows) if rows > 0 && number <= MOST_BATCH_ROWS => Some(rows),
        _ => {
            section.error(
                "batch",
                format!("a query reads between 1 and {MOST_BATCH_ROWS} rows."),
                Some(format!("Leave the key out for {BATCH_ROWS}.")),
            );
            None
        }
    }
}

fn length(section: &Section<'_>, key: &str, default_ms: u64, least_ms: u64, most_ms: u64) -> Option<u64> {
    if !section.has(key) {
        section.node(key);
        return Some(default_ms);
    }
    match duration_text::parse_ms(&section.text(key)?) {
        Ok(ms) if (least_ms..=most_ms).contains(&ms) => Some(ms),
        Ok(_) => {
            section.error(key, format!("`{key}` lies between {least_ms} ms and {most_ms} ms."), None);
            None
        }
        Err(bad) => {
            section.error(key, bad.to_string(), None);
            None
        }
    }
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use crate::{Project, ProjectFile};

    fn problems(source: &str) -> String {
        let centre = "[centre]\nname = \"N\"\nzone = \"Europe/London\"\ncurrency = \"GBP\"\n";
        let files = [ProjectFile::new("dialmark.toml", centre), ProjectFile::new("sources/s.toml", source)];
        match Project::from_files(Path::new("/nowhere"), &files) {
            Ok(project) => format!("sound: {}", project.sources.len()),
            Err(invalid) => invalid.to_string(),
        }
    }

    fn own(keys: &str, pull: &str) -> String {
        problems(&format!(
            "[source.s]\ntable = \"calls\"\n{keys}\n[source.s.pull]\n{pull}\n[source.s.columns]\nstarted_at = \"at\"\n"
        ))
    }

    const URL: &str = "database = \"mysql://r@h/d\"\n";

    #[test]
    fn what_is_pulled_is_known_again() {
        let with = |more: &str| format!("{URL}{more}");
        assert_eq!(
            own("id = \"id\"", &with("from = \"t\"\ncursor = \"at\"\nlook_back = \"2h\"")),
            "sound: 1"
        );
        assert_eq!(own("", &with("query = \"select 1;\"")), "sound: 1");
        for (keys, pull, said) in [
            ("", with("from = \"t\"\ncursor = \"at\""), "is replaced as a whole"),
            ("mode = \"append\"", with("from = \"t\""), "more than once"),
            ("id = \"id\"", with(""), "nothing says what is read"),
            ("id = \"id\"", with("from = \"t\"\nquery = \"select 1\""), "exclude each other"),
            ("id = \"id\"", with("from = \"a.b.c\""), "no name of a table"),
            ("id = \"id\"", with("from = \"a`b\""), "no name of a table"),
            ("id = \"id\"", with("from = \"t\"\nlook_back = \"2h\""), "needs a `cursor`"),
            ("id = \"id\"", with("from = \"t\"\ncursor = \"at\"\nbatch = 0"), "between 1 and"),
            ("id = \"id\"", with("from = \"t\"\ntimeout = \"2h\""), "lies between"),
            ("id = \"id\"", with("from = \"t\"\ncoursor = \"at\""), "coursor"),
            ("id = \"id\"\nfiles = [\"a.csv\"]", with("from = \"t\""), "not from both"),
            (
                "id = \"id\"\nformat = \"csv\"",
                with("from = \"t\""),
                "means nothing for records that are pulled",
            ),
            (
                "id = \"id\"",
                "database = \"mysql://r:secret@h/d\"\nfrom = \"t\"".to_owned(),
                "does not belong here",
            ),
        ] {
            let found = own(keys, &pull);
            assert!(found.contains(said) && !found.contains("secret@"), "{keys} {pull}: {found}");
        }
    }

    #[test]
    fn a_pack_reads_what_it_can() {
        let pack = |pack: &str, more: &str| problems(&format!("[source.s]\npack = \"{pack}\"\n{more}"));
        let pull = "[source.s.pull]\ndatabase = \"mysql://r@h/d\"\n";
        assert_eq!(pack("vicidial", pull), "sound: 5");
        assert_eq!(pack("vicidial/leads", pull), "sound: 1");
        assert_eq!(pack("vicidial/calls", &format!("{pull}look_back = \"1h\"")), "sound: 1");
        for (name, more, said) in [
            ("vicidial", String::new(), "nothing says where that is"),
            ("vicidial/cals", pull.to_owned(), "no stream `cals`"),
            ("vicidial", format!("{pull}look_back = \"1h\""), "of one stream"),
            ("twilio_calls", pull.to_owned(), "reads files"),
        ] {
            let found = pack(name, &more);
            assert!(found.contains(said), "{name}: {found}");
        }
    }
}

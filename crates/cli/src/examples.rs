//! Worked examples as tests: their records are written to files, imported and queried; the value must come out exactly.

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;

use dialmark_engine::Engine;
use dialmark_ingest::{ImportOptions, Unwatched, import_file};
use dialmark_lake::Lake;
use dialmark_metrics::catalogue::Filled;
use dialmark_metrics::metric::{Example, ExampleRecords, Expected};
use dialmark_metrics::{Catalogue, MetricQuery, MetricRef};
use dialmark_model::civil::{Grain, day_start};
use dialmark_model::declared::nearest;
use dialmark_model::{Kind, Outcome, Table, facts};
use dialmark_project::{PROJECT_FILE, Project, ProjectFile};
use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp};

/// When a record happens whose example does not say.
const DEFAULT_AT: &str = "2026-01-05T09:00:00Z";
const DEFAULT_ON: &str = "2026-01-05";

/// Tries the example of one variant; an error says in a sentence what came out instead.
pub async fn prove(catalogue: &Arc<Catalogue>, asked: MetricRef, example: &Example) -> Result<(), String> {
    let folder = tempfile::tempdir().map_err(|e| format!("no folder could be made for it: {e}."))?;
    let project = project_for(catalogue, folder.path(), example)?;
    let lake = Lake::open(&project.lake_folder).await.map_err(|e| e.to_string())?;
    let mut declared = Filled::default();
    for source in &project.sources {
        declared.add(&source.table.name, source.filled());
        let Some(file) = source.files.first() else { continue };
        let imported =
            import_file(&lake, source, &folder.path().join(file), &ImportOptions::default(), &Unwatched)
                .await
                .map_err(|e| e.to_string())?;
        let report = &imported.report;
        let wanted: u64 =
            example.records.iter().filter(|r| r.table == source.table.name).map(|r| u64::from(r.times)).sum();
        if report.new != wanted || !report.flags.is_empty() {
            let flags: Vec<String> = report
                .flags
                .iter()
                .map(|(what, times)| format!("`{what}` was noted {times} times"))
                .chain(report.quarantined.iter().map(|(why, times)| format!("{times} were set aside: {why}")))
                .collect();
            return Err(format!(
                "not every one of its {wanted} records of `{}` could be read as it is written: {}.",
                source.table.name,
                flags.join(", ")
            ));
        }
    }
    let dispositions = Arc::new(project.dispositions.clone());
    let engine = Engine::new(lake, Arc::clone(catalogue), dispositions, declared);
    let mut question = MetricQuery {
        metrics: vec![asked],
        complete_until: example.until.and_then(|day| day_start(day, &TimeZone::UTC)),
        ..MetricQuery::default()
    };
    if let Some(by) = &example.by {
        match Grain::from_word(by).filter(|_| by != "hour") {
            Some(grain) => question.grain = Some(grain),
            None => question.by = vec![by.clone()],
        }
    }
    let answer = engine.query(&question).await.map_err(|e| e.to_string())?;
    let mut found: BTreeMap<Option<String>, String> = BTreeMap::new();
    for row in &answer.rows {
        let key = example.by.as_ref().and_then(|_| row.keys.first()).map(ToString::to_string);
        let Some(cell) = row.cells.first() else { continue };
        let came_out = match &cell.value {
            Ok(ratio) => Expected::Value(*ratio),
            Err(reason) => Expected::Null(reason.word().to_owned()),
        };
        found.insert(key, came_out.to_string());
    }
    let wanted: BTreeMap<Option<String>, String> =
        example.values.iter().map(|(key, value)| (key.clone(), value.to_string())).collect();
    if found == wanted {
        return Ok(());
    }
    let listed = |all: &BTreeMap<Option<String>, String>| {
        let parts: Vec<String> = all
            .iter()
            .map(|(key, value)| key.as_ref().map_or_else(|| value.clone(), |key| format!("{key}: {value}")))
            .collect();
        parts.join(", ")
    };
    Err(format!("should be {}, and is {}.", listed(&wanted), listed(&found)))
}

/// A project with one source a table, its records written to a file beside it.
fn project_for(catalogue: &Catalogue, folder: &Path, example: &Example) -> Result<Project, String> {
    let mut tables: BTreeMap<&str, Vec<&ExampleRecords>> = BTreeMap::new();
    for records in &example.records {
        tables.entry(records.table.as_str()).or_default().push(records);
    }
    let mut sources = String::new();
    for (name, records) in &tables {
        let table = catalogue.tables.get(*name).ok_or_else(|| format!("there is no table `{name}`."))?;
        let columns = columns_of(table, records)?;
        std::fs::write(folder.join(format!("{name}.csv")), csv(table, &columns, records))
            .map_err(|e| format!("its records could not be written: {e}."))?;
        if facts::table(name).is_none() {
            sources.push_str(&declaration(table));
        }
        sources.push_str(&source(table, &columns));
    }
    let codes: String = Outcome::ALL.iter().map(|o| format!("{0} = \"{0}\"\n", o.word())).collect();
    let files = [
        ProjectFile::new(PROJECT_FILE, "[centre]\nname = \"Example\"\nzone = \"UTC\"\n"),
        ProjectFile::new("sources/example.toml", sources),
        ProjectFile::new("dispositions/words.toml", format!("[disposition]\n{codes}")),
    ];
    Project::from_files(folder, &files).map_err(|invalid| invalid.to_string())
}

/// The column of the table that a field of the example speaks of: dispositions are given by their meaning.
fn column_of<'f>(table: &Table, field: &'f str) -> &'f str {
    let is_meaning = field == "outcome" && table.column("outcome").is_none();
    if is_meaning { "disposition" } else { field }
}

/// Columns that the records name, and the one that places them in time. The identifier has a column of its own.
fn columns_of<'r>(table: &'r Table, records: &[&'r ExampleRecords]) -> Result<Vec<&'r str>, String> {
    let mut columns: Vec<&str> = Vec::new();
    for (field, text) in records.iter().flat_map(|r| &r.fields) {
        let column = column_of(table, field);
        if column != field {
            let mut words = Outcome::ALL.iter().map(|outcome| outcome.word());
            if !words.clone().any(|word| word == text) {
                let near = nearest(text, words.by_ref());
                let help = near.map_or(String::new(), |near| format!(" Did you mean `{near}`?"));
                return Err(format!("there is no outcome `{text}`.{help}"));
            }
        }
        if table.column(column).is_none() {
            return Err(format!("`{}` has no column `{column}`.", table.name));
        }
        if column != "source_id" && !columns.contains(&column) {
            columns.push(column);
        }
    }
    if let Some(first) = table.placed_by.first().map(AsRef::as_ref)
        && !columns.contains(&first)
        && records.iter().any(|group| needs_time(table, group))
    {
        columns.push(first);
    }
    Ok(columns)
}

/// Whether the first placing column gets a time that the example does not give. A call has always begun; other
/// records are placed by the first of their times that is known.
fn needs_time(table: &Table, group: &ExampleRecords) -> bool {
    let gives = |column: &str| group.fields.iter().any(|(field, _)| field == column);
    let Some(first) = table.placed_by.first() else { return false };
    let is_placed = table.placed_by.iter().any(|placing| gives(placing));
    !gives(first) && (table.name == "calls" || !is_placed)
}

fn declaration(table: &Table) -> String {
    let name = table.name.as_ref();
    let placed: Vec<String> = table.placed_by.iter().map(|c| format!("\"{c}\"")).collect();
    let mut text = format!("[table.{name}]\nplaced_by = [{}]\n[table.{name}.columns]\n", placed.join(", "));
    for column in table.columns.iter() {
        text.push_str(&format!("{} = \"{}\"\n", column.name, column.kind.word()));
    }
    text
}

fn source(table: &Table, columns: &[&str]) -> String {
    let name = table.name.as_ref();
    let mut text = format!(
        "[source.example_{name}]\ntable = \"{name}\"\nfiles = [\"{name}.csv\"]\nid = \"id\"\n[source.example_{name}.columns]\n"
    );
    for column in columns {
        let is_duration = table.column(column).is_some_and(|c| c.kind == Kind::Duration);
        match is_duration {
            true => text.push_str(&format!("{column} = {{ from = \"{column}\", as = \"ms\" }}\n")),
            false => text.push_str(&format!("{column} = \"{column}\"\n")),
        }
    }
    text
}

fn csv(table: &Table, columns: &[&str], records: &[&ExampleRecords]) -> String {
    let mut text = format!("id,{}\n", columns.join(","));
    let mut number = 0;
    let mut states = States::default();
    for group in records {
        let given: BTreeMap<&str, &str> =
            group.fields.iter().map(|(field, value)| (column_of(table, field), value.as_str())).collect();
        for copy in 0..group.times {
            number += 1;
            let begins = facts::holds_states(&table.name).then(|| states.next(&given, copy));
            match given.get("source_id") {
                Some(id) => text.push_str(&quoted(id)),
                None => text.push_str(&format!("ex-{number}")),
            }
            for column in columns {
                let is_first = table.placed_by.first().is_some_and(|first| first == column);
                let default = match table.column(column).map(|c| c.kind) {
                    Some(Kind::Instant) if is_first && needs_time(table, group) => DEFAULT_AT,
                    Some(Kind::Day) if is_first && needs_time(table, group) => DEFAULT_ON,
                    _ => "",
                };
                let plain = given.get(column).copied().unwrap_or(default);
                let value = begins.as_deref().filter(|_| is_first && !plain.is_empty()).unwrap_or(plain);
                text.push(',');
                text.push_str(&quoted(value));
            }
            text.push('\n');
        }
    }
    text
}

/// Nobody is in two states at once: copies of one, and those of which the example does not say when they begin, follow each
/// other.
#[derive(Default)]
struct States {
    /// Where the last state of each agent ends.
    ends: BTreeMap<String, Timestamp>,
}

impl States {
    /// When the next state of these fields begins.
    fn next(&mut self, given: &BTreeMap<&str, &str>, copy: u32) -> String {
        let is_said = copy == 0 && given.contains_key("started_at");
        let start = given.get("started_at").copied().unwrap_or(DEFAULT_AT);
        let agent = given.get("agent_id").copied().unwrap_or_default();
        let Ok(start) = start.parse::<Timestamp>() else { return start.to_owned() };
        let last = self.ends.get(agent).copied().filter(|_| !is_said);
        let begins = last.map_or(start, |end| end.max(start));
        let lasts = given.get("duration_ms").and_then(|ms| ms.parse().ok()).unwrap_or(0);
        let ends = begins.checked_add(SignedDuration::from_millis(lasts)).unwrap_or(begins);
        self.ends.insert(agent.to_owned(), ends);
        begins.to_string()
    }
}

fn quoted(value: &str) -> String {
    match value.contains([',', '"', '\n']) {
        true => format!("\"{}\"", value.replace('"', "\"\"")),
        false => value.to_owned(),
    }
}

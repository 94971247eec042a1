//! Every worked example of the catalogue is expanded to records, imported, queried and compared exactly.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "in tests a panic is a finding")]

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;

use dialmark_engine::Engine;
use dialmark_ingest::{ImportOptions, Unwatched, import_file};
use dialmark_lake::Lake;
use dialmark_metrics::catalogue::Filled;
use dialmark_metrics::metric::{Example, ExampleRecords};
use dialmark_metrics::{Catalogue, MetricQuery, MetricRef, Ratio};
use dialmark_model::civil::Grain;
use dialmark_model::{Kind, Outcome, Table, facts};
use dialmark_project::{Project, ProjectFile};

/// When a record happens whose example does not say.
const DEFAULT_AT: &str = "2026-01-05T09:00:00Z";
const DEFAULT_ON: &str = "2026-01-05";

#[tokio::test]
async fn every_worked_example_comes_out_exactly() {
    let (catalogue, problems) = Catalogue::builtin();
    assert!(!problems.has_errors());
    let catalogue = Arc::new(catalogue);
    let (mut tried, mut wrong) = (0, Vec::new());
    for metric in catalogue.metrics.values() {
        for variant in &metric.variants {
            let Some(example) = &variant.example else {
                wrong.push(format!("{}/{}: has no worked example", metric.id, variant.id));
                continue;
            };
            let mut asked = MetricRef::new(&metric.id);
            asked.variant = Some(variant.id.clone());
            tried += 1;
            if let Err(why) = prove(&catalogue, asked, example).await {
                wrong.push(format!("{}/{}: {why}", metric.id, variant.id));
            }
        }
    }
    assert!(tried > 40, "only {tried} examples were found");
    assert!(wrong.is_empty(), "{} of {tried} are wrong:\n{}", wrong.len(), wrong.join("\n"));
}

async fn prove(catalogue: &Arc<Catalogue>, asked: MetricRef, example: &Example) -> Result<(), String> {
    let folder = tempfile::tempdir().map_err(|e| e.to_string())?;
    let project = project_for(folder.path(), example)?;
    let lake = Lake::open(&project.lake_folder).await.map_err(|e| e.to_string())?;
    let mut declared = Filled::default();
    for source in &project.sources {
        declared.add(&source.table.name, source.filled());
        let path = folder.path().join(&source.files[0]);
        let imported = import_file(&lake, source, &path, &ImportOptions::default(), &Unwatched)
            .await
            .map_err(|e| e.to_string())?;
        let report = &imported.report;
        let wanted: u64 =
            example.records.iter().filter(|r| r.table == source.table.name).map(|r| u64::from(r.times)).sum();
        if report.new != wanted || !report.flags.is_empty() {
            return Err(format!("{wanted} records were delivered, but the import says {report:?}"));
        }
    }
    let engine = Engine::new(lake, Arc::clone(catalogue), Arc::new(project.dispositions.clone()), declared);
    let mut question = MetricQuery { metrics: vec![asked], ..MetricQuery::default() };
    if let Some(by) = &example.by {
        match Grain::from_word(by).filter(|grain| grain.micros().is_none()) {
            Some(grain) => question.grain = Some(grain),
            None => question.by = vec![by.clone()],
        }
    }
    let answer = engine.query(&question).await.map_err(|e| e.to_string())?;
    let mut found: BTreeMap<Option<String>, Result<Ratio, String>> = BTreeMap::new();
    for row in &answer.rows {
        let key = example.by.as_ref().map(|_| row.keys[0].to_string());
        found.insert(key, row.cells[0].value.clone().map_err(|reason| reason.to_string()));
    }
    if found.len() != example.values.len() {
        return Err(format!("{} values were expected, and {found:?} came out", example.values.len()));
    }
    for (key, value) in &example.values {
        let wanted = Ratio::exact(*value).ok_or("the value of the example is too large")?;
        match found.get(key) {
            Some(Ok(ratio)) if *ratio == wanted => {}
            Some(Ok(ratio)) => {
                return Err(format!("{key:?} should be {value}, and is {}", ratio.decimal(12)));
            }
            Some(Err(reason)) => return Err(format!("{key:?} should be {value}, but: {reason}")),
            None => return Err(format!("{key:?} is not among {:?}", found.keys())),
        }
    }
    Ok(())
}

/// A project with one source a table, its records written to a file beside it.
fn project_for(folder: &Path, example: &Example) -> Result<Project, String> {
    let mut tables: BTreeMap<&str, Vec<&ExampleRecords>> = BTreeMap::new();
    for records in &example.records {
        tables.entry(records.table.as_str()).or_default().push(records);
    }
    let mut sources = String::new();
    for (name, records) in &tables {
        let table = facts::table(name).ok_or_else(|| format!("there is no table `{name}`"))?;
        let columns = columns_of(table, records)?;
        std::fs::write(folder.join(format!("{name}.csv")), csv(table, &columns, records))
            .map_err(|e| e.to_string())?;
        sources.push_str(&source(table, &columns));
    }
    let codes: String = Outcome::ALL.iter().map(|o| format!("{0} = \"{0}\"\n", o.word())).collect();
    let files = [
        ProjectFile::new("dialmark.toml", "[centre]\nname = \"Example\"\nzone = \"UTC\"\n"),
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

/// Columns that the records name, and the one that places them in time.
fn columns_of<'r>(table: &'r Table, records: &[&'r ExampleRecords]) -> Result<Vec<&'r str>, String> {
    let mut columns: Vec<&str> = Vec::new();
    for (field, _) in records.iter().flat_map(|r| &r.fields) {
        let column = column_of(table, field);
        if table.column(column).is_none() {
            return Err(format!("`{}` has no column `{column}`", table.name));
        }
        if !columns.contains(&column) {
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

fn source(table: &Table, columns: &[&str]) -> String {
    let name = table.name.as_ref();
    let mut text = format!(
        "[source.{name}]\ntable = \"{name}\"\nfiles = [\"{name}.csv\"]\nid = \"id\"\n[source.{name}.columns]\n"
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
    for group in records {
        let given: BTreeMap<&str, &str> =
            group.fields.iter().map(|(field, value)| (column_of(table, field), value.as_str())).collect();
        for _ in 0..group.times {
            number += 1;
            text.push_str(&format!("ex-{number}"));
            for column in columns {
                let is_first = table.placed_by.first().is_some_and(|first| first == column);
                let default = match table.column(column).map(|c| c.kind) {
                    Some(Kind::Instant) if is_first && needs_time(table, group) => DEFAULT_AT,
                    Some(Kind::Day) if is_first && needs_time(table, group) => DEFAULT_ON,
                    _ => "",
                };
                let value = given.get(column).copied().unwrap_or(default);
                assert!(!value.contains([',', '"', '\n']), "quoting is not needed for `{value}`");
                text.push_str(&format!(",{value}"));
            }
            text.push('\n');
        }
    }
    text
}

//! Files as they come from full disks, broken transfers, wrong programs and hasty hands, each of which must end in one
//! of two ways: a sentence that says why nothing of it was imported, or every one of its records counted.
//!
//! A case says what is wrong with its file and what must become of it, so that a person can check both by hand.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a test that cannot go on says where"
)]

#[path = "damaged/compressed.rs"]
mod compressed;
#[path = "damaged/json.rs"]
mod json;
#[path = "damaged/packs.rs"]
mod packs;
#[path = "damaged/parquet.rs"]
mod parquet;
#[path = "damaged/sheets.rs"]
mod sheets;
#[path = "damaged/text.rs"]
mod text;

use std::collections::BTreeMap;
use std::panic::AssertUnwindSafe;
use std::path::Path;

use dialmark_ingest::{ImportOptions, Unwatched, import_file};
use dialmark_lake::{Lake, LiveTable, VerifyOptions};
use dialmark_project::{PROJECT_FILE, Project, ProjectFile};

/// A damaged file.
pub struct Case {
    /// What is wrong with it.
    pub name: &'static str,
    /// The source that it is imported by.
    pub source: &'static str,
    pub bytes: Vec<u8>,
    pub end: End,
}

/// What becomes of a file.
pub enum End {
    /// Nothing of it is imported, and these words say why.
    Refused(&'static str),
    /// So many records are read, and of these so many set aside for each reason; all others are accepted.
    Read(u64, &'static [(&'static str, u64)]),
}

pub use End::{Read, Refused};

/// A case of a source.
pub fn case(source: &'static str, name: &'static str, bytes: impl Into<Vec<u8>>, end: End) -> Case {
    Case { name, source, bytes: bytes.into(), end }
}

const SOURCES: &str = r#"
[source.csv]
table = "calls"
id    = "id"
[source.csv.columns]
started_at  = "start"
agent_id    = "agent"
disposition = "result"

[source.semicolons]
table     = "calls"
delimiter = ";"
id        = "id"
[source.semicolons.columns]
started_at  = "start"

[source.latin]
table    = "calls"
encoding = "windows-1252"
id       = "id"
[source.latin.columns]
started_at  = "start"
agent_id    = "agent"

[source.headless]
table  = "calls"
header = false
id     = "1"
[source.headless.columns]
started_at  = "2"

[source.jsonl]
table  = "calls"
format = "jsonl"
id     = "id"
[source.jsonl.columns]
started_at  = "start"
agent_id    = "agent.name"
cost_amount = "price"
currency    = { const = "GBP" }

[source.parquet]
table  = "calls"
format = "parquet"
id     = "id"
[source.parquet.columns]
started_at  = "start"
agent_id    = "agent"

[source.xlsx]
table  = "calls"
format = "xlsx"
id     = "id"
[source.xlsx.columns]
started_at  = "start"
agent_id    = "agent"

[source.cdr]
pack = "asterisk_cdr"
[source.queue_log]
pack = "asterisk_queue_log"
[source.switch_csv]
pack = "freeswitch_csv"
[source.switch_json]
pack = "freeswitch_json"
[source.twilio]
pack = "twilio_calls"
[source.genesys]
pack = "genesys_conversations"
[source.contacts]
pack = "amazon_connect_contacts"
[source.agents]
pack = "amazon_connect_agents"
"#;

/// Every way in which a source can be read.
const ALL_SOURCES: [&str; 18] = [
    "csv",
    "semicolons",
    "latin",
    "headless",
    "jsonl",
    "parquet",
    "xlsx",
    "cdr",
    "queue_log",
    "queue_log_agent_spans",
    "queue_log_shifts",
    "switch_csv",
    "switch_json",
    "twilio",
    "genesys",
    "genesys_agent_spans",
    "contacts",
    "agents",
];

fn project() -> Project {
    let centre = "[centre]\nname = \"Test\"\nzone = \"Europe/London\"\n";
    let files = [ProjectFile::new(PROJECT_FILE, centre), ProjectFile::new("sources/all.toml", SOURCES)];
    Project::from_files(Path::new("."), &files).unwrap_or_else(|error| panic!("{error:?}"))
}

fn cases() -> Vec<Case> {
    [text::cases(), compressed::cases(), json::cases(), parquet::cases(), sheets::cases(), packs::cases()]
        .into_iter()
        .flatten()
        .collect()
}

/// Imports a file into a lake of its own; says what is not as the case wants it.
async fn tried(case: &Case, project: &Project) -> Result<(), String> {
    let source = project.source(case.source).ok_or("there is no such source")?;
    let folder = tempfile::tempdir().unwrap();
    let lake = Lake::open(&folder.path().join("lake")).await.unwrap();
    let path = folder.path().join("delivered");
    std::fs::write(&path, &case.bytes).unwrap();
    let outcome = import_file(&lake, source, &path, &ImportOptions::default(), &Unwatched).await;
    let live: u64 = lake.snapshot().await.unwrap().tables.values().map(LiveTable::rows).sum();
    let problems = lake.verify(VerifyOptions::default()).await.unwrap().problems;
    if !problems.is_empty() {
        return Err(format!("the lake has problems: {problems:?}"));
    }
    match (&case.end, outcome) {
        (Refused(words), Err(error)) => {
            let said = error.to_string();
            let sentence = said.rsplit("delivered: ").next().unwrap_or_default();
            let is_sentence = sentence.len() >= 20 && sentence.ends_with('.');
            if live > 0 || !lake.imports().await.unwrap().is_empty() {
                return Err(format!("{live} records of a refused file are in the lake"));
            }
            match is_sentence && sentence.contains(words) {
                true => Ok(()),
                false => Err(format!("it was refused so: {said}")),
            }
        }
        (Read(read, aside), Ok(imported)) => {
            let report = imported.report;
            let wanted: BTreeMap<String, u64> =
                aside.iter().map(|(reason, count)| ((*reason).to_owned(), *count)).collect();
            let accepted = read - wanted.values().sum::<u64>();
            let found = (report.read, report.accepted, &report.quarantined);
            if found != (*read, accepted, &wanted) {
                let aside = lake.quarantined(report.import_id, 5).await.unwrap();
                return Err(format!("read, accepted and set aside are {found:?}: {aside:?}"));
            }
            match accepted > 0 && live == 0 {
                true => Err("accepted records are not in the lake".to_owned()),
                false => Ok(()),
            }
        }
        (Refused(_), Ok(imported)) => Err(format!("it was imported: {:?}", imported.report)),
        (Read(..), Err(error)) => Err(format!("it was refused: {error}")),
    }
}

#[test]
fn each_damaged_file_is_refused_in_a_sentence_or_its_records_are_all_counted() {
    let project = project();
    let cases = cases();
    let mut wrong = Vec::new();
    for case in &cases {
        let runtime = tokio::runtime::Runtime::new().unwrap();
        let outcome = std::panic::catch_unwind(AssertUnwindSafe(|| runtime.block_on(tried(case, &project))));
        if let Err(what) = outcome.unwrap_or_else(|_| Err("it panicked".to_owned())) {
            wrong.push(format!("{} ({}): {what}", case.name, case.source));
        }
    }
    assert!(wrong.is_empty(), "{} of {}:\n{}", wrong.len(), cases.len(), wrong.join("\n"));
}

#[test]
fn there_are_damaged_files_of_every_source_and_each_has_a_name_of_its_own() {
    let cases = cases();
    assert!(cases.len() >= 60, "{}", cases.len());
    for source in ALL_SOURCES {
        assert!(cases.iter().any(|case| case.source == source), "{source}");
    }
    assert_eq!(project().sources.len(), ALL_SOURCES.len());
    let names: std::collections::BTreeSet<_> = cases.iter().map(|case| (case.source, case.name)).collect();
    assert_eq!(names.len(), cases.len());
}

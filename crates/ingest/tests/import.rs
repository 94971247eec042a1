//! Files into a real lake: wholly or not at all, the same twice, corrected, replaced.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a test that cannot go on says where"
)]

use std::path::{Path, PathBuf};

use dialmark_ingest::{ImportOptions, Imported, IngestError, Unwatched, import_file};
use dialmark_lake::{Lake, VerifyOptions};
use dialmark_model::source::{DurationUnit, Field, Format, From, Identity, Read, Revision, Source};
use dialmark_model::{Kind, facts};

struct Place {
    folder: tempfile::TempDir,
    lake: Lake,
}

impl Place {
    async fn new() -> Place {
        let folder = tempfile::tempdir().unwrap();
        let lake = Lake::open(&folder.path().join("lake")).await.unwrap();
        Place { folder, lake }
    }

    fn file(&self, name: &str, text: &str) -> PathBuf {
        let path = self.folder.path().join(name);
        std::fs::write(&path, text).unwrap();
        path
    }

    async fn import(&self, source: &Source, path: &Path) -> Result<Imported, IngestError> {
        import_file(&self.lake, source, path, &ImportOptions::default(), &Unwatched).await
    }

    /// Records in the lake, those that wait for the fold included.
    async fn live(&self) -> u64 {
        let snapshot = self.lake.snapshot().await.unwrap();
        snapshot.tables.get("calls").map_or(0, dialmark_lake::LiveTable::rows)
    }

    async fn verify(&self) {
        let report = self.lake.verify(VerifyOptions::default()).await.unwrap();
        assert!(report.problems.is_empty(), "{:?}", report.problems);
    }
}

fn calls(identity: Identity) -> Source {
    let field = |column: &str, kind, from: &str| Field {
        column: column.into(),
        kind,
        from: From::Column(from.into()),
        read: Read::Plain,
        null: Vec::new(),
        values: Vec::new(),
        after: None,
        lasting: None,
    };
    Source {
        name: "dialler".into(),
        table: facts::table("calls").unwrap().clone(),
        files: Vec::new(),
        pull: None,
        webhook: None,
        format: Format::Csv { delimiter: None, quote: None, encoding: None, header: true },
        zone: "Europe/London".into(),
        country: None,
        identity,
        fields: vec![
            field("started_at", Kind::Instant, "start"),
            field("agent_id", Kind::Code, "agent"),
            field("disposition", Kind::Code, "result"),
        ],
        declared_in: "sources/dialler.toml".into(),
    }
}

fn by_id() -> Identity {
    Identity::Id {
        columns: vec!["id".into()],
        was: Vec::new(),
        revision: Revision::Arrival,
        look_back_days: None,
    }
}

const HEADER: &str = "id,start,agent,result,extra\n";

#[tokio::test]
async fn a_file_is_imported_and_again_it_changes_nothing() {
    let place = Place::new().await;
    let source = calls(by_id());
    let text = format!("{HEADER}1,2026-01-01 10:00,ana,SALE,\n2,2026-01-01 10:01,bo,NI,\n,2026-01-01,x,y,\n");
    let file = place.file("calls.csv", &text);
    let first = place.import(&source, &file).await.unwrap();
    assert_eq!((first.report.read, first.report.accepted, first.report.new), (3, 2, 2));
    assert_eq!(first.report.quarantined.get("no_id"), Some(&1));
    assert_eq!(first.unused_columns, ["extra"]);
    let set_aside = place.lake.quarantined(first.report.import_id, 10).await.unwrap();
    assert_eq!(set_aside.first().map(|q| (q.line, q.text.as_str())), Some((4, ",2026-01-01,x,y,")));
    let again = place.import(&source, &file).await.unwrap();
    assert_eq!((again.report.read, again.report.unchanged, again.report.new), (3, 2, 0));
    assert_eq!(place.live().await, 2);
    place.verify().await;
}

#[tokio::test]
async fn a_correction_replaces_its_record() {
    let place = Place::new().await;
    let source = calls(by_id());
    let one =
        place.file("a.csv", &format!("{HEADER}1,2026-01-01 10:00,ana,NI,\n2,2026-01-01 10:01,bo,NI,\n"));
    let two =
        place.file("b.csv", &format!("{HEADER}1,2026-01-01 10:00,ana,SALE,\n3,2026-01-02 10:00,bo,NI,\n"));
    place.import(&source, &one).await.unwrap();
    let report = place.import(&source, &two).await.unwrap().report;
    assert_eq!((report.new, report.corrected), (1, 1));
    assert_eq!(place.live().await, 3);
    place.lake.settle().await.unwrap();
    assert_eq!(place.live().await, 3);
    place.verify().await;
}

#[tokio::test]
async fn a_file_without_identifiers_supersedes_the_last_of_its_name() {
    let place = Place::new().await;
    let source = calls(Identity::Replace);
    let line = "x,2026-01-01 10:00,ana,SALE,\n";
    place.import(&source, &place.file("a.csv", &format!("{HEADER}{line}{line}"))).await.unwrap();
    assert_eq!(place.live().await, 2, "identical lines inside one file are kept");
    place.import(&source, &place.file("b.csv", &format!("{HEADER}{line}"))).await.unwrap();
    assert_eq!(place.live().await, 3);
    place.import(&source, &place.file("a.csv", &format!("{HEADER}{line}{line}{line}"))).await.unwrap();
    assert_eq!(place.live().await, 4);
    place.verify().await;
}

#[tokio::test]
async fn an_appended_file_that_was_seen_before_is_refused_unless_forced() {
    let place = Place::new().await;
    let source = calls(Identity::Append);
    let text = format!("{HEADER}x,2026-01-01 10:00,ana,SALE,\ny,2026-01-01 10:05,bo,NI,\n");
    place.import(&source, &place.file("a.csv", &text)).await.unwrap();
    let again = place.file("b.csv", &text);
    assert!(place.import(&source, &again).await.is_err());
    assert_eq!(place.live().await, 2);
    let options = ImportOptions { force: true, ..ImportOptions::default() };
    import_file(&place.lake, &source, &again, &options, &Unwatched).await.unwrap();
    assert_eq!(place.live().await, 4);
    place.verify().await;
}

#[tokio::test]
async fn a_file_that_fails_half_way_leaves_nothing_behind() {
    let place = Place::new().await;
    let source = calls(by_id());
    let mut text = HEADER.to_owned();
    for n in 0..30_000 {
        text += &format!("{n},2026-01-01 10:00,ana,SALE,\n");
    }
    text += "30001,2026-01-01 10:00,\"never closed\n30002,2026-01-01 10:00,ana,SALE,\n30003,2026-01-01 10:00,ana,SALE,\n";
    let error = place.import(&source, &place.file("a.csv", &text)).await.unwrap_err().to_string();
    assert!(error.contains("line 30002") && error.contains("never closed"), "{error}");
    assert_eq!(place.live().await, 0);
    assert!(place.lake.imports().await.unwrap().is_empty());
    place.verify().await;
}

#[tokio::test]
async fn files_that_cannot_be_read_are_refused_in_sentences() {
    let place = Place::new().await;
    let source = calls(by_id());
    for (path, what) in [
        (place.folder.path().to_path_buf(), "is a folder"),
        (place.folder.path().join("none.csv"), "cannot be opened"),
        (place.file("empty.csv", ""), "is empty"),
        (
            place.file("other.csv", "a;b\n1;2\n"),
            "columns `id`, `start`, `agent`, `result`, which the file does not have",
        ),
    ] {
        let error = place.import(&source, &path).await.unwrap_err().to_string();
        assert!(error.contains(what), "{error}");
    }
    let header_only = place.import(&source, &place.file("header.csv", HEADER)).await.unwrap();
    assert_eq!(header_only.report.read, 0);
}

#[test]
fn an_import_can_run_on_any_thread() {
    fn is_send(_: impl Send) {}
    let _ = |lake: &'static Lake, source: &'static Source, path: &'static Path| {
        is_send(import_file(lake, source, path, &ImportOptions::default(), &Unwatched));
    };
}

#[tokio::test]
async fn a_length_that_no_column_says_is_worked_out_from_its_instants() {
    let place = Place::new().await;
    let mut source = calls(by_id());
    let field = |column: &str, from: &str| Field {
        column: column.into(),
        kind: facts::table("agent_spans").unwrap().column(column).unwrap().kind,
        from: From::Column(from.into()),
        read: Read::Plain,
        null: Vec::new(),
        values: Vec::new(),
        after: None,
        lasting: None,
    };
    source.table = facts::table("agent_spans").unwrap().clone();
    source.fields = vec![
        field("agent_id", "agent"),
        field("state", "state"),
        field("started_at", "begins"),
        field("ended_at", "ends"),
    ];
    source.identity = Identity::Append;
    assert!(source.filled().any(|column| column == "duration_ms"));
    let text = "agent;state;begins;ends\n\
                ann;wait;2026-01-05T09:00:00.250Z;2026-01-05T10:00:00Z\n\
                ann;talk;2026-01-05T10:00:00Z;\n";
    let imported = place.import(&source, &place.file("s.csv", text)).await.unwrap();
    assert_eq!((imported.report.new, imported.report.flags.len()), (2, 0));
    let snapshot = place.lake.snapshot().await.unwrap();
    let table = &snapshot.tables["agent_spans"];
    assert!(table.filled.contains("duration_ms"));
    // The same where there is a column and nothing stands in it.
    source.fields.push(Field { read: Read::Unit(DurationUnit::Seconds), ..field("duration_ms", "secs") });
    let text = "agent;state;begins;ends;secs\n\
                bob;wait;2026-01-06T09:00:00Z;2026-01-06T10:00:00Z;\n\
                bob;talk;2026-01-06T10:00:00Z;2026-01-06T10:00:30Z;29\n\
                bob;pause;2026-01-06T10:00:30Z;2026-01-06T10:01:00Z;soon\n";
    let imported = place.import(&source, &place.file("t.csv", text)).await.unwrap();
    assert_eq!(imported.report.new, 3);
    assert_eq!(imported.report.flags.keys().collect::<Vec<_>>(), ["duration_ms:unreadable"]);
    place.verify().await;
}

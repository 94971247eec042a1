//! Records that were set aside are read again under a mended mapping: once, in their place in the order of arrival.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a test that cannot go on says where"
)]

use std::path::Path;

use dialmark_ingest::{ImportOptions, Unwatched, import_file, replay};
use dialmark_lake::{Lake, VerifyOptions};
use dialmark_project::{Project, ProjectFile};

/// The project, whose dates are read as the mapping says.
fn project(pattern: &str, more: &str) -> Project {
    let sources = format!(
        "[source.dialler]\ntable = \"calls\"\nfiles = [\"*.csv\"]\n{more}\n\
         [source.dialler.columns]\nstarted_at = {{ from = \"start\", as = \"{pattern}\" }}\ndisposition = \"result\"\n"
    );
    let files = [
        ProjectFile::new("dialmark.toml", "[centre]\nname = \"N\"\nzone = \"Europe/London\"\n"),
        ProjectFile::new("sources/s.toml", sources),
    ];
    Project::from_files(Path::new("/nowhere"), &files).unwrap()
}

async fn imported(lake: &Lake, project: &Project, folder: &Path, name: &str, text: &str) -> i64 {
    let path = folder.join(name);
    std::fs::write(&path, text).unwrap();
    let source = project.source("dialler").unwrap();
    import_file(lake, source, &path, &ImportOptions::default(), &Unwatched).await.unwrap().report.import_id
}

const ISO: &str = "%Y-%m-%d %H:%M";
const BRITISH: &str = "%d/%m/%Y %H:%M";

#[tokio::test]
async fn what_a_mended_mapping_can_read_is_taken_once_and_newer_deliveries_stay_newer() {
    let folder = tempfile::tempdir().unwrap();
    let lake = Lake::open(&folder.path().join("lake")).await.unwrap();
    let before = project(ISO, "id = \"id\"");
    let text = "id;start;result\n1;2026-11-20 09:00;SALE\n2;20/11/2026 09:05;NI\n3;\"20/11/2026\n09:10\";NI\n4;nonsense;NI\n";
    let first = imported(&lake, &before, folder.path(), "a.csv", text).await;
    // Meanwhile a newer delivery of record 2 came, in a form that was read.
    imported(&lake, &before, folder.path(), "b.csv", "id;start;result\n2;2026-11-20 09:05;SALE\n").await;

    let aside = lake.replayable(first).await.unwrap().unwrap();
    assert_eq!((aside.rows.len(), aside.out_of_reach, aside.resolved), (3, 0, 0));
    let after = project(BRITISH, "id = \"id\"");
    let source = after.source("dialler").unwrap();
    let read = replay(&lake, source, &aside).await.unwrap().unwrap();
    let report = &read.report;
    assert_eq!((report.read, report.new, report.superseded), (3, 1, 1), "{report:?}");
    assert_eq!(report.quarantined_total(), 1);
    let still = lake.quarantined(report.import_id, 9).await.unwrap();
    assert_eq!(still.iter().map(|row| row.line).collect::<Vec<_>>(), [6], "lines are those of the file");

    let aside = lake.replayable(first).await.unwrap().unwrap();
    assert_eq!((aside.rows.len(), aside.resolved), (0, 3));
    assert_eq!(replay(&lake, source, &aside).await.unwrap(), None);
    let rest = lake.replayable(report.import_id).await.unwrap().unwrap();
    assert_eq!(rest.rows.len(), 1, "what is set aside again belongs to the new import");
    let problems = lake.verify(VerifyOptions::default()).await.unwrap().problems;
    assert_eq!(problems, Vec::<String>::new());
}

#[tokio::test]
async fn records_that_add_up_are_added_once() {
    let folder = tempfile::tempdir().unwrap();
    let lake = Lake::open(&folder.path().join("lake")).await.unwrap();
    let before = project(ISO, "mode = \"append\"");
    let text = "start;result\n20/11/2026 09:05;NI\n20/11/2026 09:05;NI\n";
    let first = imported(&lake, &before, folder.path(), "a.csv", text).await;
    let aside = lake.replayable(first).await.unwrap().unwrap();
    let after = project(BRITISH, "mode = \"append\"");
    let source = after.source("dialler").unwrap();
    let read = replay(&lake, source, &aside).await.unwrap().unwrap();
    assert_eq!(read.report.new, 2, "identical lines are two records");
    // Whoever asks with what was known before comes too late.
    assert!(replay(&lake, source, &aside).await.is_err());
    assert_eq!(lake.snapshot().await.unwrap().tables["calls"].rows(), 2);
}

#[tokio::test]
async fn what_cannot_be_read_alone_is_said() {
    let folder = tempfile::tempdir().unwrap();
    let lake = Lake::open(&folder.path().join("lake")).await.unwrap();
    let before = project(ISO, "");
    let first =
        imported(&lake, &before, folder.path(), "a.csv", "start;result\n2026-11-20 09:00;NI\nx;NI\n").await;
    let aside = lake.replayable(first).await.unwrap().unwrap();
    let said = replay(&lake, before.source("dialler").unwrap(), &aside).await.unwrap_err().to_string();
    assert!(said.contains("supersede each other") && said.contains("`a.csv` again"), "{said}");
}

#[tokio::test]
async fn what_was_pushed_is_kept_whole_however_long_it_is() {
    let folder = tempfile::tempdir().unwrap();
    let lake = Lake::open(&folder.path().join("lake")).await.unwrap();
    let source = |pattern: &str| {
        let sources = format!(
            "[source.pushed]\ntable = \"calls\"\nformat = \"jsonl\"\nid = \"id\"\n[source.pushed.columns]\n\
             started_at = {{ from = \"start\", as = \"{pattern}\" }}\ndisposition = \"result\"\n"
        );
        let files = [
            ProjectFile::new("dialmark.toml", "[centre]\nname = \"N\"\nzone = \"Europe/London\"\n"),
            ProjectFile::new("sources/s.toml", sources),
        ];
        Project::from_files(Path::new("/nowhere"), &files).unwrap().source("pushed").unwrap().clone()
    };
    let lengths = [50_000, 59_999, 60_000, 65_536, 300_000, 3_000_000];
    let lines = (0..).zip(lengths).map(|(id, length)| {
        let note = "x".repeat(length);
        format!("{{\"id\":\"{id}\",\"start\":\"20/11/2026 09:00\",\"result\":\"NI\",\"note\":\"{note}\"}}\n")
    });
    let file = folder.path().join("body.json");
    std::fs::write(&file, lines.collect::<String>()).unwrap();
    let options = ImportOptions {
        consumes: dialmark_lake::Consumes::Inbox { upto: 0, bodies: 0 },
        ..ImportOptions::default()
    };
    let set_aside = import_file(&lake, &source(ISO), &file, &options, &Unwatched).await.unwrap().report;
    assert_eq!((set_aside.accepted, set_aside.quarantined_total()), (0, 6));
    let aside = lake.replayable(set_aside.import_id).await.unwrap().unwrap();
    assert_eq!((aside.rows.len(), aside.out_of_reach), (6, 0));
    let read = replay(&lake, &source(BRITISH), &aside).await.unwrap().unwrap().report;
    assert_eq!((read.new, read.quarantined_total()), (6, 0), "{:?}", read.quarantined);
}

//! Good projects, and folders that are none.

// Helpers of a test may fail as loudly as the test itself.
#![allow(clippy::unwrap_used, clippy::expect_used)]

use std::fs;
use std::path::Path;

use dialmark_model::source::{DurationUnit, Format, From, Identity, Read, Revision};
use dialmark_model::{Kind, Outcome};
use dialmark_project::{Centre, Holds, PROJECT_FILE, Project, ProjectFile};

fn here() -> &'static Path {
    Path::new("project")
}

fn centre() -> Centre {
    Centre::new("North \"Shore\"", "europe/london", Some("GBP")).unwrap()
}

/// The project of the reference: every key of the language once.
fn reference() -> Vec<ProjectFile> {
    [
        "dialmark.toml",
        "sources/dialler.toml",
        "sources/clients.toml",
        "dispositions/codes.toml",
        "metrics/own.toml",
    ]
    .into_iter()
    .map(|path| {
        let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/good").join(path);
        ProjectFile::new(path, fs::read_to_string(file).unwrap())
    })
    .collect()
}

#[test]
fn the_whole_language_is_read() {
    let project = Project::from_files(here(), &reference()).unwrap();
    assert_eq!(project.warnings, []);
    assert_eq!(project.centre.name(), "North Shore Calling");
    assert_eq!(project.centre.zone(), "Europe/London");
    assert_eq!(project.centre.currency(), Some("GBP"));
    assert_eq!(project.lake_folder, here().join("lake"));
    let defaults: Vec<_> =
        project.default_variants.iter().map(|d| (d.metric.as_str(), d.variant.as_str(), d.line)).collect();
    assert_eq!(defaults, [("aht", "handle", 8)]);

    let dialler = project.source("dialler").unwrap();
    assert_eq!(dialler.table.name, "calls");
    assert_eq!(dialler.files, ["dialler/calls-*.csv"]);
    assert_eq!(dialler.zone, "Europe/Lisbon");
    assert_eq!(dialler.declared_in, "sources/dialler.toml");
    assert_eq!(
        dialler.format,
        Format::Csv {
            delimiter: Some(b';'),
            quote: Some(b'"'),
            encoding: Some("windows-1252".into()),
            header: true
        }
    );
    let Identity::Id { columns, revision: Revision::Column { field }, look_back_days, .. } =
        &dialler.identity
    else {
        panic!("{:?}", dialler.identity);
    };
    assert_eq!(columns, &["line", "date", "call_id"]);
    assert_eq!((field.kind, &field.from), (Kind::Instant, &From::Column("updated_at".into())));
    assert_eq!(*look_back_days, Some(35));
    assert_eq!(
        dialler.filled().collect::<Vec<_>>(),
        [
            "direction",
            "campaign_id",
            "agent_id",
            "started_at",
            "connected_at",
            "ended_at",
            "talk_ms",
            "duration_ms"
        ],
        "in the order of the table's columns, what is worked out behind them"
    );
    let field = |name: &str| dialler.fields.iter().find(|f| f.column == name).unwrap();
    assert_eq!(field("direction").from, From::Constant("outbound".into()));
    assert_eq!(field("started_at").from, From::Joined(vec!["date".into(), "time".into()], " ".into()));
    assert_eq!(field("started_at").read, Read::Pattern("%y%m%d %H:%M:%S".into()));
    assert_eq!(field("connected_at").null, ["0:00:00"]);
    assert_eq!(field("connected_at").after.as_deref(), Some("started_at"));
    assert_eq!(field("ended_at").read, Read::EpochSeconds);
    assert_eq!(field("ended_at").lasting.as_deref(), Some("talk_ms"));
    assert_eq!(field("talk_ms").read, Read::Unit(DurationUnit::Seconds));

    let shifts = project.source("rota").unwrap();
    assert_eq!(shifts.zone, "Europe/London", "the centre's");
    assert_eq!(shifts.identity, Identity::Append);
    let paid = shifts.fields.iter().find(|f| f.column == "paid").unwrap();
    assert_eq!(paid.values, [("Y".to_owned(), "true".to_owned()), ("N".to_owned(), "false".to_owned())]);

    let clients = project.source("clients").unwrap();
    assert_eq!(clients.identity, Identity::Replace);
    assert_eq!(clients.table, project.tables[0]);
    let table = project.table("clients").unwrap();
    assert!(table.placed_by.is_empty());
    let columns: Vec<_> = table.columns.iter().map(|c| (c.name.as_ref(), c.kind)).collect();
    assert_eq!(columns, [("talk_ms", Kind::Duration), ("dials", Kind::Integer), ("y", Kind::Code)]);
    assert_eq!(table.column("dials").unwrap().about, "Calls to this client in this campaign.");

    let code = |code: &str| &project.dispositions.codes[code];
    assert_eq!(code("SALE").outcome, Outcome::Sale);
    assert_eq!(code("CBK").label.as_deref(), Some("Call back"));
    assert!(!code("MSG").contact && !code("MSG").right_party && code("MSG").live_answer);
    assert!(code("LEFT").contact && code("LEFT").live_answer && !code("LEFT").right_party);

    let metric_files: Vec<_> = project.metric_files.iter().map(|m| (m.file.as_str(), m.holds)).collect();
    assert_eq!(
        metric_files,
        [("sources/clients.toml", Holds::Bindings), ("metrics/own.toml", Holds::Definitions)]
    );
}

#[test]
fn a_folder_gives_what_its_texts_give() {
    let folder = tempfile::tempdir().unwrap();
    for file in reference() {
        let path = folder.path().join(&file.path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, &file.text).unwrap();
    }
    fs::write(folder.path().join("sources/README.md"), "not TOML").unwrap();
    let loaded = Project::load(folder.path()).unwrap();
    let given = Project::from_files(folder.path(), &reference()).unwrap();
    assert_eq!(format!("{:?}", loaded.sources), format!("{:?}", given.sources));
    assert_eq!(loaded.tables, given.tables);
    assert_eq!(loaded.dispositions, given.dispositions);
}

#[test]
fn a_new_project_loads_without_a_problem() {
    let project = Project::from_files(here(), &Project::init_files(&centre())).unwrap();
    assert_eq!(project.warnings, []);
    assert_eq!(project.centre, centre());
    assert!(project.sources.is_empty() && project.dispositions.codes.is_empty());
}

#[test]
fn the_examples_of_a_new_project_load_when_they_are_uncommented() {
    let files: Vec<ProjectFile> = Project::init_files(&centre())
        .into_iter()
        .map(|file| {
            let lines = file.text.lines().map(|line| match line.strip_prefix('#') {
                Some(example) if !example.is_empty() && !example.starts_with(' ') => format!("{example}\n"),
                _ => format!("{line}\n"),
            });
            ProjectFile::new(file.path, lines.collect::<String>())
        })
        .collect();
    let project = Project::from_files(here(), &files).unwrap();
    assert_eq!(project.warnings, []);
    assert_eq!(project.sources.len(), 1);
    assert_eq!(project.dispositions.codes.len(), 4);
}

#[test]
fn a_project_around_one_mapping_takes_the_zone_of_its_centre() {
    let mapping = "[source.file]\ntable = \"calls\"\n[source.file.columns]\nstarted_at = \"start\"\n";
    let project = Project::single_source(here(), &centre(), mapping).unwrap();
    assert_eq!(project.source("file").unwrap().zone, "Europe/London");
    assert!(Project::single_source(here(), &centre(), "[source.file]\n").is_err());
}

fn refused(folder: &Path) -> Vec<String> {
    let shown = folder.display().to_string();
    let invalid = Project::load(folder).unwrap_err();
    invalid.problems.iter().map(|problem| problem.to_string().replace(&shown, "FOLDER")).collect()
}

#[test]
fn what_is_no_project_is_refused_in_a_sentence() {
    let folder = tempfile::tempdir().unwrap();
    assert_eq!(
        refused(folder.path()),
        [
            "error: FOLDER: the folder holds no `dialmark.toml`, so it is not a project. Name the project's folder with `--dir`, or start one with `dialmark init`."
        ]
    );
    assert_eq!(
        refused(&folder.path().join("nowhere")),
        ["error: FOLDER: there is no such folder. Name the project's folder with `--dir`."]
    );
    let file = folder.path().join("file");
    fs::write(&file, "x").unwrap();
    assert_eq!(
        refused(&file),
        [
            "error: FOLDER: this is not a folder. A project is the folder that holds `dialmark.toml`, not a file."
        ]
    );
}

#[test]
fn unreadable_files_are_named_and_the_rest_is_read_all_the_same() {
    let folder = tempfile::tempdir().unwrap();
    let path = |name: &str| folder.path().join(name);
    fs::write(path(PROJECT_FILE), "[centre]\nname = \"A\"\nzone = \"UTC\"\n").unwrap();
    fs::create_dir_all(path("sources/folder.toml")).unwrap();
    fs::create_dir_all(path("disposition")).unwrap();
    fs::create_dir_all(path("metrics")).unwrap();
    fs::write(path("sources/latin.toml"), b"[source.a]\n# caf\xe9\n").unwrap();
    fs::write(path("sources/mistaken.toml"), "[sauce.a]\n").unwrap();
    fs::write(path("metrics/huge.toml"), vec![b'#'; 5 * 1024 * 1024]).unwrap();
    #[cfg(unix)]
    std::os::unix::fs::symlink(path("nowhere"), path("sources/gone.toml")).unwrap();
    let said = refused(folder.path());
    let about = |file: &str| said.iter().find(|line| line.contains(file)).cloned().unwrap_or_default();
    assert!(about("sources/latin.toml").contains("line 2 is not UTF-8 text"), "{said:?}");
    assert!(about("sources/folder.toml").contains("this is a folder"), "{said:?}");
    assert!(about("metrics/huge.toml").contains("larger than 4 MiB"), "{said:?}");
    assert!(about("sources/mistaken.toml").contains("Did you mean `source`?"), "{said:?}");
    assert!(about("warning: disposition").contains("Did you mean `dispositions`?"), "{said:?}");
    #[cfg(unix)]
    assert!(about("sources/gone.toml").contains("cannot be read"), "{said:?}");
}

#[test]
fn a_byte_order_mark_is_no_part_of_a_declaration() {
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join(PROJECT_FILE), "\u{feff}[centre]\nname = \"A\"\nzone = \"UTC\"\n").unwrap();
    assert_eq!(Project::load(folder.path()).unwrap().centre.zone(), "UTC");
}

//! Every mistake has a file in `tests/bad/` and, beside it, what is said about it.
//!
//! A file begins with `#: PATH`, the place in the project where it stands; further such lines begin further
//! files. `DIALMARK_BLESS=1 cargo test -p dialmark-project` writes what is said now; read the difference.

// Helpers of a test may fail as loudly as the test itself.
#![allow(clippy::unwrap_used, clippy::expect_used)]

use std::fs;
use std::path::{Path, PathBuf};

use dialmark_project::{PROJECT_FILE, Project, ProjectFile};

const SOUND_PROJECT_FILE: &str = "[centre]\nname = \"Test\"\nzone = \"Europe/London\"\n";

fn cases() -> Vec<PathBuf> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/bad");
    let mut cases: Vec<PathBuf> = fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .filter(|path| path.extension().is_some_and(|e| e == "toml"))
        .collect();
    cases.sort();
    cases
}

/// The files of a case; line 1 of each is its `#:` line.
fn files_of(text: &str) -> Vec<ProjectFile> {
    let mut files: Vec<ProjectFile> = Vec::new();
    for line in text.split_inclusive('\n') {
        if let Some(path) = line.strip_prefix("#: ") {
            files.push(ProjectFile::new(path.trim(), ""));
        }
        files.last_mut().expect("a case begins with `#: PATH`").text.push_str(line);
    }
    if !files.iter().any(|file| file.path == PROJECT_FILE) {
        files.push(ProjectFile::new(PROJECT_FILE, SOUND_PROJECT_FILE));
    }
    files
}

fn said_about(text: &str) -> String {
    let problems = match Project::from_files(Path::new("project"), &files_of(text)) {
        Ok(project) => project.warnings,
        Err(invalid) => invalid.problems,
    };
    problems.iter().map(|problem| format!("{problem}\n")).collect()
}

#[test]
fn each_mistake_is_reported_with_its_place_and_a_way_out() {
    let bless = std::env::var_os("DIALMARK_BLESS").is_some();
    let mut differences = String::new();
    for case in cases() {
        let said = said_about(&fs::read_to_string(&case).unwrap());
        let beside = case.with_extension("expected");
        if bless {
            fs::write(&beside, &said).unwrap();
        }
        let expected = fs::read_to_string(&beside).unwrap_or_default();
        if said != expected {
            differences.push_str(&format!("{}\nexpected:\n{expected}said:\n{said}\n", case.display()));
        }
        assert!(!said.is_empty(), "{} holds no mistake", case.display());
    }
    assert!(differences.is_empty(), "{differences}");
}

#[test]
fn the_mistakes_of_all_files_come_in_one_list() {
    let mut files = Vec::new();
    for case in cases() {
        let stem = case.file_stem().unwrap().to_string_lossy().into_owned();
        for file in files_of(&fs::read_to_string(&case).unwrap()) {
            if let Some((folder, name)) = file.path.split_once('/') {
                files.push(ProjectFile::new(format!("{folder}/{stem}-{name}"), file.text));
            }
        }
    }
    files.push(ProjectFile::new(PROJECT_FILE, SOUND_PROJECT_FILE));
    let invalid = Project::from_files(Path::new("project"), &files).unwrap_err();
    let with_problems: std::collections::BTreeSet<&str> =
        invalid.problems.iter().map(|problem| problem.file.as_str()).collect();
    assert!(with_problems.len() > 20, "{with_problems:?}");
}

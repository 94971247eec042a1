//! The only part that touches the disk: which files a project consists of, and their texts.

use std::fs;
use std::io::{self, Read};
use std::path::Path;

use dialmark_model::declared::{Problem, Problems, Severity, nearest};

use crate::PROJECT_FILE;

/// Folders whose `*.toml` files are read, beside those of what is promised.
const FOLDERS: [&str; 3] = ["dispositions", "metrics", "sources"];

/// All folders whose `*.toml` files are read, by name.
fn folders() -> Vec<&'static str> {
    let mut all: Vec<&str> = FOLDERS.into_iter().chain(dialmark_govern::governed::FOLDERS).collect();
    all.sort_unstable();
    all
}

/// Declarations are written by people; a larger file is something else that ended up in the wrong folder.
const MAX_BYTES: u64 = 4 * 1024 * 1024;

/// One file of a project.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ProjectFile {
    /// Path relative to the project, with `/`.
    pub path: String,
    /// Its text.
    pub text: String,
}

impl ProjectFile {
    /// A file of this path and text.
    pub fn new(path: impl Into<String>, text: impl Into<String>) -> ProjectFile {
        ProjectFile { path: path.into(), text: text.into() }
    }
}

/// The files of the project in `folder`, `dialmark.toml` first, then by name.
/// Nothing is returned when the folder is no project at all.
pub(crate) fn read(folder: &Path, problems: &Problems) -> Option<Vec<ProjectFile>> {
    let shown = folder.display().to_string();
    let entries = match folder_entries(folder) {
        Ok(entries) => entries,
        Err(cause) => {
            let (message, help) = match cause.kind() {
                io::ErrorKind::NotFound => {
                    ("there is no such folder.".to_owned(), "Name the project's folder with `--dir`.")
                }
                io::ErrorKind::NotADirectory => (
                    "this is not a folder.".to_owned(),
                    "A project is the folder that holds `dialmark.toml`, not a file.",
                ),
                _ => (format!("the folder cannot be read: {cause}."), "Check who may read it."),
            };
            report(problems, &shown, message, help);
            return None;
        }
    };
    if !entries.iter().any(|entry| entry.name == PROJECT_FILE) {
        report(
            problems,
            &shown,
            format!("the folder holds no `{PROJECT_FILE}`, so it is not a project."),
            "Name the project's folder with `--dir`, or start one with `dialmark init`.",
        );
        return None;
    }
    warn_of_misspelt_folders(&entries, problems);
    let mut files = Vec::new();
    files.extend(text_of(folder, PROJECT_FILE, problems));
    for name in folders() {
        if entries.iter().any(|entry| entry.name == name && entry.is_folder) {
            read_folder(folder, name, &mut files, problems);
        }
    }
    Some(files)
}

fn read_folder(project: &Path, name: &str, files: &mut Vec<ProjectFile>, problems: &Problems) {
    match folder_entries(&project.join(name)) {
        Ok(entries) => {
            for entry in entries {
                if entry.name.ends_with(".toml") && !entry.name.starts_with('.') {
                    files.extend(text_of(project, &format!("{name}/{}", entry.name), problems));
                }
            }
        }
        Err(cause) => {
            report(problems, name, format!("the folder cannot be read: {cause}."), "Check who may read it.");
        }
    }
}

struct Entry {
    name: String,
    is_folder: bool,
}

/// Entries in the order of their names, so that problems come in the same order everywhere.
fn folder_entries(folder: &Path) -> io::Result<Vec<Entry>> {
    let mut entries = Vec::new();
    for entry in fs::read_dir(folder)? {
        let entry = entry?;
        let is_folder = fs::metadata(entry.path()).is_ok_and(|about| about.is_dir());
        entries.push(Entry { name: entry.file_name().to_string_lossy().into_owned(), is_folder });
    }
    entries.sort_by(|a, b| a.name.cmp(&b.name));
    Ok(entries)
}

fn text_of(project: &Path, path: &str, problems: &Problems) -> Option<ProjectFile> {
    let (message, help) = match bytes_of(&project.join(path)) {
        Ok(bytes) if u64::try_from(bytes.len()).is_ok_and(|length| length > MAX_BYTES) => (
            "the file is larger than 4 MiB, which no declaration is.".to_owned(),
            "Data files belong elsewhere; name them under `files`.",
        ),
        Ok(bytes) => match String::from_utf8(bytes) {
            // A byte-order mark, as some editors write it, is no part of the text.
            Ok(text) => return Some(ProjectFile::new(path, text.strip_prefix('\u{feff}').unwrap_or(&text))),
            Err(error) => {
                let valid = error.utf8_error().valid_up_to();
                let line = error.as_bytes().iter().take(valid).filter(|byte| **byte == b'\n').count() + 1;
                (format!("line {line} is not UTF-8 text."), "Save the file as UTF-8.")
            }
        },
        Err(cause) if cause.kind() == io::ErrorKind::IsADirectory => {
            ("this is a folder, where a file should be.".to_owned(), "Rename or move the folder.")
        }
        Err(cause) => (format!("the file cannot be read: {cause}."), "Check who may read it."),
    };
    report(problems, path, message, help);
    None
}

/// Reads one byte more than allowed, so that a larger file is known as such without being read.
fn bytes_of(path: &Path) -> io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    fs::File::open(path)?.take(MAX_BYTES + 1).read_to_end(&mut bytes)?;
    Ok(bytes)
}

/// A folder `source/` would otherwise be ignored without a word.
fn warn_of_misspelt_folders(entries: &[Entry], problems: &Problems) {
    let folders = folders();
    for entry in entries.iter().filter(|e| e.is_folder && !folders.contains(&e.name.as_str())) {
        let Some(near) = nearest(&entry.name, folders.iter().copied()) else { continue };
        if entries.iter().any(|e| e.name == near) {
            continue;
        }
        problems.push(Problem {
            severity: Severity::Warning,
            code: None,
            file: entry.name.clone(),
            line: 0,
            key: String::new(),
            message: "no folder of this name is ever read.".to_owned(),
            help: Some(format!("Did you mean `{near}`?")),
        });
    }
}

fn report(problems: &Problems, file: &str, message: String, help: &str) {
    problems.push(Problem {
        severity: Severity::Error,
        code: None,
        file: file.to_owned(),
        line: 0,
        key: String::new(),
        message,
        help: Some(help.to_owned()),
    });
}

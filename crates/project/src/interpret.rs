//! From files to a project: which file holds what, and in which order it must be read.

use std::path::PathBuf;

use dialmark_model::declared::{Document, Problem, Problems, Severity};

use crate::names::Names;
use crate::own_table::Tables;
use crate::{
    Holds, MetricFile, PROJECT_FILE, Project, ProjectFile, centre, dispositions, own_source, own_table,
    source,
};

/// Reads all files; problems go to `problems`. What is returned is complete only if none of them is an error.
pub(crate) fn project(folder: PathBuf, files: &[ProjectFile], problems: &Problems) -> Option<Project> {
    let settings = match document(files, PROJECT_FILE, problems) {
        Some(document) => centre::read(&document.root(problems)),
        None => None,
    };
    let usual = source::Usual {
        zone: settings.as_ref().map(|settings| settings.centre.zone()),
        country: settings.as_ref().and_then(|settings| settings.centre.country()),
    };

    let govern_files: Vec<ProjectFile> =
        files.iter().filter(|file| is_of_govern(&file.path)).cloned().collect();
    let source_documents = documents(files, "sources/", problems);
    let mut tables = Tables::default();
    // Tables of all files come first: a source may stand in a file before its table.
    for document in &source_documents {
        own_table::read(&document.root(problems), &mut tables);
    }
    let mut sources = Vec::new();
    let mut names = Names::default();
    let own_sources = own_source::read(&govern_files, usual, &tables, &mut names, problems);
    for document in &source_documents {
        let root = document.root(problems);
        sources.extend(source::read(&root, usual, &tables, &mut names));
        // The catalogue reads them; here they are only no mistake.
        for known in ["table", "bind"] {
            root.node(known);
        }
        root.finish();
    }
    sources.sort_by(|a, b| a.name.cmp(&b.name));

    let mut codes = dispositions::Codes::default();
    for document in documents(files, "dispositions/", problems) {
        codes.read(&document.root(problems));
    }

    for one in settings.iter().flat_map(|settings| &settings.retention) {
        let has_clock = match tables.find(&one.table) {
            own_table::Found::Table(table) => Some(!table.placed_by.is_empty()),
            // It has mistakes of its own, which were reported.
            own_table::Found::Broken => Some(true),
            own_table::Found::Unknown(_) => None,
        };
        centre::check_retention(one, has_clock, problems);
    }
    let settings = settings?;
    Some(Project {
        lake_folder: folder.join(&settings.lake_folder),
        key_file: folder.join(settings.key_file),
        keep_days: settings.keep_days,
        retention: settings.retention.into_iter().map(|one| (one.table, one.days)).collect(),
        folder,
        centre: settings.centre,
        mail: settings.mail,
        default_variants: settings.default_variants,
        tables: tables.into_vec(),
        sources,
        own_sources,
        dispositions: codes.into_map(),
        metric_files: metric_files(files, &source_documents, problems),
        govern_files,
        files: files.to_vec(),
        warnings: Vec::new(),
    })
}

fn document(files: &[ProjectFile], path: &str, problems: &Problems) -> Option<Document> {
    match files.iter().find(|file| file.path == path) {
        Some(file) => Document::parse(&file.path, &file.text, problems),
        // An unreadable file was reported when it was read.
        None if problems.has_errors() => None,
        None => {
            problems.push(Problem {
                severity: Severity::Error,
                code: None,
                file: path.to_owned(),
                line: 0,
                key: String::new(),
                message: "the file is missing.".to_owned(),
                help: Some("`dialmark init` writes one to start from.".to_owned()),
            });
            None
        }
    }
}

fn documents(files: &[ProjectFile], folder: &str, problems: &Problems) -> Vec<Document> {
    files
        .iter()
        .filter(|file| file.path.starts_with(folder))
        .filter_map(|file| Document::parse(&file.path, &file.text, problems))
        .collect()
}

/// Files of `metrics/`, and those of `sources/` that bind.
fn metric_files(files: &[ProjectFile], sources: &[Document], problems: &Problems) -> Vec<MetricFile> {
    let binds = |path: &str| {
        sources
            .iter()
            .map(|document| document.root(problems))
            .any(|root| root.file() == path && root.has("bind"))
    };
    files
        .iter()
        .filter_map(|file| {
            let holds = if file.path.starts_with("metrics/") {
                Holds::Definitions
            } else if binds(&file.path) {
                Holds::Bindings
            } else {
                return None;
            };
            Some(MetricFile { file: file.path.clone(), text: file.text.clone(), holds })
        })
        .collect()
}

fn is_of_govern(path: &str) -> bool {
    let folder = path.split_once('/').map(|(folder, _)| folder);
    folder.is_some_and(|folder| dialmark_govern::governed::FOLDERS.contains(&folder))
}

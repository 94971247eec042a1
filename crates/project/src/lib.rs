//! What is declared: reads and validates a project, the folder of TOML in which a centre says where its
//! records come from and what its codes mean.
//!
//! A project is either whole or a list of problems. Every problem is found in one reading and says file,
//! line, key and a way out. Nothing here opens a data file or a store.

mod centre;
mod constant;
mod dispositions;
mod folder;
mod interpret;
mod invalid;
pub mod mail;
mod names;
mod own_source;
mod own_table;
mod source;
mod starter;

use std::hash::{DefaultHasher, Hash, Hasher};
use std::path::{Path, PathBuf};

use dialmark_model::declared::{AskedFor, Problem, Problems};
use dialmark_model::source::Source;
use dialmark_model::{DispositionMap, Table, facts};

pub use centre::{BadCentre, Centre};
pub use folder::ProjectFile;
pub use invalid::Invalid;
pub use mail::Mail;
pub use own_source::{CALIBRATIONS, COACHING, EVALUATION_ITEMS, EVALUATIONS};

/// Name of the file that makes a folder a project.
pub const PROJECT_FILE: &str = "dialmark.toml";

/// A project without errors.
#[derive(Debug, Clone)]
pub struct Project {
    /// The folder that holds `dialmark.toml`; paths in declarations are relative to it.
    pub folder: PathBuf,
    /// Who the centre is and which zone its days run in.
    pub centre: Centre,
    /// Where facts are kept.
    pub lake_folder: PathBuf,
    /// The key under which telephone numbers are hidden.
    pub key_file: PathBuf,
    /// Days for which earlier states of the store stay readable.
    pub keep_days: u32,
    /// Days for which records stay, by table; those that are not named stay for ever.
    pub retention: std::collections::BTreeMap<String, u32>,
    /// The server that takes letters, if one is declared.
    pub mail: Option<Mail>,
    /// Which variant of a metric this project means when a query names none.
    pub default_variants: Vec<DefaultVariant>,
    /// Tables that the project declares for foreign shapes, by name.
    pub tables: Vec<Table>,
    /// Sources, by name.
    pub sources: Vec<Source>,
    /// Sources of records that are made here: evaluations and coaching, where the project declares forms.
    pub own_sources: Vec<Source>,
    /// What the result codes mean.
    pub dispositions: DispositionMap,
    /// Files that the catalogue of metrics reads, in the order of their names.
    pub metric_files: Vec<MetricFile>,
    /// Files that say what is promised, in the order of their names. Mistakes in them do not keep figures from being
    /// computed; `dialmark_govern` reads them.
    pub govern_files: Vec<ProjectFile>,
    /// The files that it was read from, for whoever keeps or compares them.
    pub files: Vec<ProjectFile>,
    /// What deserves a look, though figures are right.
    pub warnings: Vec<Problem>,
}

/// The project's choice among the variants of a metric. Whether both exist is for the catalogue to say.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DefaultVariant {
    /// The metric.
    pub metric: String,
    /// Its variant.
    pub variant: String,
    /// Line in `dialmark.toml`.
    pub line: usize,
}

/// A file from which the catalogue of metrics reads.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MetricFile {
    /// Path relative to the project.
    pub file: String,
    /// Its text.
    pub text: String,
    /// Which of its sections are the catalogue's.
    pub holds: Holds,
}

/// Which sections of a file are the catalogue's.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Holds {
    /// All: a file of `metrics/`.
    Definitions,
    /// Only `[bind.*]`: a file of `sources/`, whose other sections are read here.
    Bindings,
}

impl Project {
    /// Reads the project in `folder`.
    pub fn load(folder: &Path) -> Result<Project, Invalid> {
        let problems = Problems::new();
        let project = folder::read(folder, &problems)
            .and_then(|files| interpret::project(folder.to_owned(), &files, &problems));
        Invalid::unless_sound(project, problems)
    }

    /// A number that changes when the text of one of the project's files does, or its name.
    pub fn stamp(folder: &Path) -> u64 {
        let mut hasher = DefaultHasher::new();
        for file in folder::read(folder, &Problems::new()).unwrap_or_default() {
            (file.path, file.text).hash(&mut hasher);
        }
        hasher.finish()
    }

    /// Reads the project in `folder` as far as it goes, with everything that is wrong with it: for whoever wants
    /// to find further mistakes. Nothing may be computed from it while one of the problems is an error.
    pub fn read(folder: &Path) -> (Option<Project>, Vec<Problem>) {
        Project::read_with(folder, &[])
    }

    /// The same, had the project these files instead of those of the same path, or beside the others.
    pub fn read_with(folder: &Path, changed: &[ProjectFile]) -> (Option<Project>, Vec<Problem>) {
        let problems = Problems::new();
        let files = folder::read(folder, &problems).map(|mut files| {
            files.retain(|file| changed.iter().all(|other| other.path != file.path));
            files.extend_from_slice(changed);
            // `dialmark.toml` stays first, the others by name.
            files.sort_by(|a, b| (a.path != PROJECT_FILE, &a.path).cmp(&(b.path != PROJECT_FILE, &b.path)));
            files
        });
        let project = files.and_then(|files| interpret::project(folder.to_owned(), &files, &problems));
        (project, problems.into_vec())
    }

    /// Reads a project from texts instead of a folder; `folder` is where its relative paths lead.
    pub fn from_files(folder: &Path, files: &[ProjectFile]) -> Result<Project, Invalid> {
        let problems = Problems::new();
        let project = interpret::project(folder.to_owned(), files, &problems);
        Invalid::unless_sound(project, problems)
    }

    /// What the readers of a project ask for, by kind of file: `dialmark.toml`, `sources`, `dispositions`. It is found by
    /// reading files that use every form.
    pub fn asked_for() -> Vec<(&'static str, AskedFor)> {
        let every_form = [
            ProjectFile::new(PROJECT_FILE, include_str!("every_form/dialmark.toml")),
            ProjectFile::new("sources/every_form.toml", include_str!("every_form/sources.toml")),
            ProjectFile::new("dispositions/every_form.toml", include_str!("every_form/dispositions.toml")),
        ];
        let read = |files: &[ProjectFile]| {
            let problems = Problems::new();
            interpret::project(PathBuf::new(), files, &problems);
            problems.asked_for()
        };
        let all = read(&every_form);
        let is_of = |place: &str, key: &str, roots: &[&str]| {
            let root = place.split('.').next().filter(|p| !p.is_empty()).unwrap_or(key);
            roots.contains(&root)
        };
        let of = |roots: &[&str]| -> AskedFor {
            all.iter()
                .filter(|((place, key), _)| is_of(place, key, roots))
                .map(|(place, wanted)| (place.clone(), wanted.clone()))
                .collect()
        };
        vec![
            ("dialmark", of(&["centre", "store", "retention", "metrics"])),
            ("sources", of(&["source", "table", "bind"])),
            ("dispositions", of(&["disposition", "from", "until"])),
        ]
    }

    /// A project around one mapping, such as `dialmark map` proposes; `mapping` is the text of a file of
    /// `sources/`. It passes the same reader as a mapping that somebody wrote.
    pub fn single_source(folder: &Path, centre: &Centre, mapping: &str) -> Result<Project, Invalid> {
        let files = [
            ProjectFile::new(PROJECT_FILE, starter::project_file(centre)),
            ProjectFile::new("sources/proposed.toml", mapping),
        ];
        Project::from_files(folder, &files)
    }

    /// The files of a new project: a commented starting point that loads without a problem.
    pub fn init_files(centre: &Centre) -> Vec<ProjectFile> {
        starter::files(centre)
    }

    /// The source of this name.
    pub fn source(&self, name: &str) -> Option<&Source> {
        self.sources.iter().find(|s| s.name == name)
    }

    /// The table of this name: the project's own or a canonical one.
    pub fn table(&self, name: &str) -> Option<&Table> {
        self.tables.iter().find(|t| t.name == name).or_else(|| facts::table(name))
    }
}

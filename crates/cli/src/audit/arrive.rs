//! How exports come into the temporary store of an audit: by a mapping at hand, or by one that is proposed.

use std::path::{Path, PathBuf};

use dialmark_ingest::{ImportOptions, Imported, import_file};
use dialmark_lake::Lake;
use dialmark_model::DispositionMap;
use dialmark_model::source::Source;
use dialmark_project::{Centre, PROJECT_FILE, Project, ProjectFile};

use super::proposed::{Flow, Planned, Proposed};
use crate::deliveries;
use crate::failure::Failure;
use crate::opened::Opened;
use crate::progress::FileBar;

/// What is audited, and how it is to be read.
pub struct Wanted<'w> {
    /// The exports.
    pub files: &'w [PathBuf],
    /// Mappings and dispositions that somebody wrote; without a mapping one is proposed for each file.
    pub declarations: Vec<ProjectFile>,
    /// Name of the report, zone of local times, currency.
    pub centre: Centre,
    /// The project whose mappings, definitions, targets and benchmarks hold; none outside of one.
    pub project: Option<Project>,
    /// Direction of calls whose file does not say; guessed if `None`.
    pub flow: Option<Flow>,
}

/// The project, a temporary one or one that was there, with what has been loaded.
pub struct Arrived {
    /// The project.
    pub opened: Opened,
    /// Its store.
    pub lake: Lake,
    /// The files, in the order of the command line.
    pub files: Vec<Arrival>,
    /// Texts of the mappings, by file or, when somebody wrote them, by their own name.
    pub mappings: Vec<(String, String)>,
    /// Result codes whose meaning was guessed by their names.
    pub guessed_codes: usize,
}

/// One file.
pub struct Arrival {
    /// Its name, without its folder.
    pub file: String,
    /// What became of it; why not, when it could not be loaded.
    pub outcome: Result<Imported, String>,
    /// What was assumed about it, in sentences.
    pub notes: Vec<String>,
}

/// The store of a project as it is, without a file.
pub async fn stored(opened: Opened) -> Result<Arrived, Failure> {
    let lake = opened.lake_with_records().await?;
    let files = opened.project.files.iter();
    let read =
        files.filter(|file| file.path.starts_with("sources/") || file.path.starts_with("dispositions/"));
    let mappings = read.map(|file| (file.path.clone(), file.text.clone())).collect();
    Ok(Arrived { opened, lake, files: Vec::new(), mappings, guessed_codes: 0 })
}

/// Reads, maps and loads the files into a store below `folder`.
pub async fn load(folder: &Path, wanted: &Wanted<'_>) -> Result<Arrived, Failure> {
    let project_file = ProjectFile::new(PROJECT_FILE, project_file(&wanted.centre));
    let home = wanted.project.as_ref().map_or(folder, |project| project.folder.as_path());
    let mut declared = match &wanted.project {
        Some(project) => project.files.clone(),
        None => vec![project_file.clone()],
    };
    declared.extend(wanted.declarations.iter().cloned());
    let is_mapping = |file: &&ProjectFile| file.path.starts_with("sources/");
    let has_mapping = wanted.declarations.iter().any(|file| is_mapping(&file));
    let mut mappings: Vec<(String, String)> =
        wanted.declarations.iter().map(|file| (file.path.clone(), file.text.clone())).collect();
    let mut planned = Vec::new();
    let mut guessed = DispositionMap::default();
    // What somebody has mapped needs no guess.
    let mut unknown: Vec<PathBuf> = Vec::new();
    if has_mapping || wanted.project.is_some() {
        let project = Project::from_files(home, &declared)?;
        let of_options: Vec<&Source> = project
            .sources
            .iter()
            .filter(|source| wanted.declarations.iter().any(|file| file.path == source.declared_in))
            .collect();
        let only = match of_options.as_slice() {
            [one] => Some(*one),
            _ => None,
        };
        for path in wanted.files {
            match deliveries::named(&project, std::slice::from_ref(path), only) {
                Ok(found) => planned.extend(found.into_iter().map(|delivery| {
                    let source = Ok(delivery.source.name.clone());
                    let file = project.files.iter().find(|file| file.path == delivery.source.declared_in);
                    mappings.extend(file.map(|file| (file.path.clone(), file.text.clone())));
                    Planned { path: delivery.path, source, notes: Vec::new() }
                })),
                Err(why) if has_mapping => return Err(why),
                Err(_) => unknown.push(path.clone()),
            }
        }
    } else {
        unknown = wanted.files.to_vec();
    }
    if !unknown.is_empty() {
        let proposed = Proposed::for_all(&unknown, wanted.centre.currency(), wanted.flow);
        for text in &proposed.dispositions {
            let of_file =
                [project_file.clone(), ProjectFile::new("dispositions/guessed.toml", text.as_str())];
            guessed.codes.extend(Project::from_files(folder, &of_file)?.dispositions.codes);
        }
        for (path, text) in proposed.texts {
            mappings.push((name_of(&path), text.clone()));
            declared.push(ProjectFile::new(format!("sources/proposed-{}.toml", declared.len()), text));
        }
        for (number, text) in proposed.dispositions.into_iter().enumerate() {
            mappings.push((format!("Result codes, as guessed ({})", number + 1), text));
        }
        planned.extend(proposed.files);
    }
    mappings.sort();
    mappings.dedup();
    planned.sort_by_key(|one| wanted.files.iter().position(|file| *file == one.path));
    let mut project = Project::from_files(home, &declared)?;
    // The project's own store is neither read nor touched.
    project.lake_folder = folder.join("lake");
    project.key_file = folder.join("key");
    project.centre = wanted.centre.clone();
    let mut guessed_codes = 0;
    if project.dispositions.codes.is_empty() {
        guessed_codes = guessed.codes.len();
        project.dispositions = guessed;
    }
    let opened = Opened::load(project)?;
    let lake = opened.lake().await?;
    let mut files = Vec::new();
    let names: Vec<String> = planned.iter().map(|p| name_of(&p.path)).collect();
    for Planned { path, source, notes } in planned {
        let outcome = match source {
            Ok(source) => {
                // Files of one name may lie in several folders.
                let is_alone = names.iter().filter(|name| **name == name_of(&path)).count() == 1;
                let name = if is_alone { name_of(&path) } else { path.display().to_string() };
                load_one(&opened.project, &lake, &path, name, &source).await
            }
            Err(why) => Err(why),
        };
        files.push(Arrival { file: name_of(&path), outcome, notes });
    }
    Ok(Arrived { opened, lake, files, mappings, guessed_codes })
}

async fn load_one(
    project: &Project,
    lake: &Lake,
    path: &Path,
    name: String,
    source: &str,
) -> Result<Imported, String> {
    let source = project.source(source).ok_or_else(|| format!("its source `{source}` is not declared"))?;
    let bar = FileBar::new(&name_of(path));
    let options = ImportOptions { name: Some(name), ..ImportOptions::default() };
    let imported = import_file(lake, source, path, &options, &bar).await;
    imported.map_err(|error| error.to_string())
}

/// A project of nothing but a zone; the store lies in the temporary folder.
fn project_file(centre: &Centre) -> String {
    format!("[centre]\nname = {}\nzone = {}\n", toml_text(centre.name()), toml_text(centre.zone()))
}

/// A text in TOML is a text in JSON, as far as names of files go.
fn toml_text(text: &str) -> String {
    serde_json::Value::from(text).to_string()
}

/// The file's name without its folder.
pub fn name_of(path: &Path) -> String {
    path.file_name().map_or_else(|| path.display().to_string(), |name| name.to_string_lossy().into_owned())
}

//! The declarations under which the last records came in or the last pages were served: what `plan` compares with.

use std::path::PathBuf;

use dialmark_project::{Project, ProjectFile};

use crate::failure::Failure;
use crate::files::{self, Existing};
use crate::opened::Opened;

/// File of the project's folder in which they are kept.
const FILE: &str = ".dialmark/declared.json";

fn place(project: &Project) -> PathBuf {
    project.folder.join(FILE)
}

/// Keeps the project's files as they are.
pub fn keep(project: &Project) -> Result<(), Failure> {
    let files: Vec<(&str, &str)> = project.files.iter().map(|f| (f.path.as_str(), f.text.as_str())).collect();
    let text = serde_json::to_vec_pretty(&files)
        .map_err(|e| Failure::problem(format!("The declarations cannot be written: {e}.")))?;
    let path = place(project);
    if std::fs::read(&path).is_ok_and(|kept| kept == text) {
        return Ok(());
    }
    if let Some(folder) = path.parent() {
        std::fs::create_dir_all(folder)
            .map_err(|e| Failure::problem(format!("{} cannot be made: {e}.", folder.display())))?;
        // Nobody wants it in a repository: the repository itself remembers what was declared.
        std::fs::write(folder.join(".gitignore"), "*\n")
            .map_err(|e| Failure::problem(format!("{} cannot be written: {e}.", folder.display())))?;
    }
    files::write(&path, &text, Existing::Replace)
}

/// The project as it was kept last; `None` when it never was.
pub fn read(project: &Project) -> Result<Option<Opened>, Failure> {
    let path = place(project);
    let Ok(text) = std::fs::read(&path) else { return Ok(None) };
    let kept: Vec<(String, String)> = serde_json::from_slice(&text).map_err(|e| {
        Failure::problem(format!(
            "{} cannot be read: {e}. Remove it; the next import writes it anew.",
            path.display()
        ))
    })?;
    let files: Vec<ProjectFile> = kept.into_iter().map(|(path, text)| ProjectFile::new(path, text)).collect();
    Ok(Some(Opened::load(Project::from_files(&project.folder, &files)?)?))
}

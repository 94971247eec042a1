//! A project with its catalogue, and the way from there to its store and its engine.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use dialmark_engine::Engine;
use dialmark_lake::Lake;
use dialmark_metrics::Catalogue;
use dialmark_metrics::catalogue::Filled;
use dialmark_model::declared::{Problem, Problems, Severity, nearest};
use dialmark_project::{Invalid, PROJECT_FILE, Project};
use dialmark_state::State;

use crate::failure::Failure;

/// A project that can be worked with.
#[derive(Debug)]
pub struct Opened {
    /// What is declared.
    pub project: Project,
    /// What can be asked, the project's own definitions included.
    pub catalogue: Arc<Catalogue>,
    /// What deserves a look, though figures are right.
    pub warnings: Vec<Problem>,
}

impl Opened {
    /// Opens the project in `dir`, or the one that the current folder belongs to.
    pub fn open(dir: Option<&Path>) -> Result<Opened, Failure> {
        Ok(Opened::load(Project::load(&folder(dir)?)?)?)
    }

    /// Reads the catalogue of a project that has been read.
    pub fn load(project: Project) -> Result<Opened, Invalid> {
        let (catalogue, mut problems) = catalogue_of(&project);
        if problems.iter().any(|p| p.severity == Severity::Error) {
            problems.extend(project.warnings);
            return Err(Invalid { problems });
        }
        problems.extend(project.warnings.iter().cloned());
        Ok(Opened { project, catalogue: Arc::new(catalogue), warnings: problems })
    }

    /// Columns that the project's sources fill, by table.
    pub fn declared(&self) -> Filled {
        declared(&self.project)
    }

    /// The store, for writing: begun if there is none.
    pub async fn lake(&self) -> Result<Lake, Failure> {
        Ok(Lake::open(&self.project.lake_folder).await?.with_key_file(&self.project.key_file))
    }

    /// What was decided, beside the store.
    pub async fn state(&self) -> Result<State, Failure> {
        // The store's folder may not be there yet.
        self.lake().await?;
        Ok(State::open(&self.project.lake_folder).await?)
    }

    /// The store, for reading; `None` when nothing has been imported yet.
    pub async fn lake_if_any(&self) -> Result<Option<Lake>, Failure> {
        match self.project.lake_folder.exists() {
            true => self.lake().await.map(Some),
            false => Ok(None),
        }
    }

    /// The store, which must be there.
    pub async fn lake_with_records(&self) -> Result<Lake, Failure> {
        self.lake_if_any().await?.ok_or_else(|| {
            Failure::problem(format!(
                "Nothing has been imported yet: there is no store at {}. Run `dialmark import`.",
                self.project.lake_folder.display()
            ))
        })
    }

    /// The engine over a store.
    pub fn engine(&self, lake: Lake) -> Engine {
        let dispositions = Arc::new(self.project.dispositions.clone());
        Engine::new(lake, Arc::clone(&self.catalogue), dispositions, self.declared())
            .in_calendar(self.project.centre.calendar())
    }
}

/// The folder of the project: `dir` itself, or the nearest above the current folder that holds `dialmark.toml`.
pub fn folder(dir: Option<&Path>) -> Result<PathBuf, Failure> {
    if let Some(dir) = dir {
        return Ok(dir.to_owned());
    }
    let here = std::env::current_dir()
        .map_err(|error| Failure::problem(format!("The current folder cannot be found: {error}.")))?;
    nearest_project(&here).ok_or_else(|| {
        Failure::usage(format!(
            "Neither {} nor any folder above it holds a `{PROJECT_FILE}`. Name the project's folder with `--dir`, or \
             start one with `dialmark init`.",
            here.display()
        ))
    })
}

/// The project that `here` belongs to.
pub fn nearest_project(here: &Path) -> Option<PathBuf> {
    here.ancestors().find(|folder| folder.join(PROJECT_FILE).is_file()).map(Path::to_owned)
}

/// The catalogue of a project, with every problem found in it.
pub fn catalogue_of(project: &Project) -> (Catalogue, Vec<Problem>) {
    let problems = Problems::new();
    let files: Vec<(String, String)> =
        project.metric_files.iter().map(|f| (f.file.clone(), f.text.clone())).collect();
    let mut catalogue = Catalogue::read(&files, &project.tables, &problems);
    choose_variants(project, &mut catalogue, &problems);
    (catalogue, problems.into_vec())
}

/// Columns that the sources of a project fill, its own included, by table.
pub fn declared(project: &Project) -> Filled {
    let mut filled = Filled::default();
    for source in project.sources.iter().chain(&project.own_sources) {
        filled.add(&source.table.name, source.filled());
    }
    filled
}

/// Applies `[metrics] default = { metric = "variant" }` of `dialmark.toml`.
fn choose_variants(project: &Project, catalogue: &mut Catalogue, problems: &Problems) {
    for choice in &project.default_variants {
        let (message, help) = match catalogue.metrics.get_mut(&choice.metric) {
            None => (
                format!("there is no metric `{}`.", choice.metric),
                nearest(&choice.metric, catalogue.metrics.keys().map(String::as_str)),
            ),
            Some(metric) if metric.variant(Some(&choice.variant)).is_none() => (
                format!("`{}` has no variant `{}`.", choice.metric, choice.variant),
                nearest(&choice.variant, metric.variants.iter().map(|v| v.id.as_str())),
            ),
            Some(metric) => {
                metric.default.clone_from(&choice.variant);
                continue;
            }
        };
        problems.push(Problem {
            severity: Severity::Error,
            code: None,
            file: PROJECT_FILE.to_owned(),
            line: choice.line,
            key: format!("metrics.default.{}", choice.metric),
            message,
            help: Some(help.map_or_else(
                || "`dialmark metrics list` shows all metrics and their variants.".to_owned(),
                |near| format!("Did you mean `{near}`?"),
            )),
        });
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use dialmark_project::ProjectFile;

    fn project(default: &str) -> Project {
        let text = format!(
            "[centre]\nname = \"N\"\nzone = \"Europe/London\"\n[metrics]\ndefault = {{ {default} }}\n"
        );
        Project::from_files(Path::new("/nowhere"), &[ProjectFile::new(PROJECT_FILE, text)]).unwrap()
    }

    #[test]
    fn the_projects_choice_of_variant_is_the_default() {
        let opened = Opened::load(project("aht = \"talk\"")).unwrap();
        assert_eq!(opened.catalogue.metrics.get("aht").unwrap().default, "talk");
    }

    #[test]
    fn a_choice_that_does_not_exist_is_an_error_with_its_line() {
        let invalid = Opened::load(project("aht = \"tlk\", xyzzy = \"a\"")).unwrap_err();
        let said: Vec<String> = invalid.problems.iter().map(ToString::to_string).collect();
        assert_eq!(
            said,
            [
                "error: dialmark.toml:5: metrics.default.aht: `aht` has no variant `tlk`. Did you mean `talk`?",
                "error: dialmark.toml:5: metrics.default.xyzzy: there is no metric `xyzzy`. `dialmark metrics list` \
                 shows all metrics and their variants.",
            ]
        );
    }
}

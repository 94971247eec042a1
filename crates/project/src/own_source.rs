//! Sources of Dialmark's own: what is evaluated and coached here becomes records under them, so that metrics count it like
//! what another tool delivers. A project has them when it declares a form.

use dialmark_model::declared::{Document, Problems};
use dialmark_model::source::Source;

use crate::ProjectFile;
use crate::names::Names;
use crate::own_table::Tables;
use crate::source::{self, Usual};

/// Name of the source of evaluations.
pub const EVALUATIONS: &str = "dialmark_evaluations";
/// Name of the source of their criteria.
pub const EVALUATION_ITEMS: &str = "dialmark_evaluation_items";
/// Name of the source of scores that calibration rounds gave.
pub const CALIBRATIONS: &str = "dialmark_calibrations";
/// Name of the source of coaching sessions.
pub const COACHING: &str = "dialmark_coaching";

/// As it stands in messages.
const FILE: &str = "Dialmark's own sources";
const TEXT: &str = include_str!("own/quality.toml");

/// The own sources of a project. They are read before all others, so that whoever takes one of their names is told so.
pub(crate) fn read(
    govern_files: &[ProjectFile],
    usual: Usual<'_>,
    tables: &Tables,
    names: &mut Names,
    problems: &Problems,
) -> Vec<Source> {
    if !govern_files.iter().any(declares_a_form) {
        return Vec::new();
    }
    let Some(document) = Document::parse(FILE, TEXT, problems) else { return Vec::new() };
    source::read(&document.root(problems), usual, tables, names)
}

/// What is wrong with the file is said by whoever reads all of it.
fn declares_a_form(file: &ProjectFile) -> bool {
    let problems = Problems::new();
    let document = Document::parse(&file.path, &file.text, &problems);
    document.is_some_and(|document| document.root(&problems).has("form"))
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::*;
    use crate::{Invalid, Project};

    fn project(files: &[(&str, &str)]) -> Result<Project, Invalid> {
        let centre = ("dialmark.toml", "[centre]\nname = \"N\"\nzone = \"Europe/London\"\n");
        let files: Vec<ProjectFile> =
            [centre].iter().chain(files).map(|(path, text)| ProjectFile::new(*path, *text)).collect();
        Project::from_files(Path::new("/nowhere"), &files)
    }

    const FORM: (&str, &str) = ("quality/sales.toml", "[form.sales]\nversion = \"1\"\n");

    #[test]
    fn a_project_with_a_form_has_sources_for_what_is_evaluated() {
        assert_eq!(project(&[]).unwrap().own_sources, []);
        let own = project(&[FORM]).unwrap().own_sources;
        let mut names: Vec<&str> = own.iter().map(|source| source.name.as_str()).collect();
        names.sort_unstable();
        assert_eq!(names, [CALIBRATIONS, COACHING, EVALUATION_ITEMS, EVALUATIONS]);
        for source in &own {
            assert_eq!((source.zone.as_str(), source.files.len()), ("Europe/London", 0));
            // Every column of the table is filled: metrics of it can be computed from these records alone.
            assert_eq!(source.filled().count(), source.table.columns.len(), "{}", source.name);
        }
    }

    #[test]
    fn nobody_else_takes_their_names() {
        let taken = format!(
            "[source.{EVALUATIONS}]\ntable = \"evaluations\"\nid = \"a\"\n[source.{EVALUATIONS}.columns]\nevaluated_at = \"at\"\n"
        );
        let said = project(&[FORM, ("sources/mine.toml", &taken)]).unwrap_err().to_string();
        assert!(said.contains("sources/mine.toml:1") && said.contains("Dialmark's own sources"), "{said}");
    }
}

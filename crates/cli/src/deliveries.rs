//! Which file goes to which source: by the patterns that sources declare.

use std::path::{Path, PathBuf};

use dialmark_model::source::Source;
use dialmark_project::Project;

use crate::failure::Failure;

/// One file for one source.
#[derive(Debug, Clone)]
pub struct Delivery<'p> {
    /// The source that reads it.
    pub source: &'p Source,
    /// The file.
    pub path: PathBuf,
}

/// All files that the patterns of the sources find, by source and then by name.
pub fn found<'p>(project: &'p Project, only: Option<&'p Source>) -> Result<Vec<Delivery<'p>>, Failure> {
    let mut deliveries = Vec::new();
    for source in project.sources.iter().filter(|s| only.is_none_or(|o| o.name == s.name)) {
        let mut paths: Vec<PathBuf> = Vec::new();
        for pattern in &source.files {
            let anchored = project.folder.join(pattern);
            // The project's own path may hold characters that patterns give a meaning to.
            let full = match Path::new(pattern).is_absolute() {
                true => pattern.clone(),
                false => {
                    let folder = glob::Pattern::escape(&project.folder.to_string_lossy());
                    format!("{}/{pattern}", folder.trim_end_matches('/'))
                }
            };
            let matches = glob::glob(&full).map_err(|error| bad_pattern(source, pattern, &error))?;
            for path in matches {
                let path = path.map_err(|error| {
                    Failure::problem(format!(
                        "{}: {} cannot be looked through: {}.",
                        source.declared_in,
                        anchored.display(),
                        error.error()
                    ))
                })?;
                if path.is_file() {
                    paths.push(path);
                }
            }
        }
        paths.sort();
        // Links may show one file in several places.
        let mut seen = std::collections::BTreeSet::new();
        paths.retain(|path| seen.insert(path.canonicalize().unwrap_or_else(|_| path.clone())));
        deliveries.extend(paths.into_iter().map(|path| Delivery { source, path }));
    }
    Ok(deliveries)
}

/// The sources of named files: the one that was named, or those whose patterns match.
pub fn named<'p>(
    project: &'p Project,
    files: &[PathBuf],
    only: Option<&'p Source>,
) -> Result<Vec<Delivery<'p>>, Failure> {
    let mut deliveries = Vec::new();
    for path in files {
        match only {
            Some(source) => deliveries.push(Delivery { source, path: path.clone() }),
            None => deliveries.extend(
                sources_of(project, path)?.into_iter().map(|source| Delivery { source, path: path.clone() }),
            ),
        }
    }
    Ok(deliveries)
}

/// The source of this name.
pub fn source<'p>(project: &'p Project, name: &str) -> Result<&'p Source, Failure> {
    project.source(name).ok_or_else(|| {
        Failure::usage(format!("There is no source `{name}` in this project. {}", known_sources(project)))
    })
}

/// Sources whose patterns match the file's place in the project; failing that, the one whose pattern matches its
/// bare name, since exports are often downloaded elsewhere.
fn sources_of<'p>(project: &'p Project, path: &Path) -> Result<Vec<&'p Source>, Failure> {
    let options = glob::MatchOptions { require_literal_separator: true, ..glob::MatchOptions::new() };
    let in_place = place_in_project(project, path);
    let name = path.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
    let (mut by_place, mut by_name) = (Vec::new(), Vec::new());
    for source in &project.sources {
        for pattern in &source.files {
            let whole = glob::Pattern::new(pattern).map_err(|error| bad_pattern(source, pattern, &error))?;
            let last = pattern.rsplit('/').next().unwrap_or(pattern);
            let last = glob::Pattern::new(last).map_err(|error| bad_pattern(source, pattern, &error))?;
            if in_place.as_ref().is_some_and(|place| whole.matches_with(place, options)) {
                by_place.push(source);
            } else if last.matches_with(&name, options) {
                by_name.push(source);
            }
        }
    }
    for found in [&mut by_place, &mut by_name] {
        found.dedup_by(|a, b| a.name == b.name);
    }
    match (by_place.as_slice(), by_name.as_slice()) {
        ([_, ..], _) => Ok(by_place),
        ([], [one]) => Ok(vec![one]),
        ([], []) => Err(Failure::usage(format!(
            "No source of this project has a pattern under `files` that matches {}. Name the source with `--source \
             NAME`, or add the file to its `files`. {}",
            path.display(),
            known_sources(project)
        ))),
        ([], several) => {
            let names: Vec<String> = several.iter().map(|s| format!("`{}`", s.name)).collect();
            Err(Failure::usage(format!(
                "{} could belong to {}. Name the source with `--source NAME`.",
                path.display(),
                names.join(" or ")
            )))
        }
    }
}

/// The path as patterns of the project would name it, when it lies in the project. Under this name the store knows
/// the file again.
pub fn place_in_project(project: &Project, path: &Path) -> Option<String> {
    let folder = project.folder.canonicalize().ok()?;
    let whole = path.canonicalize().ok()?;
    let within = whole.strip_prefix(folder).ok()?;
    let parts: Vec<String> = within.iter().map(|part| part.to_string_lossy().into_owned()).collect();
    Some(parts.join("/"))
}

fn bad_pattern(source: &Source, pattern: &str, error: &glob::PatternError) -> Failure {
    Failure::problem(format!(
        "{}: source.{}.files: `{pattern}` is not a pattern of file names: {}.",
        source.declared_in, source.name, error.msg
    ))
}

fn known_sources(project: &Project) -> String {
    match project.sources.as_slice() {
        [] => {
            "It declares no source yet: `dialmark map FILE --out sources/NAME.toml` proposes one.".to_owned()
        }
        sources => {
            let names: Vec<String> = sources.iter().map(|s| format!("`{}`", s.name)).collect();
            format!("It has {}.", names.join(", "))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use dialmark_project::ProjectFile;

    const SOURCES: &str = "\
[source.dialler]
table = \"calls\"
files = [\"dialler/calls-*.csv\"]
id = \"id\"
columns = { started_at = \"start\" }
[source.crm]
table = \"outcomes\"
files = [\"crm/*.csv\", \"crm/*.jsonl\"]
id = \"id\"
columns = { occurred_at = \"at\" }
[source.spans]
table = \"agent_spans\"
files = [\"dialler/calls-*.csv\"]
id = \"id\"
columns = { started_at = \"start\" }
";

    fn project(folder: &Path) -> Project {
        let files = [
            ProjectFile::new("dialmark.toml", "[centre]\nname = \"N\"\nzone = \"UTC\"\n"),
            ProjectFile::new("sources/s.toml", SOURCES),
        ];
        for path in ["dialler/calls-2.csv", "dialler/calls-1.csv", "dialler/other.csv", "crm/a.jsonl"] {
            let path = folder.join(path);
            std::fs::create_dir_all(path.parent().unwrap()).unwrap();
            std::fs::write(path, "id\n").unwrap();
        }
        Project::from_files(folder, &files).unwrap()
    }

    fn shown(deliveries: &[Delivery<'_>]) -> Vec<String> {
        let name = |d: &Delivery<'_>| d.path.file_name().unwrap().to_string_lossy().into_owned();
        deliveries.iter().map(|d| format!("{}:{}", d.source.name, name(d))).collect()
    }

    #[test]
    fn every_source_finds_its_files_in_the_order_of_names() {
        let folder = tempfile::Builder::new().prefix("a[b]").tempdir().unwrap();
        let project = project(folder.path());
        let all = found(&project, None).unwrap();
        assert_eq!(
            shown(&all),
            [
                "crm:a.jsonl",
                "dialler:calls-1.csv",
                "dialler:calls-2.csv",
                "spans:calls-1.csv",
                "spans:calls-2.csv"
            ]
        );
        let one = source(&project, "dialler").unwrap();
        assert_eq!(
            shown(&found(&project, Some(one)).unwrap()),
            ["dialler:calls-1.csv", "dialler:calls-2.csv"]
        );
    }

    #[test]
    fn a_named_file_goes_to_every_source_that_would_find_it() {
        let folder = tempfile::tempdir().unwrap();
        let project = project(folder.path());
        let path = folder.path().join("dialler/calls-1.csv");
        assert_eq!(
            shown(&named(&project, &[path], None).unwrap()),
            ["dialler:calls-1.csv", "spans:calls-1.csv"]
        );
    }

    #[test]
    fn a_file_from_elsewhere_is_known_by_its_name_unless_two_sources_would_take_it() {
        let folder = tempfile::tempdir().unwrap();
        let project = project(folder.path());
        assert_eq!(shown(&named(&project, &["/elsewhere/x.jsonl".into()], None).unwrap()), ["crm:x.jsonl"]);
        let said = |path: &str| {
            let refused = named(&project, &[path.into()], None).unwrap_err();
            refused.text().unwrap()
        };
        assert!(said("/elsewhere/calls-3.csv").contains("could belong to"));
        assert!(said("/elsewhere/report.txt").contains("No source of this project has a pattern"));
        assert!(source(&project, "dialer").unwrap_err().text().unwrap().contains("`dialler`"));
    }
}

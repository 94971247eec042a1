//! Where the demo lives, and the note in its folder that says what it holds.
//!
//! Nothing is ever removed: a folder is used when it is new, empty, or holds the same plan. A run that was
//! interrupted is done again over itself: the files come out identical, and a record that was loaded before is
//! known again.

use std::path::{Path, PathBuf};

use dialmark_sim::{Plan, Stream};
use jiff::civil::{Date, Time};
use serde::{Deserialize, Serialize};

use crate::failure::Failure;
use crate::files::{self, Existing};

/// Name of the note.
const NOTE: &str = "demo.json";

/// What the folder is found to hold.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Holds {
    /// Nothing, or a run that was not finished.
    NothingWhole,
    /// Everything.
    Everything,
}

/// The note in the folder of a demo.
#[derive(Debug, PartialEq, Eq, Serialize, Deserialize)]
struct Note {
    about: String,
    plan: NotedPlan,
    complete: bool,
}

/// A plan as it is noted. Versions of the program may simulate differently, so they do not share a folder.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
struct NotedPlan {
    seed: u64,
    days: u32,
    calls_per_day: u32,
    end: Date,
    until: Time,
    version: String,
}

impl NotedPlan {
    fn of(plan: &Plan) -> NotedPlan {
        NotedPlan {
            seed: plan.seed,
            days: plan.days,
            calls_per_day: plan.calls_per_day,
            end: plan.end,
            until: plan.until,
            version: env!("CARGO_PKG_VERSION").to_owned(),
        }
    }
}

/// The folder for a plan when none is named: one for each plan, below the user's data folder, or below the
/// current one on a machine without.
pub fn default_folder(plan: &Plan) -> PathBuf {
    let name = format!("seed-{}-days-{}-calls-{}", plan.seed, plan.days, plan.calls_per_day);
    data_folder().unwrap_or_default().join("dialmark-demo").join(name)
}

fn data_folder() -> Option<PathBuf> {
    let absolute = |name: &str| std::env::var_os(name).map(PathBuf::from).filter(|path| path.is_absolute());
    if cfg!(windows) {
        return absolute("LOCALAPPDATA");
    }
    if let Some(folder) = absolute("XDG_DATA_HOME") {
        return Some(folder);
    }
    let below_home = if cfg!(target_os = "macos") { "Library/Application Support" } else { ".local/share" };
    absolute("HOME").map(|home| home.join(below_home))
}

/// Looks at the folder, makes it if need be, and notes the plan in it.
pub fn prepare(folder: &Path, plan: &Plan) -> Result<Holds, Failure> {
    std::fs::create_dir_all(folder).map_err(|error| {
        Failure::problem(format!("The folder {} cannot be made: {error}.", folder.display()))
    })?;
    match read_note(folder)? {
        Some(note) if note.plan != NotedPlan::of(plan) => Err(another_plan(folder, &note)),
        Some(note) if note.complete => Ok(Holds::Everything),
        Some(_) => Ok(Holds::NothingWhole),
        None if is_empty(folder)? => {
            write_note(folder, plan, false)?;
            Ok(Holds::NothingWhole)
        }
        None => Err(Failure::problem(format!(
            "{} is not empty and holds no demo. Name a new folder with `--dir`; nothing was written.",
            folder.display()
        ))),
    }
}

/// Looks at a folder that exports are to be written into, and notes the plan in it. It may hold anything, a project for
/// one, but no exports of another plan, and no file that could be taken for an export.
pub fn prepare_exports(folder: &Path, plan: &Plan) -> Result<(), Failure> {
    match read_note(folder)? {
        Some(note) if note.plan == NotedPlan::of(plan) => return Ok(()),
        Some(note) => return Err(another_plan(folder, &note)),
        None => {}
    }
    if let Some(taken) = export_in(folder) {
        return Err(Failure::problem(format!(
            "{} is there already, and exports of this name would be written beside it or over it. Name another folder; nothing was \
             written.",
            taken.display()
        )));
    }
    std::fs::create_dir_all(folder).map_err(|error| {
        Failure::problem(format!("The folder {} cannot be made: {error}.", folder.display()))
    })?;
    write_note(folder, plan, false)
}

/// A file in the folder that a source would take for one of the simulated exports.
fn export_in(folder: &Path) -> Option<PathBuf> {
    let is_export = |stream: Stream| {
        let files = folder.join(stream.files());
        let start = files.file_name()?.to_str()?.split('*').next()?.to_owned();
        let entries = std::fs::read_dir(files.parent()?).ok()?.filter_map(Result::ok);
        entries
            .map(|entry| entry.path())
            .find(|path| path.file_name().is_some_and(|name| name.to_string_lossy().starts_with(&start)))
    };
    Stream::ALL.into_iter().find_map(is_export)
}

fn another_plan(folder: &Path, note: &Note) -> Failure {
    Failure::problem(format!(
        "{} holds a demo of another plan (seed {}, {} days, {} calls a day, version {}). Name another folder, or remove \
         this one.",
        folder.display(),
        note.plan.seed,
        note.plan.days,
        note.plan.calls_per_day,
        note.plan.version
    ))
}

/// Notes that everything is there.
pub fn complete(folder: &Path, plan: &Plan) -> Result<(), Failure> {
    write_note(folder, plan, true)
}

fn write_note(folder: &Path, plan: &Plan, complete: bool) -> Result<(), Failure> {
    let about = "A simulated centre made by `dialmark demo`; truth.json says what was planted. The whole folder may \
                 be removed.";
    let note = Note { about: about.to_owned(), plan: NotedPlan::of(plan), complete };
    let text = serde_json::to_string_pretty(&note)
        .map_err(|error| Failure::problem(format!("The note of the demo cannot be written: {error}.")))?;
    files::write(&folder.join(NOTE), format!("{text}\n").as_bytes(), Existing::Replace)
}

fn read_note(folder: &Path) -> Result<Option<Note>, Failure> {
    let path = folder.join(NOTE);
    let text = match std::fs::read_to_string(&path) {
        Ok(text) => text,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(None),
        Err(error) => return Err(Failure::problem(format!("{} cannot be read: {error}.", path.display()))),
    };
    serde_json::from_str(&text).map(Some).map_err(|error| {
        Failure::problem(format!(
            "{} is not a note that `dialmark demo` wrote: {error}. Name another folder with `--dir`.",
            path.display()
        ))
    })
}

fn is_empty(folder: &Path) -> Result<bool, Failure> {
    let mut entries = std::fs::read_dir(folder).map_err(|error| {
        Failure::problem(format!("The folder {} cannot be read: {error}.", folder.display()))
    })?;
    Ok(entries.next().is_none())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_folder_is_reused_for_its_own_plan_only() {
        let folder = tempfile::tempdir().unwrap();
        let plan = Plan::default();
        assert_eq!(prepare(folder.path(), &plan).unwrap(), Holds::NothingWhole);
        std::fs::write(folder.path().join("half.csv"), "x").unwrap();
        assert_eq!(
            prepare(folder.path(), &plan).unwrap(),
            Holds::NothingWhole,
            "an interrupted run is done again"
        );
        complete(folder.path(), &plan).unwrap();
        assert_eq!(prepare(folder.path(), &plan).unwrap(), Holds::Everything);
        let other = Plan { seed: 8, ..plan };
        assert!(prepare(folder.path(), &other).unwrap_err().text().unwrap().contains("another plan"));
    }

    #[test]
    fn exports_go_beside_a_project_but_over_nothing() {
        let folder = tempfile::tempdir().unwrap();
        let plan = Plan { days: 8, calls_per_day: 60, ..Plan::default() };
        std::fs::write(folder.path().join("dialmark.toml"), "x").unwrap();
        prepare_exports(folder.path(), &plan).unwrap();
        let files = crate::demo::fill::export(folder.path(), &plan).unwrap();
        assert!(files > 20, "{files}");
        assert!(folder.path().join("truth.json").is_file() && folder.path().join("dialler").is_dir());
        assert!(!folder.path().join("kpis").exists(), "the project is the user's");
        // The same again is the same; another plan, or a folder of the user's own, is left alone.
        prepare_exports(folder.path(), &plan).unwrap();
        assert!(prepare_exports(folder.path(), &Plan { seed: 8, ..plan }).is_err());
        let own = tempfile::tempdir().unwrap();
        std::fs::create_dir(own.path().join("quality")).unwrap();
        std::fs::write(own.path().join("quality/forms.toml"), "x").unwrap();
        assert!(export_in(own.path()).is_none(), "a form is no export");
        std::fs::write(own.path().join("quality/evaluations-march.csv"), "x").unwrap();
        assert!(
            prepare_exports(own.path(), &plan).unwrap_err().text().unwrap().contains("evaluations-march")
        );
    }

    #[test]
    fn a_folder_with_something_else_in_it_is_left_alone() {
        let folder = tempfile::tempdir().unwrap();
        std::fs::write(folder.path().join("thesis.doc"), "x").unwrap();
        assert!(prepare(folder.path(), &Plan::default()).unwrap_err().text().unwrap().contains("not empty"));
        std::fs::write(folder.path().join(NOTE), "{}").unwrap();
        assert!(prepare(folder.path(), &Plan::default()).is_err());
        assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 2);
    }
}

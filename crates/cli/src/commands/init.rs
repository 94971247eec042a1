//! `dialmark init`: begins a project.

use std::path::{Path, PathBuf};

use dialmark_project::{Centre, PROJECT_FILE, Project};

use crate::failure::Failure;
use crate::files::{self, Existing};
use crate::out;

const EXAMPLES: &str = "\
Examples:
  dialmark init north-shore --name \"North Shore Calling\" --zone Europe/London --currency GBP
  dialmark init                     in the current folder, with this machine's time zone

Writes dialmark.toml and commented examples under sources/, dispositions/ and metrics/. Nothing is
written over: when one of the files is there already, none is written.";

/// Usually there already where a project begins inside a repository; no reason to refuse.
const IGNORE_FILE: &str = ".gitignore";

/// Options of `dialmark init`.
#[derive(Debug, clap::Args)]
#[command(after_help = EXAMPLES)]
pub struct Args {
    /// Folder to begin the project in; made if it does not exist
    #[arg(default_value = ".")]
    dir: PathBuf,
    /// Name of the centre, as reports show it [default: the folder's name]
    #[arg(long)]
    name: Option<String>,
    /// IANA time zone in which the centre's days run, such as Europe/London [default: this machine's]
    #[arg(long)]
    zone: Option<String>,
    /// ISO 4217 code of the centre's money, such as GBP
    #[arg(long)]
    currency: Option<String>,
}

/// Writes the files of a new project.
pub fn run(args: &Args) -> Result<(), Failure> {
    let name = match &args.name {
        Some(name) => name.clone(),
        None => folder_name(&args.dir)?,
    };
    let zone = match &args.zone {
        Some(zone) => zone.clone(),
        None => machine_zone()?,
    };
    let centre = Centre::new(&name, &zone, args.currency.as_deref())
        .map_err(|bad| Failure::usage(capitalised(&bad.to_string())))?;
    let mut files = Project::init_files(&centre);
    let ignored = args.dir.join(IGNORE_FILE).symlink_metadata().is_ok();
    if ignored {
        files.retain(|file| file.path != IGNORE_FILE);
    }
    let there: Vec<String> = files
        .iter()
        .map(|file| args.dir.join(&file.path))
        .filter(|path| path.symlink_metadata().is_ok())
        .map(|path| path.display().to_string())
        .collect();
    if !there.is_empty() {
        return Err(Failure::problem(format!(
            "Nothing was written, since this is there already: {}. Choose another folder, or move it away.",
            there.join(", ")
        )));
    }
    // `dialmark.toml` makes the folder a project, so it comes last: an interrupted `init` leaves none.
    let (project_file, others): (Vec<_>, Vec<_>) = files.iter().partition(|f| f.path == PROJECT_FILE);
    for file in others.into_iter().chain(project_file) {
        let path = args.dir.join(&file.path);
        if let Some(folder) = path.parent() {
            std::fs::create_dir_all(folder).map_err(|error| {
                Failure::problem(format!("The folder {} cannot be made: {error}.", folder.display()))
            })?;
        }
        files::write(&path, file.text.as_bytes(), Existing::Keep)?;
        out::line(&format!("wrote {}", path.display()))?;
    }
    if ignored {
        out::line(&format!("left {IGNORE_FILE} as it is; have it name the store's folder, `/lake/`"))?;
    }
    let zone_note =
        if args.zone.is_none() { ", as on this machine: check that in dialmark.toml" } else { "" };
    out::line(&format!("`{}` has its days in {}{zone_note}.", centre.name(), centre.zone()))?;
    out::line(&next_steps(&args.dir))
}

/// What to do with the new project. The mapping will name the export wherever it lies, so that `import` finds it.
fn next_steps(dir: &Path) -> String {
    let there = if dir == Path::new(".") { String::new() } else { format!("`cd {}`, then ", dir.display()) };
    format!(
        "Next: {there}`dialmark map PATH/TO/EXPORT.csv --out sources/calls.toml`, look through what it wrote, and \
         `dialmark import`."
    )
}

/// The name of the folder, for a centre that has none yet.
fn folder_name(dir: &Path) -> Result<String, Failure> {
    let whole = std::path::absolute(dir).map_err(|error| {
        Failure::problem(format!("The folder {} cannot be found: {error}.", dir.display()))
    })?;
    whole
        .file_name()
        .map(|name| name.to_string_lossy().into_owned())
        .ok_or_else(|| Failure::usage("The folder has no name of its own; name the centre with `--name`."))
}

/// A wrong zone makes wrong days, so an unknown one is asked for and never guessed.
pub fn machine_zone() -> Result<String, Failure> {
    let zone = jiff::tz::TimeZone::system();
    zone.iana_name().filter(|name| *name != "Etc/Unknown").map(str::to_owned).ok_or_else(|| {
        Failure::usage(
            "This machine does not say which time zone it is in. Name the centre's with `--zone`, such as `--zone \
             Europe/London`.",
        )
    })
}

pub fn capitalised(sentence: &str) -> String {
    let mut letters = sentence.chars();
    letters.next().map_or_else(String::new, |first| first.to_uppercase().chain(letters).collect())
}

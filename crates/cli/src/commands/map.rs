//! `dialmark map`: proposes how the columns of an export are to be read.

use std::path::{Component, Path, PathBuf};

use dialmark_ingest::{Proposal, ProposeOptions, propose};

use crate::failure::Failure;
use crate::files::{self, Existing};
use crate::opened;
use crate::out;

const EXAMPLES: &str = "\
Examples:
  dialmark map export.csv                            show the proposal
  dialmark map export.csv --out sources/calls.toml   write it into the project
  dialmark map export.csv --out sources/calls.toml --dispositions dispositions/calls.toml

The proposal says at each line what was guessed and why; what is doubtful is repeated as a warning
with its line. Read it, correct it, and run `dialmark check`. What the file cannot give is said, with
the figures that it would allow. Inside a project the mapping names the file by its way from the
project's folder, so that `dialmark import` finds it.";

/// Options of `dialmark map`.
#[derive(Debug, clap::Args)]
#[command(after_help = EXAMPLES)]
pub struct Args {
    /// The export
    file: PathBuf,
    /// Write the proposal to this file instead of standard output
    #[arg(long, value_name = "FILE")]
    out: Option<PathBuf>,
    /// Write the probable meanings of the result codes to this file
    #[arg(long, value_name = "FILE")]
    dispositions: Option<PathBuf>,
    /// Replace files that are there
    #[arg(long)]
    overwrite: bool,
    /// Name of the source [default: made from the file's name]
    #[arg(long, value_name = "NAME")]
    source: Option<String>,
    /// Table that the file is of [default: guessed]
    #[arg(long)]
    table: Option<String>,
    /// IANA zone of local times in the file [default: the centre's]
    #[arg(long)]
    zone: Option<String>,
    /// ISO 4217 code of sums that name no currency
    #[arg(long)]
    currency: Option<String>,
}

/// Proposes a mapping; the notes go to standard error, so that the proposal can be redirected.
pub fn run(args: &Args) -> Result<(), Failure> {
    let options = ProposeOptions {
        source: args.source.clone(),
        table: args.table.clone(),
        zone: args.zone.clone(),
        currency: args.currency.clone(),
        files: pattern(&args.file, args.out.as_deref()),
    };
    let proposal = propose(&args.file, &options)?;
    let existing = if args.overwrite { Existing::Replace } else { Existing::Keep };
    let wanted = [(&args.out, Some(&proposal.toml)), (&args.dispositions, proposal.dispositions.as_ref())];
    let writes: Vec<_> =
        wanted.into_iter().filter_map(|(path, text)| Some((path.as_ref()?, text?))).collect();
    // Both or none: a file that is there is found before anything is written.
    if let (Existing::Keep, Some((path, _))) =
        (existing, writes.iter().find(|(path, _)| path.symlink_metadata().is_ok()))
    {
        return Err(files::exists(path));
    }
    if args.out.is_none() {
        out::bytes(proposal.toml.as_bytes())?;
    }
    say(&proposal, args.dispositions.is_some());
    for (path, text) in writes {
        files::write(path, text.as_bytes(), existing)?;
        out::note(&format!("wrote {}", path.display()));
        note_if_elsewhere(path);
    }
    warn(&proposal, args.out.as_deref());
    Ok(())
}

/// The pattern under which an import finds the file: its way from the folder of the project that the mapping is
/// written into. Without a project it is the name alone.
fn pattern(file: &Path, out: Option<&Path>) -> Option<String> {
    let out = std::path::absolute(out.unwrap_or(Path::new("here"))).ok()?;
    let project = opened::nearest_project(out.parent()?);
    let whole = file.canonicalize().ok()?;
    let way = match project.and_then(|folder| folder.canonicalize().ok()) {
        Some(folder) => way(&folder, &whole),
        None => PathBuf::from(whole.file_name()?),
    };
    // Characters of the name to which patterns give a meaning stand for themselves.
    Some(glob::Pattern::escape(&way.to_string_lossy()))
}

/// The way from a folder to a file, by `..` where the file lies outside; both are whole and have no detours.
fn way(folder: &Path, file: &Path) -> PathBuf {
    let shared = folder.components().zip(file.components()).take_while(|(a, b)| a == b).count();
    let up = folder.components().skip(shared).map(|_| Component::ParentDir);
    up.chain(file.components().skip(shared)).collect()
}

/// What is doubtful, with its line; standing last, it is what remains on the screen.
fn warn(proposal: &Proposal, out: Option<&Path>) {
    let place = |line: usize| match out {
        Some(path) => format!("{}:{line}", path.display()),
        None => format!("line {line}"),
    };
    for remark in &proposal.remarks {
        out::note(&format!("warning: {}: {remark}", place(remark.line)));
    }
}

fn say(proposal: &Proposal, writes_dispositions: bool) {
    let style = out::Style::of_stderr();
    out::note(&style.strong(&format!("Proposed for table `{}`", proposal.table)));
    for guess in &proposal.guesses {
        let from = guess.from.join(" + ");
        out::note(&format!("  {:<16} from {from:<24} {}", guess.column, style.faint(&guess.why)));
    }
    if !proposal.unused.is_empty() {
        out::note(&format!("Not used: {}.", proposal.unused.join(", ")));
    }
    if !proposal.missing.is_empty() {
        out::note(&style.strong("Missing"));
        for missing in &proposal.missing {
            out::note(&format!("  {:<16} {}", missing.columns.join(" or "), missing.without));
        }
    }
    match (&proposal.dispositions, writes_dispositions) {
        (Some(_), false) => out::note(
            "The file has result codes; `--dispositions FILE` writes their probable meanings for you to correct.",
        ),
        (None, true) => out::note("The file has no result codes, so no file of their meanings was written."),
        _ => {}
    }
    // Those that are remarks on a line follow with it.
    let is_remark = |warning: &String| proposal.remarks.iter().any(|remark| remark.text == *warning);
    for warning in proposal.warnings.iter().filter(|warning| !is_remark(warning)) {
        out::note(&format!("warning: {warning}"));
    }
}

/// A mapping outside of the project's folders is never read, which is easily overlooked.
fn note_if_elsewhere(path: &Path) {
    let whole = std::path::absolute(path).unwrap_or_else(|_| path.to_owned());
    let Some(folder) = whole.parent() else { return };
    let is_read = folder.file_name().is_some_and(|name| name == "sources" || name == "dispositions");
    if !is_read || opened::nearest_project(folder).is_none() {
        out::note(
            "A project reads its folders sources/ and dispositions/ only; put it there when it is right.",
        );
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_way_to_a_file_leads_out_of_the_project_where_the_file_lies_outside() {
        for (folder, file, wanted) in [
            ("/centre", "/centre/exports/calls.csv", "exports/calls.csv"),
            ("/home/ann/centre", "/home/ann/calls.csv", "../calls.csv"),
            ("/home/ann/centre", "/data/calls.csv", "../../../data/calls.csv"),
            ("/home/ann/centre", "/home/ann/centre-2/calls.csv", "../centre-2/calls.csv"),
        ] {
            assert_eq!(way(Path::new(folder), Path::new(file)), Path::new(wanted));
        }
    }

    #[test]
    fn a_pattern_finds_the_file_from_the_folder_of_the_project() {
        let folder = tempfile::tempdir().unwrap();
        let project = folder.path().join("centre");
        std::fs::create_dir_all(project.join("sources")).unwrap();
        std::fs::write(project.join("dialmark.toml"), "").unwrap();
        let file = folder.path().join("calls [1].csv");
        std::fs::write(&file, "id\n1\n").unwrap();
        let inside = pattern(&file, Some(&project.join("sources/calls.toml"))).unwrap();
        assert_eq!(inside, "../calls [[]1[]].csv");
        let found: Vec<PathBuf> =
            glob::glob(&format!("{}/{inside}", project.display())).unwrap().map(Result::unwrap).collect();
        assert_eq!(found, [project.join("../calls [1].csv")]);
        let outside = pattern(&file, Some(&folder.path().join("calls.toml"))).unwrap();
        assert_eq!(outside, "calls [[]1[]].csv");
    }
}

//! `dialmark map`: proposes how the columns of an export are to be read.

use std::path::{Path, PathBuf};

use dialmark_ingest::{Proposal, ProposeOptions, propose};

use crate::failure::Failure;
use crate::files::{self, Existing};
use crate::opened;
use crate::out;

const EXAMPLES: &str = "\
Examples:
  dialmark map export.csv                            show the proposal
  dialmark map export.csv --out sources/calls.toml   write it into the project

The proposal says at each line what was guessed and why. Read it, correct it, and run
`dialmark check`. What the file cannot give is said, with the figures that it would allow.";

/// Options of `dialmark map`.
#[derive(Debug, clap::Args)]
#[command(after_help = EXAMPLES)]
pub struct Args {
    /// The export
    file: PathBuf,
    /// Write the proposal to this file instead of standard output
    #[arg(long, value_name = "FILE")]
    out: Option<PathBuf>,
    /// Replace the file of `--out` if it is there
    #[arg(long, requires = "out")]
    overwrite: bool,
}

/// Proposes a mapping; the notes go to standard error, so that the proposal can be redirected.
pub fn run(args: &Args) -> Result<(), Failure> {
    let proposal = propose(&args.file, &ProposeOptions::default())?;
    match &args.out {
        None => out::bytes(proposal.toml.as_bytes())?,
        Some(path) => {
            let existing = if args.overwrite { Existing::Replace } else { Existing::Keep };
            files::write(path, proposal.toml.as_bytes(), existing)?;
        }
    }
    say(&proposal);
    if let Some(path) = &args.out {
        out::note(&format!("\nwrote {}", path.display()));
        note_if_elsewhere(path);
    }
    Ok(())
}

fn say(proposal: &Proposal) {
    let style = out::Style::of_stderr();
    out::note(&style.strong(&format!("Proposed for table `{}`", proposal.table)));
    for guess in &proposal.guesses {
        out::note(&format!("  {:<16} from {:<24} {}", guess.column, guess.from, style.faint(&guess.why)));
    }
    if !proposal.unused.is_empty() {
        out::note(&format!("Not used: {}.", proposal.unused.join(", ")));
    }
    if !proposal.missing.is_empty() {
        out::note(&style.strong("Missing, and what it would allow"));
        for missing in &proposal.missing {
            out::note(&format!("  {:<16} {}", missing.column, missing.allows));
        }
    }
    for warning in &proposal.warnings {
        out::note(&format!("warning: {warning}"));
    }
}

/// A mapping outside of `sources/` is never read, which is easily overlooked.
fn note_if_elsewhere(path: &Path) {
    let whole = std::path::absolute(path).unwrap_or_else(|_| path.to_owned());
    let Some(folder) = whole.parent() else { return };
    let in_sources = folder.file_name().is_some_and(|name| name == "sources");
    if !in_sources || opened::nearest_project(folder).is_none() {
        out::note("A project reads mappings from its folder sources/ only; put it there when it is right.");
    }
}

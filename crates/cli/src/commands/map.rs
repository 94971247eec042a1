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
  dialmark map export.csv --out sources/calls.toml --dispositions dispositions/calls.toml

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
    Ok(())
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
    for warning in &proposal.warnings {
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

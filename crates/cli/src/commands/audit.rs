//! `dialmark audit`: where a centre stands, from its exports alone.

use std::path::{Path, PathBuf};

use dialmark_project::{Centre, ProjectFile};

use crate::audit::proposed::Flow;
use crate::audit::{arrive, page, say};
use crate::failure::Failure;
use crate::files::{self, Existing};
use crate::{out, runtime};

const EXAMPLES: &str = "\
Examples:
  dialmark audit calls.csv
  dialmark audit calls-*.csv agents.csv --zone Europe/London --out report.html
  dialmark audit calls.csv --dispositions codes.toml      with the meanings of the result codes
  dialmark audit calls.csv --map sources/calls.toml       with a mapping instead of a guess

Loads the exports into a temporary store, guesses what their columns mean unless told, and writes
one HTML file that needs nothing else: figures, what stands out, what is missing, the quality of the
data, and how each file was read. Nothing is kept and nothing leaves this machine.";

/// Options of `dialmark audit`.
#[derive(Debug, clap::Args)]
#[command(after_help = EXAMPLES)]
pub struct Args {
    /// The exports
    #[arg(required = true)]
    files: Vec<PathBuf>,
    /// IANA time zone of local times, such as Europe/London [default: this machine's]
    #[arg(long)]
    zone: Option<String>,
    /// Direction of the calls, where no column says it [default: outbound, or inbound when they queue]
    #[arg(long, value_enum)]
    direction: Option<Flow>,
    /// ISO 4217 code of sums that name no currency
    #[arg(long)]
    currency: Option<String>,
    /// A mapping to use instead of a guess; may be given several times
    #[arg(long, value_name = "FILE")]
    map: Vec<PathBuf>,
    /// What the result codes mean; may be given several times
    #[arg(long, value_name = "FILE")]
    dispositions: Vec<PathBuf>,
    /// The report
    #[arg(long, value_name = "FILE", default_value = "dialmark-audit.html")]
    out: PathBuf,
    /// Replace the report if it is there
    #[arg(long)]
    overwrite: bool,
}

/// Loads, computes and reports.
pub fn run(args: &Args) -> Result<(), Failure> {
    // Said before the work, not after it.
    if !args.overwrite && args.out.symlink_metadata().is_ok() {
        return Err(files::exists(&args.out));
    }
    let (zone, is_guessed) = match &args.zone {
        Some(zone) => (zone.clone(), false),
        None => (super::init::machine_zone()?, true),
    };
    let names: Vec<String> = args.files.iter().map(|path| arrive::name_of(path)).collect();
    let centre = Centre::new(&names.join(", "), &zone, args.currency.as_deref())
        .map_err(|bad| Failure::usage(super::init::capitalised(&bad.to_string())))?;
    let mut declarations = Vec::new();
    for (folder, paths) in [("sources", &args.map), ("dispositions", &args.dispositions)] {
        for (number, path) in paths.iter().enumerate() {
            let name = format!("{folder}/{number}-{}", arrive::name_of(path));
            declarations.push(ProjectFile::new(name, read(path)?));
        }
    }
    let folder = tempfile::Builder::new()
        .prefix("dialmark-audit-")
        .tempdir()
        .map_err(|error| Failure::problem(format!("A temporary folder cannot be made: {error}.")))?;
    let wanted = arrive::Wanted { files: &args.files, declarations, centre, flow: args.direction };
    let report = runtime::wait_for(async {
        let arrived = arrive::load(folder.path(), &wanted).await?;
        for file in &arrived.files {
            if let Err(why) = &file.outcome {
                out::error(&format!("{} was not loaded: {why}", file.file));
            }
        }
        if arrived.files.iter().all(|file| file.outcome.is_err()) {
            return Err(Failure::Said);
        }
        page::compose(&arrived).await
    })?;
    say::summary(&report)?;
    if is_guessed {
        out::note(&format!(
            "Local times were taken as those of {zone}, like this machine's; `--zone` names another."
        ));
    }
    let existing = if args.overwrite { Existing::Replace } else { Existing::Keep };
    files::write(&args.out, dialmark_view::audit::render(&report).into_string().as_bytes(), existing)?;
    out::line(&format!("\nReport: {}", args.out.display()))?;
    let failed = report.files.iter().any(|file| file.table.is_none());
    if failed { Err(Failure::Said) } else { Ok(()) }
}

fn read(path: &Path) -> Result<String, Failure> {
    std::fs::read_to_string(path)
        .map_err(|error| Failure::problem(format!("{} cannot be read: {error}.", path.display())))
}

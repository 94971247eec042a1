//! `dialmark audit`: where a centre stands, and what there is to gain, from its exports or its project.

use std::path::{Path, PathBuf};

use dialmark_manage::Stated;
use dialmark_metrics::Exact;
use dialmark_project::{Centre, Project, ProjectFile};

use crate::audit::beside::Work;
use crate::audit::page::Said;
use crate::audit::proposed::Flow;
use crate::audit::{arrive, page, say};
use crate::failure::Failure;
use crate::files::{self, Existing};
use crate::opened::{Opened, folder, nearest_project};
use crate::{out, period, runtime};

const EXAMPLES: &str = "\
Examples:
  dialmark audit calls.csv
  dialmark audit calls-*.csv agents.csv --zone Europe/London --out report.html
  dialmark audit calls.csv --dispositions codes.toml      with the meanings of the result codes
  dialmark audit calls.csv --map sources/calls.toml       with a mapping instead of a guess
  dialmark audit calls.csv --motion b2b_cold_calls --sale-value 212.40 --currency EUR
  dialmark audit --from 2026-10-01                        in a project: its store

Loads the exports into a temporary store, guesses what their columns mean unless told, and writes
one HTML file that needs nothing else: figures, what there is to gain and what that would be worth,
benchmarks that may be compared and why the others may not, what stands out, what is missing, the
quality of the data, and how each file was read. Nothing is kept and nothing leaves this machine.

In a project its mappings, definitions, targets and benchmarks hold; without a file its own store is
looked at. What a sale is worth and what an hour costs comes from the records, or from the options,
or there is no price.";

/// Options of `dialmark audit`.
#[derive(Debug, clap::Args)]
#[command(after_help = EXAMPLES)]
pub struct Args {
    /// The exports [default: the store of the project]
    files: Vec<PathBuf>,
    /// Folder of the project [default: the current one, or the nearest above that is one, if any]
    #[arg(long, value_name = "PROJECT")]
    dir: Option<PathBuf>,
    /// IANA time zone of local times, such as Europe/London [default: the project's, or this machine's]
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
    /// First day or instant that counts
    #[arg(long, value_name = "DAY|INSTANT")]
    from: Option<String>,
    /// First day or instant that does not count any more
    #[arg(long, value_name = "DAY|INSTANT")]
    to: Option<String>,
    /// Industry of those for whom the work is done, such as retail; benchmarks of it are compared
    #[arg(long)]
    industry: Option<String>,
    /// Who is called, or calls, and for what, such as b2b_cold_calls or inbound_service
    #[arg(long)]
    motion: Option<String>,
    /// Country or region of the work
    #[arg(long)]
    geography: Option<String>,
    /// What a sale is worth, or a success where nothing is sold, if no record says it
    #[arg(long, value_name = "AMOUNT", value_parser = amount)]
    sale_value: Option<Exact>,
    /// What an hour of an agent costs, if no record says it
    #[arg(long, value_name = "AMOUNT", value_parser = amount)]
    hour_cost: Option<Exact>,
    /// The report
    #[arg(long, value_name = "FILE", default_value = "dialmark-audit.html")]
    out: PathBuf,
    /// Replace the report if it is there
    #[arg(long)]
    overwrite: bool,
}

/// Money, read from its text.
fn amount(text: &str) -> Result<Exact, String> {
    let found = Exact::parse(text).filter(|amount| *amount > Exact::ZERO);
    found.ok_or_else(|| "an amount is a number above 0, such as 212.40".to_owned())
}

/// Loads, computes and reports.
pub fn run(args: &Args) -> Result<(), Failure> {
    // Said before the work, not after it.
    if !args.overwrite && args.out.symlink_metadata().is_ok() {
        return Err(files::exists(&args.out));
    }
    let project = project(args)?;
    let (centre, guessed_zone) = centre(args, project.as_ref())?;
    let currency = centre.currency().map(str::to_owned);
    if currency.is_none() && (args.sale_value.is_some() || args.hour_cost.is_some()) {
        return Err(Failure::usage(
            "An amount needs a currency: name it with `--currency`, such as `--currency EUR`.",
        ));
    }
    let said = Said {
        work: Work {
            industry: args.industry.clone(),
            motion: args.motion.clone(),
            geography: args.geography.clone(),
        },
        prices: Stated { sale: args.sale_value, hour: args.hour_cost, currency },
        period: period::parse(args.from.as_deref(), args.to.as_deref(), &centre.calendar())?,
    };
    let folder = tempfile::Builder::new()
        .prefix("dialmark-audit-")
        .tempdir()
        .map_err(|error| Failure::problem(format!("A temporary folder cannot be made: {error}.")))?;
    let declarations = declarations(args)?;
    let report = runtime::wait_for(async {
        let arrived = match project {
            Some(project) if args.files.is_empty() => {
                arrive::stored(Opened::load(Project { centre, ..project })?).await?
            }
            project => {
                let flow = args.direction;
                let wanted = arrive::Wanted { files: &args.files, declarations, centre, project, flow };
                arrive::load(folder.path(), &wanted).await?
            }
        };
        for file in &arrived.files {
            if let Err(why) = &file.outcome {
                out::error(&format!("{} was not loaded: {why}", file.file));
            }
        }
        if !arrived.files.is_empty() && arrived.files.iter().all(|file| file.outcome.is_err()) {
            return Err(Failure::Said);
        }
        page::compose(arrived, &said).await
    })?;
    say::summary(&report)?;
    if let Some(zone) = guessed_zone {
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

/// The project that was named or that the current folder belongs to. With exports there need be none.
fn project(args: &Args) -> Result<Option<Project>, Failure> {
    let here = std::env::current_dir().ok();
    let is_in_one = here.is_some_and(|here| nearest_project(&here).is_some());
    if args.files.is_empty() && args.dir.is_none() && !is_in_one {
        return Err(Failure::usage(
            "Name the exports, such as `dialmark audit calls.csv`, or name a project with `--dir`, whose store is then looked at.",
        ));
    }
    if args.files.is_empty()
        && !(args.map.is_empty() && args.dispositions.is_empty() && args.direction.is_none())
    {
        return Err(Failure::usage(
            "`--map`, `--dispositions` and `--direction` say how exports are read, and none is named. The store of a project \
             is read as the project says.",
        ));
    }
    if args.dir.is_none() && !is_in_one {
        return Ok(None);
    }
    Ok(Some(Project::load(&folder(args.dir.as_deref())?)?))
}

/// Name, zone and currency of the report, and the zone where it is only a guess.
fn centre(args: &Args, project: Option<&Project>) -> Result<(Centre, Option<String>), Failure> {
    let bad = |bad: dialmark_project::BadCentre| Failure::usage(super::init::capitalised(&bad.to_string()));
    if let Some(project) = project {
        let seen = project.centre.seen(args.zone.as_deref(), args.currency.as_deref()).map_err(bad)?;
        return Ok((seen, None));
    }
    let (zone, guess) = match &args.zone {
        Some(zone) => (zone.clone(), None),
        None => {
            let zone = super::init::machine_zone()?;
            (zone.clone(), Some(zone))
        }
    };
    let names: Vec<String> = args.files.iter().map(|path| arrive::name_of(path)).collect();
    let centre = Centre::new(&names.join(", "), &zone, args.currency.as_deref()).map_err(bad)?;
    Ok((centre, guess))
}

fn declarations(args: &Args) -> Result<Vec<ProjectFile>, Failure> {
    let mut declarations = Vec::new();
    for (folder, paths) in [("sources", &args.map), ("dispositions", &args.dispositions)] {
        for (number, path) in paths.iter().enumerate() {
            let name = format!("{folder}/{number}-{}", arrive::name_of(path));
            declarations.push(ProjectFile::new(name, read(path)?));
        }
    }
    Ok(declarations)
}

fn read(path: &Path) -> Result<String, Failure> {
    std::fs::read_to_string(path)
        .map_err(|error| Failure::problem(format!("{} cannot be read: {error}.", path.display())))
}

//! `dialmark reports`: what is sent to whom and when, what it looks like, what became of it.

use std::path::PathBuf;

use clap::Subcommand;
use dialmark_govern::report::Report;
use dialmark_model::declared::nearest;
use dialmark_server::{Sender, Ways, preview, zone_of};
use dialmark_state::Pieces;
use jiff::Timestamp;
use serde_json::json;

use crate::failure::Failure;
use crate::files::{self, Existing};
use crate::managed::{self, Managed};
use crate::options::Shared;
use crate::out::TextOrJson;
use crate::{columns, declarations, out, period, runtime};

const EXAMPLES: &str = "\
Examples:
  dialmark reports list
  dialmark reports show morning --out morning
  dialmark reports runs

Reports are declared in `reports/*.toml`; `dialmark serve` sends them, and so does `dialmark send --due`.";

/// What to do.
#[derive(Debug, Subcommand)]
#[command(after_help = EXAMPLES)]
pub enum Command {
    /// Say what is sent to whom, and when it is due next
    List(Plain),
    /// Write a report as files, as a recipient would get it now
    Show(Show),
    /// Say what became of reports that were due, and of letters
    Runs(Runs),
}

const LIST_EXAMPLES: &str = "\
Examples:
  dialmark reports list
  dialmark reports list --format json";

/// Options of `dialmark reports list`.
#[derive(Debug, clap::Args)]
#[command(after_help = LIST_EXAMPLES)]
pub struct Plain {
    #[command(flatten)]
    shared: Shared,
}

const SHOW_EXAMPLES: &str = "\
Examples:
  dialmark reports show morning
  dialmark reports show morning --out morning
  dialmark reports show morning --for lead@example.org --at 2026-11-20T07:45:00Z --out friday

Without `--out` the text is shown. With it the folder gets the text, the HTML with its pictures, and the files that come with
the letter.";

/// Options of `dialmark reports show`.
#[derive(Debug, clap::Args)]
#[command(after_help = SHOW_EXAMPLES)]
pub struct Show {
    /// Name of the report
    report: String,
    /// Whose: one of its recipients [default: the first]
    #[arg(long = "for", value_name = "ADDRESS")]
    of: Option<String>,
    /// The instant that counts as now [default: the clock's]
    #[arg(long, value_name = "INSTANT")]
    at: Option<String>,
    /// Folder to write to; it is made if it is not there
    #[arg(long, value_name = "FOLDER")]
    out: Option<PathBuf>,
    /// Folder of the project [default: the current one, or the nearest above that is one]
    #[arg(long, value_name = "PROJECT")]
    dir: Option<PathBuf>,
}

const RUNS_EXAMPLES: &str = "\
Examples:
  dialmark reports runs
  dialmark reports runs --last 20 --format json

`held` waits for records or for something to be mended, `missed` was due while nobody was there to send it, `skipped` lacked
records when its time was over.";

/// Options of `dialmark reports runs`.
#[derive(Debug, clap::Args)]
#[command(after_help = RUNS_EXAMPLES)]
pub struct Runs {
    /// How many at most
    #[arg(long, value_name = "COUNT", default_value_t = 50)]
    last: u32,
    #[command(flatten)]
    shared: Shared,
}

/// Runs the command.
pub fn run(command: &Command) -> Result<(), Failure> {
    match command {
        Command::List(args) => list(args),
        Command::Show(args) => show(args),
        Command::Runs(args) => runs(args),
    }
}

/// Everything that reports are made from, for as long as a command runs.
pub struct Office {
    managed: Managed,
    engine: dialmark_engine::Engine,
    files: std::collections::BTreeMap<String, String>,
    state: dialmark_state::State,
    ways: Ways,
}

impl Office {
    /// Opens it.
    pub async fn open(managed: Managed) -> Result<Office, Failure> {
        let engine = managed.opened.engine(managed.opened.lake_with_records().await?);
        let project = &managed.opened.project;
        let files = project.govern_files.iter().map(|file| (file.path.clone(), file.text.clone())).collect();
        let (state, ways) = (managed.opened.state().await?, declarations::ways(project, &managed.governed));
        Ok(Office { engine, files, state, ways, managed })
    }

    /// What reports are made from.
    pub fn sender(&self) -> Sender<'_> {
        Sender {
            engine: &self.engine,
            centre: &self.managed.opened.project.centre,
            governed: &self.managed.governed,
            files: &self.files,
            state: &self.state,
            ways: &self.ways,
        }
    }

    /// What is promised, reports and alerts among it.
    pub fn governed(&self) -> &dialmark_govern::Governed {
        &self.managed.governed
    }

    /// The zone of the centre.
    pub fn zone(&self) -> &jiff::tz::TimeZone {
        self.managed.opened.project.centre.time_zone()
    }

    /// What was decided and sent.
    pub fn state(&self) -> &dialmark_state::State {
        &self.state
    }

    /// By which ways something leaves.
    pub fn ways(&self) -> &Ways {
        &self.ways
    }

    /// The report of a name.
    pub fn report(&self, name: &str) -> Result<&Report, Failure> {
        let reports = &self.managed.governed.reports;
        reports.get(name).ok_or_else(|| {
            let names = reports.keys().map(String::as_str);
            let help = match nearest(name, names.clone()) {
                Some(near) => format!("Did you mean `{near}`?"),
                None if reports.is_empty() => {
                    "The project declares none; `docs/reports.md` shows how.".to_owned()
                }
                None => format!("There are {}.", names.collect::<Vec<_>>().join(", ")),
            };
            Failure::usage(format!("There is no report `{name}`. {help}"))
        })
    }

    /// The instant that counts as now.
    pub fn now(&self, option: Option<&str>) -> Result<Timestamp, Failure> {
        match option {
            Some(text) => period::instant("--at", text, &self.managed.opened.project.centre.calendar()),
            None => Ok(Timestamp::now()),
        }
    }
}

/// The recipient that an option names, or the first.
pub fn recipient<'r>(report: &'r Report, option: Option<&str>) -> Result<&'r str, Failure> {
    let named = option.map(str::to_lowercase);
    let found = report.to.iter().find(|to| named.as_ref().is_none_or(|named| *to == named));
    found
        .map(String::as_str)
        .ok_or_else(|| Failure::usage(format!("`{}` goes to {}.", report.name, report.to.join(", "))))
}

fn list(args: &Plain) -> Result<(), Failure> {
    let managed = managed::open(args.shared.dir.as_deref())?;
    let now = Timestamp::now();
    let rows = runtime::wait_for(async {
        let office = Office::open(managed).await?;
        let sender = office.sender();
        let mut rows = Vec::new();
        for report in sender.governed.reports.values() {
            for to in &report.to {
                let zone = zone_of(&sender, report, to);
                let next = report.schedule.next(&report.hold, now, &zone).map(|due| due.at.to_zoned(zone));
                rows.push((report.clone(), to.clone(), next));
            }
        }
        Ok(rows)
    })?;
    if args.shared.format == TextOrJson::Json {
        let all = rows.iter().map(|(report, to, next)| {
            json!({
                "report": report.name,
                "label": report.label,
                "kind": report.kind.word(),
                "place": report.kind.place(),
                "to": to,
                "next_at": next.as_ref().map(|next| next.timestamp().to_string()),
                "zone": next.as_ref().and_then(|next| next.time_zone().iana_name().map(str::to_owned)),
            })
        });
        return out::json(&all.collect::<Vec<_>>());
    }
    if rows.is_empty() {
        return out::line("No report is declared; `docs/reports.md` shows how.");
    }
    let rows: Vec<Vec<String>> = rows
        .iter()
        .map(|(report, to, next)| {
            vec![
                report.name.clone(),
                report.kind.word().label().to_owned(),
                to.clone(),
                next.as_ref().map_or_else(
                    || "never".to_owned(),
                    |next| next.strftime("%a %Y-%m-%d %H:%M %Q").to_string(),
                ),
            ]
        })
        .collect();
    for line in columns::aligned(&["report", "what", "to", "next"], &rows) {
        out::line(&line)?;
    }
    Ok(())
}

fn show(args: &Show) -> Result<(), Failure> {
    let managed = managed::open(args.dir.as_deref())?;
    let rendered = runtime::wait_for(async {
        let office = Office::open(managed).await?;
        let report = office.report(&args.report)?;
        let of = recipient(report, args.of.as_deref())?;
        let now = office.now(args.at.as_deref())?;
        let drawn = preview(&office.sender(), report, of, now, false).await.map_err(Failure::problem)?;
        Ok(drawn.rendered)
    })?;
    let Some(folder) = &args.out else {
        out::line(&rendered.subject)?;
        out::line("")?;
        return out::line(&rendered.text);
    };
    std::fs::create_dir_all(folder)
        .map_err(|error| Failure::problem(format!("{} cannot be made: {error}.", folder.display())))?;
    // Beside the letter pictures are files, and the HTML names them so.
    let html = rendered.pictures.iter().fold(rendered.html.clone(), |html, (name, _)| {
        html.replace(&format!("cid:{name}"), &picture_file(name))
    });
    let mut all: Vec<(String, Vec<u8>)> = vec![
        ("letter.txt".to_owned(), rendered.text.into_bytes()),
        ("letter.html".to_owned(), html.into_bytes()),
    ];
    all.extend(rendered.pictures.into_iter().map(|(name, png)| (picture_file(&name), png)));
    all.extend(rendered.files.into_iter().map(|file| (file.name, file.bytes)));
    for (name, bytes) in all {
        files::write(&folder.join(&name), &bytes, Existing::Replace)?;
        out::line(&folder.join(&name).display().to_string())?;
    }
    Ok(())
}

fn picture_file(name: &str) -> String {
    format!("{}.png", name.split('@').next().unwrap_or(name))
}

fn runs(args: &Runs) -> Result<(), Failure> {
    let opened = crate::opened::Opened::open(args.shared.dir.as_deref())?;
    let (runs, pieces) = runtime::wait_for(async {
        let state = opened.state().await?;
        Ok((state.report_runs(args.last).await?, state.pieces(&Pieces::default(), args.last).await?))
    })?;
    if args.shared.format == TextOrJson::Json {
        return out::json(&json!({ "runs": runs, "letters": pieces }));
    }
    if runs.is_empty() {
        out::line("No report was due yet.")?;
    }
    let rows: Vec<Vec<String>> = runs
        .iter()
        .map(|run| {
            vec![run.id.clone(), run.due_at.to_string(), run.came_to.word().to_owned(), run.says.clone()]
        })
        .collect();
    for line in columns::aligned(&["report", "due", "came to", "why"], &rows) {
        out::line(&line)?;
    }
    out::line("")?;
    let rows: Vec<Vec<String>> = pieces
        .iter()
        .map(|piece| {
            vec![
                piece.id.clone(),
                format!("{:?}", piece.leaving).to_lowercase(),
                piece.tries.to_string(),
                piece.said.clone().unwrap_or_default(),
            ]
        })
        .collect();
    for line in columns::aligned(&["letter", "stands", "tries", "the other side said"], &rows) {
        out::line(&line)?;
    }
    Ok(())
}

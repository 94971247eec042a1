//! `dialmark demo`: simulates a centre, loads it as anyone's exports are loaded, and shows its pages.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::Instant;

use dialmark_lake::Lake;
use dialmark_project::Project;
use dialmark_sim::{DEFAULT_CALLS_PER_DAY, Plan};
use tokio::runtime::Handle;

use crate::commands::serve;
use crate::demo::place::{self, Holds};
use crate::demo::{browser, fill, live, tour};
use crate::failure::Failure;
use crate::in_force;
use crate::opened::Opened;
use crate::progress::Counter;
use crate::{out, pages, report, runtime};

const EXAMPLES: &str = "\
Examples:
  dialmark demo
  dialmark demo --days 30 --calls-per-day 2000 --seed 3 --dir /tmp/centre --no-browser
  dialmark demo --live                  and let the last day go on in wall time
  dialmark demo --exports examples/provider     only write the exports, for a project that reads them

Writes the exports of a simulated outbound centre into a folder of its own, loads them as anyone's
exports are loaded, and shows the pages to this machine only. A second run with the same plan uses
what is there. The folder is named when it begins; it is a project like any other, so
`dialmark query --dir FOLDER` works on it, and its truth.json says what was planted.";

/// Options of `dialmark demo`.
#[derive(Debug, clap::Args)]
#[command(after_help = EXAMPLES)]
pub struct Args {
    /// Port on 127.0.0.1; 0 takes any that is free
    #[arg(long, default_value_t = serve::DEFAULT_PORT)]
    port: u16,
    /// Days to simulate, the last ending at 10:40
    #[arg(long, default_value_t = 90, value_parser = clap::value_parser!(u32).range(1..=3660))]
    days: u32,
    /// Outbound calls a calendar day
    #[arg(long, default_value_t = DEFAULT_CALLS_PER_DAY)]
    calls_per_day: u32,
    /// Everything random follows from it
    #[arg(long, default_value_t = Plan::default().seed)]
    seed: u64,
    /// Folder of the demo [default: one for each plan in dialmark-demo in your data folder]
    #[arg(long)]
    dir: Option<PathBuf>,
    /// Only write the exports into this folder, load and serve nothing: for a project that reads them, such as
    /// `examples/provider`
    #[arg(long, value_name = "FOLDER", conflicts_with_all = ["dir", "live", "no_browser", "port"])]
    exports: Option<PathBuf>,
    /// Open no browser
    #[arg(long)]
    no_browser: bool,
    /// Let the last day go on in wall time while the pages are served
    #[arg(long)]
    live: bool,
}

/// Prepares the centre and serves it.
pub fn run(args: &Args) -> Result<(), Failure> {
    let plan =
        Plan { seed: args.seed, days: args.days, calls_per_day: args.calls_per_day, ..Plan::default() };
    if let Some(folder) = &args.exports {
        return export(folder, &plan);
    }
    let folder = args.dir.clone().unwrap_or_else(|| place::default_folder(&plan));
    runtime::wait_for(async {
        // The port first: whoever finds it taken should not wait for a million calls before hearing so.
        let listener = serve::listen(args.port).await?;
        let handle = Handle::current();
        let (opened, lake) = {
            let (folder, plan) = (folder.clone(), plan.clone());
            blocking(move || prepare(&handle, &folder, &plan)).await?
        };
        let told = pages::Stop::listen()?;
        let address = format!("http://{}/", serve::announced(&listener)?);
        out::line(&format!("{} is at {address} (Ctrl-C ends it)", opened.project.centre.name()))?;
        if !args.no_browser {
            browser::open_if_watched(&address);
        }
        let stop = Arc::new(AtomicBool::new(false));
        let replay = args.live.then(|| {
            let (handle, lake, project) = (Handle::current(), lake.clone(), opened.project.clone());
            let (plan, stop) = (plan.clone(), Arc::clone(&stop));
            tokio::task::spawn_blocking(move || {
                if let Err(failure) = live::replay(&handle, &lake, &project, &plan, &stop) {
                    out::note(&format!(
                        "The live records have stopped. {}",
                        failure.text().unwrap_or_default()
                    ));
                }
            })
        });
        let served = pages::serve(
            pages::Listening { pages: listener, receiving: None, hosts: Vec::new(), stop: told },
            &opened,
            lake,
            tour::steps(&plan),
        )
        .await;
        stop.store(true, Ordering::Relaxed);
        if let Some(replay) = replay {
            let _ = replay.await;
        }
        served
    })
}

/// Writes what the centre's systems would export, and nothing else.
fn export(folder: &Path, plan: &Plan) -> Result<(), Failure> {
    place::prepare_exports(folder, plan)?;
    let files = fill::export(folder, plan)?;
    place::complete(folder, plan)?;
    out::line(&format!(
        "{} in {}; truth.json says what was planted. `dialmark import` loads them into a project that reads them.",
        out::counted(files, "file", "files"),
        folder.display()
    ))
}

/// Runs work that is not asynchronous without holding up the rest.
async fn blocking<T: Send + 'static>(
    work: impl FnOnce() -> Result<T, Failure> + Send + 'static,
) -> Result<T, Failure> {
    tokio::task::spawn_blocking(work)
        .await
        .map_err(|error| Failure::problem(format!("The demo could not be prepared: {error}.")))?
}

/// The project and its store, filled if they are not.
fn prepare(handle: &Handle, folder: &Path, plan: &Plan) -> Result<(Opened, Lake), Failure> {
    let holds = place::prepare(folder, plan)?;
    if holds == Holds::Everything {
        out::note(&format!("Using the demo that is in {}.", folder.display()));
        let opened = Opened::open(Some(folder))?;
        let lake = handle.block_on(opened.lake())?;
        return Ok((opened, lake));
    }
    out::note(&format!(
        "Simulating {} with {} calls each into {}.",
        out::counted(u64::from(plan.days), "day", "days"),
        out::thousands(u64::from(plan.calls_per_day)),
        folder.display()
    ));
    let begun = Instant::now();
    fill::write_project(folder, plan)?;
    let opened = Opened::load(Project::load(folder)?)?;
    let lake = handle.block_on(opened.lake())?;
    let counter = Counter::new("Loading");
    let files = AtomicU64::new(0);
    let filled = fill::fill(handle, &lake, &opened.project, plan, &|name| {
        counter.show(files.fetch_add(1, Ordering::Relaxed) + 1, name);
    })?;
    // Pages answer in half the time when no correction waits beside the files.
    handle.block_on(lake.settle())?;
    counter.clear();
    place::complete(folder, plan)?;
    out::note(&format!(
        "{} In {:.1} s, from {}.",
        report::sentence(&filled),
        begun.elapsed().as_secs_f32(),
        out::counted(files.load(Ordering::Relaxed), "file", "files"),
    ));
    in_force::keep(&opened.project)?;
    Ok((opened, lake))
}

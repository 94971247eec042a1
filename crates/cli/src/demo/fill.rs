//! Simulates and loads at the same time: a file goes to the store as soon as it is finished.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::{Arc, mpsc};
use std::thread;

use dialmark_ingest::{ImportOptions, Unwatched, import_file};
use dialmark_lake::{ImportReport, Lake};
use dialmark_model::source::Source;
use dialmark_project::Project;
use dialmark_sim::{Plan, Stream};
use tokio::runtime::Handle;
use tokio::sync::Semaphore;

use super::writer::{Finished, Writer};
use crate::deliveries;
use crate::failure::Failure;
use crate::files::{self, Existing};

/// From this many calls a day on a week's file is unwieldy, and each day gets its own.
const DAILY_FROM: u32 = 100_000;

/// Writes the files of the project, so that it can be opened.
pub fn write_project(folder: &Path, plan: &Plan) -> Result<(), Failure> {
    for (name, text) in dialmark_sim::project_files(plan) {
        let path = folder.join(name);
        if let Some(parent) = path.parent() {
            std::fs::create_dir_all(parent).map_err(|error| {
                Failure::problem(format!("The folder {} cannot be made: {error}.", parent.display()))
            })?;
        }
        files::write(&path, text.as_bytes(), Existing::Replace)?;
    }
    Ok(())
}

/// Simulates the plan into the project's folder, loads every file, and says what became of all records together.
/// Must run beside a runtime, not in it.
pub fn fill(
    runtime: &Handle,
    lake: &Lake,
    project: &Project,
    plan: &Plan,
    progress: &(impl Fn(&str) + Sync),
) -> Result<ImportReport, Failure> {
    // Two imports into one table would wait for each other, so every stream has one loader; and only as many
    // work at once as there are cores, which bounds memory.
    let cores = thread::available_parallelism().map_or(2, usize::from);
    let turns = Arc::new(Semaphore::new(cores));
    thread::scope(|scope| {
        let mut queues: BTreeMap<Stream, mpsc::Sender<PathBuf>> = BTreeMap::new();
        let mut loaders = Vec::new();
        for stream in Stream::ALL {
            let source = project.source(stream.source()).ok_or_else(|| {
                Failure::problem(format!("The demo's project declares no source `{}`.", stream.source()))
            })?;
            let (queue, paths) = mpsc::channel();
            let turns = Arc::clone(&turns);
            queues.insert(stream, queue);
            loaders.push(
                scope.spawn(move || load_all(runtime, lake, project, source, &paths, &turns, progress)),
            );
        }
        let simulated = simulate(plan, &project.folder, &queues);
        // Without senders the loaders end once they have caught up.
        drop(queues);
        let mut total = ImportReport::default();
        for loader in loaders {
            let loaded =
                loader.join().map_err(|_| Failure::problem("A thread that loads ended early."))??;
            total.add(&loaded);
        }
        simulated.map(|()| total)
    })
}

/// Simulates the plan into a folder and loads nothing; returns how many files there are.
pub fn export(folder: &Path, plan: &Plan) -> Result<u64, Failure> {
    let mut files = 0;
    write(plan, folder, |_| files += 1)?;
    Ok(files)
}

fn simulate(
    plan: &Plan,
    folder: &Path,
    queues: &BTreeMap<Stream, mpsc::Sender<PathBuf>>,
) -> Result<(), Failure> {
    write(plan, folder, |finished| {
        if let Some(queue) = queues.get(&finished.stream) {
            // A loader that is gone has failed, and says so when it is joined.
            let _ = queue.send(finished.path);
        }
    })
}

/// Writes every export and `truth.json`; `finished` is told of each file once it will not change any more.
fn write(plan: &Plan, folder: &Path, finished: impl FnMut(Finished)) -> Result<(), Failure> {
    let mut writer = Writer::new(folder, plan.calls_per_day >= DAILY_FROM, finished);
    let tallies = dialmark_sim::run(plan, &mut writer)?;
    writer.finish()?;
    let truth = serde_json::to_string_pretty(&dialmark_sim::truth(plan, &tallies))
        .map_err(|error| Failure::problem(format!("truth.json cannot be written: {error}.")))?;
    files::write(&folder.join("truth.json"), truth.as_bytes(), Existing::Replace)
}

fn load_all(
    runtime: &Handle,
    lake: &Lake,
    project: &Project,
    source: &Source,
    paths: &mpsc::Receiver<PathBuf>,
    turns: &Semaphore,
    progress: &(impl Fn(&str) + Sync),
) -> Result<ImportReport, Failure> {
    let mut total = ImportReport::default();
    while let Ok(path) = paths.recv() {
        let imported = runtime.block_on(async {
            let _turn = turns.acquire().await.map_err(|_| Failure::problem("The loaders were stopped."))?;
            let options = ImportOptions {
                name: deliveries::place_in_project(project, &path),
                ..ImportOptions::default()
            };
            Ok::<_, Failure>(import_file(lake, source, &path, &options, &Unwatched).await?)
        })?;
        total.add(&imported.report);
        progress(&imported.report.file_name);
    }
    Ok(total)
}

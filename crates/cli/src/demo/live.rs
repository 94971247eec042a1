//! Live mode: what the centre would deliver after the records stop, in wall time, through the same import.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use dialmark_ingest::{ImportOptions, Unwatched, import_file};
use dialmark_lake::Lake;
use dialmark_project::Project;
use dialmark_sim::{Event, Plan, Stream};
use jiff::Timestamp;
use tokio::runtime::Handle;

use crate::deliveries;
use crate::failure::Failure;
use crate::files::{self, Existing};

/// How often what has arrived is written and loaded.
const EVERY: Duration = Duration::from_secs(2);

/// Events a second, at most: a centre that is busier is replayed as it is, only later.
const AT_MOST_A_SECOND: usize = 1_000;

/// Replays the rest of the last day as if the records' end were now. Ends when it is told to, or with the day.
pub fn replay(
    runtime: &Handle,
    lake: &Lake,
    project: &Project,
    plan: &Plan,
    stop: &Arc<AtomicBool>,
) -> Result<(), Failure> {
    let begun = Instant::now();
    let mut events = dialmark_sim::live_after(plan).peekable();
    let mut number = 0_u32;
    while !stop.load(Ordering::Relaxed) && events.peek().is_some() {
        std::thread::sleep(EVERY);
        let due = due_until(plan.now(), begun.elapsed());
        let most = AT_MOST_A_SECOND * usize::try_from(EVERY.as_secs()).unwrap_or(1);
        let mut batches: BTreeMap<Stream, Vec<Event>> = BTreeMap::new();
        for _ in 0..most {
            let Some(event) = events.next_if(|event| event.at <= due) else { break };
            batches.entry(event.stream).or_default().push(event);
        }
        for (stream, batch) in batches {
            let Some(source) = project.source(stream.source()) else { continue };
            number += 1;
            let path = write(&project.folder, stream, plan, number, &batch)?;
            runtime.block_on(async {
                let options = ImportOptions {
                    name: deliveries::place_in_project(project, &path),
                    ..ImportOptions::default()
                };
                import_file(lake, source, &path, &options, &Unwatched).await
            })?;
        }
    }
    Ok(())
}

/// The centre's time after so much wall time.
fn due_until(now: Timestamp, elapsed: Duration) -> Timestamp {
    let elapsed = jiff::SignedDuration::try_from(elapsed).unwrap_or(jiff::SignedDuration::ZERO);
    now.checked_add(elapsed).unwrap_or(Timestamp::MAX)
}

/// A small file beside the others of its stream, under a name that the source's pattern finds as well.
fn write(
    folder: &Path,
    stream: Stream,
    plan: &Plan,
    number: u32,
    batch: &[Event],
) -> Result<PathBuf, Failure> {
    let name = stream.file(plan.end, true);
    let (stem, extension) = name.rsplit_once('.').unwrap_or((&name, "csv"));
    let path = folder.join(format!("{stem}-live-{number:06}.{extension}"));
    let mut text = Vec::new();
    stream.write_header(&mut text);
    for event in batch {
        let fields: Vec<&str> = event.fields.iter().map(String::as_str).collect();
        stream.write_row(&fields, &mut text);
    }
    files::write(&path, &text, Existing::Replace)?;
    Ok(path)
}

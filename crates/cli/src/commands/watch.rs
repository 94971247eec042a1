//! `dialmark watch`: loads files as they appear or grow.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::time::{Duration, SystemTime};

use dialmark_ingest::{ImportOptions, Unwatched, import_file};
use dialmark_lake::Lake;

use crate::deliveries::{self, Delivery};
use crate::failure::Failure;
use crate::opened::Opened;
use crate::{in_force, out, report, runtime};

const EXAMPLES: &str = "\
Examples:
  dialmark watch                       every file that the sources' patterns find, now and later
  dialmark watch --source dialler --every 60

Looks every ten seconds. A file is loaded when it has not changed between two looks, so that one that is
still being written is left alone until it rests; a log that never rests is loaded up to its last whole
line when it has grown for a minute. What was loaded before is known again. Ctrl-C ends it.";

/// A file that changes all the time is loaded all the same after so long.
const PATIENCE: Duration = Duration::from_secs(60);

/// Options of `dialmark watch`.
#[derive(Debug, clap::Args)]
#[command(after_help = EXAMPLES)]
pub struct Args {
    /// Only files of this source
    #[arg(long, value_name = "NAME")]
    source: Option<String>,
    /// Seconds between two looks
    #[arg(long, value_name = "SECONDS", default_value_t = 10, value_parser = clap::value_parser!(u64).range(1..=86_400))]
    every: u64,
    /// Folder of the project [default: the current one, or the nearest above that is one]
    #[arg(long, value_name = "PROJECT")]
    dir: Option<PathBuf>,
}

/// How a file looked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Look {
    bytes: u64,
    modified: Option<SystemTime>,
}

/// What is known of a file for one source.
#[derive(Debug)]
struct Watched {
    look: Look,
    /// Since when it has been waiting to be loaded; `None` when it was loaded as it looks.
    waiting_since: Option<SystemTime>,
}

/// Loads what comes, until it is told to stop.
pub fn run(args: &Args) -> Result<(), Failure> {
    let opened = Opened::open(args.dir.as_deref())?;
    let only = args.source.as_deref().map(|name| deliveries::source(&opened.project, name)).transpose()?;
    in_force::keep(&opened.project)?;
    runtime::wait_for(async {
        let lake = opened.lake().await?;
        let mut known: BTreeMap<(String, PathBuf), Watched> = BTreeMap::new();
        let every = Duration::from_secs(args.every);
        out::note(&format!("Watching; a look every {} s.", args.every));
        loop {
            for delivery in deliveries::found(&opened.project, only)? {
                if is_due(&mut known, &delivery, SystemTime::now()) {
                    load(&lake, &opened, &delivery).await?;
                }
            }
            tokio::select! {
                _ = tokio::signal::ctrl_c() => return Ok(()),
                () = tokio::time::sleep(every) => {}
            }
        }
    })
}

/// Whether a file is to be loaded now. It is known as loaded from here on.
fn is_due(
    known: &mut BTreeMap<(String, PathBuf), Watched>,
    delivery: &Delivery<'_>,
    now: SystemTime,
) -> bool {
    let Ok(metadata) = std::fs::metadata(&delivery.path) else { return false };
    let look = Look { bytes: metadata.len(), modified: metadata.modified().ok() };
    let key = (delivery.source.name.clone(), delivery.path.clone());
    let Some(watched) = known.get_mut(&key) else {
        known.insert(key, Watched { look, waiting_since: Some(now) });
        return false;
    };
    let rests = watched.look == look;
    watched.look = look;
    let since = match (watched.waiting_since, rests) {
        (None, true) => return false,
        (None, false) => now,
        (Some(since), _) => since,
    };
    let has_waited = now.duration_since(since).is_ok_and(|waited| waited >= PATIENCE);
    let is_due = (rests || has_waited) && look.bytes > 0;
    watched.waiting_since = (!is_due).then_some(since);
    is_due
}

/// Loads a file and says so. What is wrong with one file is said and holds up no other.
async fn load(lake: &Lake, opened: &Opened, delivery: &Delivery<'_>) -> Result<(), Failure> {
    let options = ImportOptions {
        name: deliveries::place_in_project(&opened.project, &delivery.path),
        declared: opened.project.sources.iter().map(|source| source.name.clone()).collect(),
        ..ImportOptions::default()
    };
    match import_file(lake, delivery.source, &delivery.path, &options, &Unwatched).await {
        Ok(imported) => {
            let report = &imported.report;
            out::line(&format!(
                "{}: {}: {}",
                report.source,
                delivery.path.display(),
                report::sentence(report)
            ))
        }
        Err(error) => {
            out::error(&format!(
                "{}: {} was not loaded: {error}",
                delivery.source.name,
                delivery.path.display()
            ));
            Ok(())
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use dialmark_project::{Project, ProjectFile};

    #[test]
    fn a_file_is_loaded_when_it_rests_and_again_when_it_changed() {
        let folder = tempfile::tempdir().unwrap();
        let files = [
            ProjectFile::new("dialmark.toml", "[centre]\nname = \"N\"\nzone = \"UTC\"\n"),
            ProjectFile::new(
                "sources/s.toml",
                "[source.a]\ntable = \"calls\"\nfiles = [\"*.csv\"]\nid = \"id\"\ncolumns = { started_at = \"at\" }\n",
            ),
        ];
        let project = Project::from_files(folder.path(), &files).unwrap();
        let path = folder.path().join("a.csv");
        std::fs::write(&path, "").unwrap();
        let delivery = Delivery { source: project.source("a").unwrap(), path: path.clone() };
        let mut known = BTreeMap::new();
        let start = SystemTime::now();
        let mut at = |seconds: u64| is_due(&mut known, &delivery, start + Duration::from_secs(seconds));
        assert!(!at(0) && !at(10), "an empty file is no delivery yet");
        std::fs::write(&path, "id,at\n").unwrap();
        assert!(!at(20) && at(30), "it rests at the second look");
        assert!(!at(40), "it was loaded as it is");
        for (second, text) in [(50, "id,at\n1"), (60, "id,at\n1,2"), (100, "id,at\n1,23")] {
            std::fs::write(&path, text).unwrap();
            assert!(!at(second), "it is being written");
        }
        std::fs::write(&path, "id,at\n1,234").unwrap();
        assert!(at(110), "a minute is enough");
        assert!(!at(120));
    }
}

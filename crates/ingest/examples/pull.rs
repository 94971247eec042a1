//! Pulls the sources of a project without the rest of the program: `pull [SOURCE...] [--all] [--portion-rows N] --dir DIR
//! [--format json]` and `lake settle --dir DIR`, as the program has them. What it says is JSON.
//!
//! With it `tests/pull/check.py` can be run where building the whole program takes too long.
#![allow(clippy::print_stdout, clippy::print_stderr, reason = "printing is what it is for")]

use std::path::Path;
use std::process::ExitCode;

use dialmark_ingest::{PullOptions, Unwatched, dispositions, pull};
use dialmark_lake::Lake;
use dialmark_project::Project;

#[tokio::main]
async fn main() -> ExitCode {
    match run().await {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::FAILURE,
        Err(sentence) => {
            eprintln!("error: {sentence}");
            ExitCode::FAILURE
        }
    }
}

async fn run() -> Result<bool, String> {
    let mut words = Vec::new();
    let (mut folder, mut from_start, mut portion_rows) = (None, false, None);
    let (mut dispositions_to, mut from) = (None, None);
    let mut arguments = std::env::args().skip(1);
    while let Some(argument) = arguments.next() {
        match argument.as_str() {
            "--dir" => folder = arguments.next(),
            "--format" => drop(arguments.next()),
            "--dispositions" => dispositions_to = arguments.next(),
            "--from" => from = arguments.next(),
            "--all" => from_start = true,
            "--portion-rows" => portion_rows = arguments.next().and_then(|rows| rows.parse().ok()),
            _ => words.push(argument),
        }
    }
    let folder = folder.ok_or("name the project's folder with --dir.")?;
    let folder = Path::new(&folder);
    let project = Project::load(folder).map_err(|invalid| invalid.to_string())?;
    let lake = Lake::open(&project.lake_folder).await.map_err(|error| error.to_string())?;
    if words.first().is_some_and(|word| word == "lake") {
        lake.settle().await.map_err(|error| error.to_string())?;
        return Ok(true);
    }
    let options = PullOptions { folder, from_start, portion_rows };
    if let Some(file) = dispositions_to {
        let source = project.sources.iter().find(|source| words.contains(&source.name));
        let source = source.ok_or("name the source.")?;
        let text =
            dispositions(source, &options, from.as_deref()).await.map_err(|error| error.to_string())?;
        return std::fs::write(file, text).map(|()| true).map_err(|error| error.to_string());
    }
    let mut lines = Vec::new();
    let mut well = true;
    for source in project.sources.iter().filter(|source| source.pull.is_some()) {
        if words.len() > 1 && !words.contains(&source.name) {
            continue;
        }
        match pull(&lake, source, &options, &Unwatched).await {
            Ok(pulled) => lines.push(serde_json::to_value(&pulled).map_err(|error| error.to_string())?),
            Err(error) => {
                well = false;
                eprintln!("error: {error}");
                lines.push(serde_json::json!({ "source": source.name, "error": error.to_string() }));
            }
        }
    }
    println!("{}", serde_json::Value::Array(lines));
    Ok(well)
}

//! `dialmark schema`: JSON Schemas of the project's files, for editors.

use std::path::PathBuf;

use dialmark_metrics::Catalogue;
use dialmark_model::declared::AskedFor;
use dialmark_project::Project;
use dialmark_view::schema::schema;

use crate::failure::Failure;
use crate::files::{self, Existing};
use crate::out;

const EXAMPLES: &str = "\
Examples:
  dialmark schema --out .schemas

Writes dialmark.schema.json, sources.schema.json, dispositions.schema.json, metrics.schema.json,
benchmarks.schema.json, strategy.schema.json, and promises.schema.json for the files of all other
folders. An editor with a TOML language server then completes keys and marks mistakes as they are typed:
begin a file with a line such as  #:schema ../.schemas/promises.schema.json";

/// Options of `dialmark schema`.
#[derive(Debug, clap::Args)]
#[command(after_help = EXAMPLES)]
pub struct Args {
    /// Folder to write to
    #[arg(long, value_name = "FOLDER")]
    out: PathBuf,
}

/// Writes the schemas.
pub fn run(args: &Args) -> Result<(), Failure> {
    std::fs::create_dir_all(&args.out)
        .map_err(|e| Failure::problem(format!("{} cannot be made: {e}.", args.out.display())))?;
    let mut all = Project::asked_for();
    let metrics = Catalogue::builtin().1.asked_for();
    // Bindings may stand beside the source that they read, and a project may declare all else that a catalogue does.
    let is_of_bindings = |place: &str, key: &str| {
        place == "bind" || place.starts_with("bind.") || (place.is_empty() && key == "bind")
    };
    let on = |place: &str| place.replacen("measure.*.on", "bind.*", 1);
    let bindings: AskedFor = metrics
        .iter()
        .filter(|((place, _), _)| place == "measure.*.on" || place.starts_with("measure.*.on."))
        .map(|((place, key), wanted)| ((on(place), key.clone()), wanted.clone()))
        .collect();
    for (name, asked) in &mut all {
        if *name == "sources" {
            asked.retain(|(place, key), _| !is_of_bindings(place, key));
            asked.extend(bindings.clone());
            asked.insert(("bind".to_owned(), "*".to_owned()), Default::default());
            asked.insert((String::new(), "bind".to_owned()), Default::default());
        }
    }
    let mut metrics = metrics;
    metrics.extend(bindings);
    metrics.insert(("bind".to_owned(), "*".to_owned()), Default::default());
    all.push(("metrics", metrics));
    all.extend(dialmark_govern::every_form::asked_for());
    for (name, asked) in &all {
        let title = match *name {
            "dialmark" => "Dialmark: dialmark.toml",
            "sources" => "Dialmark: a file of sources/",
            "dispositions" => "Dialmark: a file of dispositions/",
            "promises" => {
                "Dialmark: a file of kpis/, scorecards/, contracts/, people/, quality/, rules/, incentives/ or costs/"
            }
            "benchmarks" => "Dialmark: a file of benchmarks/",
            "strategy" => "Dialmark: a file of strategy/",
            _ => "Dialmark: a file of metrics/",
        };
        let mut text = serde_json::to_string_pretty(&schema(title, asked))
            .map_err(|e| Failure::problem(format!("A schema cannot be written: {e}.")))?;
        text.push('\n');
        files::write(&args.out.join(format!("{name}.schema.json")), text.as_bytes(), Existing::Replace)?;
    }
    out::note(&format!("wrote {} schemas to {}", all.len(), args.out.display()));
    Ok(())
}

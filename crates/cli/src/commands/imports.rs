//! `dialmark imports`: the ledger of what came in and what became of it.

use dialmark_lake::ImportRecord;

use crate::failure::Failure;
use crate::opened::Opened;
use crate::options::Shared;
use crate::{columns, out, report, runtime};

const EXAMPLES: &str = "\
Examples:
  dialmark imports
  dialmark imports --source dialler --last 5
  dialmark imports 17                                everything about one import
  dialmark imports --format json

The newest comes first. What was read is what was accepted and what was set aside; what was accepted is
new, unchanged, a correction, older than what is there, or in conflict with it. `dialmark quarantine list`
shows what was set aside, `dialmark restated` which figures an import has moved.";

/// Options of `dialmark imports`.
#[derive(Debug, clap::Args)]
#[command(after_help = EXAMPLES)]
pub struct Args {
    /// Only this import
    #[arg(value_name = "NUMBER")]
    import: Option<i64>,
    /// Only imports of this source
    #[arg(long, value_name = "NAME")]
    source: Option<String>,
    /// How many at most
    #[arg(long, value_name = "COUNT", default_value_t = 50)]
    last: usize,
    #[command(flatten)]
    shared: Shared,
}

/// Runs the command.
pub fn run(args: &Args) -> Result<(), Failure> {
    let opened = Opened::open(args.shared.dir.as_deref())?;
    let mut imports = runtime::wait_for(async { Ok(opened.lake_with_records().await?.imports().await?) })?;
    if let Some(number) = args.import {
        imports.retain(|one| one.report.import_id == number);
        if imports.is_empty() {
            return Err(Failure::usage(format!(
                "There is no import {number}. `dialmark imports` lists those there are."
            )));
        }
    }
    if let Some(name) = &args.source {
        imports.retain(|one| one.report.source == *name);
    }
    imports.reverse();
    let left = imports.len().saturating_sub(args.last);
    imports.truncate(args.last);
    if args.shared.format == out::TextOrJson::Json {
        return out::json(&imports);
    }
    match (imports.as_slice(), args.import) {
        ([], _) => out::line("Nothing was imported."),
        ([one], Some(_)) => whole(one),
        (several, _) => {
            let rows: Vec<Vec<String>> = several.iter().map(row).collect();
            let heads =
                ["import", "when", "source", "table", "file", "read", "new", "corrected", "set aside"];
            for line in columns::aligned(&heads, &rows) {
                out::line(&line)?;
            }
            match left {
                0 => Ok(()),
                left => out::line(&format!("{left} older ones are not shown; `--last COUNT` shows more.")),
            }
        }
    }
}

fn row(import: &ImportRecord) -> Vec<String> {
    let report = &import.report;
    vec![
        report.import_id.to_string(),
        import.committed_at.clone(),
        report.source.clone(),
        report.table.clone(),
        report.file_name.clone(),
        out::thousands(report.read),
        out::thousands(report.new),
        out::thousands(report.corrected),
        out::thousands(report.quarantined_total()),
    ]
}

fn whole(import: &ImportRecord) -> Result<(), Failure> {
    let about = &import.report;
    for (name, value) in [
        ("import", about.import_id.to_string()),
        ("when", import.committed_at.clone()),
        ("source", format!("{}, in {}", about.source, import.zone)),
        ("table", about.table.clone()),
        ("file", about.file_name.clone()),
        ("BLAKE3", import.file_hash.clone()),
        ("known by", import.identity.clone()),
        ("records", report::sentence(about)),
    ] {
        out::line(&format!("{name:<9} {value}"))?;
    }
    Ok(())
}

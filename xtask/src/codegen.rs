//! Generated documents: the reference of the metrics, the metric tree, the schemas, the tables, the packs, the rules. They are written by the built
//! program, and compared with what is committed.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::tally::Tally;
use crate::{run, workspace};

/// Folder in the checkout, and the arguments with which the program writes it.
const GENERATED: [(&str, &[&str]); 5] = [
    ("docs/metrics", &["metrics", "reference", "--out"]),
    ("docs/schemas", &["schema", "--out"]),
    ("docs/tables", &["tables", "--out"]),
    ("docs/packs", &["packs", "reference", "--out"]),
    ("docs/rules", &["kpis", "rules", "--out"]),
];

/// Writes the documents, or compares them with what is there.
pub fn run(check: bool) -> Result<Tally, String> {
    let root = workspace::root()?;
    let mut stale = Vec::new();
    for (folder, arguments) in GENERATED {
        let fresh = workspace::target()?.join("codegen").join(folder);
        if fresh.exists() {
            std::fs::remove_dir_all(&fresh).map_err(|e| format!("{}: {e}", fresh.display()))?;
        }
        let mut command = Command::new(workspace::program()?);
        // Outside of any project, so that only the built-in catalogue is written.
        command.current_dir(workspace::target()?).args(arguments).arg(&fresh);
        run::output(&mut command)?;
        let (wanted, found) = (files(&fresh)?, files(&root.join(folder))?);
        for name in wanted.keys().chain(found.keys().filter(|n| !wanted.contains_key(*n))) {
            if wanted.get(name) == found.get(name) {
                continue;
            }
            stale.push(format!("{folder}/{name}"));
            let place = root.join(folder).join(name);
            if !check {
                match wanted.get(name) {
                    None => std::fs::remove_file(&place).map_err(|e| format!("{}: {e}", place.display()))?,
                    Some(text) => write(&place, text)?,
                }
            }
        }
    }
    for name in &stale {
        println!("{} {name}", if check { "stale:" } else { "wrote" });
    }
    match check && !stale.is_empty() {
        true => Err("the generated documents are stale; `cargo xtask codegen` writes them anew.".to_owned()),
        false => Ok(Tally::ONE),
    }
}

fn write(place: &Path, text: &[u8]) -> Result<(), String> {
    let failed = |e: std::io::Error| format!("{}: {e}", place.display());
    if let Some(folder) = place.parent() {
        std::fs::create_dir_all(folder).map_err(failed)?;
    }
    std::fs::write(place, text).map_err(failed)
}

/// Files of a folder by name; none when it is not there.
fn files(folder: &PathBuf) -> Result<BTreeMap<String, Vec<u8>>, String> {
    let mut all = BTreeMap::new();
    if !folder.is_dir() {
        return Ok(all);
    }
    let failed = |e: std::io::Error| format!("{}: {e}", folder.display());
    for entry in std::fs::read_dir(folder).map_err(failed)? {
        let entry = entry.map_err(failed)?;
        if entry.path().is_file() {
            let name = entry.file_name().to_string_lossy().into_owned();
            all.insert(name, std::fs::read(entry.path()).map_err(failed)?);
        }
    }
    Ok(all)
}

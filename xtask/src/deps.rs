//! Who may depend on whom, what must not be in the house at all, licences, and where packages come from.
//!
//! The rules are data (see `deps/rules.rs`); this reads `cargo metadata` and compares.

mod graph;
mod licence;
mod rules;
mod scan;

use std::fs;
use std::path::{Path, PathBuf};

use serde_json::Value;

use crate::tally::Tally;
use crate::workspace;
use graph::{Graph, Package};

/// Checks everything; each kind of rule counts as one check.
pub fn run() -> Result<Tally, String> {
    let graph = Graph::read(workspace::metadata()?)?;
    let checks: [(&str, Vec<String>); 6] = [
        ("directions", directions(&graph)),
        ("kept apart", kept_apart(&graph)),
        ("bans", bans(&graph)),
        ("licences", licences(&graph)),
        ("sources", sources(&graph)),
        ("files, clocks, environment", forbidden_words(&graph)?),
    ];
    let mut tally = Tally::default();
    for (name, broken) in &checks {
        if broken.is_empty() {
            tally.passed += 1;
        } else {
            tally.failed += 1;
            println!("{name}:");
            broken.iter().for_each(|line| println!("  {line}"));
        }
    }
    println!("{} packages looked at", graph.packages.len());
    match tally.failed {
        0 => Ok(tally),
        _ => {
            Err("the rules are in xtask/src/deps/rules.rs, and why they are so in ARCHITECTURE.md."
                .to_owned())
        }
    }
}

/// Our crates depend on each other in one direction only.
fn directions(graph: &Graph) -> Vec<String> {
    let mut broken = Vec::new();
    for package in graph.ours() {
        let Some(name) = package.short_name() else { continue };
        if !rules::ARROWS.iter().any(|(from, _)| *from == name) {
            broken.push(format!("the crate `{name}` has no place in the dependency rules; add it there."));
            continue;
        }
        let allowed = rules::reachable(name);
        for needed in package.normal_dependencies.iter().filter_map(|d| d.strip_prefix(graph::OURS)) {
            if !allowed.contains(&needed) {
                broken.push(format!("`{name}` depends on `{needed}`, which lies on its other side."));
            }
        }
    }
    broken
}

/// Libraries are known only to the crates whose business they are.
fn kept_apart(graph: &Graph) -> Vec<String> {
    let mut broken = Vec::new();
    for package in graph.ours() {
        let name = package.short_name().unwrap_or(&package.name);
        let outside = package.normal_dependencies.iter().filter(|d| !d.starts_with(graph::OURS));
        for library in outside {
            if let Some((_, allowed)) = rules::PURE.iter().find(|(pure, _)| *pure == name)
                && !rules::PURE_MAY.contains(&library.as_str())
                && !allowed.contains(&library.as_str())
            {
                broken.push(format!("`{name}` is pure and may not depend on `{library}`."));
                continue;
            }
            for rule in rules::KEPT_TO {
                if rule.covers(library) && !rule.crates.contains(&name) {
                    broken.push(format!(
                        "`{name}` depends on `{library}`, which only {} may know.",
                        rule.crates.join(", ")
                    ));
                }
            }
        }
    }
    broken
}

/// Packages that must not come in, versions that must not change alone, and families that must be there once.
fn bans(graph: &Graph) -> Vec<String> {
    let mut broken = Vec::new();
    for package in &graph.packages {
        if let Some((_, why)) = rules::BANNED.iter().find(|(name, _)| *name == package.name) {
            let by = graph.needed_by(package).join(", ");
            broken.push(format!("`{}` came in through {by}: {why}.", package.name));
        }
        if let Some((_, wanted)) = rules::PINNED.iter().find(|(name, _)| *name == package.name)
            && !package.version.starts_with(wanted)
        {
            broken.push(format!(
                "`{}` is at {}, but the engine's family is tried out together at {wanted}*.",
                package.name, package.version
            ));
        }
    }
    let mut names: Vec<&str> = graph.packages.iter().map(|p| p.name.as_str()).collect();
    names.sort_unstable();
    let doubled = names.windows(2).filter_map(|pair| match pair {
        [a, b] if a == b && rules::ONCE.iter().any(|prefix| a.starts_with(prefix)) => Some(*a),
        _ => None,
    });
    broken.extend(doubled.map(|name| format!("`{name}` is there in two versions and would be built twice.")));
    broken
}

fn licences(graph: &Graph) -> Vec<String> {
    let mut broken = Vec::new();
    for package in &graph.packages {
        match &package.licence {
            Some(expression) => {
                if let Err(why) = licence::allowed(expression, rules::LICENCES) {
                    broken.push(format!("`{}` is under `{expression}`: {why}", package.name));
                }
            }
            None => broken.push(format!("`{}` states no licence.", package.name)),
        }
    }
    broken
}

fn sources(graph: &Graph) -> Vec<String> {
    let elsewhere = |package: &&Package| match &package.source {
        Some(source) => source != "registry+https://github.com/rust-lang/crates.io-index",
        None => !package.is_member,
    };
    let name = |package: &Package| {
        let source = package.source.as_deref().unwrap_or("a path outside the workspace");
        format!("`{}` comes from {source}; packages come from crates.io only.", package.name)
    };
    graph.packages.iter().filter(elsewhere).map(name).collect()
}

fn forbidden_words(graph: &Graph) -> Result<Vec<String>, String> {
    let mut broken = Vec::new();
    for package in graph.ours() {
        let Some(name) = package.short_name() else { continue };
        if rules::KNOW_THE_WORLD.contains(&name) {
            continue;
        }
        let source = package.folder.join("src");
        let files: Vec<(PathBuf, String)> = rust_files(&source)?
            .into_iter()
            .map(|file| {
                fs::read_to_string(&file)
                    .map(|text| (file.clone(), text))
                    .map_err(|cause| unreadable(&file, &cause))
            })
            .collect::<Result<_, _>>()?;
        let tests: Vec<&str> = files.iter().flat_map(|(_, text)| scan::test_modules(text)).collect();
        for (file, text) in &files {
            let shown = file.strip_prefix(&source).unwrap_or(file);
            if tests.iter().any(|name| shown.file_stem().is_some_and(|stem| stem == *name)) {
                continue;
            }
            for found in scan::words(text, rules::WORLDLY_WORDS) {
                broken.push(format!(
                    "crates/{name}/src/{}:{}: `{}` is for {} only; let the caller pass what is needed.",
                    shown.display(),
                    found.line,
                    found.word,
                    rules::KNOW_THE_WORLD.join(", ")
                ));
            }
        }
    }
    Ok(broken)
}

/// All `*.rs` files below a folder, in order.
fn rust_files(folder: &Path) -> Result<Vec<PathBuf>, String> {
    let failed = |cause| unreadable(folder, &cause);
    let mut files = Vec::new();
    for entry in fs::read_dir(folder).map_err(failed)? {
        let path = entry.map_err(failed)?.path();
        if path.is_dir() {
            files.extend(rust_files(&path)?);
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            files.push(path);
        }
    }
    files.sort();
    Ok(files)
}

fn unreadable(path: &Path, cause: &std::io::Error) -> String {
    format!("`{}` cannot be read: {cause}.", path.display())
}

impl Graph {
    /// Packages of the workspace.
    fn ours(&self) -> impl Iterator<Item = &Package> {
        self.packages.iter().filter(|package| package.is_member)
    }
}

/// A text under a key, if it is one.
fn text(value: &Value, key: &str) -> Option<String> {
    value[key].as_str().map(str::to_owned)
}

//! Whether the program alone and the workspace with its tests agree on the features of what the engine links.
//!
//! Cargo builds a package once for every set of features. When a crate's tests ask for one feature more of a
//! package below the engine, the engine is built a second time, which takes longer than everything else.

use std::collections::{BTreeMap, BTreeSet};

use crate::run;
use crate::tally::Tally;

/// Sets of features by package with its version. A package can have two: for the program and for build scripts.
type Sets = BTreeMap<String, BTreeSet<String>>;

/// Compares the two; a difference in a package below the engine is an error, another one is shown.
pub fn run() -> Result<Tally, String> {
    let program = sets(&["--package", "dialmark-cli", "--edges", "normal,build"])?;
    let with_tests = sets(&["--workspace", "--edges", "normal,build,dev"])?;
    let engine =
        sets(&["--package", "dialmark-engine", "--package", "dialmark-lake", "--edges", "normal,build"])?;
    let mut wrong = 0_usize;
    for (package, alone) in &program {
        let Some(together) = with_tests.get(package) else { continue };
        if alone == together {
            continue;
        }
        let is_engine = engine.contains_key(package);
        let word = if is_engine { "error" } else { "note" };
        println!("{word}: {package} is built twice");
        println!("  for the program alone:    {}", shown(alone));
        println!("  for program and tests:    {}", shown(together));
        wrong += usize::from(is_engine);
    }
    // Who works on the engine alone wants to share what the program has built; it is no mistake not to.
    for (package, alone) in engine.iter().filter(|(package, alone)| program.get(*package) != Some(*alone)) {
        println!("note: {package} differs when the engine is built alone: {}", shown(alone));
    }
    println!("{} packages of the program compared", program.len());
    match wrong {
        0 => Ok(Tally::ONE),
        _ => Err("name the missing features in [workspace.dependencies], for all alike.".to_owned()),
    }
}

fn sets(arguments: &[&str]) -> Result<Sets, String> {
    let mut command = run::cargo()?;
    command.args(["tree", "--locked", "--prefix", "none", "--format", "{p}|{f}"]).args(arguments);
    Ok(read(&run::output(&mut command)?))
}

fn read(tree: &str) -> Sets {
    let mut sets = Sets::new();
    for line in tree.lines() {
        let Some((package, features)) = line.split_once('|') else { continue };
        // Marks that a package was shown before, and its kind, are no part of its name.
        let name: Vec<&str> = package.split_whitespace().take(2).collect();
        let features = features.trim_end_matches("(*)").trim();
        sets.entry(name.join(" ")).or_default().insert(features.to_owned());
    }
    sets
}

fn shown(sets: &BTreeSet<String>) -> String {
    sets.iter().map(|set| format!("[{set}]")).collect::<Vec<_>>().join(" and ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_tree_is_read_into_sets_of_features() {
        let sets = read(
            "serde v1.0.0|default,derive\nserde v1.0.0|default,derive (*)\nserde v1.0.0|std\nx v2.0.0 (/a/b)|\n",
        );
        let serde: Vec<&str> = sets["serde v1.0.0"].iter().map(String::as_str).collect();
        assert_eq!(serde, ["default,derive", "std"]);
        assert!(sets.contains_key("x v2.0.0"));
    }
}

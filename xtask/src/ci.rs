//! Every check and every test, in the order in which a mistake is cheapest to find.

use std::path::PathBuf;
use std::time::{Duration, Instant};

use crate::tally::Tally;
use crate::{Options, codegen, conformance, deps, faults, features, fuzz, python, run, workspace};

/// What a stage may know.
struct Context {
    /// Folder with the data of the conformance runs, where it exists.
    data: Option<PathBuf>,
}

/// How a stage ended, unless it failed.
enum End {
    /// With so many checks.
    Done(Tally),
    /// It had nothing to work on, for this reason.
    Skipped(String),
}

struct Stage {
    name: &'static str,
    /// Whether it uses the built program, so that it is pointless after a failed build.
    needs_program: bool,
    run: fn(&Context) -> Result<End, String>,
}

const STAGES: [Stage; 21] = [
    Stage { name: "fmt", needs_program: false, run: |_| cargo(&["fmt", "--all", "--", "--check", "-l"]) },
    Stage { name: "deps", needs_program: false, run: |_| deps::run().map(End::Done) },
    Stage { name: "features", needs_program: false, run: |_| features::run().map(End::Done) },
    Stage {
        name: "clippy",
        needs_program: false,
        // The one profile, so that what was built stays built.
        run: |_| {
            cargo(&[
                "clippy",
                "--workspace",
                "--all-targets",
                "--release",
                "--locked",
                "--",
                "-D",
                "warnings",
            ])
        },
    },
    Stage { name: "build", needs_program: false, run: |_| cargo(&["build", "--release", "--locked"]) },
    Stage { name: "codegen", needs_program: true, run: |_| codegen::run(true).map(End::Done) },
    Stage { name: "test", needs_program: true, run: |_| tests() },
    Stage { name: "fuzz", needs_program: true, run: |_| fuzz::run(fuzz::SECONDS, None).map(End::Done) },
    Stage { name: "stats", needs_program: true, run: |_| python::stats().map(End::Done) },
    Stage { name: "catalogue", needs_program: true, run: |_| python::catalogue().map(End::Done) },
    Stage { name: "departments", needs_program: true, run: |_| python::departments().map(End::Done) },
    Stage {
        name: "packs",
        needs_program: true,
        run: |context| python::packs(context.data.as_deref()).map(End::Done),
    },
    Stage { name: "pull", needs_program: true, run: |_| python::pull().map(End::Done) },
    Stage { name: "simulated", needs_program: true, run: |_| python::simulated().map(End::Done) },
    Stage { name: "records", needs_program: true, run: |_| python::records().map(End::Done) },
    Stage { name: "post", needs_program: true, run: |_| python::post().map(End::Done) },
    Stage { name: "faults", needs_program: true, run: |_| faults::short().map(End::Done) },
    Stage { name: "browser", needs_program: true, run: |_| python::browser().map(End::Done) },
    Stage {
        name: "conformance",
        needs_program: true,
        run: |context| {
            with_data(context, |data| {
                conformance::run(data, Some(&workspace::target()?.join("conformance.json")))
            })
        },
    },
    Stage { name: "attach", needs_program: true, run: |context| with_data(context, python::attach) },
    Stage { name: "oracle", needs_program: true, run: |context| with_data(context, python::oracle) },
];

/// Runs all stages, or those that are named, prints the minutes of each and, as the last line, the tally.
pub fn run(options: &Options) -> Result<(), String> {
    if let Some(unknown) = options.stages.iter().find(|name| !STAGES.iter().any(|s| s.name == name.as_str()))
    {
        let names: Vec<&str> = STAGES.iter().map(|stage| stage.name).collect();
        return Err(format!("`{unknown}` is no stage; the stages are {}.", names.join(", ")));
    }
    let context = Context { data: options.data()? };
    let mut lines = Vec::new();
    let mut total = Tally::default();
    let mut built = true;
    for stage in &STAGES {
        if !options.stages.is_empty() && !options.stages.iter().any(|name| name == stage.name) {
            continue;
        }
        println!("\n==> {}", stage.name);
        let started = Instant::now();
        let end = match stage.needs_program && !built {
            true => Ok(End::Skipped("the build failed".to_owned())),
            false => (stage.run)(&context),
        };
        let (tally, said) = match end {
            Ok(End::Done(tally)) => (tally, tally.to_string()),
            Ok(End::Skipped(why)) => {
                println!("skipped: {why}");
                (Tally::default(), format!("skipped: {why}"))
            }
            Err(message) => {
                println!("{message}");
                (Tally { passed: 0, failed: 1 }, "FAILED".to_owned())
            }
        };
        built &= stage.name != "build" || tally.failed == 0;
        total = total.and(tally);
        lines.push(format!("{:>6}  {:<12} {said}", minutes(started.elapsed()), stage.name));
    }
    println!("\nminutes  stage");
    for line in lines {
        println!("{line}");
    }
    println!("\n{total}");
    match total.failed {
        0 => Ok(()),
        _ => Err(String::new()),
    }
}

fn minutes(elapsed: Duration) -> String {
    format!("{:.1}", elapsed.as_secs_f64() / 60.0)
}

/// A run of cargo that is one check.
fn cargo(arguments: &[&str]) -> Result<End, String> {
    run::show(run::cargo()?.args(arguments)).map(|()| End::Done(Tally::ONE))
}

fn tests() -> Result<End, String> {
    let mut total = Tally::default();
    python::install_where_possible("xfs_io", "xfsprogs");
    let mut command = run::cargo()?;
    // The store's own test lets DuckDB read what was written.
    command.env("DIALMARK_TEST_PYTHON", python::interpreter()?);
    command.args(["test", "--release", "--workspace", "--locked", "--no-fail-fast"]);
    let success = run::watch(&mut command, |line| {
        if let Some(tally) = Tally::of_test_line(line) {
            total = total.and(tally);
        }
    })?;
    if !success && total.failed == 0 {
        return Err(format!("{} failed before its tests could.", run::shown(&command)));
    }
    Ok(End::Done(total))
}

fn with_data(
    context: &Context,
    run: impl Fn(&std::path::Path) -> Result<Tally, String>,
) -> Result<End, String> {
    match &context.data {
        Some(data) => run(data).map(End::Done),
        None => Ok(End::Skipped("there is no folder ../shared/data; `--data DIR` names another".to_owned())),
    }
}

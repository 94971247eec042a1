//! Killing the program, cutting its power and spoiling its disk, again and again: what was acknowledged has to be there,
//! once.

use std::process::Command;

use crate::tally::Tally;
use crate::{python, run, workspace};

/// Trials in a test run; by hand one runs more.
const KILLS: u32 = 50;
const CUTS: u32 = 10;
/// One of each kind.
const DISKS: u32 = 11;

/// `cargo xtask faults KIND [--trials N]`
pub fn run(arguments: &[String]) -> Result<(), String> {
    let usage = "Write `cargo xtask faults kill --trials 1000`, `cargo xtask faults power --trials 300`, or \
                 `cargo xtask faults disk --trials 300`.";
    let (kind, trials) = match arguments {
        [kind] => (kind, None),
        [kind, option, count] if option == "--trials" => (kind, Some(count)),
        _ => return Err(usage.to_owned()),
    };
    let usual = match kind.as_str() {
        "kill" => KILLS,
        "power" => CUTS,
        "disk" => DISKS,
        _ => return Err(usage.to_owned()),
    };
    let trials = trials.map_or(Ok(usual), |count| count.parse::<u32>()).map_err(|_| usage.to_owned())?;
    run::show(run::cargo()?.args(["build", "--release", "--locked"]))?;
    script(kind, trials)
}

/// All kinds, in their short form.
pub fn short() -> Result<Tally, String> {
    let mut tally = Tally::default();
    for (kind, trials) in [("kill", KILLS), ("power", CUTS), ("disk", DISKS)] {
        match script(kind, trials) {
            Ok(()) => tally.passed += 1,
            Err(message) => {
                println!("{message}");
                tally.failed += 1;
            }
        }
    }
    Ok(tally)
}

fn script(kind: &str, trials: u32) -> Result<(), String> {
    if kind == "power" {
        python::install_where_possible("xfs_io", "xfsprogs");
        if !python::is_root() || run::output(Command::new("xfs_io").arg("-V")).is_err() {
            // A file system can be mounted and shut down by root alone.
            println!("skipped: power cuts need root and xfsprogs");
            return Ok(());
        }
    }
    if kind == "disk" {
        // What is missing nevertheless is said by the script, which leaves those trials out.
        python::install_where_possible("strace", "strace");
        python::install_where_possible("faketime", "faketime");
    }
    let script = workspace::root()?.join("tests/faults").join(format!("{kind}.py"));
    let work = workspace::target()?.join("checks/faults").join(kind);
    run::show(
        Command::new(python::interpreter()?)
            .env("PYTHONDONTWRITEBYTECODE", "1")
            .arg(script)
            .arg("--program")
            .arg(workspace::program()?)
            .arg("--work")
            .arg(work)
            .args(["--trials", &trials.to_string()]),
    )
}

//! Mutation loops over the parsers: an example program of the crate that holds them, built as the tests are.

use std::process::Command;

use crate::tally::Tally;
use crate::{run, workspace};

/// Seconds in a run of all stages.
pub const SECONDS: u64 = 30;

/// Builds the loop and runs it for so long. It ends with an error, and the path of the input, when a parser panics.
pub fn run(seconds: u64, seed: Option<u64>) -> Result<Tally, String> {
    // The whole workspace, although one crate would do: its features alone are others, and would be built again.
    run::show(run::cargo()?.args(["build", "--release", "--workspace", "--locked", "--example", "fuzz"]))?;
    let target = workspace::target()?;
    let program = target.join("release/examples").join(format!("fuzz{}", std::env::consts::EXE_SUFFIX));
    let mut command = Command::new(program);
    command.arg("--seconds").arg(seconds.to_string()).arg("--out").arg(target.join("fuzz"));
    if let Some(seed) = seed {
        command.arg("--seed").arg(seed.to_string());
    }
    run::show(&mut command).map(|()| Tally::ONE)
}

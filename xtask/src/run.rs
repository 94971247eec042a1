//! Running other programs.

use std::io::{BufRead, BufReader};
use std::process::{Command, Stdio};

use crate::workspace;

/// Cargo, in the workspace.
pub fn cargo() -> Result<Command, String> {
    let mut command = Command::new(std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
    command.current_dir(workspace::root()?);
    // What cargo tells this program of itself is no business of what it builds: build scripts that look at it (ring's) would run
    // again, and all that rests on them be built anew, whenever one goes from `cargo build` to `cargo xtask` or back.
    for (name, _) in std::env::vars_os() {
        let about_us = ["CARGO_PKG_", "CARGO_MANIFEST_", "CARGO_BIN_", "CARGO_CRATE_"];
        if name.to_str().is_some_and(|name| about_us.iter().any(|prefix| name.starts_with(prefix))) {
            command.env_remove(&name);
        }
    }
    Ok(command)
}

/// Runs a command whose output goes to the terminal.
pub fn show(command: &mut Command) -> Result<(), String> {
    let status = command.status().map_err(|cause| not_started(command, &cause))?;
    if status.success() { Ok(()) } else { Err(format!("{} failed: {status}.", shown(command))) }
}

/// Runs a command and returns what it printed; what it said on the error channel stands in the error.
pub fn output(command: &mut Command) -> Result<String, String> {
    let output = command.stdin(Stdio::null()).output().map_err(|cause| not_started(command, &cause))?;
    if !output.status.success() {
        let said = String::from_utf8_lossy(&output.stderr);
        return Err(format!("{} failed: {}.\n{}", shown(command), output.status, said.trim_end()));
    }
    String::from_utf8(output.stdout).map_err(|_| format!("{} printed what is no UTF-8.", shown(command)))
}

/// Runs a command, shows what it prints as it comes, and hands every line to `see`.
/// Returns whether it succeeded.
pub fn watch(command: &mut Command, mut see: impl FnMut(&str)) -> Result<bool, String> {
    let mut child = command.stdout(Stdio::piped()).spawn().map_err(|cause| not_started(command, &cause))?;
    if let Some(stdout) = child.stdout.take() {
        for line in BufReader::new(stdout).split(b'\n') {
            let line =
                line.map_err(|cause| format!("the output of {} broke off: {cause}.", shown(command)))?;
            let line = String::from_utf8_lossy(&line);
            println!("{line}");
            see(&line);
        }
    }
    let status = child.wait().map_err(|cause| format!("{} was lost: {cause}.", shown(command)))?;
    Ok(status.success())
}

/// The command as one would type it.
pub fn shown(command: &Command) -> String {
    let words = std::iter::once(command.get_program()).chain(command.get_args());
    format!("`{}`", words.map(|word| word.to_string_lossy()).collect::<Vec<_>>().join(" "))
}

fn not_started(command: &Command, cause: &std::io::Error) -> String {
    format!("{} could not be started: {cause}.", shown(command))
}

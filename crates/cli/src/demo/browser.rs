//! Opens a browser, when there is somebody to look at it.

use std::io::IsTerminal;
use std::process::{Command, Stdio};

/// Opens the address in the user's browser: on a terminal with a display only. That it fails is no matter; the
/// address has been printed.
pub fn open_if_watched(address: &str) {
    if !std::io::stdout().is_terminal() || !has_display() {
        return;
    }
    let (program, first): (&str, &[&str]) = if cfg!(target_os = "macos") {
        ("open", &[])
    } else if cfg!(windows) {
        ("cmd", &["/C", "start", ""])
    } else {
        ("xdg-open", &[])
    };
    let _ = Command::new(program)
        .args(first)
        .arg(address)
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn();
}

fn has_display() -> bool {
    let is_set = |name: &str| std::env::var_os(name).is_some_and(|value| !value.is_empty());
    cfg!(any(windows, target_os = "macos")) || is_set("DISPLAY") || is_set("WAYLAND_DISPLAY")
}

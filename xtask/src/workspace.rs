//! Where things are.

use std::path::PathBuf;
use std::sync::OnceLock;

use serde_json::Value;

use crate::run;

/// The folder of the workspace.
pub fn root() -> Result<PathBuf, String> {
    // Cargo sets it for `cargo run`; it is the folder of this package.
    let here = std::env::var_os("CARGO_MANIFEST_DIR")
        .map_or_else(|| PathBuf::from(env!("CARGO_MANIFEST_DIR")), PathBuf::from);
    here.parent().map(PathBuf::from).ok_or_else(|| format!("`{}` lies in no workspace.", here.display()))
}

/// What `cargo metadata` says; asked once.
pub fn metadata() -> Result<&'static Value, String> {
    static METADATA: OnceLock<Result<Value, String>> = OnceLock::new();
    METADATA
        .get_or_init(|| {
            let text = run::output(run::cargo()?.args(["metadata", "--format-version", "1", "--locked"]))?;
            serde_json::from_str(&text).map_err(|cause| format!("`cargo metadata` is no JSON: {cause}."))
        })
        .as_ref()
        .map_err(Clone::clone)
}

/// Where cargo builds.
pub fn target() -> Result<PathBuf, String> {
    let folder = metadata()?["target_directory"].as_str();
    folder.map(PathBuf::from).ok_or_else(|| "`cargo metadata` names no target directory.".to_owned())
}

/// The built program.
pub fn program() -> Result<PathBuf, String> {
    let program = target()?.join("release").join(format!("dialmark{}", std::env::consts::EXE_SUFFIX));
    match program.is_file() {
        true => Ok(program),
        false => Err(format!("`{}` is not there; run `cargo build --release` first.", program.display())),
    }
}

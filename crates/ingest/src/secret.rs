//! Reading a secret from where a source says it is.

use std::path::Path;

use dialmark_model::secret::Secret;

/// The text of a secret; a sentence when it cannot be had. `key` is its name in the declaration, such as `password`, before
/// `_env` or `_file`; the project's folder is what files are relative to.
pub fn secret(secret: &Secret, key: &str, folder: &Path) -> Result<String, String> {
    match secret {
        Secret::Variable(name) => std::env::var(name).map_err(|_| {
            format!("the variable `{name}` of the environment, which `{key}_env` names, is not set.")
        }),
        Secret::File(path) => {
            let path = folder.join(path);
            let text = std::fs::read_to_string(&path).map_err(|error| {
                format!("{}, which `{key}_file` names, cannot be read: {error}.", path.display())
            })?;
            Ok(text.trim_end_matches(['\r', '\n']).to_owned())
        }
    }
}

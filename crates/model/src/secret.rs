//! Where a secret is. It never stands in a project's files, which are shared and kept in repositories.

use serde::Serialize;

use crate::declared::Section;

/// A password, an address that only some may know, or the key that a sender signs with.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Secret {
    /// In this variable of the environment.
    Variable(String),
    /// In this file, relative to the project's folder.
    File(String),
}

/// Reads `{name}_env` or `{name}_file`; the outer `None` is a problem.
pub fn read(section: &Section<'_>, name: &str) -> Option<Option<Secret>> {
    let (variable, file) = (format!("{name}_env"), format!("{name}_file"));
    let text = |key: &str| match section.has(key) {
        true => section.text(key).map(Some),
        false => {
            // Noted for the schema.
            section.node(key);
            Some(None)
        }
    };
    match (text(&variable)?, text(&file)?) {
        (None, None) => Some(None),
        (Some(name), None) if name.trim().is_empty() || name.contains(['=', '\0']) => {
            section.error(&variable, "this is no name of a variable of the environment.", None);
            None
        }
        (Some(name), None) => Some(Some(Secret::Variable(name))),
        (None, Some(path)) if path.trim().is_empty() => {
            section.error(&file, "an empty text names no file.", None);
            None
        }
        (None, Some(path)) => Some(Some(Secret::File(path))),
        (Some(_), Some(_)) => {
            section.error(
                &file,
                format!("`{variable}` and `{file}` exclude each other."),
                Some("Keep one of them.".to_owned()),
            );
            None
        }
    }
}

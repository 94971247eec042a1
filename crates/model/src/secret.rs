//! Where a secret is. It never stands in a project's files, which are shared and kept in repositories.

use serde::Serialize;

/// A password, or the key that a sender signs with.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Secret {
    /// In this variable of the environment.
    Variable(String),
    /// In this file, relative to the project's folder.
    File(String),
}

//! What the rules need of `cargo metadata`.

use std::path::PathBuf;

use serde_json::Value;

use super::text;

/// How the names of our crates begin.
pub const OURS: &str = "dialmark-";

/// All packages of the lock file.
pub struct Graph {
    pub packages: Vec<Package>,
}

/// One package.
pub struct Package {
    pub name: String,
    pub version: String,
    pub licence: Option<String>,
    /// `None` for a package of this workspace, or of a path.
    pub source: Option<String>,
    pub folder: PathBuf,
    /// It belongs to the workspace.
    pub is_member: bool,
    /// Names of what it declares for itself and its build script; what its tests need is left out.
    pub normal_dependencies: Vec<String>,
}

impl Package {
    /// `model` for `dialmark-model`.
    pub fn short_name(&self) -> Option<&str> {
        self.name.strip_prefix(OURS)
    }
}

impl Graph {
    pub fn read(metadata: &Value) -> Result<Graph, String> {
        let list = |value: &Value| value.as_array().cloned().unwrap_or_default();
        let members: Vec<String> = list(&metadata["workspace_members"])
            .iter()
            .filter_map(|id| id.as_str().map(str::to_owned))
            .collect();
        let packages: Option<Vec<Package>> = list(&metadata["packages"])
            .iter()
            .map(|package| {
                let manifest = PathBuf::from(text(package, "manifest_path")?);
                let dependencies = list(&package["dependencies"]);
                Some(Package {
                    name: text(package, "name")?,
                    version: text(package, "version")?,
                    licence: text(package, "license"),
                    source: text(package, "source"),
                    folder: manifest.parent()?.to_owned(),
                    is_member: members.contains(&text(package, "id")?),
                    normal_dependencies: dependencies
                        .iter()
                        .filter(|d| d["kind"].as_str() != Some("dev"))
                        .filter_map(|d| text(d, "name"))
                        .collect(),
                })
            })
            .collect();
        match packages {
            Some(packages) if !packages.is_empty() => Ok(Graph { packages }),
            _ => {
                Err("`cargo metadata` has another shape than expected; see xtask/src/deps/graph.rs."
                    .to_owned())
            }
        }
    }

    /// Names of the packages that declare a dependency on this one.
    pub fn needed_by(&self, package: &Package) -> Vec<&str> {
        self.packages
            .iter()
            .filter(|other| other.normal_dependencies.contains(&package.name))
            .map(|other| other.name.as_str())
            .collect()
    }
}

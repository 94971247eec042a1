//! Driving the built program: a project, its imports, its answers.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use serde_json::{Map, Value};

use super::spec::{Part, Query, Spec};
use crate::{run, workspace};

/// A copy of the project with everything imported, below the target folder.
pub fn prepare(spec: &Spec, data: &Path) -> Result<PathBuf, String> {
    let from = workspace::root()?.join(&spec.project);
    let project = workspace::target()?.join("conformance").join(&spec.set);
    if project.exists() {
        fs::remove_dir_all(&project)
            .map_err(|cause| format!("`{}` cannot be removed: {cause}.", project.display()))?;
    }
    copy(&from, &project)?;
    for (source, file) in &spec.imports {
        let mut import = Command::new(workspace::program()?);
        import.arg("import").arg("--dir").arg(&project).args(["--source", source]).arg(data.join(file));
        println!("{}", run::output(&mut import)?.trim_end());
    }
    Ok(project)
}

fn copy(from: &Path, to: &Path) -> Result<(), String> {
    let failed = |cause: std::io::Error| format!("`{}` cannot be copied: {cause}.", from.display());
    fs::create_dir_all(to).map_err(failed)?;
    for entry in fs::read_dir(from).map_err(failed)? {
        let entry = entry.map_err(failed)?;
        let (source, target) = (entry.path(), to.join(entry.file_name()));
        if entry.file_name() == "lake" {
            // A store that somebody made in the checkout is theirs.
            continue;
        }
        if source.is_dir() {
            copy(&source, &target)?;
        } else {
            fs::copy(&source, &target).map_err(failed)?;
        }
    }
    Ok(())
}

/// The rows of one query.
pub fn ask(project: &Path, query: &Query, metrics: &BTreeSet<&str>) -> Result<Vec<Row>, String> {
    let mut command = Command::new(workspace::program()?);
    let list: Vec<&str> = metrics.iter().copied().collect();
    command.arg("query").arg(list.join(",")).arg("--dir").arg(project).args(["--format", "json"]);
    let options = [
        ("--by", &query.by),
        ("--where", &query.condition),
        ("--on", &query.on),
        ("--complete-until", &query.complete_until),
    ];
    for (option, value) in options {
        if let Some(value) = value {
            command.args([option, value]);
        }
    }
    let text = run::output(&mut command)?;
    match serde_json::from_str(&text) {
        Ok(Value::Array(rows)) => rows
            .into_iter()
            .map(|row| match row {
                Value::Object(members) => Ok(Row(members)),
                other => Err(format!("{} answered a row that is no object: {other}.", run::shown(&command))),
            })
            .collect(),
        Ok(_) => Err(format!("{} answered no list of rows.", run::shown(&command))),
        Err(cause) => Err(format!("{} answered no JSON: {cause}.", run::shown(&command))),
    }
}

/// One row of an answer: a member for each dimension and each metric.
pub struct Row(Map<String, Value>);

impl Row {
    /// The value of a dimension as text.
    pub fn key(&self, dimension: &str) -> Option<String> {
        match self.0.get(dimension)? {
            Value::String(text) => Some(text.clone()),
            Value::Null | Value::Array(_) | Value::Object(_) => None,
            other => Some(other.to_string()),
        }
    }

    /// A number of a metric's cell. Decimals come as texts, so that nothing is lost on the way.
    pub fn number(&self, metric: &str, part: Part) -> Result<f64, String> {
        let cell = self.0.get(metric).ok_or_else(|| format!("the answer has no `{metric}`."))?;
        let number = match &cell[part.word()] {
            Value::Number(number) => number.as_f64(),
            Value::String(text) => text.parse().ok(),
            _ => None,
        };
        number.ok_or_else(|| match cell["reason"].as_str() {
            Some(reason) => format!("`{metric}` has no {}: {reason}.", part.word()),
            None => format!("`{metric}` has no {}: {cell}.", part.word()),
        })
    }
}

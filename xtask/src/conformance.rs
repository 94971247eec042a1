//! Known figures of real data, from import to query: every number of `expected.json` is reproduced, or stands
//! in the committed list of exceptions. `conformance/README.md` explains the files that say how.

mod exception;
mod figures;
mod pattern;
mod program;
mod spec;

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use serde_json::{Value, json};

use crate::tally::Tally;
use crate::workspace;
use figures::Leaf;
use program::Row;
use spec::{Figure, Query, Spec};

/// Largest difference, relative to the expected figure.
const TOLERANCE: f64 = 1e-9;

/// Checks every set of data; writes every compared figure to `out`.
pub fn run(data: &Path, out: Option<&Path>) -> Result<Tally, String> {
    let mut tally = Tally::default();
    let mut compared = Vec::new();
    let mut complaints = Vec::new();
    for file in spec_files()? {
        let spec = spec::read(&file)?;
        let checked = check(&spec, data)?;
        let wrong = checked.complaints.len();
        println!("{}: {} figures compared, {wrong} complaints", spec.set, checked.compared.len());
        tally.passed += checked.reproduced;
        tally.failed += u64::try_from(wrong).unwrap_or(u64::MAX);
        compared.extend(checked.compared);
        complaints.extend(checked.complaints);
    }
    if let Some(out) = out {
        let text = serde_json::to_string_pretty(&compared).map_err(|cause| cause.to_string())?;
        fs::write(out, text + "\n")
            .map_err(|cause| format!("`{}` cannot be written: {cause}.", out.display()))?;
        println!("every compared figure is in {}", out.display());
    }
    if complaints.is_empty() { Ok(tally) } else { Err(complaints.join("\n")) }
}

fn spec_files() -> Result<Vec<PathBuf>, String> {
    let folder = workspace::root()?.join("conformance");
    let unreadable = |cause| format!("`{}` cannot be read: {cause}.", folder.display());
    let mut files = Vec::new();
    for entry in fs::read_dir(&folder).map_err(unreadable)? {
        let path = entry.map_err(unreadable)?.path();
        if path.extension().is_some_and(|extension| extension == "toml") {
            files.push(path);
        }
    }
    files.sort();
    Ok(files)
}

struct Checked {
    compared: Vec<Value>,
    reproduced: u64,
    complaints: Vec<String>,
}

/// A known figure and where its counterpart is asked for.
struct Task<'s> {
    leaf: &'s Leaf,
    query: usize,
    figure: &'s Figure,
    /// Key of the row; `None` when the query has no break-down.
    row: Option<String>,
}

fn check(spec: &Spec, data: &Path) -> Result<Checked, String> {
    let path = data.join(&spec.expected);
    let text = fs::read_to_string(&path)
        .map_err(|cause| format!("`{}` cannot be read: {cause}.", path.display()))?;
    let expected: Value =
        serde_json::from_str(&text).map_err(|cause| format!("`{}` is no JSON: {cause}.", path.display()))?;
    let leaves = figures::leaves(&expected);
    let (tasks, mut complaints) = assign(spec, &leaves, &expected);

    let project = program::prepare(spec, data)?;
    let mut compared = Vec::new();
    let mut reproduced = 0;
    for (at, query) in spec.queries.iter().enumerate() {
        let wanted: Vec<&Task<'_>> = tasks.iter().filter(|task| task.query == at).collect();
        let metrics: BTreeSet<&str> = wanted.iter().map(|task| task.figure.metric.as_str()).collect();
        if metrics.is_empty() {
            continue;
        }
        let rows = match program::ask(&project, query, &metrics) {
            Ok(rows) => rows,
            Err(message) => {
                complaints.push(message);
                continue;
            }
        };
        for task in wanted {
            let actual = answer(query, &rows, task);
            let error = actual.as_ref().ok().map(|actual| relative_error(task.leaf.value, *actual));
            match (&actual, error) {
                (Ok(_), Some(error)) if error <= TOLERANCE => reproduced += 1,
                (Ok(actual), _) => complaints.push(format!(
                    "{}: {}: expected {}, computed {actual} ({}).",
                    spec.set,
                    task.leaf.pointer(),
                    task.leaf.value,
                    task.figure.metric
                )),
                (Err(why), _) => complaints.push(format!(
                    "{}: {}: expected {}, computed nothing: {why}",
                    spec.set,
                    task.leaf.pointer(),
                    task.leaf.value
                )),
            }
            compared.push(json!({
                "set": spec.set,
                "figure": task.leaf.pointer(),
                "expected": task.leaf.written,
                "actual": actual.ok(),
                "relative_error": error.filter(|error| error.is_finite()),
            }));
        }
    }
    Ok(Checked { compared, reproduced, complaints })
}

/// Finds for every figure the one query that gives it, or the one exception that excuses it.
fn assign<'s>(spec: &'s Spec, leaves: &'s [Leaf], expected: &Value) -> (Vec<Task<'s>>, Vec<String>) {
    let mut tasks = Vec::new();
    let mut complaints = Vec::new();
    let mut used: BTreeSet<(usize, &str)> = BTreeSet::new();
    let mut excused: BTreeSet<usize> = BTreeSet::new();
    for leaf in leaves {
        let place = format!("{}: {}", spec.set, leaf.pointer());
        let mut ways = Vec::new();
        for (at, query) in spec.queries.iter().enumerate() {
            if let Some((name, figure, star)) = query.gives(&leaf.path) {
                used.insert((at, name));
                match row_key(query, star, leaf, expected) {
                    Ok(row) => ways.push(Task { leaf, query: at, figure, row }),
                    Err(why) => complaints.push(format!("{place}: {why}")),
                }
            }
        }
        let excuses: Vec<usize> =
            (0..spec.exceptions.len()).filter(|at| spec.exceptions[*at].covers(&leaf.path)).collect();
        excused.extend(&excuses);
        match (ways.len(), excuses.len()) {
            (1, 0) => tasks.append(&mut ways),
            (0, 1) => {}
            (0, 0) => complaints.push(format!("{place}: neither a query nor an exception names it.")),
            (_, 0) => complaints.push(format!("{place}: {} queries name it.", ways.len())),
            (0, _) => complaints.push(format!("{place}: several exceptions name it.")),
            (_, _) => complaints.push(format!("{place}: it is listed as an exception, but is computable.")),
        }
    }
    for (at, query) in spec.queries.iter().enumerate() {
        for name in query.leaves.keys().filter(|name| !used.contains(&(at, name.as_str()))) {
            complaints.push(format!("{}: {}: `{name}` names no figure.", spec.set, query.under));
        }
    }
    for (at, exception) in spec.exceptions.iter().enumerate().filter(|(at, _)| !excused.contains(at)) {
        complaints.push(format!(
            "{}: exception {}: `{}` names no figure.",
            spec.set,
            at + 1,
            exception.figure
        ));
    }
    (tasks, complaints)
}

/// The key of the row in which a figure is looked for.
fn row_key(
    query: &Query,
    star: Option<&str>,
    leaf: &Leaf,
    expected: &Value,
) -> Result<Option<String>, String> {
    let Some(star) = star else { return Ok(None) };
    let written = match &query.key {
        None => star,
        Some(member) => {
            let entry = leaf.parent().and_then(|parent| expected.pointer(&parent));
            entry
                .and_then(|entry| entry[member.as_str()].as_str())
                .ok_or_else(|| format!("the entry has no text `{member}`."))?
        }
    };
    query.keys.apply(written).map(Some)
}

fn answer(query: &Query, rows: &[Row], task: &Task<'_>) -> Result<f64, String> {
    let row = match &task.row {
        None => match rows {
            [row] => row,
            _ => return Err(format!("the answer has {} rows instead of one.", rows.len())),
        },
        Some(key) => rows
            .iter()
            .find(|row| row.key(query.by.as_deref().unwrap_or_default()).as_deref() == Some(key.as_str()))
            .ok_or_else(|| format!("the answer has no row `{key}`."))?,
    };
    row.number(&task.figure.metric, task.figure.part).map(|number| number / task.figure.unit.in_ms())
}

fn relative_error(expected: f64, actual: f64) -> f64 {
    let difference = (actual - expected).abs();
    if expected == 0.0 { difference } else { difference / expected.abs() }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn spec(text: &str) -> Spec {
        spec::parse("set", text).unwrap()
    }

    fn complaints(spec: &Spec, expected: &str) -> Vec<String> {
        let expected: Value = serde_json::from_str(expected).unwrap();
        assign(spec, &figures::leaves(&expected), &expected).1
    }

    const HEAD: &str = "project = \"p\"\nexpected = \"e\"\n";

    #[test]
    fn every_figure_needs_exactly_one_query_or_exception() {
        let text = format!(
            "{HEAD}[[query]]\nunder = \"/all\"\nleaves = {{ a = \"m\", median_b = \"m\" }}\n\
             [[exception]]\nkind = \"median\"\nfigures = [\"/all/median_b\", \"/all/median_c\"]\nreason = \"r\"\n"
        );
        let said = complaints(&spec(&text), r#"{"all": {"a": 1, "median_b": 2, "median_c": 3, "d": 4}}"#);
        assert_eq!(
            said,
            [
                "set: /all/median_b: it is listed as an exception, but is computable.",
                "set: /all/d: neither a query nor an exception names it.",
            ]
        );
    }

    #[test]
    fn a_line_that_names_no_figure_is_a_complaint() {
        let text = format!(
            "{HEAD}[[query]]\nunder = \"\"\nleaves = {{ a = \"m\", gone = \"m\" }}\n\
             [[exception]]\nkind = \"median\"\nfigures = [\"/median\"]\nreason = \"r\"\n"
        );
        let said = complaints(&spec(&text), r#"{"a": 1}"#);
        assert_eq!(said, ["set: /: `gone` names no figure.", "set: exception 1: `/median` names no figure."]);
    }

    #[test]
    fn keys_of_rows_come_from_the_pointer_or_from_a_member() {
        let text = format!(
            "{HEAD}[[query]]\nunder = \"/by_day/*\"\nby = \"weekday\"\nkeys = \"lower case\"\nleaves = {{ n = \"m\" }}\n\
             [[query]]\nunder = \"/by_month/*\"\nby = \"month\"\nkey = \"month\"\nleaves = {{ n = \"m\" }}\n"
        );
        let spec = spec(&text);
        let expected: Value = serde_json::from_str(
            r#"{"by_day": {"Friday": {"n": 1}}, "by_month": [{"month": "may", "n": 2}]}"#,
        )
        .unwrap();
        let leaves = figures::leaves(&expected);
        let (tasks, said) = assign(&spec, &leaves, &expected);
        assert!(said.is_empty(), "{said:?}");
        let rows: Vec<Option<&str>> = tasks.iter().map(|task| task.row.as_deref()).collect();
        assert_eq!(rows, [Some("friday"), Some("may")]);
    }

    #[test]
    fn every_known_figure_has_its_query_or_exception_where_the_data_is_there() {
        let data = workspace::root().unwrap().join("../shared/data");
        for file in spec_files().unwrap() {
            let spec = spec::read(&file).unwrap();
            let Ok(text) = fs::read_to_string(data.join(&spec.expected)) else {
                println!("skipped: {} is not there", spec.expected);
                continue;
            };
            assert_eq!(complaints(&spec, &text), Vec::<String>::new());
        }
    }

    #[test]
    fn differences_are_relative_except_from_zero() {
        assert!(relative_error(1e12, 1e12 + 1.0) <= TOLERANCE);
        assert!(relative_error(0.5, 0.500_000_01) > TOLERANCE);
        assert!(relative_error(0.0, 1e-6) > TOLERANCE);
    }
}

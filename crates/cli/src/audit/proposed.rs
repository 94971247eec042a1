//! Proposed mappings of all files of an audit.

use std::collections::BTreeMap;
use std::path::PathBuf;

use clap::ValueEnum;
use dialmark_ingest::{Proposal, ProposeOptions, propose};

/// Direction of calls.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Flow {
    /// The centre calls.
    Outbound,
    /// The centre is called.
    Inbound,
}

impl Flow {
    const fn word(self) -> &'static str {
        match self {
            Flow::Outbound => "outbound",
            Flow::Inbound => "inbound",
        }
    }
}

/// Proposals for files, the same for files of the same shape: then a record that two of them hold is one record.
#[derive(Default)]
pub struct Proposed {
    /// The files, in the order in which they were named.
    pub files: Vec<Planned>,
    /// A mapping for each shape, with the first file of it.
    pub texts: Vec<(PathBuf, String)>,
    /// Probable meanings of result codes; the same code has the same meaning in all of them.
    pub dispositions: Vec<String>,
}

/// A file on its way.
pub struct Planned {
    /// Where it is.
    pub path: PathBuf,
    /// Name of its source, or why it has none.
    pub source: Result<String, String>,
    /// What was assumed about it, in sentences.
    pub notes: Vec<String>,
}

/// What makes two proposals the same: the canonical table, and which of its columns is read from where. A table of
/// the export's own bears the name of its first source, which makes no difference.
type Shape = (Option<String>, Vec<(String, Vec<String>)>);

impl Proposed {
    /// Proposes for each file. `flow` is the direction of calls whose file does not say.
    pub fn for_all(files: &[PathBuf], currency: Option<&str>, flow: Option<Flow>) -> Proposed {
        let mut proposed = Proposed::default();
        let mut known: BTreeMap<Shape, String> = BTreeMap::new();
        for (number, path) in files.iter().enumerate() {
            let name = format!("export_{}", number + 1);
            let options = ProposeOptions {
                source: Some(name.clone()),
                currency: currency.map(str::to_owned),
                ..ProposeOptions::default()
            };
            let planned = match propose(path, &options) {
                Err(error) => {
                    Planned { path: path.clone(), source: Err(error.to_string()), notes: Vec::new() }
                }
                Ok(proposal) => {
                    let (toml, assumed) = with_direction(&proposal, flow);
                    let shape = shape_of(&proposal);
                    let source = match known.get(&shape) {
                        Some(first) => {
                            proposed.prefer_identified(first, &name, &toml);
                            first.clone()
                        }
                        None => {
                            proposed.texts.push((path.clone(), toml));
                            known.insert(shape, name.clone());
                            name
                        }
                    };
                    let source = Ok(source);
                    let notes = assumed.into_iter().chain(notes(&proposal)).collect();
                    proposed.dispositions.extend(proposal.dispositions);
                    Planned { path: path.clone(), source, notes }
                }
            };
            proposed.files.push(planned);
        }
        proposed
    }

    /// Files of one shape are read by one mapping: by one that knows records again, if any of them shows how.
    fn prefer_identified(&mut self, first: &str, name: &str, toml: &str) {
        let section = |name: &str| format!("[source.{name}]");
        let has_id = |text: &str| text.lines().any(|line| line.starts_with("id "));
        let found = self.texts.iter_mut().find(|(_, text)| text.contains(&section(first)));
        if let Some((_, text)) = found
            && !has_id(text)
            && has_id(toml)
        {
            *text = toml
                .replace(&section(name), &section(first))
                .replace(&format!("[source.{name}."), &format!("[source.{first}."));
        }
    }
}

/// What is to be looked at before the figures are believed. The direction has a sentence of its own.
fn notes(proposal: &Proposal) -> Vec<String> {
    let remarks = &proposal.remarks;
    let said = remarks.iter().filter(|r| r.key != "direction").map(|r| format!("To be checked: {r}"));
    let others = proposal.warnings.iter().filter(|w| !remarks.iter().any(|r| r.text == **w)).cloned();
    said.chain(others).collect()
}

fn shape_of(proposal: &Proposal) -> Shape {
    let columns = proposal.guesses.iter().map(|guess| (guess.column.clone(), guess.from.clone()));
    (proposal.canonical.then(|| proposal.table.clone()), columns.collect())
}

/// Few exports say the direction of calls, since all of theirs have the same, and nearly every figure needs it. A
/// proposal therefore assumes the likelier one; it is said here, and replaced by the one that was asked for.
fn with_direction(proposal: &Proposal, flow: Option<Flow>) -> (String, Option<String>) {
    const ASSUMED: &str = "direction = { const = ";
    let Some(line) = proposal.toml.lines().find(|line| line.starts_with(ASSUMED)) else {
        return (proposal.toml.clone(), None);
    };
    if let Some(flow) = flow {
        let asked = format!("{ASSUMED}\"{}\" }}", flow.word());
        return (proposal.toml.replacen(line, &asked, 1), None);
    }
    let flows = [Flow::Outbound, Flow::Inbound];
    // The line's comment names both.
    let value = line.strip_prefix(ASSUMED).unwrap_or_default();
    let assumed = flows.into_iter().find(|flow| value.starts_with(&format!("\"{}\"", flow.word())));
    let other = flows.into_iter().find(|flow| Some(*flow) != assumed);
    let note = assumed.zip(other).map(|(assumed, other)| {
        format!(
            "No column says the direction, so all calls were taken as {}; `--direction {}` says otherwise.",
            assumed.word(),
            other.word()
        )
    });
    (proposal.toml.clone(), note)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::path::Path;

    fn proposed(folder: &Path, header: &str, row: &str, flow: Option<Flow>) -> Proposed {
        let path = folder.join("calls.csv");
        std::fs::write(&path, format!("{header}\n{row}\n")).unwrap();
        Proposed::for_all(&[path], None, flow)
    }

    #[test]
    fn an_assumed_direction_is_said_and_can_be_replaced() {
        let folder = tempfile::tempdir().unwrap();
        let base = ("call_id,started_at,agent_id,talk_seconds", "a,2026-01-05T09:00:00Z,ann,60");
        for (more, value, wanted) in [("campaign_id", "north", "outbound"), ("skill", "support", "inbound")] {
            let (header, row) = (format!("{},{more}", base.0), format!("{},{value}", base.1));
            let found = proposed(folder.path(), &header, &row, None);
            let note = &found.files[0].notes[0];
            assert!(note.contains(&format!("taken as {wanted}")), "{note}");
            let asked = proposed(folder.path(), &header, &row, Some(Flow::Inbound));
            assert!(asked.texts[0].1.contains("direction = { const = \"inbound\" }"), "{}", asked.texts[0].1);
            assert!(!asked.files[0].notes.iter().any(|note| note.contains("--direction")));
        }
        let found =
            proposed(folder.path(), &format!("{},direction", base.0), &format!("{},outbound", base.1), None);
        assert!(!found.files[0].notes.iter().any(|note| note.contains("--direction")));
    }

    #[test]
    fn files_of_one_shape_share_a_source() {
        let folder = tempfile::tempdir().unwrap();
        for text in ["call_id,started_at,agent_id,talk_seconds\na,2026-01-05T09:00:00Z,ann,5\n", "x,y\n1,2\n"]
        {
            let paths: Vec<PathBuf> =
                ["a.csv", "b.csv"].iter().map(|name| folder.path().join(name)).collect();
            for path in &paths {
                std::fs::write(path, text).unwrap();
            }
            let found = Proposed::for_all(&paths, None, None);
            assert_eq!(found.texts.len(), 1, "{text}");
            assert_eq!(found.files[0].source, found.files[1].source);
        }
    }
}

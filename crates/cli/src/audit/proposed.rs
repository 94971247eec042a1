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

/// What makes two proposals the same: the table, and which of its columns is read from where.
type Shape = (String, Vec<(String, Vec<String>)>);

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
                    let source = known.entry(shape).or_insert_with(|| {
                        proposed.texts.push((path.clone(), toml));
                        name
                    });
                    let source = Ok(source.clone());
                    let notes = assumed.into_iter().chain(proposal.warnings).collect();
                    proposed.dispositions.extend(proposal.dispositions);
                    Planned { path: path.clone(), source, notes }
                }
            };
            proposed.files.push(planned);
        }
        proposed
    }
}

fn shape_of(proposal: &Proposal) -> Shape {
    let columns = proposal.guesses.iter().map(|guess| (guess.column.clone(), guess.from.clone()));
    (proposal.table.clone(), columns.collect())
}

/// Few exports say the direction of calls, since all of theirs have the same, and nearly every figure needs it.
/// An audit therefore assumes one, and says so; a project never does.
fn with_direction(proposal: &Proposal, flow: Option<Flow>) -> (String, Option<String>) {
    let has = |column: &str| proposal.guesses.iter().any(|guess| guess.column == column);
    let header = format!("[source.{}.columns]\n", proposal.source);
    if proposal.table != "calls" || has("direction") || !proposal.toml.contains(&header) {
        return (proposal.toml.clone(), None);
    }
    let queues = has("queue_ms") || has("queued_at");
    let assumed = flow.unwrap_or(if queues { Flow::Inbound } else { Flow::Outbound });
    let word = assumed.word();
    let line = format!("direction   = {{ const = \"{word}\" }}  # assumed: no column says it\n");
    let toml = proposal.toml.replacen(&header, &format!("{header}{line}"), 1);
    if flow.is_some() {
        return (toml, None);
    }
    let other = if assumed == Flow::Outbound { Flow::Inbound } else { Flow::Outbound };
    let why = match (assumed, queues) {
        (Flow::Inbound, true) => " because they wait in a queue",
        _ => "",
    };
    let note = format!(
        "No column says the direction, so all calls were taken as {word}{why}; `--direction {}` says otherwise.",
        other.word()
    );
    (toml, Some(note))
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::path::Path;

    fn proposed(folder: &Path, header: &str, row: &str) -> Proposed {
        let path = folder.join("calls.csv");
        std::fs::write(&path, format!("{header}\n{row}\n")).unwrap();
        Proposed::for_all(&[path], None, None)
    }

    #[test]
    fn calls_are_outbound_unless_they_wait_in_a_queue_or_the_file_says() {
        let folder = tempfile::tempdir().unwrap();
        let base = ("call_id,started_at,agent_id,talk_seconds", "a,2026-01-05T09:00:00Z,ann,60");
        for (more, value, wanted) in [
            ("campaign_id", "north", Some("\"outbound\"")),
            ("queue_seconds", "12", Some("\"inbound\"")),
            ("direction", "outbound", None),
        ] {
            let found =
                proposed(folder.path(), &format!("{},{more}", base.0), &format!("{},{value}", base.1));
            let (_, text) = &found.texts[0];
            match wanted {
                Some(word) => {
                    assert!(text.contains(&format!("const = {word}")), "{more}: {text}");
                    assert!(found.files[0].notes[0].contains("--direction"), "{:?}", found.files[0].notes);
                }
                None => assert!(!text.contains("assumed"), "{text}"),
            }
        }
    }

    #[test]
    fn files_of_one_shape_share_a_source() {
        let folder = tempfile::tempdir().unwrap();
        let text = "call_id,started_at,agent_id\na,2026-01-05T09:00:00Z,ann\n";
        let paths: Vec<PathBuf> = ["a.csv", "b.csv"].iter().map(|name| folder.path().join(name)).collect();
        for path in &paths {
            std::fs::write(path, text).unwrap();
        }
        let found = Proposed::for_all(&paths, None, None);
        assert_eq!(found.texts.len(), 1);
        assert_eq!(found.files[0].source, found.files[1].source);
    }
}

//! `dialmark packs`: the systems whose records are read without a mapping.

use std::path::PathBuf;

use clap::Subcommand;
use dialmark_model::declared::nearest;
use dialmark_packs::{ALL, Known, Pack, reference};
use serde::Serialize;

use crate::failure::Failure;
use crate::files::{self, Existing};
use crate::out::{self, Style, TextOrJson};

const LIST_EXAMPLES: &str = "\
Examples:
  dialmark packs list
  dialmark packs list --format json

Says of each column how it is known what it means: from records that a real system wrote, from the
vendor's documentation, or assumed.";

const SHOW_EXAMPLES: &str = "\
Examples:
  dialmark packs show asterisk_queue_log";

const REFERENCE_EXAMPLES: &str = "\
Examples:
  dialmark packs reference --out docs/packs";

/// What to show.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// List all packs, with how each column is known
    #[command(after_help = LIST_EXAMPLES)]
    List(ListArgs),
    /// Show what one pack reads, what it cannot give, and what to beware of
    #[command(after_help = SHOW_EXAMPLES)]
    Show(ShowArgs),
    /// Write the reference page of all packs
    #[command(after_help = REFERENCE_EXAMPLES)]
    Reference(ReferenceArgs),
}

/// Options of `packs list`.
#[derive(Debug, clap::Args)]
pub struct ListArgs {
    /// How to answer
    #[arg(long, value_enum, default_value_t)]
    format: TextOrJson,
}

/// Options of `packs show`.
#[derive(Debug, clap::Args)]
pub struct ShowArgs {
    /// Name of the pack
    pack: String,
    /// How to answer
    #[arg(long, value_enum, default_value_t)]
    format: TextOrJson,
}

/// Options of `packs reference`.
#[derive(Debug, clap::Args)]
pub struct ReferenceArgs {
    /// Folder to write to
    #[arg(long, value_name = "FOLDER")]
    out: PathBuf,
}

/// Runs the command.
pub fn run(command: &Command) -> Result<(), Failure> {
    match command {
        Command::List(args) => list(args.format),
        Command::Show(args) => show(find(&args.pack)?, args.format),
        Command::Reference(args) => {
            std::fs::create_dir_all(&args.out)
                .map_err(|e| Failure::problem(format!("{} cannot be made: {e}.", args.out.display())))?;
            files::write(&args.out.join("README.md"), reference::page().as_bytes(), Existing::Replace)
        }
    }
}

fn find(id: &str) -> Result<&'static Pack, Failure> {
    dialmark_packs::named(id).ok_or_else(|| {
        let help = match nearest(id, ALL.iter().map(|pack| pack.id)) {
            Some(near) => format!("Did you mean `{near}`?"),
            None => "`dialmark packs list` names them.".to_owned(),
        };
        Failure::usage(format!("There is no pack `{id}`. {help}"))
    })
}

fn list(format: TextOrJson) -> Result<(), Failure> {
    if format == TextOrJson::Json {
        return out::json(&ALL.iter().map(|pack| Shown::new(pack)).collect::<Vec<_>>());
    }
    let style = Style::of_stdout();
    for pack in ALL {
        out::line(&format!("{:<26} {}", style.strong(pack.id), pack.about))?;
        for stream in pack.streams {
            let count = |known: Known| -> usize {
                stream.known.iter().filter(|(k, _)| *k == known).map(|(_, columns)| columns.len()).sum()
            };
            let words: Vec<String> = [Known::Sample, Known::Documented, Known::Assumed]
                .into_iter()
                .filter(|known| count(*known) > 0)
                .map(|known| format!("{} by {}", count(known), known.word()))
                .collect();
            let line = format!("{:<26} {}: columns known {}", "", stream.id, words.join(", "));
            out::line(&style.faint(&line))?;
        }
    }
    Ok(())
}

fn show(pack: &Pack, format: TextOrJson) -> Result<(), Failure> {
    if format == TextOrJson::Json {
        return out::json(&Shown::new(pack));
    }
    let style = Style::of_stdout();
    out::line(&format!("{} ({})", style.strong(pack.label), pack.id))?;
    out::line(pack.about)?;
    for stream in pack.streams {
        out::line("")?;
        out::line(&style.strong(&match stream.pull {
            None => format!("To the table `{}`:", stream.table()),
            Some(pull) => format!(
                "`{}/{}`, from {} to the table `{}`:",
                pack.id,
                stream.id,
                pull.tables.join(" and "),
                stream.table()
            ),
        }))?;
        for (known, columns) in stream.known {
            out::line(&format!("  by {:<22} {}", known.word(), columns.join(", ")))?;
        }
        out::line("  cannot give:")?;
        for (column, why) in stream.cannot {
            out::line(&format!("    {column:<16} {why}"))?;
        }
        out::line(&format!("  texts for columns of your own: {}", stream.columns.join(", ")))?;
    }
    if !pack.traps.is_empty() {
        out::line("")?;
        out::line(&style.strong("Beware:"))?;
        for trap in pack.traps {
            out::line(&format!("  - {trap}"))?;
        }
    }
    Ok(())
}

/// A pack for programs.
#[derive(Serialize)]
struct Shown {
    id: &'static str,
    label: &'static str,
    about: &'static str,
    traps: &'static [&'static str],
    streams: Vec<ShownStream>,
}

#[derive(Serialize)]
struct ShownStream {
    stream: &'static str,
    table: &'static str,
    /// Tables that it is pulled from; none when it is read from files.
    pulled_from: Option<&'static [&'static str]>,
    mapping: &'static str,
    texts: &'static [&'static str],
    columns: Vec<ShownColumn>,
    cannot: Vec<ShownLack>,
}

#[derive(Serialize)]
struct ShownColumn {
    column: &'static str,
    known: Known,
}

#[derive(Serialize)]
struct ShownLack {
    column: &'static str,
    why: &'static str,
}

impl Shown {
    fn new(pack: &Pack) -> Shown {
        let stream = |stream: &dialmark_packs::Stream| ShownStream {
            stream: stream.id,
            table: stream.table(),
            pulled_from: stream.pull.map(|pull| pull.tables),
            mapping: stream.mapping,
            texts: stream.columns,
            columns: stream
                .known
                .iter()
                .flat_map(|(known, columns)| {
                    columns.iter().map(|column| ShownColumn { column, known: *known })
                })
                .collect(),
            cannot: stream.cannot.iter().map(|(column, why)| ShownLack { column, why }).collect(),
        };
        Shown {
            id: pack.id,
            label: pack.label,
            about: pack.about,
            traps: pack.traps,
            streams: pack.streams.iter().map(stream).collect(),
        }
    }
}

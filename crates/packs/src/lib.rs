//! What systems say: how the records of a dialler or telephone system are taken apart into flat ones, and how those are
//! mapped to facts.
//!
//! A pack is one module: a shape, which turns what the system writes into named texts, and a mapping, which is written in
//! the language that users write (`sources/*.toml`). What is known of each field, and from where, is data too: a fixture
//! that we wrote ourselves proves nothing about a format.

mod agent_time;
mod amazon_connect;
mod asterisk_cdr;
mod asterisk_queue_event;
mod asterisk_queue_log;
mod asterisk_queue_log_table;
mod freeswitch_cdr;
mod genesys;
mod json;
mod pull;
pub mod reference;
mod shape;
mod twilio;
mod twilio_status;
mod vicidial;

pub use pull::{CONTEXT, LookBack, Lookup, Pull};
pub use shape::{Flat, Input, Item, Shape};
pub use vicidial::statuses as vicidial_statuses;

/// How it is known what a field means.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, serde::Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Known {
    /// Seen in records that a real system wrote.
    Sample,
    /// Said by the vendor's documentation.
    Documented,
    /// Taken to be so; look before you rely on it.
    Assumed,
}

impl Known {
    /// The word in lists.
    pub const fn word(self) -> &'static str {
        match self {
            Known::Sample => "real sample",
            Known::Documented => "vendor documentation",
            Known::Assumed => "assumed",
        }
    }
}

/// One system's format.
#[derive(Debug)]
pub struct Pack {
    /// Its name in `pack = "..."`.
    pub id: &'static str,
    /// What it is called.
    pub label: &'static str,
    /// What it reads, in a sentence or two.
    pub about: &'static str,
    /// How its files begin to be read.
    pub input: Input,
    /// What comes of it: one table each.
    pub streams: &'static [Stream],
    /// What to know before relying on it, a sentence each.
    pub traps: &'static [&'static str],
}

/// The records of a pack that go to one table.
#[derive(Debug)]
pub struct Stream {
    /// Its name: the last part of the source's name, except for the first stream.
    pub id: &'static str,
    /// The mapping, as `[source.NAME]` of a project has it, without `files`, `format` and `zone`.
    pub mapping: &'static str,
    /// Names of the texts of its flat records.
    pub columns: &'static [&'static str],
    /// Begins to take one file apart.
    pub open: fn() -> Box<dyn Shape>,
    /// How its rows are pulled from the system's database; none where it writes files.
    pub pull: Option<&'static Pull>,
    /// How each column of the table that the mapping fills is known.
    pub known: &'static [(Known, &'static [&'static str])],
    /// Columns of the table that this format cannot fill, and why or from where they may come.
    pub cannot: &'static [(&'static str, &'static str)],
}

impl Stream {
    /// Table that its records go to.
    pub fn table(&self) -> &'static str {
        let named = self.mapping.lines().find_map(|line| line.strip_prefix("table")?.split('"').nth(1));
        named.unwrap_or(self.id)
    }

    /// How a column of the table is known; `None` when the stream does not fill it.
    pub fn known_of(&self, column: &str) -> Option<Known> {
        self.known.iter().find(|(_, columns)| columns.contains(&column)).map(|(known, _)| *known)
    }
}

/// All packs.
pub const ALL: [&Pack; 12] = [
    &asterisk_cdr::PACK,
    &asterisk_cdr::TABLE,
    &asterisk_queue_log::PACK,
    &asterisk_queue_log_table::PACK,
    &freeswitch_cdr::CSV,
    &freeswitch_cdr::JSON,
    &twilio::PACK,
    &twilio_status::PACK,
    &genesys::PACK,
    &amazon_connect::CONTACTS,
    &amazon_connect::AGENTS,
    &vicidial::PACK,
];

/// The pack of this name.
pub fn named(id: &str) -> Option<&'static Pack> {
    ALL.into_iter().find(|pack| pack.id == id)
}

impl Pack {
    /// The stream of this name.
    pub fn stream(&self, id: &str) -> Option<&'static Stream> {
        self.streams.iter().find(|stream| stream.id == id)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_column_that_a_mapping_reads_is_one_of_the_shape() {
        for stream in ALL.iter().flat_map(|pack| pack.streams) {
            let mapping = stream.mapping;
            for quoted in mapping.lines().filter_map(|line| {
                let (_, right) = line.split_once('=')?;
                let from = right.split_once("from = \"").map_or(right, |(_, from)| from);
                let is_constant = right.contains("const =") || line.starts_with("table");
                (!is_constant).then(|| from.trim().trim_start_matches('"').split('"').next()).flatten()
            }) {
                assert!(stream.columns.contains(&quoted), "{}: `{quoted}`", stream.id);
            }
        }
    }

    #[test]
    fn of_every_column_that_is_filled_it_is_said_how_it_is_known() {
        for stream in ALL.iter().flat_map(|pack| pack.streams) {
            let filled: Vec<&str> = stream
                .mapping
                .lines()
                .skip_while(|line| !line.contains(".columns]"))
                .skip(1)
                .filter_map(|line| Some(line.split_once('=')?.0.trim()))
                .collect();
            assert!(!filled.is_empty());
            for column in &filled {
                assert!(stream.known_of(column).is_some(), "{}: {column}", stream.id);
            }
            for column in stream.known.iter().flat_map(|(_, columns)| *columns) {
                assert!(filled.contains(column), "{}: {column} is known and not filled", stream.id);
            }
            for (column, _) in stream.cannot {
                assert!(!filled.contains(column), "{}: {column} cannot be filled and is", stream.id);
            }
        }
    }
}

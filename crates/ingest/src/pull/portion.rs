//! Rows on their way to one import: a temporary file of JSON lines, written as they come.

use std::io::{BufWriter, Write};
use std::path::Path;

use tempfile::NamedTempFile;

/// Rows of one import: enough that its cost does not count, few enough that an interrupted first reading of years loses little.
pub const MOST_ROWS: u64 = 500_000;
const MOST_BYTES: u64 = 512 << 20;

/// A file that is being written. Nobody but its owner can read it, and it goes when this does.
pub struct Portion {
    file: BufWriter<NamedTempFile>,
    /// Rows in it.
    pub rows: u64,
    /// Rows in it that no earlier reading had.
    pub fresh: u64,
    bytes: u64,
}

impl Portion {
    /// An empty one.
    pub fn begin() -> Result<Portion, String> {
        let file = tempfile::Builder::new().prefix("dialmark-pull-").suffix(".jsonl").tempfile();
        let file = file.map_err(|error| unwritable(&error))?;
        Ok(Portion { file: BufWriter::with_capacity(1 << 18, file), rows: 0, fresh: 0, bytes: 0 })
    }

    /// Adds finished lines.
    pub fn push(&mut self, lines: &[u8], rows: u64, fresh: u64) -> Result<(), String> {
        self.rows += rows;
        self.fresh += fresh;
        self.bytes += u64::try_from(lines.len()).unwrap_or(u64::MAX);
        self.file.write_all(lines).map_err(|error| unwritable(&error))
    }

    /// Whether it is time to import it. Rows that are only read again do not fill it, or a long look-back would never come
    /// to an end.
    pub fn is_full(&self, most_rows: u64) -> bool {
        self.fresh >= most_rows || (self.bytes >= MOST_BYTES && self.fresh > 0)
    }

    /// All of it on its way to the disk, to be read.
    pub fn finish(&mut self) -> Result<&Path, String> {
        self.file.flush().map_err(|error| unwritable(&error))?;
        Ok(self.file.get_ref().path())
    }
}

fn unwritable(error: &std::io::Error) -> String {
    format!(
        "a temporary file cannot be written in {}: {error}. Free space there, or name another folder in TMPDIR.",
        std::env::temp_dir().display()
    )
}

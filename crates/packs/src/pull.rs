//! How the rows of a stream are pulled from the system's own database.

/// What is read of which tables, in which order, and how far back it is read again.
#[derive(Debug)]
pub struct Pull {
    /// The live table, then the twins that its old rows are moved to, which may be missing.
    pub tables: &'static [&'static str],
    /// Columns that every version has.
    pub columns: &'static [&'static str],
    /// Columns that older or smaller installations lack.
    pub may_lack: &'static [&'static str],
    /// Tables that are looked into by a key of the row; they may be missing.
    pub lookups: &'static [Lookup],
    /// Columns of which the first that exists grows from row to row.
    pub cursor: &'static [&'static str],
    /// How far before the last cursor is read again, because rows are filled in later.
    pub look_back: LookBack,
    /// Of what is read again, the first so many hours only tell what began before them: rows of theirs carry
    /// [`CONTEXT`].
    pub context_hours: u32,
    /// Columns that come as seconds since 1970, whatever the database keeps.
    pub epochs: &'static [&'static str],
}

/// Name of the text that marks a row of which no record may begin.
pub const CONTEXT: &str = "dialmark_context";

/// How far is read again.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LookBack {
    /// Hours, for a cursor that is a time.
    Hours(u32),
    /// So much less than the last one, for a cursor that is a number.
    Count(u32),
}

/// Tables with at most one row a key; the first that has it says it.
#[derive(Debug)]
pub struct Lookup {
    /// Their names.
    pub tables: &'static [&'static str],
    /// Column of the same name on both sides.
    pub key: &'static str,
    /// Columns to read, and what they are called in the row.
    pub columns: &'static [(&'static str, &'static str)],
}

//! How records arrive: a file, decoded to records, typed by a mapping, into the lake.
//!
//! One pipeline for every source: bytes to text (`text`), text to records of text fields (`records`), fields to
//! values (`values`), values to rows (`rows`), rows to the lake (`import`). What is wrong with one record goes to
//! quarantine with its line and a reason; what is wrong with the file stops it, and then nothing of it is
//! imported. What a text means stands in `values` alone, what makes a record unusable in `rows` and `records`.

mod decided;
mod error;
mod fuzz;
mod import;
mod many_hands;
mod people;
mod pinned;
mod pipeline;
mod propose;
mod pull;
mod pushed;
mod records;
mod replay;
mod rows;
mod secret;
mod source_file;
mod text;
mod values;

pub use decided::take_decided;
pub use error::{Failure, IngestError};
pub use fuzz::{FUZZ_ENTRIES, FuzzEntry, fuzz};
pub use import::{ImportOptions, Imported, import_file, people_key};
pub use people::{Country, DIGITS, Heard, KeyError, PeopleKey, hear, national_digits};
pub use pipeline::{Progress, Unwatched};
pub use propose::{Confidence, Guess, Missing, Proposal, ProposeOptions, Remark, propose};
pub use pull::{PullOptions, PullWatch, Pulled, dispositions, pull};
pub use pushed::{Pushable, pushable, take_pushed};
pub use records::Reason;
pub use replay::replay;
pub use secret::secret;
pub use values::Flag;

#[cfg(test)]
mod tests;

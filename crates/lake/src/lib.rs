//! Where facts are: a SQL catalogue and a folder of Parquet files.
//!
//! An import stages the records of one input file, decides by the key files what is new, and names all its data
//! files in one catalogue transaction, which is the acknowledgement. Corrections of filed records wait in the
//! journal, where queries see them, until `settle` folds them into whole-file replacements.
//!
//! ```text
//! catalog.db       the catalogue: DuckLake 0.3's tables, Dialmark's own beside them (`dialmark_...`)
//! data/TABLE/      Parquet files, append-only; a correction makes a new file
//! keys/TABLE/      beside each data file the keys of its records
//! staging/         imports under way
//! locks/           one writer per table
//! ```

mod backup;
mod brought;
mod catalogue;
mod commit;
mod compact;
mod contender;
mod datafile;
mod decide;
mod durable;
mod erase;
mod error;
mod filing;
mod fold;
mod hash;
mod hours;
mod import;
mod inbox;
mod keyfile;
mod lake;
mod lock;
mod number;
mod person;
mod place;
pub mod quiet;
mod readings;
mod report;
mod retire;
mod rewrite;
pub mod schema;
mod side_by_side;
mod snapshot;
mod spill;
mod staging;
mod sums;
mod verify;

pub use backup::{BackupReport, Copied, Manifest, Watch};
pub use brought::Brought;
pub use erase::keeps_everybody;
pub use error::LakeError;
pub use import::ImportWriter;
pub use inbox::{Accepted, Body, Delivery, Inbox, Limits, Refused, Waiting};
pub use lake::{Lake, Lead};
pub use person::{EraseReport, Erased, Found, FoundKey, PHONE, Person, person_behind};
pub use report::{
    CompactReport, Consumes, ExpireReport, ImportIdentity, ImportRecord, ImportReport, ImportSpec, KnownBy,
    QuarantinedRow, Received, Replayable, SettleReport, arrival_revision,
};
pub use snapshot::{LiveFile, LiveTable, Snapshot};
pub use sums::Sums;
pub use verify::{VerifyOptions, VerifyReport};

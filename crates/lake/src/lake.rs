//! The store as its users see it.

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;

use async_recursion::async_recursion as compiled_here;
use jiff::{SignedDuration, Timestamp};

use crate::backup::{self, BackupReport, FILES_LOCK, Watch};
use crate::brought::{self, Brought};
use crate::catalogue::{AsOf, Catalogue};
use crate::commit::PATIENCE;
use crate::compact::{Effort, compact_table};
use crate::durable;
use crate::erase;
use crate::error::{Doing, LakeError};
use crate::fold;
use crate::import::ImportWriter;
use crate::inbox::{Body, Inbox, Limits, Waiting};
use crate::lock::TableLock;
use crate::number::count;
use crate::person::{EraseReport, Erased, Found, Person};
use crate::report::{
    CompactReport, ExpireReport, ImportRecord, ImportSpec, QuarantinedRow, Received, Replayable, SettleReport,
};
use crate::retire::retire_table;
use crate::snapshot::{self, Remembered, Snapshot};
use crate::verify::{self, VerifyOptions, VerifyReport};

const SECONDS_PER_DAY: i64 = 86_400;
/// Days of which every state stays readable.
const EVERY_STATE_DAYS: u32 = 2;

/// The right to look after a store.
#[derive(Debug)]
pub struct Lead {
    _lock: TableLock,
}

/// A store of facts in a folder. Cheap to clone; several processes may have the same one open.
#[derive(Debug, Clone)]
pub struct Lake {
    catalogue: Arc<Catalogue>,
    /// What is read last, of the state that this handle shows.
    remembered: Arc<Remembered>,
    as_of: AsOf,
    key_file: Arc<Path>,
}

impl Lake {
    /// Opens the store in this folder, creating folder and catalogue as needed.
    #[compiled_here]
    pub async fn open(folder: &Path) -> Result<Lake, LakeError> {
        durable::create_folder(folder)?;
        // Readers of the catalogue may stand elsewhere.
        let folder = folder.canonicalize().doing("find the folder", folder)?;
        for part in ["data", "keys", "staging"] {
            durable::create_folder(&folder.join(part))?;
        }
        let catalogue = Arc::new(Catalogue::open(&folder).await?);
        catalogue.remove_doomed().await?;
        let key_file = folder.with_extension("key").into();
        Ok(Lake { catalogue, remembered: Arc::default(), as_of: None, key_file })
    }

    /// The same store, with the key of its telephone numbers in another file than `FOLDER.key` beside the folder.
    pub fn with_key_file(self, path: &Path) -> Lake {
        Lake { key_file: path.into(), ..self }
    }

    /// Where the key is under which telephone numbers are hidden: never in the store.
    pub fn key_file(&self) -> &Path {
        &self.key_file
    }

    /// By what that key is known; `None` when no number was hidden yet.
    #[compiled_here]
    pub async fn key_fingerprint(&self) -> Result<Option<String>, LakeError> {
        self.catalogue.key_fingerprint().await
    }

    /// Keeps by what the key is known, unless one is known; whether it is this one.
    #[compiled_here]
    pub async fn keep_key_fingerprint(&self, fingerprint: &str) -> Result<bool, LakeError> {
        self.catalogue.keep_key_fingerprint(fingerprint).await
    }

    /// The values that were erased.
    #[compiled_here]
    pub async fn erased(&self) -> Result<Vec<Erased>, LakeError> {
        self.catalogue.erased().await
    }

    /// What is known of a person now, and which keys stand beside their numbers. Do-not-call entries are not looked at.
    #[compiled_here]
    pub async fn find_person(&self, person: Person) -> Result<Found, LakeError> {
        let mut found = erase::find(self.snapshot().await?, person.clone()).await?;
        let mut tx = self.catalogue.reading().await?;
        found.set_aside = count(self.catalogue.quarantine_about(&mut tx, &person.whole(&found)).await?.len());
        Ok(found)
    }

    /// Forgets a person in every state that is kept: their values become random ones, the same wherever they stood, so that
    /// no figure moves. `prints` are those of [`Person::values`] under the store's key: records from before now that come
    /// again are nobody's. Do-not-call entries stay.
    #[compiled_here]
    pub async fn erase(&self, person: Person, prints: Vec<[u8; 16]>) -> Result<EraseReport, LakeError> {
        erase::erase(&self.catalogue, person, prints).await
    }

    /// The folder, absolute.
    pub fn folder(&self) -> &Path {
        self.catalogue.folder()
    }

    /// Begins the import of one file.
    #[compiled_here]
    pub async fn begin_import(&self, spec: ImportSpec) -> Result<ImportWriter, LakeError> {
        ImportWriter::begin(self.catalogue.clone(), spec).await
    }

    /// How far a source that is pulled was read at its last import into a table.
    #[compiled_here]
    pub async fn cursor(&self, table: &str, source: &str) -> Result<Option<String>, LakeError> {
        let mut tx = self.catalogue.reading().await?;
        self.catalogue.cursor(&mut tx, table, source).await
    }

    /// Where deliveries are handed in that become records later.
    #[compiled_here]
    pub async fn inbox(&self, limits: Limits) -> Result<Inbox, LakeError> {
        Inbox::open(self.catalogue.clone(), limits).await
    }

    /// What was handed in and is not records yet, by source.
    #[compiled_here]
    pub async fn waiting(&self) -> Result<Vec<Waiting>, LakeError> {
        self.catalogue.waiting().await
    }

    /// The oldest bodies of a source, about so many bytes of them.
    #[compiled_here]
    pub async fn bodies(&self, source: &str, bytes: u64) -> Result<Vec<Body>, LakeError> {
        self.catalogue.bodies(source, bytes).await
    }

    /// Copies the store as it is now, while others write, to an empty folder or that of an earlier backup of it.
    #[compiled_here]
    pub async fn backup(&self, to: &Path, watch: Watch) -> Result<BackupReport, LakeError> {
        backup::backup(&self.catalogue, to, watch).await
    }

    /// Puts a backup back into a folder, which must be empty or new, and compares every file with the manifest.
    #[compiled_here]
    pub async fn restore(from: &Path, to: &Path, watch: Watch) -> Result<BackupReport, LakeError> {
        backup::restore(from, to, watch).await
    }

    /// The right to look after the store, for one process at a time; `None` while another has it. It ends with what is
    /// returned, and with the process.
    pub fn lead(&self) -> Result<Option<Lead>, LakeError> {
        Ok(TableLock::try_take(self.folder(), "_lead")?.map(|lock| Lead { _lock: lock }))
    }

    /// Forgets the keys under which deliveries came more than 24 hours ago.
    #[compiled_here]
    pub async fn forget_keys(&self) -> Result<(), LakeError> {
        self.catalogue.forget_keys().await
    }

    /// The store as it was after the last commit up to an instant: [`Lake::snapshot`] of what is returned gives that
    /// state and no later one. The ledger and everything that writes are those of today.
    #[compiled_here]
    pub async fn as_of(&self, at: Timestamp) -> Result<Lake, LakeError> {
        let mut tx = self.catalogue.reading().await?;
        let snapshot = self.catalogue.snapshot_at(&mut tx, at).await?;
        Ok(Lake { remembered: Arc::default(), as_of: Some(snapshot), ..self.clone() })
    }

    /// Files and tail of one instant.
    #[compiled_here]
    pub async fn snapshot(&self) -> Result<Snapshot, LakeError> {
        snapshot::read(&self.catalogue, &self.remembered, self.as_of).await
    }

    /// The ledger: every committed import, newest last.
    #[compiled_here]
    pub async fn imports(&self) -> Result<Vec<ImportRecord>, LakeError> {
        let mut tx = self.catalogue.reading().await?;
        self.catalogue.imports(&mut tx).await
    }

    /// Sources that brought records of a file with this hash into a table.
    #[compiled_here]
    pub async fn sources_of(&self, table: &str, file_hash: &str) -> Result<Vec<String>, LakeError> {
        let mut tx = self.catalogue.reading().await?;
        self.catalogue.sources_of(&mut tx, table, file_hash).await
    }

    /// Records of an import that were set aside, by line.
    #[compiled_here]
    pub async fn quarantined(&self, import_id: i64, limit: usize) -> Result<Vec<QuarantinedRow>, LakeError> {
        let mut tx = self.catalogue.reading().await?;
        self.catalogue.quarantined(&mut tx, import_id, count(limit)).await
    }

    /// Live records that this state has and that of `past` does not, by table and the import that brought them.
    #[compiled_here]
    pub async fn brought_since(&self, past: &Lake) -> Result<Brought, LakeError> {
        brought::since(self.snapshot().await?, past.snapshot().await?).await
    }

    /// What each source delivered, by hour: live records of tables with a time of day, from days of this range, days
    /// since 1970. Answered from what files note of themselves, without reading records.
    #[compiled_here]
    pub async fn received(&self, days: (Option<i32>, Option<i32>)) -> Result<Vec<Received>, LakeError> {
        let mut tx = self.catalogue.reading().await?;
        let mut all = Vec::new();
        for state in self.catalogue.tables(&mut tx).await? {
            all.extend(self.catalogue.received(&mut tx, &state, self.as_of, days).await?);
        }
        all.retain(|received| !received.hours.is_empty() || received.ahead > 0);
        Ok(all)
    }

    /// The newest hour of which a table that counts brought anything, as hours since 1970, UTC; hours that have not come
    /// yet are none. Only what the last days' files note is read for it.
    pub async fn newest_hour(&self, counts: impl Fn(&str) -> bool) -> Result<Option<i64>, LakeError> {
        const SECONDS_PER_DAY: i64 = 86_400;
        let today = Timestamp::now().as_second().div_euclid(SECONDS_PER_DAY);
        let today = i32::try_from(today).unwrap_or(i32::MAX);
        let mut tx = self.catalogue.reading().await?;
        let mut newest = None;
        for state in self.catalogue.tables(&mut tx).await? {
            if !counts(&state.table.name) {
                continue;
            }
            // A record lies at most a day off the day of its file; of a file of days ahead all may be in the future.
            let mut before = today.saturating_add(3);
            while let Some(day) = self.catalogue.newest_day(&mut tx, &state, self.as_of, before).await? {
                let days = (Some(day.saturating_sub(2)), Some(before.saturating_sub(1)));
                let received = self.catalogue.received(&mut tx, &state, self.as_of, days).await?;
                let found = received.iter().filter_map(|one| one.hours.keys().next_back().copied()).max();
                newest = newest.max(found);
                if found.is_some() {
                    break;
                }
                before = day.saturating_sub(2);
            }
        }
        Ok(newest)
    }

    /// What can be read again of the records that an import set aside; `None` when there is no such import.
    #[compiled_here]
    pub async fn replayable(&self, import_id: i64) -> Result<Option<Replayable>, LakeError> {
        let mut tx = self.catalogue.reading().await?;
        self.catalogue.replayable(&mut tx, import_id).await
    }

    /// Moves the database's log into it and empties it, so that nothing that was struck out stays in it.
    #[compiled_here]
    pub async fn empty_log(&self) -> Result<(), LakeError> {
        self.catalogue.empty_log().await
    }

    /// Folds all waiting corrections into files, after which an outside reader sees the last state.
    #[compiled_here]
    pub async fn settle(&self) -> Result<SettleReport, LakeError> {
        let mut total = SettleReport::default();
        for name in self.tables().await? {
            let lock = TableLock::take(self.folder(), &name, PATIENCE).await?;
            let report = fold::settle_table(&self.catalogue, &name, lock).await?;
            total.rows_folded += report.rows_folded;
            total.files_replaced += report.files_replaced;
        }
        Ok(total)
    }

    /// Joins small files where there are enough of them. Leaves tables alone that somebody else writes.
    #[compiled_here]
    pub async fn compact(&self) -> Result<CompactReport, LakeError> {
        let mut total = CompactReport::default();
        for name in self.tables().await? {
            let Some(lock) = TableLock::try_take(self.folder(), &name)? else { continue };
            total.add(&compact_table(&self.catalogue, &name, lock, Effort::Steady).await?);
        }
        Ok(total)
    }

    /// Joins all small files of each day and source.
    #[compiled_here]
    pub async fn compact_wholly(&self) -> Result<CompactReport, LakeError> {
        let mut total = CompactReport::default();
        for name in self.tables().await? {
            let lock = TableLock::take(self.folder(), &name, PATIENCE).await?;
            total.add(&compact_table(&self.catalogue, &name, lock, Effort::Whole).await?);
        }
        Ok(total)
    }

    /// Lets go of old states and of the files that only they name: of the last two days every state stays readable, of
    /// the days before one a quarter of an hour, and none that is older than `keep_days`.
    #[compiled_here]
    pub async fn expire(&self, keep_days: u32) -> Result<ExpireReport, LakeError> {
        let now = Timestamp::now();
        let before = |days: u32| {
            now.checked_sub(SignedDuration::from_hours(24 * i64::from(days))).unwrap_or(Timestamp::MIN)
        };
        self.expire_before(before(EVERY_STATE_DAYS.min(keep_days)), before(keep_days)).await
    }

    /// As [`Lake::expire`], with the instants from which every state and from which any state is kept.
    #[compiled_here]
    pub async fn expire_before(
        &self,
        every: Timestamp,
        oldest: Timestamp,
    ) -> Result<ExpireReport, LakeError> {
        let states = self.catalogue.forget_states(every, oldest).await?;
        let Some(_lock) = TableLock::try_take(self.folder(), FILES_LOCK)? else {
            // A backup is being made; what is let go of is removed the next time.
            return Ok(ExpireReport { states, files: 0 });
        };
        let files = self.catalogue.unnamed().await?;
        for file in &files {
            let data = self.catalogue.data_folder(&file.table).join(&file.data);
            let keys = file.keys.as_ref().map(|name| self.catalogue.key_folder(&file.table).join(name));
            for path in keys.iter().chain([&data]) {
                durable::remove_if_there(path)?;
            }
        }
        self.catalogue.removed(&files).await?;
        Ok(ExpireReport { states, files: count(files.len()) })
    }

    /// Lets go of records that are older than so many days, by table: of whole days, UTC. Returns how many of each. States
    /// of before keep them until they are let go of themselves.
    #[compiled_here]
    pub async fn retire(
        &self,
        keep_days: &BTreeMap<String, u32>,
    ) -> Result<BTreeMap<String, u64>, LakeError> {
        let today =
            i32::try_from(Timestamp::now().as_second().div_euclid(SECONDS_PER_DAY)).unwrap_or(i32::MAX);
        let mut retired = BTreeMap::new();
        for (table, days) in keep_days {
            let before = today.saturating_sub(i32::try_from(*days).unwrap_or(i32::MAX));
            let lock = TableLock::take(self.folder(), table, PATIENCE).await?;
            let records = retire_table(&self.catalogue, table, before, lock).await?;
            if records > 0 {
                retired.insert(table.clone(), records);
            }
        }
        Ok(retired)
    }

    /// The first day, counted from 1970, that is kept of each table of which records were let go of for their age.
    #[compiled_here]
    pub async fn retired(&self) -> Result<BTreeMap<String, i32>, LakeError> {
        let mut tx = self.catalogue.reading().await?;
        let retired = self.catalogue.retired(&mut tx).await?;
        Ok(retired.into_iter().map(|(table, one)| (table, one.before_day)).collect())
    }

    async fn tables(&self) -> Result<Vec<String>, LakeError> {
        let mut tx = self.catalogue.reading().await?;
        let tables = self.catalogue.tables(&mut tx).await?;
        Ok(tables.into_iter().map(|state| state.table.name.into_owned()).collect())
    }

    /// Checks the store against itself; see [`VerifyReport::problems`].
    #[compiled_here]
    pub async fn verify(&self, options: VerifyOptions) -> Result<VerifyReport, LakeError> {
        verify::verify(&self.catalogue, &options).await
    }
}

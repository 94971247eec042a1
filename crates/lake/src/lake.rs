//! The store as its users see it.

use std::path::Path;
use std::sync::Arc;

use crate::catalogue::Catalogue;
use crate::commit::PATIENCE;
use crate::durable;
use crate::error::{Doing, LakeError};
use crate::fold;
use crate::import::ImportWriter;
use crate::inbox::{Body, Inbox, Limits, Waiting};
use crate::lock::TableLock;
use crate::number::count;
use crate::report::{ImportRecord, ImportSpec, QuarantinedRow, SettleReport};
use crate::snapshot::{self, Remembered, Snapshot};
use crate::verify::{self, VerifyOptions, VerifyReport};

/// A store of facts in a folder. Cheap to clone; several processes may have the same one open.
#[derive(Debug, Clone)]
pub struct Lake {
    catalogue: Arc<Catalogue>,
    remembered: Arc<Remembered>,
}

impl Lake {
    /// Opens the store in this folder, creating folder and catalogue as needed.
    pub async fn open(folder: &Path) -> Result<Lake, LakeError> {
        durable::create_folder(folder)?;
        // Readers of the catalogue may stand elsewhere.
        let folder = folder.canonicalize().doing("find the folder", folder)?;
        for part in ["data", "keys", "staging"] {
            durable::create_folder(&folder.join(part))?;
        }
        let catalogue = Arc::new(Catalogue::open(&folder).await?);
        Ok(Lake { catalogue, remembered: Arc::default() })
    }

    /// The folder, absolute.
    pub fn folder(&self) -> &Path {
        self.catalogue.folder()
    }

    /// Begins the import of one file.
    pub async fn begin_import(&self, spec: ImportSpec) -> Result<ImportWriter, LakeError> {
        ImportWriter::begin(self.catalogue.clone(), spec).await
    }

    /// How far a source that is pulled was read at its last import into a table.
    pub async fn cursor(&self, table: &str, source: &str) -> Result<Option<String>, LakeError> {
        let mut tx = self.catalogue.reading().await?;
        self.catalogue.cursor(&mut tx, table, source).await
    }

    /// Where deliveries are handed in that become records later.
    pub async fn inbox(&self, limits: Limits) -> Result<Inbox, LakeError> {
        Inbox::open(self.catalogue.clone(), limits).await
    }

    /// What was handed in and is not records yet, by source.
    pub async fn waiting(&self) -> Result<Vec<Waiting>, LakeError> {
        self.catalogue.waiting().await
    }

    /// The oldest bodies of a source, about so many bytes of them.
    pub async fn bodies(&self, source: &str, bytes: u64) -> Result<Vec<Body>, LakeError> {
        self.catalogue.bodies(source, bytes).await
    }

    /// Forgets the keys under which deliveries came more than 24 hours ago.
    pub async fn forget_keys(&self) -> Result<(), LakeError> {
        self.catalogue.forget_keys().await
    }

    /// Files and tail of one instant.
    pub async fn snapshot(&self) -> Result<Snapshot, LakeError> {
        snapshot::read(&self.catalogue, &self.remembered).await
    }

    /// The ledger: every committed import, newest last.
    pub async fn imports(&self) -> Result<Vec<ImportRecord>, LakeError> {
        let mut tx = self.catalogue.reading().await?;
        self.catalogue.imports(&mut tx).await
    }

    /// Records of an import that were set aside, by line.
    pub async fn quarantined(&self, import_id: i64, limit: usize) -> Result<Vec<QuarantinedRow>, LakeError> {
        let mut tx = self.catalogue.reading().await?;
        self.catalogue.quarantined(&mut tx, import_id, count(limit)).await
    }

    /// Folds all waiting corrections into files, after which an outside reader sees the last state.
    pub async fn settle(&self) -> Result<SettleReport, LakeError> {
        let mut tx = self.catalogue.reading().await?;
        let tables = self.catalogue.tables(&mut tx).await?;
        drop(tx);
        let mut total = SettleReport::default();
        for state in tables {
            let lock = TableLock::take(self.folder(), &state.table.name, PATIENCE).await?;
            let report = fold::settle_table(&self.catalogue, &state.table.name, lock).await?;
            total.rows_folded += report.rows_folded;
            total.files_replaced += report.files_replaced;
        }
        Ok(total)
    }

    /// Checks the store against itself; see [`VerifyReport::problems`].
    pub async fn verify(&self, options: VerifyOptions) -> Result<VerifyReport, LakeError> {
        verify::verify(&self.catalogue, &options).await
    }
}

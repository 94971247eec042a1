//! From the third layout to the fourth: one checksum a file becomes one a block.

use std::fs::File;
use std::io::Read;
use std::path::Path;

use sqlx::{Row, SqliteConnection};
use xxhash_rust::xxh3::Xxh3;

use super::Catalogue;
use super::read::hash_of;
use crate::error::{Doing, LakeError};
use crate::sums::Sums;

impl Catalogue {
    /// Takes the checksums of every file that is as it was written. A file that is not, or that is gone, gets none, and
    /// whoever reads it will say so. Files of before the third layout had no checksum and are taken as they are.
    pub(super) async fn take_block_sums(&self, tx: &mut SqliteConnection) -> Result<(), LakeError> {
        let doing = "take checksums of the data files";
        let sql = "SELECT f.data_file_id, t.name, f.path, d.checksum FROM dialmark_data_file d
                   JOIN ducklake_data_file f ON f.data_file_id = d.data_file_id
                   JOIN dialmark_table t ON t.table_id = f.table_id";
        let rows = sqlx::query(sql).fetch_all(&mut *tx).await.doing(doing, self.path())?;
        for row in rows {
            let id: i64 = row.try_get(0).doing(doing, self.path())?;
            let table: String = row.try_get(1).doing(doing, self.path())?;
            let name: String = row.try_get(2).doing(doing, self.path())?;
            let checksum: Option<Vec<u8>> = row.try_get(3).doing(doing, self.path())?;
            let path = self.data_folder(&table).join(name);
            let Some(sums) = sound(&path, checksum.and_then(hash_of)) else {
                tracing::warn!("the data file `{}` is damaged or gone", path.display());
                continue;
            };
            let sql = "UPDATE dialmark_data_file SET sums = ? WHERE data_file_id = ?";
            let done = sqlx::query(sql).bind(sums.to_bytes()).bind(id).execute(&mut *tx).await;
            done.doing(doing, self.path())?;
        }
        let sql = "ALTER TABLE dialmark_data_file DROP COLUMN checksum";
        sqlx::raw_sql(sql).execute(tx).await.doing(doing, self.path())?;
        Ok(())
    }
}

fn sound(path: &Path, checksum: Option<u128>) -> Option<Sums> {
    if let Some(checksum) = checksum {
        let mut file = File::open(path).ok()?;
        let mut hasher = Xxh3::new();
        let mut bytes = vec![0; 1 << 20];
        loop {
            match file.read(&mut bytes).ok()? {
                0 => break,
                read => hasher.update(bytes.get(..read)?),
            }
        }
        if hasher.digest128() != checksum {
            return None;
        }
    }
    Sums::of(path).ok()
}

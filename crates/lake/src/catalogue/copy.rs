//! Copies of the databases, and what a copy names.

use std::path::Path;

use sqlx::sqlite::{SqliteConnectOptions, SqlitePoolOptions, SqliteRow};
use sqlx::{ConnectOptions, Row};

use super::{BUSY, Catalogue};
use crate::error::{Doing, LakeError};
use crate::number::from_sql;
use crate::sums::Sums;

impl Catalogue {
    /// Copies a database of the store as it is at one instant, while others write to it.
    pub(crate) async fn copy_database(&self, name: &str, to: &Path) -> Result<(), LakeError> {
        let doing = "copy the database";
        let path = self.folder().join(name);
        let options = SqliteConnectOptions::new().filename(&path).busy_timeout(BUSY);
        let pool =
            SqlitePoolOptions::new().max_connections(1).connect_with(options).await.doing(doing, &path)?;
        let done = sqlx::query("VACUUM INTO ?").bind(to.to_string_lossy().into_owned()).execute(&pool).await;
        pool.close().await;
        done.map(|_| ()).doing(doing, &path)
    }

    /// Which store a catalogue is of: it and its copies have the same name.
    pub(crate) async fn store_of(catalogue: &Path) -> Result<String, LakeError> {
        let doing = "read of which store this is";
        let options = SqliteConnectOptions::new().filename(catalogue).read_only(true);
        let mut connection = options.connect().await.doing(doing, catalogue)?;
        let sql = "SELECT schema_uuid FROM ducklake_schema ORDER BY schema_id LIMIT 1";
        sqlx::query_scalar(sql).fetch_one(&mut connection).await.doing(doing, catalogue)
    }

    /// Paths within the store of all files that any state of a catalogue needs, and the checksums of data files.
    pub(crate) async fn named_files(catalogue: &Path) -> Result<Vec<(String, Option<Sums>)>, LakeError> {
        let doing = "read the files of the copy";
        let options = SqliteConnectOptions::new().filename(catalogue).read_only(true);
        let mut connection = options.connect().await.doing(doing, catalogue)?;
        let sql =
            "SELECT 'data/' || t.name || '/' || f.path, f.file_size_bytes, d.sums FROM ducklake_data_file f
                     LEFT JOIN dialmark_data_file d ON d.data_file_id = f.data_file_id
                     JOIN dialmark_table t ON t.table_id = f.table_id
                   UNION ALL
                   SELECT 'keys/' || t.name || '/' || d.key_file, NULL, NULL FROM ducklake_data_file f
                     JOIN dialmark_data_file d ON d.data_file_id = f.data_file_id
                     JOIN dialmark_table t ON t.table_id = f.table_id WHERE d.key_file IS NOT NULL";
        let rows = sqlx::query(sql).fetch_all(&mut connection).await.doing(doing, catalogue)?;
        let read = |row: &SqliteRow| -> Result<(String, Option<Sums>), sqlx::Error> {
            let size: Option<i64> = row.try_get(1)?;
            let sums: Option<Vec<u8>> = row.try_get(2)?;
            let sums = size.zip(sums).map(|(size, sums)| Sums::kept(from_sql(size), &sums));
            Ok((row.try_get(0)?, sums))
        };
        rows.iter().map(read).collect::<Result<_, _>>().doing(doing, catalogue)
    }
}

//! The tables of the catalogue: DuckLake 0.3's, and Dialmark's own beside them.
//!
//! Written for SQLite in SQL that PostgreSQL speaks too. DuckDB attaches the DuckLake part read-only; other writers
//! than Dialmark are not supported.

/// Layout that this program writes; `dialmark_layout` in the metadata. A later one gets a step in `MIGRATIONS`.
pub(crate) const LAYOUT: i64 = 5;

/// Steps from each layout to the next: the first makes layout 1 from nothing.
pub(crate) const MIGRATIONS: &[&str] = &[FIRST, PUSHED_AND_PULLED, FORGOTTEN, SUMS, READINGS];

/// The layout from which on data files are under checksums by block, which [`SUMS`] makes room for.
pub(crate) const BLOCK_SUMS: i64 = 4;

const FIRST: &str = "
-- DuckLake 0.3. Tables that stay empty must exist all the same.
CREATE TABLE ducklake_metadata(key VARCHAR, value VARCHAR, scope VARCHAR, scope_id BIGINT);
CREATE TABLE ducklake_snapshot(snapshot_id INTEGER PRIMARY KEY, snapshot_time VARCHAR, schema_version BIGINT, next_catalog_id BIGINT, next_file_id BIGINT);
CREATE TABLE ducklake_snapshot_changes(snapshot_id INTEGER PRIMARY KEY, changes_made VARCHAR, author VARCHAR, commit_message VARCHAR, commit_extra_info VARCHAR);
CREATE TABLE ducklake_schema(schema_id BIGINT, schema_uuid VARCHAR, begin_snapshot BIGINT, end_snapshot BIGINT, schema_name VARCHAR, path VARCHAR, path_is_relative BIGINT);
CREATE TABLE ducklake_table(table_id BIGINT, table_uuid VARCHAR, begin_snapshot BIGINT, end_snapshot BIGINT, schema_id BIGINT, table_name VARCHAR, path VARCHAR, path_is_relative BIGINT);
CREATE TABLE ducklake_column(column_id BIGINT, begin_snapshot BIGINT, end_snapshot BIGINT, table_id BIGINT, column_order BIGINT, column_name VARCHAR, column_type VARCHAR, initial_default VARCHAR, default_value VARCHAR, nulls_allowed BIGINT, parent_column BIGINT);
CREATE TABLE ducklake_data_file(data_file_id INTEGER PRIMARY KEY, table_id BIGINT, begin_snapshot BIGINT, end_snapshot BIGINT, file_order BIGINT, path VARCHAR, path_is_relative BIGINT, file_format VARCHAR, record_count BIGINT, file_size_bytes BIGINT, footer_size BIGINT, row_id_start BIGINT, partition_id BIGINT, encryption_key VARCHAR, partial_file_info VARCHAR, mapping_id BIGINT);
CREATE TABLE ducklake_file_column_stats(data_file_id BIGINT, table_id BIGINT, column_id BIGINT, column_size_bytes BIGINT, value_count BIGINT, null_count BIGINT, min_value VARCHAR, max_value VARCHAR, contains_nan BIGINT, extra_stats VARCHAR);
CREATE TABLE ducklake_table_stats(table_id BIGINT, record_count BIGINT, next_row_id BIGINT, file_size_bytes BIGINT);
CREATE TABLE ducklake_table_column_stats(table_id BIGINT, column_id BIGINT, contains_null BIGINT, contains_nan BIGINT, min_value VARCHAR, max_value VARCHAR, extra_stats VARCHAR);
CREATE TABLE ducklake_view(view_id BIGINT, view_uuid VARCHAR, begin_snapshot BIGINT, end_snapshot BIGINT, schema_id BIGINT, view_name VARCHAR, dialect VARCHAR, sql VARCHAR, column_aliases VARCHAR);
CREATE TABLE ducklake_tag(object_id BIGINT, begin_snapshot BIGINT, end_snapshot BIGINT, key VARCHAR, value VARCHAR);
CREATE TABLE ducklake_column_tag(table_id BIGINT, column_id BIGINT, begin_snapshot BIGINT, end_snapshot BIGINT, key VARCHAR, value VARCHAR);
CREATE TABLE ducklake_delete_file(delete_file_id INTEGER PRIMARY KEY, table_id BIGINT, begin_snapshot BIGINT, end_snapshot BIGINT, data_file_id BIGINT, path VARCHAR, path_is_relative BIGINT, format VARCHAR, delete_count BIGINT, file_size_bytes BIGINT, footer_size BIGINT, encryption_key VARCHAR);
CREATE TABLE ducklake_partition_info(partition_id BIGINT, table_id BIGINT, begin_snapshot BIGINT, end_snapshot BIGINT);
CREATE TABLE ducklake_partition_column(partition_id BIGINT, table_id BIGINT, partition_key_index BIGINT, column_id BIGINT, transform VARCHAR);
CREATE TABLE ducklake_file_partition_value(data_file_id BIGINT, table_id BIGINT, partition_key_index BIGINT, partition_value VARCHAR);
CREATE TABLE ducklake_files_scheduled_for_deletion(data_file_id BIGINT, path VARCHAR, path_is_relative BIGINT, schedule_start VARCHAR);
CREATE TABLE ducklake_inlined_data_tables(table_id BIGINT, table_name VARCHAR, schema_version BIGINT);
CREATE TABLE ducklake_column_mapping(mapping_id BIGINT, table_id BIGINT, type VARCHAR);
CREATE TABLE ducklake_name_mapping(mapping_id BIGINT, column_id BIGINT, source_name VARCHAR, target_field_id BIGINT, parent_column BIGINT, is_partition BIGINT);
CREATE TABLE ducklake_schema_versions(begin_snapshot BIGINT, schema_version BIGINT);
CREATE INDEX dialmark_data_file_live ON ducklake_data_file(table_id, end_snapshot);
CREATE INDEX dialmark_file_stats ON ducklake_file_column_stats(data_file_id);

-- Numbers that are given out once, whether or not what they were for succeeds.
CREATE TABLE dialmark_sequence(name VARCHAR PRIMARY KEY, next BIGINT NOT NULL);

-- Each table as declared, and the last commit that touched it.
CREATE TABLE dialmark_table(table_id BIGINT PRIMARY KEY, name VARCHAR NOT NULL UNIQUE, definition VARCHAR NOT NULL, last_snapshot BIGINT NOT NULL);

-- The ledger: one row for each import that was committed.
CREATE TABLE dialmark_import(
  import_id BIGINT PRIMARY KEY, table_id BIGINT NOT NULL, source VARCHAR NOT NULL, file_name VARCHAR NOT NULL,
  file_hash VARCHAR NOT NULL, content_hash VARCHAR NOT NULL, zone VARCHAR NOT NULL, identity VARCHAR NOT NULL,
  new_rows BIGINT NOT NULL, replaced_rows BIGINT NOT NULL, report VARCHAR NOT NULL,
  committed_at VARCHAR NOT NULL, snapshot_id BIGINT NOT NULL);
CREATE INDEX dialmark_import_source ON dialmark_import(table_id, source, file_name);

-- What Dialmark knows of a data file beyond DuckLake. `day` counts from 1970.
CREATE TABLE dialmark_data_file(
  data_file_id BIGINT PRIMARY KEY, import_id BIGINT NOT NULL, source VARCHAR NOT NULL, file_name VARCHAR NOT NULL,
  identity VARCHAR NOT NULL, day BIGINT, instant_ranges VARCHAR NOT NULL, key_file VARCHAR, key_bytes BIGINT);

CREATE TABLE dialmark_quarantine(import_id BIGINT NOT NULL, line BIGINT NOT NULL, reason VARCHAR NOT NULL, detail VARCHAR NOT NULL, text VARCHAR NOT NULL);
CREATE INDEX dialmark_quarantine_import ON dialmark_quarantine(import_id);

-- Rows that are acknowledged and not in a file yet: an Arrow IPC stream an entry.
CREATE TABLE dialmark_journal(seq INTEGER PRIMARY KEY AUTOINCREMENT, table_id BIGINT NOT NULL, import_id BIGINT NOT NULL, row_count BIGINT NOT NULL, rows BLOB NOT NULL);
CREATE INDEX dialmark_journal_table ON dialmark_journal(table_id);

-- Which of the journal's rows is live for a key, and which filed record it hides; null when the key is in no file yet.
CREATE TABLE dialmark_tail(
  table_id BIGINT NOT NULL, key BLOB NOT NULL, revision BIGINT NOT NULL, content BLOB NOT NULL,
  seq BIGINT NOT NULL, row_in_entry BIGINT NOT NULL, data_file_id BIGINT, position BIGINT,
  PRIMARY KEY(table_id, key));
CREATE INDEX dialmark_tail_seq ON dialmark_tail(seq);
CREATE INDEX dialmark_tail_file ON dialmark_tail(data_file_id);

-- Deliveries of one key and revision with different contents. The live one is in the store, the others are here.
CREATE TABLE dialmark_conflict(
  table_id BIGINT NOT NULL, key BLOB NOT NULL, revision BIGINT NOT NULL, content BLOB NOT NULL,
  source VARCHAR, source_id VARCHAR, import_id BIGINT, line BIGINT, record VARCHAR NOT NULL,
  PRIMARY KEY(table_id, key, revision, content));
";

/// People who were erased, and a checksum of every data file.
const FORGOTTEN: &str = "
-- What stood for people who were erased, by its hash under the key: records of before that come again are nobody's.
CREATE TABLE dialmark_erased(print BLOB PRIMARY KEY, before_us BIGINT NOT NULL);

-- XXH3 of the bytes of the data file; null in files of earlier layouts.
ALTER TABLE dialmark_data_file ADD COLUMN checksum BLOB;

-- Files that no state names any more and that must not wait for their removal; below the store's folder.
CREATE TABLE dialmark_doomed(path VARCHAR PRIMARY KEY);
";

/// A checksum of every block of a data file, and one of what the catalogue says of a table; keys that a leap of the clock does
/// not make old.
const SUMS: &str = "
-- XXH3 of each 64 KiB of the data file, eight bytes each. One that is missing fits no bytes.
ALTER TABLE dialmark_data_file ADD COLUMN sums BLOB NOT NULL DEFAULT x'';

-- XXH3 over what the catalogue says of a table and its live files.
ALTER TABLE dialmark_table ADD COLUMN seal BLOB;

-- A clock that never leaps: time that passed while the store was looked after, and when that was last seen; in microseconds.
CREATE TABLE dialmark_clock(passed_us BIGINT NOT NULL, seen_us BIGINT NOT NULL);
INSERT INTO dialmark_clock VALUES (0, 0);
-- When a key came, by that clock.
ALTER TABLE dialmark_receipt ADD COLUMN passed_us BIGINT NOT NULL DEFAULT 0;
DROP INDEX dialmark_receipt_age;
CREATE INDEX dialmark_receipt_age ON dialmark_receipt(passed_us);
";

/// Under which mapping an import read.
const READINGS: &str = "
-- Digest of the mapping and of how the program read; null in imports of before, which were read otherwise than any of today.
ALTER TABLE dialmark_import ADD COLUMN reading VARCHAR;
-- The source's columns by which its records are known; null in imports of before, and where they are known by nothing.
ALTER TABLE dialmark_import ADD COLUMN known_by VARCHAR;
";

/// Records that are sent instead of fetched, sources that are read from where the last reading ended, and a tail whose
/// past stays readable.
const PUSHED_AND_PULLED: &str = "
-- Bodies that were acknowledged and are not records yet, in the order of arrival.
CREATE TABLE dialmark_inbox(
  seq INTEGER PRIMARY KEY AUTOINCREMENT, source VARCHAR NOT NULL, received_at VARCHAR NOT NULL,
  records BIGINT NOT NULL, body BLOB NOT NULL);
CREATE INDEX dialmark_inbox_source ON dialmark_inbox(source, seq);

-- What was acknowledged under an idempotency key, for as long as a sender may repeat it.
CREATE TABLE dialmark_receipt(
  stream VARCHAR NOT NULL, key VARCHAR NOT NULL, body_hash BLOB NOT NULL, records BIGINT NOT NULL,
  received_at VARCHAR NOT NULL, PRIMARY KEY(stream, key));
CREATE INDEX dialmark_receipt_age ON dialmark_receipt(received_at);

-- How far a source that is pulled was read.
ALTER TABLE dialmark_import ADD COLUMN cursor VARCHAR;

-- The header of a file, without which a record of it cannot be read again, and the import that read one again.
ALTER TABLE dialmark_import ADD COLUMN head VARCHAR;
ALTER TABLE dialmark_quarantine ADD COLUMN resolved_by BIGINT;

-- Whose file it was, also when no state names it any more.
ALTER TABLE dialmark_data_file ADD COLUMN table_id BIGINT;
-- Its records by hour; null in files of the first layout.
ALTER TABLE dialmark_data_file ADD COLUMN hours VARCHAR;
UPDATE dialmark_data_file SET table_id =
  (SELECT f.table_id FROM ducklake_data_file f WHERE f.data_file_id = dialmark_data_file.data_file_id);

-- The tail with its past: which row was live from which commit until which.
ALTER TABLE dialmark_tail RENAME TO dialmark_tail_before;
DROP INDEX dialmark_tail_seq;
DROP INDEX dialmark_tail_file;
CREATE TABLE dialmark_tail(
  table_id BIGINT NOT NULL, key BLOB NOT NULL, revision BIGINT NOT NULL, content BLOB NOT NULL,
  seq BIGINT NOT NULL, row_in_entry BIGINT NOT NULL, data_file_id BIGINT NOT NULL, position BIGINT NOT NULL,
  begin_snapshot BIGINT NOT NULL, end_snapshot BIGINT, PRIMARY KEY(table_id, key, begin_snapshot));
INSERT INTO dialmark_tail
  SELECT t.table_id, t.key, t.revision, t.content, t.seq, t.row_in_entry, t.data_file_id, t.position,
         coalesce((SELECT i.snapshot_id FROM dialmark_journal j JOIN dialmark_import i ON i.import_id = j.import_id
                   WHERE j.seq = t.seq), 0), NULL
  FROM dialmark_tail_before t;
DROP TABLE dialmark_tail_before;
CREATE INDEX dialmark_tail_live ON dialmark_tail(table_id, end_snapshot);
CREATE INDEX dialmark_tail_seq ON dialmark_tail(seq);
CREATE INDEX dialmark_tail_file ON dialmark_tail(data_file_id);
";

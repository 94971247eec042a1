//! DuckLake's side of a commit: snapshots, tables, columns, files and their statistics, as DuckDB reads them.

use dialmark_model::Kind;
use jiff::Timestamp;
use jiff::civil::DateTime;
use jiff::tz::TimeZone;
use sqlx::{Row, SqliteConnection};

use super::commit::{Change, NamedFile};
use super::{ducklake_time, uuid};
use crate::datafile::{Bound, ColumnIds, WrittenFile};
use crate::number::to_sql;
use crate::schema::ducklake_type;

/// The numbers that a commit takes and gives on.
pub(super) struct Numbers {
    /// Number of the snapshot that the commit makes.
    pub(super) id: i64,
    time: String,
    schema_version: i64,
    next_catalog_id: i64,
    next_file_id: i64,
    schema_changed: bool,
    created: bool,
}

impl Numbers {
    pub(super) async fn read(tx: &mut SqliteConnection) -> Result<Numbers, sqlx::Error> {
        let row = sqlx::query(
            "SELECT snapshot_id, schema_version, next_catalog_id, next_file_id, snapshot_time FROM ducklake_snapshot
             ORDER BY snapshot_id DESC LIMIT 1",
        )
        .fetch_one(tx)
        .await?;
        let last_time: String = row.try_get(4)?;
        Ok(Numbers {
            // A later commit has the later time, also when the clock was put back: as of an instant up to the last commit
            // there is one answer for ever.
            time: ducklake_time(Timestamp::now()).max(a_moment_after(&last_time)),
            id: row.try_get::<i64, _>(0)? + 1,
            schema_version: row.try_get(1)?,
            next_catalog_id: row.try_get(2)?,
            next_file_id: row.try_get(3)?,
            schema_changed: false,
            created: false,
        })
    }

    /// Makes the snapshot.
    pub(super) async fn write(
        &self,
        tx: &mut SqliteConnection,
        change: &Change,
        table_id: i64,
    ) -> Result<(), sqlx::Error> {
        let mut changes = Vec::new();
        if self.created {
            changes.push(format!("created_table:\"main\".\"{}\"", change.table.name));
        } else if self.schema_changed {
            changes.push(format!("altered_table:{table_id}"));
        }
        if !change.added.is_empty() || !change.replaced.is_empty() {
            changes.push(format!("inserted_into_table:{table_id}"));
        }
        if !change.ended.is_empty() || !change.replaced.is_empty() {
            changes.push(format!("deleted_from_table:{table_id}"));
        }
        self.put_snapshot(tx, &changes.join(",")).await?;
        sqlx::query("UPDATE dialmark_table SET last_snapshot = ? WHERE table_id = ?")
            .bind(self.id)
            .bind(table_id)
            .execute(&mut *tx)
            .await?;
        sqlx::query(
            "UPDATE ducklake_table_stats SET (record_count, file_size_bytes) =
               (SELECT coalesce(sum(record_count), 0), coalesce(sum(file_size_bytes), 0)
                FROM ducklake_data_file WHERE table_id = ?1 AND end_snapshot IS NULL) WHERE table_id = ?1",
        )
        .bind(table_id)
        .execute(tx)
        .await?;
        Ok(())
    }
}

/// The next microsecond; the same text when it cannot be read.
fn a_moment_after(time: &str) -> String {
    let read = DateTime::strptime("%Y-%m-%d %H:%M:%S%.f+00", time);
    let next = read.and_then(|civil| civil.checked_add(jiff::Span::new().microseconds(1)));
    next.and_then(|civil| TimeZone::UTC.to_timestamp(civil)).map_or_else(|_| time.to_owned(), ducklake_time)
}

impl Numbers {
    /// The snapshot itself.
    pub(super) async fn put_snapshot(
        &self,
        tx: &mut SqliteConnection,
        changes: &str,
    ) -> Result<(), sqlx::Error> {
        let schema_version = self.schema_version + i64::from(self.schema_changed);
        sqlx::query(
            "INSERT INTO ducklake_snapshot(snapshot_id, snapshot_time, schema_version, next_catalog_id, next_file_id)
             VALUES (?,?,?,?,?)",
        )
        .bind(self.id)
        .bind(&self.time)
        .bind(schema_version)
        .bind(self.next_catalog_id)
        .bind(self.next_file_id)
        .execute(&mut *tx)
        .await?;
        sqlx::query("INSERT INTO ducklake_snapshot_changes(snapshot_id, changes_made, author) VALUES (?,?,'dialmark')")
            .bind(self.id)
            .bind(changes)
            .execute(&mut *tx)
            .await?;
        if self.schema_changed {
            sqlx::query("INSERT INTO ducklake_schema_versions(begin_snapshot, schema_version) VALUES (?,?)")
                .bind(self.id)
                .bind(schema_version)
                .execute(&mut *tx)
                .await?;
        }
        Ok(())
    }
}

/// Creates the table or adds its new columns; returns its number.
pub(super) async fn put_table(
    tx: &mut SqliteConnection,
    change: &Change,
    numbers: &mut Numbers,
) -> Result<i64, sqlx::Error> {
    let name = change.table.name.as_ref();
    let definition = serde_json::to_string(&change.table).map_err(|e| sqlx::Error::Encode(Box::new(e)))?;
    let table_id = match change.base {
        Some((id, _)) => {
            sqlx::query("UPDATE dialmark_table SET definition = ? WHERE table_id = ?")
                .bind(definition)
                .bind(id)
                .execute(&mut *tx)
                .await?;
            id
        }
        None => {
            let id = numbers.next_catalog_id;
            numbers.next_catalog_id += 1;
            numbers.schema_changed = true;
            numbers.created = true;
            sqlx::query(
                "INSERT INTO dialmark_table(table_id, name, definition, last_snapshot) VALUES (?,?,?,?)",
            )
            .bind(id)
            .bind(name)
            .bind(definition)
            .bind(numbers.id)
            .execute(&mut *tx)
            .await?;
            sqlx::query(
                "INSERT INTO ducklake_table(table_id, table_uuid, begin_snapshot, schema_id, table_name, path, path_is_relative)
                 VALUES (?,?,?,0,?,?,1)",
            )
            .bind(id)
            .bind(uuid())
            .bind(numbers.id)
            .bind(name)
            .bind(format!("{name}/"))
            .execute(&mut *tx)
            .await?;
            sqlx::query(
                "INSERT INTO ducklake_table_stats(table_id, record_count, next_row_id, file_size_bytes) VALUES (?,0,0,0)",
            )
            .bind(id)
            .execute(&mut *tx)
            .await?;
            id
        }
    };
    put_columns(tx, change, table_id, numbers).await?;
    Ok(table_id)
}

async fn put_columns(
    tx: &mut SqliteConnection,
    change: &Change,
    table_id: i64,
    numbers: &mut Numbers,
) -> Result<(), sqlx::Error> {
    let known =
        sqlx::query("SELECT column_id FROM ducklake_column WHERE table_id = ? AND end_snapshot IS NULL")
            .bind(table_id)
            .fetch_all(&mut *tx)
            .await?;
    let known: Vec<i64> = known.iter().map(|row| row.try_get(0)).collect::<Result<_, _>>()?;
    for column in change.table.stored_columns() {
        let Some(&id) = change.columns.get(column.name.as_ref()).filter(|id| !known.contains(id)) else {
            continue;
        };
        numbers.schema_changed = true;
        sqlx::query(
            "INSERT INTO ducklake_column(column_id, begin_snapshot, table_id, column_order, column_name, column_type, nulls_allowed)
             VALUES (?1,?2,?3,?1,?4,?5,1)",
        )
        .bind(id)
        .bind(numbers.id)
        .bind(table_id)
        .bind(column.name.as_ref())
        .bind(ducklake_type(column.kind))
        .execute(&mut *tx)
        .await?;
        // A bound that always holds. Readers that trust this row more than the files' would go wrong otherwise.
        sqlx::query(
            "INSERT INTO ducklake_table_column_stats(table_id, column_id, contains_null) VALUES (?,?,1)",
        )
        .bind(table_id)
        .bind(id)
        .execute(&mut *tx)
        .await?;
    }
    Ok(())
}

/// Names a file.
pub(super) async fn put_file(
    tx: &mut SqliteConnection,
    change: &Change,
    table_id: i64,
    file: &NamedFile,
    numbers: &mut Numbers,
) -> Result<(), sqlx::Error> {
    let id = numbers.next_file_id;
    numbers.next_file_id += 1;
    let written = &file.written;
    let row = sqlx::query(
        "UPDATE ducklake_table_stats SET next_row_id = next_row_id + ?1 WHERE table_id = ?2 RETURNING next_row_id - ?1",
    )
    .bind(to_sql(written.rows))
    .bind(table_id)
    .fetch_one(&mut *tx)
    .await?;
    let first_row: i64 = row.try_get(0)?;
    sqlx::query(
        "INSERT INTO ducklake_data_file(data_file_id, table_id, begin_snapshot, path, path_is_relative, file_format,
                                        record_count, file_size_bytes, footer_size, row_id_start)
         VALUES (?,?,?,?,1,'parquet',?,?,?,?)",
    )
    .bind(id)
    .bind(table_id)
    .bind(numbers.id)
    .bind(&file.name)
    .bind(to_sql(written.rows))
    .bind(to_sql(written.bytes))
    .bind(to_sql(written.footer_bytes))
    .bind(first_row)
    .execute(&mut *tx)
    .await?;
    let ranges =
        serde_json::to_string(&written.instant_ranges()).map_err(|e| sqlx::Error::Encode(Box::new(e)))?;
    let hours = serde_json::to_string(&written.hours).map_err(|e| sqlx::Error::Encode(Box::new(e)))?;
    sqlx::query(
        "INSERT INTO dialmark_data_file(data_file_id, import_id, source, file_name, identity, day, instant_ranges, key_file, key_bytes, table_id, hours, sums)
         VALUES (?,?,?,?,?,?,?,?,?,?,?,?)",
    )
    .bind(id)
    .bind(file.import_id)
    .bind(&file.source)
    .bind(&file.file_name)
    .bind(&file.identity)
    .bind(file.day.map(i64::from))
    .bind(ranges)
    .bind(file.key_file.as_ref().map(|(name, _)| name.as_str()))
    .bind(file.key_file.as_ref().map(|(_, bytes)| to_sql(*bytes)))
    .bind(table_id)
    .bind(hours)
    .bind(written.sums.to_bytes())
    .execute(&mut *tx)
    .await?;
    put_stats(tx, &change.columns, table_id, id, written).await
}

/// Keeps the statistics of a file.
pub(super) async fn put_stats(
    tx: &mut SqliteConnection,
    columns: &ColumnIds,
    table_id: i64,
    id: i64,
    written: &WrittenFile,
) -> Result<(), sqlx::Error> {
    for stats in &written.stats {
        let Some(column) = columns.get(&stats.column) else { continue };
        let range = stats
            .range
            .as_ref()
            .and_then(|(min, max)| Some((statistic(stats.kind, min)?, statistic(stats.kind, max)?)));
        // Columns that hold nothing are most of a wide table's. They get no row, so a row says "filled".
        if stats.range.is_none() && stats.nulls == written.rows {
            continue;
        }
        let (min, max) = range.unzip();
        sqlx::query(
            "INSERT INTO ducklake_file_column_stats(data_file_id, table_id, column_id, column_size_bytes, value_count, null_count, min_value, max_value)
             VALUES (?,?,?,?,?,?,?,?)",
        )
        .bind(id)
        .bind(table_id)
        .bind(column)
        .bind(to_sql(stats.bytes))
        .bind(to_sql(written.rows))
        .bind(to_sql(stats.nulls))
        .bind(min)
        .bind(max)
        .execute(&mut *tx)
        .await?;
    }
    Ok(())
}

/// A statistic as DuckLake writes it; `None` for what is not worth it, as the least and greatest hash of telephone numbers.
fn statistic(kind: Kind, bound: &Bound) -> Option<String> {
    match (kind, bound) {
        (Kind::Integer | Kind::Duration, Bound::Number(n)) => Some(n.to_string()),
        (Kind::Instant, Bound::Number(n)) => Timestamp::from_microsecond(*n).ok().map(ducklake_time),
        (Kind::Day, Bound::Number(n)) => {
            let days = i32::try_from(*n).ok()?;
            let epoch = jiff::civil::date(1970, 1, 1);
            epoch.checked_add(jiff::Span::new().try_days(days).ok()?).ok().map(|d| d.to_string())
        }
        (Kind::Amount | Kind::Number, Bound::Number(n)) => Some(decimal(*n, kind.scale())),
        (Kind::Text | Kind::Code, Bound::Text(t)) if !t.contains('\0') => Some(t.clone()),
        _ => None,
    }
}

fn decimal(unscaled: i64, scale: u8) -> String {
    let unit = 10_u64.saturating_pow(u32::from(scale));
    let (whole, part) = (unscaled.unsigned_abs() / unit, unscaled.unsigned_abs() % unit);
    let sign = if unscaled < 0 { "-" } else { "" };
    format!("{sign}{whole}.{part:0width$}", width = usize::from(scale))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_commit_is_later_than_the_one_before_whatever_the_clock_says() {
        assert_eq!(a_moment_after("2026-11-22 09:59:59.999999+00"), "2026-11-22 10:00:00.000000+00");
        assert_eq!(a_moment_after("?"), "?");
    }

    #[test]
    fn statistics_are_written_as_ducklake_reads_them() {
        assert_eq!(statistic(Kind::Amount, &Bound::Number(-12_345)).unwrap(), "-1.2345");
        assert_eq!(statistic(Kind::Number, &Bound::Number(5)).unwrap(), "0.000005");
        assert_eq!(statistic(Kind::Day, &Bound::Number(-1)).unwrap(), "1969-12-31");
        assert_eq!(
            statistic(Kind::Instant, &Bound::Number(1_767_571_200_000_001)).unwrap(),
            "2026-01-05 00:00:00.000001+00"
        );
        assert_eq!(statistic(Kind::Amount, &Bound::Number(i64::MIN)).unwrap(), "-922337203685477.5808");
    }
}

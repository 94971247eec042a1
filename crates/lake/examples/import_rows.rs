//! How fast and how large an import is: `import_rows FOLDER ROWS DAYS`, with FOLDER new or empty.
//!
//! Imports ROWS calls in the canonical table spread over DAYS, then the same again, then a day of corrections, and
//! prints seconds and the peak of resident memory after each. Records are made on the way and cost little.
#![allow(clippy::print_stdout, reason = "printing is what it is for")]

use std::error::Error;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Instant;

use arrow::array::{
    ArrayRef, Int64Array, RecordBatch, StringArray, TimestampMicrosecondArray, new_null_array,
};
use dialmark_lake::schema::stored_schema;
use dialmark_lake::{
    Consumes, ImportIdentity, ImportReport, ImportSpec, Lake, VerifyOptions, arrival_revision,
};

const BATCH: i64 = 16_384;
const DAY_US: i64 = 86_400_000_000;

struct Run {
    rows: std::ops::Range<i64>,
    total: i64,
    days: i64,
    longer_ms: i64,
}

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let mut arguments = std::env::args().skip(1);
    let folder = PathBuf::from(arguments.next().ok_or("which folder?")?);
    let total: i64 = arguments.next().map_or(Ok(1_000_000), |a| a.parse())?;
    let days: i64 = arguments.next().map_or(Ok(90), |a| a.parse())?;
    let lake = Lake::open(&folder).await?;
    let all = |longer_ms| Run { rows: 0..total, total, days, longer_ms };
    for (what, run) in [
        ("first import", all(0)),
        ("the same again", all(0)),
        ("one day corrected", Run { rows: total - total / days..total, ..all(1) }),
    ] {
        let began = Instant::now();
        let report = import(&lake, &run).await?;
        println!(
            "{what}: {:.1} s, new {} unchanged {} corrected {} files {}, peak memory {}",
            began.elapsed().as_secs_f64(),
            report.new,
            report.unchanged,
            report.corrected,
            report.files,
            peak_memory()
        );
    }
    for (what, deep) in [("verify", false), ("verify, deep", true)] {
        let began = Instant::now();
        let report = lake.verify(VerifyOptions { deep, ..VerifyOptions::default() }).await?;
        println!(
            "{what}: {:.1} s, problems {:?}, peak memory {}",
            began.elapsed().as_secs_f64(),
            report.problems,
            peak_memory()
        );
    }
    let began = Instant::now();
    let snapshot = lake.snapshot().await?;
    let files: usize = snapshot.tables.values().map(|t| t.files.len()).sum();
    println!("snapshot of {files} files: {:.3} s", began.elapsed().as_secs_f64());
    let began = Instant::now();
    println!(
        "settle: {:?}, {:.1} s, peak memory {}",
        lake.settle().await?,
        began.elapsed().as_secs_f64(),
        peak_memory()
    );
    Ok(())
}

async fn import(lake: &Lake, run: &Run) -> Result<ImportReport, Box<dyn Error>> {
    let table = dialmark_model::facts::table("calls").ok_or("no table of calls")?;
    let spec = ImportSpec {
        table: table.clone(),
        source: "dialler".to_owned(),
        file_name: "calls.csv".to_owned(),
        file_hash: run.longer_ms.to_string(),
        zone: "UTC".to_owned(),
        reading: String::new(),
        known_by: None,
        identity: ImportIdentity::Id { declared_revision: false, look_back_days: Some(7) },
        consumes: Consumes::Nothing,
    };
    let mut import = lake.begin_import(spec).await?;
    let began = Instant::now();
    let mut making = std::time::Duration::ZERO;
    let mut at = run.rows.start;
    while at < run.rows.end {
        let end = (at + BATCH).min(run.rows.end);
        let made = Instant::now();
        let rows = batch(at..end, run, import.import_id())?;
        making += made.elapsed();
        import.push(rows)?;
        at = end;
    }
    println!(
        "  staged in {:.1} s, of which {:.1} s made records",
        began.elapsed().as_secs_f64(),
        making.as_secs_f64()
    );
    Ok(import.commit(Default::default()).await?)
}

fn batch(rows: std::ops::Range<i64>, run: &Run, import_id: i64) -> Result<RecordBatch, Box<dyn Error>> {
    let table = dialmark_model::facts::table("calls").ok_or("no table of calls")?;
    let schema = stored_schema(table);
    let count = usize::try_from(rows.end - rows.start)?;
    // Different enough from row to row to compress like calls do.
    let mixed = |row: i64, salt: i64| {
        (row.wrapping_mul(0x09e3_779b_97f4_a7c1).wrapping_add(salt * 7919) >> 11).rem_euclid(1 << 40)
    };
    let start_us =
        |row: i64| row * run.days / run.total * DAY_US + 28_800_000_000 + mixed(row, 1) % 36_000_000 * 1000;
    let text = |value: &dyn Fn(i64) -> Option<String>| -> ArrayRef {
        Arc::new(StringArray::from_iter(rows.clone().map(value)))
    };
    let code =
        |name: &str, salt: i64, many: i64| text(&|row| Some(format!("{name}{}", mixed(row, salt) % many)));
    let number = |value: &dyn Fn(i64) -> Option<i64>| -> ArrayRef {
        Arc::new(Int64Array::from_iter(rows.clone().map(value)))
    };
    let instant = |value: &dyn Fn(i64) -> Option<i64>| -> ArrayRef {
        Arc::new(TimestampMicrosecondArray::from_iter(rows.clone().map(value)).with_timezone("UTC"))
    };
    let answered = |row: i64| mixed(row, 2) % 5 == 0;
    let columns = schema
        .fields()
        .iter()
        .map(|field| match field.name().as_str() {
            "direction" => text(&|_| Some("outbound".to_owned())),
            "dial_mode" => text(&|_| Some("predictive".to_owned())),
            "campaign_id" => code("campaign-", 3, 12),
            "list_id" => code("list-", 4, 60),
            "agent_id" => text(&|row| answered(row).then(|| format!("agent-{}", mixed(row, 5) % 200))),
            "team_id" => text(&|row| answered(row).then(|| format!("team-{}", mixed(row, 5) % 8))),
            "lead_id" => text(&|row| Some(format!("lead-{}", mixed(row, 6) % 3_000_000))),
            "called_number" => text(&|row| Some(format!("+4420{:08}", mixed(row, 7) % 100_000_000))),
            "attempt_no" => number(&|row| Some(mixed(row, 8) % 9 + 1)),
            "started_at" => instant(&|row| Some(start_us(row))),
            "answered_at" => instant(&|row| answered(row).then(|| start_us(row) + 9_000_000)),
            "connected_at" => instant(&|row| answered(row).then(|| start_us(row) + 10_000_000)),
            "ended_at" => instant(&|row| Some(start_us(row) + 20_000_000 + mixed(row, 9) % 300_000_000)),
            "ring_ms" => number(&|row| Some(mixed(row, 10) % 30_000)),
            "talk_ms" => number(&|row| answered(row).then(|| mixed(row, 11) % 300_000 + run.longer_ms)),
            "wrap_ms" => number(&|row| answered(row).then(|| mixed(row, 12) % 60_000)),
            "disposition" => code("D", 13, 25),
            "answered_by" => text(&|row| answered(row).then(|| "person".to_owned())),
            "end_reason" => code("reason-", 14, 4),
            "source" => text(&|_| Some("dialler".to_owned())),
            "source_id" => text(&|row| Some(format!("{row:016x}"))),
            "source_zone" => text(&|_| Some("UTC".to_owned())),
            "revision" => number(&|row| Some(arrival_revision(import_id, u64::try_from(row).ok()?))),
            "import_id" => number(&|_| Some(import_id)),
            "line" => number(&|row| Some(row + 1)),
            _ => new_null_array(field.data_type(), count),
        })
        .collect();
    Ok(RecordBatch::try_new(schema, columns)?)
}

fn peak_memory() -> String {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find_map(|l| l.strip_prefix("VmHWM:"));
    line.map_or_else(|| "unknown".to_owned(), |l| l.trim().to_owned())
}

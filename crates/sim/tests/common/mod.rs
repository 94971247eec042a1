//! A sink that keeps every row, and an import of it by hand: the simplest one that the rules allow.

#![allow(dead_code, reason = "each test binary uses its part")]
#![allow(clippy::unwrap_used, reason = "a test may stop at what cannot be read")]

use std::collections::BTreeMap;
use std::convert::Infallible;

use dialmark_sim::{Plan, Sink, Stream, Tallies, run};
use jiff::civil::Date;

/// Keeps every row.
#[derive(Debug, Default)]
pub struct Kept {
    pub rows: Vec<(Stream, Date, Vec<String>)>,
    pub done: Option<Date>,
}

impl Sink for Kept {
    type Error = Infallible;

    fn row(&mut self, stream: Stream, day: Date, fields: &[&str]) -> Result<(), Infallible> {
        assert!(
            self.done.is_none_or(|done| day > done),
            "{stream:?}: a row of {day} after that day was done"
        );
        self.rows.push((stream, day, fields.iter().map(|f| (*f).to_owned()).collect()));
        Ok(())
    }

    fn day_done(&mut self, day: Date) -> Result<(), Infallible> {
        self.done = Some(day);
        Ok(())
    }
}

/// A record by column name.
pub type Record = BTreeMap<String, String>;

/// What an import of one stream comes to.
#[derive(Debug, Default)]
pub struct Imported {
    /// By identifier, the newest revision.
    pub records: BTreeMap<String, Record>,
    pub read: u64,
    pub unchanged: u64,
    pub revised: u64,
    pub bad_columns: u64,
    pub no_time: u64,
}

impl Kept {
    pub fn of(plan: &Plan) -> (Kept, Tallies) {
        let mut kept = Kept::default();
        let Ok(tallies) = run(plan, &mut kept);
        (kept, tallies)
    }

    /// Imports a stream in the order in which its rows came.
    pub fn import(&self, stream: Stream) -> Imported {
        let mut imported = Imported::default();
        for (_, _, fields) in self.rows.iter().filter(|(s, ..)| *s == stream) {
            imported.read += 1;
            let Some(record) = record(stream, fields) else {
                imported.bad_columns += 1;
                continue;
            };
            if fields.iter().any(|f| f.contains("#VALUE!")) {
                imported.no_time += 1;
                continue;
            }
            let stamp = stream.header().last().unwrap().to_string();
            let id = record[stream.header()[0]].clone();
            match imported.records.get(&id) {
                Some(old) if *old == record => imported.unchanged += 1,
                Some(old) => {
                    assert_ne!(old[&stamp], record[&stamp], "{stream:?} {id}: one revision, two contents");
                    imported.revised += 1;
                    if old[&stamp] < record[&stamp] {
                        imported.records.insert(id, record);
                    }
                }
                None => {
                    imported.records.insert(id, record);
                }
            }
        }
        imported
    }
}

fn record(stream: Stream, fields: &[String]) -> Option<Record> {
    if stream.is_json_lines() {
        let value: serde_json::Value = serde_json::from_str(&fields[0]).ok()?;
        let mut record = Record::new();
        for (key, value) in value.as_object()? {
            match value.as_object() {
                Some(nested) => nested.iter().for_each(|(leaf, v)| {
                    record.insert(format!("{key}.{leaf}"), plain(v));
                }),
                None => {
                    record.insert(key.clone(), plain(value));
                }
            }
        }
        return Some(record);
    }
    (fields.len() == stream.header().len())
        .then(|| stream.header().iter().map(|h| h.to_string()).zip(fields.iter().cloned()).collect())
}

fn plain(value: &serde_json::Value) -> String {
    match value {
        serde_json::Value::Null => String::new(),
        serde_json::Value::String(text) => text.clone(),
        other => other.to_string(),
    }
}

/// `12.482` as thousandths, `149,05` as hundredths: the digits without their separator.
pub fn digits(text: &str) -> i64 {
    text.replace(['.', ','], "").parse().unwrap()
}

/// `h:mm:ss.mmm` in milliseconds.
pub fn clock(text: &str) -> i64 {
    let (clock, ms) = text.split_once('.').unwrap();
    let parts: Vec<i64> = clock.split(':').map(|p| p.parse().unwrap()).collect();
    ((parts[0] * 60 + parts[1]) * 60 + parts[2]) * 1000 + ms.parse::<i64>().unwrap()
}

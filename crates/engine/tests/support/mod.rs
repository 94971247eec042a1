//! A lake of a few calls, made without a file.

#![allow(dead_code, reason = "each test uses its part")]

pub mod facts;

use std::collections::BTreeMap;
use std::sync::Arc;

use arrow::array::{
    ArrayRef, Int64Array, RecordBatch, StringArray, TimestampMicrosecondArray, new_null_array,
};
use dialmark_engine::Engine;
use dialmark_lake::{Consumes, ImportIdentity, ImportSpec, Lake};
use dialmark_metrics::Catalogue;
use dialmark_metrics::catalogue::Filled;
use dialmark_model::{Disposition, DispositionMap, Outcome};

/// One call of a test.
#[derive(Debug, Clone)]
pub struct Call {
    pub id: String,
    pub at_us: i64,
    pub direction: &'static str,
    pub disposition: Option<&'static str>,
    pub campaign: Option<&'static str>,
    pub agent: Option<&'static str>,
    pub customer: Option<String>,
    pub talk_ms: Option<i64>,
    pub queue_ms: Option<i64>,
}

impl Call {
    pub fn at(id: impl Into<String>, at: &str) -> Call {
        let at: jiff::Timestamp = at.parse().unwrap();
        Call {
            id: id.into(),
            at_us: at.as_microsecond(),
            direction: "outbound",
            disposition: Some("no_answer"),
            campaign: None,
            agent: None,
            customer: None,
            talk_ms: None,
            queue_ms: None,
        }
    }
}

/// The map in which every outcome is its own code.
pub fn plain_map() -> DispositionMap {
    let mut map = DispositionMap::default();
    for outcome in Outcome::ALL {
        map.codes.insert(outcome.word().to_owned(), Disposition::of(outcome));
    }
    map
}

/// Imports each list of calls as a file of its own.
pub async fn lake_of(folder: &std::path::Path, files: &[Vec<Call>]) -> Lake {
    let lake = Lake::open(folder).await.unwrap();
    for (number, calls) in files.iter().enumerate() {
        let table = dialmark_model::facts::table("calls").unwrap();
        let mut import = lake
            .begin_import(ImportSpec {
                table: table.clone(),
                source: "test".to_owned(),
                file_name: format!("{number}.csv"),
                file_hash: format!("{number}"),
                zone: "Europe/London".to_owned(),
                reading: String::new(),
                known_by: None,
                identity: ImportIdentity::Id { declared_revision: false, look_back_days: None },
                consumes: Consumes::Nothing,
            })
            .await
            .unwrap();
        if !calls.is_empty() {
            let batch = batch(calls, import.import_id());
            import.push(batch).unwrap();
        }
        import.commit(BTreeMap::new()).await.unwrap();
    }
    lake
}

fn batch(calls: &[Call], import_id: i64) -> RecordBatch {
    let table = dialmark_model::facts::table("calls").unwrap();
    let schema = dialmark_lake::schema::stored_schema(table);
    let text = |f: &dyn Fn(&Call) -> Option<String>| -> ArrayRef {
        Arc::new(calls.iter().map(f).collect::<StringArray>())
    };
    let whole = |f: &dyn Fn(usize, &Call) -> Option<i64>| -> ArrayRef {
        Arc::new(calls.iter().enumerate().map(|(i, c)| f(i, c)).collect::<Int64Array>())
    };
    let columns = schema
        .fields()
        .iter()
        .map(|field| match field.name().as_str() {
            "direction" => text(&|c| Some(c.direction.to_owned())),
            "disposition" => text(&|c| c.disposition.map(str::to_owned)),
            "campaign_id" => text(&|c| c.campaign.map(str::to_owned)),
            "agent_id" => text(&|c| c.agent.map(str::to_owned)),
            "customer_id" => text(&|c| c.customer.clone()),
            "source" => text(&|_| Some("test".to_owned())),
            "source_id" => text(&|c| Some(c.id.clone())),
            "source_zone" => text(&|_| Some("Europe/London".to_owned())),
            "talk_ms" => whole(&|_, c| c.talk_ms),
            "queue_ms" => whole(&|_, c| c.queue_ms),
            "import_id" => whole(&|_, _| Some(import_id)),
            "line" => whole(&|i, _| Some(i64::try_from(i).unwrap() + 1)),
            "revision" => whole(&|i, _| Some(dialmark_lake::arrival_revision(import_id, i as u64 + 1))),
            "started_at" => {
                let at: TimestampMicrosecondArray = calls.iter().map(|c| Some(c.at_us)).collect();
                Arc::new(at.with_timezone("UTC"))
            }
            _ => new_null_array(field.data_type(), calls.len()),
        })
        .collect();
    RecordBatch::try_new(schema, columns).unwrap()
}

/// An engine over a lake with the built-in catalogue and the plain map.
pub fn engine(lake: Lake) -> Engine {
    let (catalogue, _) = Catalogue::builtin();
    let mut declared = Filled::default();
    declared.add(
        "calls",
        [
            "direction",
            "disposition",
            "campaign_id",
            "agent_id",
            "customer_id",
            "talk_ms",
            "queue_ms",
            "started_at",
        ],
    );
    Engine::new(lake, Arc::new(catalogue), Arc::new(plain_map()), declared).in_calendar(
        dialmark_model::civil::Calendar::plain(dialmark_model::civil::zone("Europe/London").unwrap()),
    )
}

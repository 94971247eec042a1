//! The statuses of a VICIdial, as a proposal of a map of dispositions.

use async_recursion::async_recursion as compiled_here;
use dialmark_model::civil;
use dialmark_model::pull::Pull;
use dialmark_model::source::{Format, Source};
use dialmark_packs::vicidial_statuses::{COLUMNS, FLAGS, Status, map};
use serde_json::{Map, Value};

use super::connection::{Asked, Connection, table};
use super::line::Amend;
use super::statement::{Arm, Place, Statement};
use super::{PullOptions, password};
use crate::error::IngestError;

/// Statuses of the system, then those of campaigns.
const TABLES: [&str; 2] = ["vicidial_statuses", "vicidial_campaign_statuses"];

/// The file of a map of dispositions, from the flags that the statuses of a source's VICIdial have now. `from_on` limits it
/// to the days from that one on.
#[compiled_here]
pub async fn dispositions(
    source: &Source,
    options: &PullOptions<'_>,
    from_on: Option<&str>,
) -> Result<String, IngestError> {
    let failed = |problem: String| IngestError::Database { source_name: source.name.clone(), problem };
    let wrong = |problem: String| IngestError::Mapping {
        declared_in: source.declared_in.clone(),
        source_name: source.name.clone(),
        problem,
    };
    let of_vicidial = matches!(&source.format, Format::Pack { pack, .. } if pack == "vicidial");
    let Some(pull) = source.pull.as_ref().filter(|_| of_vicidial) else {
        return Err(wrong("only a source of the pack `vicidial` has statuses that can be read.".to_owned()));
    };
    let zone = civil::zone(&source.zone).map_err(|error| wrong(format!("{error}.")))?;
    let today = zone.to_datetime(jiff::Timestamp::now()).date().to_string();
    let password = password(pull, options.folder).map_err(wrong)?;
    let mut connection = Connection::open(pull, password.as_deref()).await.map_err(failed)?;
    let mut statuses = Vec::new();
    let mut read = Ok(());
    for name in TABLES {
        read = of_table(&mut connection, pull, name, &zone, &mut statuses).await;
        if read.is_err() {
            break;
        }
    }
    connection.close().await;
    read.map_err(failed)?;
    Ok(map(&statuses, &today, from_on))
}

async fn of_table(
    connection: &mut Connection,
    pull: &Pull,
    name: &str,
    zone: &jiff::tz::TimeZone,
    statuses: &mut Vec<Status>,
) -> Result<(), String> {
    let known = connection.columns_of_table(pull, name).await?;
    if known.is_empty() {
        return Err(format!(
            "there is no table `{name}` in {}, or `{}` may not read it. Grant SELECT on it.",
            pull.database, pull.database.user
        ));
    }
    let wanted = COLUMNS.into_iter().chain(FLAGS.map(|(flag, _)| flag)).chain(["campaign_id"]);
    // Older versions have fewer flags.
    let columns = wanted.filter(|name| known.iter().any(|column| column.name == *name));
    let arm = Arm {
        from: table(pull.database.kind, name),
        index: None,
        columns: columns.map(|name| (name.to_owned(), true)).collect(),
        lookups: Vec::new(),
    };
    let statement = Statement { kind: pull.database.kind, arms: vec![arm], cursor: None };
    let sql = statement.sql(&Place::Start, None);
    let amend = Amend { epochs: &[], zone };
    let asked = Asked { statement: &statement, sql: &sql, value: None, amend: &amend };
    let mut take = |fetched: super::connection::Fetched| {
        statuses.extend(status(&fetched.line));
        Ok(())
    };
    connection.rows(pull, &asked, &mut take).await
}

fn status(line: &[u8]) -> Option<Status> {
    let row: Map<String, Value> = serde_json::from_slice(line).ok()?;
    let of =
        |name: &str| row.get(name).and_then(Value::as_str).map(str::trim).filter(|text| !text.is_empty());
    Some(Status {
        code: of("status")?.to_owned(),
        label: of("status_name").or_else(|| of("status"))?.to_owned(),
        campaign: of("campaign_id").map(str::to_owned),
        flags: FLAGS
            .iter()
            .map(|(flag, _)| *flag)
            .filter(|flag| of(flag) == Some("Y"))
            .map(str::to_owned)
            .collect(),
    })
}

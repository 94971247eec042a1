//! Statements that were sent: frozen with the inputs that they were computed from, and never changed.

use async_recursion::async_recursion as compiled_here;
use dialmark_govern::contract::BillingPeriod;
use dialmark_govern::statement::{Inputs, Statement};
use jiff::Timestamp;
use sqlx::Row;
use sqlx::sqlite::SqliteRow;

use crate::database::State;
use crate::error::StateError;

/// A statement as it was frozen.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Frozen {
    /// What it was computed from.
    pub inputs: Inputs,
    /// The statement.
    pub statement: Statement,
    /// Its JSON, byte for byte as it was sent.
    pub json: String,
    /// When it was frozen.
    pub frozen_at: Timestamp,
    /// By whom.
    pub frozen_by: String,
}

impl State {
    /// Freezes a statement. One that was frozen before stays as it is, and this is refused.
    #[compiled_here]
    pub async fn freeze(&self, frozen: &Frozen) -> Result<(), StateError> {
        let (contract, period) = (&frozen.statement.contract, frozen.statement.period.to_string());
        let inputs = serde_json::to_string(&frozen.inputs)
            .map_err(|e| StateError::Refused(format!("The inputs cannot be written down: {e}.")))?;
        let done = sqlx::query(
            "INSERT INTO statement(contract, period, inputs, statement, frozen_at, frozen_by) VALUES (?,?,?,?,?,?)
             ON CONFLICT DO NOTHING",
        )
        .bind(contract)
        .bind(&period)
        .bind(inputs)
        .bind(&frozen.json)
        .bind(frozen.frozen_at.to_string())
        .bind(&frozen.frozen_by)
        .execute(&self.pool)
        .await
        .map_err(|e| self.failed("freeze the statement", e))?;
        match done.rows_affected() {
            0 => Err(StateError::Refused(format!(
                "The statement of `{contract}` for {period} is frozen already. What changes later goes onto the next one."
            ))),
            _ => Ok(()),
        }
    }

    /// The statements of a contract that were frozen, in the order of periods.
    #[compiled_here]
    pub async fn statements(&self, contract: &str) -> Result<Vec<Frozen>, StateError> {
        let sql = "SELECT inputs, statement, frozen_at, frozen_by FROM statement WHERE contract = ?";
        let rows = sqlx::query(sql).bind(contract).fetch_all(&self.pool).await;
        let rows = rows.map_err(|e| self.failed("read the statements", e))?;
        let mut found: Vec<Frozen> =
            rows.iter().map(|row| self.frozen(row)).collect::<Result<_, StateError>>()?;
        found.sort_by_key(|frozen| frozen.statement.period);
        Ok(found)
    }

    /// The frozen statement of one period.
    #[compiled_here]
    pub async fn statement(
        &self,
        contract: &str,
        period: BillingPeriod,
    ) -> Result<Option<Frozen>, StateError> {
        Ok(self.statements(contract).await?.into_iter().find(|frozen| frozen.statement.period == period))
    }

    fn frozen(&self, row: &SqliteRow) -> Result<Frozen, StateError> {
        let read = || -> Result<[String; 4], sqlx::Error> {
            Ok([row.try_get(0)?, row.try_get(1)?, row.try_get(2)?, row.try_get(3)?])
        };
        let [inputs, json, frozen_at, frozen_by] =
            read().map_err(|e| self.failed("read the statements", e))?;
        let damaged = |what: String| StateError::Damaged { path: self.path.clone(), what };
        Ok(Frozen {
            inputs: serde_json::from_str(&inputs)
                .map_err(|e| damaged(format!("the inputs of a statement cannot be read: {e}")))?,
            statement: serde_json::from_str(&json)
                .map_err(|e| damaged(format!("a statement cannot be read: {e}")))?,
            json,
            frozen_at: frozen_at.parse().map_err(|_| damaged(format!("`{frozen_at}` is no instant")))?,
            frozen_by,
        })
    }
}

//! How much of a place somebody sees who does not see everything.

use async_recursion::async_recursion as compiled_here;
use dialmark_engine::{Engine, EngineError, RecordsQuery};
use dialmark_govern::Place;
use dialmark_metrics::Scope;

use crate::desk::sees_whole;

/// How much of a place's records somebody sees.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Sight {
    /// None of them.
    Nothing,
    /// Some of them.
    Part,
    /// All of them.
    All,
}

/// How much of a place is seen within a scope. Where its name does not say, its calls do: a campaign all of whose calls are a
/// client's is the client's, though it is not named so. A place without calls is seen by its name alone; of the whole centre
/// everybody sees a part.
#[compiled_here]
pub async fn sight(engine: &Engine, scope: &Scope, place: &Place) -> Result<Sight, EngineError> {
    let named: Vec<(&str, &str)> = place.iter().collect();
    if sees_whole(scope, &named) {
        return Ok(Sight::All);
    }
    if place.is_centre() {
        return Ok(Sight::Part);
    }
    let calls = |scope: &Scope| RecordsQuery {
        table: Some("calls".to_owned()),
        filter: place.condition(),
        scope: scope.clone(),
        limit: 0,
        ..RecordsQuery::default()
    };
    let (seen, all) =
        match (engine.records(&calls(scope)).await, engine.records(&calls(&Scope::Everything)).await) {
            (Ok(seen), Ok(all)) => (seen.total, all.total),
            (Err(EngineError::Question(_)), _) | (_, Err(EngineError::Question(_))) => (0, 0),
            (Err(other), _) | (_, Err(other)) => return Err(other),
        };
    Ok(match seen {
        0 => Sight::Nothing,
        seen if seen == all => Sight::All,
        _ => Sight::Part,
    })
}

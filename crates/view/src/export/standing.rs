//! How KPIs and scorecards stand, as JSON for programs.

use dialmark_govern::target::{Aim, Goal};
use dialmark_govern::{CardRow, Standing, Status};
use dialmark_metrics::Exact;
use serde_json::{Map, Value, json};

use super::decimal;
use super::json::number_or_text;

/// One object a standing. Values, targets and scores are decimals as text; the interval, which is an estimate, is numbers.
pub fn standings(standings: &[Standing]) -> Value {
    standings.iter().map(standing).collect()
}

/// One object a place of the scorecard, the place itself first.
pub fn scorecard(rows: &[CardRow]) -> Value {
    let row = |row: &CardRow| {
        let total = row.total.as_ref();
        let weighted = row.kpis.iter().map(|(weight, one)| {
            let mut object = standing(one);
            if let Value::Object(object) = &mut object {
                object.insert("weight".to_owned(), Value::from(decimal(*weight)));
            }
            object
        });
        json!({
            "place": row.place,
            "depth": row.depth,
            "score": total.and_then(|t| t.score).map(decimal),
            "weight_judged": total.map(|t| decimal(t.judged)),
            "kpis": weighted.collect::<Vec<Value>>(),
            "supporting": standings(&row.supporting),
        })
    };
    rows.iter().map(row).collect()
}

fn standing(one: &Standing) -> Value {
    let (kpi, cell) = (&one.kpi, &one.cell);
    let mut object = Map::new();
    let mut put = |key: &str, value: Value| {
        object.insert(key.to_owned(), value);
    };
    put("kpi", Value::from(kpi.name.as_str()));
    put("label", Value::from(kpi.label.as_str()));
    put("metric", Value::from(kpi.metric.to_string()));
    put("unit", Value::from(kpi.unit.word()));
    put("owner", Value::from(kpi.owner.as_str()));
    put("place", json!(one.place));
    put("window", Value::from(kpi.window.to_string()));
    put("from", Value::from(one.stretch.from.to_string()));
    put("until", Value::from(one.stretch.until.to_string()));
    put("judged_until", one.so_far.map_or(Value::Null, |part| Value::from(part.to.to_string())));
    put("is_over", one.so_far.map_or(Value::Null, |part| Value::from(part.is_over)));
    put("value", cell.value.as_ref().map_or(Value::Null, |value| Value::from(decimal(*value))));
    if let Err(reason) = &cell.value {
        put("reason", Value::from(reason.word()));
    }
    put("numerator", number(cell.numerator));
    put("denominator", number(cell.denominator));
    put("n", Value::from(cell.n));
    if let Some(currency) = &cell.currency {
        put("currency", Value::from(currency.as_str()));
    }
    let interval = one.interval.map(|i| json!({ "low": i.low(), "high": i.high(), "confidence": 0.95 }));
    put("interval", interval.unwrap_or_default());
    put("target", one.goal.as_ref().map_or(Value::Null, target));
    put("status", Value::from(one.status.word()));
    if let Status::NotEnough(why) = &one.status {
        put("why", Value::from(why.to_string()));
    }
    put("score", one.score.map_or(Value::Null, |score| Value::from(decimal(score))));
    put("before", one.before.as_ref().map_or(Value::Null, |value| Value::from(decimal(*value))));
    put("trend", Value::from(one.trend.word()));
    if let Some(guards) = &one.guards {
        put("guards", super::guard::guarded(guards));
    }
    if let Some(maturing) = &one.maturing {
        put("maturing", super::guard::maturing(maturing));
    }
    put("notes", Value::from(one.said()));
    Value::Object(object)
}

fn target(goal: &Goal) -> Value {
    let tolerance = decimal(goal.tolerance);
    match goal.aim {
        Aim::AtLeast(edge) => json!({ "at_least": decimal(edge), "tolerance": tolerance }),
        Aim::AtMost(edge) => json!({ "at_most": decimal(edge), "tolerance": tolerance }),
        Aim::Within(from, to) => {
            json!({ "from": decimal(from), "to": decimal(to), "tolerance": tolerance })
        }
    }
}

fn number(part: Option<Exact>) -> Value {
    part.map_or(Value::Null, number_or_text)
}

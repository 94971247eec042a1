//! A ranking, as JSON for programs.

use dialmark_govern::ranking::Ranked;
use dialmark_metrics::Key;
use dialmark_stats::ranking::{Placed, Standing};
use serde_json::{Value, json};

use super::json::key_value;

/// Best first. Figures are estimates and so are numbers; `best` and `worst` are the places that each could have.
pub fn ranking(ranked: &Ranked) -> Value {
    let place = |one: &Placed<Key>| {
        json!({
            "is": key_value(&one.key),
            "value": one.value,
            "denominator": one.size,
            "shrunk": one.shrunk,
            "interval": { "low": one.interval.low(), "high": one.interval.high(), "confidence": 0.95 },
            "against_the_rest": match one.standing {
                Standing::Better => "better",
                Standing::Worse => "worse",
                Standing::NotTold => "not_told_apart",
            },
            "best": one.best,
            "worst": one.worst,
            "group": one.group,
            "guards": guards(ranked, &one.key),
        })
    };
    json!({
        "metric": ranked.header.asked,
        "variant": ranked.header.variant,
        "unit": ranked.header.unit.word(),
        "by": ranked.by,
        "all": ranked.ranking.all,
        "apart": ranked.ranking.apart,
        "places": ranked.ranking.placed.iter().map(place).collect::<Vec<_>>(),
        "without": ranked.without.iter().map(key_value).collect::<Vec<_>>(),
        "unwatched": super::guard::unwatched(&ranked.unwatched),
        "maturing": ranked.maturing.as_ref().map(super::guard::maturing),
        "says": ranked.sentences(),
        "notes": ranked.notes,
    })
}

/// Of somebody who leads: each guard of what they lead by, theirs against that of the rest.
fn guards(ranked: &Ranked, key: &Key) -> Vec<Value> {
    let own = ranked.leaders.iter().filter(|leader| leader.key == *key);
    own.map(|leader| super::guard::watched(&leader.watched, leader.verdict)).collect()
}

//! Why a figure differs, as JSON for programs.

use dialmark_govern::why::{Along, Chain, Drawn, Factor, Looked, Nested, Side, Why, sentences};
use dialmark_metrics::Exact;
use dialmark_metrics::Key;
use dialmark_stats::Interval;
use dialmark_stats::decompose::{Effect, Inside, Presence, Weighing};
use serde_json::{Map, Value, json};

use super::decimal;
use super::json::{key_value, number_or_text};

/// The comparison with all its segments: their totals, and `rate` and `mix`, add up to `change`. Figures of either side are
/// decimals as text with their exact parts; what is estimated from them is numbers.
pub fn why(why: &Why) -> Value {
    let along = why.along.as_ref();
    json!({
        "metric": why.header.asked,
        "variant": why.header.variant,
        "unit": why.header.unit.word(),
        "before": side(&why.before),
        "now": side(&why.now),
        "change": why.change,
        "interval": interval(why.interval),
        "by": along.map(|along| along.by.clone()),
        "rate": along.map(|along| along.whole.rate),
        "mix": along.map(|along| along.whole.mix),
        "common": along.map(|along| along.whole.common),
        "tells": along.map(|along| along.told.explained),
        "segments": along.map(segments),
        "named": along.map(named),
        "drawn": match why.drawn {
            Drawn::Days(before, now) => json!({ "from": "days", "before": before, "now": now }),
            Drawn::Hours(before, now) => json!({ "from": "hours", "before": before, "now": now }),
            Drawn::TooFew => Value::Null,
        },
        "within": why.nested.as_ref().map(nested),
        "product": why.chain.as_ref().map(chain),
        "looked": why.looked.iter().map(looked).collect::<Vec<_>>(),
        "says": sentences(why),
        "notes": why.notes,
    })
}

/// `mix`, `left`, `inner_mix` and `inner_rate` add up to the change; `deeper` takes the figure of one value apart.
fn nested(nested: &Nested) -> Value {
    let sums = nested.sums();
    let inside = |one: &Inside<Key>| json!({ "is": key_value(&one.key), "rate": one.rate, "mix": one.mix, "total": one.total });
    json!({
        "outer": nested.outer,
        "inner": nested.inner,
        "mix": sums.outer_mix,
        "left": sums.outer_left,
        "inner_mix": sums.inner_mix,
        "inner_rate": sums.inner_rate,
        "segments": nested.within.inner.iter().map(inside).collect::<Vec<_>>(),
        "deeper": nested.deeper.as_ref().map(|deeper| json!({
            "is": key_value(&deeper.value),
            "change": deeper.along.whole.change,
            "tells": deeper.along.told.explained,
            "segments": segments(&deeper.along),
            "named": named(&deeper.along),
        })),
    })
}

/// Effects of the factors, which add up to `change`.
fn chain(chain: &Chain) -> Value {
    let factor = |one: &Factor| {
        json!({
            "metric": one.header.asked,
            "unit": one.header.unit.word(),
            "before": decimal(one.before),
            "now": decimal(one.now),
            "effect": one.effect,
        })
    };
    json!({
        "change": chain.change,
        "weighing": match chain.weighing {
            Weighing::Logarithms => "logarithms",
            Weighing::Shapley => "shapley",
        },
        "factors": chain.factors.iter().map(factor).collect::<Vec<_>>(),
    })
}

fn side(side: &Side) -> Value {
    let number = |part: Option<Exact>| part.map_or(Value::Null, number_or_text);
    json!({
        "from": side.period.from.map(|from| from.to_string()),
        "to": side.period.to.map(|to| to.to_string()),
        "where": side.condition,
        "value": side.cell.value.as_ref().ok().map(|value| decimal(*value)),
        "numerator": number(side.cell.numerator),
        "denominator": number(side.cell.denominator),
        "n": side.cell.n,
    })
}

fn interval(interval: Option<Interval>) -> Value {
    interval.map_or(Value::Null, |i| json!({ "low": i.low(), "high": i.high(), "confidence": 0.95 }))
}

fn segments(along: &Along) -> Vec<Value> {
    let segment = |(at, effect): (usize, &Effect<Vec<Key>>)| {
        json!({
            "is": keys(along, effect),
            "presence": presence(effect.presence),
            "rate": effect.rate,
            "mix": effect.mix,
            "total": effect.total,
            "own": effect.own,
            "interval": interval(along.intervals.get(at).copied().flatten()),
            "sure": along.told.sure.get(at).copied().flatten(),
            "share_before": effect.shares.0,
            "share_now": effect.shares.1,
            "figure_before": effect.rates.0,
            "figure_now": effect.rates.1,
        })
    };
    along.whole.effects.iter().enumerate().map(segment).collect()
}

fn named(along: &Along) -> Vec<Value> {
    along.named().into_iter().map(|effect| keys(along, effect)).collect()
}

fn keys(along: &Along, effect: &Effect<Vec<Key>>) -> Value {
    let pairs = along.by.iter().zip(&effect.key).map(|(name, key)| (name.clone(), key_value(key)));
    Value::Object(pairs.collect::<Map<_, _>>())
}

const fn presence(presence: Presence) -> &'static str {
    match presence {
        Presence::Both => "both",
        Presence::New => "new",
        Presence::Gone => "gone",
        Presence::Nowhere => "nowhere",
        Presence::WithoutBottom => "without_denominator",
    }
}

fn looked(one: &Looked) -> Value {
    match &one.tells {
        Ok(tells) => json!({ "by": one.by, "tells": tells }),
        Err(why_not) => json!({ "by": one.by, "why_not": why_not }),
    }
}

//! A second dimension within a first: so that a caller number is not named for a list that it happened to call.

use dialmark_metrics::Key;
use dialmark_metrics::metric::Unit;
use dialmark_stats::decompose::{Presence, Within};

use super::{Along, Words};

/// The change, by a first dimension, and what the figures of its values did by a second one within them.
#[derive(Debug, Clone)]
pub struct Nested {
    /// The first dimension.
    pub outer: String,
    /// The second.
    pub inner: String,
    /// The change, taken apart.
    pub within: Within<Key, Key>,
    /// The value of the first that did most by its own figure, and the change of that figure by the second dimension.
    pub deeper: Option<Deeper>,
}

/// One value of a first dimension, looked into.
#[derive(Debug, Clone)]
pub struct Deeper {
    /// The value.
    pub value: Key,
    /// The change of its own figure, by the second dimension.
    pub along: Along,
}

/// The four sums that a change comes to.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Sums {
    /// Shares of the values of the first dimension moved.
    pub outer_mix: f64,
    /// Figures of values of the first that have one on one side only.
    pub outer_left: f64,
    /// Figures of values of the second moved, within those of the first.
    pub inner_rate: f64,
    /// Shares of values of the second moved, within those of the first.
    pub inner_mix: f64,
}

impl Nested {
    /// What the change comes to; the four add up to it.
    pub fn sums(&self) -> Sums {
        let outer = &self.within.outer;
        let left = outer.effects.iter().filter(|effect| effect.presence != Presence::Both);
        Sums {
            outer_mix: outer.mix,
            outer_left: left.map(|effect| effect.rate).sum(),
            inner_rate: self.within.inner.iter().map(|one| one.rate).sum(),
            inner_mix: self.within.inner.iter().map(|one| one.mix).sum(),
        }
    }

    /// What was found, in sentences.
    pub fn sentences(&self, unit: Unit) -> Vec<String> {
        let words = Words(unit);
        let sums = self.sums();
        let mut all = vec![format!(
            "By {} within {}: {} because shares of {} moved, {} because shares of {} within it did, {} because figures of {} did.",
            self.inner,
            self.outer,
            words.signed(sums.outer_mix + sums.outer_left),
            self.outer,
            words.signed(sums.inner_mix),
            self.inner,
            words.signed(sums.inner_rate),
            self.inner
        )];
        if let Some(deeper) = &self.deeper {
            let value = match &deeper.value {
                Key::None => "none".to_owned(),
                key => key.to_string(),
            };
            let named = deeper.along.named();
            if named.is_empty() {
                all.push(format!(
                    "Within {} = {value} no single value of {} stands out from chance.",
                    self.outer, self.inner
                ));
            }
            all.extend(named.iter().map(|effect| {
                format!("Within {} = {value}: {}", self.outer, deeper.along.says(effect, unit))
            }));
        }
        all
    }
}

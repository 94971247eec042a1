//! Sentences that a manager can check.

use dialmark_metrics::metric::Unit;
use dialmark_metrics::{Key, Ratio};
use dialmark_stats::Interval;
use dialmark_stats::decompose::{Effect, Presence};

use super::{Along, Drawn, Why};

/// How figures of a unit are written. They are estimates: floats, rounded to what can be read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Words(pub Unit);

impl Words {
    /// A figure.
    pub fn figure(self, value: f64) -> String {
        match self.0 {
            Unit::Share => format!("{} %", digits(value * 100.0)),
            Unit::Duration => format!("{} s", digits(value / 1000.0)),
            Unit::Count | Unit::Money | Unit::Ratio | Unit::PerHour | Unit::Score => digits(value),
        }
    }

    /// The size of a difference: shares in points.
    fn size(self, value: f64) -> String {
        match self.0 {
            Unit::Share => format!("{} points", digits(value.abs() * 100.0)),
            Unit::Duration => format!("{} s", digits(value.abs() / 1000.0)),
            Unit::Count | Unit::Money | Unit::Ratio | Unit::PerHour | Unit::Score => digits(value.abs()),
        }
    }

    /// A difference with its sign.
    pub fn signed(self, value: f64) -> String {
        let sign = if value < 0.0 { "-" } else { "+" };
        format!("{sign}{}", self.size(value))
    }

    fn interval(self, interval: Interval) -> String {
        format!("{} to {}", self.signed(interval.low()), self.signed(interval.high()))
    }
}

/// Three digits that count, and at least two after the point for what is below one hundred.
fn digits(value: f64) -> String {
    let places = match value.abs() {
        size if size >= 1000.0 => 0,
        size if size >= 100.0 => 1,
        size if size >= 0.1 || size <= 0.0 => 2,
        size if size >= 0.01 => 3,
        _ => 4,
    };
    format!("{value:.places$}")
}

/// What happened and why, sentence by sentence: the change, what of it is rates and what is mix, each named segment, the rest.
pub fn sentences(why: &Why) -> Vec<String> {
    let words = Words(why.header.unit);
    let mut all = vec![change(why, words)];
    let chain = || why.chain.iter().flat_map(|chain| chain.sentences(why.header.unit));
    let Some(along) = &why.along else {
        if why.chain.is_none() {
            all.push("No dimension of the records can take it apart.".to_owned());
        }
        all.extend(chain());
        return all;
    };
    let name = along.by.join(" and ");
    all.push(format!(
        "By {name}: {} because figures of its values moved, {} because their shares did.",
        words.signed(along.whole.rate),
        words.signed(along.whole.mix)
    ));
    if along.whole.common.abs() > 0.0 {
        all.push(format!(
            "Nearly all moved by {} at least: that much of it belongs to no value of {name}.",
            words.signed(along.whole.common)
        ));
    }
    let named = along.named();
    all.extend(named.iter().map(|effect| along.says(effect, why.header.unit)));
    all.push(rest(along, named.len(), words));
    all.extend(why.nested.iter().flat_map(|nested| nested.sentences(why.header.unit)));
    all.extend(chain());
    all.push(match why.drawn {
        Drawn::Days(before, now) => {
            format!("What chance does was found by drawing {before} and {now} days again.")
        }
        Drawn::Hours(before, now) => format!(
            "What chance does was found by drawing {before} and {now} hours again: there are too few days."
        ),
        Drawn::TooFew => "There are too few days and hours to tell any of this from chance.".to_owned(),
    });
    all
}

fn change(why: &Why, words: Words) -> String {
    let figure =
        |value: Option<Ratio>| value.map_or("nothing".to_owned(), |value| words.figure(value.to_f64()));
    let (before, now) =
        (why.before.cell.value.as_ref().ok().copied(), why.now.cell.value.as_ref().ok().copied());
    let verb = match why.change {
        change if change > 0.0 => "rose",
        change if change < 0.0 => "fell",
        _ => return format!("{} stayed at {}.", why.header.label, figure(now)),
    };
    let doubt = match why.interval {
        None => String::new(),
        Some(interval) if interval.contains(0.0) => {
            format!(" ({}: chance alone may have done that)", words.interval(interval))
        }
        Some(interval) => format!(" ({})", words.interval(interval)),
    };
    format!(
        "{} {verb} from {} to {}: {}{doubt}.",
        why.header.label,
        figure(before),
        figure(now),
        words.signed(why.change)
    )
}

fn rest(along: &Along, named: usize, words: Words) -> String {
    let (others, total) = along.rest();
    match (named, others) {
        (0, _) => format!("No single value of {} stands out from chance.", along.by.join(" and ")),
        (_, 0) => "That is all of it.".to_owned(),
        (_, others) => format!("The other {others} come to {} together.", words.signed(total)),
    }
}

impl Along {
    /// What a segment has to do with the change, in a sentence: how much, and whether by its own figure or by its share.
    pub fn says(&self, effect: &Effect<Vec<Key>>, unit: Unit) -> String {
        let words = Words(unit);
        let own = |rate: Option<f64>| rate.map_or("none".to_owned(), |rate| words.figure(rate));
        let (share_before, share_now) = effect.shares;
        let (rate_before, rate_now) = effect.rates;
        let share = format!("its share went from {:.1} to {:.1} %", share_before * 100.0, share_now * 100.0);
        let how = match effect.presence {
            Presence::New => format!(
                "it is new, with {} % of all and a figure of {}",
                digits(share_now * 100.0),
                own(rate_now)
            ),
            Presence::Gone => format!(
                "it is gone; it had {} % of all and a figure of {}",
                digits(share_before * 100.0),
                own(rate_before)
            ),
            Presence::Both => {
                format!("{share}, its own figure from {} to {}", own(rate_before), own(rate_now))
            }
            Presence::Nowhere | Presence::WithoutBottom => {
                "on one side nothing stands under its line".to_owned()
            }
        };
        format!("{}: {}; {how}.", self.name_of(effect), words.signed(effect.total))
    }

    /// The values of a segment alone, as `NL-07`.
    pub fn value_of(&self, effect: &Effect<Vec<Key>>) -> String {
        let named = effect.key.iter().map(|key| match key {
            Key::None => "none".to_owned(),
            key => key.to_string(),
        });
        named.collect::<Vec<_>>().join(", ")
    }

    /// A segment as `list_id = NL-07`.
    pub fn name_of(&self, effect: &Effect<Vec<Key>>) -> String {
        let named = self.by.iter().zip(&effect.key).map(|(dimension, key)| {
            let key = key.to_string();
            format!("{dimension} = {}", if key.is_empty() { "none" } else { &key })
        });
        named.collect::<Vec<_>>().join(", ")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn figures_keep_the_digits_that_count() {
        for (value, text) in [
            (0.0, "0.00"),
            (2.4, "2.40"),
            (0.065, "0.065"),
            (0.0012, "0.0012"),
            (148.25, "148.2"),
            (21_000.4, "21000"),
        ] {
            assert_eq!(digits(value), text);
        }
        assert_eq!(Words(Unit::Share).figure(0.0173), "1.73 %");
        assert_eq!(Words(Unit::Share).signed(-0.0067), "-0.67 points");
        assert_eq!(Words(Unit::Duration).signed(3_200.0), "+3.20 s");
        assert_eq!(Words(Unit::PerHour).figure(6.4), "6.40");
    }
}

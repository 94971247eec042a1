//! The own figure in the words of benchmarks.

use dialmark_metrics::metric::{Formula, Unit};
use dialmark_metrics::{Catalogue, Direction, MetricRef, Params};

use super::profile::Profile;
use super::vocabulary::{Vocabulary, Word, Worth};

/// A metric, as it was computed, with everything that decides what may be compared with it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Asked {
    /// The metric.
    pub metric: String,
    /// The variant that was computed.
    pub variant: String,
    /// Name to show.
    pub label: String,
    /// How the value is to be read.
    pub unit: Unit,
    /// ISO 4217 code of money.
    pub currency: Option<String>,
    /// Which way is better.
    pub direction: Direction,
    /// Parameters that its formula uses.
    pub params: Params,
    /// What it counts and what it divides by; `None` when that is not declared.
    pub counts: Option<(Word, Word)>,
    /// What each one of what it counts would have been, when it counts losses: a dropped call a conversation.
    pub instead_of: Option<Word>,
    /// What a change of what it counts is worth at once.
    pub worth: Option<Worth>,
    /// Factor of the last division, such as 365 for a yearly rate; 1 for none.
    pub times: i64,
    /// Whether it is a plain sum, which grows with the centre and the period.
    pub is_sum: bool,
    /// Of what kind the work is.
    pub profile: Profile,
}

impl Asked {
    /// The metric as a question names it, over records of this profile. An error is a sentence.
    pub fn of(
        wanted: &MetricRef,
        catalogue: &Catalogue,
        vocabulary: &Vocabulary,
        currency: Option<&str>,
        profile: Profile,
    ) -> Result<Asked, String> {
        let resolved = catalogue.resolve(wanted)?;
        let (metric, variant) = (resolved.metric, resolved.variant);
        let counts = vocabulary.of_variant(metric, variant);
        let worth = counts.as_ref().and_then(|(outcome, _)| vocabulary.worth(outcome));
        let instead_of = counts.as_ref().and_then(|(outcome, _)| vocabulary.instead_of(outcome)).cloned();
        Ok(Asked {
            metric: metric.id.clone(),
            variant: variant.id.clone(),
            label: metric.label.clone(),
            unit: metric.unit,
            currency: currency.filter(|_| metric.unit == Unit::Money).map(str::to_owned),
            direction: metric.direction,
            params: catalogue.heeded(variant, &resolved.params),
            counts,
            instead_of,
            worth,
            times: times(&variant.formula),
            is_sum: matches!(variant.formula, Formula::Simple { .. }),
            profile,
        })
    }
}

/// Factor of a formula's last division.
pub(crate) const fn times(formula: &Formula) -> i64 {
    match formula {
        Formula::Ratio { times, .. } => *times,
        _ => 1,
    }
}

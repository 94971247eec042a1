//! How far key results and objectives have come.

use dialmark_metrics::{Exact, Ratio};

use super::{KeyResult, Objective};

/// What stands beside an objective's progress.
pub const MEAN: &str = "The progress of an objective is the mean of its key results', each counted from nothing to the whole: what is \
     reached twice over does not make up for what is not reached. It is no ratio of counts, and every key result weighs \
     the same.";

/// How far a key result has come.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Progress {
    /// The part of its way: below nothing when it went the wrong way, above 1 when it went beyond.
    pub exact: Ratio,
    /// The same from 0 to 1, which is what counts for the objective.
    pub counted: Ratio,
}

/// How far an objective has come.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ObjectiveProgress {
    /// Its key results, in their order: the KPI, and its progress where the KPI has a value.
    pub results: Vec<(String, Option<Progress>)>,
    /// The mean of what counts ([`MEAN`]), or why there is none, in a sentence.
    pub mean: Result<Ratio, String>,
}

/// The part of its way that a key result has come, `(now - from) / (to - from)`; `None` when a part does not fit 128 bits.
pub fn progress(result: &KeyResult, now: Ratio) -> Option<Progress> {
    let exact = now.minus(result.from)?.over(result.to.minus(result.from)?)?;
    let whole = Ratio::exact(Exact::integer(1))?;
    Some(Progress { exact, counted: exact.clamp(Ratio::ZERO, whole) })
}

/// How far an objective has come; `now` gives a KPI's present value, in its unit. While a key result has none, neither
/// has the objective: no data is not no progress.
pub fn objective_progress(objective: &Objective, now: &dyn Fn(&str) -> Option<Ratio>) -> ObjectiveProgress {
    let results: Vec<(String, Option<Progress>)> = objective
        .key_results
        .iter()
        .map(|result| (result.kpi.clone(), now(&result.kpi).and_then(|now| progress(result, now))))
        .collect();
    let silent: Vec<&str> =
        results.iter().filter(|(_, progress)| progress.is_none()).map(|(kpi, _)| kpi.as_str()).collect();
    let mean = match silent.is_empty() {
        true => mean(&results).ok_or_else(|| "A number on the way does not fit 128 bits.".to_owned()),
        false => Err(format!("There is no value of {} yet.", silent.join(", "))),
    };
    ObjectiveProgress { results, mean }
}

fn mean(results: &[(String, Option<Progress>)]) -> Option<Ratio> {
    let counted = results.iter().filter_map(|(_, progress)| progress.map(|progress| progress.counted));
    let sum = counted.into_iter().try_fold(Ratio::ZERO, Ratio::plus)?;
    sum.over(Ratio::exact(Exact::integer(i128::try_from(results.len()).ok()?))?)
}

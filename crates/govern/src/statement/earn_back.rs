//! Penalties of earlier periods that are returned, because the service level was met ever since.

use super::inputs::Inputs;
use super::line::{Line, LineKind, LineRef};
use super::service_levels::Judged;
use crate::contract::{BillingPeriod, Contract, ServiceLevel};

/// A line for each penalty whose last period of proof is this one.
pub(super) fn lines(contract: &Contract, inputs: &Inputs, judged: &[Judged]) -> Vec<Line> {
    let levels = contract.service_levels.iter();
    levels.filter_map(|level| one(level, inputs, judged)).collect()
}

fn one(level: &ServiceLevel, inputs: &Inputs, judged: &[Judged]) -> Option<Line> {
    let periods = level.earn_back?;
    let missed_in = inputs.period.following(-i32::from(periods))?;
    let missed = earlier(level, inputs, missed_in)?;
    let is_contradicted =
        inputs.earlier.iter().any(|other| is_of(level, other, missed_in) && other != missed);
    if missed.penalty.is_zero() && !is_contradicted {
        return None;
    }
    let line = Line {
        id: format!("{}.{}.{missed_in}", LineKind::EarnBack.word(), level.name),
        base: Some(missed.penalty.clone()),
        about: Some(LineRef {
            period: missed_in,
            line: format!("{}.{}", LineKind::ServiceLevel.word(), level.name),
        }),
        ..Line::new(LineKind::EarnBack, &level.name)
    };
    if is_contradicted {
        return Some(line.open(format!(
            "How `{}` was judged in {missed_in} was handed in twice with different values.",
            level.name
        )));
    }
    let now = judged.iter().find(|other| other.outcome.service_level == level.name);
    let mut since = vec![(inputs.period, now.and_then(|now| now.outcome.met))];
    for n in 1..i32::from(periods) {
        let period = missed_in.following(n)?;
        since.push((period, earlier(level, inputs, period).and_then(|earlier| earlier.met)));
    }
    since.sort();
    if since.iter().any(|(_, met)| *met == Some(false)) {
        return None;
    }
    let names = |met: Option<bool>| -> Vec<String> {
        since.iter().filter(|(_, known)| *known == met).map(|(period, _)| period.to_string()).collect()
    };
    let unknown = names(None);
    if !unknown.is_empty() {
        return Some(line.open(format!(
            "The penalty of {} of {missed_in} is returned if `{}` was met in {}, which is not known.",
            missed.penalty,
            level.name,
            super::says::listed(&unknown)
        )));
    }
    let says = format!(
        "The penalty of {} of {missed_in} is returned: `{}` was met in {}.",
        missed.penalty,
        level.name,
        super::says::listed(&names(Some(true)))
    );
    Some(Line { amount: Some(missed.penalty.clone()), says, ..line })
}

fn earlier<'a>(
    level: &ServiceLevel,
    inputs: &'a Inputs,
    period: BillingPeriod,
) -> Option<&'a super::Earlier> {
    inputs.earlier.iter().find(|earlier| is_of(level, earlier, period))
}

fn is_of(level: &ServiceLevel, earlier: &super::Earlier, period: BillingPeriod) -> bool {
    earlier.period == period && earlier.service_level == level.name
}

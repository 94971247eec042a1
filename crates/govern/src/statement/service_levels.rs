//! Lines of service levels, and what agreed exclusions take off their penalties.

use dialmark_metrics::Ratio;
use dialmark_metrics::metric::Unit;

use super::figures::{Figures, Found};
use super::inputs::Inputs;
use super::line::{Line, LineKind};
use super::{Outcome, exclusions, says};
use crate::Money;
use crate::contract::{Band, Contract, Counts, Effect, Ends, Linear, Scale, ServiceLevel};

/// A service level that counts in the period.
pub(super) struct Judged {
    pub outcome: Outcome,
    /// Its own line, then reliefs, then what the contract's cap takes off.
    pub lines: Vec<Line>,
    /// Penalty (below zero) or bonus after reliefs; `None` when it is not known.
    pub net: Option<Money>,
}

/// Judges each service level that counts on some day of the period.
pub(super) fn judge(
    contract: &Contract,
    inputs: &Inputs,
    figures: &Figures<'_>,
    prices: &[Line],
) -> Vec<Judged> {
    let levels = contract.service_levels.iter();
    levels.filter_map(|level| one(level, contract, inputs, figures, prices)).collect()
}

fn one(
    level: &ServiceLevel,
    contract: &Contract,
    inputs: &Inputs,
    figures: &Figures<'_>,
    prices: &[Line],
) -> Option<Judged> {
    let need = level.need(inputs.period)?;
    let line = Line::new(LineKind::ServiceLevel, &level.name);
    let all_records = figures.of(&need, &level.of);
    let without = contract.need_without(level, inputs.period, inputs.today);
    let counted = match &without {
        Some(need) => figures.of(need, &level.of).map(|found| (found, true)),
        None => all_records.clone().map(|found| (found, false)),
    };
    let mut outcome = Outcome { service_level: level.name.clone(), met: None, returned_with: None };
    let open = |outcome: Outcome, why: String| {
        let why = format!("{why} Nothing is paid or deducted for it, and the statement is not complete.");
        Some(Judged { outcome, lines: vec![line.clone().open(why)], net: None })
    };
    let (found, is_without) = match counted {
        Ok(counted) => counted,
        Err(why) => return open(outcome, why),
    };
    let Some(verdict) = Verdict::of(level, inputs, found.value) else {
        return open(outcome, says::too_large(&need.metric));
    };
    outcome.met = Some(verdict.stated >= Ratio::ZERO);
    let base = match base(level, prices, &contract.currency) {
        Ok(base) => base,
        Err(why) => return open(outcome, why),
    };
    let currency = contract.currency.as_str();
    let amount = verdict.share.times(base.ratio()).and_then(|v| Some((v, Money::rounded(v, currency)?)));
    let Some((value, amount)) = amount else { return open(outcome, says::too_large(&need.metric)) };

    let mut says = format!("{} was {}", level.of.label, shown(&found, level, currency));
    if is_without {
        says.push_str(&left_out(level, contract, inputs, all_records.as_ref().ok(), currency));
    }
    says.push_str(&format!(", {}: {}", reached(level, found.value, currency), verdict.says(level)));
    let of = match level.of_prices.as_slice() {
        [] => "all prices".to_owned(),
        named => says::listed(named),
    };
    says.push_str(&format!(" of {base} ({of}) = {}.{}", says::result(value, &amount), found.aside));
    let own = Line {
        quantity: Some(found.value.to_string()),
        rate: Some(verdict.share.to_string()),
        base: Some(base),
        amount: Some(amount.clone()),
        says,
        ..line
    };
    let mut lines = vec![own];
    let (reliefs, net) = reliefs(level, contract, inputs, &amount);
    lines.extend(reliefs);
    if net.ratio() < Ratio::ZERO {
        outcome.returned_with = level.earn_back.and_then(|n| inputs.period.following(i32::from(n)));
    }
    Some(Judged { outcome, lines, net: Some(net) })
}

/// What a figure pays, step by step.
struct Verdict {
    /// As the scale says.
    stated: Ratio,
    /// Within the cap of the service level.
    capped: Ratio,
    /// Whether a penalty is not due because of the grace.
    is_in_grace: bool,
    /// After grace and weight: the share of the base.
    share: Ratio,
}

impl Verdict {
    fn of(level: &ServiceLevel, inputs: &Inputs, figure: Ratio) -> Option<Verdict> {
        let stated = level.scale.pays(figure)?;
        let capped = level.cap.limit(stated)?;
        let is_in_grace = capped < Ratio::ZERO && level.is_in_grace(inputs.period);
        let due = if is_in_grace { Ratio::ZERO } else { capped };
        let share = match level.weight {
            None => due,
            Some(weight) => due.times(weight)?,
        };
        Some(Verdict { stated, capped, is_in_grace, share })
    }

    /// Such as `-5 %, capped at -4 %, times the weight 0.4: -1.6 %`, or `-5 %` alone.
    fn says(&self, level: &ServiceLevel) -> String {
        let mut says = says::per_cent(self.stated);
        let is_plain = self.capped == self.stated && !self.is_in_grace && level.weight.is_none();
        if is_plain {
            return says;
        }
        if self.capped != self.stated {
            says.push_str(&format!(", capped at {}", says::per_cent(self.capped)));
        }
        if self.is_in_grace {
            let until = level.grace_until.map_or_else(String::new, |day| format!(" before {day}"));
            says.push_str(&format!(
                ", not due in a period that begins{until}, within the grace after go-live"
            ));
        }
        if let Some(weight) = level.weight {
            says.push_str(&format!(", times the weight {}", says::exact(weight)));
        }
        format!("{says}: {}", says::per_cent(self.share))
    }
}

/// The sum of the prices that a service level is a share of, as far as they are paid in the period.
fn base(level: &ServiceLevel, prices: &[Line], currency: &str) -> Result<Money, String> {
    let counts = |line: &&Line| level.of_prices.is_empty() || level.of_prices.contains(&line.name);
    let mut sum = Money::zero(currency);
    for line in prices.iter().filter(counts) {
        let Some(amount) = &line.amount else {
            return Err(format!("`{}` is a share of `{}`, which has no amount.", level.name, line.id));
        };
        sum = sum.plus(amount).ok_or_else(|| format!("`{}` is a share of too large a sum.", level.name))?;
    }
    // A penalty on less than nothing would be paid to whom it is to cost.
    Ok(if sum.ratio() < Ratio::ZERO { Money::zero(currency) } else { sum })
}

/// The figure with what it was divided from.
fn shown(found: &Found<'_>, level: &ServiceLevel, currency: &str) -> String {
    let value = says::figure(found.value, level.of.unit, currency, &level.scale.edges());
    let figure = found.figure;
    match (&figure.numerator, &figure.denominator) {
        (Some(top), Some(bottom)) if level.of.unit == Unit::Share => format!("{value} ({top} of {bottom})"),
        _ => format!("{value} (n = {})", figure.n),
    }
}

/// What was left out, and what the figure would have been.
fn left_out(
    level: &ServiceLevel,
    contract: &Contract,
    inputs: &Inputs,
    all_records: Option<&Found<'_>>,
    currency: &str,
) -> String {
    let exclusions = contract.exclusions_of(level, inputs.period).into_iter();
    let names: Vec<String> = exclusions
        .filter(|exclusion| exclusion.effect == Effect::LeaveOut && exclusion.agreed.by_both(inputs.today))
        .map(|exclusion| format!("`{}`", exclusion.name))
        .collect();
    let with_all = match all_records {
        Some(found) => format!("with all records it was {}", shown(found, level, currency)),
        None => "with all records it has no value".to_owned(),
    };
    format!(" without the time of {} ({with_all})", says::listed(&names))
}

/// Which step a figure reached, or how far it is from the target.
fn reached(level: &ServiceLevel, figure: Ratio, currency: &str) -> String {
    let value = |value: Ratio| says::figure(value, level.of.unit, currency, &[]);
    match &level.scale {
        Scale::Steps(bands) => match bands.iter().find(|band| band.holds(figure)) {
            Some(band) => range(band, &value),
            None => "in none of the steps".to_owned(),
        },
        Scale::Linear(linear) => points(linear, figure, &value),
    }
}

fn range(band: &Band, value: &dyn Fn(Ratio) -> String) -> String {
    let (low, high) = match band.ends {
        Ends::FromBelow => ("from", "below"),
        Ends::AboveUpTo => ("above", "up to"),
    };
    let low = band.low.map(|at| format!("{low} {}", value(at)));
    let high = band.high.map(|at| format!("{high} {}", value(at)));
    let ends: Vec<String> = [low, high].into_iter().flatten().collect();
    if ends.is_empty() { "whatever it is".to_owned() } else { ends.join(" and ") }
}

fn points(linear: &Linear, figure: Ratio, value: &dyn Fn(Ratio) -> String) -> String {
    let exactly = Linear { counts: Counts::Exact, ..*linear }.points(figure);
    let counted = linear.points(figure);
    let (Some(exactly), Some(counted)) = (exactly, counted) else { return String::new() };
    let size = |points: Ratio| {
        if points < Ratio::ZERO { Ratio::ZERO.minus(points).unwrap_or(points) } else { points }
    };
    let way = if exactly < Ratio::ZERO { "worse" } else { "better" };
    let counts = match linear.counts {
        Counts::Full => format!(", of which whole ones count: {}", says::exact(size(counted))),
        Counts::Started => format!(", and those begun count: {}", says::exact(size(counted))),
        Counts::Exact => String::new(),
    };
    format!(
        "{} points of {} {way} than the target of {}{counts}, {} each",
        says::exact(size(exactly)),
        value(linear.per),
        value(linear.target),
        says::per_cent(linear.pays)
    )
}

/// What agreed exclusions take off a penalty: each its share of the whole penalty, all together at most the penalty.
/// With it comes what is left.
fn reliefs(
    level: &ServiceLevel,
    contract: &Contract,
    inputs: &Inputs,
    penalty: &Money,
) -> (Vec<Line>, Money) {
    let mut net = penalty.clone();
    let mut lines = Vec::new();
    if penalty.ratio() >= Ratio::ZERO {
        return (lines, net);
    }
    for exclusion in contract.exclusions_of(level, inputs.period) {
        let Effect::Relief(share) = exclusion.effect else { continue };
        if !exclusion.agreed.by_both(inputs.today) {
            continue;
        }
        let line = Line {
            id: format!("{}.{}.{}", LineKind::Relief.word(), exclusion.name, level.name),
            ..Line::new(LineKind::Relief, &exclusion.name)
        };
        let size = Ratio::ZERO.minus(penalty.ratio());
        let relief = size.and_then(|size| size.times(share));
        let off = relief.and_then(|relief| Some((relief, Money::rounded(relief, penalty.currency())?)));
        let left = off.as_ref().and_then(|(_, money)| net.plus(money));
        let (Some((relief, money)), Some(left)) = (off, left) else {
            lines.push(line.open(says::too_large(&level.of.metric)));
            continue;
        };
        let mut says = format!(
            "{} {} of the penalty of {} is taken off: {}",
            exclusions::sentence(exclusion),
            says::per_cent(share),
            positive(penalty),
            says::result(relief, &money)
        );
        let amount = match left.ratio() > Ratio::ZERO {
            false => money,
            true => {
                // More than the whole penalty is never returned.
                let rest = positive(&net);
                says.push_str(&format!(", of which {rest} is left"));
                rest
            }
        };
        says.push('.');
        net = net.plus(&amount).unwrap_or(net);
        lines.push(Line {
            rate: Some(share.to_string()),
            base: Some(positive(penalty)),
            amount: Some(amount),
            says,
            ..line
        });
    }
    (lines, net)
}

fn positive(penalty: &Money) -> Money {
    Money::zero(penalty.currency()).minus(penalty).unwrap_or_else(|| penalty.clone())
}

//! How calls stand against the rules, in sentences.

use dialmark_metrics::Ratio;

use super::{Asks, Budget, Entry, Estimate, Found, Parts, Share, Windowed};

/// What is said once wherever rules are shown.
pub const NOT_ADVICE: &str =
    "This is no legal advice: each rule says where it was read and how sure that is.";

/// The kind of a rule, as it is written.
pub const fn kind_word(asks: &Asks) -> &'static str {
    match asks {
        Asks::Abandoned(_) => "abandoned",
        Asks::Attempts { .. } => "attempts",
        Asks::Rest { .. } => "rest",
        Asks::Hours { .. } => "hours",
        Asks::NoRedial { .. } => "no_redial",
        Asks::NotListed { .. } => "not_listed",
        Asks::Consent { .. } => "consent",
    }
}

/// How calls stand against a rule: what was found, what is left, what cannot be judged.
pub fn sentences(entry: &Entry) -> Vec<String> {
    let mut all = match &entry.found {
        Found::Shares(shares) => shares.iter().flat_map(|share| of_share(entry, share)).collect(),
        Found::Calls(violations) if violations.judged == 0 => Vec::new(),
        Found::Calls(violations) => {
            let judged = grouped(violations.judged);
            vec![match violations.total {
                0 => format!("None of {judged} calls broke it."),
                1 => format!("1 of {judged} calls broke it."),
                total => format!("{} of {judged} calls broke it.", grouped(total)),
            }]
        }
    };
    all.extend(entry.unjudged.iter().map(|one| one.says.clone()));
    if all.is_empty() {
        all.push("There are no calls that it is about.".to_owned());
    }
    all
}

fn of_share(entry: &Entry, share: &Share) -> Vec<String> {
    let campaign = share.campaign.as_deref().unwrap_or("no campaign");
    let limit = entry.rule.limit();
    let against = limit.map_or(String::new(), |limit| format!(", at most {}", percent(limit)));
    let mut all = vec![format!("{campaign}: {} {}{against}.", stretch(&share.now), of(share.now.parts))];
    if let Some(budget) = share.budget {
        all.push(format!("{campaign}: {}", left(budget)));
    }
    match (share.over.as_slice(), &share.worst) {
        ([], Some(worst)) if limit.is_none() && *worst != share.now && worst.parts.lost > 0 => {
            all.push(format!("{campaign}: the highest was {} {}.", stretch(worst), of(worst.parts)));
        }
        ([], _) => {}
        ([one], _) => all.push(format!("{campaign}: over the limit {} {}.", stretch(one), of(one.parts))),
        (several, Some(worst)) => all.push(format!(
            "{campaign}: over the limit in {} windows, most {} {}.",
            several.len(),
            stretch(worst),
            of(worst.parts)
        )),
        (several, None) => all.push(format!("{campaign}: over the limit in {} windows.", several.len())),
    }
    all.extend(share.estimate.as_ref().map(|estimate| format!("{campaign}: {}", estimated(estimate))));
    all
}

fn estimated(estimate: &Estimate) -> String {
    let Parts { lost: machines, base } = estimate.machines;
    let Some(rate) = estimate.rate else {
        return "no rate with estimated machines: there is nothing to estimate it from.".to_owned();
    };
    let doubt = estimate.interval.map_or(String::new(), |interval| {
        format!(", at 95 % between {:.2} and {:.2} %", interval.low() * 100.0, interval.high() * 100.0)
    });
    format!(
        "without the machines that will be among the abandoned, {}. The estimate: agents met {} machines on the {} calls that they were given{doubt}.",
        percent(rate),
        grouped(machines),
        grouped(base),
    )
}

/// What is left, as of now and for the day.
fn left(budget: Budget) -> String {
    let now = match budget.left {
        left if left < 0 => format!("{} too many already", grouped(left.unsigned_abs())),
        left => format!("{} more may be abandoned", grouped(left.unsigned_abs())),
    };
    match (budget.expected, budget.left_today) {
        (Some(expected), Some(today)) if expected > 0 => {
            let then = match today {
                today if today < 0 => format!("still {} too many", grouped(today.unsigned_abs())),
                today => grouped(today.unsigned_abs()),
            };
            format!(
                "{now}; at today's volume, {} more of the base until the end of the day, {then}.",
                grouped(expected)
            )
        }
        (None, _) => {
            format!("{now}; there is no such weekday before to tell what the rest of the day brings.")
        }
        _ => format!("{now}."),
    }
}

/// `1,722 of 63,776 (2.70 %)`.
fn of(parts: Parts) -> String {
    match parts.share() {
        Some(share) => format!("{} of {} ({})", grouped(parts.lost), grouped(parts.base), percent(share)),
        None => "no calls to divide by".to_owned(),
    }
}

fn stretch(window: &Windowed) -> String {
    let last = window.until.yesterday().unwrap_or(window.until);
    let days = match last == window.from {
        true => format!("on {}", window.from),
        false => format!("from {} to {last}", window.from),
    };
    window.number.map_or(days.clone(), |number| format!("{days} (period {number})"))
}

/// A share in per cent with two places, from its exact value.
fn percent(share: Ratio) -> String {
    let hundred = Ratio::parse("100").and_then(|hundred| share.times(hundred));
    let Some(value) = hundred else { return share.to_string() };
    format!("{} %", rounded(value))
}

/// Two places after the point, half away from zero; whole numbers without any.
fn rounded(value: Ratio) -> String {
    let (num, den) = value.parts();
    if den == 1 {
        return num.to_string();
    }
    let hundredths = num.checked_mul(200).and_then(|n| n.checked_add(den)).map(|n| n.div_euclid(den * 2));
    hundredths.map_or_else(|| value.decimal(2), |n| format!("{}.{:02}", n / 100, n % 100))
}

/// A whole number with a comma between thousands.
pub fn grouped(number: u64) -> String {
    let digits = number.to_string();
    let mut text = String::with_capacity(digits.len() + digits.len() / 3);
    for (at, digit) in digits.chars().enumerate() {
        if at > 0 && (digits.len() - at).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::calling::Opens;
    use jiff::civil::date;

    #[test]
    fn a_budget_says_what_is_left_now_and_for_the_day() {
        let budget =
            Budget { left: 192, today: Parts::default(), expected: Some(1_000), left_today: Some(222) };
        assert_eq!(
            left(budget),
            "192 more may be abandoned; at today's volume, 1,000 more of the base until the end of the day, 222."
        );
        assert_eq!(left(Budget { expected: Some(0), ..budget }), "192 more may be abandoned.");
        let passed = Budget { left: -40, left_today: Some(-10), ..budget };
        assert!(
            left(passed).starts_with("40 too many already;") && left(passed).ends_with("still 10 too many.")
        );
    }

    #[test]
    fn shares_are_rounded_once() {
        assert_eq!(of(Parts { lost: 1_722, base: 63_776 }), "1,722 of 63,776 (2.70 %)");
        assert_eq!(of(Parts { lost: 3, base: 100 }), "3 of 100 (3 %)");
        assert_eq!(of(Parts::default()), "no calls to divide by");
        let window = Windowed {
            from: date(2026, 10, 20),
            until: date(2026, 11, 19),
            number: Some(2),
            parts: Parts::default(),
            opens: Opens {
                metric: None,
                condition: None,
                from: jiff::Timestamp::UNIX_EPOCH,
                to: jiff::Timestamp::UNIX_EPOCH,
            },
        };
        assert_eq!(stretch(&window), "from 2026-10-20 to 2026-11-18 (period 2)");
        assert_eq!(stretch(&Windowed { until: date(2026, 10, 21), number: None, ..window }), "on 2026-10-20");
    }
}

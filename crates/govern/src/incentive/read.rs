//! Reading `[incentive.NAME]`.

use dialmark_metrics::{Catalogue, Ratio};
use dialmark_model::declared::{Section, Value};

use super::plan::{Clawback, Negative, Plan, TakenBack};
use super::read_part;
use crate::contract::Billing;
use crate::reading::{self, choice, missing};

const PERIODS: [(&str, Billing); 2] = [("month", Billing::Month), ("quarter", Billing::Quarter)];

/// The word for taking back what was paid.
const AS_PAID: &str = "as_paid";

impl Plan {
    /// Reads `[incentive.NAME]`; what is wrong is reported, and then there is no plan.
    pub fn read(section: &Section<'_>, name: &str, catalogue: &Catalogue) -> Option<Plan> {
        let sound = reading::is_sound(section, "", name);
        let label = reading::label(section, name);
        let who = reading::place(section, "who", catalogue);
        let currency = reading::currency(section, "currency");
        let period = or_default(section, "period", &PERIODS, Billing::Month);
        let days = reading::days(section);
        let cap = cap(section);
        let had_clawback = section.has("clawback");
        let clawback = section.section("clawback").map(|inner| clawback(&inner));
        if had_clawback && !section.has("negative") {
            let all = reading::quoted(Negative::ALL.iter().map(|(word, _)| *word));
            missing(section, "negative", &format!("what becomes of a sum below zero, one of {all}"));
        }
        let negative = or_default(section, "negative", &Negative::ALL, Negative::CarriedOver);
        let inner = section.sections("part");
        if inner.is_empty() {
            missing(section, "part", "what is paid for, each as `[[incentive.NAME.part]]`");
        }
        let mut names = Vec::new();
        let parts: Vec<_> = inner.iter().map(|part| read_part::read(part, &mut names, catalogue)).collect();
        section.finish();
        let whole = !parts.is_empty() && (!had_clawback || (section.has("negative") && clawback.is_some()));
        Some(Plan {
            name: (sound && whole).then(|| name.to_owned())?,
            label,
            who: who?,
            currency: currency?,
            period: period?,
            days: days?,
            parts: parts.into_iter().collect::<Option<_>>()?,
            cap: cap?,
            clawback: match clawback {
                None => None,
                Some(clawback) => Some(clawback?),
            },
            negative: negative?,
            declared_in: section.file().to_owned(),
            line: section.line(),
        })
    }
}

/// A word, or what is meant without one; `None` when it is another word.
pub(super) fn or_default<T: Copy>(
    section: &Section<'_>,
    key: &str,
    all: &[(&'static str, T)],
    default: T,
) -> Option<T> {
    let found = choice(section, key, all);
    if section.has(key) { found } else { Some(default) }
}

/// The cap: `Some(None)` when there is none, `None` when it is wrong.
fn cap(section: &Section<'_>) -> Option<Option<Ratio>> {
    let cap = reading::amount(section, "cap");
    match (section.has("cap"), cap) {
        (true, None) => None,
        (true, Some(cap)) if cap.is_zero() => {
            section.error(
                "cap",
                "nothing would ever be paid.",
                Some("Remove it, or write an amount.".to_owned()),
            );
            None
        }
        (_, cap) => Some(cap),
    }
}

fn clawback(section: &Section<'_>) -> Option<Clawback> {
    let each = match section.node("each").map(|node| &node.value) {
        None => {
            missing(section, "each", "the amount taken back for a cancelled sale, or `\"as_paid\"`");
            None
        }
        Some(Value::Text(word)) if word == AS_PAID => Some(TakenBack::AsPaid),
        Some(Value::Text(word)) => {
            let help = Some("Write an amount such as `4.00`, or `\"as_paid\"`.".to_owned());
            section.error("each", format!("`{word}` is not known here."), help);
            None
        }
        Some(_) => reading::amount(section, "each").map(TakenBack::Amount),
    };
    let had_within = section.has("within");
    let within = reading::length_days(section, "within");
    section.finish();
    Some(Clawback { each: each?, within_days: if had_within { Some(within?) } else { None } })
}

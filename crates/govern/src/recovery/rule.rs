//! `[recovery.NAME]`: which answers of a survey are negative, who calls back, and how soon.

use dialmark_metrics::metric::Unit;
use dialmark_metrics::{Catalogue, Exact, Ratio};
use dialmark_model::declared::Section;
use jiff::Timestamp;

use super::item::ItemId;
use crate::person::People;
use crate::place::Place;
use crate::reading::{self, missing};
use crate::value;

/// Most tries to reach a customer, where a rule does not say.
const TRIES: u32 = 3;

/// A rule that turns negative answers into call backs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Recovery {
    /// Name, as in `[recovery.NAME]`.
    pub name: String,
    /// Name to show.
    pub label: String,
    /// Survey that it listens to, compared without regard to case.
    pub survey: String,
    /// Whose conversations.
    pub who: Place,
    /// Scale of the answers; answers on another scale cannot be judged.
    pub scale: Scale,
    /// Answers up to this score are negative.
    pub at_most: Ratio,
    /// From the answer to the call back, in milliseconds.
    pub call_back_within_ms: u64,
    /// Who sees to it.
    pub owner: String,
    /// Tries in vain after which the customer may be given up.
    pub tries: u32,
    /// File in which it is declared.
    pub declared_in: String,
    /// Line of the declaration.
    pub line: usize,
}

/// Lowest and highest possible score.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Scale {
    /// Lowest.
    pub from: Ratio,
    /// Highest.
    pub to: Ratio,
}

/// An answer to a survey.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SurveyAnswer {
    /// How it is known.
    pub id: ItemId,
    /// The survey.
    pub survey: String,
    /// Where it belongs: client, campaign, agent, as far as they are known.
    pub place: Place,
    /// When it was answered.
    pub answered_at: Timestamp,
    /// The score.
    pub score: Option<Exact>,
    /// Scale of the score, if the source says it.
    pub scale: Option<(Exact, Exact)>,
}

/// What a rule says of an answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Judged {
    /// It is another survey's, or another place's.
    NotMine,
    /// The customer is content, or in between.
    Content,
    /// The customer is to be called back.
    Negative,
    /// There is no score, or its scale is not the rule's.
    Undecided,
}

impl Recovery {
    /// Reads `[recovery.NAME]`; what is wrong is reported, and then there is no rule. For the survey `nps`, detractors
    /// (0 to 6 of 10, source D) are negative unless something else is said.
    pub fn read(
        section: &Section<'_>,
        name: &str,
        catalogue: &Catalogue,
        people: &People,
    ) -> Option<Recovery> {
        let sound = reading::is_sound(section, "", name);
        let label = reading::label(section, name);
        let survey = section.required_text("survey", "the survey, such as `nps` or `csat`");
        let is_nps = survey.as_ref().is_some_and(|survey| survey.eq_ignore_ascii_case("nps"));
        let who = reading::place(section, "who", catalogue);
        let scale = scale(section, is_nps);
        let at_most = at_most(section, is_nps);
        let is_sensible = splits_the_scale(section, at_most, scale);
        let within = within(section);
        let owner = people.owner(section, "rule", true);
        let had_tries = section.has("tries");
        let tries = reading::whole(section, "tries", 1);
        section.finish();
        Some(Recovery {
            name: (sound && is_sensible).then(|| name.to_owned())?,
            label,
            survey: survey?,
            who: who?,
            scale: scale?,
            at_most: at_most?,
            call_back_within_ms: within?,
            owner: owner?,
            tries: if had_tries { tries? } else { TRIES },
            declared_in: section.file().to_owned(),
            line: section.line(),
        })
    }

    /// What the rule says of an answer.
    pub(super) fn judge(&self, answer: &SurveyAnswer) -> Judged {
        if !self.survey.eq_ignore_ascii_case(&answer.survey) || !self.who.holds(&answer.place) {
            return Judged::NotMine;
        }
        let exact = |value: Exact| Ratio::exact(value);
        let scale = answer.scale.and_then(|(from, to)| Some(Scale { from: exact(from)?, to: exact(to)? }));
        match (answer.score.and_then(exact), scale) {
            (Some(score), Some(scale)) if scale == self.scale && score >= scale.from && score <= scale.to => {
                if score <= self.at_most {
                    Judged::Negative
                } else {
                    Judged::Content
                }
            }
            _ => Judged::Undecided,
        }
    }
}

/// Whether some answers would be negative and others not.
fn splits_the_scale(section: &Section<'_>, at_most: Option<Ratio>, scale: Option<Scale>) -> bool {
    let (Some(at_most), Some(Scale { from, to })) = (at_most, scale) else { return false };
    let what = match (at_most < from, at_most >= to) {
        (true, _) => "no answer",
        (_, true) => "every answer",
        _ => return true,
    };
    section.error(
        "at_most",
        format!("on the scale from {from} to {to}, {what} would be negative."),
        Some("Write the highest score that calls for a call back.".to_owned()),
    );
    false
}

fn within(section: &Section<'_>) -> Option<u64> {
    if !section.has("call_back_within") {
        missing(section, "call_back_within", "how soon the customer is called, such as `\"48h\"`");
    }
    let within = reading::length_ms(section, "call_back_within")?;
    if within == 0 {
        section.error("call_back_within", "nobody can call back in no time.", None);
        return None;
    }
    Some(within)
}

fn scale(section: &Section<'_>, is_nps: bool) -> Option<Scale> {
    if !section.has("scale") {
        section.section("scale");
        if is_nps {
            return Some(Scale { from: Ratio::ZERO, to: Ratio::parse("10")? });
        }
        missing(section, "scale", "lowest and highest score, such as `{ from = 1, to = 5 }`");
        return None;
    }
    let inner = section.section("scale")?;
    let end = |key: &str| {
        if !inner.has(key) {
            missing(&inner, key, "an end of the scale");
        }
        value::of_unit(&inner, key, Unit::Score)
    };
    let (from, to) = (end("from"), end("to"));
    inner.finish();
    let scale = Scale { from: from?, to: to? };
    if scale.from >= scale.to {
        inner.error(
            "to",
            format!("a scale does not end at {} when it begins at {}.", scale.to, scale.from),
            None,
        );
        return None;
    }
    Some(scale)
}

fn at_most(section: &Section<'_>, is_nps: bool) -> Option<Ratio> {
    if !section.has("at_most") {
        section.node("at_most");
        if is_nps {
            return Ratio::parse("6");
        }
        missing(section, "at_most", "the highest score that calls for a call back, such as `2`");
        return None;
    }
    value::of_unit(section, "at_most", Unit::Score)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::reading::testing;
    use std::sync::LazyLock;

    static CATALOGUE: LazyLock<Catalogue> = LazyLock::new(|| Catalogue::builtin().0);

    fn read(text: &str) -> (Option<Recovery>, Vec<String>) {
        testing::read(text, "recovery", |section, name| {
            Recovery::read(section, name, &CATALOGUE, &People::default())
        })
    }

    #[test]
    fn detractors_need_no_scale() {
        let text = r#"
[recovery.detractors]
survey = "nps"
call_back_within = "48h"
owner = "lead-north@example.org"
"#;
        let (rule, problems) = read(text);
        assert_eq!(problems, Vec::<String>::new());
        let rule = rule.unwrap();
        assert_eq!((rule.at_most.to_string().as_str(), rule.scale.to.to_string().as_str()), ("6", "10"));
        assert_eq!((rule.call_back_within_ms, rule.tries), (172_800_000, 3));
    }

    #[test]
    fn every_problem_of_a_rule_is_said_at_once() {
        let text = r#"
[recovery.csat]
survey = "csat"
at_most = 2
tries = 0
who = { agent = 7 }
owners = "x"
[recovery.csat.scale]
form = 1
to = 5
"#;
        assert_eq!(
            read(text).1,
            [
                "error: a.toml:2: recovery.csat: `call_back_within` is missing. Add `call_back_within`: how soon the customer is called, such as `\"48h\"`.",
                "error[no-owner]: a.toml:2: recovery.csat: the rule has no owner, so nobody answers for it. Name one person, such as `owner = \"lead@example.org\"`.",
                "error: a.toml:5: recovery.csat.tries: 0 is not a whole number of at least 1.",
                "error: a.toml:7: recovery.csat.owners: nothing is known by this key. Did you mean `owner`?",
                "error: a.toml:8: recovery.csat.scale: `from` is missing. Add `from`: an end of the scale.",
                "error: a.toml:9: recovery.csat.scale.form: nothing is known by this key. Known here: `from`, `to`.",
            ]
        );
        let wide = "[recovery.a]\nsurvey = \"csat\"\nat_most = 5\nscale = { from = 1, to = 5 }\ncall_back_within = \"2 days\"\nowner = \"o\"\n";
        assert_eq!(
            read(wide).1,
            [
                "error: a.toml:3: recovery.a.at_most: on the scale from 1 to 5, every answer would be negative. Write the highest score that calls for a call back."
            ]
        );
    }
}

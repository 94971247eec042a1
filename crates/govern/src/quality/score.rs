//! From an evaluator's answers to a score, exactly, in parts that can be added up over many evaluations.

use std::collections::BTreeMap;

use dialmark_metrics::{Exact, Ratio, Reason};
use serde::{Deserialize, Serialize};

use super::form::{Criterion, Form};
use crate::ratio_text;
use crate::reading::near_or_all;

/// What an evaluator gave for one criterion.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Answer {
    /// These points.
    Points(u32),
    /// Nothing: the criterion does not apply to this conversation.
    LeftOut,
}

/// Points reached of points possible. Sums of both parts are what is divided in the end, so an evaluation in which
/// criteria were left out weighs by what was left of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Points {
    /// Points reached.
    #[serde(with = "ratio_text")]
    pub reached: Ratio,
    /// Points possible.
    #[serde(with = "ratio_text")]
    pub possible: Ratio,
}

impl Points {
    /// Nothing of nothing.
    pub const NONE: Points = Points { reached: Ratio::ZERO, possible: Ratio::ZERO };

    /// Both parts added; `None` when a part does not fit 128 bits.
    pub fn plus(self, other: Points) -> Option<Points> {
        Some(Points {
            reached: self.reached.plus(other.reached)?,
            possible: self.possible.plus(other.possible)?,
        })
    }

    /// Both parts added up over many.
    pub fn sum(all: impl IntoIterator<Item = Points>) -> Result<Points, Reason> {
        all.into_iter().try_fold(Points::NONE, Points::plus).ok_or(Reason::TooLarge)
    }

    /// Reached of possible, from nothing to one.
    pub fn share(self) -> Result<Ratio, Reason> {
        match self.possible.is_zero() {
            true => Err(Reason::ZeroDenominator),
            false => self.reached.over(self.possible).ok_or(Reason::TooLarge),
        }
    }

    /// The same on a scale of 100.
    pub fn of_hundred(self) -> Result<Ratio, Reason> {
        let hundred = Ratio::exact(Exact::integer(100)).ok_or(Reason::TooLarge)?;
        self.share()?.times(hundred).ok_or(Reason::TooLarge)
    }
}

/// An evaluation, scored.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Scored {
    /// The form and its version.
    pub form: String,
    /// One item a criterion, in the order of the form.
    pub items: Vec<ScoredItem>,
    /// Points of all items added up, critical errors or not; possible is the weight of what was not left out.
    pub points: Points,
    /// The score on a scale of 100: nothing after a critical error, else points reached of points possible, so that
    /// the weight of what was left out is spread over the rest in proportion.
    #[serde(with = "ratio_text")]
    pub score: Ratio,
    /// Whether the score passes; `None` when the form has no pass mark.
    pub passed: Option<bool>,
}

/// One criterion of an evaluation.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ScoredItem {
    /// The criterion.
    pub criterion: String,
    /// The behaviour that coaching would be about.
    pub coach: Option<String>,
    /// What was given.
    pub answer: Answer,
    /// The most that could be given.
    pub most: u32,
    /// Weight times points given over most points, of the weight; nothing of nothing when it was left out.
    pub points: Points,
    /// Giving none of its points makes the whole evaluation nothing.
    pub auto_fail: bool,
    /// It is critical, and none of its points were given.
    pub critical_error: bool,
}

impl ScoredItem {
    /// Whether it was not left out.
    pub fn applies(&self) -> bool {
        self.answer != Answer::LeftOut
    }
}

impl Scored {
    /// Criteria whose failing made the score nothing.
    pub fn critical_errors(&self) -> impl Iterator<Item = &str> {
        self.items.iter().filter(|item| item.critical_error).map(|item| item.criterion.as_str())
    }

    /// Whether a critical criterion failed.
    pub fn has_critical_error(&self) -> bool {
        self.items.iter().any(|item| item.critical_error)
    }

    /// Points as they count where a critical error leaves nothing: for adding up over evaluations.
    pub fn counted(&self) -> Points {
        match self.has_critical_error() {
            true => Points { reached: Ratio::ZERO, ..self.points },
            false => self.points,
        }
    }
}

impl Form {
    /// Scores an evaluation: criteria by name with what was given. Every problem is a sentence of its own.
    pub fn score(&self, answers: &BTreeMap<String, Answer>) -> Result<Scored, Vec<String>> {
        let mut problems = Vec::new();
        for name in answers.keys().filter(|name| self.criterion(name).is_none()) {
            let help = near_or_all(name, self.criteria.iter().map(|c| c.name.as_str()));
            problems.push(format!("The form `{}` has no criterion `{name}`. {help}", self.code()));
        }
        let mut items = Vec::new();
        for criterion in &self.criteria {
            match scored_item(criterion, answers.get(&criterion.name).copied()) {
                Ok(item) => items.push(item),
                Err(problem) => problems.push(problem),
            }
        }
        if !problems.is_empty() {
            return Err(problems);
        }
        let points = Points::sum(items.iter().map(|item| item.points));
        let points = points.map_err(|_| vec!["The points are too large to be added up.".to_owned()])?;
        let fails = items.iter().any(|item| item.critical_error);
        let score = match points.of_hundred() {
            // Found out even where everything with a weight was left out.
            _ if fails => Ratio::ZERO,
            Ok(score) => score,
            Err(Reason::ZeroDenominator) => {
                let problem = "Every criterion that has a weight was left out, so there is nothing to score.";
                return Err(vec![problem.to_owned()]);
            }
            Err(_) => return Err(vec!["The points are too large to be divided.".to_owned()]),
        };
        let passed = self.pass_mark.map(|mark| score >= mark);
        Ok(Scored { form: self.code(), items, points, score, passed })
    }
}

fn scored_item(criterion: &Criterion, answer: Option<Answer>) -> Result<ScoredItem, String> {
    let name = &criterion.name;
    let answer = answer.ok_or_else(|| match criterion.may_be_left_out {
        true => format!("`{name}` has no answer. Give points, or leave it out expressly."),
        false => format!("`{name}` has no answer. It may not be left out: give points."),
    })?;
    let (points, given) = match answer {
        Answer::LeftOut if criterion.may_be_left_out => (Points::NONE, None),
        Answer::LeftOut => return Err(format!("`{name}` may not be left out. Give points.")),
        Answer::Points(given) => {
            if !criterion.levels.contains(&given) {
                let levels: Vec<String> = criterion.levels.iter().map(u32::to_string).collect();
                return Err(format!("`{name}` cannot have {given} points; it has {}.", levels.join(", ")));
            }
            let part = Ratio::of(Exact::integer(given.into()), Exact::integer(criterion.most().into()));
            let reached = part
                .and_then(|part| part.times(criterion.weight))
                .ok_or_else(|| format!("The points of `{name}` are too large to be computed."))?;
            (Points { reached, possible: criterion.weight }, Some(given))
        }
    };
    Ok(ScoredItem {
        criterion: name.clone(),
        coach: criterion.coach.clone(),
        answer,
        most: criterion.most(),
        points,
        auto_fail: criterion.auto_fail,
        critical_error: criterion.auto_fail && given == Some(0),
    })
}

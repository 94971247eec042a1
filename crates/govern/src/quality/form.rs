//! `quality/*.toml`: the forms by which conversations are evaluated.

use dialmark_metrics::Ratio;
use dialmark_metrics::metric::Unit;
use dialmark_model::declared::{Section, Value};
use dialmark_model::validity::Days;
use jiff::civil::Date;

use crate::reading::{self, choice, missing};
use crate::value;

/// Days within which an agent may appeal, where a form does not say.
const APPEAL_DAYS: u32 = 7;

/// A form: criteria whose weights add up to 100, on the days on which it holds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Form {
    /// Name, as in `[form.NAME]`.
    pub name: String,
    /// Name to show.
    pub label: String,
    /// Version, part of [`Form::code`].
    pub version: String,
    /// Days of the conversations that are evaluated by it.
    pub days: Days,
    /// Least score, of 100, that passes; `None` when nobody passes or fails.
    pub pass_mark: Option<Ratio>,
    /// Days after that of the evaluation within which the agent may appeal.
    pub appeal_days: u32,
    /// Criteria in the order of writing; their weights add up to 100.
    pub criteria: Vec<Criterion>,
    /// File in which it is declared.
    pub declared_in: String,
    /// Line of the declaration.
    pub line: usize,
}

/// One thing that an evaluator looks at.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Criterion {
    /// Name in records.
    pub name: String,
    /// Name to show.
    pub label: String,
    /// Part of the conversation that it belongs to.
    pub theme: Option<Theme>,
    /// Its share of the score, of 100.
    pub weight: Ratio,
    /// Points that can be given: the lowest first, the last is the most. Never fewer than two.
    pub levels: Vec<u32>,
    /// Giving none of its points makes the whole evaluation nothing, a critical error.
    pub auto_fail: bool,
    /// It may be left out where it does not apply.
    pub may_be_left_out: bool,
    /// The behaviour that coaching would be about.
    pub coach: Option<String>,
}

impl Criterion {
    /// The most points that can be given.
    pub fn most(&self) -> u32 {
        self.levels.last().copied().unwrap_or(1)
    }
}

/// What a criterion is about: the six themes of source D's quality score.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Theme {
    /// How the conversation is opened.
    Greeting,
    /// Whether the agent listens.
    ActiveListening,
    /// Whether what is said is right.
    Accuracy,
    /// What law, client and house prescribe.
    Compliance,
    /// Whether the matter is settled.
    Resolution,
    /// Tone and manner.
    Professionalism,
}

impl Theme {
    /// All, with their words.
    pub const ALL: [(&'static str, Theme); 6] = [
        ("greeting", Theme::Greeting),
        ("active_listening", Theme::ActiveListening),
        ("accuracy", Theme::Accuracy),
        ("compliance", Theme::Compliance),
        ("resolution", Theme::Resolution),
        ("professionalism", Theme::Professionalism),
    ];
}

impl Form {
    /// Reads `[form.NAME]`; what is wrong with it is reported, and then there is no form.
    pub fn read(section: &Section<'_>, name: &str) -> Option<Form> {
        let sound = reading::is_sound(section, "", name);
        let label = reading::label(section, name);
        let version = section.required_text("version", "it is noted with every evaluation, such as `3`");
        let days = reading::days(section);
        let pass_mark = pass_mark(section);
        let appeal_days = match section.has("appeal_within") {
            true => reading::length_days(section, "appeal_within"),
            false => {
                section.one_of("appeal_within", []);
                Some(APPEAL_DAYS)
            }
        };
        let inner = section.sections("criterion");
        if inner.is_empty() {
            missing(section, "criterion", "what evaluators look at, each as `[[form.NAME.criterion]]`");
        }
        let mut names = Vec::new();
        let read: Vec<Option<Criterion>> = inner.iter().map(|c| criterion(c, &mut names)).collect();
        section.finish();
        let whole = !read.is_empty() && read.iter().all(Option::is_some);
        let criteria: Vec<Criterion> = read.into_iter().flatten().collect();
        // Weights of half of the criteria say nothing.
        if !whole || !weights_are_whole(section, &criteria) {
            return None;
        }
        Some(Form {
            name: sound.then(|| name.to_owned())?,
            label,
            version: version?,
            days: days?,
            pass_mark: pass_mark?,
            appeal_days: appeal_days?,
            criteria,
            declared_in: section.file().to_owned(),
            line: section.line(),
        })
    }

    /// How evaluations name it: form and version.
    pub fn code(&self) -> String {
        format!("{}/{}", self.name, self.version)
    }

    /// Whether conversations of this day are evaluated by it.
    pub fn holds_on(&self, day: Date) -> bool {
        self.days.hold(day)
    }

    /// The criterion of this name.
    pub fn criterion(&self, name: &str) -> Option<&Criterion> {
        self.criteria.iter().find(|c| c.name == name)
    }
}

/// The pass mark: `Some(None)` when there is none, `None` when it is wrong.
fn pass_mark(section: &Section<'_>) -> Option<Option<Ratio>> {
    if !section.has("pass_mark") {
        section.node("pass_mark");
        return Some(None);
    }
    let mark = value::of_unit(section, "pass_mark", Unit::Score)?;
    let hundred = Ratio::parse("100")?;
    if mark <= Ratio::ZERO || mark > hundred {
        section.error(
            "pass_mark",
            format!("{mark} is not between 0 and 100."),
            Some("A form has 100 points; write the least score that passes, such as `80`.".to_owned()),
        );
        return None;
    }
    Some(Some(mark))
}

fn weights_are_whole(section: &Section<'_>, criteria: &[Criterion]) -> bool {
    let hundred = Ratio::parse("100");
    let sum = criteria.iter().try_fold(Ratio::ZERO, |sum, c| sum.plus(c.weight));
    let (Some(hundred), Some(sum)) = (hundred, sum) else {
        section.error("", "the weights are too large to be added up.", None);
        return false;
    };
    if sum == hundred {
        return true;
    }
    let (off, way) = match sum < hundred {
        true => (hundred.minus(sum), "too little"),
        false => (sum.minus(hundred), "too much"),
    };
    let off = off.map(|off| format!(", {off} {way}")).unwrap_or_default();
    section.error(
        "criterion",
        format!("the weights add up to {sum}{off}."),
        Some("Let them add up to exactly 100.".to_owned()),
    );
    false
}

fn criterion(section: &Section<'_>, names: &mut Vec<String>) -> Option<Criterion> {
    let name = reading::part_name(section, "criterion", names);
    let label = reading::label(section, name.as_deref().unwrap_or_default());
    let has_theme = section.has("section");
    let theme = choice(section, "section", &Theme::ALL);
    let weight = reading::required_amount(section, "weight", "its share of the 100 points");
    let levels = levels(section);
    let auto_fail = flag(section, "auto_fail");
    let may_be_left_out = flag(section, "may_be_left_out");
    let coach = section.text("coach");
    section.finish();
    if weight.is_some_and(Ratio::is_zero) && auto_fail == Some(false) {
        section.error(
            "weight",
            "a criterion without weight that does not fail the evaluation counts for nothing.",
            Some("Give it a weight, or add `auto_fail = true`.".to_owned()),
        );
        return None;
    }
    if auto_fail == Some(true) && levels.as_ref().is_some_and(|levels| levels.first() != Some(&0)) {
        section.error(
            "auto_fail",
            "it could never fail the evaluation: its lowest level gives points.",
            Some("Let `levels` begin with 0, or remove `auto_fail`.".to_owned()),
        );
        return None;
    }
    if has_theme && theme.is_none() {
        return None;
    }
    Some(Criterion {
        name: name?,
        label,
        theme,
        weight: weight?,
        levels: levels?,
        auto_fail: auto_fail?,
        may_be_left_out: may_be_left_out?,
        coach,
    })
}

/// A flag that is false when it is absent; `None` when it is something else.
fn flag(section: &Section<'_>, key: &str) -> Option<bool> {
    match section.has(key) {
        true => section.flag(key),
        false => section.flag(key).or(Some(false)),
    }
}

/// Points that can be given, from `points` (every whole number up to it) or from `levels` (only these).
fn levels(section: &Section<'_>) -> Option<Vec<u32>> {
    let had_points = section.has("points");
    let most = reading::whole(section, "points", 1);
    let Some(node) = section.node("levels") else {
        return match (had_points, most) {
            (true, None) => None,
            (_, most) => Some((0..=most.unwrap_or(1)).collect()),
        };
    };
    let levels: Option<Vec<u32>> = match &node.value {
        Value::List(items) => items
            .iter()
            .map(|item| match item.value {
                Value::Integer(points) => u32::try_from(points).ok(),
                _ => None,
            })
            .collect(),
        _ => None,
    };
    let rising =
        |levels: &Vec<u32>| levels.len() > 1 && levels.iter().zip(levels.iter().skip(1)).all(|(a, b)| a < b);
    let Some(levels) = levels.filter(rising) else {
        section.error(
            "levels",
            "these are not points that can be given.",
            Some("Write two or more whole numbers, the lowest first, such as `[0, 1, 3]`.".to_owned()),
        );
        return None;
    };
    if had_points && most != levels.last().copied() {
        section.error(
            "points",
            "the highest level is another number of points.",
            Some("Leave `points` out; the highest level is the most that can be given.".to_owned()),
        );
        return None;
    }
    Some(levels)
}

//! Scoring a conversation: the call and its recording beside the criteria of the form, grouped by theme.

use std::collections::BTreeMap;

use dialmark_govern::quality::{Answer, Criterion, Form as Sheet, Scored, Theme};
use maud::{Markup, html};

use super::evaluation::results;
use super::overview::choices;
use crate::called::{self, Called};
use crate::form::{Choice, Field, Form, Sent, group, outcome};
use crate::format;
use crate::link::Link;
use crate::shell::{self, Head};

/// The form.
pub const SCORE: &str = "score";
/// What the button asks for: [`PREVIEW`] or [`SAVE`].
pub const STEP: &str = "step";
/// To see what the score would be.
pub const PREVIEW: &str = "preview";
/// To save the evaluation.
pub const SAVE: &str = "save";
/// Source of the call, unseen.
pub const SOURCE: &str = "source";
/// Identifier of the call there, unseen.
pub const SOURCE_ID: &str = "source_id";
/// Form and version, as [`Sheet::code`] writes them, unseen.
pub const SHEET: &str = "sheet";
/// The calibration session that it belongs to, unseen; absent for none.
pub const SESSION: &str = "session";
/// The evaluation that it replaces after an appeal, unseen; absent for none.
pub const REPLACES: &str = "replaces";
/// Points of a criterion: one of its levels, or [`LEFT_OUT`]. The field is called `points.` and the criterion.
pub const POINTS: &str = "points.";
/// The criterion does not apply to this conversation.
pub const LEFT_OUT: &str = "left_out";
/// A word on a criterion; the field is called `comment.` and the criterion. It may be empty.
pub const COMMENT: &str = "comment.";
/// Why it takes the place of another evaluation; only with [`REPLACES`].
pub const SAYS: &str = "says";
/// A word on the whole; it may be empty.
pub const OVERALL: &str = "overall";

/// Name of the field with the points of a criterion.
pub fn points_field(criterion: &str) -> String {
    format!("{POINTS}{criterion}")
}

/// Name of the field with a word on a criterion.
pub fn comment_field(criterion: &str) -> String {
    format!("{COMMENT}{criterion}")
}

/// The answers of a form that was sent, for [`Sheet::score`]; what is no number of points is noted. Criteria without an answer
/// are left away, so that the sheet says so.
pub fn answers(sheet: &Sheet, sent: &mut Sent) -> BTreeMap<String, Answer> {
    let mut answers = BTreeMap::new();
    for criterion in &sheet.criteria {
        let field = points_field(&criterion.name);
        match sent.text(&field) {
            "" => sent.refuse(&field, format!("Give points for \"{}\".", criterion.label)),
            LEFT_OUT => {
                answers.insert(criterion.name.clone(), Answer::LeftOut);
            }
            text => match text.parse() {
                Ok(points) => {
                    answers.insert(criterion.name.clone(), Answer::Points(points));
                }
                Err(_) => sent.refuse(&field, "This is no number of points."),
            },
        }
    }
    answers
}

/// What the page shows.
#[derive(Debug, Clone)]
pub struct EvaluatePage {
    /// Top of the page.
    pub head: Head,
    /// The call.
    pub call: Called,
    /// Forms to choose from, of the call's day.
    pub sheets: Vec<super::overview::Choice>,
    /// The one that is chosen.
    pub sheet: Sheet,
    /// The calibration session that it belongs to, with its name.
    pub session: Option<(String, String)>,
    /// The evaluation that it replaces, after an appeal.
    pub replaces: Option<String>,
    /// What the score would be, after a preview was asked for.
    pub scored: Option<Scored>,
    /// Where the form is sent.
    pub action: Link,
    /// The sample that the call comes from.
    pub back: Link,
    /// What was sent last.
    pub sent: Sent,
}

/// The page.
pub fn render(model: &EvaluatePage) -> Markup {
    let form = Form::new(SCORE, &model.action, &model.sent);
    let (sheet, id) = (&model.sheet, &model.call.id);
    shell::page(
        &model.head,
        &html! {
            (outcome(&model.sent))
            (choices("Form", &model.sheets))
            @if let Some((_, label)) = &model.session {
                p.lead { "For the calibration session " (label) ": score it on your own; you see what others gave afterwards." }
            }
            @if let Some(replaces) = &model.replaces { p.lead { "In place of the evaluation " (replaces) ", which was appealed." } }
            @if let Some(scored) = &model.scored {
                section.panel aria-labelledby="preview" {
                    h2 id="preview" { "What the score would be" }
                    p { "Nothing is saved yet." }
                    (results(Some(sheet), scored, &BTreeMap::new()))
                }
            }
            section.two {
                section.panel aria-labelledby="sheet" {
                    h2 id="sheet" { (sheet.label) ", version " (sheet.version) }
                    @if let Some(mark) = sheet.pass_mark { p.note { "It passes from " (format::fixed(mark, 0)) " of 100 points." } }
                    (form.of(&html! {
                        (form.hidden(SOURCE, &id.source))
                        (form.hidden(SOURCE_ID, &id.source_id))
                        (form.hidden(SHEET, &sheet.code()))
                        @if let Some((session, _)) = &model.session { (form.hidden(SESSION, session)) }
                        @if let Some(replaces) = &model.replaces { (form.hidden(REPLACES, replaces)) }
                        @for (theme, criteria) in by_theme(sheet) {
                            (group(theme, &html! { div.stack.whole { @for criterion in criteria { (criterion_fields(&form, criterion)) } } }))
                        }
                        (form.area(&Field::new(OVERALL, "On the whole").optional().help("The agent reads it.")))
                        @if model.replaces.is_some() {
                            (form.area_of(&Field::new(SAYS, "Why the evaluation is changed").help("The agent reads it."), 2))
                        }
                        div.buttons {
                            (form.look_as(STEP, PREVIEW, "See the score", model.scored.is_none()))
                            (form.submit_as(STEP, SAVE, "Save the evaluation", model.scored.is_some()))
                            a.link href=(model.back) { "Back without saving" }
                        }
                    }))
                }
                section.panel.beside aria-labelledby="call" { h2 id="call" { "The call" } (called::facts(&model.call)) }
            }
        },
    )
}

/// Criteria by theme, themes in the order in which they first come.
pub(super) fn by_theme(sheet: &Sheet) -> Vec<(&'static str, Vec<&Criterion>)> {
    let mut themes: Vec<(Option<Theme>, Vec<&Criterion>)> = Vec::new();
    for criterion in &sheet.criteria {
        match themes.iter_mut().find(|(theme, _)| *theme == criterion.theme) {
            Some((_, criteria)) => criteria.push(criterion),
            None => themes.push((criterion.theme, vec![criterion])),
        }
    }
    themes.into_iter().map(|(theme, criteria)| (word(theme), criteria)).collect()
}

const fn word(theme: Option<Theme>) -> &'static str {
    match theme {
        Some(Theme::Greeting) => "Greeting",
        Some(Theme::ActiveListening) => "Active listening",
        Some(Theme::Accuracy) => "Accuracy",
        Some(Theme::Compliance) => "Compliance",
        Some(Theme::Resolution) => "Resolution",
        Some(Theme::Professionalism) => "Professionalism",
        None => "Other",
    }
}

fn criterion_fields(form: &Form<'_>, criterion: &Criterion) -> Markup {
    let most = criterion.most();
    let mut choices: Vec<Choice> = criterion
        .levels
        .iter()
        .map(|level| Choice::new(level.to_string(), format!("{level} of {most}")))
        .collect();
    if criterion.may_be_left_out {
        choices.push(Choice::new(LEFT_OUT, "does not apply"));
    }
    let (points, comment) = (points_field(&criterion.name), comment_field(&criterion.name));
    let weight = format!("Weight {} of 100.", format::fixed(criterion.weight, 0));
    let help = match criterion.auto_fail {
        true => format!("✕ Critical: none of its points makes the whole score nothing. {weight}"),
        false => weight,
    };
    let word = format!("A word on: {}", criterion.label);
    html! {
        div.criterion {
            (form.radios(&Field::new(&points, &criterion.label).help(help), &choices))
            (form.text(&Field::new(&comment, &word).optional().unlabelled()))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::form::FORM;
    use crate::sample::quality;

    fn sent(pairs: &[(&str, &str)]) -> Sent {
        Sent::of(pairs.iter().map(|(n, v)| ((*n).to_owned(), (*v).to_owned())).collect())
    }

    #[test]
    fn criteria_stand_beside_the_recording_by_theme_with_weight_and_what_is_critical() {
        let text = render(&quality::evaluate()).into_string();
        for wanted in [
            "<legend>Active listening</legend>",
            "Weight 40 of 100.",
            "✕ Critical: none of its points",
            "<code>REC-c-5</code>",
            "name=\"points.price\" value=\"left_out\"",
            "name=\"sheet\" value=\"sales/3\"",
            "placeholder=\"A word on: Tells the whole &lt;price&gt;\"",
        ] {
            assert!(text.contains(wanted), "{wanted} not in {text}");
        }
        assert!(!text.contains("name=\"points.need\" value=\"left_out\""), "{text}");
    }

    #[test]
    fn what_takes_the_place_of_an_appealed_evaluation_needs_a_reason() {
        let anew = EvaluatePage { replaces: Some("e-1".to_owned()), ..quality::evaluate() };
        let text = render(&anew).into_string();
        assert!(text.contains("name=\"replaces\" value=\"e-1\"") && text.contains("name=\"says\""), "{text}");
        assert!(!render(&quality::evaluate()).into_string().contains("name=\"says\""));
    }

    #[test]
    fn answers_are_read_as_the_sheet_scores_them() {
        let sheet = quality::form();
        let all = [
            ("points.greeting", "1"),
            ("points.need", "3"),
            ("points.price", LEFT_OUT),
            ("points.consent", "1"),
        ];
        let mut full = sent(&all);
        let scored = sheet.score(&answers(&sheet, &mut full)).unwrap();
        // 10 + 3/4 of 40 + 20 of the 70 that were not left out.
        assert_eq!(scored.score, quality::ratio("600/7"));
        assert!(full.refused().is_empty());
        let mut half = sent(&[("points.need", "many"), ("points.greeting", "1")]);
        assert_eq!(answers(&sheet, &mut half).len(), 1);
        let fields: Vec<&str> = half.refused().iter().map(|refused| refused.field.as_str()).collect();
        assert_eq!(fields, ["points.need", "points.price", "points.consent"]);
    }

    #[test]
    fn a_preview_shows_the_score_and_keeps_what_was_given() {
        let pairs = [(FORM, SCORE), (STEP, PREVIEW), ("points.need", "3"), ("comment.need", "asked <late>")];
        let scored = Some(quality::scored(3, Answer::LeftOut, 0));
        let model = EvaluatePage { sent: sent(&pairs), scored, ..quality::evaluate() };
        let text = render(&model).into_string();
        assert!(text.contains("Nothing is saved yet") && text.contains("critical error"), "{text}");
        assert!(text.contains("name=\"points.need\" value=\"3\" checked"), "{text}");
        assert!(text.contains("asked &lt;late&gt;"), "{text}");
    }
}

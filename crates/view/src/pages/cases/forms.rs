//! What may happen to a case, as forms: only those that make sense as it stands, what is due next unfolded.

use dialmark_govern::case::{Case, ClockKind, Event};
use jiff::civil::Date;
use maud::{Markup, html};

use super::CasePage;
use crate::form::{Choice, Field, Form, Sent};
use crate::link::Link;

/// The root cause was found: [`SAYS`].
pub const CAUSE: &str = "cause";
/// The improvement plan stands: [`SAYS`].
pub const PLAN: &str = "plan";
/// Something is to be done: [`SAYS`], [`OWNER`], [`DUE_ON`].
pub const ACTION: &str = "action";
/// An action was done: [`NUMBER`] of the action, [`SAYS`], which may be empty.
pub const DONE: &str = "done";
/// A step of an action is to be reached: [`NUMBER`] of the action, [`SAYS`], [`DUE_ON`].
pub const MILESTONE: &str = "milestone";
/// A step was reached: [`NUMBER`] of the step.
pub const REACHED: &str = "reached";
/// Something worth writing down: [`SAYS`].
pub const NOTE: &str = "note";
/// It was brought before a review: [`SAYS`].
pub const ESCALATED: &str = "escalated";
/// It is closed: [`SAYS`].
pub const CLOSED: &str = "closed";

/// What, in words.
pub const SAYS: &str = "says";
/// Who does it: one of [`CaseForms::people`].
pub const OWNER: &str = "owner";
/// Until when, as `2026-11-19`.
pub const DUE_ON: &str = "due_on";
/// Number of an action or of a step, from 1.
pub const NUMBER: &str = "number";

/// What the forms of a case need.
#[derive(Debug, Clone)]
pub struct CaseForms {
    /// Where they are sent.
    pub action: Link,
    /// Who can own an action.
    pub people: Vec<Choice>,
    /// What was sent last.
    pub sent: Sent,
}

/// What a form says that happened; what cannot be read is noted in `sent`. Whether it fits is for the case to say.
pub fn event(sent: &mut Sent) -> Option<Event> {
    let says = sent.text(SAYS).to_owned();
    match sent.form() {
        CAUSE => Some(Event::Cause { says }),
        PLAN => Some(Event::Plan { says }),
        ACTION => {
            let owner = sent.text(OWNER).to_owned();
            Some(Event::Action { says, owner, due_on: due_on(sent)? })
        }
        DONE => Some(Event::Done { action: number(sent)?, says }),
        MILESTONE => {
            let (action, due_on) = (number(sent), due_on(sent));
            Some(Event::Milestone { action: action?, says, due_on: due_on? })
        }
        REACHED => Some(Event::Reached { milestone: number(sent)? }),
        NOTE => Some(Event::Note { says }),
        ESCALATED => Some(Event::Escalated { says }),
        CLOSED => Some(Event::Closed { says }),
        other => {
            let says = format!("`{other}` is no form of a case.");
            sent.refuse("", says);
            None
        }
    }
}

fn due_on(sent: &mut Sent) -> Option<Date> {
    let day = sent.text(DUE_ON).parse().ok();
    if day.is_none() {
        sent.refuse(DUE_ON, "Say until when, as a day such as 2026-11-19.");
    }
    day
}

fn number(sent: &mut Sent) -> Option<usize> {
    let number = sent.text(NUMBER).parse().ok();
    if number.is_none() {
        sent.refuse(NUMBER, "Choose which one.");
    }
    number
}

/// The forms.
pub(super) fn panel(model: &CasePage, forms: &CaseForms) -> Markup {
    let case = &model.case;
    if case.closed.is_some() {
        return html! { p.note { "The case is closed. A new miss opens a new one." } };
    }
    let is_review_due = model.clocks.iter().any(|(clock, ..)| matches!(clock.kind, ClockKind::Review(_)));
    html! {
        section.panel.gap aria-labelledby="write" {
            h2 id="write" { "Write down" }
            (words(forms, CAUSE, "Root cause", "What the miss comes from. Once it stands it can be put better, and its clock has stopped.", case.cause.as_ref().map(|w| w.says.as_str()), case.cause.is_none()))
            @if case.cause.is_some() {
                (words(forms, PLAN, "Improvement plan", "What is going to be done about the root cause.", case.plan.as_ref().map(|w| w.says.as_str()), case.plan.is_none()))
                (action(forms, case))
            }
            @if case.actions.iter().any(|action| action.done.is_none()) { (done(forms, case)) (milestone(forms, case)) }
            @if case.milestones.iter().any(|step| step.reached_at.is_none()) { (reached(forms, case)) }
            (words(forms, NOTE, "Note", "Something worth knowing later.", None, false))
            @if is_review_due {
                (words(forms, ESCALATED, "Review of the provider", "Before whom it was brought, and what was decided.", None, false))
            }
            @if case.cause.is_some() && case.actions.iter().all(|action| action.done.is_some()) {
                (words(forms, CLOSED, "Close the case", "Why it can be closed.", None, false))
            }
        }
    }
}

fn words(
    forms: &CaseForms,
    name: &str,
    heading: &str,
    help: &str,
    now: Option<&str>,
    is_open: bool,
) -> Markup {
    let form = Form::new(name, &forms.action, &forms.sent);
    let inside = html! {
        (form.area(&Field::new(SAYS, heading).help(help).value(now.unwrap_or_default())))
        div { (form.submit(if name == CLOSED { "Close the case" } else { "Write it down" })) }
    };
    form.folded(heading, is_open, &inside)
}

fn action(forms: &CaseForms, case: &Case) -> Markup {
    let form = Form::new(ACTION, &forms.action, &forms.sent);
    let is_next = case.plan.is_some() && case.actions.is_empty();
    form.folded(
        "Action",
        is_next,
        &html! {
            (form.area_of(&Field::new(SAYS, "What is to be done"), 2))
            div.fields {
                (form.select(&Field::new(OWNER, "Who does it").help("Exactly one."), &forms.people))
                (form.date(&Field::new(DUE_ON, "Until when").help("The day belongs to it.")))
            }
            div { (form.submit("Agree on it")) }
        },
    )
}

fn open_actions(case: &Case) -> Vec<Choice> {
    let open = case.actions.iter().enumerate().filter(|(_, action)| action.done.is_none());
    open.map(|(at, action)| Choice::new((at + 1).to_string(), format!("{}. {}", at + 1, action.says)))
        .collect()
}

fn done(forms: &CaseForms, case: &Case) -> Markup {
    let form = Form::new(DONE, &forms.action, &forms.sent);
    form.folded(
        "An action is done",
        false,
        &html! {
            (form.select(&Field::new(NUMBER, "Action"), &open_actions(case)))
            (form.area_of(&Field::new(SAYS, "What came of it").optional(), 2))
            div { (form.submit("It is done")) }
        },
    )
}

fn milestone(forms: &CaseForms, case: &Case) -> Markup {
    let form = Form::new(MILESTONE, &forms.action, &forms.sent);
    form.folded(
        "Step of an action",
        false,
        &html! {
            (form.select(&Field::new(NUMBER, "Action"), &open_actions(case)))
            div.fields {
                (form.text(&Field::new(SAYS, "What is to be reached")))
                (form.date(&Field::new(DUE_ON, "Until when").help("Not after the action itself is due.")))
            }
            div { (form.submit("Add the step")) }
        },
    )
}

fn reached(forms: &CaseForms, case: &Case) -> Markup {
    let form = Form::new(REACHED, &forms.action, &forms.sent);
    let open = case.milestones.iter().enumerate().filter(|(_, step)| step.reached_at.is_none());
    let open: Vec<Choice> = open
        .map(|(at, step)| Choice::new((at + 1).to_string(), format!("{}. {}", at + 1, step.says)))
        .collect();
    form.folded(
        "A step is reached",
        false,
        &html! {
            (form.select(&Field::new(NUMBER, "Step"), &open))
            div { (form.submit("It is reached")) }
        },
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::form::FORM;
    use crate::pages::cases::{render_one, render_with};
    use crate::sample::cases;

    fn forms_of(text: &str) -> Vec<&str> {
        let parts = text.split("name=\"form\" value=\"").skip(1);
        parts.filter_map(|part| part.split('"').next()).collect()
    }

    #[test]
    fn only_what_makes_sense_as_the_case_stands_is_offered() {
        let shown = |events: Vec<Event>| {
            let text = render_with(&cases::case(events), &cases::forms()).into_string();
            forms_of(&text).into_iter().map(str::to_owned).collect::<Vec<_>>()
        };
        assert_eq!(shown(vec![]), [CAUSE, NOTE]);
        assert_eq!(shown(vec![cases::cause()]), [CAUSE, PLAN, ACTION, NOTE, CLOSED]);
        assert_eq!(
            shown(vec![cases::cause(), cases::action()]),
            [CAUSE, PLAN, ACTION, DONE, MILESTONE, NOTE]
        );
        let step = Event::Milestone { action: 1, says: "Two days".to_owned(), due_on: cases::DAY };
        assert!(shown(vec![cases::cause(), cases::action(), step]).contains(&REACHED.to_owned()));
        let long = Event::MissedAgain { from: cases::DAY, until: cases::LATE, value: "1.6 %".to_owned() };
        assert!(shown(vec![long]).contains(&ESCALATED.to_owned()));
        let closed = Event::Closed { says: "It is met again.".to_owned() };
        assert_eq!(shown(vec![cases::cause(), closed]), [""; 0]);
    }

    #[test]
    fn what_is_due_next_is_unfolded() {
        let text = render_with(&cases::case(vec![]), &cases::forms()).into_string();
        assert_eq!(text.matches("<details class=\"fold\" open>").count(), 1, "{text}");
        assert!(text.contains("open><summary>Root cause</summary>"), "{text}");
    }

    #[test]
    fn who_may_not_write_sees_the_case_without_forms() {
        let text = render_one(&cases::case(vec![cases::cause()])).into_string();
        assert!(!text.contains("<form") && text.contains("The list &lt;NL-07&gt; is old."), "{text}");
    }

    #[test]
    fn a_form_becomes_what_happened() {
        let read = |pairs: &[(&str, &str)]| {
            let mut sent = Sent::of(pairs.iter().map(|(n, v)| ((*n).to_owned(), (*v).to_owned())).collect());
            let event = event(&mut sent);
            (event, sent.refused().iter().map(|refused| refused.field.clone()).collect::<Vec<_>>())
        };
        let action = [(FORM, ACTION), (SAYS, " Buy a list "), (OWNER, "ann"), (DUE_ON, "2026-11-30")];
        assert_eq!(read(&action), (Some(cases::action()), vec![]));
        assert_eq!(read(&[(FORM, MILESTONE), (NUMBER, "x"), (DUE_ON, "")]).1, [NUMBER, DUE_ON]);
        assert_eq!(read(&[(FORM, "other")]).1, [""]);
        assert_eq!(read(&[(FORM, REACHED), (NUMBER, "2")]).0, Some(Event::Reached { milestone: 2 }));
    }

    #[test]
    fn a_refused_action_keeps_its_owner_and_is_unfolded() {
        let model = cases::case(vec![cases::cause()]);
        let text = render_with(&model, &cases::refused()).into_string();
        assert!(text.contains("open><summary>Action</summary>"), "{text}");
        assert!(text.contains("<option value=\"ann\" selected>"), "{text}");
        assert!(text.contains("<a href=\"#form-action-due_on\">Say until when"), "{text}");
    }
}

//! Forms: what a reader may decide, with label, help, what was typed, and what is wrong with it, beside one another.
//!
//! A form is sent by POST. It carries its name in the hidden field [`FORM`], and in [`ITEM`] what it is about where a
//! page has several of one name. Who takes it keeps what came in a [`Sent`], notes there what is refused, and shows the
//! page again with it: what was typed stands in its place, and the top of the page links to what is wrong.

mod field;

use maud::{Markup, html};

use crate::link::{Link, encode};

pub use field::{Choice, Field};

/// Name of the hidden field that says which form of a page it is.
pub const FORM: &str = "form";
/// Name of the hidden field with the version of what the form shows, so that nobody writes over a change that they never saw.
pub const SEEN: &str = "seen";
/// Name of the hidden field that says what the form is about.
pub const ITEM: &str = "item";
/// What a ticked box sends.
pub const TICKED: &str = "yes";
/// Most characters of a line; the browser stops there, and whoever takes a form refuses more.
pub const LONGEST_LINE: usize = 400;
/// Most characters of a text of several lines.
pub const LONGEST_TEXT: usize = 8_000;

/// What came with the form that was sent last, and what became of it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Sent {
    pairs: Vec<(String, String)>,
    refused: Vec<Refused>,
    done: Option<String>,
}

/// Why a form was not taken.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Refused {
    /// The field; empty for the form as a whole.
    pub field: String,
    /// What is wrong with it, and what to do: a sentence.
    pub says: String,
}

impl Sent {
    /// No form was sent.
    pub const NOTHING: Sent = Sent { pairs: Vec::new(), refused: Vec::new(), done: None };

    /// The names and values of a form, in their order; a name may come several times.
    pub fn of(pairs: Vec<(String, String)>) -> Sent {
        Sent { pairs, ..Sent::NOTHING }
    }

    /// A form was taken; the sentence stands at the top of the page that is shown then.
    pub fn done(says: &str) -> Sent {
        Sent { done: Some(says.to_owned()), ..Sent::NOTHING }
    }

    /// Which form it is; empty when none was sent.
    pub fn form(&self) -> &str {
        self.text(FORM)
    }

    /// What it is about; empty where that goes without saying.
    pub fn item(&self) -> &str {
        self.text(ITEM)
    }

    /// The first value of a field as it came; `None` when the field is not there.
    pub fn value(&self, name: &str) -> Option<&str> {
        self.pairs.iter().find(|(field, _)| field == name).map(|(_, value)| value.as_str())
    }

    /// The first value of a field without space around it; empty when there is none.
    pub fn text(&self, name: &str) -> &str {
        self.value(name).unwrap_or_default().trim()
    }

    /// All values of a field, in their order, those left out that are empty.
    pub fn texts(&self, name: &str) -> Vec<&str> {
        let values = self.pairs.iter().filter(|(field, _)| field == name).map(|(_, value)| value.trim());
        values.filter(|value| !value.is_empty()).collect()
    }

    /// Whether a box was ticked.
    pub fn is_ticked(&self, name: &str) -> bool {
        self.value(name) == Some(TICKED)
    }

    /// Notes what is wrong with a field, or with an empty name what is wrong with the form.
    pub fn refuse(&mut self, field: &str, says: impl Into<String>) {
        self.refused.push(Refused { field: field.to_owned(), says: says.into() });
    }

    /// What is wrong with it.
    pub fn refused(&self) -> &[Refused] {
        &self.refused
    }

    fn is_of(&self, form: &str, item: Option<&str>) -> bool {
        self.form() == form && self.item() == item.unwrap_or_default()
    }
}

/// What became of the form that was sent, for the top of the page: that it was taken, or what is wrong, each with a link to
/// its field.
pub fn outcome(sent: &Sent) -> Markup {
    let form = id_of(sent.form(), Some(sent.item()).filter(|item| !item.is_empty()));
    html! {
        @if let Some(says) = &sent.done {
            p.done role="status" { span aria-hidden="true" { "✓ " } (says) }
        }
        @if !sent.refused.is_empty() {
            section.refused role="alert" aria-labelledby="refused" tabindex="-1" autofocus {
                h2 id="refused" { "Nothing was saved" }
                ul {
                    @for refused in &sent.refused {
                        @let target = if refused.field.is_empty() { form.clone() } else { field_id(&form, &refused.field) };
                        li { a href={ "#" (target) } { (refused.says) } }
                    }
                }
            }
        }
    }
}

/// One form of a page.
#[derive(Debug, Clone, Copy)]
pub struct Form<'a> {
    name: &'a str,
    item: Option<&'a str>,
    action: &'a Link,
    /// What was sent, if it was this form.
    sent: Option<&'a Sent>,
}

impl<'a> Form<'a> {
    /// A form of this name that is sent to `action`; `sent` is what came last, of whichever form of the page.
    pub fn new(name: &'a str, action: &'a Link, sent: &'a Sent) -> Form<'a> {
        Form { name, item: None, action, sent: Some(sent).filter(|sent| sent.is_of(name, None)) }
    }

    /// A form of which the page has several, about one of several things.
    pub fn about(name: &'a str, item: &'a str, action: &'a Link, sent: &'a Sent) -> Form<'a> {
        let sent = Some(sent).filter(|sent| sent.is_of(name, Some(item)));
        Form { name, item: Some(item), action, sent }
    }

    /// Whether it was sent and refused, so that it is to be seen.
    pub fn is_refused(&self) -> bool {
        self.sent.is_some_and(|sent| !sent.refused.is_empty())
    }

    /// The form around its fields and buttons.
    pub fn of(&self, inside: &Markup) -> Markup {
        self.dressed("fill", inside)
    }

    /// The same as wide as there is room, for a table of fields.
    pub fn wide(&self, inside: &Markup) -> Markup {
        self.dressed("fill wide", inside)
    }

    /// The same in one line: for a button or two beside what they are about.
    pub fn in_line(&self, inside: &Markup) -> Markup {
        self.dressed("fill line", inside)
    }

    fn dressed(&self, class: &str, inside: &Markup) -> Markup {
        html! {
            form class=(class) id=(self.id()) method="post" action=(self.action) accept-charset="utf-8" {
                (self.hidden(FORM, self.name))
                @if let Some(item) = self.item { (self.hidden(ITEM, item)) }
                (inside)
            }
        }
    }

    /// A form that is folded away under a heading until it is asked for, or `is_open`, or refused.
    pub fn folded(&self, heading: &str, is_open: bool, inside: &Markup) -> Markup {
        html! {
            details.fold open[is_open || self.is_refused()] { summary { (heading) } (self.of(inside)) }
        }
    }

    /// A value that goes along unseen.
    pub fn hidden(&self, name: &str, value: &str) -> Markup {
        html! { input type="hidden" name=(name) value=(value); }
    }

    /// The button that sends it.
    pub fn submit(&self, label: &str) -> Markup {
        html! { button.main type="submit" { (label) } }
    }

    /// A button that sends it and is not what a reader comes for first.
    pub fn submit_beside(&self, label: &str) -> Markup {
        html! { button type="submit" { (label) } }
    }

    /// A button that says by its name and value what is to be done; `is_main` for the one that is meant first.
    pub fn submit_as(&self, name: &str, value: &str, label: &str, is_main: bool) -> Markup {
        html! { button.main[is_main] type="submit" name=(name) value=(value) { (label) } }
    }

    /// The same for a look at what would come of it: the browser does not ask for what only saving needs.
    pub fn look_as(&self, name: &str, value: &str, label: &str, is_main: bool) -> Markup {
        html! { button.main[is_main] type="submit" formnovalidate name=(name) value=(value) { (label) } }
    }

    fn id(&self) -> String {
        id_of(self.name, self.item)
    }
}

/// Buttons beside one another.
pub fn buttons(inside: &Markup) -> Markup {
    html! { div.buttons { (inside) } }
}

/// Fields that belong together, under a name.
pub fn group(legend: &str, inside: &Markup) -> Markup {
    html! { fieldset { legend { (legend) } div.fields { (inside) } } }
}

fn id_of(form: &str, item: Option<&str>) -> String {
    let item = item.map(|item| format!("-{}", as_id(item))).unwrap_or_default();
    format!("form-{}{item}", as_id(form))
}

fn field_id(form: &str, field: &str) -> String {
    format!("{form}-{}", as_id(field))
}

/// Text of data in an id and in the link to it, without characters that mean something in either.
fn as_id(text: &str) -> String {
    encode(text).replace('%', "~")
}

#[cfg(test)]
mod tests {
    use super::*;

    const SAYS: &str = "says";

    fn sent(pairs: &[(&str, &str)]) -> Sent {
        Sent::of(pairs.iter().map(|(n, v)| ((*n).to_owned(), (*v).to_owned())).collect())
    }

    fn page(sent: &Sent) -> String {
        let action = Link::to("/case/7");
        let form = |name, item| match item {
            None => Form::new(name, &action, sent),
            Some(item) => Form::about(name, item, &action, sent),
        };
        let fields = |form: &Form<'_>| {
            let inside =
                html! { (form.area(&Field::new(SAYS, "What it is"))) (form.submit("Write it down")) };
            form.of(&inside)
        };
        let all = [form("cause", None), form("done", Some("1")), form("done", Some("2 <b>"))];
        html! { (outcome(sent)) @for form in &all { (fields(form)) } }.into_string()
    }

    #[test]
    fn a_refusal_stands_beside_its_field_and_at_the_top_with_a_link_to_it() {
        let mut sent = sent(&[(FORM, "done"), (ITEM, "2 <b>"), (SAYS, "half a <i>word")]);
        sent.refuse(SAYS, "Say what came of it.");
        let text = page(&sent);
        let id = "form-done-2~20~3Cb~3E-says";
        assert!(text.contains(&format!("<a href=\"#{id}\">Say what came of it.</a>")), "{text}");
        assert!(
            text.contains(&format!("id=\"{id}\"")) && text.contains(&format!("id=\"{id}-wrong\"")),
            "{text}"
        );
        assert_eq!(text.matches("aria-invalid=\"true\"").count(), 1, "{text}");
        assert!(text.contains(&format!("aria-describedby=\"{id}-wrong\"")), "{text}");
        // What was typed is kept in this form and in no other.
        assert_eq!(text.matches("half a &lt;i&gt;word").count(), 1, "{text}");
        assert!(text.contains("role=\"alert\""), "{text}");
    }

    #[test]
    fn a_refusal_of_the_whole_form_leads_to_the_form() {
        let mut sent = sent(&[(FORM, "cause")]);
        sent.refuse("", "The case is closed.");
        assert!(page(&sent).contains("<a href=\"#form-cause\">The case is closed.</a>"));
    }

    #[test]
    fn what_was_done_is_said_and_nothing_is_left_in_the_fields() {
        let text = page(&Sent::done("The root cause is written down."));
        assert!(
            text.contains("role=\"status\"") && text.contains("The root cause is written down."),
            "{text}"
        );
        assert!(!text.contains("aria-invalid") && !text.contains("role=\"alert\""), "{text}");
    }

    #[test]
    fn values_are_read_by_name() {
        let sent =
            sent(&[("guard", "aht"), ("guard", " "), ("guard", " csat "), ("box", TICKED), ("why", " so ")]);
        assert_eq!(sent.texts("guard"), ["aht", "csat"]);
        assert!(sent.is_ticked("box") && !sent.is_ticked("other"));
        assert_eq!((sent.text("why"), sent.text("who"), sent.value("who")), ("so", "", None));
    }
}

//! The fields of a form.

use jiff::civil::Date;
use maud::{Markup, html};

use super::{Form, LONGEST_LINE, LONGEST_TEXT, Sent, TICKED, field_id};

/// What a field is called and begins with.
#[derive(Debug, Clone)]
pub struct Field<'a> {
    name: &'a str,
    label: &'a str,
    help: Option<String>,
    value: String,
    is_needed: bool,
    is_labelled: bool,
}

impl<'a> Field<'a> {
    /// A field that must be filled in.
    pub fn new(name: &'a str, label: &'a str) -> Field<'a> {
        Field { name, label, help: None, value: String::new(), is_needed: true, is_labelled: true }
    }

    /// It may be left empty.
    pub fn optional(self) -> Field<'a> {
        Field { is_needed: false, ..self }
    }

    /// Its label is heard and not seen: the column that it stands in says it to the eye.
    pub fn unlabelled(self) -> Field<'a> {
        Field { is_labelled: false, ..self }
    }

    /// A sentence on what belongs there.
    pub fn help(self, says: impl Into<String>) -> Field<'a> {
        Field { help: Some(says.into()), ..self }
    }

    /// What stands in it before anybody types.
    pub fn value(self, value: impl Into<String>) -> Field<'a> {
        Field { value: value.into(), ..self }
    }

    /// The day that stands in it before anybody types.
    pub fn day(self, day: Option<Date>) -> Field<'a> {
        self.value(day.map(|day| day.to_string()).unwrap_or_default())
    }
}

/// One of several values.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Choice {
    /// What is sent.
    pub value: String,
    /// What is read.
    pub label: String,
    /// What it means, where the label does not say it.
    pub says: Option<String>,
}

impl Choice {
    /// A value with its name.
    pub fn new(value: impl Into<String>, label: impl Into<String>) -> Choice {
        Choice { value: value.into(), label: label.into(), says: None }
    }

    /// The same with what it means.
    pub fn saying(self, says: impl Into<String>) -> Choice {
        Choice { says: Some(says.into()), ..self }
    }
}

impl Form<'_> {
    /// A line of text.
    pub fn text(&self, field: &Field<'_>) -> Markup {
        self.input(field, "text", None, None, true)
    }

    /// A secret; it is never shown again. `complete` tells password managers what it is, such as `new-password`.
    pub fn password(&self, field: &Field<'_>, complete: &str) -> Markup {
        self.input(field, "password", Some(complete), None, false)
    }

    /// The name by which somebody signs in.
    pub fn user_name(&self, field: &Field<'_>) -> Markup {
        self.input(field, "text", Some("username"), None, true)
    }

    /// A day.
    pub fn date(&self, field: &Field<'_>) -> Markup {
        self.input(field, "date", None, None, true)
    }

    /// A number with its unit beside it; without one where values carry their own, such as `4min 30s`.
    pub fn number(&self, field: &Field<'_>, unit: &str) -> Markup {
        self.input(field, "text", None, Some(unit).filter(|unit| !unit.is_empty()), true)
    }

    fn input(
        &self,
        field: &Field<'_>,
        kind: &str,
        complete: Option<&str>,
        unit: Option<&str>,
        keeps: bool,
    ) -> Markup {
        let id = self.field_id(field.name);
        let value = self.shown(field);
        let input = html! {
            input id=(id) type=(kind) name=(field.name) value=[(keeps && !value.is_empty()).then_some(value)]
                required[field.is_needed] autocomplete=(complete.unwrap_or("off"))
                maxlength=[(kind != "date").then_some(LONGEST_LINE)]
                aria-label=[(!field.is_labelled).then_some(field.label)]
                placeholder=[(!field.is_labelled).then_some(field.label)]
                aria-invalid=[self.is_wrong(field.name).then_some("true")]
                aria-describedby=[self.described(field, &id, unit.is_some())];
        };
        let inside = html! {
            @match unit {
                None => (input),
                Some(unit) => span.united { (input) span.unit id={ (id) "-unit" } { (unit) } },
            }
        };
        self.labelled(field, &id, &inside)
    }

    /// A text of several lines.
    pub fn area(&self, field: &Field<'_>) -> Markup {
        self.area_of(field, 3)
    }

    /// A text of so many lines; more are scrolled to.
    pub fn area_of(&self, field: &Field<'_>, rows: u8) -> Markup {
        let id = self.field_id(field.name);
        let inside = html! {
            // A first line break belongs to the markup, not to the text.
            textarea id=(id) name=(field.name) rows=(rows) required[field.is_needed] maxlength=(LONGEST_TEXT)
                aria-invalid=[self.is_wrong(field.name).then_some("true")]
                aria-describedby=[self.described(field, &id, false)] { "\n" (self.shown(field)) }
        };
        self.labelled(field, &id, &inside)
    }

    /// A drop-down. A value that is none of the choices is shown all the same, so that nothing changes unseen.
    pub fn select(&self, field: &Field<'_>, choices: &[Choice]) -> Markup {
        let value = self.shown(field);
        self.drop_down(field, &self.field_id(field.name), value, choices.iter(), &options(choices, value))
    }

    /// A drop-down of groups, each with its name.
    pub fn select_of_groups(&self, field: &Field<'_>, groups: &[(String, Vec<Choice>)]) -> Markup {
        let value = self.shown(field);
        let inside = html! {
            @for (name, choices) in groups { optgroup label=(name) { (options(choices, value)) } }
        };
        let all = groups.iter().flat_map(|(_, choices)| choices);
        self.drop_down(field, &self.field_id(field.name), value, all, &inside)
    }

    /// One of several drop-downs of the same name, from 0; `value` is what it begins with.
    pub fn select_nth(&self, field: &Field<'_>, nth: usize, groups: &[(String, Vec<Choice>)]) -> Markup {
        let values = self.sent.map(|sent| sent.texts(field.name));
        let value = match &values {
            Some(values) => values.get(nth).copied().unwrap_or_default(),
            None => field.value.as_str(),
        };
        // Links from the top of the page lead to the first.
        let id = self.field_id(field.name);
        let id = if nth == 0 { id } else { format!("{id}-{nth}") };
        let inside = html! {
            @for (name, choices) in groups { optgroup label=(name) { (options(choices, value)) } }
        };
        self.drop_down(field, &id, value, groups.iter().flat_map(|(_, choices)| choices), &inside)
    }

    fn drop_down<'c>(
        &self,
        field: &Field<'_>,
        id: &str,
        value: &str,
        mut choices: impl Iterator<Item = &'c Choice>,
        options: &Markup,
    ) -> Markup {
        let is_known = value.is_empty() || choices.any(|choice| choice.value == value);
        let inside = html! {
            select id=(id) name=(field.name) required[field.is_needed]
                aria-label=[(!field.is_labelled).then_some(field.label)]
                aria-invalid=[self.is_wrong(field.name).then_some("true")]
                aria-describedby=[self.described(field, id, false)] {
                @if !field.is_needed || value.is_empty() {
                    option value="" selected[value.is_empty()] { (if field.is_needed { "choose" } else { "–" }) }
                }
                @if !is_known { option value=(value) selected { (value) " (not known)" } }
                (options)
            }
        };
        self.labelled(field, id, &inside)
    }

    /// One of a few, all of which are seen.
    pub fn radios(&self, field: &Field<'_>, choices: &[Choice]) -> Markup {
        let value = self.shown(field);
        self.boxes(field, "radio", choices, |choice| choice == value)
    }

    /// Any of a few; the field comes once for each that is ticked. `ticked` are those that are ticked at first.
    pub fn ticks(&self, field: &Field<'_>, choices: &[Choice], ticked: &[&str]) -> Markup {
        let sent = self.sent.map(|sent| sent.texts(field.name));
        let is_ticked = |choice: &str| sent.as_deref().unwrap_or(ticked).contains(&choice);
        self.boxes(field, "checkbox", choices, is_ticked)
    }

    fn boxes(
        &self,
        field: &Field<'_>,
        kind: &str,
        choices: &[Choice],
        is_on: impl Fn(&str) -> bool,
    ) -> Markup {
        let id = self.field_id(field.name);
        html! {
            fieldset.field.boxes id=(id) tabindex="-1" aria-describedby=[self.described(field, &id, false)] {
                legend { (field.label) (optional(field)) }
                (self.beside(field, &id))
                @for (at, choice) in choices.iter().enumerate() {
                    @let one = format!("{id}-{at}");
                    label for=(one) {
                        input id=(one) type=(kind) name=(field.name) value=(choice.value) checked[is_on(&choice.value)]
                            required[kind == "radio" && field.is_needed];
                        span { (choice.label) @if let Some(says) = &choice.says { " " small { (says) } } }
                    }
                }
            }
        }
    }

    /// A box to tick; `is_ticked` is how it begins.
    pub fn tick(&self, field: &Field<'_>, is_ticked: bool) -> Markup {
        let id = self.field_id(field.name);
        let is_ticked = self.sent.map_or(is_ticked, |sent| sent.is_ticked(field.name));
        html! {
            div.field.boxes {
                label for=(id) {
                    input id=(id) type="checkbox" name=(field.name) value=(TICKED) checked[is_ticked]
                        aria-invalid=[self.is_wrong(field.name).then_some("true")]
                        aria-describedby=[self.described(field, &id, false)];
                    span { (field.label) }
                }
                (self.beside(field, &id))
            }
        }
    }

    /// What was typed, else what the field begins with.
    fn shown<'v>(&'v self, field: &'v Field<'_>) -> &'v str {
        self.sent.map_or(field.value.as_str(), |sent| sent.value(field.name).unwrap_or_default())
    }

    fn labelled(&self, field: &Field<'_>, id: &str, inside: &Markup) -> Markup {
        html! {
            div.field {
                @if field.is_labelled { label for=(id) { (field.label) (optional(field)) } }
                (self.beside(field, id))
                (inside)
            }
        }
    }

    fn beside(&self, field: &Field<'_>, id: &str) -> Markup {
        html! {
            @if let Some(help) = &field.help { p.help id={ (id) "-help" } { (help) } }
            @if self.is_wrong(field.name) {
                p.wrong id={ (id) "-wrong" } {
                    span aria-hidden="true" { "▸ " }
                    @for says in self.wrong(field.name) { (says) " " }
                }
            }
        }
    }

    fn described(&self, field: &Field<'_>, id: &str, has_unit: bool) -> Option<String> {
        let parts =
            [(field.help.is_some(), "help"), (self.is_wrong(field.name), "wrong"), (has_unit, "unit")];
        let ids: Vec<String> =
            parts.iter().filter(|(is, _)| *is).map(|(_, part)| format!("{id}-{part}")).collect();
        (!ids.is_empty()).then(|| ids.join(" "))
    }

    fn wrong(&self, name: &str) -> impl Iterator<Item = &str> {
        let refused = self.sent.map(Sent::refused).unwrap_or_default();
        refused.iter().filter(move |refused| refused.field == name).map(|refused| refused.says.as_str())
    }

    fn is_wrong(&self, name: &str) -> bool {
        self.wrong(name).next().is_some()
    }

    fn field_id(&self, name: &str) -> String {
        field_id(&self.id(), name)
    }
}

fn optional(field: &Field<'_>) -> Markup {
    html! { @if !field.is_needed { " " small { "optional" } } }
}

fn options(choices: &[Choice], value: &str) -> Markup {
    html! {
        @for choice in choices {
            option value=(choice.value) selected[choice.value == value] {
                (choice.label) @if let Some(says) = &choice.says { " – " (says) }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::form::FORM;
    use crate::link::Link;

    fn fields(sent: &Sent) -> String {
        let action = Link::to("/kpi").with("name", "a&b");
        let form = Form::new("kpi", &action, sent);
        let people = [Choice::new("ann", "Ann <A>"), Choice::new("ben", "Ben").saying("leads")];
        let guards = [("Quality".to_owned(), vec![Choice::new("qa", "QA"), Choice::new("aht", "AHT")])];
        form.of(&html! {
            (form.text(&Field::new("label", "Name").value("Sales \"net\"").help("What the page shows.")))
            (form.number(&Field::new("value", "Target").value("5.2"), "%"))
            (form.date(&Field::new("from", "Valid from").optional().value("2026-11-01")))
            (form.select(&Field::new("owner", "Owner").value("gone"), &people))
            (form.select_nth(&Field::new("guard", "Guard rail").optional().value("qa"), 0, &guards))
            (form.select_nth(&Field::new("guard", "Guard rail").optional(), 1, &guards))
            (form.radios(&Field::new("kind", "Kind"), &people))
            (form.tick(&Field::new("counted", "It is counted"), true))
            (form.password(&Field::new("secret", "Password").value("never"), "new-password"))
        })
        .into_string()
    }

    #[test]
    fn every_field_has_a_label_and_its_help() {
        let text = fields(&Sent::NOTHING);
        assert!(text.contains("<label for=\"form-kpi-label\">Name</label>"), "{text}");
        assert!(text.contains("aria-describedby=\"form-kpi-label-help\""), "{text}");
        assert!(text.contains("value=\"Sales &quot;net&quot;\""), "{text}");
        assert!(text.contains("Valid from <small>optional</small>"), "{text}");
        assert!(text.contains("aria-describedby=\"form-kpi-value-unit\""), "{text}");
        assert!(text.contains("<option value=\"ann\">Ann &lt;A&gt;</option>"), "{text}");
        assert!(text.contains("action=\"/kpi?name=a%26b\""), "{text}");
    }

    #[test]
    fn an_owner_who_is_gone_is_shown_and_not_replaced_unseen() {
        let text = fields(&Sent::NOTHING);
        assert!(text.contains("<option value=\"gone\" selected>gone (not known)</option>"), "{text}");
    }

    #[test]
    fn what_was_typed_comes_back_but_for_secrets() {
        let pairs = [
            (FORM, "kpi"),
            ("label", ""),
            ("owner", "ben"),
            ("guard", ""),
            ("guard", "aht"),
            ("kind", "ann"),
            ("secret", "hunter2"),
        ];
        let sent = Sent::of(pairs.iter().map(|(n, v)| ((*n).to_owned(), (*v).to_owned())).collect());
        let text = fields(&sent);
        // What was emptied stays empty, a box that was cleared stays clear.
        assert!(!text.contains("Sales") && !text.contains("value=\"yes\" checked"), "{text}");
        assert!(text.contains("<option value=\"ben\" selected>"), "{text}");
        assert_eq!(text.matches("<option value=\"aht\" selected>").count(), 1, "{text}");
        assert!(text.contains("value=\"ann\" checked"), "{text}");
        assert!(!text.contains("hunter2") && !fields(&Sent::NOTHING).contains("never"), "{text}");
    }
}

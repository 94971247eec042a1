//! Signing in, and changing one's own password.

use maud::{Markup, html};

use crate::form::{Field, Form, Sent, outcome};
use crate::link::Link;
use crate::shell::{self, Head};

/// The form that signs in.
pub const LOGIN: &str = "login";
/// The name by which an account is known, usually an address.
pub const NAME: &str = "name";
/// The password.
pub const PASSWORD: &str = "password";
/// Where to go on afterwards, unseen: a path on this server with its query. Who takes the form looks at it again.
pub const NEXT: &str = "next";

/// What the page shows on which one signs in.
#[derive(Debug, Clone)]
pub struct LoginPage {
    /// Top of the page.
    pub head: Head,
    /// Where the form is sent.
    pub action: Link,
    /// Where to go on afterwards.
    pub next: Option<Link>,
    /// How the first account is made, when there is none yet; a sentence.
    pub first: Option<String>,
    /// What was sent last. A refusal names neither name nor password as the one that is wrong.
    pub sent: Sent,
}

/// The page on which one signs in.
pub fn render(model: &LoginPage) -> Markup {
    let form = Form::new(LOGIN, &model.action, &model.sent);
    shell::page(
        &model.head,
        &html! {
            (outcome(&model.sent))
            section.panel.narrow aria-labelledby="login" {
                h2 id="login" { "Sign in" }
                @if let Some(first) = &model.first { p { (first) } }
                (form.of(&html! {
                    @if let Some(next) = &model.next { (form.hidden(NEXT, &next.to_string())) }
                    (form.user_name(&Field::new(NAME, "Name")))
                    (form.password(&Field::new(PASSWORD, "Password"), "current-password"))
                    div { (form.submit("Sign in")) }
                }))
                p.note { "Who has no password any more asks somebody who keeps accounts for a new one." }
            }
        },
    )
}

/// The form that changes one's own password.
pub const CHANGE: &str = "change_password";
/// The password so far.
pub const BEFORE: &str = "before";
/// The new one.
pub const NEW: &str = "new";
/// The new one again.
pub const AGAIN: &str = "again";

/// What the page shows on which one changes one's password.
#[derive(Debug, Clone)]
pub struct PasswordPage {
    /// Top of the page.
    pub head: Head,
    /// Name of the account, for programs that keep passwords.
    pub name: String,
    /// Whether it must be changed before anything else: it was given out for one use.
    pub must_change: bool,
    /// Fewest characters of a password.
    pub least_characters: usize,
    /// Where the form is sent.
    pub action: Link,
    /// What was sent last.
    pub sent: Sent,
}

/// The page on which one changes one's password.
pub fn render_password(model: &PasswordPage) -> Markup {
    let form = Form::new(CHANGE, &model.action, &model.sent);
    let help = format!(
        "At least {} characters. A few words in a row are easier to keep than signs.",
        model.least_characters
    );
    shell::page(
        &model.head,
        &html! {
            (outcome(&model.sent))
            section.panel.narrow aria-labelledby="password" {
                h2 id="password" { "Your password" }
                @if model.must_change { p { "The password that you were given holds once. Choose one of your own." } }
                (form.of(&html! {
                    input type="text" name=(NAME) value=(model.name) autocomplete="username" readonly hidden;
                    (form.password(&Field::new(BEFORE, "Password so far"), "current-password"))
                    (form.password(&Field::new(NEW, "New password").help(help), "new-password"))
                    (form.password(&Field::new(AGAIN, "New password again"), "new-password"))
                    div { (form.submit("Change it")) }
                }))
                p.note { "You stay signed in here; everywhere else you sign in again." }
            }
        },
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::form::FORM;
    use crate::sample::accounts;

    #[test]
    fn signing_in_leads_on_to_where_one_wanted_to_go() {
        let text = render(&accounts::login()).into_string();
        assert!(text.contains("name=\"next\" value=\"/kpis?where=a%20%3D%20%27b%27\""), "{text}");
        assert!(text.contains("autocomplete=\"username\"") && text.contains("current-password"), "{text}");
    }

    #[test]
    fn a_refusal_keeps_the_name_and_not_the_password() {
        let pairs = [(FORM, LOGIN), (NAME, "ann <a>"), (PASSWORD, "hunter2")];
        let mut sent = Sent::of(pairs.iter().map(|(n, v)| ((*n).to_owned(), (*v).to_owned())).collect());
        sent.refuse("", "Name and password do not belong together.");
        let text = render(&LoginPage { sent, ..accounts::login() }).into_string();
        assert!(text.contains("value=\"ann &lt;a&gt;\"") && !text.contains("hunter2"), "{text}");
        assert!(text.contains("do not belong together"), "{text}");
    }

    #[test]
    fn a_password_is_typed_twice_and_says_how_long_it_must_be() {
        let text = render_password(&accounts::password()).into_string();
        assert_eq!(text.matches("new-password").count(), 2, "{text}");
        assert!(text.contains("At least 12 characters") && text.contains("holds once"), "{text}");
    }
}

//! Accounts: who may sign in, as what, and whose records they see.

use maud::{Markup, html};

use crate::form::{Choice, Field, Form, Sent, group, outcome};
use crate::link::Link;
use crate::shell::{self, Head};

/// The form that makes an account.
pub const MAKE: &str = "make_account";
/// The name by which it is known, usually an address.
pub const NAME: &str = "name";
/// The name of the person, to show.
pub const LABEL: &str = "label";
/// The role: one of [`AccountsPage::roles`].
pub const ROLE: &str = "role";
/// Values of a dimension that the account is limited to, one a line; empty for no limit. The field is called `scope.` and
/// the dimension, such as `scope.campaign_id`.
pub const SCOPE: &str = "scope.";
/// The form that changes [`ROLE`] and [`SCOPE`]; [`crate::form::ITEM`] is the account's name. It has [`WHY`].
pub const CHANGE: &str = "change_account";
/// The form that disables an account; [`crate::form::ITEM`] is its name. It has [`WHY`].
pub const DISABLE: &str = "disable_account";
/// The form that enables it again; [`crate::form::ITEM`] is its name. It has [`WHY`].
pub const ENABLE: &str = "enable_account";
/// The form that gives it a new password for one use; [`crate::form::ITEM`] is its name.
pub const RENEW: &str = "renew_password";
/// Why, for the trail.
pub const WHY: &str = "why";

/// Name of the field for one dimension of a scope.
pub fn scope_field(dimension: &str) -> String {
    format!("{SCOPE}{dimension}")
}

/// What the page of accounts shows.
#[derive(Debug, Clone)]
pub struct AccountsPage {
    /// Top of the page.
    pub head: Head,
    /// Accounts, in the order of their names.
    pub accounts: Vec<Account>,
    /// Roles with what they may do.
    pub roles: Vec<Choice>,
    /// Dimensions along which an account can be limited, with a word for each: `campaign_id`, `Campaigns`.
    pub dimensions: Vec<(String, String)>,
    /// Account and password that was made for it just now. It is shown this once.
    pub issued: Option<(String, String)>,
    /// Where forms are sent.
    pub action: Link,
    /// What was sent last.
    pub sent: Sent,
}

/// One account.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Account {
    /// The name by which it is known.
    pub name: String,
    /// Name of the person.
    pub label: String,
    /// Value of its role, as in [`AccountsPage::roles`].
    pub role: String,
    /// Values that it is limited to, by dimension; none for all records.
    pub scope: Vec<(String, Vec<String>)>,
    /// Whether it may sign in.
    pub is_enabled: bool,
    /// When it signed in last, in words; `None` for never.
    pub seen: Option<String>,
    /// Whether it is the reader's own, who cannot disable it.
    pub is_own: bool,
}

/// The page.
pub fn render(model: &AccountsPage) -> Markup {
    let make = Form::new(MAKE, &model.action, &model.sent);
    shell::page(
        &model.head,
        &html! {
            (outcome(&model.sent))
            @if let Some((name, password)) = &model.issued { (issued(name, password)) }
            section.panel aria-labelledby="accounts" {
                h2 id="accounts" { "Accounts" }
                @if model.accounts.is_empty() { p.quiet { "None yet." } } @else {
                    div.scroll {
                        table.figures {
                            thead { tr { th { "Name" } th { "Person" } th { "Role" } th { "Sees" } th { "Signed in last" } th { "State" } } }
                            tbody { @for account in &model.accounts { (row(model, account)) } }
                        }
                    }
                }
            }
            section.two.even {
                section.panel aria-labelledby="make" {
                    h2 id="make" { "New account" }
                    (make.of(&html! {
                        div.fields {
                            (make.text(&Field::new(NAME, "Name").help("By which they sign in, usually an address.")))
                            (make.text(&Field::new(LABEL, "Person").help("As pages show them.")))
                        }
                        (make.select(&Field::new(ROLE, "Role"), &model.roles))
                        (scope(model, &make, &[]))
                        div { (make.submit("Make the account")) }
                        p.note { "A password for one use is shown afterwards, this once." }
                    }))
                }
                section.panel aria-labelledby="change" {
                    h2 id="change" { "Change an account" }
                    @for account in &model.accounts { (change(model, account)) }
                }
            }
        },
    )
}

fn issued(name: &str, password: &str) -> Markup {
    html! {
        section.done role="status" aria-labelledby="issued" {
            h2 id="issued" { "Password of " (name) }
            p { code.secret { (password) } }
            p.note { "It holds once and is not shown again: hand it over now. Whoever signs in with it chooses one of their own." }
        }
    }
}

fn row(model: &AccountsPage, account: &Account) -> Markup {
    let role = model.roles.iter().find(|role| role.value == account.role);
    html! {
        tr {
            th scope="row" { (account.name) @if account.is_own { " " span.quiet { "(you)" } } }
            td { (account.label) }
            td { (role.map_or(account.role.as_str(), |role| role.label.as_str())) }
            td {
                @if account.scope.is_empty() { span.quiet { "all records" } }
                @for (at, (dimension, values)) in account.scope.iter().enumerate() {
                    @if at > 0 { "; " } (word(model, dimension)) " " (values.join(", "))
                }
            }
            td { @match &account.seen { Some(seen) => (seen), None => span.quiet { "never" } } }
            td {
                @match account.is_enabled {
                    true => span.status.met { span aria-hidden="true" { "● " } "enabled" },
                    false => span.status.unsure { span aria-hidden="true" { "– " } "disabled" },
                }
            }
        }
    }
}

fn word<'m>(model: &'m AccountsPage, dimension: &'m str) -> &'m str {
    model.dimensions.iter().find(|(id, _)| id == dimension).map_or(dimension, |(_, word)| word)
}

fn scope(model: &AccountsPage, form: &Form<'_>, now: &[(String, Vec<String>)]) -> Markup {
    let values = |dimension: &str| {
        now.iter().find(|(id, _)| id == dimension).map(|(_, values)| values.join("\n")).unwrap_or_default()
    };
    group(
        "Sees only the records of",
        &html! {
            @for (dimension, word) in &model.dimensions {
                @let name = scope_field(dimension);
                (form.area_of(&Field::new(&name, word).optional().value(values(dimension)), 2))
            }
            p.note { "One value a line. Of fields that are filled in, all must hold; without any, all records are seen." }
        },
    )
}

fn change(model: &AccountsPage, account: &Account) -> Markup {
    let form = |name| Form::about(name, &account.name, &model.action, &model.sent);
    let (change, renew) = (form(CHANGE), form(RENEW));
    let (state, says) =
        if account.is_enabled { (form(DISABLE), "Disable") } else { (form(ENABLE), "Enable") };
    let is_open = change.is_refused() || state.is_refused() || renew.is_refused();
    html! {
        details.fold open[is_open] {
            summary { (account.label) " " span.quiet { (account.name) } }
            div.stack {
                (change.of(&html! {
                    (change.select(&Field::new(ROLE, "Role").value(&account.role), &model.roles))
                    (scope(model, &change, &account.scope))
                    (change.text(&Field::new(WHY, "Why")))
                    div { (change.submit("Change role and scope")) }
                }))
                (renew.in_line(&renew.submit_beside("New password for one use")))
                @if !account.is_own {
                    (state.of(&html! {
                        (state.text(&Field::new(WHY, if account.is_enabled { "Why it is disabled" } else { "Why it is enabled" })))
                        div { (state.submit_beside(says)) }
                    }))
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::form::{FORM, ITEM};
    use crate::sample::accounts;

    #[test]
    fn accounts_say_role_scope_and_state_in_words() {
        let text = render(&accounts::accounts()).into_string();
        for wanted in ["Team lead", "Teams north, south", "all records", "disabled", "never", "(you)"] {
            assert!(text.contains(wanted), "{wanted} not in {text}");
        }
        assert_eq!(accounts::accounts().roles.len(), 12);
        assert!(text.contains("name=\"scope.team_id\""), "{text}");
    }

    #[test]
    fn a_password_is_shown_only_when_it_was_made_just_now() {
        let text = render(&accounts::accounts()).into_string();
        assert!(text.contains("bread-lamp-eleven") && text.contains("not shown again"), "{text}");
        let text = render(&AccountsPage { issued: None, ..accounts::accounts() }).into_string();
        assert!(!text.contains("bread-lamp-eleven"), "{text}");
    }

    #[test]
    fn nobody_can_disable_their_own_account() {
        let mut model = accounts::accounts();
        model.accounts.retain(|account| account.is_own);
        let text = render(&model).into_string();
        assert!(!text.contains(DISABLE) && text.contains(RENEW), "{text}");
    }

    #[test]
    fn what_was_typed_for_one_account_stays_with_it() {
        let pairs = [(FORM, CHANGE), (ITEM, "lea@example.org"), ("scope.team_id", "east\nwest"), (WHY, "")];
        let mut sent = Sent::of(pairs.iter().map(|(n, v)| ((*n).to_owned(), (*v).to_owned())).collect());
        sent.refuse(WHY, "Say why; the trail keeps it.");
        let text = render(&AccountsPage { sent, ..accounts::accounts() }).into_string();
        assert_eq!(text.matches("east\nwest</textarea>").count(), 1, "{text}");
        assert!(text.contains("href=\"#form-change_account-lea~40example.org-why\""), "{text}");
    }
}

//! The pages of the rules that declarations of KPIs and scorecards are held to.

use std::fmt::Write;

use dialmark_govern::lint::{ALL, Lint};
use dialmark_model::declared::Severity;

/// Name and text of each page, the list of all first.
pub fn pages() -> Vec<(String, String)> {
    let mut list = String::from(
        "# Rules for KPIs and scorecards\n\n\
         `dialmark check` names the rule that a declaration breaks. An error keeps KPIs from being judged; a warning does not.\n\n\
         | rule | breaking it is | it asks for |\n|---|---|---|\n",
    );
    for lint in ALL {
        // Writing to a text does not fail.
        let _ = writeln!(list, "| [{0}]({0}.md) | {1} | {2} |", lint.code, word(lint), lint.says);
    }
    let mut pages = vec![("README.md".to_owned(), list)];
    pages.extend(ALL.iter().map(|lint| (format!("{}.md", lint.code), page(lint))));
    pages
}

fn page(lint: &Lint) -> String {
    format!(
        "# {}\n\n{} Breaking this is {}.\n\n{}\n\nThis breaks it:\n\n```toml\n{}\n```\n\nThis does not:\n\n```toml\n{}\n```\n\n[All rules](README.md)\n",
        lint.code,
        lint.says,
        word(lint),
        lint.why,
        lint.wrong,
        lint.right
    )
}

const fn word(lint: &Lint) -> &'static str {
    match lint.severity {
        Severity::Error => "an error",
        Severity::Warning => "a warning",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_rule_has_a_page_and_the_list_leads_there() {
        let pages = pages();
        assert_eq!(pages.len(), ALL.len() + 1);
        let (_, list) = &pages[0];
        assert!(
            pages[1..]
                .iter()
                .all(|(name, text)| list.contains(&format!("({name})")) && text.contains("```toml"))
        );
    }
}

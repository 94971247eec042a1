//! What VICIdial's statuses mean, by the flags that an administrator gave them: a proposal of a map of dispositions.
//!
//! Flags say less than a map: a person reads it through before figures are relied on.

use std::collections::{BTreeMap, BTreeSet};

/// Columns of `vicidial_statuses` that are read.
pub const COLUMNS: [&str; 2] = ["status", "status_name"];
/// Its flags, the strongest first, with what they mean in a map.
pub const FLAGS: [(&str, &str); 8] = [
    ("sale", "sale"),
    ("dnc", "do_not_call"),
    ("scheduled_callback", "callback"),
    ("answering_machine", "machine"),
    ("not_interested", "not_interested"),
    ("unworkable", "invalid"),
    ("customer_contact", "handled"),
    ("human_answered", "handled"),
];

/// Statuses that the system itself sets, and what they mean whatever their flags.
const OF_THE_SYSTEM: [(&str, &str); 19] = [
    ("A", "machine"),
    ("AA", "machine"),
    ("AM", "machine"),
    ("AL", "machine"),
    ("AFAX", "machine"),
    ("NA", "no_answer"),
    ("N", "no_answer"),
    ("B", "busy"),
    ("AB", "busy"),
    ("DC", "invalid"),
    ("ADC", "invalid"),
    ("DROP", "dropped"),
    ("PDROP", "dropped"),
    ("XDROP", "abandoned"),
    ("TIMEOT", "abandoned"),
    ("DNC", "do_not_call"),
    ("DNCC", "do_not_call"),
    ("CALLBK", "callback"),
    ("ERI", "failed"),
];

/// A status as one row has it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Status {
    /// Its code.
    pub code: String,
    /// Its name.
    pub label: String,
    /// The campaign whose own it is; none for the system's.
    pub campaign: Option<String>,
    /// Flags that are set.
    pub flags: Vec<String>,
}

impl Status {
    /// The word of a map for it; nothing where neither the code nor a flag says one.
    fn outcome(&self) -> Option<&'static str> {
        let of_system = OF_THE_SYSTEM.iter().find(|(code, _)| *code == self.code);
        let of_flag = || FLAGS.iter().find(|(flag, _)| self.flags.iter().any(|set| set == flag));
        of_system.or_else(of_flag).map(|(_, outcome)| *outcome)
    }
}

/// The file of a map, as of a day. `from_on` limits it to the days from that one on, for when an earlier map ends there.
pub fn map(statuses: &[Status], as_of: &str, from_on: Option<&str>) -> String {
    let mut text = format!(
        "# What VICIdial's statuses meant by their flags on {as_of}. Look it through: flags say less than a map.\n\
         # When a meaning changes, end this file with `until` and begin another with `from`: the past stays as it was.\n"
    );
    if let Some(day) = from_on {
        text += &format!("from = {day}\n");
    }
    text += "[disposition]\n";
    let mut by_code: BTreeMap<&str, Vec<&Status>> = BTreeMap::new();
    for status in statuses {
        by_code.entry(status.code.as_str()).or_default().push(status);
    }
    let (mut unsaid, mut different) = (Vec::new(), String::new());
    for (code, rows) in &by_code {
        // The system's own row comes first; a campaign may have a status that the system does not know.
        let first = rows.iter().find(|row| row.campaign.is_none()).or(rows.first());
        let Some(first) = first else { continue };
        match first.outcome() {
            Some(outcome) => {
                text += &format!(
                    "{} = {{ means = \"{outcome}\", label = {} }}\n",
                    quoted(code),
                    quoted(&first.label)
                );
            }
            None => unsaid.push(format!("#   {} ({})\n", code.escape_debug(), first.label.escape_debug())),
        }
        let outcomes: BTreeSet<Option<&str>> = rows.iter().map(|row| row.outcome()).collect();
        if outcomes.len() > 1 {
            for row in rows {
                let (Some(campaign), Some(outcome)) = (&row.campaign, row.outcome()) else { continue };
                different += &format!("# {} = \"{outcome}\"\n", quoted(&format!("{campaign}:{code}")));
            }
        }
    }
    if !unsaid.is_empty() {
        text +=
            "\n# No flag says what these mean. Until a line does, they count as calls and as nothing else.\n";
        text += &unsaid.concat();
    }
    if !different.is_empty() {
        text += "\n# These mean something else in a campaign. To tell them apart, fill the source's `disposition` from\n\
                 # { from = [\"campaign\", \"status\"], join = \":\" } and map the joined codes, all of them:\n";
        text += &different;
    }
    text
}

/// A text of TOML.
fn quoted(text: &str) -> String {
    let mut quoted = String::from("\"");
    for c in text.chars() {
        match c {
            '"' | '\\' => quoted.extend(['\\', c]),
            c if c.is_control() => quoted += &format!("\\u{:04X}", u32::from(c)),
            c => quoted.push(c),
        }
    }
    quoted.push('"');
    quoted
}

#[cfg(test)]
mod tests {
    use super::*;

    fn status(code: &str, campaign: Option<&str>, flags: &[&str]) -> Status {
        Status {
            code: code.to_owned(),
            label: format!("Name \"{code}\""),
            campaign: campaign.map(str::to_owned),
            flags: flags.iter().map(|flag| (*flag).to_owned()).collect(),
        }
    }

    #[test]
    fn flags_become_meanings_and_what_differs_is_said() {
        let text = map(
            &[
                status("SALE", None, &["sale", "human_answered", "customer_contact"]),
                status("NI", None, &["human_answered", "not_interested"]),
                status("NI", Some("WIND"), &["scheduled_callback"]),
                status("NA", None, &[]),
                status("ODD", None, &[]),
                status("MINE", Some("WIND"), &["sale"]),
            ],
            "2026-11-22",
            Some("2026-12-01"),
        );
        assert!(text.contains("from = 2026-12-01\n[disposition]\n"), "{text}");
        assert!(text.contains("\"SALE\" = { means = \"sale\", label = \"Name \\\"SALE\\\"\" }\n"), "{text}");
        assert!(text.contains("\"NI\" = { means = \"not_interested\""), "{text}");
        assert!(text.contains("\"MINE\" = { means = \"sale\""), "{text}");
        assert!(text.contains("\"NA\" = { means = \"no_answer\""), "{text}");
        assert!(text.contains("#   ODD (Name \\\"ODD\\\")"), "{text}");
        assert!(text.contains("# \"WIND:NI\" = \"callback\"\n") && !text.contains("WIND:MINE"), "{text}");
    }
}

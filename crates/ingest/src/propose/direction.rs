//! Which values of a column say that a call came in or went out, and how they are recoded.

use super::assign::{Assigned, SURE};
use super::reading::Reading;
use super::sample::Sample;
use super::shape::Shape;

/// Words for the two directions, as systems write them.
const PAIRS: [(&str, &str); 12] = [
    ("inbound", "outbound"),
    ("in", "out"),
    ("i", "o"),
    ("ib", "ob"),
    ("incoming", "outgoing"),
    ("inboundcall", "outboundcall"),
    ("incomingcall", "outgoingcall"),
    ("eingehend", "ausgehend"),
    ("ankommend", "abgehend"),
    ("entrante", "saliente"),
    ("entrada", "saida"),
    ("recebida", "efetuada"),
];

/// Words for calls between colleagues.
const INTERNAL: [&str; 3] = ["internal", "intern", "interno"];

/// Words that begin longer ones, such as `outbound-api`.
const BEGINNINGS: [(&str, &str); 4] =
    [("inbound", "inbound"), ("outbound", "outbound"), ("incoming", "inbound"), ("outgoing", "outbound")];

/// The direction that a value says.
fn meaning(value: &str) -> Option<&'static str> {
    let word = plain(value);
    let word = word.as_str();
    if PAIRS.iter().any(|(inbound, _)| *inbound == word) {
        Some("inbound")
    } else if PAIRS.iter().any(|(_, outbound)| *outbound == word) {
        Some("outbound")
    } else if INTERNAL.contains(&word) {
        Some("internal")
    } else {
        BEGINNINGS.iter().find(|(beginning, _)| word.starts_with(beginning)).map(|(_, means)| *means)
    }
}

/// A value without case, blanks and signs.
fn plain(value: &str) -> String {
    value.chars().filter(|c| c.is_alphanumeric()).flat_map(char::to_lowercase).collect()
}

/// Different values in the order of their first appearance.
fn different<'v>(values: &[&'v str]) -> Vec<&'v str> {
    let mut found: Vec<&str> = Vec::new();
    for value in values {
        // What has more than a few values is no direction.
        if found.len() < MOST && !found.contains(value) {
            found.push(value);
        }
    }
    found
}

const MOST: usize = 20;

/// Writes into a reading how the values of a direction are recoded, and what remains to be said.
pub fn recode(reading: &mut Reading, values: &[&str]) {
    let found = different(values);
    let mut add = |from: String, to: &str| {
        if from != to && !reading.values.iter().any(|(known, _)| *known == from) {
            reading.values.push((from, to.to_owned()));
        }
    };
    for value in &found {
        let Some(means) = meaning(value) else { continue };
        add((*value).to_owned(), means);
        // The other of the two may come later.
        if let Some(other) = counterpart(value) {
            add(other, if means == "inbound" { "outbound" } else { "inbound" });
        }
    }
    let unknown: Vec<String> =
        found.iter().filter(|value| meaning(value).is_none()).map(|value| format!("`{value}`")).collect();
    if !unknown.is_empty() {
        reading.check.push(format!(
            "{} says neither inbound nor outbound; write into `values` what it means",
            unknown.join(", ")
        ));
    }
}

/// The word for the other direction, written in the same way.
fn counterpart(value: &str) -> Option<String> {
    let word = plain(value);
    let other = PAIRS.iter().find_map(|(inbound, outbound)| match word.as_str() {
        word if word == *inbound => Some(*outbound),
        word if word == *outbound => Some(*inbound),
        _ => None,
    })?;
    let mut letters = other.chars();
    if value == word {
        Some(other.to_owned())
    } else if value == word.to_uppercase() {
        Some(other.to_uppercase())
    } else {
        let capital = letters.next()?.to_uppercase().chain(letters).collect();
        value.starts_with(char::is_uppercase).then_some(capital)
    }
}

/// A file that says the direction under a name of its own: a column whose values are nothing but directions.
pub fn by_values(assigned: &mut Vec<Assigned>, sample: &Sample) {
    if assigned.iter().any(|field| field.column == "direction") {
        return;
    }
    let says = sample.columns.iter().find(|seen| {
        let found = different(&sample.values(seen));
        matches!(seen.shape, Shape::Text(..)) && says_nothing_else(&found)
    });
    let Some(seen) = says else { return };
    let mut reading = Reading {
        from: vec![seen.name.clone()],
        null: seen.nothings.clone(),
        check: vec!["by its values; its name does not say it".to_owned()],
        ..Reading::default()
    };
    recode(&mut reading, &sample.values(seen));
    assigned.insert(0, Assigned { column: "direction".to_owned(), reading, fit: SURE });
}

/// Whether values can only be directions: `IN` alone may be a state or a country, one letter anything.
fn says_nothing_else(found: &[&str]) -> bool {
    let means = |wanted: &str| found.iter().any(|value| meaning(value) == Some(wanted));
    let both = means("inbound") && means("outbound");
    let at_least = if both { 2 } else { 4 };
    let telling = |value: &&str| meaning(value).is_some() && plain(value).len() >= at_least;
    (means("inbound") || means("outbound")) && found.iter().all(telling)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn recoded(values: &[&str]) -> (Vec<(String, String)>, Vec<String>) {
        let mut reading = Reading::default();
        recode(&mut reading, values);
        (reading.values, reading.check)
    }

    #[test]
    fn both_directions_are_recoded_though_only_one_was_seen() {
        for (seen, inbound, outbound) in [
            ("In", "In", "Out"),
            ("OUT", "IN", "OUT"),
            ("I", "I", "O"),
            ("Outgoing", "Incoming", "Outgoing"),
            ("INBOUND", "INBOUND", "OUTBOUND"),
        ] {
            let (mut values, check) = recoded(&[seen, seen]);
            values.sort();
            let wanted = [(inbound, "inbound"), (outbound, "outbound")];
            assert_eq!(values, wanted.map(|(from, to)| (from.to_owned(), to.to_owned())), "{seen}");
            assert!(check.is_empty());
        }
        assert_eq!(recoded(&["inbound", "outbound"]), (vec![], vec![]));
        let (values, _) = recoded(&["outbound-api", "In-bound"]);
        assert_eq!(
            values.iter().map(|(from, _)| from.as_str()).collect::<Vec<_>>(),
            ["outbound-api", "In-bound", "Outbound"]
        );
    }

    #[test]
    fn what_may_be_something_else_is_no_direction() {
        for (values, wanted) in [
            (&["In", "Out"][..], true),
            (&["Inbound"], true),
            (&["IN"], false),
            (&["I", "O"], false),
            (&["Intern"], false),
            (&["Inbound", "Sale"], false),
            (&[], false),
        ] {
            assert_eq!(says_nothing_else(values), wanted, "{values:?}");
        }
    }

    #[test]
    fn a_value_that_says_no_direction_is_named() {
        let (values, check) = recoded(&["Inbound", "Transfer"]);
        assert_eq!(values.first().map(|(from, _)| from.as_str()), Some("Inbound"));
        assert!(check[0].starts_with("`Transfer` says neither"), "{check:?}");
    }
}

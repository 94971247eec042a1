//! `[[contract.NAME.definition]]`.

use std::collections::BTreeSet;

use dialmark_metrics::MetricRef;
use dialmark_model::declared::Section;

use super::Terms;
use super::words::{self, Names};
use crate::contract::definition::{Party, Signature, SignedDefinition};

/// Reads one signed version of a definition.
pub(super) fn read(
    section: &Section<'_>,
    terms: &Terms<'_>,
    used: Option<&BTreeSet<MetricRef>>,
    versions: &mut Names,
) -> Option<SignedDefinition> {
    let metric = metric(section, terms);
    if let (Some(metric), Some(used)) = (&metric, used)
        && !used.contains(metric)
    {
        let named: Vec<String> = used.iter().map(ToString::to_string).collect();
        section.warn(
            "metric",
            format!("no part of this contract is about `{metric}`."),
            Some(format!(
                "A definition is signed under the name that the contract uses: {}.",
                words::quoted(named.iter().map(String::as_str))
            )),
        );
    }
    let hash = section.required_text("hash", "the hash of the definition that was signed");
    let signed = words::each(section, "signed", signature);
    section.finish();
    let has_signature = section.has("signed");
    if !has_signature {
        section.error(
            "",
            "`signed` is missing.",
            Some("Add `signed = [{ party = \"client\", by = \"...\", on = 2026-07-01 }]`.".to_owned()),
        );
    }
    let definition = SignedDefinition { metric: metric?, hash: hash?, signed: signed? };
    let twice = Party::ALL.iter().find(|(_, party)| {
        definition.signed.iter().filter(|signature| signature.party == *party).count() > 1
    });
    if let Some((word, _)) = twice {
        section.error(
            "signed",
            format!("the {word} signed twice."),
            Some("Leave one of the two out.".to_owned()),
        );
        return None;
    }
    let version = format!("{} {}", definition.metric, definition.hash);
    if versions.has(&version) {
        section.error(
            "hash",
            format!("`{}` is declared twice with this hash.", definition.metric),
            Some("Write both signatures into one entry.".to_owned()),
        );
        return None;
    }
    versions.note(section, "hash", "definition", &version);
    has_signature.then_some(definition)
}

fn metric(section: &Section<'_>, terms: &Terms<'_>) -> Option<MetricRef> {
    let text = section.required_text("metric", "the metric that was signed, as the contract names it")?;
    let metric = MetricRef::parse(&text)
        .and_then(|metric| terms.known.catalogue.resolve(&metric).map(|_| ()).map(|()| metric));
    match metric {
        Ok(metric) => Some(metric),
        Err(message) => {
            section.error("metric", message, None);
            None
        }
    }
}

fn signature(section: &Section<'_>) -> Option<Signature> {
    let party = words::required_choice(section, "party", &Party::ALL);
    let by = section.required_text("by", "who signed");
    let on = words::required_day(section, "on", "the day of the signature");
    section.finish();
    Some(Signature { party: party?, by: by?, on: on? })
}

//! Definitions in words: bindings, worked examples.

use dialmark_metrics::catalogue::Resolved;
use dialmark_metrics::metric::Example;
use dialmark_metrics::{Binding, Catalogue, Covered, Split};
use dialmark_model::DispositionMap;

/// `calls: count where outcome = 'sale'`, with what else the binding asks for.
pub fn binding(binding: &Binding) -> String {
    let mut text = format!("{}: ", binding.table);
    text.push_str(&binding.shape.to_string());
    match &binding.split {
        None => {}
        Some(Split::Length { from }) => text.push_str(&format!(", split over intervals from {from}")),
        Some(Split::Days { from, until, so_far }) => {
            text.push_str(&format!(", each day from {from} to {until} by itself"));
            text.push_str(if *so_far { " as far as it has passed" } else { "" });
        }
    }
    if let Some(share) = &binding.share {
        text.push_str(&format!(
            ", what has no {} shared out within each {} by {}",
            share.column,
            share.per.join(", "),
            share.by
        ));
    }
    if let Some(covered) = &binding.covered {
        text.push_str(&format!(
            ", where `{}` is the part of {} that records of {} with the same {} where {} cover, and `{}` the rest",
            Covered::COVERED,
            covered.length,
            covered.table,
            covered.same_there,
            covered.filter,
            Covered::UNCOVERED
        ));
    }
    if let Some(matured) = &binding.matured {
        let word = if matured.has_passed { "once" } else { "as long as not yet" };
        text.push_str(&format!(", {word} {} have passed", matured.window));
    }
    if let Some(at) = &binding.at {
        text.push_str(&format!(", placed at {at}"));
    }
    text
}

/// A name for exactly this definition: it changes with the formula, any reading, parameter or look-up that it rests on, and
/// with the meanings of codes where it asks for them.
pub fn version(catalogue: &Catalogue, resolved: &Resolved<'_>, dispositions: &DispositionMap) -> String {
    let mut text = format!("{}\n", resolved.variant.formula);
    for (name, value) in &resolved.params.0 {
        text.push_str(&format!("${name} = {value}\n"));
    }
    text.push_str(&format!("{:?}\n", resolved.count_at));
    for part in resolved.variant.formula.others() {
        if let Ok(part) = catalogue.resolve_part(part, &resolved.params) {
            text.push_str(&version(catalogue, &part, dispositions));
        }
    }
    let mut asks_for_codes = false;
    for measure in resolved.variant.formula.measures().into_iter().filter_map(|m| catalogue.measures.get(m)) {
        for bound in &measure.bindings {
            text.push_str(&format!("{}\n", binding(bound)));
            for column in bound.record_expressions().into_iter().flat_map(dialmark_metrics::Expr::columns) {
                asks_for_codes |= dialmark_metrics::virtuals::named(column).is_some();
                if let Some(lookup) = catalogue.lookup(&bound.table, column) {
                    let stretch = (&lookup.since, &lookup.until);
                    let (from, key, by) = (&lookup.from, &lookup.key, &lookup.by);
                    text.push_str(&format!("{from} {key} {by} {} {stretch:?}\n", lookup.column));
                }
            }
        }
    }
    if asks_for_codes {
        for (days, codes) in dispositions.parts() {
            for (code, d) in codes {
                let flags = (d.contact, d.right_party, d.live_answer, d.success);
                text.push_str(&format!("{days} {code} {} {flags:?}\n", d.outcome.word()));
            }
        }
    }
    blake3::hash(text.as_bytes()).to_hex().chars().take(16).collect()
}

/// The example in words, and what must come out.
pub fn example(example: &Example) -> String {
    let values: Vec<String> = example
        .values
        .iter()
        .map(|(key, value)| key.as_ref().map_or_else(|| value.to_string(), |key| format!("{key}: {value}")))
        .collect();
    format!("{} Value: {}.", example.says, values.join(", "))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_definition_of_the_catalogue_can_be_said_in_words() {
        let (catalogue, _) = Catalogue::builtin();
        for measure in catalogue.measures.values() {
            for bound in &measure.bindings {
                let text = binding(bound);
                assert!(text.starts_with(&format!("{}: ", bound.table)) && text.len() > 10, "{text}");
            }
        }
        let fcr = catalogue.binding("resolved_calls_matured", "calls").unwrap();
        let text = binding(fcr);
        assert!(text.contains("not followed within $window by a record with the same customer_id"), "{text}");
        let sales = catalogue.binding("sales", "calls").unwrap();
        assert!(binding(sales).contains("count where"));
    }
}

//! Definitions in words: bindings, worked examples.

use dialmark_metrics::metric::Example;
use dialmark_metrics::{Binding, Split};

/// `calls: count where outcome = 'sale'`, with what else the binding asks for.
pub fn binding(binding: &Binding) -> String {
    let mut text = format!("{}: ", binding.table);
    text.push_str(&binding.shape.to_string());
    match &binding.split {
        None => {}
        Some(Split::Length { from }) => text.push_str(&format!(", split over intervals from {from}")),
        Some(Split::Days { from, until }) => {
            text.push_str(&format!(", each day from {from} to {until} by itself"));
        }
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
    use dialmark_metrics::Catalogue;

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

//! Definitions in words: formulas, bindings, worked examples.

use dialmark_metrics::metric::{Example, Formula};
use dialmark_metrics::{Binding, Shape};

/// `sales / dials`, `dials / logged_ms x 3,600,000`, or the measure itself.
pub fn formula(formula: &Formula) -> String {
    match formula {
        Formula::Simple { measure } => measure.clone(),
        Formula::Ratio { numerator, denominator, times: 1 } => format!("{numerator} / {denominator}"),
        Formula::Ratio { numerator, denominator, times } => format!("{numerator} / {denominator} x {times}"),
    }
}

/// `calls: count where outcome = 'sale'`, with what else the binding asks for.
pub fn binding(binding: &Binding) -> String {
    let mut text = format!("{}: ", binding.table);
    match &binding.shape {
        Shape::Records(aggregate) => text.push_str(&aggregate.to_string()),
        Shape::Followed { among, same, within, follower, negated } => {
            text.push_str(&format!(
                "count where {among}, {}followed within {within} by a record with the same {same} where {follower}",
                if *negated { "not " } else { "" }
            ));
        }
        Shape::Grouped { per, among, each, outer } => {
            let among = among.as_ref().map_or_else(String::new, |among| format!(" where {among}"));
            let each: Vec<String> = each.iter().map(|(name, what)| format!("{name} = {what}")).collect();
            text.push_str(&format!("{outer} over each {}{among}", per.join(", ")));
            if !each.is_empty() {
                text.push_str(&format!(" with {}", each.join("; ")));
            }
        }
    }
    if let Some(matured) = &binding.matured {
        text.push_str(&format!(", once {matured} have passed"));
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

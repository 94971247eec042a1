//! Worked examples in words.

use dialmark_metrics::metric::Example;

/// The example in words, and what must come out.
pub fn example(example: &Example) -> String {
    let values: Vec<String> = example
        .values
        .iter()
        .map(|(key, value)| key.as_ref().map_or_else(|| value.to_string(), |key| format!("{key}: {value}")))
        .collect();
    format!("{} Value: {}.", example.says, values.join(", "))
}

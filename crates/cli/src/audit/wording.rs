//! Dimensions and places as people say them.

use dialmark_govern::Place;

/// `list_id` is a list.
pub fn words(dimension: &str) -> String {
    match dimension {
        "hour" => "hour of the day".to_owned(),
        "weekday" => "day of the week".to_owned(),
        "attempt_no" => "attempt".to_owned(),
        "caller_id" => "caller ID".to_owned(),
        other => other.trim_end_matches("_id").replace('_', " "),
    }
}

/// `campaign north, team a`; `None` for the whole centre.
pub fn place(place: &Place) -> Option<String> {
    let parts: Vec<String> =
        place.iter().map(|(dimension, value)| format!("{} {value}", words(dimension))).collect();
    (!parts.is_empty()).then(|| parts.join(", "))
}

//! Lengths of time in sentences.

/// `30 s`, or `0.5 s`.
pub fn seconds(ms: u64) -> String {
    match ms % 1_000 {
        0 => format!("{} s", ms / 1_000),
        rest => format!("{}.{} s", ms / 1_000, format!("{rest:03}").trim_end_matches('0')),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lengths_are_said_in_seconds() {
        assert_eq!(
            (seconds(30_000), seconds(500), seconds(1_050)),
            ("30 s".into(), "0.5 s".into(), "1.05 s".into())
        );
    }
}

//! Short identifiers that follow from what they stand for, so that doing something twice is doing it once.

/// Sixteen hexadecimal digits of the BLAKE3 of parts; where one ends and the next begins counts.
pub(crate) fn mark(parts: &[&str]) -> String {
    let mut hasher = blake3::Hasher::new();
    for part in parts {
        hasher.update(&u64::try_from(part.len()).unwrap_or(u64::MAX).to_le_bytes());
        hasher.update(part.as_bytes());
    }
    hasher.finalize().to_hex().chars().take(16).collect()
}

#[cfg(test)]
mod tests {
    use super::mark;

    #[test]
    fn the_same_parts_have_the_same_mark_and_others_another() {
        assert_eq!(mark(&["a", "bc"]), mark(&["a", "bc"]));
        assert_ne!(mark(&["a", "bc"]), mark(&["ab", "c"]));
        assert_eq!(mark(&["a"]).len(), 16);
    }
}

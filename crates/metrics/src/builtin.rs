//! The built-in definitions, one file a theme, read by the same reader as anyone's own.

/// Name and text of each file, in the order of reading.
pub const FILES: &[(&str, &str)] = &[
    ("catalogue/calls.toml", include_str!("../catalogue/calls.toml")),
    ("catalogue/outbound.toml", include_str!("../catalogue/outbound.toml")),
    ("catalogue/queue.toml", include_str!("../catalogue/queue.toml")),
    ("catalogue/floor.toml", include_str!("../catalogue/floor.toml")),
];

#[cfg(test)]
mod tests {
    use crate::Catalogue;

    #[test]
    fn the_built_in_catalogue_has_no_problems() {
        let (catalogue, problems) = Catalogue::builtin();
        let found: Vec<String> = problems.into_vec().iter().map(ToString::to_string).collect();
        assert!(found.is_empty(), "{}", found.join("\n"));
        assert!(catalogue.metrics.len() >= 20);
    }
}

//! A short name for exactly one definition.

use dialmark_metrics::Catalogue;
use dialmark_metrics::catalogue::Resolved;
use dialmark_model::DispositionMap;

/// Sixteen hexadecimal digits that change with the formula, any reading, parameter or look-up that it rests on, and with the
/// meanings of codes where it asks for them.
pub fn version(catalogue: &Catalogue, resolved: &Resolved<'_>, dispositions: &DispositionMap) -> String {
    let text = catalogue.definition(resolved, dispositions);
    blake3::hash(text.as_bytes()).to_hex().chars().take(16).collect()
}

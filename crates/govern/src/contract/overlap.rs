//! Contracts that stand in each other's way.

use dialmark_model::declared::{Problem, Problems, Severity};

use super::Contract;
use crate::Place;

/// Warns of every two contracts over the same client whose days and scopes overlap: their records are paid twice.
pub fn check_together(contracts: &[Contract], problems: &Problems) {
    for (at, later) in contracts.iter().enumerate() {
        for earlier in contracts.iter().take(at) {
            let is_same = later.client == earlier.client
                && later.phases.days().overlap(&earlier.phases.days())
                && meet(&later.scope, &earlier.scope);
            if !is_same {
                continue;
            }
            problems.push(Problem {
                severity: Severity::Warning,
                code: None,
                file: later.declared_in.clone(),
                line: later.line,
                key: format!("contract.{}", later.name),
                message: format!(
                    "this contract and `{}` ({}:{}) are over the same client, and their days and scopes overlap.",
                    earlier.name, earlier.declared_in, earlier.line
                ),
                help: Some(
                    "Let one end (`ends_on`) before the other begins, or narrow their `scope`, so that no record is paid twice."
                        .to_owned(),
                ),
            });
        }
    }
}

/// Whether some record may belong to both places, as far as their names say.
fn meet(a: &Place, b: &Place) -> bool {
    a.iter().all(|(dimension, value)| b.value(dimension).is_none_or(|other| other == value))
}

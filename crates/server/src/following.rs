//! What the project's files say is in force, also when somebody changes them with an editor.

use std::collections::BTreeSet;
use std::time::Duration;

use async_recursion::async_recursion as compiled_here;
use dialmark_ingest::pushable;
use dialmark_model::source::Source;

use crate::app::{Intake, Shared};

/// Time between two looks.
const ROUND: Duration = Duration::from_secs(2);

/// Runs until it is dropped.
#[compiled_here]
pub async fn run(shared: Shared) {
    let mut known = shared.declarations().stamp();
    // Streams are opened when the program begins.
    let mut told = shared.intake().map_or_else(BTreeSet::new, |intake| sent(&intake));
    loop {
        tokio::time::sleep(ROUND).await;
        let found = shared.declarations().stamp();
        if found == known {
            continue;
        }
        // What is still being written changes again.
        tokio::time::sleep(ROUND).await;
        if shared.declarations().stamp() != found {
            continue;
        }
        known = found;
        let _changing = shared.changing().await;
        match shared.reload() {
            Ok(()) => {
                tracing::info!("the project's files have changed; what they say now is in force");
                let now = shared.intake().map_or_else(BTreeSet::new, |intake| sent(&intake));
                for name in now {
                    if told.insert(name.clone()) {
                        tracing::warn!(
                            "records of the source `{name}` are taken from the next start of `dialmark serve` on"
                        );
                    }
                }
            }
            Err(sentences) => tracing::warn!(
                "the project's files have changed and cannot be read, so what was in force before stays so: {}",
                sentences.join(" ")
            ),
        }
    }
}

/// Sources to which records may be sent.
fn sent(intake: &Intake) -> BTreeSet<String> {
    let sent = intake.sources.iter().filter(|source| pushable(source).is_ok());
    sent.map(|source: &Source| source.name.clone()).collect()
}

//! An alert over the past: what it would have told, so that its edges can be tried before anybody is woken up.

use std::collections::BTreeMap;

use async_recursion::async_recursion as compiled_here;
use dialmark_govern::Alert;
use dialmark_govern::alert::{Event, Notice, Standing, Watch};
use jiff::{SignedDuration, Timestamp};

use super::look;
use crate::desk::Desk;
use crate::error::NotDone;

/// Looks that one replay takes at most.
const MOST_LOOKS: u64 = 200_000;

/// What an alert would have told.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Replayed {
    /// Looks, those outside of its hours included.
    pub looks: u64,
    /// How often something was raised.
    pub raised: u64,
    /// Messages, in order.
    pub notices: Vec<Notice>,
}

/// Looks every so often from one instant to another, which does not belong to it, as if it were that time. Records count by
/// when they are of and not by when they came, so what came late is there as if it had been in time.
#[compiled_here]
pub async fn replay(
    desk: &Desk<'_>,
    alert: &Alert,
    (from, to): (Timestamp, Timestamp),
    every: SignedDuration,
) -> Result<Replayed, NotDone> {
    if let Watch::Case { .. } = alert.watch {
        return Err(NotDone::refused(
            "Clocks of cases are known as they are now, so an alert about them cannot be tried on the past.",
        ));
    }
    let mut replayed = Replayed::default();
    let mut stands: BTreeMap<String, Standing> = BTreeMap::new();
    let mut now = from;
    while now < to {
        if replayed.looks >= MOST_LOOKS {
            return Err(NotDone::refused(format!(
                "That would be more than {MOST_LOOKS} looks. Name a shorter time, or look less often."
            )));
        }
        let round = look(&Desk { now, ..*desk }, alert, &stands).await?;
        replayed.looks += 1;
        for changed in round.changed {
            let raised = changed.happened.iter().filter(|line| line.event == Event::Raised).count();
            replayed.raised = replayed.raised.saturating_add(u64::try_from(raised).unwrap_or(0));
            stands.insert(changed.standing.subject.key.clone(), changed.standing);
        }
        replayed.notices.extend(round.notices);
        match now.checked_add(every).ok().filter(|next| *next > now) {
            Some(next) => now = next,
            None => break,
        }
    }
    Ok(replayed)
}

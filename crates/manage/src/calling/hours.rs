//! Calls outside the hours of the place that was called.

use dialmark_engine::Happened;
use dialmark_govern::calling::{Unjudged, Violation, Violations};
use jiff::SignedDuration;
use jiff::civil::Time;

use super::asked::Asked;
use super::places::Places;
use super::shown;
use crate::error::NotDone;

/// Calls that began before `from` or at `until` or later, by the clock of the called place. Calls that do not say where they went
/// are not judged.
pub(super) async fn outside(
    asked: &Asked<'_>,
    from: Time,
    until: Time,
) -> Result<(Violations, Vec<Unjudged>), NotDone> {
    let mut wanted = asked.calls(None, SignedDuration::ZERO);
    wanted.filter = asked.filter_and("called_zone is not null")?;
    let mut places = Places::new(asked.calendar().zone.clone());
    let mut found = Violations::default();
    let mut nowhere: (u64, Option<String>) = (0, None);
    let each = |_: Option<&str>, happened: &[Happened]| {
        for one in happened {
            let Happened::Dialled(call) = one else { continue };
            let Some(there) = places.there(call) else {
                nowhere.0 += 1;
                nowhere.1 = nowhere.1.take().max(call.zone.clone());
                continue;
            };
            if !asked.counts(call.at, there.date()) {
                continue;
            }
            found.judged += 1;
            let time = there.time();
            if from <= time && time < until {
                continue;
            }
            let zone = places.zone_of(call);
            found.note(Violation {
                says: format!(
                    "Dialled at {} by the clock of {zone}.",
                    there.strftime("%H:%M:%S on %Y-%m-%d")
                ),
                source: call.source.clone(),
                source_id: call.source_id.clone(),
                at: call.at,
                zone,
                campaign: call.campaign.clone(),
                whom: None,
                count: None,
                opens: asked.opens_one(&call.source, call.source_id.as_deref(), call.at),
            });
        }
    };
    asked.engine.dialled(&wanted, each).await?;
    found.keep_latest();
    let (calls, zone) = nowhere;
    let unjudged = zone.map(|zone| {
        let says =
            format!("{calls} calls are not judged: they name a zone that does not exist, such as `{zone}`.");
        Unjudged { calls, of: calls, ..shown::of_nobody(says) }
    });
    Ok((found, unjudged.into_iter().collect()))
}

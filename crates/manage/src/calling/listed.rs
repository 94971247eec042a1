//! Calls to who is on a do-not-call list, or against what was said about consent.

use dialmark_engine::{Dialled, DialledQuery, Entries, Happened, SaidOf};
use dialmark_govern::calling::{Consent, Listed, Standing, Unjudged, Violation, Violations};
use dialmark_metrics::Scope;
use jiff::{SignedDuration, Timestamp};

use super::asked::Asked;
use super::places::Places;
use super::shown;
use crate::error::NotDone;

/// Lists that only the centre and its clients write.
const OWN: [&str; 2] = ["internal", "client"];
const NUMBER: &str = "called_number";

/// Calls to numbers of a list, and why it cannot be judged, if so.
pub(super) async fn on_list(
    asked: &Asked<'_>,
    registry: &str,
    fresh_days: Option<u32>,
) -> Result<(Violations, Vec<Unjudged>), NotDone> {
    let until = asked.stretch.to;
    let register = asked.engine.register(Some(registry), until, asked.scope).await?;
    let Some(newest) = register.newest else {
        let who = nobody_gives(asked);
        let says = format!("Cannot be judged: {who} entries of the list `{registry}` (`dnc_events`).");
        return Ok((Violations::default(), vec![shown::of_nobody(says)]));
    };
    let days = asked.calendar().day_of(newest).until(asked.stretch.last).map_or(0, |span| span.get_days());
    let stale = fresh_days.filter(|most| i64::from(days) > i64::from(*most)).map(|most| {
        shown::of_nobody(format!(
            "The newest entry of the list `{registry}` is {days} days old; at most {most} are allowed, so calls to newer entries are not seen."
        ))
    });
    let is_own = OWN.contains(&registry);
    let judge = |standing: &Standing, call: &Dialled| {
        standing.breaks_list(call.at, &[call.campaign.as_deref(), call.client.as_deref()], is_own)
    };
    let entries = Entries { registry: Some(registry.to_owned()), all_numbers: false };
    let says = format!("The number was on the list `{registry}` when it was called.");
    let found = judged(asked, entries, &says, &judge).await?;
    Ok((found, stale.into_iter().collect()))
}

/// Calls against what was said about consent, and why that cannot be judged, if so.
pub(super) async fn against_consent(
    asked: &Asked<'_>,
    asks: Consent,
) -> Result<(Violations, Vec<Unjudged>), NotDone> {
    let known = asked.engine.register(None, asked.stretch.to, asked.scope).await?;
    if known.entries == 0 {
        let who = nobody_gives(asked);
        let says =
            format!("Cannot be judged: {who} entries of who gave or took back consent (`consent_events`).");
        return Ok((Violations::default(), vec![shown::of_nobody(says)]));
    }
    let judge = |standing: &Standing, call: &Dialled| {
        standing.breaks_consent(call.at, &[call.campaign.as_deref(), call.client.as_deref()], asks)
    };
    let says = match asks {
        Consent::Given => "No consent to the call is known that held when it was made.",
        Consent::NotRevoked => "Consent had been taken back when the number was called.",
    };
    let entries = Entries { registry: None, all_numbers: asks == Consent::Given };
    Ok((judged(asked, entries, says, &judge).await?, Vec::new()))
}

/// Whoever does not see everything may see no entries though there are some.
fn nobody_gives(asked: &Asked<'_>) -> &'static str {
    match asked.scope {
        Scope::Everything => "no source gives",
        Scope::Rows(_) => "you may not see, or no source gives,",
    }
}

async fn judged(
    asked: &Asked<'_>,
    entries: Entries,
    says: &str,
    breaks: &(dyn Fn(&Standing, &Dialled) -> bool + Sync),
) -> Result<Violations, NotDone> {
    let calls = asked.calls(Some(NUMBER), SignedDuration::ZERO);
    let wanted = DialledQuery { entries: Some(entries), ..calls };
    let mut places = Places::new(asked.calendar().zone.clone());
    let mut found = Violations::default();
    let each = |whose: Option<&str>, happened: &[Happened]| {
        let Some(whose) = whose else { return };
        let mut standing = Standing::default();
        let mut said_at: Option<Timestamp> = None;
        for one in happened {
            let call = match one {
                Happened::Dialled(call) => call,
                Happened::Said(said) => {
                    if let Some(entry) = entry(said) {
                        standing.note(said.at, entry, said.limited_to.as_deref());
                        said_at = Some(said.at);
                    }
                    continue;
                }
            };
            if !asked.counts(call.at, places.there_or_here(call).date()) || !breaks(&standing, call) {
                continue;
            }
            let last = said_at.map_or(String::new(), |at| {
                format!(" The last entry about it is of {}.", at.strftime("%Y-%m-%d %H:%M UTC"))
            });
            found.note(Violation {
                source: call.source.clone(),
                source_id: call.source_id.clone(),
                at: call.at,
                zone: places.zone_of(call),
                campaign: call.campaign.clone(),
                whom: Some(whose.to_owned()),
                count: None,
                says: format!("{says}{last}"),
                opens: asked.opens(NUMBER, whose, said_at.unwrap_or(call.at), call.at),
            });
        }
    };
    asked.engine.dialled(&wanted, each).await?;
    found.judged = shown::with(asked, "called_number is not null").await?;
    found.keep_latest();
    Ok(found)
}

/// What an entry says; `None` for words that nobody defined.
fn entry(said: &SaidOf) -> Option<Listed> {
    match said.action.to_ascii_lowercase().as_str() {
        "added" => Some(Listed::Added),
        "removed" => Some(Listed::Removed),
        "given" => Some(Listed::Given(said.until)),
        "revoked" => Some(Listed::Revoked),
        _ => None,
    }
}

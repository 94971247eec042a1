//! Calls to one number or about one debt, one after the other: too many of them, too soon after a conversation, too soon after
//! one that was abandoned.

use dialmark_engine::{Dialled, Happened};
use dialmark_govern::calling::{
    Attempt, Breach, To, Violation, Violations, Within, after_conversation, too_many_in_days,
    too_many_in_hours,
};
use jiff::{SignedDuration, Timestamp};

use super::asked::Asked;
use super::places::Places;
use crate::error::NotDone;

/// Calls beyond so many within some time.
pub(super) async fn attempts(
    asked: &Asked<'_>,
    to: To,
    at_most: u32,
    within: Within,
) -> Result<Violations, NotDone> {
    let (back, words) = match within {
        Within::Hours(hours) => (SignedDuration::from_hours(i64::from(hours)), format!("{hours} hours")),
        Within::Days(days) => (days_back(days), format!("{days} days")),
    };
    let judge = |calls: &[Attempt]| match within {
        Within::Hours(hours) => too_many_in_hours(calls, at_most, hours),
        Within::Days(days) => too_many_in_days(calls, at_most, days),
    };
    let says = |breach: &Breach, _: &[&Dialled]| {
        format!("Call {} to the same {} within {words}; {at_most} are allowed.", breach.count, to.noun())
    };
    let first = |breach: &Breach, _: &[&Dialled]| {
        // The window holds the call itself and those right before it.
        (breach.call + 1).saturating_sub(usize::try_from(breach.count).unwrap_or(usize::MAX))
    };
    sequence(asked, to, back, &Judged { judge: &|_, calls| judge(calls), says: &says, first: &first }).await
}

/// Calls within so many days after a conversation.
pub(super) async fn rest(asked: &Asked<'_>, to: To, days: u32) -> Result<Violations, NotDone> {
    let says = |breach: &Breach, calls: &[&Dialled]| {
        let spoke = last_before(breach.call, calls, |call| spoke(to, call)).and_then(|at| calls.get(at));
        let when =
            spoke.map_or(String::new(), |call| format!(" of {}", call.at.strftime("%Y-%m-%d %H:%M UTC")));
        format!(
            "On day {} after the conversation{when}; the first {days} are to be free of calls.",
            breach.count
        )
    };
    let first = |breach: &Breach, calls: &[&Dialled]| {
        last_before(breach.call, calls, |call| spoke(to, call)).unwrap_or(breach.call)
    };
    let judge = |_: &[&Dialled], calls: &[Attempt]| after_conversation(calls, days);
    sequence(asked, to, days_back(days), &Judged { judge: &judge, says: &says, first: &first }).await
}

/// Calls so soon after one that was abandoned, where no agent stood behind them.
pub(super) async fn redial(asked: &Asked<'_>, hours: u32) -> Result<Violations, NotDone> {
    let within = SignedDuration::from_hours(i64::from(hours));
    let judge = |calls: &[&Dialled], _: &[Attempt]| {
        let mut last: Option<Timestamp> = None;
        let mut found = Vec::new();
        for (at, call) in calls.iter().enumerate() {
            let is_soon = last.is_some_and(|lost| call.at.duration_since(lost) < within);
            if is_soon && call.agent_ready != Some(true) {
                found.push(Breach { call: at, count: 0 });
            }
            if call.lost == Some(true) {
                last = Some(call.at);
            }
        }
        found
    };
    let lost = |call: &Dialled| call.lost == Some(true);
    let says = |breach: &Breach, calls: &[&Dialled]| {
        let before = last_before(breach.call, calls, lost).and_then(|at| calls.get(at));
        let when =
            before.map_or(String::new(), |call| format!(" at {}", call.at.strftime("%Y-%m-%d %H:%M UTC")));
        let ready = match calls.get(breach.call).and_then(|call| call.agent_ready) {
            None => "whether an agent stood ready is not said",
            Some(_) => "no agent stood ready",
        };
        format!("Within {hours} hours after a call to the same number was abandoned{when}; {ready}.")
    };
    let first =
        |breach: &Breach, calls: &[&Dialled]| last_before(breach.call, calls, lost).unwrap_or(breach.call);
    sequence(asked, To::Number, within, &Judged { judge: &judge, says: &says, first: &first }).await
}

/// Finds those among calls in a row that should not have been made.
type Judge<'j> = dyn Fn(&[&Dialled], &[Attempt]) -> Vec<Breach> + Sync + 'j;

/// How calls in a row are judged.
struct Judged<'j> {
    /// Those that should not have been made.
    judge: &'j Judge<'j>,
    /// What is wrong with one.
    says: &'j (dyn Fn(&Breach, &[&Dialled]) -> String + Sync),
    /// The first of the calls that make it wrong.
    first: &'j (dyn Fn(&Breach, &[&Dialled]) -> usize + Sync),
}

async fn sequence(
    asked: &Asked<'_>,
    to: To,
    back: SignedDuration,
    judged: &Judged<'_>,
) -> Result<Violations, NotDone> {
    let wanted = asked.calls(Some(to.column()), back);
    let mut places = Places::new(asked.calendar().zone.clone());
    let mut found = Violations::default();
    let each = |whose: Option<&str>, happened: &[Happened]| {
        let Some(whose) = whose else { return };
        let calls: Vec<&Dialled> = happened.iter().filter_map(dialled).collect();
        let attempts: Vec<Attempt> = calls
            .iter()
            .map(|call| Attempt {
                at: call.at,
                day: places.there_or_here(call).date(),
                spoke: spoke(to, call),
            })
            .collect();
        let counted = attempts.iter().filter(|attempt| asked.counts(attempt.at, attempt.day)).count();
        found.judged += u64::try_from(counted).unwrap_or(u64::MAX);
        for breach in (judged.judge)(&calls, &attempts) {
            let (Some(call), Some(attempt)) = (calls.get(breach.call), attempts.get(breach.call)) else {
                continue;
            };
            if !asked.counts(call.at, attempt.day) {
                continue;
            }
            let first = calls.get((judged.first)(&breach, &calls)).map_or(call.at, |first| first.at);
            found.note(Violation {
                source: call.source.clone(),
                source_id: call.source_id.clone(),
                at: call.at,
                zone: places.zone_of(call),
                campaign: call.campaign.clone(),
                whom: Some(whose.to_owned()),
                count: (breach.count > 0).then_some(breach.count),
                says: (judged.says)(&breach, &calls),
                opens: asked.opens(to.column(), whose, first, call.at),
            });
        }
    };
    asked.engine.dialled(&wanted, each).await?;
    found.keep_latest();
    Ok(found)
}

/// A conversation about a debt is one with the person who owes it.
fn spoke(to: To, call: &Dialled) -> bool {
    match to {
        To::Number => call.spoke == Some(true),
        To::Debt => call.reached == Some(true),
    }
}

fn last_before(at: usize, calls: &[&Dialled], is_it: impl Fn(&Dialled) -> bool) -> Option<usize> {
    (0..at).rev().find(|earlier| calls.get(*earlier).is_some_and(|call| is_it(call)))
}

fn dialled(one: &Happened) -> Option<&Dialled> {
    match one {
        Happened::Dialled(call) => Some(call),
        Happened::Said(_) => None,
    }
}

/// So many civil days back anywhere on earth: a day has at most twenty-five hours, and places differ by up to a day.
fn days_back(days: u32) -> SignedDuration {
    SignedDuration::from_hours(i64::from(days) * 25 + 26)
}

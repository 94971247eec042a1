//! What customers and evaluators said about conversations.

use crate::calendar::{HOUR, MINUTE, next_working};
use crate::call::{Call, Status};
use crate::calls_out::Place;
use crate::campaign::Campaign;
use crate::desk::{Desk, Outlet, Sent};
use crate::floor::{Purpose, key};
use crate::people::Agent;
use crate::refs;
use crate::rng::Rng;
use crate::stream::Stream;
use crate::text::{integer, iso_utc, rfc_2822};

/// Conversations after which the customer is asked, in parts per million.
const ASKED_PPM: u64 = 60_000;
/// Of them, how many answer.
const ANSWERING_PPM: u64 = 240_000;

/// How many of a hundred give 1, 2, ... 5 of 5: 77 are satisfied.
const SATISFACTION: [u64; 5] = [5, 6, 12, 32, 45];
/// How many of a hundred give 0, 1, ... 10 of 10.
const RECOMMENDATION: [u64; 11] = [3, 1, 2, 2, 2, 4, 6, 16, 22, 20, 22];

/// Sends the survey after a conversation, when there is one.
pub(crate) fn survey<O: Outlet>(
    desk: &mut Desk<'_, O>,
    place: Place<'_>,
    number: u64,
    call: &Call,
) -> Result<(), O::Error> {
    let world = desk.world;
    let asks = call.campaign() != Campaign::Arrears
        && call.status.is_conversation()
        && !matches!(call.status, Status::DoNotCall | Status::WrongPerson);
    let mut rng = Rng::of(&[key(world, Purpose::Voice, [place.floor.no, refs::day_code(place.day), number])]);
    if !asks || !rng.chance(ASKED_PPM) {
        return Ok(());
    }
    let Some(agent) = call.agent.map(|at| &place.floor.people[at]) else { return Ok(()) };
    // Whole seconds: that is all that a mail's date holds.
    let sent = call.ended / 1_000 * 1_000 + 5 * MINUTE;
    let answered = rng.chance(ANSWERING_PPM).then(|| sent + rng.between(60, 20 * 3_600) * 1_000);
    let is_nps = call.status == Status::Sale;
    let (survey, question, highest, shares) = if is_nps {
        ("nps", "How likely are you to recommend us?", 10, RECOMMENDATION.as_slice())
    } else {
        ("csat", "How satisfied were you with this call?", 5, SATISFACTION.as_slice())
    };
    let lowest = i64::from(!is_nps);
    let mut score = lowest;
    let mut draw = rng.below(100);
    for share in shares {
        if draw < *share {
            break;
        }
        draw -= share;
        score += 1;
    }
    desk.begin()
        .with(|o| {
            o.push('R');
            refs::call(o, place.day, place.floor.no, number);
        })
        .put(survey)
        .put(question)
        .put("sms")
        .put(call.campaign().id())
        .put(&agent.id)
        .put(agent.team(place.day).id())
        .with(|o| refs::call(o, place.day, place.floor.no, number))
        .with(|o| rfc_2822(o, sent))
        .maybe(answered, rfc_2822)
        .maybe(answered.map(|_| score), integer)
        .int(lowest)
        .int(highest);
    // An answer is exported when it comes, its absence when it no longer can.
    let at = answered.unwrap_or(sent + 24 * HOUR);
    if desk.send(Stream::Surveys, place.key(number), 0, at)? == Sent::NotYet {
        return Ok(());
    }
    let tally = desk.tallies.voice.entry(place.day).or_default();
    let has_answer = u64::from(answered.is_some());
    if is_nps {
        tally.nps_sent += 1;
        tally.nps_answered += has_answer;
        tally.nps_promoters += has_answer * u64::from(score >= 9);
        tally.nps_detractors += has_answer * u64::from(score <= 6);
    } else {
        tally.csat_sent += 1;
        tally.csat_answered += has_answer;
        tally.csat_satisfied += has_answer * u64::from(score >= 4);
    }
    Ok(())
}

/// Whether one of the agent's conversations of this day is evaluated.
pub(crate) fn is_evaluated<O: Outlet>(desk: &Desk<'_, O>, place: Place<'_>, agent: &Agent) -> bool {
    let chance = key(desk.world, Purpose::Voice, [place.floor.no, refs::day_code(place.day), agent.no << 32]);
    chance.is_multiple_of(3)
}

/// Sends the evaluation of a conversation.
pub(crate) fn evaluation<O: Outlet>(
    desk: &mut Desk<'_, O>,
    place: Place<'_>,
    number: u64,
    call: &Call,
    agent: &Agent,
) -> Result<(), O::Error> {
    let world = desk.world;
    let mut rng =
        Rng::of(&[key(world, Purpose::Voice, [place.floor.no, refs::day_code(place.day), number]), 3]);
    // The star books meetings by promising what nobody can hold.
    let (low, critical_ppm) = if agent.is_star { (58, 160_000) } else { (70, 25_000) };
    let critical = rng.chance(critical_ppm);
    let points = if critical { 0 } else { (rng.between(low, 100) + rng.between(low, 100)) / 2 };
    let evaluator = rng.between(1, 3);
    let targeted = rng.chance(150_000);
    let at = world.calendar.at(next_working(place.day), 10 * HOUR + rng.between(0, 6 * 60) * MINUTE);
    desk.begin()
        .with(|o| {
            o.push('E');
            refs::call(o, place.day, place.floor.no, number);
        })
        .put("outbound-v3")
        .put(call.campaign().id())
        .put(&agent.id)
        .put(agent.team(place.day).id())
        .with(|o| {
            o.push_str("QA-");
            integer(o, evaluator);
        })
        .with(|o| refs::call(o, place.day, place.floor.no, number))
        .with(|o| iso_utc(o, at))
        .int(points)
        .int(100)
        .put(if critical { "Y" } else { "N" })
        .put("N")
        .put(if targeted { "targeted" } else { "random" });
    if desk.send(Stream::Evaluations, place.key(number), 0, at)? != Sent::NotYet {
        let tally = desk.tallies.voice.entry(place.day).or_default();
        tally.evaluations += 1;
        tally.evaluation_points += crate::num::unsigned(points);
        tally.critical_errors += u64::from(critical);
    }
    Ok(())
}

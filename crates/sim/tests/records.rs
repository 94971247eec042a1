//! The rows, read back as text: they are consistent in themselves and add up to the tallies.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a test that cannot go on says where"
)]

mod common;

use std::collections::{BTreeMap, BTreeSet};
use std::sync::LazyLock;

use common::{Imported, Kept, Record, clock, digits};
use dialmark_sim::{
    AgentTally, CallTally, DealTally, Plan, PromiseTally, State, Stream, Tallies, VoiceTally,
};
use jiff::civil::DateTime;

struct Run {
    kept: Kept,
    tallies: Tallies,
}

/// Half the natural size, the last month: every scene lies in it but the earliest.
static RUN: LazyLock<Run> = LazyLock::new(|| {
    let plan = Plan { days: 30, calls_per_day: 1_500, ..Plan::default() };
    let (kept, tallies) = Kept::of(&plan);
    Run { kept, tallies }
});

static CALLS: LazyLock<Imported> = LazyLock::new(|| RUN.kept.import(Stream::DiallerCalls));

fn total() -> CallTally {
    RUN.tallies.calls_where(|_, _, _| true)
}

fn ms(record: &Record, column: &str) -> Option<i64> {
    Some(&record[column]).filter(|text| !text.is_empty()).map(|text| digits(text))
}

#[test]
fn every_row_is_accounted_for() {
    for stream in Stream::ALL {
        let imported = RUN.kept.import(stream);
        let Some(tally) = RUN.tallies.streams.get(&stream) else {
            assert_eq!(imported.read, 0, "{stream:?}");
            continue;
        };
        assert_eq!(imported.read, tally.rows, "{stream:?} rows");
        assert_eq!(imported.records.len() as u64, tally.records, "{stream:?} records");
        assert_eq!(imported.bad_columns, tally.damaged_columns, "{stream:?} broken rows");
        assert_eq!(imported.no_time, tally.damaged_times, "{stream:?} rows without a time");
        // A duplicate of an earlier revision that comes after the later one is a revision of its own to this
        // import, so only the sum is certain.
        let again = imported.unchanged + imported.revised;
        assert_eq!(again, tally.duplicates + tally.corrected + tally.revisions, "{stream:?} repeated rows");
    }
}

#[test]
fn all_streams_but_the_rarest_have_every_fault() {
    for stream in [Stream::DiallerCalls, Stream::AgentStates, Stream::Leads] {
        let tally = RUN.tallies.streams[&stream];
        for (what, count) in [
            ("late", tally.late),
            ("corrected", tally.corrected),
            ("duplicate", tally.duplicates),
            ("broken", tally.damaged_columns),
            ("without times", tally.damaged_times),
        ] {
            assert!(count > 0, "{stream:?} has no row that is {what}");
        }
    }
    assert!(RUN.tallies.streams[&Stream::DiallerCalls].negative_lengths > 0);
    assert!(total().unmapped > 0);
}

#[test]
fn calls_add_up_to_the_tallies() {
    let mut sum = CallTally::default();
    let mut by_list: BTreeMap<(String, String), u64> = BTreeMap::new();
    for record in CALLS.records.values() {
        let add = |to: &mut u64, ms: Option<i64>| *to += u64::try_from(ms.unwrap_or(0)).unwrap();
        let status = record["status"].as_str();
        let contact = ["SALE", "APPT", "PTP", "NI", "CB", "DNC", "WRONG"].contains(&status);
        let success = ["SALE", "APPT", "PTP"].contains(&status);
        sum.dials += 1;
        sum.answers += u64::from(!record["answer_epoch"].is_empty());
        sum.contacts += u64::from(contact);
        sum.right_party_contacts += u64::from(contact && status != "WRONG");
        sum.live_answers += u64::from(contact || status == "DROP" || status == "PDROP");
        sum.successes += u64::from(success);
        sum.first_attempt_successes += u64::from(success && record["try_no"] == "1");
        sum.drops += u64::from(status == "DROP");
        sum.abandoned += u64::from(status == "PDROP");
        sum.machines += u64::from(status == "A");
        sum.invalid += u64::from(status == "DC");
        sum.unmapped += u64::from(status == "NIX");
        sum.connected += u64::from(!record["agent_epoch"].is_empty());
        let length = ms(record, "length_in_sec").filter(|ms| *ms >= 0);
        add(&mut sum.duration_ms, length);
        add(&mut sum.talk_ms, ms(record, "talk_sec"));
        add(&mut sum.hold_ms, ms(record, "hold_sec"));
        add(&mut sum.wrap_ms, ms(record, "wrap_sec"));
        add(&mut sum.cost_units, ms(record, "price"));
        *by_list.entry((record["call_date"][..10].to_owned(), record["list_code"].clone())).or_default() += 1;
    }
    assert_eq!(sum, total());
    let wanted: BTreeMap<_, _> = RUN
        .tallies
        .calls
        .iter()
        .map(|((day, _, list), tally)| ((day.to_string(), (*list).to_owned()), tally.dials))
        .collect();
    assert_eq!(by_list, wanted);
    let hours = RUN.tallies.hours.values().fold(CallTally::default(), |sum, t| sum.plus(t));
    assert_eq!(hours, sum);
}

#[test]
fn times_of_a_call_follow_each_other_and_agree_with_its_durations() {
    for (id, record) in &CALLS.records {
        let at = |column| ms(record, column);
        let times: Vec<i64> = ["start_epoch", "answer_epoch", "agent_epoch", "end_epoch", "dispo_epoch"]
            .into_iter()
            .filter_map(at)
            .collect();
        assert!(times.is_sorted(), "{id}: {times:?}");
        let (start, end) = (at("start_epoch").unwrap(), at("end_epoch").unwrap());
        let length = at("length_in_sec").unwrap();
        assert!(length == end - start || length == -1_000, "{id}");
        assert_eq!(at("ring_sec").unwrap(), at("answer_epoch").unwrap_or(end) - start, "{id}");
        if let Some(connected) = at("agent_epoch") {
            assert_eq!(at("talk_sec").unwrap() + at("hold_sec").unwrap(), end - connected, "{id}");
            assert!(!record["user"].is_empty() && record["amd"] == "HUMAN", "{id}");
        }
        if let Some(wrapped) = at("dispo_epoch") {
            assert_eq!(at("wrap_sec").unwrap(), wrapped - end, "{id}");
        }
        // The local time without a zone names the same second as the epoch.
        let local: DateTime = record["call_date"].parse().unwrap();
        let zone = jiff::tz::TimeZone::get("Europe/London").unwrap();
        assert_eq!(zone.to_timestamp(local).unwrap().as_second(), start.div_euclid(1_000), "{id}");
    }
}

#[test]
fn attempts_of_a_lead_are_consecutive_in_time() {
    let mut leads: BTreeMap<&str, Vec<(i64, u64)>> = BTreeMap::new();
    for record in CALLS.records.values() {
        let attempt = (digits(&record["start_epoch"]), record["try_no"].parse().unwrap());
        leads.entry(&record["lead_ref"]).or_default().push(attempt);
    }
    for (lead, mut attempts) in leads {
        attempts.sort_unstable();
        let numbers: Vec<u64> = attempts.iter().map(|(_, n)| *n).collect();
        // What was dialled after the end of the records is missing at the end only.
        assert_eq!(numbers, (1..=numbers.len() as u64).collect::<Vec<_>>(), "{lead}");
    }
}

#[test]
fn nobody_is_called_after_a_final_result() {
    let mut ended: BTreeMap<&str, i64> = BTreeMap::new();
    let mut last: BTreeMap<&str, i64> = BTreeMap::new();
    for record in CALLS.records.values() {
        let at = digits(&record["start_epoch"]);
        let lead = record["lead_ref"].as_str();
        if ["SALE", "APPT", "PTP", "DNC", "DC"].contains(&record["status"].as_str()) {
            ended.insert(lead, at);
        }
        let latest = last.entry(lead).or_insert(at);
        *latest = at.max(*latest);
    }
    for (lead, at) in ended {
        assert_eq!(last[lead], at, "{lead} was called after its last result");
    }
}

#[test]
fn states_tile_each_login_to_the_millisecond() {
    let states = RUN.kept.import(Stream::AgentStates);
    let shifts = RUN.kept.import(Stream::Shifts);
    let at = |text: &str| {
        let (day, time) = text.split_once(' ').unwrap_or((&text[..10], &text[11..]));
        let parts: Vec<&str> = day.split('/').collect();
        let day = if parts.len() == 3 {
            parts.iter().rev().copied().collect::<Vec<_>>().join("-")
        } else {
            day.into()
        };
        format!("{day} {time}")
    };
    let mut spans: BTreeMap<String, Vec<(String, String, i64)>> = BTreeMap::new();
    for record in states.records.values() {
        let span = (at(&record["from_time"]), at(&record["to_time"]), clock(&record["duration"]));
        spans.entry(record["user"].clone()).or_default().push(span);
    }
    spans.values_mut().for_each(|list| list.sort());
    let mut logged_in_all = 0;
    for shift in shifts.records.values() {
        let login = at(&shift["login"]);
        let own = &spans[&shift["user"]];
        let mut place = own.partition_point(|(from, ..)| *from < login);
        let mut until = login.clone();
        let mut sum = 0;
        let logged = clock(&shift["logged"]);
        while sum < logged {
            let (from, to, length) = &own[place];
            assert_eq!(*from, until, "{} {login}: a gap or an overlap", shift["user"]);
            sum += length;
            until.clone_from(to);
            place += 1;
        }
        assert_eq!(sum, logged, "{} {login}", shift["user"]);
        assert!(shift["logout"].is_empty() || at(&shift["logout"]) == until);
        logged_in_all += logged;
    }
    let total: i64 = states.records.values().map(|r| clock(&r["duration"])).sum();
    assert_eq!(total, logged_in_all);
    let tallied =
        RUN.tallies.agents.values().fold((0, 0), |(states, logged), t: &AgentTally| {
            (states + t.states.sum_ms(), logged + t.logged_ms)
        });
    assert_eq!(tallied, (u64::try_from(total).unwrap(), u64::try_from(total).unwrap()));
}

#[test]
fn time_by_state_is_what_the_calls_say() {
    let calls = total();
    let states = RUN.tallies.states_where(|_, _, _| true);
    // A call that is not yet wrapped up at the end of the records is in the states already.
    let missing = |state: State, from_calls: u64| states.of(state).checked_sub(from_calls).unwrap();
    assert!(missing(State::Talk, calls.talk_ms) < 3_600_000);
    assert!(missing(State::Hold, calls.hold_ms) < 3_600_000);
    assert!(missing(State::Wrap, calls.wrap_ms) < 3_600_000);
    let rows = RUN.kept.import(Stream::AgentStates);
    let mut by_code: BTreeMap<&str, i64> = BTreeMap::new();
    for record in rows.records.values() {
        *by_code.entry(&record["state"]).or_default() += clock(&record["duration"]);
    }
    for (code, state) in
        [("READY", State::Wait), ("INCALL", State::Talk), ("PAUSE", State::Pause), ("DIAL", State::Dial)]
    {
        assert_eq!(u64::try_from(by_code[code]).unwrap(), states.of(state), "{code}");
    }
}

#[test]
fn sales_and_appointments_end_as_the_tallies_say() {
    let deals = RUN.kept.import(Stream::Outcomes);
    let mut sum = DealTally::default();
    for record in deals.records.values() {
        let is = |column: &str| u64::from(!record[column].is_empty());
        sum.agreed += 1;
        sum.verified += is("verifiedAt");
        sum.rejected += is("rejectedAt");
        sum.cancelled += is("cancelledAt");
        sum.clawed_back += is("clawedBackAt");
        let cents = record["price.value"].parse::<rust_decimal::Decimal>().unwrap()
            * rust_decimal::Decimal::from(100);
        sum.value_pence += u64::try_from(cents).unwrap();
        assert!(is("rejectedAt") + is("verifiedAt") <= 1);
    }
    let wanted = RUN.tallies.deals.values().fold(DealTally::default(), |mut sum, t| {
        sum.agreed += t.agreed;
        sum.verified += t.verified;
        sum.rejected += t.rejected;
        sum.cancelled += t.cancelled;
        sum.clawed_back += t.clawed_back;
        sum.value_pence += t.value_pence;
        sum
    });
    assert_eq!(sum, wanted);
    assert!(sum.verified > 0 && sum.rejected > 0 && sum.cancelled > 0);
    // Every deal names a call with that result, unless the call was still being wrapped up.
    let known = deals.records.values().filter(|deal| CALLS.records.contains_key(&deal["callRef"])).count();
    assert!(deals.records.len() - known <= 3);
}

#[test]
fn promises_and_payments_end_as_the_tallies_say() {
    let promises = RUN.kept.import(Stream::Promises);
    let mut sum = PromiseTally::default();
    for record in promises.records.values() {
        sum.made += 1;
        sum.decided += u64::from(record["Kept"] != "open");
        sum.kept += u64::from(record["Kept"] == "kept");
        sum.promised_pence += u64::try_from(digits(&record["Amount"])).unwrap();
        sum.paid_pence += u64::try_from(digits(&record["PaidSoFar"])).unwrap();
        assert_eq!(record["Kept"] == "kept", !record["KeptOn"].is_empty());
    }
    let wanted = RUN.tallies.promises.values().fold(PromiseTally::default(), |mut sum, t| {
        sum.made += t.made;
        sum.decided += t.decided;
        sum.kept += t.kept;
        sum.promised_pence += t.promised_pence;
        sum.paid_pence += t.paid_pence;
        sum
    });
    assert_eq!(sum, wanted);
    let payments = RUN.kept.import(Stream::Payments);
    let received: i64 = payments.records.values().map(|r| digits(&r["Amount"])).sum();
    let tallied: u64 = RUN.tallies.payments.values().map(|(_, pence)| pence).sum();
    assert_eq!(u64::try_from(received).unwrap(), tallied);
    for payment in payments.records.values() {
        assert!(promises.records.contains_key(&payment["PromiseRef"]));
    }
}

#[test]
fn costs_callbacks_and_voices_add_up() {
    let costs = RUN.kept.import(Stream::Costs);
    let booked: i64 = costs.records.values().map(|r| digits(&r["amount"])).sum();
    assert_eq!(u64::try_from(booked).unwrap(), RUN.tallies.costs.values().sum::<u64>());

    let sum = |of: fn(&VoiceTally) -> u64| RUN.tallies.voice.values().map(of).sum::<u64>();
    let callbacks = RUN.kept.import(Stream::Callbacks);
    let kept = callbacks.records.values().filter(|r| !r["done_ms"].is_empty());
    assert_eq!(kept.clone().count() as u64, sum(|t| t.callbacks_kept));
    assert_eq!(callbacks.records.len() as u64, sum(|t| t.callbacks));
    for record in kept {
        assert!(record["done_ms"] > record["agreed_ms"], "{record:?}");
    }

    let surveys = RUN.kept.import(Stream::Surveys);
    let csat = surveys.records.values().filter(|r| r["Survey"] == "csat" && !r["Answered"].is_empty());
    assert_eq!(csat.clone().count() as u64, sum(|t| t.csat_answered));
    assert_eq!(csat.filter(|r| digits(&r["Score"]) >= 4).count() as u64, sum(|t| t.csat_satisfied));

    let evaluations = RUN.kept.import(Stream::Evaluations);
    let points: i64 = evaluations.records.values().map(|r| digits(&r["points"])).sum();
    assert_eq!(u64::try_from(points).unwrap(), sum(|t| t.evaluation_points));
}

#[test]
fn every_call_belongs_to_a_lead_or_an_account_that_was_loaded() {
    let leads = RUN.kept.import(Stream::Leads);
    let accounts = RUN.kept.import(Stream::Accounts);
    let batches = RUN.kept.import(Stream::Placements);
    for record in CALLS.records.values() {
        let owner = if record["debt_ref"].is_empty() { &leads } else { &accounts };
        assert!(owner.records.contains_key(&record["lead_ref"]), "{}", record["lead_ref"]);
    }
    let placed: BTreeSet<&str> = batches.records.keys().map(String::as_str).collect();
    for account in accounts.records.values().filter(|r| !r["BatchRef"].ends_with("-X")) {
        assert!(placed.contains(account["BatchRef"].as_str()), "{}", account["BatchRef"]);
    }
}

#[test]
fn late_rows_lie_in_a_later_week() {
    let mut late = 0;
    for (stream, day, fields) in RUN.kept.rows.iter().filter(|(s, ..)| *s == Stream::DiallerCalls) {
        let Some(stamp) = fields.get(30) else { continue };
        let written: jiff::Timestamp = stamp.parse().unwrap();
        let zone = jiff::tz::TimeZone::get("Europe/London").unwrap();
        let of = |d| stream.file(d, false);
        late += u64::from(of(*day) != of(zone.to_datetime(written).date()));
    }
    let tally = RUN.tallies.streams[&Stream::DiallerCalls];
    assert!(late >= tally.late, "{late} of {}", tally.late);
}

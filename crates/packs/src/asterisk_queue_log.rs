//! Asterisk's `queue_log`: `epoch|call|queue|agent|EVENT|p1|p2|...`, one line an event.

use std::collections::BTreeMap;

use crate::agent_time::{Logged, State, Stretch};
use crate::asterisk_queue_event::{Event, Line, line_of};
use crate::shape::{Flat, Input, Item, Shape};
use crate::{Known, Pack, Stream};

pub(crate) const PACK: Pack = Pack {
    id: "asterisk_queue_log",
    label: "Asterisk queue log",
    about: "`queue_log`, the file: calls of its queues, what its agents did, and their log-ins.",
    input: Input::Lines,
    streams: &[
        Stream {
            id: "calls",
            mapping: include_str!("asterisk_queue_log_calls.toml"),
            columns: &CALL_COLUMNS,
            open: calls,
            pull: None,
            known: &[
                (
                    Known::Sample,
                    &[
                        "direction",
                        "queue",
                        "caller_number",
                        "agent_id",
                        "linked_id",
                        "queued_at",
                        "connected_at",
                        "ended_at",
                        "queue_ms",
                        "talk_ms",
                        "disposition",
                        "end_reason",
                    ],
                ),
                (Known::Documented, &["transfers"]),
            ],
            cannot: &[
                ("started_at", "the log begins when the call enters the queue, not when it rings in"),
                ("called_number", "some dial plans log a `DID` event; it is not relied on"),
                ("hold_ms", "holds are not logged"),
                ("wrap_ms", "the wrap-up time of a queue is a setting and not logged"),
                ("campaign_id", "map it from the queue"),
            ],
        },
        Stream {
            id: "agent_spans",
            mapping: include_str!("asterisk_queue_log_spans.toml"),
            columns: &SPAN_COLUMNS,
            open: agent_spans,
            pull: None,
            known: &[
                (Known::Sample, &["agent_id", "state", "call_id", "started_at", "ended_at", "duration_ms"]),
                (Known::Documented, &["reason"]),
            ],
            cannot: &[("campaign_id", "map it from the queue"), ("paid", "the log knows nothing of pay")],
        },
        Stream {
            id: "shifts",
            mapping: include_str!("asterisk_queue_log_shifts.toml"),
            columns: &SHIFT_COLUMNS,
            open: shifts,
            pull: None,
            known: &[(Known::Documented, &["agent_id", "started_at", "ended_at", "logged_ms"])],
            cannot: &[("paid_ms", "the log knows nothing of pay")],
        },
    ],
    traps: &[
        "A call that enters the same queue again is a record of its own.",
        "Calls and log-ins that are open when the file ends are imported as far as they go; the same file, grown, carries them on.",
        "In a file that begins in the middle of a call, waiting and talking are taken from the parameters of its last event. A log-out whose log-in is in an earlier file is left out.",
        "How many parameters an event has differs by version; `RINGNOANSWER` counts milliseconds where all others count seconds.",
        "What the log says of an agent overlaps. A conversation is stronger than ringing, ringing than a pause, a pause than waiting; time that a stronger event covers is not counted again, so ringing during a conversation is none. The `line` of such a record is the last line that was read.",
        "Members that a configuration file makes static never log in: of their time only calls, ringing and pauses are known.",
    ],
};

pub(crate) const CALL_COLUMNS: [&str; 15] = [
    "id",
    "revision",
    "call",
    "queue",
    "caller",
    "agent",
    "entered",
    "connected",
    "ended",
    "wait",
    "talk",
    "event",
    "ended_by",
    "transfers",
    "position",
];
pub(crate) const SPAN_COLUMNS: [&str; 10] =
    ["id", "revision", "agent", "state", "reason", "call", "queue", "from", "to", "length"];
pub(crate) const SHIFT_COLUMNS: [&str; 6] = ["id", "revision", "agent", "from", "to", "length"];

/// A call in a queue, as far as the log has told it.
#[derive(Debug, Default)]
struct Call {
    visit: u32,
    /// It began before what is to be told: an earlier reading has it.
    is_context: bool,
    caller: Option<String>,
    position: Option<String>,
    agent: Option<String>,
    entered: Option<i64>,
    connected: Option<i64>,
    wait: Option<i64>,
}

/// Calls of the queues.
#[derive(Debug, Default)]
struct Calls {
    open: BTreeMap<(String, String), Call>,
    visits: BTreeMap<(String, String), u32>,
    last_second: i64,
}

impl Calls {
    fn call(&mut self, event: &Event<'_>, is_context: bool) -> &mut Call {
        let key = (event.call.to_owned(), event.queue.to_owned());
        let visits = &mut self.visits;
        self.open.entry(key.clone()).or_insert_with(|| {
            let visit = visits.entry(key).or_default();
            *visit += 1;
            Call { visit: *visit, is_context, ..Call::default() }
        })
    }
}

/// What is known of a call, as a record. `rank` orders events of the same second.
fn record(key: &(String, String), call: &Call, second: i64, rank: i64) -> Flat {
    let (id, queue) = key;
    let visit = if call.visit > 1 { format!("|{}", call.visit) } else { String::new() };
    let number = |n: Option<i64>| n.map(|n| n.to_string());
    Flat::default()
        .with("id", format!("{id}|{queue}{visit}"))
        .with("revision", (second * 10 + rank).to_string())
        .with("call", id.as_str())
        .with("queue", queue.as_str())
        .with_some("caller", call.caller.clone())
        .with_some("position", call.position.clone())
        .with_some("agent", call.agent.clone())
        .with_some("entered", number(call.entered))
        .with_some("connected", number(call.connected))
        .with_some("wait", number(call.wait))
}

impl Shape for Calls {
    fn read(&mut self, item: Item<'_>, out: &mut Vec<Flat>) -> Result<(), String> {
        let Line { text, rank, is_context } = line_of(item)?;
        let Some(event) = Event::read(&text)? else { return Ok(()) };
        self.last_second = self.last_second.max(event.second);
        if matches!(event.call, "" | "NONE" | "REALTIME" | "MANAGER") {
            return Ok(());
        }
        match event.name {
            "ENTERQUEUE" => {
                let key = (event.call.to_owned(), event.queue.to_owned());
                if let Some(open) = self.open.remove(&key) {
                    // It entered again without an event that ended the first visit.
                    out.extend(told(&open, record(&key, &open, event.second, 0)));
                }
                let call = self.call(&event, is_context);
                call.entered = Some(event.second);
                call.caller = event.text(2).map(str::to_owned);
                call.position = event.text(3).map(str::to_owned);
            }
            "CONNECT" => {
                let call = self.call(&event, is_context);
                call.connected = Some(event.second);
                call.wait = event.number(1);
                call.agent = Some(event.agent.to_owned());
                call.entered = call.entered.or(event.number(1).map(|wait| event.second - wait));
            }
            _ => {
                let Some(closing) = event.closing() else { return Ok(()) };
                let call = self.call(&event, is_context);
                if !matches!(event.agent, "" | "NONE") {
                    call.agent = Some(event.agent.to_owned());
                }
                call.wait = closing.wait.or(call.wait);
                let begun =
                    call.wait.zip(closing.talk.or(Some(0))).map(|(wait, talk)| event.second - wait - talk);
                call.entered = call.entered.or(begun);
                if closing.talk.is_some() {
                    call.connected = call.connected.or(closing.talk.map(|talk| event.second - talk));
                }
                let key = (event.call.to_owned(), event.queue.to_owned());
                let Some(call) = self.open.remove(&key) else { return Ok(()) };
                let transfers = event.name.ends_with("TRANSFER").then_some("1");
                let record = record(&key, &call, event.second, rank)
                    .with("ended", event.second.to_string())
                    .with_some("talk", closing.talk.map(|talk| talk.to_string()))
                    .with("event", event.name)
                    .with("ended_by", closing.by)
                    .with_some("transfers", transfers);
                out.extend(told(&call, record));
            }
        }
        Ok(())
    }

    fn end(&mut self, out: &mut Vec<Flat>) {
        for (key, call) in std::mem::take(&mut self.open) {
            let (rank, event) = if call.connected.is_some() { (2, "CONNECT") } else { (1, "ENTERQUEUE") };
            let second = call.connected.or(call.entered).unwrap_or(self.last_second);
            out.extend(told(&call, record(&key, &call, second, rank).with("event", event)));
        }
    }
}

/// A record, unless an earlier reading has it and knows more.
fn told(call: &Call, record: Flat) -> Option<Flat> {
    (!call.is_context).then_some(record)
}

/// Something of an agent's that has begun and not ended.
#[derive(Debug)]
struct Begun {
    second: i64,
    about: Vec<(&'static str, String)>,
}

/// One agent, as far as the log has told.
#[derive(Debug, Default)]
struct Agent {
    logged: Logged,
    /// Queues that the agent is a member of, and since when.
    member: BTreeMap<String, i64>,
    /// Pauses by queue; `` is all of them.
    paused: BTreeMap<String, Begun>,
    /// Conversations by call.
    talking: BTreeMap<String, Begun>,
}

impl Agent {
    fn end(&mut self, begun: Begun, second: i64, state: State) {
        let Begun { second: from, about } = begun;
        self.logged.events.push(Stretch { from_ms: from * 1000, to_ms: second * 1000, state, about });
    }

    fn log_out(&mut self, queue: &str, second: i64) {
        if let Some(since) = self.member.remove(queue) {
            self.logged.shifts.push((since * 1000, second * 1000));
        }
    }
}

/// All agents of a log; what comes of them is made when it ends.
struct Agents {
    agents: BTreeMap<String, Agent>,
    last_second: i64,
    /// Rank of the last line.
    rank: i64,
    /// Second of the first event that is to be told, where others came before it.
    told_from: Option<Option<i64>>,
    records: fn(&str, &Logged, i64) -> Vec<Flat>,
}

impl Agents {
    fn new(records: fn(&str, &Logged, i64) -> Vec<Flat>) -> Agents {
        Agents { agents: BTreeMap::new(), last_second: 0, rank: 9, told_from: None, records }
    }
}

impl Agents {
    /// Whether a record begins where telling does: what began before it is known from an earlier reading.
    fn is_told(&self, record: &Flat) -> bool {
        let began_ms = record.get("from").and_then(|from| from.parse::<i64>().ok());
        match self.told_from {
            None => true,
            Some(from_s) => from_s.zip(began_ms).is_some_and(|(from_s, began_ms)| began_ms >= from_s * 1000),
        }
    }
}

impl Shape for Agents {
    fn read(&mut self, item: Item<'_>, _out: &mut Vec<Flat>) -> Result<(), String> {
        let Line { text, rank, is_context } = line_of(item)?;
        let Some(event) = Event::read(&text)? else { return Ok(()) };
        let now = event.second;
        match (is_context, &mut self.told_from) {
            (true, told_from @ None) => *told_from = Some(None),
            (false, Some(told_from @ None)) => *told_from = Some(now),
            _ => {}
        }
        self.last_second = self.last_second.max(now);
        self.rank = rank;
        if matches!(event.agent, "" | "NONE") {
            return Ok(());
        }
        let all_queues = |queue: &str| if queue == "NONE" { String::new() } else { queue.to_owned() };
        let queue = all_queues(event.queue);
        let agent = self.agents.entry(event.agent.to_owned()).or_default();
        match event.name {
            "ADDMEMBER" | "AGENTLOGIN" | "AGENTCALLBACKLOGIN" => {
                agent.member.entry(queue).or_insert(now);
            }
            "REMOVEMEMBER" | "AGENTLOGOFF" | "AGENTCALLBACKLOGOFF" => agent.log_out(&queue, now),
            "PAUSE" | "PAUSEALL" => {
                let reason = event.text(1).map(|reason| ("reason", reason.to_owned()));
                agent
                    .paused
                    .entry(queue)
                    .or_insert(Begun { second: now, about: reason.into_iter().collect() });
            }
            "UNPAUSE" => {
                if let Some(begun) = agent.paused.remove(&queue) {
                    agent.end(begun, now, State::Pause);
                }
            }
            "UNPAUSEALL" => {
                for (_, begun) in std::mem::take(&mut agent.paused) {
                    agent.end(begun, now, State::Pause);
                }
            }
            "RINGNOANSWER" => {
                let rang_ms = event.number(1).unwrap_or(0);
                let about = vec![("call", event.call.to_owned()), ("queue", event.queue.to_owned())];
                let (from_ms, to_ms) = (now * 1000 - rang_ms, now * 1000);
                agent.logged.events.push(Stretch { from_ms, to_ms, state: State::Ring, about });
            }
            "CONNECT" => {
                let about = vec![("call", event.call.to_owned()), ("queue", event.queue.to_owned())];
                agent.talking.entry(event.call.to_owned()).or_insert(Begun { second: now, about });
            }
            _ => {
                let Some(closing) = event.closing() else { return Ok(()) };
                let from = closing.talk.map(|talk| now - talk);
                let about = || vec![("call", event.call.to_owned()), ("queue", event.queue.to_owned())];
                let begun = agent.talking.remove(event.call);
                let begun = begun.or_else(|| from.map(|second| Begun { second, about: about() }));
                if let Some(begun) = begun {
                    agent.end(begun, now, State::Talk);
                }
            }
        }
        Ok(())
    }

    fn end(&mut self, out: &mut Vec<Flat>) {
        let last = self.last_second;
        for (name, mut agent) in std::mem::take(&mut self.agents) {
            for (_, begun) in std::mem::take(&mut agent.talking) {
                agent.end(begun, last, State::Talk);
            }
            for (_, begun) in std::mem::take(&mut agent.paused) {
                agent.end(begun, last, State::Pause);
            }
            let queues: Vec<String> = agent.member.keys().cloned().collect();
            queues.iter().for_each(|queue| agent.log_out(queue, last));
            let records = (self.records)(&name, &agent.logged, last * 10 + self.rank);
            out.extend(records.into_iter().filter(|record| self.is_told(record)));
        }
    }
}

/// Begins to read calls.
pub(crate) fn calls() -> Box<dyn Shape> {
    Box::<Calls>::default()
}

/// Begins to read what agents did.
pub(crate) fn agent_spans() -> Box<dyn Shape> {
    Box::new(Agents::new(spans_of))
}

/// Begins to read log-ins.
pub(crate) fn shifts() -> Box<dyn Shape> {
    Box::new(Agents::new(shifts_of))
}

/// The record of a stretch: known by the agent, its beginning and its state.
fn stretch(agent: &str, state: &str, (from_ms, to_ms): (i64, i64), last: i64) -> Flat {
    Flat::default()
        .with("id", format!("{agent}|{from_ms}|{state}"))
        .with("revision", last.to_string())
        .with("agent", agent)
        .with("from", from_ms.to_string())
        .with("to", to_ms.to_string())
        .with("length", (to_ms - from_ms).to_string())
}

fn spans_of(agent: &str, logged: &Logged, last: i64) -> Vec<Flat> {
    let record = |span: Stretch| {
        let word = span.state.word();
        let flat = stretch(agent, word, (span.from_ms, span.to_ms), last).with("state", word);
        span.about.into_iter().fold(flat, |flat, (name, text)| flat.with(name, text))
    };
    logged.states().into_iter().map(record).collect()
}

fn shifts_of(agent: &str, logged: &Logged, last: i64) -> Vec<Flat> {
    logged.merged_shifts().into_iter().map(|shift| stretch(agent, "shift", shift, last)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(mut shape: impl Shape, log: &str) -> Vec<Flat> {
        let mut out = Vec::new();
        for line in log.lines() {
            shape.read(Item::Line(line.trim()), &mut out).unwrap();
        }
        shape.end(&mut out);
        out
    }

    fn told<'f>(flat: &'f Flat, names: &[&str]) -> Vec<&'f str> {
        names.iter().map(|name| flat.get(name).unwrap_or("-")).collect()
    }

    #[test]
    fn a_length_beyond_all_sense_is_not_known() {
        let line = "1767603650|c9|sales|SIP/ann|COMPLETEAGENT|9223372036854775807|9223372036854775807|1";
        let calls = read(Calls::default(), line);
        assert_eq!(told(&calls[0], &["ended", "wait", "talk"]), ["1767603650", "-", "-"]);
        assert!(read(Agents::new(spans_of), line).is_empty());
    }

    const LOG: &str = "\
        1767603600|NONE|sales|SIP/ann|ADDMEMBER|
        1767603610|c1|sales|NONE|ENTERQUEUE||0201555|1
        1767603613|c1|sales|SIP/bob|RINGNOANSWER|3000
        1767603620|c1|sales|SIP/ann|CONNECT|10|c2|4
        1767603650|c1|sales|SIP/ann|COMPLETEAGENT|10|30|1
        1767603655|NONE|sales|SIP/ann|PAUSE|coffee
        1767603660|c3|sales|NONE|ENTERQUEUE||anonymous|1
        1767603675|c3|sales|NONE|ABANDON|1|1|15
        1767603685|NONE|sales|SIP/ann|UNPAUSE|
        1767603690|c4|sales|NONE|ENTERQUEUE||0202|1
        1767603700|NONE|sales|SIP/ann|REMOVEMEMBER|";

    #[test]
    fn calls_are_told_from_their_events() {
        let calls = read(Calls::default(), LOG);
        let names = ["id", "agent", "entered", "connected", "ended", "wait", "talk", "event", "ended_by"];
        let all: Vec<Vec<&str>> = calls.iter().map(|flat| told(flat, &names)).collect();
        assert_eq!(
            all,
            [
                [
                    "c1|sales",
                    "SIP/ann",
                    "1767603610",
                    "1767603620",
                    "1767603650",
                    "10",
                    "30",
                    "COMPLETEAGENT",
                    "agent"
                ],
                ["c3|sales", "-", "1767603660", "-", "1767603675", "15", "-", "ABANDON", "abandoned"],
                ["c4|sales", "-", "1767603690", "-", "-", "-", "-", "ENTERQUEUE", "-"],
            ]
        );
    }

    #[test]
    fn a_file_that_begins_within_a_call_tells_it_from_its_last_event() {
        let calls = read(Calls::default(), "1767603650|c1|sales|SIP/ann|COMPLETECALLER|10|30|1");
        assert_eq!(
            told(&calls[0], &["entered", "connected", "ended", "ended_by"]),
            ["1767603610", "1767603620", "1767603650", "customer"]
        );
    }

    #[test]
    fn a_grown_file_carries_an_open_call_on() {
        let cut: String = LOG.lines().take(4).map(|line| format!("{line}\n")).collect();
        let (early, late) = (read(Calls::default(), &cut), read(Calls::default(), LOG));
        assert_eq!(early[0].get("id"), late[0].get("id"));
        let revision = |flat: &Flat| flat.get("revision").unwrap().parse::<i64>().unwrap();
        assert!(revision(&early[0]) < revision(&late[0]));
    }

    #[test]
    fn logged_time_is_the_sum_of_the_states() {
        let spans = read(Agents::new(spans_of), LOG);
        let ann: Vec<Vec<&str>> = spans
            .iter()
            .filter(|flat| flat.get("agent") == Some("SIP/ann"))
            .map(|flat| told(flat, &["state", "length", "reason", "call"]))
            .collect();
        assert_eq!(
            ann,
            [
                ["wait", "20000", "-", "-"],
                ["talk", "30000", "-", "c1"],
                ["wait", "5000", "-", "-"],
                ["pause", "30000", "coffee", "-"],
                ["wait", "15000", "-", "-"],
            ]
        );
        let shifts = read(Agents::new(shifts_of), LOG);
        assert_eq!(shifts.len(), 1);
        assert_eq!(shifts[0].get("length"), Some("100000"));
    }

    #[test]
    fn what_is_no_event_is_refused_with_a_sentence() {
        for line in ["abc", "x|c1|q|a|CONNECT|1", "1767603650|c1|q|a|connect", "99999999999999|c|q|a|CONNECT"]
        {
            assert!(Event::read(line).is_err(), "{line}");
        }
        assert!(Event::read("").unwrap().is_none());
    }
}

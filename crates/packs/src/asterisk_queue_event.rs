//! One event of Asterisk's queue log, from a line of the file or a row of the table.

use std::borrow::Cow;

use crate::json::text;
use crate::shape::Item;
use crate::{CONTEXT, asterisk_queue_log_table};

/// A year in milliseconds. A number beyond it is no length of anything in a queue, and instants could not hold it.
const LONGEST: i64 = 366 * 86_400_000;

/// One line of the log.
pub(crate) struct Event<'a> {
    pub(crate) second: i64,
    pub(crate) call: &'a str,
    pub(crate) queue: &'a str,
    pub(crate) agent: &'a str,
    pub(crate) name: &'a str,
    pub(crate) parameters: Vec<&'a str>,
}

impl<'a> Event<'a> {
    pub(crate) fn read(line: &'a str) -> Result<Option<Event<'a>>, String> {
        if line.trim().is_empty() {
            return Ok(None);
        }
        let mut parts = line.split('|').map(str::trim);
        let mut part = || parts.next();
        let (Some(second), Some(call), Some(queue), Some(agent), Some(name)) =
            (part(), part(), part(), part(), part())
        else {
            return Err(
                "An event has five parts, `epoch|call|queue|agent|EVENT`, before its parameters.".to_owned()
            );
        };
        // Newer versions write a fraction.
        let whole = second.split('.').next().unwrap_or(second);
        let Some(second) = whole.parse::<i64>().ok().filter(|second| (0..=32_503_680_000).contains(second))
        else {
            return Err(format!("`{second}` is no second since 1970."));
        };
        if name.is_empty() || !name.bytes().all(|b| b.is_ascii_uppercase() || b == b'_') {
            return Err(format!("`{name}` is no name of an event."));
        }
        Ok(Some(Event { second, call, queue, agent, name, parameters: parts.collect() }))
    }

    /// A parameter, from 1, as a whole number of seconds or milliseconds.
    pub(crate) fn number(&self, at: usize) -> Option<i64> {
        self.parameters.get(at - 1)?.parse().ok().filter(|number| (0..=LONGEST).contains(number))
    }

    pub(crate) fn text(&self, at: usize) -> Option<&'a str> {
        self.parameters.get(at - 1).copied().filter(|text| !text.is_empty())
    }

    /// Waiting and talking, in seconds, where the event says them; the last event of a call.
    pub(crate) fn closing(&self) -> Option<Closing> {
        let closing = |wait, talk, by| Some(Closing { wait, talk, by });
        match self.name {
            "COMPLETEAGENT" => closing(self.number(1), self.number(2), "agent"),
            "COMPLETECALLER" => closing(self.number(1), self.number(2), "customer"),
            // `extension|context|wait|talk` in all versions that write them.
            "TRANSFER" | "BLINDTRANSFER" => closing(self.number(3), self.number(4), "agent"),
            "ATTENDEDTRANSFER" => {
                // Its end is `wait|talk|position` after three parameters that name the target.
                closing(self.number(4), self.number(5), "agent")
            }
            "ABANDON" => closing(self.number(3), None, "abandoned"),
            "EXITWITHTIMEOUT" => closing(self.number(3), None, "timeout"),
            "EXITWITHKEY" => closing(self.number(4), None, "customer"),
            "EXITEMPTY" => closing(self.number(3), None, "technical"),
            "AGENTDUMP" => closing(None, None, "agent"),
            "SYSCOMPAT" => closing(None, None, "technical"),
            _ => None,
        }
    }
}

pub(crate) struct Closing {
    pub(crate) wait: Option<i64>,
    pub(crate) talk: Option<i64>,
    pub(crate) by: &'static str,
}

/// An event as a line of the file.
pub(crate) struct Line<'a> {
    pub(crate) text: Cow<'a, str>,
    /// How what it says ranks among what is said of the same second: half a line gives way to the whole one.
    pub(crate) rank: i64,
    /// It only tells what began before what is to be told.
    pub(crate) is_context: bool,
}

pub(crate) fn line_of(item: Item<'_>) -> Result<Line<'_>, String> {
    let line = |text, rank| Ok(Line { text: Cow::Borrowed(text), rank, is_context: false });
    match item {
        Item::Line(text) => line(text, 9),
        Item::OpenLine(text) => line(text, 8),
        Item::Json(row) => Ok(Line {
            text: Cow::Owned(asterisk_queue_log_table::line(row)?),
            rank: 9,
            is_context: text(row, CONTEXT).is_some(),
        }),
        Item::Row(_) => Err("This is not a line of text.".to_owned()),
    }
}

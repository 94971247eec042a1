//! How many agents a load of calls needs: what is asked in words, and what is answered.
//!
//! Erlang C where callers wait for good, Erlang A where they leave, Erlang B for lines (`dialmark_stats::queue`).

use dialmark_model::duration_text;
use dialmark_stats::queue::{self, Demand, Goal, Needed, Shrinkage};
use serde::Serialize;

/// Fewer and more agents that are shown beside those that are needed.
const BESIDE: u32 = 3;
/// Share of calls that may find no line free.
const BLOCKED: f64 = 0.01;

/// What is asked, as somebody writes it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Asked {
    /// Calls in the interval.
    pub calls: String,
    /// Length of the interval: `30min`.
    pub interval: String,
    /// Average handling time, wrap included: `5min`, `280s`.
    pub handle: String,
    /// Service level: `80/20` is 80 % within 20 seconds.
    pub target: String,
    /// Share of their time that agents may handle calls at most: `85%`; empty for no cap.
    pub occupancy: String,
    /// After how long those who wait leave on average: `3min`; empty where nobody leaves.
    pub patience: String,
    /// Shares of paid time in which agents take no calls: `10%, 8%`; empty for none.
    pub shrinkage: String,
    /// The shares are each of what the others leave, instead of each of paid time.
    pub compounding: bool,
}

/// What is asked, read.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct Load {
    /// Calls in the interval.
    pub calls: f64,
    /// Length of the interval in seconds.
    pub interval_s: f64,
    /// Average handling time in seconds.
    pub handle_s: f64,
    /// Agents who would be busy all the time.
    pub erlangs: f64,
    /// Share of calls that is to be answered in time.
    pub answered: f64,
    /// In how many seconds.
    pub within_s: f64,
    /// Cap on occupancy, 1 for none.
    pub occupancy: f64,
    /// Average patience in seconds, where callers leave.
    pub patience_s: Option<f64>,
    /// Share of paid time that is lost.
    pub lost: f64,
}

/// What so many agents reach.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct Reached {
    /// Agents who take calls at the same time.
    pub agents: u32,
    /// Share of calls that they answer in time; `None` where they cannot keep up.
    pub answered_in_time: Option<f64>,
    /// Average wait in seconds.
    pub average_wait_s: Option<f64>,
    /// Share of callers who leave.
    pub leaves: Option<f64>,
    /// Share of their time that they handle calls.
    pub occupancy: Option<f64>,
}

/// The answer.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Staffed {
    /// What was asked.
    pub load: Load,
    /// Agents who take calls at the same time.
    pub agents: u32,
    /// Agents that the service level alone would need.
    pub for_service: u32,
    /// Agents on the roster.
    pub rostered: u32,
    /// Lines of which at most one call in a hundred finds none free, counting conversations and wrap, not waiting.
    pub lines: u32,
    /// What they reach, with a few less and a few more.
    pub around: Vec<Reached>,
}

/// Works out the answer. Everything that is wrong with what is asked is said, a sentence each with its key.
pub fn staffed(asked: &Asked) -> Result<Staffed, Vec<String>> {
    let load = read(asked)?;
    let demand = Demand {
        calls_per_s: load.calls / load.interval_s,
        handle_s: load.handle_s,
        patience_s: load.patience_s,
    };
    let goal = Goal { answered: load.answered, within_s: load.within_s, occupancy: load.occupancy };
    let too_many = || {
        vec![format!("`calls`: this load needs more than a million agents ({:.0} erlangs).", load.erlangs)]
    };
    let Needed { agents, for_service, .. } = queue::needed(demand, goal).ok_or_else(too_many)?;
    let rostered = queue::rostered(agents, load.lost).ok_or_else(too_many)?;
    let lines = queue::lines(load.erlangs, BLOCKED).ok_or_else(too_many)?;
    let around =
        agents.saturating_sub(BESIDE).max(1)..=agents.saturating_add(BESIDE).min(queue::MOST_SERVERS);
    Ok(Staffed {
        agents,
        for_service,
        rostered,
        lines,
        around: around.map(|agents| reached(&load, agents)).collect(),
        load,
    })
}

fn reached(load: &Load, agents: u32) -> Reached {
    let nothing =
        Reached { agents, answered_in_time: None, average_wait_s: None, leaves: None, occupancy: None };
    match load.patience_s {
        None => queue::waiting(load.erlangs, agents, load.handle_s).map_or(nothing, |found| Reached {
            agents,
            answered_in_time: Some(found.answered_within(load.within_s)),
            average_wait_s: Some(found.average_wait()),
            leaves: Some(0.0),
            occupancy: Some(found.occupancy()),
        }),
        Some(patience) => {
            queue::leaving(load.erlangs, agents, load.handle_s, patience).map_or(nothing, |found| Reached {
                agents,
                answered_in_time: Some(found.answered_within(load.within_s)),
                average_wait_s: Some(found.average_wait()),
                leaves: Some(found.leaves()),
                occupancy: Some(found.occupancy()),
            })
        }
    }
}

fn read(asked: &Asked) -> Result<Load, Vec<String>> {
    let mut wrong = Vec::new();
    let mut or_said = |key: &str, read: Result<f64, String>| {
        read.unwrap_or_else(|sentence| {
            wrong.push(format!("`{key}`: {sentence}"));
            f64::NAN
        })
    };
    let calls = or_said("calls", number(&asked.calls));
    let interval_s = or_said("interval", seconds(&asked.interval));
    let handle_s = or_said("handle", seconds(&asked.handle));
    let optional = |text: &str| !text.trim().is_empty();
    let occupancy = match optional(&asked.occupancy) {
        true => or_said("occupancy", share(&asked.occupancy).and_then(above_zero)),
        false => 1.0,
    };
    let patience_s = match optional(&asked.patience) {
        true => Some(or_said("patience", seconds(&asked.patience))),
        false => None,
    };
    let way = if asked.compounding { Shrinkage::Compounding } else { Shrinkage::Adding };
    let shares = asked.shrinkage.split(',').filter(|text| optional(text)).map(share);
    let lost = shares.collect::<Result<Vec<f64>, String>>().and_then(|shares| {
        way.of(&shares)
            .ok_or_else(|| "of paid time nothing would be left; each is a share from 0 to 100 %.".to_owned())
    });
    let lost = or_said("shrinkage", lost);
    let (answered, within_s) = match target(&asked.target) {
        Ok(target) => target,
        Err(sentence) => {
            wrong.push(format!("`target`: {sentence}"));
            (f64::NAN, f64::NAN)
        }
    };
    if !wrong.is_empty() {
        return Err(wrong);
    }
    let erlangs = calls / interval_s * handle_s;
    Ok(Load { calls, interval_s, handle_s, erlangs, answered, within_s, occupancy, patience_s, lost })
}

fn number(text: &str) -> Result<f64, String> {
    let found = text.trim().parse::<f64>().ok().filter(|number| number.is_finite() && *number >= 0.0);
    found.ok_or_else(|| match text.trim() {
        "" => "say how many; a number such as `120` or `87.5`.".to_owned(),
        text => format!("`{text}` is no number of calls; write one such as `120` or `87.5`."),
    })
}

fn seconds(text: &str) -> Result<f64, String> {
    let ms = duration_text::parse_ms(text).map_err(|error| error.to_string())?;
    match u32::try_from(ms) {
        Ok(0) => Err("a length of time above zero is needed.".to_owned()),
        Ok(ms) => Ok(f64::from(ms) / 1000.0),
        Err(_) => Err(format!("`{text}` is longer than seven weeks.")),
    }
}

/// `85%`, `85 %` or `0.85`.
fn share(text: &str) -> Result<f64, String> {
    let text = text.trim();
    let (digits, divisor) = match text.strip_suffix('%') {
        Some(digits) => (digits.trim_end(), 100.0),
        None => (text, 1.0),
    };
    let found = digits.parse::<f64>().ok().map(|number| number / divisor);
    found
        .filter(|share| (0.0..=1.0).contains(share))
        .ok_or_else(|| format!("`{text}` is no share; write one from `0%` to `100%`, such as `85%`."))
}

fn above_zero(share: f64) -> Result<f64, String> {
    if share > 0.0 { Ok(share) } else { Err("agents who may not be busy at all take no calls.".to_owned()) }
}

/// `80/20`: 80 % within 20 seconds.
fn target(text: &str) -> Result<(f64, f64), String> {
    let wrong =
        || format!("`{text}` is no service level; write `80/20` for 80 % of calls within 20 seconds.");
    let (percent, within) = text.trim().split_once('/').ok_or_else(wrong)?;
    let percent: f64 = percent.trim().trim_end_matches('%').trim_end().parse().map_err(|_| wrong())?;
    let within: f64 = within.trim().trim_end_matches('s').trim_end().parse().map_err(|_| wrong())?;
    let sound = (0.0..100.0).contains(&percent) && within.is_finite() && within >= 0.0;
    if sound { Ok((percent / 100.0, within)) } else { Err(wrong()) }
}

impl Staffed {
    /// The answer in sentences.
    pub fn sentences(&self) -> Vec<String> {
        let load = &self.load;
        let mut all = vec![format!(
            "{} of calls are answered within {} s by {} agents who take calls at the same time, for a load of {:.2} erlangs.",
            percent(load.answered),
            plain(load.within_s),
            self.agents,
            load.erlangs
        )];
        if self.agents > self.for_service {
            all.push(format!(
                "The service level alone would need {}; {} are needed so that nobody is busier than {}.",
                self.for_service,
                self.agents,
                percent(load.occupancy)
            ));
        }
        if load.lost > 0.0 {
            all.push(format!(
                "With {} of paid time lost, {} must be on the roster.",
                percent(load.lost),
                self.rostered
            ));
        }
        all.push(match load.patience_s {
            None => "Callers wait for good here (Erlang C); real ones leave, so this is rather too many than too few."
                .to_owned(),
            Some(patience) => format!(
                "Those who wait leave after {} s on the average (Erlang A); in the worst case all of them stay.",
                plain(patience)
            ),
        });
        all.push(format!(
            "{} lines, so that at most one call in a hundred finds none free (Erlang B); those who wait take one each besides.",
            self.lines
        ));
        all
    }
}

impl Reached {
    /// Agents, answered in time, average wait, those who leave, occupancy: as a row of a table.
    pub fn row(&self) -> [String; 5] {
        let or_none =
            |value: Option<f64>, show: fn(f64) -> String| value.map_or_else(|| "-".to_owned(), show);
        [
            self.agents.to_string(),
            or_none(self.answered_in_time, percent),
            or_none(self.average_wait_s, |wait| format!("{wait:.1} s")),
            or_none(self.leaves, percent),
            or_none(self.occupancy, percent),
        ]
    }
}

/// Heads of [`Reached::row`].
pub const COLUMNS: [&str; 5] = ["agents", "answered in time", "average wait", "leave", "occupancy"];

fn percent(share: f64) -> String {
    let text = format!("{:.1}", share * 100.0);
    format!("{} %", text.strip_suffix(".0").unwrap_or(&text))
}

fn plain(number: f64) -> String {
    let text = format!("{number:.1}");
    text.strip_suffix(".0").unwrap_or(&text).to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn asked() -> Asked {
        Asked {
            calls: "120".to_owned(),
            interval: "30min".to_owned(),
            handle: "5min".to_owned(),
            target: "80/20".to_owned(),
            ..Asked::default()
        }
    }

    #[test]
    fn twenty_erlangs_need_the_agents_that_tables_say() {
        // 20 erlangs at 80/20 with calls of five minutes: 24 agents answer 77.2 % in time, 25 answer 85.0 %.
        let found = staffed(&asked()).unwrap();
        assert_eq!((found.agents, found.for_service, found.rostered), (25, 25, 25));
        assert!((found.load.erlangs - 20.0).abs() < 1e-12);
        let of = |agents: u32| found.around.iter().find(|one| one.agents == agents).unwrap();
        assert!(of(24).answered_in_time.unwrap() < 0.8 && of(25).answered_in_time.unwrap() >= 0.8);
        assert_eq!(found.around.len(), 7);
        // Erlang B's table: 30 lines carry 20.3 erlangs at a loss of one in a hundred.
        assert_eq!(found.lines, 30);
        assert!(found.around.iter().all(|one| one.answered_in_time.is_some()));
    }

    #[test]
    fn a_cap_on_occupancy_and_shrinkage_need_more() {
        let capped = Asked { occupancy: "75%".to_owned(), shrinkage: "20%, 10%".to_owned(), ..asked() };
        let found = staffed(&capped).unwrap();
        assert_eq!((found.agents, found.rostered), (27, 39), "20 / 0.75 = 26.7; 27 / 0.7 = 38.6");
        let each = staffed(&Asked { compounding: true, ..capped }).unwrap();
        assert_eq!(each.rostered, 38, "27 / (0.8 * 0.9) = 37.5");
        let said = found.sentences().join(" ");
        assert!(said.contains("The service level alone would need 25; 27 are needed"), "{said}");
        assert!(said.contains("With 30 % of paid time lost, 39 must be on the roster."), "{said}");
    }

    #[test]
    fn callers_who_leave_need_fewer_agents_and_overload_is_no_error() {
        let leaving = Asked { patience: "3min".to_owned(), ..asked() };
        let found = staffed(&leaving).unwrap();
        assert!(found.agents < 25 && found.around.iter().all(|one| one.answered_in_time.is_some()));
    }

    #[test]
    fn everything_that_is_wrong_is_said_at_once() {
        let wrong = Asked {
            calls: "many".to_owned(),
            interval: "30".to_owned(),
            handle: "0s".to_owned(),
            target: "80".to_owned(),
            occupancy: "120%".to_owned(),
            patience: "soon".to_owned(),
            shrinkage: "60%,40%".to_owned(),
            compounding: false,
        };
        let said = staffed(&wrong).unwrap_err();
        assert_eq!(said.len(), 7, "{said:#?}");
        let none = staffed(&Asked { calls: "0".to_owned(), ..asked() }).unwrap();
        assert_eq!((none.agents, none.lines), (1, 0));
        let huge = Asked { calls: "1e12".to_owned(), ..asked() };
        assert!(staffed(&huge).unwrap_err()[0].contains("more than a million"));
    }
}

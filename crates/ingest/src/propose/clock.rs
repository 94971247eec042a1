//! Clocks of two parts: hours and minutes, or minutes and seconds, which is a factor of sixty.

use super::reading::Reading;
use super::sample::Seen;
use super::words::Clock;
use crate::values::{Number, hours_minutes_ms};

/// Columns that hold a time logged in or paid.
const LONG: [&str; 2] = ["logged_ms", "paid_ms"];

/// Words for times that are hours rather than minutes.
const LONG_WORDS: [&str; 14] = [
    "login",
    "logon",
    "logged",
    "loggedin",
    "shift",
    "staffed",
    "hours",
    "paid",
    "payroll",
    "stunden",
    "schicht",
    "angemeldet",
    "turno",
    "horas",
];

/// Decides how a clock is read that is to fill the column `target`, and says where that is a guess.
pub fn clock(reading: &mut Reading, target: &str, column: &Seen, values: &[&str]) {
    let hours_and_minutes = |value: &&&str| matches!(hours_minutes_ms(value), Number::Is(..));
    let two = values.iter().filter(hours_and_minutes).count();
    let three = values.iter().find(|value| value.matches(':').count() == 2);
    let Some(example) = values.iter().find(|value| hours_and_minutes(value)) else {
        reading.say("clock", " and values: h:mm:ss");
        return;
    };
    match (column.words.clock, three) {
        (Some(Clock::MinutesSeconds), _) => reading.say("clock", ": minutes and seconds"),
        // Only seconds have fractions.
        _ if values.iter().any(|value| value.contains('.')) => {
            reading.say("clock", " and values: minutes and seconds");
        }
        // What cannot be read so is counted by whoever tries it.
        (Some(Clock::HoursMinutes), _) if two * 2 >= values.len() => {
            reading.say("hh:mm", ": hours and minutes");
        }
        (_, Some(three)) => {
            reading.say("clock", " and values: h:mm:ss");
            reading.check.push(format!(
                "beside `{three}` the two parts of `{example}` are read as minutes and seconds"
            ));
        }
        (_, None) if is_long(target, column) => {
            reading.say("hh:mm", " and values: hours and minutes");
            reading.unit_guessed = true;
            reading.check.push(format!(
                "{TWO_PARTS} of `{example}` are read as hours and minutes; if they are minutes and seconds, write `as = \"clock\"`"
            ));
        }
        (_, None) => {
            reading.say("clock", " and values: minutes and seconds");
            reading.unit_guessed = true;
            reading.check.push(format!(
                "{TWO_PARTS} of `{example}` are read as minutes and seconds; if they are hours and minutes, write `as = \"hh:mm\"`"
            ));
        }
    }
}

/// How a remark on two parts begins, which becomes void when something else decides.
pub const TWO_PARTS: &str = "the two parts";

fn is_long(target: &str, column: &Seen) -> bool {
    LONG.contains(&target) || column.words.full.split('_').any(|word| LONG_WORDS.contains(&word))
}

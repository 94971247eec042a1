//! Names of columns as words: `Call Duration (sec)`, `callDurationSec` and `call_duration_sec` are one.

use dialmark_model::source::DurationUnit;

/// A column's name in words.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Words {
    /// All words, joined by `_`.
    pub full: String,
    /// Without the unit at its end.
    pub bare: String,
    /// For paths into nested records: the words of the last part.
    pub last: Option<String>,
    /// The unit at its end.
    pub unit: Option<DurationUnit>,
    /// What the parts of its clock are, where it says so.
    pub clock: Option<Clock>,
}

/// What a name says of the parts of a clock.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Clock {
    /// As in `Talk (hh:mm:ss)`.
    HoursMinutesSeconds,
    /// As in `Logged in (hh:mm)`.
    HoursMinutes,
    /// As in `Hold (mm:ss)`.
    MinutesSeconds,
}

/// The words of a name.
pub fn words(name: &str) -> Words {
    let full = joined(name);
    let (bare, clock) = without_clock(&full);
    let (bare, unit) = match clock {
        Some(_) => (bare, None),
        None => without_unit(&full),
    };
    let last = name.rsplit_once('.').map(|(_, last)| without_unit(&joined(last)).0);
    Words { full, bare, last, unit, clock }
}

/// Lower-case ASCII words joined by `_`.
pub fn joined(name: &str) -> String {
    let mut words: Vec<String> = vec![String::new()];
    let mut before = ' ';
    let mut letters = name.chars().flat_map(plain).peekable();
    while let Some(letter) = letters.next() {
        let camel = letter.is_ascii_uppercase()
            && (before.is_ascii_lowercase()
                || before.is_ascii_digit()
                || (before.is_ascii_uppercase() && letters.peek().is_some_and(char::is_ascii_lowercase)));
        if (!letter.is_ascii_alphanumeric() || camel) && words.last().is_some_and(|word| !word.is_empty()) {
            words.push(String::new());
        }
        if letter.is_ascii_alphanumeric()
            && let Some(word) = words.last_mut()
        {
            word.push(letter.to_ascii_lowercase());
        }
        before = letter;
    }
    words.retain(|word| !word.is_empty());
    words.join("_")
}

/// Latin letters without their accents; `ß` as `ss`; everything else as it is.
fn plain(letter: char) -> impl Iterator<Item = char> {
    let text: String = match letter {
        'á' | 'à' | 'â' | 'ã' | 'å' => "a".into(),
        'ä' => "ae".into(),
        'é' | 'è' | 'ê' | 'ë' => "e".into(),
        'í' | 'ì' | 'î' | 'ï' => "i".into(),
        'ó' | 'ò' | 'ô' | 'õ' => "o".into(),
        'ö' => "oe".into(),
        'ú' | 'ù' | 'û' => "u".into(),
        'ü' => "ue".into(),
        'ñ' => "n".into(),
        'ç' => "c".into(),
        'ß' => "ss".into(),
        'Ä' => "Ae".into(),
        'Ö' => "Oe".into(),
        'Ü' => "Ue".into(),
        other => other.to_string(),
    };
    text.chars().collect::<Vec<_>>().into_iter()
}

/// The name without what it says of the parts of a clock.
fn without_clock(full: &str) -> (String, Option<Clock>) {
    // With seconds first: `hh_mm` is part of `hh_mm_ss`.
    const CLOCKS: [(&str, Clock); 14] = [
        ("hh_mm_ss", Clock::HoursMinutesSeconds),
        ("h_mm_ss", Clock::HoursMinutesSeconds),
        ("hhmmss", Clock::HoursMinutesSeconds),
        ("hms", Clock::HoursMinutesSeconds),
        ("mm_ss", Clock::MinutesSeconds),
        ("m_ss", Clock::MinutesSeconds),
        ("mmss", Clock::MinutesSeconds),
        ("min_sec", Clock::MinutesSeconds),
        ("hh_mm", Clock::HoursMinutes),
        ("h_mm", Clock::HoursMinutes),
        ("hhmm", Clock::HoursMinutes),
        ("hrs_mins", Clock::HoursMinutes),
        ("hours_minutes", Clock::HoursMinutes),
        ("std_min", Clock::HoursMinutes),
    ];
    let within = format!("_{full}_");
    for (parts, clock) in CLOCKS {
        let parts = format!("_{parts}_");
        if within.contains(&parts) {
            let bare = within.replacen(&parts, "_", 1);
            return (bare.trim_matches('_').to_owned(), Some(clock));
        }
    }
    (full.to_owned(), None)
}

fn without_unit(full: &str) -> (String, Option<DurationUnit>) {
    const UNITS: [(&str, DurationUnit); 20] = [
        ("_in_milliseconds", DurationUnit::Millis),
        ("_in_seconds", DurationUnit::Seconds),
        ("_in_minutes", DurationUnit::Minutes),
        ("_in_sec", DurationUnit::Seconds),
        ("_milliseconds", DurationUnit::Millis),
        ("_millis", DurationUnit::Millis),
        ("_msec", DurationUnit::Millis),
        ("_ms", DurationUnit::Millis),
        ("_seconds", DurationUnit::Seconds),
        ("_segundos", DurationUnit::Seconds),
        ("_sekunden", DurationUnit::Seconds),
        ("_secs", DurationUnit::Seconds),
        ("_sec", DurationUnit::Seconds),
        ("_s", DurationUnit::Seconds),
        ("_minutes", DurationUnit::Minutes),
        ("_minuten", DurationUnit::Minutes),
        ("_mins", DurationUnit::Minutes),
        ("_min", DurationUnit::Minutes),
        ("_hours", DurationUnit::Hours),
        ("_hrs", DurationUnit::Hours),
    ];
    for (suffix, unit) in UNITS {
        if let Some(bare) = full.strip_suffix(suffix) {
            return (bare.to_owned(), Some(unit));
        }
    }
    (full.to_owned(), None)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_of_every_style_come_to_the_same_words() {
        for name in ["Call Duration", "callDuration", "call_duration", "CALL-DURATION", " Call.Duration "] {
            assert_eq!(joined(name), "call_duration", "{name}");
        }
        for (name, wanted) in [
            ("vru+line", "vru_line"),
            ("AWSAccountId", "aws_account_id"),
            ("Gesprächsdauer", "gespraechsdauer"),
            ("Campaña", "campana"),
            ("StartTime", "start_time"),
            ("Shift10", "shift10"),
            ("", ""),
        ] {
            assert_eq!(joined(name), wanted, "{name}");
        }
    }

    #[test]
    fn units_are_taken_from_the_end_of_a_name() {
        let unit = |name: &str| (words(name).bare, words(name).unit);
        assert_eq!(unit("talk_sec"), ("talk".into(), Some(DurationUnit::Seconds)));
        assert_eq!(unit("CallDurationInSeconds"), ("call_duration".into(), Some(DurationUnit::Seconds)));
        assert_eq!(unit("Wait (ms)"), ("wait".into(), Some(DurationUnit::Millis)));
        assert_eq!(unit("status"), ("status".into(), None));
        assert_eq!(words("agent.talkTime").last.as_deref(), Some("talk_time"));
    }

    #[test]
    fn a_name_may_say_what_the_parts_of_a_clock_are() {
        let said = |name: &str| (words(name).bare, words(name).clock);
        assert_eq!(said("Logged In (hh:mm)"), ("logged_in".into(), Some(Clock::HoursMinutes)));
        assert_eq!(said("Talk [h:mm:ss]"), ("talk".into(), Some(Clock::HoursMinutesSeconds)));
        assert_eq!(said("Talk (HH:MM:SS) total"), ("talk_total".into(), Some(Clock::HoursMinutesSeconds)));
        assert_eq!(said("hold_mm_ss"), ("hold".into(), Some(Clock::MinutesSeconds)));
        assert_eq!(said("Angemeldet (Std:Min)"), ("angemeldet".into(), Some(Clock::HoursMinutes)));
        assert_eq!(said("login_time"), ("login_time".into(), None));
        // The unit at the end is none where the name says two.
        assert_eq!((words("Talk (min:sec)").unit, words("Talk (sec)").clock), (None, None));
    }
}

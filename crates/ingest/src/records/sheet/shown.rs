//! What a number format shows of a number that is a moment: a day, a time of day, or both.

/// Which parts of a moment a format shows.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Shown {
    pub day: bool,
    pub clock: bool,
}

impl Shown {
    /// What the code of a format shows, by its first section. Codes are English whatever the language of the program.
    pub fn by(code: &str) -> Shown {
        let mut shown = Shown::default();
        // `m` is a month, beside hours and seconds a minute.
        let mut has_m = false;
        let mut letters = code.chars();
        while let Some(letter) = letters.next() {
            match letter.to_ascii_lowercase() {
                ';' => break,
                '"' => drop(letters.by_ref().find(|c| *c == '"')),
                '\\' | '_' | '*' => drop(letters.next()),
                // A colour or a language, unless it is a length such as `[h]`.
                '[' => {
                    let inner: String = letters.by_ref().take_while(|c| *c != ']').collect();
                    shown.clock |= !inner.is_empty() && inner.chars().all(|c| "hmsHMS".contains(c));
                }
                'h' | 's' => shown.clock = true,
                'y' | 'd' | 'e' => shown.day = true,
                'm' => has_m = true,
                // `AM/PM` and `A/P`.
                'a' | 'p' => drop(
                    letters.clone().next().filter(|c| matches!(c, 'm' | 'M')).and_then(|_| letters.next()),
                ),
                _ => {}
            }
        }
        shown.day |= has_m && !shown.clock;
        shown
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn formats_show_days_times_or_both() {
        for (code, day, clock) in [
            ("yyyy-mm-dd", true, false),
            ("mmm-yy", true, false),
            ("mmmm", true, false),
            ("dd/mm/yyyy hh:mm", true, true),
            ("[$-409]m/d/yy\\ h:mm\\ AM/PM;@", true, true),
            ("h:mm AM/PM", false, true),
            ("mm:ss.0", false, true),
            ("[h]:mm:ss", false, true),
            ("[mm]", false, true),
            ("[Red]0.00", false, false),
            ("\"day \"0", false, false),
            ("0.00_);(yyyy)", false, false),
        ] {
            assert_eq!(Shown::by(code), Shown { day, clock }, "{code}");
        }
    }
}

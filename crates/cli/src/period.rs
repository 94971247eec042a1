//! Which time a question is about, from `--from` and `--to`.

use dialmark_model::civil::{self, Calendar, Period};
use jiff::Timestamp;
use jiff::civil::Date;

use crate::failure::Failure;

/// The centre's calendar, in the zone that `--zone` names.
pub fn calendar(zone: Option<&str>, centre: &Calendar) -> Result<Calendar, Failure> {
    let zone = zone.map(civil::zone).transpose();
    let zone = zone.map_err(|unknown| Failure::usage(format!("`--zone`: {unknown}.")))?;
    Ok(zone.map_or_else(|| centre.clone(), |zone| centre.in_zone(zone)))
}

/// The period from `from` up to, and without, `to`: each a business day of `calendar` or an instant.
pub fn parse(from: Option<&str>, to: Option<&str>, calendar: &Calendar) -> Result<Period, Failure> {
    let from = from.map(|text| instant("--from", text, calendar)).transpose()?;
    let to = to.map(|text| instant("--to", text, calendar)).transpose()?;
    if let (Some(from), Some(to)) = (from, to)
        && from >= to
    {
        return Err(Failure::usage(format!(
            "The period is empty: it would begin at {from} and end before {to}. `--to` names the first day that \
             does not belong to it."
        )));
    }
    Ok(Period { from, to })
}

/// A business day's first instant, or the instant that `text` names.
pub fn instant(option: &str, text: &str, calendar: &Calendar) -> Result<Timestamp, Failure> {
    let text = text.trim();
    let is_day = text.len() == "2026-11-20".len() && !text.contains(['T', ':']);
    let found = match is_day {
        true => text.parse::<Date>().ok().and_then(|day| calendar.day_start(day)),
        false => text.parse::<Timestamp>().ok(),
    };
    found.ok_or_else(|| {
        Failure::usage(format!(
            "`{option} {text}` is neither a day, such as `2026-11-20`, nor an instant with its offset, such as \
             `2026-11-20T09:30:00Z` or `2026-11-20T09:30:00+01:00`."
        ))
    })
}

/// The instant up to which `--as-of` knows: the end of a business day, or the instant itself.
pub fn known_by(text: &str, calendar: &Calendar) -> Result<Timestamp, Failure> {
    let asked = instant("--as-of", text, calendar)?;
    let next = text.trim().parse::<Date>().ok().and_then(|day| calendar.day_start(day.tomorrow().ok()?));
    Ok(next.unwrap_or(asked))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn london() -> Calendar {
        Calendar::plain(dialmark_model::civil::zone("Europe/London").unwrap())
    }

    #[test]
    fn a_day_begins_in_the_zone() {
        let period = parse(Some("2026-07-01"), Some("2026-11-20"), &london()).unwrap();
        assert_eq!(period.from.unwrap().to_string(), "2026-06-30T23:00:00Z");
        assert_eq!(period.to.unwrap().to_string(), "2026-11-20T00:00:00Z");
    }

    #[test]
    fn an_instant_carries_its_own_offset() {
        let at = instant("--from", "2026-07-01T09:00:00+02:00", &london()).unwrap();
        assert_eq!(at.to_string(), "2026-07-01T07:00:00Z");
    }

    #[test]
    fn what_is_no_time_and_what_is_empty_is_refused() {
        for bad in ["yesterday", "2026-13-01", "2026-07-01T09:00:00", "2026-02-30", ""] {
            assert!(matches!(instant("--from", bad, &london()), Err(Failure::Usage(_))), "{bad}");
        }
        for (from, to) in [("2026-07-02", "2026-07-01"), ("2026-07-01", "2026-07-01")] {
            assert!(parse(Some(from), Some(to), &london()).is_err());
        }
    }
}

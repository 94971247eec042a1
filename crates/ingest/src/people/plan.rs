//! The world's numbering plans, as far as they say where a number begins.
//!
//! The plans are those of `phonenumber`'s metadata (Google's). Its parser is not used: it takes up to 20 microseconds a
//! number, which is most of an import, and it strips the trunk prefix of the country that it is given from numbers of other
//! countries (`+39 06 1234567` loses its 0 in Great Britain), so that one number would be two.

use std::sync::LazyLock;

use phonenumber::Metadata;
use phonenumber::metadata::DATABASE;

/// Digits of a number in E.164.
const DIGITS: std::ops::RangeInclusive<usize> = 7..=15;
/// Country codes have one to three digits.
const CODES: usize = 1000;

/// By country code: whether numbers are dialled with a 0 before them at home, which is no part of them (`+44 (0)20`).
/// `None` where there is no such code. In Italy the 0 is part of the number.
static CODE_HAS_TRUNK_ZERO: LazyLock<Vec<Option<bool>>> = LazyLock::new(|| {
    let mut codes = vec![None; CODES];
    for plan in DATABASE.iter() {
        if let Some(slot) = codes.get_mut(usize::from(plan.country_code())) {
            let has_zero = plan.national_prefix() == Some("0");
            // The main country of a code decides for all that share it.
            if slot.is_none() || plan.is_main_country_for_code() {
                *slot = Some(has_zero);
            }
        }
    }
    codes
});

/// Splits digits after `+` into country code and the rest.
fn split(digits: &str) -> Option<(&str, &str, bool)> {
    (1..=3).find_map(|length| {
        let (code, rest) = digits.split_at_checked(length)?;
        let has_zero = CODE_HAS_TRUNK_ZERO.get(code.parse::<usize>().ok()?).copied().flatten()?;
        (!code.starts_with('0')).then_some((code, rest, has_zero))
    })
}

/// The number of which these digits stand behind a `+`.
pub fn international(digits: &str) -> Option<String> {
    let (code, rest, has_zero) = split(digits)?;
    let rest = if has_zero { rest.strip_prefix('0').unwrap_or(rest) } else { rest };
    let number = format!("+{code}{rest}");
    DIGITS.contains(&(number.len() - 1)).then_some(number)
}

/// What stands behind the country code.
pub fn without_code(digits: &str) -> Option<&str> {
    split(digits).map(|(_, rest, _)| rest)
}

/// How numbers are dialled in one country.
#[derive(Debug, Clone, Copy)]
pub struct Home {
    plan: &'static Metadata,
    /// A bit for each length that a number may have there, without its trunk prefix.
    lengths: u32,
}

impl Home {
    /// Of two capital letters; `None` when no numbers are known of the country.
    pub fn of(code: &str) -> Option<Home> {
        let plan = DATABASE.by_id(code)?;
        let of = plan.descriptors();
        let kinds =
            [of.fixed_line(), of.mobile(), of.toll_free(), of.premium_rate(), of.shared_cost(), of.voip()];
        let more = [of.personal_number(), of.pager(), of.uan(), of.voicemail()];
        let lengths = kinds.into_iter().chain(more).flatten().flat_map(|kind| kind.possible_length());
        let lengths = lengths.fold(0, |all, length| all | 1_u32.checked_shl(u32::from(*length)).unwrap_or(0));
        Some(Home { plan, lengths })
    }

    fn fits(self, digits: &str) -> bool {
        u32::try_from(digits.len()).is_ok_and(|length| self.lengths.checked_shr(length).unwrap_or(0) & 1 == 1)
    }
}

/// The number that is dialled like this in a country.
pub fn national(digits: &str, home: Home) -> Option<String> {
    let plan = home.plan;
    if let Some(abroad) = plan.international_prefix().and_then(|prefix| prefix.find(digits))
        && abroad.start() == 0
        && let Some(rest) = digits.get(abroad.end()..).filter(|rest| !rest.starts_with('0'))
        && let Some(number) = international(rest)
    {
        return Some(number);
    }
    let code = plan.country_code().to_string();
    let fits = |rest: &str| home.fits(rest);
    // A trunk prefix is stripped where it is surely one: a 0, or what makes the number too long.
    let rest = match plan.national_prefix().and_then(|prefix| Some((prefix, digits.strip_prefix(prefix)?))) {
        Some((prefix, rest)) if prefix == "0" || (!fits(digits) && fits(rest)) => rest,
        _ => digits,
    };
    if rest.len() == digits.len() && !fits(digits) && digits.strip_prefix(code.as_str()).is_some_and(fits) {
        // With its country code and without the `+`.
        return international(digits);
    }
    let number = format!("+{code}{rest}");
    DIGITS.contains(&(number.len() - 1)).then_some(number)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Numbers that the metadata gives as examples of each region.
    fn examples() -> Vec<(String, u16, String, Option<String>)> {
        let mut all = Vec::new();
        for plan in DATABASE.iter().filter(|plan| plan.id().len() == 2) {
            let of = plan.descriptors();
            for kind in [of.fixed_line(), of.mobile(), of.toll_free(), of.voip()].into_iter().flatten() {
                if let Some(example) = kind.example() {
                    let prefix = plan.national_prefix().map(str::to_owned);
                    all.push((plan.id().to_owned(), plan.country_code(), example.to_owned(), prefix));
                }
            }
        }
        all
    }

    #[test]
    fn an_example_of_every_region_is_itself_in_e164() {
        let all = examples();
        assert!(all.len() > 700, "{}", all.len());
        let mut odd = Vec::new();
        for (region, code, example, _) in &all {
            let digits = format!("{code}{example}");
            if digits.len() >= 7 && international(&digits) != Some(format!("+{digits}")) {
                odd.push(format!("{region} +{digits}: {:?}", international(&digits)));
            }
        }
        assert_eq!(odd, Vec::<String>::new());
    }

    #[test]
    fn an_example_of_every_region_is_read_as_it_is_dialled_at_home() {
        let mut odd = Vec::new();
        for (region, code, example, prefix) in examples() {
            let country = Home::of(&region).unwrap();
            let number = format!("+{code}{example}");
            // In Belarus a number may be as long with its trunk prefix as another is without.
            if number.len() < 8 || region == "BY" {
                continue;
            }
            let mut written = vec![example.clone()];
            written.extend(prefix.map(|prefix| format!("{prefix}{example}")));
            for text in written {
                if national(&text, country).as_deref() != Some(number.as_str()) {
                    odd.push(format!("{region} {text}: {:?} and not {number}", national(&text, country)));
                }
            }
        }
        assert_eq!(odd, Vec::<String>::new(), "{}", odd.len());
    }
}

//! What a source writes in a field for a telephone number.

use super::plan::{self, Home};

/// Fewer digits than this are an extension or a service number, which is nobody's own.
const FEWEST_DIGITS: usize = 7;
/// How systems write that a caller does not show a number.
const WITHHELD: [&str; 13] = [
    "anonymous",
    "blocked",
    "not available",
    "<null>",
    "null",
    "private",
    "private number",
    "restricted",
    "unavailable",
    "unknown",
    "<unknown>",
    "withheld",
    "asserted identity",
];
/// The same words as they are spelt on a keypad, which some carriers send in place of a number.
const SPELT: [&str; 5] = ["266696687", "2562533", "7378742833", "86282452253", "8656696"];

/// A country whose numbers may be written without an international prefix.
#[derive(Debug, Clone, Copy)]
pub struct Country(Home);

impl Country {
    /// From two capital letters of ISO 3166-1; `None` when no numbers are known of it.
    pub fn from_code(code: &str) -> Option<Country> {
        Home::of(code).map(Country)
    }
}

/// What the text of a number says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Heard {
    /// A number in E.164, with `+`.
    Number(String),
    /// Something that may be a person's number or address and cannot be read as E.164: its digits, or its letters in lower case.
    Other(String),
    /// An extension or a service number.
    Short,
    /// The caller did not show one.
    Withheld,
}

/// Reads the text of a number. Numbers without an international prefix need a country.
pub fn hear(text: &str, country: Option<Country>) -> Heard {
    let lower: String = text.trim().chars().map(plain_digit).collect::<String>().to_lowercase();
    let digits = digits_of(&lower);
    if WITHHELD.contains(&lower.as_str()) || (lower.starts_with('+') && SPELT.contains(&digits.as_str())) {
        return Heard::Withheld;
    }
    let said = without_extension(&lower);
    if said.chars().any(char::is_alphabetic) {
        return Heard::Other(lower);
    }
    let digits = digits_of(said);
    if said.chars().any(|c| c.is_numeric() && !c.is_ascii_digit()) {
        return Heard::Other(lower);
    }
    if digits.len() < FEWEST_DIGITS {
        return Heard::Short;
    }
    let is_international = said.trim_start_matches(['(', ' ']).starts_with(['+', '\u{ff0b}']);
    let number = match (is_international, country) {
        (true, _) => plan::international(&digits),
        (false, Some(country)) => plan::national(&digits, country.0),
        (false, None) => None,
    };
    number.map_or(Heard::Other(digits), Heard::Number)
}

/// A digit of another script as the one that it is; other characters as they are.
fn plain_digit(character: char) -> char {
    // Where the zeros of Arabic, Persian, Devanagari, Bengali, Thai and full-width digits stand.
    const ZEROS: [u32; 6] = [0x0660, 0x06f0, 0x0966, 0x09e6, 0x0e50, 0xff10];
    let code = u32::from(character);
    let value = ZEROS.iter().find_map(|zero| code.checked_sub(*zero).filter(|value| *value < 10));
    value.and_then(|value| char::from_digit(value, 10)).unwrap_or(character)
}

fn digits_of(text: &str) -> String {
    text.chars().filter(char::is_ascii_digit).collect()
}

/// The number alone: of `sip:+442079460123@carrier.example` what stands before the `@`, of `020 7946 0123 ext. 12` what
/// stands before the extension.
fn without_extension(lower: &str) -> &str {
    let user = lower.strip_prefix("sip:").or_else(|| lower.strip_prefix("sips:"));
    let said = user.map_or(lower, |user| user.split('@').next().unwrap_or(user));
    let said = said.strip_prefix("tel:").unwrap_or(said);
    let marks = [";", "#", "ext", "x"];
    let cut = marks.iter().filter_map(|mark| said.find(mark)).min();
    match cut.and_then(|at| said.get(..at)) {
        Some(before) if digits_of(before).len() >= FEWEST_DIGITS => before.trim_end(),
        _ => said,
    }
}

/// The digits of a number without country and leading zeros, as other texts may mention it; `None` when it cannot be read.
pub fn national_digits(text: &str, country: Option<Country>) -> Option<String> {
    let Heard::Number(number) = hear(text, country) else { return None };
    plan::without_code(number.strip_prefix('+')?).map(|rest| rest.trim_start_matches('0').to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn heard(text: &str, country: &str) -> Heard {
        hear(text, Country::from_code(country))
    }

    #[test]
    fn one_number_is_one_however_it_is_written() {
        for text in [
            "+442079460123",
            "+44 (0)20 7946 0123",
            "020 7946 0123",
            "00442079460123",
            "442079460123",
            "tel:+44-20-7946-0123",
            "sip:+442079460123@carrier.example;user=phone",
            " 02079460123 ",
            "０２０７９４６０１２３",
            "+٤٤٢٠٧٩٤٦٠١٢٣",
        ] {
            assert_eq!(heard(text, "GB"), Heard::Number("+442079460123".to_owned()), "{text}");
        }
        assert_eq!(heard("(212) 555-0123", "US"), Heard::Number("+12125550123".to_owned()));
        for (text, country) in [
            ("0039 06 1234567", "GB"),
            ("+39 06 1234567", "GB"),
            ("06 1234567", "IT"),
            ("011 39 06 1234567", "US"),
        ] {
            assert_eq!(heard(text, country), Heard::Number("+39061234567".to_owned()), "{text} in {country}");
        }
        for country in ["US", "IT", "FR", "XX"] {
            assert_eq!(
                heard("+44 (0)20 7946 0123", country),
                Heard::Number("+442079460123".to_owned()),
                "{country}"
            );
        }
    }

    #[test]
    fn without_a_country_only_international_numbers_are_read() {
        assert_eq!(hear("+49 30 901820", None), Heard::Number("+4930901820".to_owned()));
        assert_eq!(hear("030 901820", None), Heard::Other("030901820".to_owned()));
        assert!(Country::from_code("XX").is_none());
    }

    #[test]
    fn the_digits_of_a_number_are_those_that_every_way_of_writing_it_has() {
        let digits = |text: &str| national_digits(text, Country::from_code("GB")).unwrap();
        assert_eq!(digits("+44 7700 900123"), "7700900123");
        assert_eq!(digits("07700 900123"), "7700900123");
        assert_eq!(national_digits("1001", None), None);
    }

    #[test]
    fn extensions_addresses_and_withheld_numbers_are_no_numbers() {
        assert_eq!(heard("1001", "GB"), Heard::Short);
        assert_eq!(heard("999", "GB"), Heard::Short);
        for text in ["anonymous", "Restricted", "<unknown>", "+266696687", " UNAVAILABLE "] {
            assert_eq!(heard(text, "US"), Heard::Withheld, "{text}");
        }
        assert_eq!(heard("sip:Bob@example.com", "US"), Heard::Other("sip:bob@example.com".to_owned()));
        assert_eq!(heard("+999 1234 5678", "US"), Heard::Other("99912345678".to_owned()));
        assert_eq!(heard("1-800-FLOWERS", "US"), Heard::Other("1-800-flowers".to_owned()));
    }

    #[test]
    fn an_extension_is_no_part_of_a_number() {
        for text in
            ["020 7946 0123 ext. 12", "+442079460123;ext=12", "+44 20 7946 0123 x12", "02079460123#12"]
        {
            assert_eq!(heard(text, "GB"), Heard::Number("+442079460123".to_owned()), "{text}");
        }
    }
}

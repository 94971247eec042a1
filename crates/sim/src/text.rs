//! Writing fields the way vendors do, without an allocation a field.

use crate::calendar::{DAY, HOUR, MINUTE, SECOND};

/// A growing text. Bytes are appended unchecked and checked once a row, which is much faster than a `String`.
#[derive(Debug, Default, Clone)]
pub(crate) struct Text {
    bytes: Vec<u8>,
    /// The day that was written last, as its number and as digits: most rows write the same one.
    day: (i64, [u8; 4], [u8; 2], [u8; 2]),
}

impl Text {
    /// Appends an ASCII character.
    pub(crate) fn push(&mut self, c: char) {
        self.bytes.push(u8::try_from(c).unwrap_or(b'?'));
    }

    /// Appends a text.
    pub(crate) fn push_str(&mut self, text: &str) {
        self.bytes.extend_from_slice(text.as_bytes());
    }

    /// Year, month and day of a day number, in digits.
    fn day(&mut self, number: i64) -> ([u8; 4], [u8; 2], [u8; 2]) {
        if self.day.0 != number || self.day.2 == [0; 2] {
            let (year, month, day) = civil(number);
            self.day = (number, four(year), pair(month), pair(day));
        }
        (self.day.1, self.day.2, self.day.3)
    }

    /// Forgets everything that was written.
    pub(crate) fn clear(&mut self) {
        self.bytes.clear();
    }

    /// What was written.
    pub(crate) fn as_str(&self) -> &str {
        std::str::from_utf8(&self.bytes).unwrap_or("")
    }
}

/// The fields of one row, in one growing text that is used again for the next row.
#[derive(Debug, Default, Clone)]
pub(crate) struct Fields {
    text: Text,
    ends: Vec<usize>,
}

impl Fields {
    /// Forgets the last row.
    pub(crate) fn clear(&mut self) {
        self.text.clear();
        self.ends.clear();
    }

    /// How many fields there are.
    pub(crate) fn len(&self) -> usize {
        self.ends.len()
    }

    /// Puts the fields, in order, into `out`; those that there is no room for are left out.
    pub(crate) fn read<'t>(&'t self, out: &mut [&'t str]) {
        let text = self.text.as_str();
        let mut from = 0;
        for (field, until) in out.iter_mut().zip(&self.ends) {
            *field = text.get(from..*until).unwrap_or("");
            from = *until;
        }
    }

    fn end(&mut self) -> &mut Fields {
        self.ends.push(self.text.bytes.len());
        self
    }

    /// A field of several parts, written by `write`.
    pub(crate) fn with(&mut self, write: impl FnOnce(&mut Text)) -> &mut Fields {
        write(&mut self.text);
        self.end()
    }

    /// A text.
    pub(crate) fn put(&mut self, text: &str) -> &mut Fields {
        self.text.push_str(text);
        self.end()
    }

    /// A whole number.
    pub(crate) fn int(&mut self, number: i64) -> &mut Fields {
        self.with(|out| integer(out, number))
    }

    /// Milliseconds as seconds with three decimals.
    pub(crate) fn seconds(&mut self, ms: Option<i64>) -> &mut Fields {
        self.with(|out| {
            if let Some(ms) = ms {
                decimal(out, ms, 3);
            }
        })
    }

    /// Something that may be missing.
    pub(crate) fn maybe<T>(&mut self, value: Option<T>, write: impl FnOnce(&mut Text, T)) -> &mut Fields {
        self.with(|out| {
            if let Some(value) = value {
                write(out, value);
            }
        })
    }
}

/// Appends a whole number.
pub(crate) fn integer(out: &mut Text, number: i64) {
    if number < 0 {
        out.push('-');
    }
    digits(out, number.unsigned_abs(), 1);
}

/// Appends a number, filled with zeros on the left to `width`.
pub(crate) fn digits(out: &mut Text, number: u64, width: usize) {
    let mut buffer = [b'0'; 20];
    let mut at = buffer.len();
    let mut rest = number;
    while rest >= 10 {
        let [a, b] = pair(rest % 100);
        rest /= 100;
        at -= 2;
        buffer[at] = a;
        buffer[at + 1] = b;
    }
    if rest > 0 {
        at -= 1;
        buffer[at] = b'0' + crate::num::byte(rest);
    }
    let from = at.min(buffer.len() - width.min(buffer.len()));
    out.bytes.extend_from_slice(&buffer[from..]);
}

/// The two digits of a number below 100.
fn pair(number: u64) -> [u8; 2] {
    [b'0' + crate::num::byte(number / 10 % 10), b'0' + crate::num::byte(number % 10)]
}

/// The four digits of a number below 10,000.
fn four(number: u64) -> [u8; 4] {
    let ([a, b], [c, d]) = (pair(number / 100), pair(number));
    [a, b, c, d]
}

/// Appends `number / 10^places` with exactly that many decimals.
pub(crate) fn decimal(out: &mut Text, number: i64, places: u32) {
    if number < 0 {
        out.push('-');
    }
    let one = 10_u64.pow(places);
    let size = number.unsigned_abs();
    digits(out, size / one, 1);
    out.push('.');
    digits(out, size % one, usize::try_from(places).unwrap_or(0));
}

/// Appends pence as pounds with a decimal comma.
pub(crate) fn comma(out: &mut Text, pence: i64) {
    if pence < 0 {
        out.push('-');
    }
    let size = pence.unsigned_abs();
    digits(out, size / 100, 1);
    out.push(',');
    digits(out, size % 100, 2);
}

/// Year, month and day of a day number (Hinnant's `civil_from_days`).
fn civil(day: i64) -> (u64, u64, u64) {
    let shifted = day + 719_468;
    let era = shifted.div_euclid(146_097);
    let doe = shifted.rem_euclid(146_097);
    let yoe = (doe - doe / 1_460 + doe / 36_524 - doe / 146_096) / 365;
    let doy = doe - (365 * yoe + yoe / 4 - yoe / 100);
    let mp = (5 * doy + 2) / 153;
    let month = if mp < 10 { mp + 3 } else { mp - 9 };
    let year = yoe + era * 400 + i64::from(month <= 2);
    (year.unsigned_abs(), month.unsigned_abs(), (doy - (153 * mp + 2) / 5 + 1).unsigned_abs())
}

/// Appends `2026-11-16` from milliseconds of wall time.
pub(crate) fn iso_day(out: &mut Text, wall_ms: i64) {
    let ([y0, y1, y2, y3], [m0, m1], [d0, d1]) = out.day(wall_ms.div_euclid(DAY));
    out.bytes.extend_from_slice(&[y0, y1, y2, y3, b'-', m0, m1, b'-', d0, d1]);
}

/// Appends `16.11.2026` or `16/11/2026` from milliseconds of wall time.
pub(crate) fn day_first(out: &mut Text, wall_ms: i64, separator: u8) {
    let ([y0, y1, y2, y3], [m0, m1], [d0, d1]) = out.day(wall_ms.div_euclid(DAY));
    out.bytes.extend_from_slice(&[d0, d1, separator, m0, m1, separator, y0, y1, y2, y3]);
}

/// Appends `10:04:31` from milliseconds of wall time.
pub(crate) fn clock(out: &mut Text, wall_ms: i64) {
    let seconds = (wall_ms.rem_euclid(DAY) / SECOND).unsigned_abs();
    let ([h0, h1], [m0, m1], [s0, s1]) = (pair(seconds / 3_600), pair(seconds / 60 % 60), pair(seconds % 60));
    out.bytes.extend_from_slice(&[h0, h1, b':', m0, m1, b':', s0, s1]);
}

/// Appends the thousandths of a second, `.482`.
pub(crate) fn millis(out: &mut Text, ms: i64) {
    let [_, a, b, c] = four(ms.rem_euclid(SECOND).unsigned_abs());
    out.bytes.extend_from_slice(&[b'.', a, b, c]);
}

/// Appends `2026-11-16T10:04:31.482Z` from an instant.
pub(crate) fn iso_utc(out: &mut Text, at_ms: i64) {
    iso_day(out, at_ms);
    out.push('T');
    clock(out, at_ms);
    millis(out, at_ms);
    out.push('Z');
}

/// Appends a length as `h:mm:ss.mmm`.
pub(crate) fn length(out: &mut Text, ms: i64) {
    let size = ms.unsigned_abs();
    digits(out, size / HOUR.unsigned_abs(), 1);
    out.push(':');
    let ([m0, m1], [s0, s1]) =
        (pair(size / MINUTE.unsigned_abs() % 60), pair(size / SECOND.unsigned_abs() % 60));
    out.bytes.extend_from_slice(&[m0, m1, b':', s0, s1]);
    millis(out, ms);
}

/// Appends `Mon, 16 Nov 2026 10:04:31 +0000` from an instant.
pub(crate) fn rfc_2822(out: &mut Text, at_ms: i64) {
    const WEEKDAYS: [&str; 7] = ["Thu", "Fri", "Sat", "Sun", "Mon", "Tue", "Wed"];
    const MONTHS: [&str; 12] =
        ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];
    let number = at_ms.div_euclid(DAY);
    let (year, month, day) = civil(number);
    out.push_str(WEEKDAYS[crate::num::ix(number.rem_euclid(7).unsigned_abs())]);
    out.push_str(", ");
    digits(out, day, 2);
    out.push(' ');
    out.push_str(MONTHS[crate::num::ix(month - 1).min(11)]);
    out.push(' ');
    digits(out, year, 4);
    out.push(' ');
    clock(out, at_ms);
    out.push_str(" +0000");
}

#[cfg(test)]
mod tests {
    use super::*;

    fn written(write: impl FnOnce(&mut Text)) -> String {
        let mut out = Text::default();
        write(&mut out);
        out.as_str().to_owned()
    }

    #[test]
    fn times_are_written_as_jiff_writes_them() {
        for step in 0..4000_i64 {
            let at_ms = 1_700_000_000_123 + step * 86_399_777;
            let at = jiff::Timestamp::from_millisecond(at_ms).unwrap();
            assert_eq!(written(|o| iso_utc(o, at_ms)), format!("{at:.3}"));
            let zoned = at.to_zoned(jiff::tz::TimeZone::UTC);
            assert_eq!(
                written(|o| rfc_2822(o, at_ms)),
                zoned.strftime("%a, %d %b %Y %H:%M:%S %z").to_string()
            );
            assert_eq!(written(|o| day_first(o, at_ms, b'.')), zoned.strftime("%d.%m.%Y").to_string());
        }
    }

    #[test]
    fn numbers_keep_every_digit() {
        assert_eq!(written(|o| decimal(o, 12_482, 3)), "12.482");
        assert_eq!(written(|o| decimal(o, -50, 3)), "-0.050");
        assert_eq!(written(|o| comma(o, 14_905)), "149,05");
        assert_eq!(written(|o| integer(o, 0)), "0");
        assert_eq!(written(|o| digits(o, 123, 2)), "123");
        assert_eq!(written(|o| length(o, 3_912_482)), "1:05:12.482");
    }

    #[test]
    fn fields_are_found_again() {
        let mut fields = Fields::default();
        fields.put("a").put("").int(7);
        let mut read = ["x"; 4];
        fields.read(&mut read);
        assert_eq!((read, fields.len()), (["a", "", "7", "x"], 3));
    }
}

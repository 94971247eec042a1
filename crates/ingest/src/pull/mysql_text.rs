//! Values of MySQL and MariaDB as texts, exactly as the server would write them.
//!
//! Times come in the binary protocol as fields and are written out here: the driver's own types would refuse the day zero,
//! which old tables are full of.

/// The text of a value that is not null; `None` for the day zero, by which MySQL means nothing.
pub fn text(type_name: &str, bytes: &[u8], out: &mut Vec<u8>) -> Option<()> {
    let unsigned = type_name.ends_with(" UNSIGNED");
    match type_name.trim_end_matches(" UNSIGNED") {
        "TINYINT" | "BOOLEAN" | "SMALLINT" | "MEDIUMINT" | "INT" | "BIGINT" | "YEAR" => {
            whole(bytes, unsigned || type_name == "YEAR", out);
        }
        "FLOAT" => match bytes.try_into().map(f32::from_le_bytes) {
            Ok(number) => out.extend_from_slice(number.to_string().as_bytes()),
            Err(_) => out.extend_from_slice(bytes),
        },
        "DOUBLE" => match bytes.try_into().map(f64::from_le_bytes) {
            Ok(number) => out.extend_from_slice(number.to_string().as_bytes()),
            Err(_) => out.extend_from_slice(bytes),
        },
        "DATE" | "DATETIME" | "TIMESTAMP" => {
            let fields = Fields::of(bytes);
            if fields.day == (0, 0, 0) {
                return None;
            }
            out.extend_from_slice(fields.written(type_name).as_bytes());
        }
        "TIME" => out.extend_from_slice(length(bytes).as_bytes()),
        "BIT" => {
            let number = bytes.iter().fold(0_u64, |sum, byte| (sum << 8) | u64::from(*byte));
            out.extend_from_slice(number.to_string().as_bytes());
        }
        // Decimals are digits, enumerations and sets their words, the rest is as it is.
        _ => out.extend_from_slice(bytes),
    }
    Some(())
}

/// The text by which rows are compared: the day zero, too, has its place among them.
pub fn of_cursor(type_name: &str, bytes: &[u8]) -> String {
    let mut written = Vec::new();
    if text(type_name, bytes, &mut written).is_none() {
        return Fields::of(&[]).written(type_name);
    }
    String::from_utf8_lossy(&written).into_owned()
}

fn whole(bytes: &[u8], unsigned: bool, out: &mut Vec<u8>) {
    let negative = !unsigned && bytes.last().is_some_and(|byte| byte & 0x80 != 0);
    let mut padded = [if negative { 0xff } else { 0 }; 8];
    for (to, from) in padded.iter_mut().zip(bytes) {
        *to = *from;
    }
    let text = match unsigned {
        true => u64::from_le_bytes(padded).to_string(),
        false => i64::from_le_bytes(padded).to_string(),
    };
    out.extend_from_slice(text.as_bytes());
}

/// A date and time as the protocol packs it: a length, then as many fields as are not zero.
#[derive(Debug, Default)]
struct Fields {
    day: (u16, u8, u8),
    time: (u8, u8, u8),
    us: u32,
}

impl Fields {
    fn of(bytes: &[u8]) -> Fields {
        let mut fields = Fields::default();
        let rest = bytes.get(1..).unwrap_or_default();
        if let [y1, y2, month, day, rest @ ..] = rest {
            fields.day = (u16::from_le_bytes([*y1, *y2]), *month, *day);
            if let [hour, minute, second, rest @ ..] = rest {
                fields.time = (*hour, *minute, *second);
                if let [a, b, c, d] = rest {
                    fields.us = u32::from_le_bytes([*a, *b, *c, *d]);
                }
            }
        }
        fields
    }

    fn written(&self, type_name: &str) -> String {
        let (year, month, day) = self.day;
        let mut text = format!("{year:04}-{month:02}-{day:02}");
        if type_name == "DATE" {
            return text;
        }
        let (hour, minute, second) = self.time;
        text += &format!(" {hour:02}:{minute:02}:{second:02}");
        if self.us > 0 {
            text += &format!(".{:06}", self.us);
        }
        // The session is in UTC, and MySQL's `TIMESTAMP` is an instant.
        if type_name == "TIMESTAMP" {
            text += "+00:00";
        }
        text
    }
}

/// `TIME` is a length in MySQL: up to 838 hours, and less than nothing.
fn length(bytes: &[u8]) -> String {
    let [_, negative, d1, d2, d3, d4, hour, minute, second, rest @ ..] = bytes else {
        return "00:00:00".to_owned();
    };
    let hours = u64::from(u32::from_le_bytes([*d1, *d2, *d3, *d4])) * 24 + u64::from(*hour);
    let sign = if *negative == 0 { "" } else { "-" };
    let fraction = match rest {
        [a, b, c, d] => format!(".{:06}", u32::from_le_bytes([*a, *b, *c, *d])),
        _ => String::new(),
    };
    format!("{sign}{hours:02}:{minute:02}:{second:02}{fraction}")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn told(type_name: &str, bytes: &[u8]) -> Option<String> {
        let mut out = Vec::new();
        text(type_name, bytes, &mut out).map(|()| String::from_utf8(out).unwrap())
    }

    #[test]
    fn whole_numbers_keep_their_sign_and_all_their_digits() {
        assert_eq!(told("BIGINT UNSIGNED", &[0xff; 8]).unwrap(), "18446744073709551615");
        assert_eq!(told("BIGINT", &[0xff; 8]).unwrap(), "-1");
        assert_eq!(told("SMALLINT UNSIGNED", &65_535_u16.to_le_bytes()).unwrap(), "65535");
        assert_eq!(told("SMALLINT", &(-3_i16).to_le_bytes()).unwrap(), "-3");
        assert_eq!(told("BOOLEAN", &[1]).unwrap(), "1");
        assert_eq!(told("YEAR", &2026_u16.to_le_bytes()).unwrap(), "2026");
        assert_eq!(told("BIT", &[1, 0]).unwrap(), "256");
        assert_eq!(told("DECIMAL", b"-0012.3400").unwrap(), "-0012.3400");
        assert_eq!(told("FLOAT", &0.1_f32.to_le_bytes()).unwrap(), "0.1");
    }

    #[test]
    fn times_are_walls_and_timestamps_are_instants() {
        let at = [7, 0xea, 7, 1, 5, 10, 0, 7];
        assert_eq!(told("DATETIME", &at).unwrap(), "2026-01-05 10:00:07");
        assert_eq!(told("TIMESTAMP", &at).unwrap(), "2026-01-05 10:00:07+00:00");
        assert_eq!(told("DATE", &[4, 0xea, 7, 1, 5]).unwrap(), "2026-01-05");
        assert_eq!(told("DATETIME", &[4, 0xea, 7, 1, 5]).unwrap(), "2026-01-05 00:00:00");
        let with_fraction = [11, 0xea, 7, 1, 5, 10, 0, 7, 0x20, 0xa1, 0x07, 0];
        assert_eq!(told("DATETIME", &with_fraction).unwrap(), "2026-01-05 10:00:07.500000");
        assert_eq!(told("TIME", &[8, 1, 1, 0, 0, 0, 2, 3, 4]).unwrap(), "-26:03:04");
        assert_eq!(told("TIME", &[0]).unwrap(), "00:00:00");
    }

    #[test]
    fn the_day_zero_is_nothing_and_half_a_day_is_what_it_is() {
        assert_eq!(told("DATETIME", &[0]), None);
        assert_eq!(told("DATE", &[4, 0, 0, 0, 0]), None);
        assert_eq!(told("DATE", &[4, 0xea, 7, 0, 0]).unwrap(), "2026-00-00");
        assert_eq!(of_cursor("DATETIME", &[0]), "0000-00-00 00:00:00");
    }
}

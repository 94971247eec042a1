//! Which separator a text uses: the one that cuts its records into equally many fields.

use super::record::Record;
use super::splitter::{Splitter, Step};

/// Separators that occur, most likely first.
pub const CANDIDATES: [u8; 9] = [b',', b';', b'\t', b'|', b':', b'^', b'~', 0x01, 0x1f];

/// Records looked at.
const SAMPLE: usize = 200;

/// The separator of a text, judged by its beginning; `None` when no candidate cuts it into columns.
/// The last record of `head` may be cut off and is not looked at unless it is the only one.
pub fn detect(head: &[u8], quote: u8) -> Option<u8> {
    let mut best: Option<(usize, usize, u8)> = None;
    for candidate in CANDIDATES {
        let Some((agreeing, fields)) = consistency(head, candidate, quote) else { continue };
        // Times and addresses contain colons; a colon must agree perfectly to count.
        if candidate == b':' && agreeing < 1000 {
            continue;
        }
        let score = (agreeing, fields);
        if best.is_none_or(|(a, f, _)| score > (a, f)) {
            best = Some((agreeing, fields, candidate));
        }
    }
    best.map(|(.., delimiter)| delimiter)
}

/// Share of records, per thousand, with as many fields as the first, and that number; `None` when it is one
/// or when fewer than half agree.
fn consistency(head: &[u8], delimiter: u8, quote: u8) -> Option<(usize, usize)> {
    let mut splitter = Splitter::new(delimiter, quote);
    let mut record = Record::default();
    let mut input = head;
    let mut counts = Vec::new();
    let mut whole = true;
    while counts.len() < SAMPLE {
        match splitter.next(&mut input, &mut record) {
            Ok(Step::Record) => {
                counts.push(record.count());
                whole = record.is_terminated();
            }
            Ok(Step::TooLong | Step::OpenQuote | Step::Swallowed) => counts.push(0),
            Ok(Step::End) | Err(_) => break,
        }
    }
    if counts.len() > 1 && !whole {
        counts.pop();
    }
    let fields = *counts.first()?;
    let agreeing = counts.iter().filter(|count| **count == fields).count();
    let share = agreeing * 1000 / counts.len();
    (fields > 1 && share >= 500).then_some((share, fields))
}

/// How a mapping writes a separator.
pub fn name_of(delimiter: u8) -> String {
    match delimiter {
        b'\t' => "\\t".to_owned(),
        byte if byte.is_ascii_graphic() => char::from(byte).to_string(),
        byte => format!("\\u{byte:04x}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_separator_is_the_one_under_which_records_agree() {
        for (text, wanted) in [
            ("a,b,c\n1,2,3\n4,5,6\n", Some(b',')),
            ("a;b;c\n1,5;2;3\n4,1;5;6\n", Some(b';')),
            ("a\tb\n\"1\t1\"\t2\n", Some(b'\t')),
            ("time|number\n10:00:01|5\n10:00:02|6\n", Some(b'|')),
            ("\"a;x\";\"b, c\"\n\"1\";\"2, 3, 4\"\n", Some(b';')),
            ("a\r1\r2\r", None),
            ("Hour,StartTime\r1,Midnight\r2,1am\r", Some(b',')),
            ("one column\n10:00\n11:00\n", None),
            ("", None),
        ] {
            assert_eq!(detect(text.as_bytes(), b'"'), wanted, "{text:?}");
        }
    }
}

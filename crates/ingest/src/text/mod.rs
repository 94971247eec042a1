//! From bytes to text: compression, byte-order marks and encodings.

mod decoded;
mod encoding;

use decoded::Decoded;
use encoding::choose;
pub use encoding::{Chosen, unmarked_utf16};

use std::io::{BufRead, BufReader, Cursor, Read};

use crate::error::Failure;

/// Bytes of the file's beginning from which compression and encoding are told.
pub const HEAD: usize = 16 * 1024;

/// Bytes read at once.
const CHUNK: usize = 128 * 1024;

/// Text in UTF-8, whatever the file's encoding, and without compression or byte-order mark.
/// Bytes that are no text in the encoding are left as bytes that are no UTF-8, for the record to be refused.
pub fn open<'a>(
    raw: impl Read + Send + 'a,
    label: Option<&str>,
) -> Result<(Box<dyn BufRead + Send + 'a>, Chosen), Failure> {
    let (head, raw) = peek(raw)?;
    if head.starts_with(&[0x1f, 0x8b]) {
        let plain = flate2::read::MultiGzDecoder::new(raw);
        let (head, plain) = peek(plain).map_err(|f| Failure(format!("as a gzip file: {}", f.0)))?;
        return choose_and_wrap(&head, plain, label);
    }
    choose_and_wrap(&head, raw, label)
}

fn choose_and_wrap<'a>(
    head: &[u8],
    reader: impl Read + Send + 'a,
    label: Option<&str>,
) -> Result<(Box<dyn BufRead + Send + 'a>, Chosen), Failure> {
    let chosen = choose(head, label)?;
    let mut reader = BufReader::with_capacity(CHUNK, reader);
    // The mark lies within the head, which the reader returns whole at its first read.
    let mut mark = vec![0; chosen.mark_bytes];
    reader.read_exact(&mut mark)?;
    if chosen.encoding == encoding_rs::UTF_8 {
        return Ok((Box::new(reader), chosen));
    }
    Ok((Box::new(Decoded::new(reader, chosen.encoding)), chosen))
}

/// Reads the beginning and returns it with a reader that still delivers it.
fn peek<'a, R: Read + Send + 'a>(mut reader: R) -> Result<(Vec<u8>, impl Read + Send + 'a), Failure> {
    let mut head = Vec::with_capacity(HEAD);
    reader.by_ref().take(u64::try_from(HEAD).unwrap_or(u64::MAX)).read_to_end(&mut head)?;
    let again = Cursor::new(head.clone()).chain(reader);
    Ok((head, again))
}

#[cfg(test)]
mod tests {
    use super::decoded::MALFORMED;
    use super::*;
    use std::io::Write;

    fn read(raw: &[u8], label: Option<&str>) -> Vec<u8> {
        let mut out = Vec::new();
        open(raw, label).unwrap().0.read_to_end(&mut out).unwrap();
        out
    }

    fn utf16(text: &str, little: bool, mark: bool) -> Vec<u8> {
        let mark = if mark { "\u{feff}" } else { "" };
        format!("{mark}{text}")
            .encode_utf16()
            .flat_map(|unit| if little { unit.to_le_bytes() } else { unit.to_be_bytes() })
            .collect()
    }

    #[test]
    fn byte_order_marks_decide_and_are_removed() {
        assert_eq!(read("\u{feff}größe".as_bytes(), None), "größe".as_bytes());
        assert_eq!(read(&utf16("größe,1\n", true, true), None), "größe,1\n".as_bytes());
        assert_eq!(read(&utf16("größe,1\n", false, true), None), "größe,1\n".as_bytes());
    }

    #[test]
    fn a_label_decodes_what_is_not_utf_8() {
        assert_eq!(read(b"gr\xf6\xdfe", Some("windows-1252")), "größe".as_bytes());
        assert_eq!(read(&utf16("a,b\n", true, false), Some("utf-16le")), b"a,b\n");
    }

    #[test]
    fn utf_16_without_a_mark_and_unknown_labels_are_errors_that_say_what_to_write() {
        let error = open(utf16("campaign,agent\n", true, false).as_slice(), None).err().unwrap();
        assert!(error.0.contains("encoding = \"utf-16le\""), "{}", error.0);
        let error = open(b"a".as_slice(), Some("klingon")).err().unwrap();
        assert!(error.0.contains("klingon"), "{}", error.0);
    }

    #[test]
    fn gzip_is_unpacked_and_a_torn_one_is_an_error() {
        let mut packed = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
        let text = "a,b\n".repeat(50_000);
        packed.write_all(text.as_bytes()).unwrap();
        let packed = packed.finish().unwrap();
        assert_eq!(read(&packed, None), text.as_bytes());
        let torn = &packed[..packed.len() - 9];
        let outcome = open(torn, None).map(|(mut reader, _)| reader.read_to_end(&mut Vec::new()).is_err());
        assert!(outcome.unwrap_or(true));
    }

    #[test]
    fn malformed_text_of_an_encoding_stays_malformed_for_the_record_to_be_refused() {
        // 0x81 0x00 is no character of Shift JIS.
        let out = read(b"ab\x81\x00cd", Some("shift_jis"));
        assert!(std::str::from_utf8(&out).is_err());
        assert!(out.contains(&MALFORMED));
    }

    #[test]
    fn decoding_does_not_depend_on_how_the_bytes_are_cut() {
        struct Dribble<'a>(&'a [u8], usize);
        impl Read for Dribble<'_> {
            fn read(&mut self, buffer: &mut [u8]) -> std::io::Result<usize> {
                let n = self.1.min(buffer.len()).min(self.0.len());
                let (now, later) = self.0.split_at(n);
                buffer[..n].copy_from_slice(now);
                self.0 = later;
                Ok(n)
            }
        }
        let bytes = utf16(&"größe,𝄞\n".repeat(9000), true, true);
        let whole = read(&bytes, None);
        for step in [1, 3, 7, 4096] {
            let mut out = Vec::new();
            open(Dribble(&bytes, step), None).unwrap().0.read_to_end(&mut out).unwrap();
            assert_eq!(out, whole);
        }
    }
}

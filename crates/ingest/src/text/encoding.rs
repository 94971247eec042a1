//! Which encoding a file is in: its byte-order mark, else the mapping's label, else UTF-8.

use encoding_rs::Encoding;

use crate::error::Failure;

/// The encoding of a file and the length of its byte-order mark.
#[derive(Debug, Clone, Copy)]
pub struct Chosen {
    /// The encoding.
    pub encoding: &'static Encoding,
    /// Bytes of the mark.
    pub mark_bytes: usize,
}

/// Chooses by the first bytes of a file and the label of its mapping. A mark is stronger than a label.
pub fn choose(head: &[u8], label: Option<&str>) -> Result<Chosen, Failure> {
    if let Some((encoding, mark_bytes)) = Encoding::for_bom(head) {
        return Ok(Chosen { encoding, mark_bytes });
    }
    if let Some(label) = label {
        let encoding = Encoding::for_label(label.as_bytes()).ok_or_else(|| {
            Failure(format!(
                "`{label}` is not the name of an encoding. Common ones: utf-8, windows-1252, iso-8859-2, utf-16le, shift_jis."
            ))
        })?;
        return Ok(Chosen { encoding, mark_bytes: 0 });
    }
    if let Some(name) = unmarked_utf16(head) {
        return Err(Failure(format!(
            "this looks like UTF-16 without a byte-order mark. Add `encoding = \"{name}\"` to its mapping."
        )));
    }
    Ok(Chosen { encoding: encoding_rs::UTF_8, mark_bytes: 0 })
}

/// UTF-16 of mostly Latin text has a zero in every second byte; text in other encodings has none.
pub fn unmarked_utf16(head: &[u8]) -> Option<&'static str> {
    let pairs = head.len() / 2;
    if pairs < 4 {
        return None;
    }
    let zeros = |nth: usize| head.chunks_exact(2).filter(|pair| pair.get(nth) == Some(&0)).count();
    let (first, second) = (zeros(0), zeros(1));
    // Two thirds on one side, next to none on the other.
    if second * 3 > pairs * 2 && first * 20 < pairs {
        Some("utf-16le")
    } else if first * 3 > pairs * 2 && second * 20 < pairs {
        Some("utf-16be")
    } else {
        None
    }
}

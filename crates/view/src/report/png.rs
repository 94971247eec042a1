//! PNG, as far as small pictures of few colours need it: a palette of four, stored without compression.
//!
//! Mail programs show no SVG. A picture of lines and bars takes a few kilobytes so, needs no library, and is the same bytes on
//! every machine.

/// A colour of the palette.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Ink {
    /// What nothing is drawn on.
    Paper,
    /// Lines that help the eye.
    Faint,
    /// What is told.
    Dark,
    /// What it is held to.
    Accent,
}

const PALETTE: [[u8; 3]; 4] = [[255, 255, 255], [214, 214, 208], [31, 78, 121], [178, 74, 20]];

impl Ink {
    const fn index(self) -> u8 {
        match self {
            Ink::Paper => 0,
            Ink::Faint => 1,
            Ink::Dark => 2,
            Ink::Accent => 3,
        }
    }
}

/// A picture that is drawn on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Canvas {
    width: usize,
    height: usize,
    dots: Vec<u8>,
}

impl Canvas {
    /// Empty paper.
    pub(super) fn new(width: usize, height: usize) -> Canvas {
        Canvas { width, height, dots: vec![Ink::Paper.index(); width * height] }
    }

    /// Colours a rectangle; what lies outside is left out.
    pub(super) fn fill(&mut self, (left, top): (usize, usize), (width, height): (usize, usize), ink: Ink) {
        for y in top..top.saturating_add(height).min(self.height) {
            for x in left..left.saturating_add(width).min(self.width) {
                if let Some(dot) = self.dots.get_mut(y * self.width + x) {
                    *dot = ink.index();
                }
            }
        }
    }

    /// The file.
    pub(super) fn png(&self) -> Vec<u8> {
        let size = |number: usize| u32::try_from(number).unwrap_or(u32::MAX).to_be_bytes();
        let mut head = Vec::new();
        head.extend_from_slice(&size(self.width));
        head.extend_from_slice(&size(self.height));
        // Two bits a dot, by the palette; no filter of its own, not interlaced.
        head.extend_from_slice(&[2, 3, 0, 0, 0]);
        let mut out = vec![0x89, b'P', b'N', b'G', b'\r', b'\n', 0x1a, b'\n'];
        chunk(&mut out, *b"IHDR", &head);
        chunk(&mut out, *b"PLTE", &PALETTE.concat());
        chunk(&mut out, *b"IDAT", &stored(&self.lines()));
        chunk(&mut out, *b"IEND", &[]);
        out
    }

    /// Lines of dots, each with the filter that it went through: none.
    fn lines(&self) -> Vec<u8> {
        let mut lines = Vec::new();
        for line in self.dots.chunks(self.width.max(1)) {
            lines.push(0);
            for four in line.chunks(4) {
                let byte = (0..4).fold(0_u8, |byte, at| (byte << 2) | four.get(at).copied().unwrap_or(0));
                lines.push(byte);
            }
        }
        lines
    }
}

/// Bytes as a zlib stream that stores them as they are.
fn stored(bytes: &[u8]) -> Vec<u8> {
    let mut out = vec![0x78, 0x01];
    let blocks: Vec<&[u8]> = bytes.chunks(usize::from(u16::MAX)).collect();
    let last = blocks.len().saturating_sub(1);
    for (at, block) in blocks.iter().enumerate() {
        let length = u16::try_from(block.len()).unwrap_or(u16::MAX);
        out.push(u8::from(at == last));
        out.extend_from_slice(&length.to_le_bytes());
        out.extend_from_slice(&(!length).to_le_bytes());
        out.extend_from_slice(block);
    }
    out.extend_from_slice(&adler(bytes).to_be_bytes());
    out
}

fn adler(bytes: &[u8]) -> u32 {
    let (mut one, mut two) = (1_u32, 0_u32);
    for byte in bytes {
        one = (one + u32::from(*byte)) % 65_521;
        two = (two + one) % 65_521;
    }
    (two << 16) | one
}

fn chunk(out: &mut Vec<u8>, kind: [u8; 4], data: &[u8]) {
    out.extend_from_slice(&u32::try_from(data.len()).unwrap_or(u32::MAX).to_be_bytes());
    let mut body = kind.to_vec();
    body.extend_from_slice(data);
    out.extend_from_slice(&body);
    out.extend_from_slice(&crc(&body).to_be_bytes());
}

/// The check of PNG and zip: CRC-32, bit by bit.
fn crc(bytes: &[u8]) -> u32 {
    let mut crc = u32::MAX;
    for byte in bytes {
        crc ^= u32::from(*byte);
        for _ in 0..8 {
            crc = if crc & 1 == 1 { (crc >> 1) ^ 0xedb8_8320 } else { crc >> 1 };
        }
    }
    !crc
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn checks_are_those_that_are_published() {
        assert_eq!(crc(b"123456789"), 0xcbf4_3926);
        assert_eq!(adler(b"Wikipedia"), 0x11e6_0398);
    }

    #[test]
    fn a_picture_has_its_size_its_palette_and_its_dots() {
        let mut canvas = Canvas::new(5, 2);
        canvas.fill((3, 0), (9, 1), Ink::Accent);
        // Five dots are two bytes: the last three fields of the second are empty.
        assert_eq!(canvas.lines(), [0, 0b00_00_00_11, 0b11_00_00_00, 0, 0, 0]);
        let png = canvas.png();
        assert_eq!(&png[..8], b"\x89PNG\r\n\x1a\n");
        assert_eq!(&png[16..26], [0, 0, 0, 5, 0, 0, 0, 2, 2, 3]);
        assert!(png.ends_with(b"IEND\xae\x42\x60\x82"));
    }

    #[test]
    fn what_does_not_fit_one_block_is_stored_in_several() {
        let bytes = vec![7_u8; 70_000];
        let out = stored(&bytes);
        assert_eq!(out.len(), 2 + 2 * 5 + 70_000 + 4);
        assert_eq!((out[2], out[2 + 5 + 65_535]), (0, 1));
    }
}

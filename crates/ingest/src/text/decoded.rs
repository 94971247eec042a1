//! Decodes any encoding to UTF-8 while it is read.

use std::io::{self, BufRead, Read};

use encoding_rs::{Decoder, DecoderResult, Encoding};

/// Stands for bytes that are no character of the encoding. It never occurs in UTF-8, so the record that holds
/// it is refused like any other record that is no text.
pub const MALFORMED: u8 = 0xff;

const ROOM: usize = 64 * 1024;

/// A reader of UTF-8 over a reader of another encoding.
pub struct Decoded<R> {
    inner: R,
    decoder: Decoder,
    out: Vec<u8>,
    from: usize,
    until: usize,
    finished: bool,
}

impl<R: BufRead> Decoded<R> {
    /// Decodes `inner`, whose byte-order mark has been removed.
    pub fn new(inner: R, encoding: &'static Encoding) -> Decoded<R> {
        let decoder = encoding.new_decoder_without_bom_handling();
        Decoded { inner, decoder, out: vec![0; ROOM], from: 0, until: 0, finished: false }
    }

    fn refill(&mut self) -> io::Result<()> {
        self.from = 0;
        self.until = 0;
        while self.until == 0 && !self.finished {
            let bytes = self.inner.fill_buf()?;
            let last = bytes.is_empty();
            // One byte is kept free for the mark of a malformed sequence.
            let room = self.out.len().saturating_sub(1);
            let Some(out) = self.out.get_mut(..room) else { return Ok(()) };
            let (result, read, written) = self.decoder.decode_to_utf8_without_replacement(bytes, out, last);
            self.inner.consume(read);
            self.until = written;
            match result {
                DecoderResult::InputEmpty => self.finished = last,
                DecoderResult::OutputFull => {}
                DecoderResult::Malformed(..) => {
                    if let Some(slot) = self.out.get_mut(written) {
                        *slot = MALFORMED;
                        self.until = written + 1;
                    }
                }
            }
        }
        Ok(())
    }
}

impl<R: BufRead> BufRead for Decoded<R> {
    fn fill_buf(&mut self) -> io::Result<&[u8]> {
        if self.from >= self.until {
            self.refill()?;
        }
        Ok(self.out.get(self.from..self.until).unwrap_or_default())
    }

    fn consume(&mut self, amount: usize) {
        self.from = (self.from + amount).min(self.until);
    }
}

impl<R: BufRead> Read for Decoded<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let ready = self.fill_buf()?;
        let n = ready.len().min(buffer.len());
        for (to, from) in buffer.iter_mut().zip(ready) {
            *to = *from;
        }
        self.consume(n);
        Ok(n)
    }
}

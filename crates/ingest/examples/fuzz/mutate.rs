//! Changes at random, the same for the same seed.

use super::corpus::Sample;

/// Longest input; what is found in long ones is found in short ones.
const MAX_BYTES: usize = 256 * 1024;

/// Texts that break parsers more often than chance would.
const TOKENS: [&[u8]; 31] = [
    b"\"",
    b"\"\"",
    b"'",
    b"\\",
    b"\n",
    b"\r",
    b"\r\n",
    b"\0",
    b"\0\0\0\0",
    b"\x1a",
    b",",
    b";",
    b"\t",
    b"|",
    b"{",
    b"}",
    b"[",
    b"]",
    b"<",
    b">",
    b"&lt;",
    b"<!--",
    b"<![CDATA[",
    b"\xef\xbb\xbf",
    b"\xff\xfe",
    b"\x1f\x8b",
    b"\\ud800",
    b"0000-00-00 00:00:00",
    b"-009999-01-03T00:00:00Z",
    b"9999-12-31T23:59:59Z",
    b"[America/New_York]",
];

/// Numbers at the edges of what holds them.
const NUMBERS: [&[u8]; 9] = [
    b"0",
    b"-1",
    b"2147483648",
    b"9223372036854775807",
    b"-9223372036854775808",
    b"18446744073709551616",
    b"1e308",
    b"1e-400",
    b"NaN",
];

/// Random numbers (SplitMix64).
pub struct Dice(u64);

impl Dice {
    /// Dice for one round.
    pub fn new(seed: u64, round: u64) -> Dice {
        let mut dice = Dice(seed ^ round.wrapping_mul(0x9e37_79b9_7f4a_7c15));
        dice.next();
        dice
    }

    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    /// A number below `count`; 0 when there is none.
    pub fn below(&mut self, count: usize) -> usize {
        let count = u64::try_from(count).unwrap_or(u64::MAX).max(1);
        usize::try_from(self.next() % count).unwrap_or(0)
    }

    /// Once in so many times.
    pub fn one_in(&mut self, times: usize) -> bool {
        self.below(times) == 0
    }

    /// One of several.
    pub fn one_of<'a, T>(&mut self, several: &'a [T]) -> Option<&'a T> {
        several.get(self.below(several.len()))
    }

    fn byte(&mut self) -> u8 {
        self.next().to_le_bytes()[0]
    }
}

/// A sample with one to eight changes.
pub fn mutated(sample: &[u8], corpus: &[Sample], dice: &mut Dice) -> Vec<u8> {
    let mut bytes = sample.to_vec();
    for _ in 0..=dice.below(8) {
        change(&mut bytes, corpus, dice);
        bytes.truncate(MAX_BYTES);
    }
    bytes
}

fn change(bytes: &mut Vec<u8>, corpus: &[Sample], dice: &mut Dice) {
    let at = dice.below(bytes.len());
    let some = dice.below(64.min(bytes.len() - at + 1));
    match dice.below(12) {
        0 => {
            if let Some(byte) = bytes.get_mut(at) {
                *byte ^= 1 << dice.below(8);
            }
        }
        1 => {
            if let Some(byte) = bytes.get_mut(at) {
                *byte = dice.byte();
            }
        }
        2 => drop(bytes.drain(at..at + some)),
        3 => bytes.truncate(at),
        4 => {
            let again = bytes.get(at..at + some).unwrap_or_default().to_vec();
            let to = dice.below(bytes.len() + 1);
            bytes.splice(to..to, again.repeat(1 + dice.below(200)));
        }
        5 | 6 => {
            let tokens = if dice.one_in(4) { &NUMBERS[..] } else { &TOKENS[..] };
            let token = dice.one_of(tokens).copied().unwrap_or_default();
            // In place of something, or beside it.
            let until = if dice.one_in(2) { at } else { at + some.min(token.len()) };
            bytes.splice(at..until, token.iter().copied());
        }
        7 => {
            let noise: Vec<u8> = (0..some).map(|_| dice.byte()).collect();
            bytes.splice(at..at, noise);
        }
        8..=10 => replace_numbers(bytes, at, dice),
        _ => {
            let Some(other) = dice.one_of(corpus) else { return };
            let from = dice.below(other.bytes.len());
            let until = (from + 1 + dice.below(400)).min(other.bytes.len());
            bytes.splice(at..at, other.bytes.get(from..until).unwrap_or_default().iter().copied());
        }
    }
}

/// Puts other numbers in place of the next ones: what is added up overflows only where several are large.
fn replace_numbers(bytes: &mut Vec<u8>, from: usize, dice: &mut Dice) {
    let mut from = from;
    let chosen = dice.one_of(&NUMBERS).copied();
    for _ in 0..=dice.below(4) {
        let rest = bytes.get(from..).unwrap_or_default();
        let Some(begin) = rest.iter().position(u8::is_ascii_digit).map(|skipped| from + skipped) else {
            return;
        };
        let digits = bytes.iter().skip(begin).take_while(|byte| byte.is_ascii_digit()).count();
        // Some stay as they are, so that what stands between two of them is changed as well.
        let number = chosen.filter(|_| !dice.one_in(3));
        let length = number.map_or(digits, <[u8]>::len);
        if let Some(number) = number {
            bytes.splice(begin..begin + digits, number.iter().copied());
        }
        from = begin + length;
    }
}

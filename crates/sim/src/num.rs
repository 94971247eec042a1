//! Conversions between whole numbers that saturate instead of wrapping.
//!
//! Every quantity of the simulation is far below these limits; saturation only keeps a mistake from becoming
//! a plausible number of the wrong sign.

/// As an index.
pub(crate) fn ix(n: u64) -> usize {
    usize::try_from(n).unwrap_or(usize::MAX)
}

/// As a signed number.
pub(crate) fn signed(n: u64) -> i64 {
    i64::try_from(n).unwrap_or(i64::MAX)
}

/// As an unsigned number; what is negative becomes 0.
pub(crate) fn unsigned(n: i64) -> u64 {
    u64::try_from(n).unwrap_or(0)
}

/// The low byte.
pub(crate) fn byte(n: u64) -> u8 {
    u8::try_from(n & 0xff).unwrap_or(u8::MAX)
}

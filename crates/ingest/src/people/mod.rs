//! People behind records: what is kept of a telephone number, and who asked to be forgotten.
//!
//! A number becomes E.164 (`number`), and of that a keyed hash with the last digits is kept (`key`). The key lies beside
//! the store, never in it: who has the store alone cannot find a number by trying them all. Whoever was erased stays so when
//! a source delivers their records again (`forgotten`).

mod forgotten;
pub mod hide;
mod key;
mod number;
mod plan;

pub use forgotten::{DIGITS, Forgotten};
pub use key::{KeyError, PeopleKey};
pub use number::{Country, Heard, hear, national_digits};

//! How it leaves the house: letters to a mail server, posts to another program's address.
//!
//! This hands over what it is given, once, and says what became of it. What is sent, to whom, and whether it is tried again is
//! decided elsewhere. Calls block; they belong on a thread of their own.

mod hook;
mod letter;
mod mail;
mod unsent;

pub use hook::{Hook, post};
pub use letter::{Attached, Letter, Picture, Sealed, address};
pub use mail::{Login, MailServer, Security, hand_over};
pub use unsent::Unsent;

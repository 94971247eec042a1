//! How the sender of a webhook shows who it is: it signs what it sends with a secret that both sides know.

use serde::Serialize;

use crate::secret::Secret;

/// A source that takes webhooks.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Webhook {
    /// What the sender signs with.
    pub secret: Secret,
    /// How it signs.
    pub signed: Signed,
}

/// What is signed, and where the signature stands.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(tag = "by", rename_all = "snake_case")]
pub enum Signed {
    /// As Twilio does: the address that it called, and every parameter behind it.
    Twilio {
        /// The address as Twilio sees it. A proxy in between gives the request another one, so it has to be said.
        url: String,
    },
    /// An HMAC of the body in a header, as most others do.
    Hmac(Hmac),
}

/// Where the HMAC of a body stands and how it is written.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Hmac {
    /// What it is made with.
    pub hash: Hash,
    /// Header that has it.
    pub header: String,
    /// How it is written there.
    pub written_as: WrittenAs,
    /// What stands before it, such as `sha256=`.
    pub prefix: String,
    /// The time of sending, where the sender signs that too.
    pub sent_at: Option<SentAt>,
}

/// The time of sending: a header with seconds since 1970, which stands before the body in what is signed, with a dot
/// between.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct SentAt {
    /// The header.
    pub header: String,
    /// How far it may be from now. What is older was not sent just now: somebody kept it and sends it again.
    pub tolerance_s: u64,
}

/// A hash function.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Hash {
    /// SHA-1: weak as a hash, and sound in an HMAC.
    Sha1,
    /// SHA-256.
    Sha256,
}

impl Hash {
    /// Their names in declarations.
    pub const WORDS: [(&'static str, Hash); 2] = [("sha1", Hash::Sha1), ("sha256", Hash::Sha256)];
}

/// How bytes are written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum WrittenAs {
    /// Two hexadecimal digits a byte, large or small.
    Hex,
    /// Base64.
    Base64,
}

impl WrittenAs {
    /// Their names in declarations.
    pub const WORDS: [(&'static str, WrittenAs); 2] =
        [("hex", WrittenAs::Hex), ("base64", WrittenAs::Base64)];
}

//! How what is to be handed over is kept: letters as they are, behind the two addresses; posts as JSON.

use dialmark_post::{Hook, Sealed};
use serde::{Deserialize, Serialize};

/// What is posted to a declared address. The address itself is a secret, so only its name is kept.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Posted {
    /// Name of the declared channel.
    pub url_of: String,
    /// Further headers.
    pub headers: Vec<(String, String)>,
    /// The body, JSON as text.
    pub body: String,
}

impl Posted {
    /// As it is kept.
    pub fn content(&self) -> Result<Vec<u8>, String> {
        serde_json::to_vec(self).map_err(|error| format!("It cannot be written down: {error}."))
    }

    /// What was kept.
    pub fn of(content: &[u8]) -> Result<Posted, String> {
        serde_json::from_slice(content)
            .map_err(|error| format!("What was to be posted cannot be read: {error}."))
    }

    pub(super) fn to(self, url: String) -> Hook {
        Hook { url, headers: self.headers, body: self.body.into_bytes() }
    }
}

/// A letter as it is kept: a line with the sender's address, one with the recipient's, then the message.
pub fn mail_content(letter: &Sealed) -> Vec<u8> {
    let mut content = format!("{}\n{}\n", letter.from, letter.to).into_bytes();
    content.extend_from_slice(&letter.bytes);
    content
}

/// The letter that was kept.
pub fn mail_of(content: &[u8]) -> Result<Sealed, String> {
    let mut parts = content.splitn(3, |byte| *byte == b'\n');
    let mut line = || parts.next().and_then(|line| String::from_utf8(line.to_vec()).ok());
    match (line(), line(), parts.next()) {
        (Some(from), Some(to), Some(bytes)) => Ok(Sealed { from, to, bytes: bytes.to_vec() }),
        _ => Err("The letter that was written down cannot be read.".to_owned()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_kept_is_what_comes_back() {
        let bytes = b"Subject: a\r\n\r\nline\nanother\n".to_vec();
        let letter = Sealed { from: "d@example.org".to_owned(), to: "ann@example.org".to_owned(), bytes };
        assert_eq!(mail_of(&mail_content(&letter)).unwrap(), letter);
        assert!(mail_of(b"nothing").is_err());
        let posted = Posted {
            url_of: "floor".to_owned(),
            headers: vec![("webhook-id".to_owned(), "a".to_owned())],
            body: "{}".to_owned(),
        };
        assert_eq!(Posted::of(&posted.content().unwrap()).unwrap(), posted);
    }
}

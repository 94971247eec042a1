//! A letter: text, the same as HTML, pictures within it, files beside it; sealed into the bytes that are handed over.

use std::time::SystemTime;

use lettre::Message;
use lettre::address::Envelope;
use lettre::message::header::ContentType;
use lettre::message::{Attachment, Mailbox, MultiPart, SinglePart};

/// A picture that stands in the HTML as `<img src="cid:NAME">`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Picture {
    /// By which the HTML names it.
    pub name: String,
    /// Its media type, such as `image/png`.
    pub media_type: String,
    /// Its bytes.
    pub bytes: Vec<u8>,
}

/// A file that comes with the letter.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Attached {
    /// Its name, with its ending.
    pub name: String,
    /// Its media type.
    pub media_type: String,
    /// Its bytes.
    pub bytes: Vec<u8>,
}

/// What is to be sent to one person.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Letter {
    /// What it is known by: it makes up the `Message-ID`, so that a letter that is handed over twice is known as one.
    pub id: String,
    /// The sender, such as `Dialmark <dialmark@example.org>`.
    pub from: String,
    /// The recipient.
    pub to: String,
    /// What it is about, in a line.
    pub subject: String,
    /// It in plain text.
    pub text: String,
    /// It as HTML, for programs that show that.
    pub html: Option<String>,
    /// Pictures in the HTML.
    pub pictures: Vec<Picture>,
    /// Files beside it.
    pub attached: Vec<Attached>,
}

/// A letter as it is handed over, byte for byte, with the addresses of both sides.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sealed {
    /// Address of the sender, without a name.
    pub from: String,
    /// Address of the recipient, without a name.
    pub to: String,
    /// The message of RFC 5322.
    pub bytes: Vec<u8>,
}

/// An address without the name before it. A sentence where it is none.
pub fn address(text: &str) -> Result<String, String> {
    mailbox(text).map(|mailbox| mailbox.email.to_string())
}

fn mailbox(text: &str) -> Result<Mailbox, String> {
    text.parse().map_err(|_| {
        format!("`{text}` is no mail address; write `name@example.org` or `A Name <name@example.org>`.")
    })
}

impl Letter {
    /// Makes the message. The same letter at the same instant makes the same addresses, subject and content; the marks
    /// between its parts differ each time, so what was sealed once is kept and not sealed again.
    pub fn seal(&self, written_at: SystemTime) -> Result<Sealed, String> {
        let (from, to) = (mailbox(&self.from)?, mailbox(&self.to)?);
        let (sender, recipient) = (from.email.clone(), to.email.clone());
        let message = Message::builder()
            .message_id(Some(format!("<{}@{}>", mark(&self.id), sender.domain())))
            .from(from)
            .to(to)
            .date(written_at)
            .subject(self.subject.as_str())
            // Nobody's holiday note comes back to a program (RFC 3834).
            .header(AutoSubmitted);
        let message = self.body().and_then(|body| {
            message.multipart(body).map_err(|error| format!("The letter cannot be written: {error}."))
        })?;
        // Refuses what no mail server would take.
        Envelope::new(Some(sender.clone()), vec![recipient.clone()])
            .map_err(|error| format!("The letter has no sender or no recipient: {error}."))?;
        Ok(Sealed { from: sender.to_string(), to: recipient.to_string(), bytes: message.formatted() })
    }

    fn body(&self) -> Result<MultiPart, String> {
        let text = SinglePart::plain(self.text.clone());
        let readable = MultiPart::alternative().singlepart(text);
        let readable = match &self.html {
            None => readable,
            Some(html) => {
                let mut shown = MultiPart::related().singlepart(SinglePart::html(html.clone()));
                for picture in &self.pictures {
                    let part = Attachment::new_inline(picture.name.clone());
                    shown = shown.singlepart(part.body(picture.bytes.clone(), kind(&picture.media_type)?));
                }
                readable.multipart(shown)
            }
        };
        if self.attached.is_empty() {
            return Ok(readable);
        }
        let mut whole = MultiPart::mixed().multipart(readable);
        for file in &self.attached {
            let part = Attachment::new(file.name.clone());
            whole = whole.singlepart(part.body(file.bytes.clone(), kind(&file.media_type)?));
        }
        Ok(whole)
    }
}

fn kind(media_type: &str) -> Result<ContentType, String> {
    ContentType::parse(media_type).map_err(|_| format!("`{media_type}` is no media type."))
}

/// An identifier as the left half of a `Message-ID`: letters, digits, dots and hyphens; everything else as its number.
fn mark(id: &str) -> String {
    let mut mark = String::new();
    for character in id.chars() {
        if character.is_ascii_alphanumeric() || character == '-' {
            mark.push(character);
        } else {
            mark.push_str(&format!(".{:x}.", u32::from(character)));
        }
    }
    // Two dots in a row, and a dot at an end, are not allowed there.
    mark.split('.').filter(|part| !part.is_empty()).collect::<Vec<_>>().join(".")
}

/// Says that a program wrote this.
#[derive(Clone)]
struct AutoSubmitted;

impl lettre::message::header::Header for AutoSubmitted {
    fn name() -> lettre::message::header::HeaderName {
        lettre::message::header::HeaderName::new_from_ascii_str("Auto-Submitted")
    }

    fn parse(_: &str) -> Result<Self, Box<dyn std::error::Error + Send + Sync>> {
        Ok(AutoSubmitted)
    }

    fn display(&self) -> lettre::message::header::HeaderValue {
        lettre::message::header::HeaderValue::new(Self::name(), "auto-generated".to_owned())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::time::Duration;

    fn letter() -> Letter {
        Letter {
            id: "report/morning/ann@example.org/2026-07-01".to_owned(),
            from: "Dialmark <dialmark@example.org>".to_owned(),
            to: "Änn Smith <ann@example.org>".to_owned(),
            subject: "Größe \u{2014} yesterday".to_owned(),
            text: "Dials 12".to_owned(),
            html: Some("<p>Dials 12</p><img src=\"cid:trend\">".to_owned()),
            pictures: vec![Picture {
                name: "trend".to_owned(),
                media_type: "image/png".to_owned(),
                bytes: vec![1, 2, 3],
            }],
            attached: vec![Attached {
                name: "figures.xlsx".to_owned(),
                media_type: "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet".to_owned(),
                bytes: vec![4, 5, 6],
            }],
        }
    }

    #[test]
    fn a_letter_has_its_parts_and_a_name_of_its_own() {
        let at = SystemTime::UNIX_EPOCH + Duration::from_secs(1_782_896_400);
        let sealed = letter().seal(at).unwrap();
        let text = String::from_utf8(sealed.bytes).unwrap();
        assert_eq!((sealed.from.as_str(), sealed.to.as_str()), ("dialmark@example.org", "ann@example.org"));
        let id = "Message-ID: <report.2f.morning.2f.ann.40.example.2e.org.2f.2026-07-01@example.org>\r\n";
        assert!(text.contains(id), "{text}");
        assert!(text.contains("Auto-Submitted: auto-generated\r\n"), "{text}");
        assert!(text.contains("Date: Wed, 01 Jul 2026 09:00:00 +0000\r\n"), "{text}");
        assert!(text.contains("Content-ID: <trend>"), "{text}");
        assert!(text.contains("filename=\"figures.xlsx\""), "{text}");
        for kind in
            ["multipart/mixed", "multipart/alternative", "multipart/related", "text/plain", "text/html"]
        {
            assert!(text.contains(kind), "{kind} in {text}");
        }
    }

    #[test]
    fn nobody_can_write_further_lines_into_its_head() {
        let at = SystemTime::UNIX_EPOCH;
        for to in ["ann@example.org\r\nBcc: eve@example.org", "ann", ""] {
            assert!(Letter { to: to.to_owned(), ..letter() }.seal(at).is_err(), "{to:?}");
        }
        let subject = "A\r\nBcc: eve@example.org".to_owned();
        let sealed = Letter { subject, ..letter() }.seal(at).unwrap();
        let text = String::from_utf8(sealed.bytes).unwrap();
        assert!(!text.lines().any(|line| line.starts_with("Bcc:")), "{text}");
    }

    #[test]
    fn identifiers_that_differ_make_names_that_differ() {
        let marks = ["a/b", "a.b", "a b", "ab", "a-b", "/ab"].map(mark);
        for (at, one) in marks.iter().enumerate() {
            assert!(!marks[at + 1..].contains(one), "{one}");
        }
    }
}

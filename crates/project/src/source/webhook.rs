//! `[source.NAME.webhook]`: records from a sender that has no token and signs what it sends.

use dialmark_model::declared::{Section, nearest};
use dialmark_model::duration_text;
use dialmark_model::source::{Format, Identity};
use dialmark_model::webhook::{Hash, Hmac, SentAt, Signed, Webhook, WrittenAs};
use dialmark_packs::{Input, Pack, Stream};

use super::secret;
use crate::names::quoted;

/// Enough for a slow way and clocks that differ, and too little for somebody who kept a delivery.
const TOLERANCE_S: u64 = 300;
const LONGEST_TOLERANCE_S: u64 = 86_400;
/// Longest name of a header, and longest text before a signature.
const LONGEST_WORD: usize = 200;

/// Keys that mean nothing for Twilio, and nothing for others.
const OF_HMAC: [&str; 6] = ["hash", "header", "written_as", "prefix", "timestamp_header", "tolerance"];
const OF_TWILIO: [&str; 1] = ["url"];

/// Reads the section; every problem of it is reported.
pub(super) fn read(section: &Section<'_>) -> Option<Webhook> {
    let secret = secret::read(section, "secret");
    if matches!(secret, Some(None)) {
        section.error(
            "",
            "nothing says where the secret is that the sender signs with.",
            Some(
                "Write `secret_file = \"PATH\"` (relative to the project) or `secret_env = \"NAME\"`."
                    .to_owned(),
            ),
        );
    }
    let ways = ["twilio", "hmac"];
    section.one_of("signed", ways);
    let word = section.required_text("signed", "how the sender signs: `twilio` or `hmac`");
    let signed = match word.as_deref() {
        None => {
            noted(section, &OF_HMAC);
            noted(section, &OF_TWILIO);
            None
        }
        Some("twilio") => {
            let sound = has_none_of(section, &OF_HMAC, "twilio");
            twilio(section).filter(|_| sound)
        }
        Some("hmac") => {
            let sound = has_none_of(section, &OF_TWILIO, "hmac");
            hmac(section).filter(|_| sound)
        }
        Some(word) => {
            noted(section, &OF_HMAC);
            noted(section, &OF_TWILIO);
            section.error("signed", format!("`{word}` is not a way to sign."), Some(meant(word, &ways)));
            None
        }
    };
    section.finish();
    Some(Webhook { secret: secret??, signed: signed? })
}

/// Whether what comes by webhook can be read and known again. The sender sends again whatever was not answered for, and
/// whoever listens could do so too.
pub(super) fn fits(section: &Section<'_>, identity: &Identity, format: &Format, is_pulled: bool) -> bool {
    let (message, help) = if is_pulled {
        (
            "records come from a database or by webhook, not from both.",
            "Remove `[source.NAME.pull]` or `[source.NAME.webhook]`; two sources may go to one table.",
        )
    } else if !reads_json(format) {
        (
            "what comes by webhook is a JSON object, and this source reads something else.",
            "Write `format = \"jsonl\"`, or name a pack that reads JSON.",
        )
    } else if !matches!(identity, Identity::Id { .. }) {
        (
            "webhooks come more than once, and nothing says by what a record is known again.",
            "Add `id = \"FIELD\"`, and `revision` where a later message about the same thing may arrive first.",
        )
    } else {
        return true;
    };
    section.error("webhook", message, Some(help.to_owned()));
    false
}

/// The same for a source with a pack: one stream, for each has an address of its own.
pub(super) fn fits_pack(section: &Section<'_>, pack: &Pack, streams: &[Stream]) -> bool {
    let (message, help) = if streams.iter().any(|stream| stream.pull.is_some()) {
        (
            format!("the pack `{}` reads the tables of a database, and none of them is sent.", pack.id),
            "Remove `[source.NAME.webhook]`.",
        )
    } else if !matches!(pack.input, Input::Json { .. }) {
        (
            format!("the pack `{}` reads no JSON, so nothing can be sent to it.", pack.id),
            "Name its files under `files`.",
        )
    } else if streams.len() > 1 {
        (
            "a webhook is of one stream, and the pack has several.".to_owned(),
            "Make a source of each: `pack = \"PACK/STREAM\"`.",
        )
    } else {
        return true;
    };
    section.error("webhook", message, Some(help.to_owned()));
    false
}

fn reads_json(format: &Format) -> bool {
    match format {
        Format::JsonLines => true,
        Format::Pack { pack, .. } => {
            dialmark_packs::named(pack).is_some_and(|pack| matches!(pack.input, Input::Json { .. }))
        }
        Format::Csv { .. } | Format::Parquet | Format::Xlsx { .. } => false,
    }
}

fn twilio(section: &Section<'_>) -> Option<Signed> {
    let url = section.required_text(
        "url",
        "the address that Twilio calls, such as `https://calls.example.com/api/v1/webhooks/NAME`: it is part of what is signed",
    )?;
    let after_scheme = url.strip_prefix("https://").or_else(|| url.strip_prefix("http://"));
    let (message, help) = match after_scheme {
        None => ("this is no address of a web server.", "It begins with `https://`."),
        Some(rest) if rest.starts_with('/') || rest.is_empty() => {
            ("the address names no host.", "Write `https://HOST/PATH`.")
        }
        Some(_) if url.contains(['?', '#']) => (
            "what stands behind `?` is taken from each request, and what stands behind `#` is not signed.",
            "End the address before it.",
        ),
        Some(_) if url.chars().any(|c| c.is_whitespace() || c.is_control()) => {
            ("the address has a space in it.", "Write it as Twilio has it.")
        }
        Some(_) => return Some(Signed::Twilio { url }),
    };
    section.error("url", message, Some(help.to_owned()));
    None
}

fn hmac(section: &Section<'_>) -> Option<Signed> {
    let hash = word_of(section, "hash", &Hash::WORDS, Hash::Sha256);
    let header = section
        .required_text("header", "the header that has the signature")
        .and_then(|text| header(section, "header", text));
    let written_as = word_of(section, "written_as", &WrittenAs::WORDS, WrittenAs::Hex);
    let prefix = match section.has("prefix") {
        true => section.text("prefix"),
        false => {
            section.node("prefix");
            Some(String::new())
        }
    };
    let prefix = prefix.filter(|prefix| {
        let sound = prefix.len() <= LONGEST_WORD && prefix.bytes().all(|byte| matches!(byte, b' '..=b'~'));
        if !sound {
            section.error("prefix", "no header can have such a text.", None);
        }
        sound
    });
    let sent_at = sent_at(section);
    Some(Signed::Hmac(Hmac {
        hash: hash?,
        header: header?,
        written_as: written_as?,
        prefix: prefix?,
        sent_at: sent_at?,
    }))
}

/// The outer `None` is a problem.
fn sent_at(section: &Section<'_>) -> Option<Option<SentAt>> {
    if !section.has("timestamp_header") {
        section.node("timestamp_header");
        if section.node("tolerance").is_some() {
            section.error(
                "tolerance",
                "`tolerance` needs `timestamp_header`: without it nothing says when a delivery was sent.",
                Some("Name the header, or remove `tolerance`.".to_owned()),
            );
            return None;
        }
        return Some(None);
    }
    let header = section.text("timestamp_header").and_then(|text| header(section, "timestamp_header", text));
    let tolerance_s = tolerance_s(section);
    Some(Some(SentAt { header: header?, tolerance_s: tolerance_s? }))
}

fn tolerance_s(section: &Section<'_>) -> Option<u64> {
    if !section.has("tolerance") {
        section.node("tolerance");
        return Some(TOLERANCE_S);
    }
    match duration_text::parse_ms(&section.text("tolerance")?) {
        Ok(ms) if (1..=LONGEST_TOLERANCE_S).contains(&(ms / 1000)) => Some(ms / 1000),
        Ok(_) => {
            section.error("tolerance", "`tolerance` lies between one second and one day.", None);
            None
        }
        Err(bad) => {
            section.error("tolerance", bad.to_string(), None);
            None
        }
    }
}

/// A name of a header, as RFC 9110 has them.
fn header(section: &Section<'_>, key: &str, text: String) -> Option<String> {
    let is_sound = !text.is_empty()
        && text.len() <= LONGEST_WORD
        && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~".contains(&byte));
    if !is_sound {
        section.error(
            key,
            "this is no name of a header.",
            Some("Write it as in `X-Hub-Signature-256`.".to_owned()),
        );
    }
    is_sound.then_some(text)
}

fn word_of<T: Copy>(section: &Section<'_>, key: &str, words: &[(&str, T)], usual: T) -> Option<T> {
    section.one_of(key, words.iter().map(|(word, _)| *word));
    if !section.has(key) {
        return Some(usual);
    }
    let text = section.text(key)?;
    let found = words.iter().find(|(word, _)| *word == text);
    if found.is_none() {
        let known: Vec<&str> = words.iter().map(|(word, _)| *word).collect();
        section.error(key, format!("`{text}` is not known here."), Some(meant(&text, &known)));
    }
    found.map(|(_, value)| *value)
}

fn meant(word: &str, known: &[&str]) -> String {
    match nearest(word, known.iter().copied()) {
        Some(near) => format!("Did you mean `{near}`?"),
        None => format!("There are {}.", quoted(known.iter().copied())),
    }
}

/// Keys that are noted for the schema.
fn noted(section: &Section<'_>, keys: &[&str]) {
    for key in keys {
        section.node(key);
    }
}

fn has_none_of(section: &Section<'_>, keys: &[&str], way: &str) -> bool {
    let mut sound = true;
    for key in keys {
        if section.node(key).is_some() {
            section.error(
                key,
                format!("`{key}` means nothing for `signed = \"{way}\"`."),
                Some("Remove it.".to_owned()),
            );
            sound = false;
        }
    }
    sound
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use dialmark_model::secret::Secret;

    use super::*;
    use crate::{Project, ProjectFile};

    fn project(source: &str) -> Result<Project, String> {
        let centre = "[centre]\nname = \"N\"\nzone = \"Europe/London\"\ncurrency = \"GBP\"\n";
        let files = [ProjectFile::new("dialmark.toml", centre), ProjectFile::new("sources/s.toml", source)];
        Project::from_files(Path::new("/nowhere"), &files).map_err(|invalid| invalid.to_string())
    }

    fn own(keys: &str, webhook: &str) -> Result<Webhook, String> {
        let text = format!(
            "[source.s]\ntable = \"calls\"\n{keys}\n[source.s.webhook]\n{webhook}\n[source.s.columns]\nstarted_at = \"at\"\n"
        );
        Ok(project(&text)?.sources.remove(0).webhook.unwrap())
    }

    const JSON: &str = "format = \"jsonl\"\nid = \"id\"";
    const TWILIO: &str =
        "signed = \"twilio\"\nsecret_env = \"TOKEN\"\nurl = \"https://calls.example.com/hook\"";
    const HMAC: &str =
        "signed = \"hmac\"\nsecret_file = \"../secrets/crm\"\nheader = \"X-Hub-Signature-256\"";

    #[test]
    fn a_sender_signs_as_twilio_does_or_with_an_hmac_in_a_header() {
        let url = "https://calls.example.com/hook".to_owned();
        let expected =
            Webhook { secret: Secret::Variable("TOKEN".to_owned()), signed: Signed::Twilio { url } };
        assert_eq!(own(JSON, TWILIO).unwrap(), expected);
        let hmac = |more: &str| match own(JSON, &format!("{HMAC}\n{more}")).unwrap().signed {
            Signed::Hmac(hmac) => hmac,
            Signed::Twilio { .. } => panic!("it is none of Twilio's"),
        };
        let plain = Hmac {
            hash: Hash::Sha256,
            header: "X-Hub-Signature-256".to_owned(),
            written_as: WrittenAs::Hex,
            prefix: String::new(),
            sent_at: None,
        };
        assert_eq!(hmac(""), plain);
        let sent_at = Some(SentAt { header: "X-Sent".to_owned(), tolerance_s: 120 });
        assert_eq!(
            hmac(
                "hash = \"sha1\"\nwritten_as = \"base64\"\nprefix = \"v1=\"\ntimestamp_header = \"X-Sent\"\ntolerance = \"2min\""
            ),
            Hmac {
                hash: Hash::Sha1,
                written_as: WrittenAs::Base64,
                prefix: "v1=".to_owned(),
                sent_at,
                ..plain
            }
        );
        assert_eq!(
            hmac("timestamp_header = \"X-Sent\"").sent_at.map(|sent| sent.tolerance_s),
            Some(TOLERANCE_S)
        );
    }

    #[test]
    fn what_is_wrong_is_said() {
        for (keys, webhook, said) in [
            (JSON, "signed = \"twilio\"\nurl = \"https://h/x\"", "nothing says where the secret is"),
            (JSON, "secret_env = \"T\"", "`twilio` or `hmac`"),
            (JSON, "signed = \"twillio\"\nsecret_env = \"T\"", "Did you mean `twilio`?"),
            (JSON, "signed = \"twilio\"\nsecret_env = \"T\"", "the address that Twilio calls"),
            (
                JSON,
                "signed = \"twilio\"\nsecret_env = \"T\"\nurl = \"calls.example.com\"",
                "begins with `https://`",
            ),
            (JSON, "signed = \"twilio\"\nsecret_env = \"T\"\nurl = \"https:///x\"", "names no host"),
            (
                JSON,
                "signed = \"twilio\"\nsecret_env = \"T\"\nurl = \"https://h/x?a=b\"",
                "End the address before it",
            ),
            (JSON, "signed = \"hmac\"\nsecret_env = \"T\"", "the header that has the signature"),
            ("id = \"id\"", TWILIO, "reads something else"),
            ("format = \"jsonl\"", TWILIO, "known again"),
            ("format = \"jsonl\"\nmode = \"append\"", TWILIO, "known again"),
        ] {
            let found = own(keys, webhook).unwrap_err();
            assert!(found.contains(said), "{keys} {webhook}: {found}");
        }
        for (more, said) in [
            ("secret_env = \"T\"", "exclude each other"),
            ("secret = \"hunter2\"", "secret"),
            ("url = \"https://h/x\"", "means nothing for `signed = \"hmac\"`"),
            ("hash = \"md5\"", "There are `sha1`, `sha256`"),
            ("written_as = \"bass64\"", "Did you mean `base64`?"),
            ("timestamp_header = \"X Sent\"", "no name of a header"),
            ("tolerance = \"2min\"", "needs `timestamp_header`"),
            ("timestamp_header = \"X-Sent\"\ntolerance = \"2 weeks\"", "one day"),
        ] {
            let found = own(JSON, &format!("{HMAC}\n{more}")).unwrap_err();
            assert!(found.contains(said) && !found.contains("hunter2"), "{more}: {found}");
        }
        let pulled = format!("{TWILIO}\n[source.s.pull]\ndatabase = \"mysql://r@h/d\"\nfrom = \"t\"");
        assert!(own("id = \"id\"", &pulled).unwrap_err().contains("not from both"));
    }

    #[test]
    fn a_pack_takes_webhooks_when_it_reads_json_and_is_one_stream() {
        let pack =
            |pack: &str| project(&format!("[source.s]\npack = \"{pack}\"\n[source.s.webhook]\n{TWILIO}"));
        assert!(pack("twilio_calls").unwrap().sources.iter().all(|source| source.webhook.is_some()));
        assert!(pack("genesys_conversations").unwrap_err().contains("of one stream"));
        assert!(pack("asterisk_cdr").unwrap_err().contains("reads no JSON"));
        let one = pack("genesys_conversations/calls");
        assert!(one.is_ok(), "{one:?}");
    }
}

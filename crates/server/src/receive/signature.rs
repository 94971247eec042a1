//! Whether a delivery comes from somebody who knows the secret: signatures, compared in constant time.

use std::fmt;

use axum::http::HeaderMap;
use base64::prelude::{BASE64_STANDARD, Engine as _};
use dialmark_model::webhook::{Hash, Hmac, Signed, WrittenAs};
use hmac::{KeyInit, Mac};
use sha1::Sha1;
use sha2::{Digest, Sha256};

use super::form;

/// Header of Twilio's signature.
const OF_TWILIO: &str = "x-twilio-signature";
/// Parameter of the address with which Twilio signs a body that is no form: its SHA-256.
const BODY_HASH: &str = "bodySHA256";

/// What was sent, as it came.
#[derive(Debug, Clone, Copy)]
pub struct Sent<'a> {
    pub headers: &'a HeaderMap,
    /// The query of its address.
    pub query: Option<&'a str>,
    pub body: &'a [u8],
    /// Names and values of the body, when it is a form.
    pub form: Option<&'a [(String, String)]>,
    /// Seconds since 1970, now.
    pub now_s: i64,
}

/// Why it is not known who sent a delivery.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Unproven {
    /// The header is not there, or there twice.
    Missing(String),
    /// It holds something else.
    Unreadable(String),
    /// The signature is of something else, or made with another secret.
    Wrong,
    /// So is Twilio's, and there is one more thing that may be wrong.
    WrongOfTwilio,
    /// The signature would say nothing of the body.
    Unsigned,
    /// The header says no time.
    Timeless(String),
    /// It was not sent just now.
    Late { off_s: u64, tolerance_s: u64 },
}

impl fmt::Display for Unproven {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Unproven::Missing(header) => {
                write!(out, "The header `{header}` is missing, or there more than once; the sender signs with it.")
            }
            Unproven::Unreadable(header) => {
                write!(out, "The header `{header}` holds no signature in the form that the source declares.")
            }
            Unproven::Wrong => out.write_str(
                "The signature does not fit. It is made over the bytes of the body with the secret of the source.",
            ),
            Unproven::WrongOfTwilio => out.write_str(
                "The signature does not fit. Look whether the secret of the source is the account's auth token, and its `url` \
                 the address as Twilio has it.",
            ),
            Unproven::Unsigned => {
                write!(out, "The body is no form, and the address has no `{BODY_HASH}`, so the body is not signed.")
            }
            Unproven::Timeless(header) => {
                write!(out, "The header `{header}` does not say in seconds since 1970 when this was sent.")
            }
            Unproven::Late { off_s, tolerance_s } => write!(
                out,
                "This was sent {off_s} seconds from now, and {tolerance_s} are tolerated. Look at the clocks, or sign it anew."
            ),
        }
    }
}

/// The signature of a delivery, when it is right.
pub fn check(signed: &Signed, secret: &[u8], sent: Sent<'_>) -> Result<Vec<u8>, Unproven> {
    match signed {
        Signed::Twilio { url } => of_twilio(url, secret, sent),
        Signed::Hmac(hmac) => of_body(hmac, secret, sent),
    }
}

/// Twilio signs the address that it called, and behind it the parameters of a form in the order of their names, each
/// name followed by its value. A body that is no form has its SHA-256 in the address.
fn of_twilio(url: &str, secret: &[u8], sent: Sent<'_>) -> Result<Vec<u8>, Unproven> {
    let header = only(sent.headers, OF_TWILIO)?;
    let signature =
        BASE64_STANDARD.decode(header.trim()).map_err(|_| Unproven::Unreadable(OF_TWILIO.to_owned()))?;
    let mut parameters: Vec<(&str, &str)> = Vec::new();
    match sent.form {
        Some(form) => {
            parameters.extend(form.iter().map(|(name, value)| (name.as_str(), value.as_str())));
            parameters.sort_unstable();
            // The same value twice under one name is signed once.
            parameters.dedup();
        }
        None if !is_hash_of(sent.body, sent.query)? => return Err(Unproven::WrongOfTwilio),
        None => {}
    }
    let query = sent.query.filter(|query| !query.is_empty());
    let fits = spellings(url).into_iter().any(|url| {
        let mut parts = vec![url.as_bytes()];
        if let Some(query) = query {
            parts.extend([b"?", query.as_bytes()]);
        }
        parts.extend(parameters.iter().flat_map(|(name, value)| [name.as_bytes(), value.as_bytes()]));
        is_of::<hmac::Hmac<Sha1>>(secret, &parts, &signature)
    });
    fits.then_some(signature).ok_or(Unproven::WrongOfTwilio)
}

/// Whether the address has the hash of the body.
fn is_hash_of(body: &[u8], query: Option<&str>) -> Result<bool, Unproven> {
    let pairs = form::pairs(query.unwrap_or_default().as_bytes()).map_err(|_| Unproven::Unsigned)?;
    let mut hashes = pairs.iter().filter(|(name, _)| name == BODY_HASH);
    let (Some((_, hash)), None) = (hashes.next(), hashes.next()) else { return Err(Unproven::Unsigned) };
    Ok(of_hex(hash).is_some_and(|hash| hash == Sha256::digest(body).as_slice()))
}

/// The address with the usual port and without one: Twilio signs now this, now that.
fn spellings(url: &str) -> [String; 2] {
    let (scheme, rest) = url.split_once("://").unwrap_or(("https", url));
    let (host, path) = rest.split_at(rest.find('/').unwrap_or(rest.len()));
    let other = match host.rsplit_once(':') {
        Some((name, port)) if port.bytes().all(|b| b.is_ascii_digit()) => format!("{scheme}://{name}{path}"),
        _ => {
            let port = if scheme == "http" { 80 } else { 443 };
            format!("{scheme}://{host}:{port}{path}")
        }
    };
    [url.to_owned(), other]
}

/// An HMAC of the body in a header, or of the time of sending, a dot and the body.
fn of_body(hmac: &Hmac, secret: &[u8], sent: Sent<'_>) -> Result<Vec<u8>, Unproven> {
    let unreadable = || Unproven::Unreadable(hmac.header.clone());
    let text = only(sent.headers, &hmac.header)?.trim();
    let written = text.strip_prefix(hmac.prefix.trim()).ok_or_else(unreadable)?.trim();
    let signature = match hmac.written_as {
        WrittenAs::Hex => of_hex(written),
        WrittenAs::Base64 => BASE64_STANDARD.decode(written).ok(),
    };
    let signature = signature.ok_or_else(unreadable)?;
    let mut parts = Vec::new();
    if let Some(sent_at) = &hmac.sent_at {
        let text = only(sent.headers, &sent_at.header)?;
        let at: i64 = text.trim().parse().map_err(|_| Unproven::Timeless(sent_at.header.clone()))?;
        let off_s = sent.now_s.abs_diff(at);
        if off_s > sent_at.tolerance_s {
            return Err(Unproven::Late { off_s, tolerance_s: sent_at.tolerance_s });
        }
        parts.extend([text.as_bytes(), b"."]);
    }
    parts.push(sent.body);
    let fits = match hmac.hash {
        Hash::Sha1 => is_of::<hmac::Hmac<Sha1>>(secret, &parts, &signature),
        Hash::Sha256 => is_of::<hmac::Hmac<Sha256>>(secret, &parts, &signature),
    };
    fits.then_some(signature).ok_or(Unproven::Wrong)
}

/// Whether a signature is of these parts, one after the other. It takes as long for a wrong one as for the right one.
fn is_of<M: Mac + KeyInit>(secret: &[u8], parts: &[&[u8]], signature: &[u8]) -> bool {
    let Ok(mut mac) = <M as KeyInit>::new_from_slice(secret) else { return false };
    for part in parts {
        mac.update(part);
    }
    mac.verify_slice(signature).is_ok()
}

/// The text of a header that is there once: of two, somebody on the way may have read the other.
fn only<'a>(headers: &'a HeaderMap, name: &str) -> Result<&'a str, Unproven> {
    let mut values = headers.get_all(name).iter();
    match (values.next().and_then(|value| value.to_str().ok()), values.next()) {
        (Some(text), None) => Ok(text),
        _ => Err(Unproven::Missing(name.to_owned())),
    }
}

fn of_hex(text: &str) -> Option<Vec<u8>> {
    let (pairs, rest) = text.as_bytes().as_chunks::<2>();
    let byte = |[high, low]: &[u8; 2]| Some(form::digit(*high)? << 4 | form::digit(*low)?);
    rest.is_empty().then(|| pairs.iter().map(byte).collect()).flatten()
}

#[cfg(test)]
mod tests {
    use axum::http::HeaderName;
    use dialmark_model::webhook::SentAt;

    use super::*;

    fn headers(pairs: &[(&str, &str)]) -> HeaderMap {
        let mut map = HeaderMap::new();
        for (name, value) in pairs {
            map.append(HeaderName::from_bytes(name.as_bytes()).unwrap(), value.parse().unwrap());
        }
        map
    }

    /// Whether Twilio signed a form (or, without one, a body) that was sent to an address.
    fn twilio(
        url: &str,
        query: &str,
        form: Option<&str>,
        body: &str,
        signature: &str,
    ) -> Result<(), Unproven> {
        let pairs = form.map(|form| form::pairs(form.as_bytes()).unwrap());
        let headers = headers(&[("X-Twilio-Signature", signature)]);
        let query = Some(query).filter(|query| !query.is_empty());
        let sent = Sent { headers: &headers, query, body: body.as_bytes(), form: pairs.as_deref(), now_s: 0 };
        check(&Signed::Twilio { url: url.to_owned() }, b"12345", sent).map(|_| ())
    }

    const PAGE: &str = "https://mycompany.com/myapp.php";
    const FORM: &str =
        "To=%2B18005551212&CallSid=CA1234567890ABCDE&Digits=1234&From=%2B12349013030&Caller=%2B12349013030";

    #[test]
    fn twilios_own_example_is_right() {
        // https://www.twilio.com/docs/usage/security, with the auth token 12345.
        let signature = "0/KCTR6DLpKmkAf8muzZqo1nDgQ=";
        assert_eq!(twilio(PAGE, "foo=1&bar=2", Some(FORM), "", signature), Ok(()));
        for (url, query, form) in [
            (PAGE, "foo=1&bar=3", FORM.to_owned()),
            (PAGE, "", FORM.to_owned()),
            ("http://mycompany.com/myapp.php", "foo=1&bar=2", FORM.to_owned()),
            (PAGE, "foo=1&bar=2", FORM.replace("1234&", "1235&")),
            (PAGE, "foo=1&bar=2", format!("{FORM}&More=")),
        ] {
            assert_eq!(
                twilio(url, query, Some(&form), "", signature),
                Err(Unproven::WrongOfTwilio),
                "{form}"
            );
        }
        for odd in ["", "0/KCTR6DLpKmkAf8muzZqo1nDg", "???", "0/KCTR6DLpKmkAf8muzZqo1nDgQ=="] {
            assert!(twilio(PAGE, "foo=1&bar=2", Some(FORM), "", odd).is_err(), "{odd}");
        }
    }

    #[test]
    fn the_address_is_signed_with_its_port_or_without_it() {
        // Both made with Python's hmac: of `https://mycompany.com:443/...`, and of `:8443`.
        let with_port = "EpDEmp1PyjDYp77YxYU3GILBWzE=";
        assert_eq!(twilio(PAGE, "foo=1&bar=2", Some(FORM), "", with_port), Ok(()));
        let other = "https://mycompany.com:8443/myapp.php";
        assert_eq!(twilio(other, "foo=1&bar=2", Some(FORM), "", "SffuNP6bC3hHFCUbsco6GyaPyas="), Ok(()));
        assert_eq!(twilio(other, "foo=1&bar=2", Some(FORM), "", "0/KCTR6DLpKmkAf8muzZqo1nDgQ="), Ok(()));
        assert!(twilio(PAGE, "foo=1&bar=2", Some(FORM), "", "SffuNP6bC3hHFCUbsco6GyaPyas=").is_err());
    }

    #[test]
    fn values_that_repeat_are_signed_once_and_in_their_order() {
        // From the tests of Twilio's own libraries.
        let form = "Sid=CA123&SidAccount=AC123&Digits=5678&Digits=1234&Digits=1234";
        assert_eq!(twilio(PAGE, "foo=1&bar=2", Some(form), "", "IK+Dwps556ElfBT0I3Rgjkr1wJU="), Ok(()));
    }

    #[test]
    fn a_body_that_is_no_form_is_signed_by_its_hash() {
        let (body, url) =
            ("{\"CallSid\":\"CA1234567890ABCDE\",\"Caller\":\"+12349013030\"}", "https://example.com/myapp");
        let query = "bodySHA256=5ccde7145dfb8f56479710896586cb9d5911809d83afbe34627818790db0aec9";
        let signature = "hPXmLwIy3Fgqv1i9KPmH/HhQ6zo=";
        assert_eq!(twilio(url, query, None, body, signature), Ok(()));
        assert_eq!(twilio(url, query, None, "{}", signature), Err(Unproven::WrongOfTwilio));
        // Of the address alone, which says nothing of the body.
        assert_eq!(twilio(url, "", None, body, "XqNa/0zb23Pa5OkAE2d03kJM920="), Err(Unproven::Unsigned));
        assert_eq!(twilio(url, "", Some(""), body, "XqNa/0zb23Pa5OkAE2d03kJM920="), Ok(()));
    }

    fn github() -> Hmac {
        Hmac {
            hash: Hash::Sha256,
            header: "X-Hub-Signature-256".to_owned(),
            written_as: WrittenAs::Hex,
            prefix: "sha256=".to_owned(),
            sent_at: None,
        }
    }

    fn hmac(hmac: Hmac, pairs: &[(&str, &str)], body: &str, now_s: i64) -> Result<Vec<u8>, Unproven> {
        let headers = headers(pairs);
        let sent = Sent { headers: &headers, query: None, body: body.as_bytes(), form: None, now_s };
        check(&Signed::Hmac(hmac), b"It's a Secret to Everybody", sent)
    }

    #[test]
    fn the_example_of_github_is_right() {
        let right = "sha256=757107ea0eb2509fc211221cce984b8a37570b6d7586c22c46f4379c8b043e17";
        let name = "X-Hub-Signature-256";
        assert!(hmac(github(), &[(name, right)], "Hello, World!", 0).is_ok());
        assert!(
            hmac(github(), &[(name, &right.to_uppercase().replace("SHA", "sha"))], "Hello, World!", 0)
                .is_ok()
        );
        assert_eq!(hmac(github(), &[(name, right)], "Hello, World", 0), Err(Unproven::Wrong));
        assert_eq!(hmac(github(), &[], "Hello, World!", 0), Err(Unproven::Missing(name.to_owned())));
        let twice = [(name, right), (name, right)];
        assert_eq!(hmac(github(), &twice, "Hello, World!", 0), Err(Unproven::Missing(name.to_owned())));
        for odd in [&right[7..], "sha256=", "sha256=75", "sha256=7", "sha256=zz", &format!("{right}00")] {
            assert!(hmac(github(), &[(name, odd)], "Hello, World!", 0).is_err(), "{odd}");
        }
    }

    #[test]
    fn what_is_signed_with_its_time_is_taken_around_that_time() {
        let sent_at = Some(SentAt { header: "X-Sent".to_owned(), tolerance_s: 300 });
        let timed = || Hmac {
            hash: Hash::Sha1,
            written_as: WrittenAs::Base64,
            prefix: "v1,".to_owned(),
            sent_at: sent_at.clone(),
            ..github()
        };
        // HMAC-SHA1 of `1767603600.{"id":1}`, by Python.
        let pairs = [("X-Hub-Signature-256", "v1,ZiYRYa+FOPkxrgHVU3FG5o4UQOo="), ("X-Sent", "1767603600")];
        let of = |pairs: &[(&str, &str)], now_s| hmac(timed(), pairs, "{\"id\":1}", now_s);
        assert!(of(&pairs, 1_767_603_600).is_ok() && of(&pairs, 1_767_603_300).is_ok());
        let late = Unproven::Late { off_s: 301, tolerance_s: 300 };
        assert_eq!(of(&pairs, 1_767_603_901), Err(late.clone()));
        assert_eq!(of(&pairs, 1_767_603_299), Err(late));
        assert_eq!(of(&[pairs[0], ("X-Sent", "1767603601")], 1_767_603_600), Err(Unproven::Wrong));
        assert_eq!(of(&[pairs[0], ("X-Sent", "soon")], 0), Err(Unproven::Timeless("X-Sent".to_owned())));
        assert_eq!(of(&pairs[..1], 0), Err(Unproven::Missing("X-Sent".to_owned())));
    }
}

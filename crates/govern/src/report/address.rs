//! Addresses of mail, as far as they can be told from their text.

/// The address in `name@example.org` or `A Name <name@example.org>`, in small letters as far as machines compare it. A
/// sentence where it is none.
pub fn address(text: &str) -> Result<String, String> {
    let text = text.trim();
    let bare = match text.strip_suffix('>').and_then(|rest| rest.rsplit_once('<')) {
        Some((_, bare)) => bare,
        None => text,
    };
    let is_sound = |part: &str| {
        !part.is_empty()
            && !part.starts_with('.')
            && !part.ends_with('.')
            && part.chars().all(|c| !c.is_whitespace() && !c.is_control() && !"<>()[],;:\\\"@".contains(c))
    };
    match bare.rsplit_once('@') {
        Some((name, host)) if is_sound(name) && is_sound(host) => Ok(bare.to_lowercase()),
        _ => Err(format!(
            "`{text}` is no mail address, such as `name@example.org` or `A Name <name@example.org>`."
        )),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_may_have_a_name_before_it() {
        assert_eq!(address("Ann Lee <Ann@Example.org>").unwrap(), "ann@example.org");
        assert_eq!(address(" ann@localhost ").unwrap(), "ann@localhost");
        for bad in [
            "ann",
            "ann@",
            "@example.org",
            "a b@example.org",
            "a@b@c",
            "ann@example.org, bob@example.org",
            "",
        ] {
            assert!(address(bad).is_err(), "{bad}");
        }
    }
}

//! Addresses: everything that a page depends on stands in its URL.

use std::fmt;

/// A path and its query, encoded when it is written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Link {
    path: String,
    query: Vec<(String, String)>,
}

impl Link {
    /// A link to a fixed path.
    pub fn to(path: &str) -> Link {
        Link { path: path.to_owned(), query: Vec::new() }
    }

    /// A link to a name below a fixed path.
    pub fn below(path: &str, name: &str) -> Link {
        Link::to(&format!("{path}/{}", encode(name)))
    }

    /// Reads an address of this server, as a form brings it back; `None` for whatever could lead elsewhere.
    pub fn of_path(text: &str) -> Option<Link> {
        let is_ours = text.starts_with('/') && !text.starts_with("//");
        let is_plain = text.chars().all(|c| c.is_ascii_graphic() && c != '\\' && c != '#');
        if !is_ours || !is_plain {
            return None;
        }
        let (path, query) = text.split_once('?').unwrap_or((text, ""));
        let pairs = query.split('&').filter(|pair| !pair.is_empty()).map(|pair| {
            let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
            Some((decode(name)?, decode(value)?))
        });
        Some(Link { path: path.to_owned(), query: pairs.collect::<Option<_>>()? })
    }

    /// With one more part of the query.
    pub fn with(mut self, name: &str, value: impl fmt::Display) -> Link {
        self.query.push((name.to_owned(), value.to_string()));
        self
    }

    /// With one more part, when there is a value.
    pub fn with_some<T: fmt::Display>(self, name: &str, value: Option<T>) -> Link {
        match value {
            Some(value) => self.with(name, value),
            None => self,
        }
    }

    /// Name and value of each part of the query, for the hidden fields of a form.
    pub fn pairs(&self) -> &[(String, String)] {
        &self.query
    }

    /// The path without the query.
    pub fn path(&self) -> &str {
        &self.path
    }
}

impl fmt::Display for Link {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(&self.path)?;
        for (at, (name, value)) in self.query.iter().enumerate() {
            write!(out, "{}{}={}", if at == 0 { '?' } else { '&' }, encode(name), encode(value))?;
        }
        Ok(())
    }
}

impl maud::Render for Link {
    fn render(&self) -> maud::Markup {
        self.to_string().render()
    }
}

/// Percent-encodes everything but letters, digits and `-._~`.
pub fn encode(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for byte in text.bytes() {
        match byte {
            b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'-' | b'.' | b'_' | b'~' => out.push(char::from(byte)),
            other => out.push_str(&format!("%{other:02X}")),
        }
    }
    out
}

/// Reads what [`encode`] or a browser's form wrote; `None` when it is no text.
fn decode(text: &str) -> Option<String> {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.bytes();
    while let Some(byte) = rest.next() {
        bytes.push(match byte {
            b'+' => b' ',
            b'%' => {
                let digits = [rest.next()?, rest.next()?];
                u8::from_str_radix(std::str::from_utf8(&digits).ok()?, 16).ok()?
            }
            other => other,
        });
    }
    String::from_utf8(bytes).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_is_read_back_and_what_leads_elsewhere_is_not() {
        let link = Link::below("/metric", "a/b").with("where", "x = 'O''Neil & co'").with("page", 2);
        assert_eq!(Link::of_path(&link.to_string()), Some(link));
        assert_eq!(Link::of_path("/kpis?on=a+b").unwrap().pairs(), [("on".to_owned(), "a b".to_owned())]);
        for elsewhere in [
            "",
            "kpis",
            "//example.org",
            "https://example.org",
            "/\\\\example.org",
            "/a\nb",
            "/?a=%zz",
            "/?a=%ff",
        ] {
            assert_eq!(Link::of_path(elsewhere), None, "{elsewhere:?}");
        }
    }

    #[test]
    fn a_link_encodes_whatever_data_brings() {
        let link =
            Link::below("/metric", "a/b").with("where", "x = 'O''Neil & co'").with_some("by", None::<&str>);
        assert_eq!(link.to_string(), "/metric/a%2Fb?where=x%20%3D%20%27O%27%27Neil%20%26%20co%27");
    }
}

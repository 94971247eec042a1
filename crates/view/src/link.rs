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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_link_encodes_whatever_data_brings() {
        let link =
            Link::below("/metric", "a/b").with("where", "x = 'O''Neil & co'").with_some("by", None::<&str>);
        assert_eq!(link.to_string(), "/metric/a%2Fb?where=x%20%3D%20%27O%27%27Neil%20%26%20co%27");
    }
}

//! Places in `expected.json`, where one `*` stands for any key or index.

use std::fmt;

/// A place, as segments.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Pattern(Vec<String>);

impl Pattern {
    /// Reads `/by_type/*`; the empty text is the whole document.
    pub fn read(text: &str) -> Result<Pattern, String> {
        let segments: Vec<String> = match text.strip_prefix('/') {
            _ if text.is_empty() => Vec::new(),
            Some(rest) => rest.split('/').map(|s| s.replace("~1", "/").replace("~0", "~")).collect(),
            None => return Err(format!("`{text}` is no place; it begins with `/`, or is empty.")),
        };
        match segments.iter().filter(|segment| *segment == "*").count() {
            0 | 1 => Ok(Pattern(segments)),
            _ => Err(format!("`{text}` has more than one `*`.")),
        }
    }

    /// What is left of a path behind this place, and what its `*` stands for.
    pub fn matches<'p>(&self, path: &'p [String]) -> Option<(&'p [String], Option<&'p str>)> {
        let (head, rest) = path.split_at_checked(self.0.len())?;
        let mut star = None;
        for (wanted, found) in self.0.iter().zip(head) {
            if wanted == "*" {
                star = Some(found.as_str());
            } else if wanted != found {
                return None;
            }
        }
        Some((rest, star))
    }

    /// Whether it has a `*`.
    pub fn has_star(&self) -> bool {
        self.0.iter().any(|segment| segment == "*")
    }

    /// The last segment.
    pub fn last(&self) -> &str {
        self.0.last().map_or("", String::as_str)
    }
}

impl fmt::Display for Pattern {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "/{}", self.0.join("/"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn path(text: &str) -> Vec<String> {
        text.split(' ').map(str::to_owned).collect()
    }

    #[test]
    fn a_star_stands_for_one_segment() {
        let pattern = Pattern::read("/by_type/*").unwrap();
        let here = path("by_type PS n");
        assert_eq!(pattern.matches(&here), Some((&here[2..], Some("PS"))));
        assert_eq!(pattern.matches(&path("by_type")), None);
        assert_eq!(pattern.matches(&path("by_dow PS n")), None);
        assert!(Pattern::read("/*/*").is_err() && Pattern::read("by").is_err());
    }

    #[test]
    fn the_empty_place_is_the_whole_document() {
        let here = path("rows");
        assert_eq!(Pattern::read("").unwrap().matches(&here), Some((&here[..], None)));
    }
}

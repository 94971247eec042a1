//! Lines of a proposal, and the remarks that go with them.

use std::fmt;

use serde::Serialize;

/// What somebody must check before using a proposal.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Remark {
    /// Line of the proposal's TOML, from 1.
    pub line: usize,
    /// Key on that line.
    pub key: String,
    /// What is doubtful about it.
    pub text: String,
}

impl fmt::Display for Remark {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "`{}`: {}", self.key, self.text)
    }
}

/// A line of TOML.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Line {
    text: String,
    /// The key, and what is doubtful about it.
    doubt: Option<(String, String)>,
}

impl Line {
    /// A line of which `key` is to be checked.
    pub fn doubtful(text: String, key: &str, doubt: impl Into<String>) -> Line {
        Line { text, doubt: Some((key.to_owned(), doubt.into())) }
    }

    /// A line with the doubt as its comment.
    pub fn to_check(text: &str, key: &str, doubt: &str) -> Line {
        Line::doubtful(format!("{text}  {}", comment(&format!("check: {doubt}"))), key, doubt)
    }

    /// A line with a comment that says why.
    pub fn because(text: &str, why: &str) -> Line {
        Line::from(format!("{text}  {}", comment(why)))
    }
}

impl From<String> for Line {
    fn from(text: String) -> Line {
        Line { text, doubt: None }
    }
}

impl From<&str> for Line {
    fn from(text: &str) -> Line {
        Line::from(text.to_owned())
    }
}

/// A comment cannot end before its line does.
pub fn comment(text: &str) -> String {
    format!("# {}", text.replace(char::is_control, " "))
}

/// A long comment on several lines.
pub fn comments(text: &str) -> Vec<Line> {
    const WIDTH: usize = 110;
    let mut lines: Vec<String> = Vec::new();
    for word in text.split(' ') {
        match lines.last_mut() {
            Some(line) if line.chars().count() + 1 + word.chars().count() <= WIDTH => {
                line.push(' ');
                line.push_str(word);
            }
            _ => lines.push(word.to_owned()),
        }
    }
    lines.iter().map(|line| Line::from(comment(line))).collect()
}

/// The text of lines, and their remarks with the lines on which they stand.
pub fn written(lines: Vec<Line>) -> (String, Vec<Remark>) {
    let (mut toml, mut remarks) = (String::new(), Vec::new());
    let mut number = 1;
    for Line { text, doubt } in lines {
        if let Some((key, text)) = doubt {
            remarks.push(Remark { line: number, key, text });
        }
        // A text with a line end in it takes several.
        number += 1 + text.matches('\n').count();
        toml.push_str(&text);
        toml.push('\n');
    }
    (toml, remarks)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_remark_names_the_line_that_it_stands_on() {
        let lines = vec![
            Line::from("a = \"\"\"\nb\"\"\""),
            Line::because("c = 1", "by its\nname"),
            Line::to_check("d = 2", "d", "perhaps"),
        ];
        let (toml, remarks) = written(lines);
        assert_eq!(toml.lines().nth(3), Some("d = 2  # check: perhaps"));
        assert_eq!(toml.lines().nth(2), Some("c = 1  # by its name"));
        assert_eq!(remarks, [Remark { line: 4, key: "d".into(), text: "perhaps".into() }]);
        assert_eq!(remarks[0].to_string(), "`d`: perhaps");
    }

    #[test]
    fn a_long_comment_is_broken_between_words() {
        let lines = comments(&"word ".repeat(60));
        assert!(lines.len() == 3 && lines.iter().all(|line| line.text.chars().count() <= 112), "{lines:?}");
    }
}

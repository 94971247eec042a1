//! What goes to the terminal: results to standard output, everything else to standard error.

use std::io::{self, IsTerminal, Write};

use crate::failure::Failure;

/// How a command answers.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, clap::ValueEnum)]
pub enum TextOrJson {
    /// For people.
    #[default]
    Text,
    /// For programs.
    Json,
}

/// Writes a result and a line end to standard output.
pub fn line(text: &str) -> Result<(), Failure> {
    bytes(text.as_bytes())?;
    bytes(b"\n")
}

/// Writes a result to standard output as it is.
pub fn bytes(bytes: &[u8]) -> Result<(), Failure> {
    let mut out = io::stdout().lock();
    out.write_all(bytes).and_then(|()| out.flush()).map_err(|error| match error.kind() {
        io::ErrorKind::BrokenPipe => Failure::NobodyReads,
        _ => Failure::problem(format!("Standard output cannot be written: {error}.")),
    })
}

/// Writes a serialisable value as indented JSON to standard output.
pub fn json(value: &impl serde::Serialize) -> Result<(), Failure> {
    let text = serde_json::to_string_pretty(value)
        .map_err(|error| Failure::problem(format!("The answer cannot be written as JSON: {error}.")))?;
    line(&text)
}

/// Tells the user something beside the result. Standard error may be closed; then nobody wants to know.
pub fn note(text: &str) {
    let _ = writeln!(io::stderr().lock(), "{text}");
}

/// Tells the user what went wrong.
pub fn error(sentence: &str) {
    let style = Style::of_stderr();
    note(&format!("{} {sentence}", style.bad("error:")));
}

/// Colours, where they are wanted: on a terminal, unless `NO_COLOR` is set or the terminal is `dumb`.
#[derive(Debug, Clone, Copy)]
pub struct Style {
    coloured: bool,
}

impl Style {
    /// For results.
    pub fn of_stdout() -> Style {
        Style { coloured: io::stdout().is_terminal() && colours_are_welcome() }
    }

    /// For notes and errors.
    pub fn of_stderr() -> Style {
        Style { coloured: io::stderr().is_terminal() && colours_are_welcome() }
    }

    fn wrapped(self, code: &str, text: &str) -> String {
        if self.coloured { format!("\x1b[{code}m{text}\x1b[0m") } else { text.to_owned() }
    }

    /// A heading.
    pub fn strong(self, text: &str) -> String {
        self.wrapped("1", text)
    }

    /// Something of lesser weight.
    pub fn faint(self, text: &str) -> String {
        self.wrapped("2", text)
    }

    /// Something that is wrong. The words say so too; colour never stands alone.
    pub fn bad(self, text: &str) -> String {
        self.wrapped("1;31", text)
    }
}

fn colours_are_welcome() -> bool {
    let no_color = std::env::var_os("NO_COLOR").is_some_and(|value| !value.is_empty());
    let dumb = std::env::var_os("TERM").is_some_and(|term| term == "dumb");
    !no_color && !dumb
}

/// Columns of the terminal that results go to; wide when they go elsewhere, so that nothing is cut.
pub fn width() -> usize {
    if !io::stdout().is_terminal() {
        return usize::from(u16::MAX);
    }
    terminal_size::terminal_size().map_or(80, |(columns, _)| usize::from(columns.0)).max(40)
}

/// A whole number with a comma between thousands.
pub fn thousands(number: u64) -> String {
    let digits = number.to_string();
    let mut text = String::with_capacity(digits.len() + digits.len() / 3);
    for (at, digit) in digits.chars().enumerate() {
        if at > 0 && (digits.len() - at).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

/// `1 file`, `2 files`.
pub fn counted(number: u64, one: &str, many: &str) -> String {
    format!("{} {}", thousands(number), if number == 1 { one } else { many })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn thousands_are_set_apart() {
        for (number, text) in [(0, "0"), (999, "999"), (1000, "1,000"), (1_234_567, "1,234,567")] {
            assert_eq!(thousands(number), text);
        }
        assert_eq!(counted(1, "row", "rows"), "1 row");
        assert_eq!(counted(2, "row", "rows"), "2 rows");
    }
}

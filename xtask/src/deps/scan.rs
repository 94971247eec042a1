//! Words in a source file that its crate may not use.

/// A forbidden word and where it stands.
#[derive(Debug, PartialEq, Eq)]
pub struct Found {
    /// Line, from 1.
    pub line: usize,
    pub word: &'static str,
}

/// Finds `words` in code. Comments do not count, nor does what is only there for tests: a block of tests stands
/// last in a file, a file of tests is declared by a line of its own.
pub fn words(text: &str, words: &'static [&'static str]) -> Vec<Found> {
    let mut found = Vec::new();
    let mut for_tests = false;
    for (at, line) in text.lines().enumerate() {
        let code = line.trim();
        if code.is_empty() || code.starts_with("//") {
            continue;
        }
        if for_tests {
            match code.ends_with(';') {
                true => for_tests = false,
                false => break,
            }
            continue;
        }
        if code == CFG_TEST {
            for_tests = true;
            continue;
        }
        let spaceless: String = code.chars().filter(|c| !c.is_whitespace()).collect();
        let here = words.iter().filter(|word| spaceless.contains(**word) || is_imported(&spaceless, word));
        found.extend(here.map(|word| Found { line: at + 1, word }));
    }
    found
}

const CFG_TEST: &str = "#[cfg(test)]";

/// Names of the modules that a file declares for tests only.
pub fn test_modules(text: &str) -> Vec<&str> {
    let lines: Vec<&str> = text.lines().map(str::trim).collect();
    lines
        .windows(2)
        .filter_map(|pair| match pair {
            [CFG_TEST, declaration] => {
                let name =
                    declaration.strip_prefix("pub(crate) ").unwrap_or(declaration).strip_prefix("mod ")?;
                name.strip_suffix(';')
            }
            _ => None,
        })
        .collect()
}

/// `use std::{env, fs};` imports `std::fs` without writing it.
fn is_imported(line: &str, word: &str) -> bool {
    let Some((parent, name)) = word.rsplit_once("::") else { return false };
    let Some((_, list)) = line.split_once(&format!("use{parent}::{{")) else { return false };
    list.split([',', '{', '}', ';']).any(|item| item == name || item.starts_with(&format!("{name}::")))
}

#[cfg(test)]
mod tests {
    use super::*;

    const WORDS: &[&str] = &["std::fs", "Instant::now"];

    fn lines(text: &str) -> Vec<usize> {
        words(text, WORDS).into_iter().map(|found| found.line).collect()
    }

    #[test]
    fn forbidden_words_are_found_however_they_are_written() {
        assert_eq!(lines("use std::fs;\nlet a = std :: time::Instant::now();"), [1, 2]);
        assert_eq!(lines("use std::{env, fs::File};"), [1]);
        assert_eq!(lines("use std::{collections::BTreeMap, fs};"), [1]);
    }

    #[test]
    fn files_of_tests_are_known_by_their_declaration() {
        let text = "mod a;\n#[cfg(test)]\nmod sample;\n#[cfg(test)]\npub(crate) mod other;\n#[cfg(test)]\nmod tests {\n}\n";
        assert_eq!(test_modules(text), ["sample", "other"]);
    }

    #[test]
    fn comments_tests_and_other_words_do_not_count() {
        let none: [usize; 0] = [];
        assert_eq!(lines("/// Unlike std::fs, this is pure.\nuse std::{fmt, io};"), none);
        assert_eq!(lines("fn a() {}\n#[cfg(test)]\nmod tests {\n    use std::fs;\n}"), none);
        assert_eq!(lines("#[cfg(test)]\nmod sample;\nuse std::fs;"), [3]);
    }
}

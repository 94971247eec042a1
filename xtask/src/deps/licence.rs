//! Licence expressions such as `(MIT OR Apache-2.0) AND BSD-3-Clause`.

/// Whether an expression lets us use a package under licences of the list; otherwise why not.
pub fn allowed(expression: &str, list: &[&str]) -> Result<(), String> {
    // `MIT/Apache-2.0` is how `OR` was once written.
    let spaced = expression.replace('/', " OR ").replace('(', " ( ").replace(')', " ) ");
    let mut words = Words { words: spaced.split_whitespace().collect(), at: 0 };
    let fine = either(&mut words, list)?;
    match words.next() {
        Some(word) => Err(format!("`{word}` is not expected there.")),
        None if fine => Ok(()),
        None => Err("this is not on the list of licences.".to_owned()),
    }
}

struct Words<'a> {
    words: Vec<&'a str>,
    at: usize,
}

impl<'a> Words<'a> {
    fn peek(&self) -> Option<&'a str> {
        self.words.get(self.at).copied()
    }

    fn next(&mut self) -> Option<&'a str> {
        let word = self.peek();
        self.at += 1;
        word
    }

    fn take(&mut self, word: &str) -> bool {
        let found = self.peek() == Some(word);
        if found {
            self.at += 1;
        }
        found
    }
}

fn either(words: &mut Words<'_>, list: &[&str]) -> Result<bool, String> {
    let mut fine = both(words, list)?;
    while words.take("OR") {
        fine |= both(words, list)?;
    }
    Ok(fine)
}

fn both(words: &mut Words<'_>, list: &[&str]) -> Result<bool, String> {
    let mut fine = one(words, list)?;
    while words.take("AND") {
        fine &= one(words, list)?;
    }
    Ok(fine)
}

fn one(words: &mut Words<'_>, list: &[&str]) -> Result<bool, String> {
    match words.next() {
        Some("(") => {
            let fine = either(words, list)?;
            if words.take(")") { Ok(fine) } else { Err("a parenthesis is not closed.".to_owned()) }
        }
        Some(name) if !matches!(name, "OR" | "AND" | "WITH" | ")") => {
            if words.take("WITH") {
                let exception = words.next().unwrap_or_default();
                return Ok(list.contains(&format!("{name} WITH {exception}").as_str()));
            }
            Ok(list.contains(&name))
        }
        _ => Err("this is no licence expression.".to_owned()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const LIST: &[&str] = &["MIT", "Apache-2.0", "Apache-2.0 WITH LLVM-exception"];

    #[test]
    fn one_allowed_choice_is_enough_and_every_demand_counts() {
        for fine in [
            "MIT",
            "GPL-3.0 OR MIT",
            "MIT/GPL-2.0",
            "Apache-2.0 WITH LLVM-exception",
            "(GPL-3.0 OR MIT) AND Apache-2.0",
            "GPL-3.0 AND GPL-2.0 OR MIT",
        ] {
            assert_eq!(allowed(fine, LIST), Ok(()), "{fine}");
        }
        for bad in
            ["GPL-3.0", "MIT AND GPL-3.0", "GPL-3.0 WITH LLVM-exception", "", "MIT OR", "(MIT", "MIT MIT"]
        {
            assert!(allowed(bad, LIST).is_err(), "{bad}");
        }
    }
}

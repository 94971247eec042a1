//! Reads wanted values out of one JSON object, by path.
//!
//! Own code, because `serde_json` turns numbers into floats, and money must keep the digits of its literal.
//! A property test holds it to `serde_json` in what it accepts.

use std::borrow::Cow;

use super::record::Record;

/// Objects and arrays within each other; deeper ones are refused.
const MAX_DEPTH: usize = 64;

/// Paths to read, such as `id` or `participants.0.name`.
#[derive(Debug, Default)]
pub struct Paths {
    root: Branch,
    count: usize,
}

#[derive(Debug, Default)]
struct Branch {
    leaf: Option<usize>,
    children: Vec<(String, Branch)>,
}

impl Branch {
    fn child(&self, name: &str) -> Option<&Branch> {
        self.children.iter().find(|(key, _)| key == name).map(|(_, branch)| branch)
    }

    /// The branch under a key, which may itself contain dots.
    fn under(&self, key: &str) -> Option<&Branch> {
        self.child(key).or_else(|| {
            let (first, rest) = key.split_once('.')?;
            self.child(first)?.under(rest)
        })
    }
}

impl Paths {
    /// The paths in the order in which a record's fields will stand.
    pub fn new<'a>(paths: impl IntoIterator<Item = &'a str>) -> Paths {
        let mut tree = Paths::default();
        for path in paths {
            let mut branch = &mut tree.root;
            for name in path.split('.') {
                let at = branch.children.iter().position(|(key, _)| key == name).unwrap_or_else(|| {
                    branch.children.push((name.to_owned(), Branch::default()));
                    branch.children.len() - 1
                });
                let Some((_, child)) = branch.children.get_mut(at) else { break };
                branch = child;
            }
            branch.leaf.get_or_insert(tree.count);
            tree.count += 1;
        }
        tree
    }
}

/// Reads the values of `paths` from one object into the record's fields; absent ones and nulls are empty.
/// The error says what is wrong at which byte.
pub fn scan(text: &str, paths: &Paths, record: &mut Record) -> Result<(), String> {
    record.data.clear();
    record.spans.clear();
    record.spans.resize(paths.count, (0, 0));
    let mut scanner = Scanner { text, at: 0, seen: Some(record), found: None };
    scanner.document(Some(&paths.root))
}

/// Paths of all values of an object that are neither objects nor null, with each value as text.
pub fn leaf_paths(text: &str) -> Result<Vec<(String, String)>, String> {
    let mut scanner = Scanner { text, at: 0, seen: None, found: Some((String::new(), Vec::new())) };
    scanner.document(None)?;
    Ok(scanner.found.map(|(_, found)| found).unwrap_or_default())
}

struct Scanner<'t, 'r> {
    text: &'t str,
    at: usize,
    seen: Option<&'r mut Record>,
    /// While listing: the path so far and what was found.
    found: Option<(String, Vec<(String, String)>)>,
}

impl<'t> Scanner<'t, '_> {
    fn document(&mut self, branch: Option<&Branch>) -> Result<(), String> {
        self.space();
        if self.peek() != Some(b'{') {
            return self.wrong("a record must be an object in braces");
        }
        self.value(branch, 0)?;
        self.space();
        if self.at < self.text.len() { self.wrong("text follows the object") } else { Ok(()) }
    }

    fn peek(&self) -> Option<u8> {
        self.text.as_bytes().get(self.at).copied()
    }

    fn space(&mut self) {
        while matches!(self.peek(), Some(b' ' | b'\t' | b'\n' | b'\r')) {
            self.at += 1;
        }
    }

    fn wrong<T>(&self, what: &str) -> Result<T, String> {
        Err(format!("{what} (byte {})", self.at + 1))
    }

    fn expect(&mut self, byte: u8, what: &str) -> Result<(), String> {
        if self.peek() == Some(byte) {
            self.at += 1;
            Ok(())
        } else {
            self.wrong(what)
        }
    }

    fn value(&mut self, branch: Option<&Branch>, depth: usize) -> Result<(), String> {
        if depth > MAX_DEPTH {
            return self.wrong("objects are nested too deeply");
        }
        let from = self.at;
        let leaf = branch.and_then(|b| b.leaf);
        match self.peek() {
            Some(b'{') => {
                self.object(branch, depth)?;
                self.keep_raw(leaf, from)
            }
            Some(b'[') => {
                self.array(branch, depth)?;
                self.list_raw(from);
                self.keep_raw(leaf, from)
            }
            Some(b'"') if leaf.is_some() || self.found.is_some() => {
                let text = self.string()?;
                self.list(&text);
                self.keep(leaf, &text)
            }
            Some(b'"') => self.skip_string(),
            Some(b't') => self.word("true", leaf),
            Some(b'f') => self.word("false", leaf),
            Some(b'n') => self.word("null", None),
            Some(b'-' | b'0'..=b'9') => {
                self.number()?;
                self.list_raw(from);
                self.keep_raw(leaf, from)
            }
            _ => self.wrong("a value is missing"),
        }
    }

    fn object(&mut self, branch: Option<&Branch>, depth: usize) -> Result<(), String> {
        self.at += 1;
        self.space();
        if self.peek() == Some(b'}') {
            self.at += 1;
            return Ok(());
        }
        loop {
            if self.peek() != Some(b'"') {
                return self.wrong("a key in quotation marks is missing");
            }
            // Only where something below is wanted is the key needed as text.
            let below = if branch.is_some_and(|b| !b.children.is_empty()) || self.found.is_some() {
                let key = self.string()?;
                self.enter(&key);
                branch.and_then(|b| b.under(&key))
            } else {
                self.skip_string()?;
                None
            };
            self.space();
            self.expect(b':', "a colon is missing")?;
            self.space();
            self.value(below, depth + 1)?;
            self.leave();
            self.space();
            match self.peek() {
                Some(b',') => {
                    self.at += 1;
                    self.space();
                }
                Some(b'}') => {
                    self.at += 1;
                    return Ok(());
                }
                _ => return self.wrong("a comma or closing brace is missing"),
            }
        }
    }

    fn array(&mut self, branch: Option<&Branch>, depth: usize) -> Result<(), String> {
        // Arrays are listed whole, not item by item.
        let found = self.found.take();
        let outcome = self.items(branch, depth);
        self.found = found;
        outcome
    }

    fn items(&mut self, branch: Option<&Branch>, depth: usize) -> Result<(), String> {
        self.at += 1;
        self.space();
        if self.peek() == Some(b']') {
            self.at += 1;
            return Ok(());
        }
        for index in 0_usize.. {
            let below = match branch {
                Some(b) if !b.children.is_empty() => b.child(&index.to_string()),
                _ => None,
            };
            self.value(below, depth + 1)?;
            self.space();
            match self.peek() {
                Some(b',') => {
                    self.at += 1;
                    self.space();
                }
                Some(b']') => {
                    self.at += 1;
                    return Ok(());
                }
                _ => break,
            }
        }
        self.wrong("a comma or closing bracket is missing")
    }

    fn word(&mut self, word: &str, leaf: Option<usize>) -> Result<(), String> {
        let from = self.at;
        if !self.text.get(self.at..).unwrap_or_default().starts_with(word) {
            return self.wrong("a value is misspelt");
        }
        self.at += word.len();
        if word != "null" {
            self.list_raw(from);
        }
        self.keep_raw(leaf, from)
    }

    /// The grammar of RFC 8259: no leading zeros, digits on both sides of the point.
    fn number(&mut self) -> Result<(), String> {
        if self.peek() == Some(b'-') {
            self.at += 1;
        }
        if self.peek() == Some(b'0') {
            self.at += 1;
        } else {
            self.digits()?;
        }
        if self.peek() == Some(b'.') {
            self.at += 1;
            self.digits()?;
        }
        if matches!(self.peek(), Some(b'e' | b'E')) {
            self.at += 1;
            if matches!(self.peek(), Some(b'+' | b'-')) {
                self.at += 1;
            }
            self.digits()?;
        }
        Ok(())
    }

    fn digits(&mut self) -> Result<(), String> {
        let from = self.at;
        while matches!(self.peek(), Some(b'0'..=b'9')) {
            self.at += 1;
        }
        if self.at == from { self.wrong("a digit is missing in a number") } else { Ok(()) }
    }

    fn skip_string(&mut self) -> Result<(), String> {
        self.string_with(|_| {})
    }

    fn string(&mut self) -> Result<Cow<'t, str>, String> {
        let from = self.at;
        self.skip_string()?;
        let text = self.text;
        let raw = text.get(from + 1..self.at - 1).unwrap_or_default();
        if !raw.contains('\\') {
            return Ok(Cow::Borrowed(raw));
        }
        self.at = from;
        let mut resolved = String::with_capacity(raw.len());
        self.string_with(|part| resolved.push_str(part))?;
        Ok(Cow::Owned(resolved))
    }

    /// Reads a string and hands over its parts, escapes resolved.
    fn string_with(&mut self, mut take: impl FnMut(&str)) -> Result<(), String> {
        self.at += 1;
        loop {
            let from = self.at;
            while matches!(self.peek(), Some(byte) if byte != b'"' && byte != b'\\' && byte >= 0x20) {
                self.at += 1;
            }
            take(self.text.get(from..self.at).unwrap_or_default());
            match self.peek() {
                Some(b'"') => {
                    self.at += 1;
                    return Ok(());
                }
                Some(b'\\') => {
                    let mut buffer = [0; 4];
                    let resolved = self.escape()?;
                    take(resolved.encode_utf8(&mut buffer));
                }
                Some(_) => return self.wrong("a control character stands in a text"),
                None => return self.wrong("a quotation mark is not closed"),
            }
        }
    }

    fn escape(&mut self) -> Result<char, String> {
        self.at += 1;
        let letter = self.peek();
        self.at += 1;
        Ok(match letter {
            Some(b'"') => '"',
            Some(b'\\') => '\\',
            Some(b'/') => '/',
            Some(b'b') => '\u{8}',
            Some(b'f') => '\u{c}',
            Some(b'n') => '\n',
            Some(b'r') => '\r',
            Some(b't') => '\t',
            Some(b'u') => return self.unicode(),
            _ => return self.wrong("an escape is unknown"),
        })
    }

    fn unicode(&mut self) -> Result<char, String> {
        let high = self.hex()?;
        let code = if (0xd800..0xdc00).contains(&high) {
            self.expect(b'\\', "half a character is missing")?;
            self.expect(b'u', "half a character is missing")?;
            let low = self.hex()?;
            if !(0xdc00..0xe000).contains(&low) {
                return self.wrong("half a character is missing");
            }
            0x10000 + ((high - 0xd800) << 10) + (low - 0xdc00)
        } else {
            high
        };
        char::from_u32(code).map_or_else(|| self.wrong("half a character is missing"), Ok)
    }

    fn hex(&mut self) -> Result<u32, String> {
        let digits = self.text.as_bytes().get(self.at..self.at + 4).unwrap_or_default();
        let mut code = 0;
        for digit in digits {
            let Some(value) = char::from(*digit).to_digit(16) else {
                return self.wrong("an escape needs four hexadecimal digits");
            };
            code = code * 16 + value;
        }
        if digits.len() < 4 {
            return self.wrong("an escape needs four hexadecimal digits");
        }
        self.at += 4;
        Ok(code)
    }

    fn keep_raw(&mut self, leaf: Option<usize>, from: usize) -> Result<(), String> {
        let text = self.text;
        self.keep(leaf, text.get(from..self.at).unwrap_or_default())
    }

    fn keep(&mut self, leaf: Option<usize>, text: &str) -> Result<(), String> {
        let (Some(leaf), Some(record)) = (leaf, self.seen.as_deref_mut()) else { return Ok(()) };
        let from = record.data.len();
        let Some(span) = record.spans.get_mut(leaf) else { return Ok(()) };
        if span.1 > 0 {
            return self.wrong("a wanted key occurs twice");
        }
        record.data.extend_from_slice(text.as_bytes());
        // A byte behind each value tells an empty value, seen, from one that was not.
        record.data.push(b' ');
        *span = (from, record.data.len());
        Ok(())
    }

    fn enter(&mut self, key: &str) {
        if let Some((path, _)) = &mut self.found {
            if !path.is_empty() {
                path.push('.');
            }
            path.push_str(key);
            // Marks the length to go back to: keys may contain dots themselves.
            path.push('\u{0}');
        }
    }

    fn leave(&mut self) {
        if let Some((path, _)) = &mut self.found {
            path.pop();
            let keep = path.rfind('\u{0}').map_or(0, |at| at + 1);
            path.truncate(keep);
        }
    }

    fn list_raw(&mut self, from: usize) {
        let text = self.text.get(from..self.at).unwrap_or_default().to_owned();
        self.list(&text);
    }

    fn list(&mut self, value: &str) {
        if let Some((path, found)) = &mut self.found {
            found.push((path.replace('\u{0}', ""), value.to_owned()));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn read(text: &str, paths: &[&str]) -> Result<Vec<String>, String> {
        let mut record = Record::default();
        scan(text, &Paths::new(paths.iter().copied()), &mut record)?;
        let row = record.row().unwrap();
        Ok((0..row.count()).map(|at| row.field(at).to_owned()).collect())
    }

    #[test]
    fn values_are_found_by_path_through_objects_arrays_and_dotted_keys() {
        let text = r#"{"id":"c1","agent":{"name":"Ana \u00e9\ud834\udd1e\n","x.y":7},"legs":[{"s":1},{"s":2.50}],"ok":true,"no":null}"#;
        let paths = ["id", "agent.name", "agent.x.y", "legs.1.s", "ok", "no", "absent", "legs.0"];
        assert_eq!(read(text, &paths).unwrap(), ["c1", "Ana é𝄞", "7", "2.50", "true", "", "", "{\"s\":1}"]);
    }

    #[test]
    fn numbers_keep_the_digits_of_their_literal() {
        let digits = "12345678901234567890.1234567890";
        assert_eq!(read(&format!("{{\"a\":{digits}}}"), &["a"]).unwrap(), [digits]);
    }

    #[test]
    fn a_wanted_key_that_occurs_twice_is_an_error() {
        assert!(read(r#"{"a":"","a":2}"#, &["a"]).unwrap_err().contains("twice"));
        assert!(read(r#"{"a":{"b":1},"a.b":2}"#, &["a.b"]).unwrap_err().contains("twice"));
    }

    #[test]
    fn errors_say_what_and_where() {
        for (text, what) in [
            ("[1]", "must be an object"),
            ("{\"a\":1} x", "text follows"),
            ("{\"a\" 1}", "colon"),
            ("{\"a\":tru}", "misspelt"),
            ("{\"a\":\"x", "not closed"),
            ("{\"a\":01}", "comma or closing brace"),
        ] {
            let error = read(text, &["a"]).unwrap_err();
            assert!(error.contains(what) && error.contains("byte"), "{text}: {error}");
        }
    }

    #[test]
    fn nesting_is_bounded() {
        let text = format!("{{\"a\":{}{}}}", "[".repeat(100_000), "]".repeat(100_000));
        assert!(read(&text, &["a"]).unwrap_err().contains("too deeply"));
    }

    #[test]
    fn leaf_paths_lists_what_a_record_holds() {
        let text = r#"{"id":1,"a":{"b":"x","c.d":true,"n":null},"l":[1,{"q":2}]}"#;
        let wanted = [("id", "1"), ("a.b", "x"), ("a.c.d", "true"), ("l", "[1,{\"q\":2}]")];
        let wanted: Vec<_> = wanted.iter().map(|(p, v)| ((*p).to_owned(), (*v).to_owned())).collect();
        assert_eq!(leaf_paths(text), Ok(wanted));
    }

    proptest! {
        #[test]
        fn it_accepts_what_serde_json_accepts(text in "\\{\"a\":[\\[\\]{}:,\"\\\\eE+.0-9truefalsn -]{0,16}\\}") {
            let theirs = serde_json::from_str::<serde_json::Value>(&text);
            // Numbers beyond a float's range are numbers all the same.
            let theirs = theirs.is_ok() || theirs.is_err_and(|e| e.to_string().contains("out of range"));
            prop_assert_eq!(read(&text, &[]).is_ok(), theirs);
        }

        #[test]
        fn any_text_survives_the_way_through_json(value in any::<String>()) {
            let text = serde_json::json!({"x": {"y": value}}).to_string();
            let mut record = Record::default();
            scan(&text, &Paths::new(["x.y"]), &mut record).unwrap();
            let row = record.row().unwrap();
            prop_assert_eq!(row.field(0), value.trim_ascii());
        }
    }
}

//! The key under which numbers are hidden, and what is written in their place.

use std::fs::{File, OpenOptions};
use std::io::{ErrorKind, Read, Write};
use std::path::{Path, PathBuf};

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;

use super::number::Heard;

/// First line of the file, for whoever finds it.
const HEAD: &str = "# Dialmark hides telephone numbers under this key. Keep a copy in a safe place: without it the numbers of new records are not known again.";
/// Bytes of a hash that are kept: 128 bits, so that two numbers never meet.
const KEPT: usize = 16;
/// Last digits that are shown of a number, and from how many digits on.
const TAIL: usize = 4;
const LONG: usize = 8;

/// A secret of 32 bytes.
#[derive(Clone, PartialEq, Eq)]
pub struct PeopleKey([u8; 32]);

impl std::fmt::Debug for PeopleKey {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        out.write_str("PeopleKey(..)")
    }
}

/// Why there is no key.
#[derive(Debug, thiserror::Error)]
pub enum KeyError {
    /// The file cannot be read or made.
    #[error("The key file {} cannot be used: {cause}. It hides telephone numbers; mend that and try again.", path.display())]
    File {
        /// The file.
        path: PathBuf,
        /// What the system says.
        cause: std::io::Error,
    },
    /// The file is none.
    #[error("{} is no key file: it should hold a line of 64 hexadecimal digits. Put it back from your copy.", path.display())]
    Content {
        /// The file.
        path: PathBuf,
    },
    /// No randomness.
    #[error("The system gives no random numbers to make a key of: {0}.")]
    Random(String),
    /// The numbers of the store are hidden under a key that is gone.
    #[error(
        "The key file {} is missing, and the telephone numbers of this store are hidden under it. Put it back from your copy: under another key the numbers of new records would not be those of old ones.",
        path.display()
    )]
    Lost {
        /// Where it should be.
        path: PathBuf,
    },
    /// The numbers of the store are hidden under another key.
    #[error(
        "The key in {} is not the one under which the telephone numbers of this store are hidden. Put the right one in its place: under another key the numbers of new records would not be those of old ones.",
        path.display()
    )]
    Other {
        /// The file.
        path: PathBuf,
    },
}

impl PeopleKey {
    /// The key in a file; `None` when there is no file.
    pub fn read(path: &Path) -> Result<Option<PeopleKey>, KeyError> {
        let failed = |cause| KeyError::File { path: path.to_owned(), cause };
        let mut text = String::new();
        match File::open(path) {
            Err(error) if error.kind() == ErrorKind::NotFound => return Ok(None),
            Err(error) => return Err(failed(error)),
            Ok(file) => file.take(4096).read_to_string(&mut text).map_err(failed)?,
        };
        let digits = text.lines().map(str::trim).find(|line| !line.is_empty() && !line.starts_with('#'));
        let key = digits.and_then(|digits| blake3::Hash::from_hex(digits).ok());
        key.map(|key| Some(PeopleKey(*key.as_bytes()))).ok_or(KeyError::Content { path: path.to_owned() })
    }

    /// A key that nobody keeps, for what is read only to be looked at.
    pub fn passing() -> Result<PeopleKey, KeyError> {
        let mut bytes = [0; 32];
        getrandom::fill(&mut bytes).map_err(|error| KeyError::Random(error.to_string()))?;
        Ok(PeopleKey(bytes))
    }

    /// Makes a key and keeps it in a file that only its owner may read. When somebody else was faster, theirs is taken.
    pub fn create(path: &Path) -> Result<PeopleKey, KeyError> {
        let failed = |cause| KeyError::File { path: path.to_owned(), cause };
        let key = PeopleKey::passing()?;
        let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
        // Whole or not at all: half a key would hide numbers under a key that is nowhere.
        let mut file = tempfile::Builder::new().prefix(".key-").tempfile_in(folder).map_err(failed)?;
        writeln!(file, "{HEAD}\n{}", blake3::Hash::from(key.0).to_hex()).map_err(failed)?;
        file.as_file().sync_all().map_err(failed)?;
        match file.persist_noclobber(path) {
            Ok(_) => {}
            Err(error) if error.error.kind() == ErrorKind::AlreadyExists => {
                return PeopleKey::read(path)?.ok_or(KeyError::Lost { path: path.to_owned() });
            }
            Err(error) => return Err(failed(error.error)),
        }
        OpenOptions::new().read(true).open(folder).and_then(|folder| folder.sync_all()).map_err(failed)?;
        Ok(key)
    }

    /// By what the key is known again, without saying anything of it.
    pub fn fingerprint(&self) -> String {
        blake3::derive_key("Dialmark 2026 fingerprint of a people key", &self.0)
            .iter()
            .take(8)
            .map(|byte| format!("{byte:02x}"))
            .collect()
    }

    /// What is written in place of what was heard: `*` and the last digits, then the hash; `None` for what hides itself.
    /// Extensions and service numbers stay as they are.
    pub fn hidden(&self, heard: &Heard) -> Option<String> {
        let (said, digits) = match heard {
            Heard::Number(number) => (number.clone(), number.len().saturating_sub(1)),
            // So that an unread number is never taken for a read one.
            Heard::Other(text) => (format!("?{text}"), text.bytes().filter(u8::is_ascii_digit).count()),
            Heard::Short | Heard::Withheld => return None,
        };
        let hash = self.hash("number", &said);
        let is_dialled = said.bytes().last().is_some_and(|byte| byte.is_ascii_digit());
        let tail = if digits >= LONG && is_dialled { said.len().saturating_sub(TAIL) } else { said.len() };
        let tail = said.get(tail..).unwrap_or_default();
        Some(format!("*{tail}:{}", URL_SAFE_NO_PAD.encode(hash)))
    }

    /// By what a value that stands for a person is known once it was erased.
    pub fn print_of(&self, class: &str, value: &str) -> [u8; KEPT] {
        self.hash(class, value)
    }

    fn hash(&self, class: &str, value: &str) -> [u8; KEPT] {
        let mut hasher = blake3::Hasher::new_keyed(&self.0);
        hasher.update(class.as_bytes());
        hasher.update(&[0]);
        hasher.update(value.as_bytes());
        let mut kept = [0; KEPT];
        hasher.finalize_xof().fill(&mut kept);
        kept
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn number(text: &str) -> Heard {
        Heard::Number(text.to_owned())
    }

    #[test]
    fn a_number_is_hidden_the_same_under_one_key_and_differently_under_another() {
        let (one, other) = (PeopleKey([1; 32]), PeopleKey([2; 32]));
        let hidden = one.hidden(&number("+442079460123")).unwrap();
        assert!(hidden.starts_with("*0123:") && hidden.len() == 6 + 22, "{hidden}");
        assert_eq!(one.hidden(&number("+442079460123")).unwrap(), hidden);
        assert_ne!(other.hidden(&number("+442079460123")).unwrap(), hidden);
        assert_ne!(one.hidden(&number("+442079460124")).unwrap(), hidden);
        assert_ne!(one.hidden(&Heard::Other("442079460123".to_owned())).unwrap(), hidden);
    }

    #[test]
    fn of_short_numbers_and_addresses_no_end_is_shown() {
        let key = PeopleKey([1; 32]);
        assert!(key.hidden(&number("+4930123")).unwrap().starts_with("*:"));
        assert!(
            key.hidden(&Heard::Other("sip:bob12345678@example.com".to_owned())).unwrap().starts_with("*:")
        );
        assert_eq!(key.hidden(&Heard::Short), None);
    }

    #[test]
    fn the_hash_is_blake3_under_the_key_of_class_and_number() {
        // Computed apart from this code, with Python's blake3.
        let hidden = PeopleKey([1; 32]).hidden(&number("+442079460123")).unwrap();
        assert_eq!(hidden, GOLDEN);
    }

    const GOLDEN: &str = "*0123:nVX0LKg_EpWlZTCyBWWdQA";

    #[test]
    fn a_key_is_made_once_and_read_again() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("lake.key");
        assert_eq!(PeopleKey::read(&path).unwrap(), None);
        let made = PeopleKey::create(&path).unwrap();
        assert_eq!(PeopleKey::create(&path).unwrap(), made);
        assert_eq!(PeopleKey::read(&path).unwrap(), Some(made));
        #[cfg(unix)]
        {
            use std::os::unix::fs::PermissionsExt;
            assert_eq!(std::fs::metadata(&path).unwrap().permissions().mode() & 0o077, 0);
        }
        std::fs::write(&path, "half a ke").unwrap();
        assert!(matches!(PeopleKey::read(&path), Err(KeyError::Content { .. })));
    }
}

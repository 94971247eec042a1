//! Passwords, kept as hashes that are slow to search through.

use argon2::password_hash::{PasswordHasher, PasswordVerifier};
use argon2::{Algorithm, Argon2, Params, Version};

use crate::error::StateError;

/// Argon2id with 19 MiB, two passes and one lane: the least that OWASP's cheat sheet on password storage recommends. More
/// memory would let a burst of attempts exhaust a small machine.
const MEMORY_KIB: u32 = 19 * 1024;
const PASSES: u32 = 2;
const LANES: u32 = 1;

/// Fewest characters. Length is what makes a password hard to guess; rules on its characters do not.
pub const SHORTEST: usize = 12;
/// Most bytes: what is longer is no password, and takes long to hash.
const LONGEST: usize = 1_024;

/// Characters of one-time passwords: none that looks like another.
const ALPHABET: &[u8; 32] = b"abcdefghjkmnpqrstuvwxyz23456789-";

/// Says why a password that somebody chose for an account is not taken.
pub(crate) fn refusal(password: &str, account: &str) -> Option<String> {
    let of_account = account.split('@').next().unwrap_or(account).to_lowercase();
    let simple = password.to_lowercase();
    if password.chars().count() < SHORTEST {
        return Some(format!("A password has at least {SHORTEST} characters. A few words make a good one."));
    }
    if password.len() > LONGEST {
        return Some(format!("A password has at most {LONGEST} bytes."));
    }
    let first = simple.chars().next();
    if simple.chars().all(|c| Some(c) == first) || (of_account.len() > 3 && simple.contains(&of_account)) {
        return Some(
            "Choose a password that is neither one character again and again nor holds your name.".to_owned(),
        );
    }
    None
}

/// A password that is made up and shown once.
pub(crate) fn one_time() -> Result<String, StateError> {
    let mut bytes = [0; 16];
    getrandom::fill(&mut bytes).map_err(|error| StateError::NoRandomness(error.to_string()))?;
    // 256 is a multiple of 32, so that no character is likelier than another: 80 bits in all.
    let letter = |byte: &u8| ALPHABET.get(usize::from(byte % 32)).copied().map_or('a', char::from);
    Ok(bytes.iter().map(letter).collect())
}

/// The hash to keep.
pub(crate) async fn hashed(password: &str) -> Result<String, StateError> {
    let password = password.to_owned();
    in_background(move || {
        let mut salt = [0; 16];
        getrandom::fill(&mut salt).map_err(|error| StateError::NoRandomness(error.to_string()))?;
        let hash = argon2()?.hash_password_with_salt(password.as_bytes(), &salt);
        hash.map(|hash| hash.to_string()).map_err(|e| broken(&e.to_string()))
    })
    .await
}

/// Whether a password is the one behind a hash. Without a hash it takes as long and is not.
pub(crate) async fn is_right(password: &str, hash: Option<String>) -> Result<bool, StateError> {
    if password.len() > LONGEST {
        return Ok(false);
    }
    let password = password.to_owned();
    let known = hash.is_some();
    in_background(move || {
        let hash = hash.unwrap_or_else(|| DUMMY.to_owned());
        Ok(argon2()?.verify_password(password.as_bytes(), hash.as_str()).is_ok() && known)
    })
    .await
}

/// Of no account: what is verified when there is none of the name, so that time does not tell which names exist.
const DUMMY: &str =
    "$argon2id$v=19$m=19456,t=2,p=1$MTIzNDU2Nzg5MDEyMzQ1Ng$PpIIFlaMCW7v9ZqFWzLqWVCcIRxGuyKNyYbL6Xf8XU4";

fn argon2() -> Result<Argon2<'static>, StateError> {
    let params = Params::new(MEMORY_KIB, PASSES, LANES, None).map_err(|e| broken(&e.to_string()))?;
    Ok(Argon2::new(Algorithm::Argon2id, Version::V0x13, params))
}

async fn in_background<T: Send + 'static>(
    work: impl FnOnce() -> Result<T, StateError> + Send + 'static,
) -> Result<T, StateError> {
    tokio::task::spawn_blocking(work).await.map_err(|e| broken(&e.to_string()))?
}

fn broken(why: &str) -> StateError {
    StateError::Refused(format!("The password could not be hashed: {why}."))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_password_is_known_by_its_hash_and_equal_ones_have_different_hashes() {
        let (one, two) = (hashed("a long password").await.unwrap(), hashed("a long password").await.unwrap());
        assert_ne!(one, two);
        assert!(one.starts_with("$argon2id$v=19$m=19456,t=2,p=1$"), "{one}");
        assert!(is_right("a long password", Some(one.clone())).await.unwrap());
        assert!(!is_right("a long Password", Some(one)).await.unwrap());
        assert!(!is_right("a long password", None).await.unwrap());
        assert!(!is_right("a long password", Some("no hash".to_owned())).await.unwrap());
        assert!(argon2::password_hash::phc::PasswordHash::new(DUMMY).is_ok(), "else it would take no time");
    }

    #[test]
    fn short_endless_and_plain_passwords_are_refused() {
        assert!(refusal("correct horse battery", "ann@example.org").is_none());
        for bad in ["short", "aaaaaaaaaaaaaaa", "Ann.Example is mine"] {
            assert!(refusal(bad, "ann.example@example.org").is_some(), "{bad}");
        }
        assert!(refusal(&"ab".repeat(600), "x").is_some());
        let (one, two) = (one_time().unwrap(), one_time().unwrap());
        assert!(one != two && refusal(&one, "ann").is_none());
    }
}

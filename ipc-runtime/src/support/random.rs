//! Random numbers.

use std::hash::{BuildHasher, Hasher, RandomState};

#[cfg(feature = "socket-io")]
use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};

/// Returns a number from the random keys of std's hash maps. Not for secrets.
pub(crate) fn random() -> u64 {
    RandomState::new().build_hasher().finish()
}

/// Returns text that nobody can guess: 128 random bits. Fails if the system has no randomness.
#[cfg(feature = "socket-io")]
pub(crate) fn secret() -> Result<Box<str>, getrandom::Error> {
    let mut random = [0; 16];
    getrandom::fill(&mut random)?;
    Ok(URL_SAFE_NO_PAD.encode(random).into())
}

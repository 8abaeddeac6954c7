//! Random numbers that may be guessed.

use std::hash::{BuildHasher, Hasher, RandomState};

/// Returns a number from the random keys of std's hash maps. Not for secrets.
pub(crate) fn random() -> u64 {
    RandomState::new().build_hasher().finish()
}

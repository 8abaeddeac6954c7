//! Random numbers that nobody has to be kept from guessing.

use std::hash::{BuildHasher, Hasher, RandomState};

/// From the random keys of std's hash maps: not for secrets.
pub(crate) fn random() -> u64 {
    RandomState::new().build_hasher().finish()
}

//! Fingerprints: 64 bits that change with everything about an interface that is visible on the
//! wire.
//!
//! They are computed at run time, from the shapes that the macros write. The algorithm behind
//! [`Fingerprint::VERSION`] is frozen, because peers built from different releases of this crate
//! compare its results. Golden tests (`shape/golden.rs`) hold it in place. A change that they
//! notice needs a new version number.

use std::{fmt, str::FromStr};

use serde::{Deserialize, Deserializer, Serialize, Serializer, de};

use crate::support::error_report::debug_as_text;

/// A number that tells two versions of an interface, a method or a type apart:
/// `2:9c3e41d2a07b55f8`.
///
/// The part before the colon is the version of the algorithm. Fingerprints of different algorithms
/// can't be compared, and [`conflicts_with`](Self::conflicts_with) takes that into account.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Fingerprint {
    version: u16,
    value: u64,
}

impl Fingerprint {
    /// The version of the algorithm that this release of the crate uses.
    pub const VERSION: u16 = 2;

    pub(crate) const fn new(value: u64) -> Self {
        Self { version: Self::VERSION, value }
    }

    /// Returns the 64 bits without the version.
    pub const fn value(self) -> u64 {
        self.value
    }

    /// Returns whether both were made with the same algorithm and differ.
    ///
    /// ```
    /// use ipc_runtime::interface::Fingerprint;
    ///
    /// let [a, b, newer]: [Fingerprint; 3] = [
    ///     "2:0000000000000001".parse()?,
    ///     "2:0000000000000002".parse()?,
    ///     "3:0000000000000003".parse()?,
    /// ];
    /// assert!(a.conflicts_with(b));
    /// assert!(!a.conflicts_with(a));
    /// assert!(!a.conflicts_with(newer));
    /// # Ok::<(), ipc_runtime::interface::ParseFingerprintError>(())
    /// ```
    pub const fn conflicts_with(self, other: Self) -> bool {
        self.version == other.version && self.value != other.value
    }
}

impl fmt::Display for Fingerprint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{:016x}", self.version, self.value)
    }
}

impl FromStr for Fingerprint {
    type Err = ParseFingerprintError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let (version, digits) = text.split_once(':').ok_or(ParseFingerprintError)?;
        // `from_str_radix` and `parse` would accept a sign as well.
        let plain = |part: &str| part.bytes().all(|byte| byte.is_ascii_hexdigit());
        if digits.is_empty() || !plain(digits) || !plain(version) {
            return Err(ParseFingerprintError);
        }
        let version = version.parse().map_err(|_| ParseFingerprintError)?;
        // Another version may have another length. Its value is never compared, so the last digits
        // are enough.
        let known = version == Self::VERSION;
        let last = if known { digits } else { &digits[digits.len().saturating_sub(16)..] };
        if known && digits.len() != 16 {
            return Err(ParseFingerprintError);
        }
        let value = u64::from_str_radix(last, 16).map_err(|_| ParseFingerprintError)?;
        Ok(Self { version, value })
    }
}

impl Serialize for Fingerprint {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Fingerprint {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Text;

        impl de::Visitor<'_> for Text {
            type Value = Fingerprint;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a fingerprint such as \"2:9c3e41d2a07b55f8\"")
            }

            fn visit_str<E: de::Error>(self, text: &str) -> Result<Fingerprint, E> {
                text.parse().map_err(|_| E::invalid_value(de::Unexpected::Str(text), &self))
            }
        }

        deserializer.deserialize_str(Text)
    }
}

/// The error for a text that isn't a [`Fingerprint`].
#[derive(Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub struct ParseFingerprintError;

debug_as_text! { ParseFingerprintError }

impl fmt::Display for ParseFingerprintError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a fingerprint is a version, a colon and 16 hexadecimal digits")
    }
}

impl std::error::Error for ParseFingerprintError {}

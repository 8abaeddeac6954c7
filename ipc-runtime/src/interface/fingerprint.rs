//! Fingerprints: 64 bits that change with everything about an interface that is visible on the
//! wire.
//!
//! The macros compute them at compile time, from the tokens of a trait or a type and from the
//! fingerprints of the types inside of it, which [`IpcType`] carries. The rest of this module is
//! what generated code computes with: _texts_, _ordered_ nodes and _unordered_ nodes.
//!
//! The algorithm behind [`Fingerprint::VERSION`] is frozen, because peers built from different
//! releases of this crate compare its results. Golden tests (`fingerprint/golden.rs`) hold it in
//! place. A change that they notice needs a new version number.

use std::{fmt, str::FromStr};

use serde::{Deserialize, Deserializer, Serialize, Serializer, de};

pub(crate) mod ipc_type;
pub(crate) mod probe;
pub(crate) mod shapes;
pub(crate) mod std_types;

#[cfg(test)]
mod golden;

use crate::support::error_report::debug_as_text;

/// A number that tells two versions of an interface, a method or a type apart:
/// `1:9c3e41d2a07b55f8`.
///
/// The part before the colon is the version of the algorithm. Fingerprints of different algorithms
/// can't be compared, and [`conflicts_with`](Self::conflicts_with) takes that into account.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Fingerprint {
    version: u16,
    pub(crate) value: u64,
}

impl Fingerprint {
    /// The version of the algorithm that this release of the crate uses.
    pub const VERSION: u16 = 1;

    /// Called by generated code.
    #[doc(hidden)]
    pub const fn new(value: u64) -> Self {
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
    ///     "1:0000000000000001".parse()?,
    ///     "1:0000000000000002".parse()?,
    ///     "2:0000000000000003".parse()?,
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
                f.write_str("a fingerprint such as \"1:9c3e41d2a07b55f8\"")
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

/// The fingerprint of a text.
#[doc(hidden)]
pub const fn text(text: &str) -> u64 {
    absorb(OFFSET, text.as_bytes())
}

/// The fingerprint of a node whose parts have a fixed order.
#[doc(hidden)]
pub const fn ordered(tag: &str, parts: &[u64]) -> u64 {
    // 0xff never occurs in UTF-8, so no tag runs into the parts after it.
    let mut hash = absorb(absorb(OFFSET, tag.as_bytes()), &[0xff]);
    let mut at = 0;
    while at < parts.len() {
        hash = absorb(hash, &parts[at].to_le_bytes());
        at += 1;
    }
    mix(hash)
}

/// The fingerprint of a node whose parts may be in any order.
#[doc(hidden)]
pub const fn unordered(tag: &str, parts: &[u64]) -> u64 {
    let mut sum = 0u64;
    let mut at = 0;
    while at < parts.len() {
        // Mixed first: in a plain sum of FNV values, changes of two parts can cancel each other.
        sum = sum.wrapping_add(mix(parts[at]));
        at += 1;
    }
    ordered(tag, &[parts.len() as u64, sum])
}

/// The fingerprint of a type that is known only by its name and its generic arguments.
#[doc(hidden)]
pub const fn foreign(name: &str, arguments: &[u64]) -> u64 {
    ordered("foreign", &[text(name), ordered("generics", arguments)])
}

/// The fingerprint that a [`Probe`] found, or else the one that the macro made from the written
/// type.
#[doc(hidden)]
pub const fn known_or(probed: Option<u64>, written: u64) -> u64 {
    match probed {
        Some(known) => known,
        None => written,
    }
}

// FNV-1a, 64 bits.
const OFFSET: u64 = 0xcbf2_9ce4_8422_2325;
const PRIME: u64 = 0x0000_0100_0000_01b3;

const fn absorb(mut hash: u64, bytes: &[u8]) -> u64 {
    let mut at = 0;
    while at < bytes.len() {
        hash = (hash ^ bytes[at] as u64).wrapping_mul(PRIME);
        at += 1;
    }
    hash
}

/// MurmurHash3's finalizer: FNV alone spreads its last bytes badly over the high bits.
pub(crate) const fn mix(mut hash: u64) -> u64 {
    hash ^= hash >> 33;
    hash = hash.wrapping_mul(0xff51_afd7_ed55_8ccd);
    hash ^= hash >> 33;
    hash = hash.wrapping_mul(0xc4ce_b9fe_1a85_ec53);
    hash ^ (hash >> 33)
}

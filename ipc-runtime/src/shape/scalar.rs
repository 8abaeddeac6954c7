//! Numbers and text.

use crate::shape::integers::Integers;

/// A whole number's range. Two are equal if they look alike on the wire.
#[derive(Debug, Clone, Copy)]
#[non_exhaustive]
pub struct Integer {
    /// Whether it may be negative.
    pub signed: bool,
    /// 8, 16, 32, 64 or 128. `usize` and `isize` have 64 on every machine.
    pub bits: u8,
    /// Whether it may be zero: not in `NonZeroU8` and the like.
    pub zero: bool,
    /// What it is asked to be in TypeScript where it stands, by `#[ipc(integer = "…")]`.
    #[cfg_attr(not(feature = "typescript"), allow(dead_code, reason = "read by generators"))]
    pub(crate) asked: Option<Integers>,
}

impl PartialEq for Integer {
    fn eq(&self, other: &Self) -> bool {
        self.number() == other.number()
    }
}

impl Eq for Integer {}

impl Integer {
    pub(crate) const fn new(signed: bool, bits: u8, zero: bool) -> Self {
        Self { signed, bits, zero, asked: None }
    }

    /// All of it in one number, for constants. It counts in fingerprints, which never change.
    pub(crate) const fn number(self) -> u64 {
        self.bits as u64 | (self.signed as u64) << 8 | (self.zero as u64) << 9
    }

    /// What [`number`](Self::number) was made of.
    pub(crate) const fn of_number(number: u64) -> Self {
        Self {
            signed: number & 1 << 8 != 0,
            bits: (number & 0xff) as u8,
            zero: number & 1 << 9 != 0,
            asked: None,
        }
    }
}

/// What kind of text it is.
// Its numbers count in fingerprints, which never change: only add to them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum TextFormat {
    /// Any text.
    Any = 0,
    /// A path of the file system.
    Path = 1,
    /// An IP address of either kind.
    Ip = 2,
    /// An IPv4 address.
    Ipv4 = 3,
    /// An IPv6 address.
    Ipv6 = 4,
    /// An IP address and a port.
    SocketAddress = 5,
    /// An IPv4 address and a port.
    SocketAddressV4 = 6,
    /// An IPv6 address and a port.
    SocketAddressV6 = 7,
}

impl TextFormat {
    pub(crate) const ALL: [(&'static str, Self); 8] = [
        ("text", Self::Any),
        ("path", Self::Path),
        ("ip", Self::Ip),
        ("ipv4", Self::Ipv4),
        ("ipv6", Self::Ipv6),
        ("socket_address", Self::SocketAddress),
        ("socket_address_v4", Self::SocketAddressV4),
        ("socket_address_v6", Self::SocketAddressV6),
    ];

    /// The format of this number, as `format as u64` has it.
    pub(crate) const fn of_number(number: u64) -> Self {
        if number < Self::ALL.len() as u64 { Self::ALL[number as usize].1 } else { Self::Any }
    }

    /// Its word in a schema's text.
    pub(crate) const fn word(self) -> &'static str {
        Self::ALL[self as usize].0
    }
}

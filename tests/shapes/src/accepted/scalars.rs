//! Values without parts.

use std::{
    net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr, SocketAddrV4, SocketAddrV6},
    str::FromStr,
};

use base64::{Engine, engine::general_purpose::STANDARD};
use ipc_runtime::shape::{Integer, TextFormat};

use super::How;
use crate::{encoding::Encoding, reading::Reading, value::Value};

pub(super) fn char(value: &Value) -> Reading {
    match value {
        Value::Text(text) => Reading::of(text.chars().count() == 1),
        // Serde reads text from bytes of UTF-8.
        Value::Bytes(_) => Reading::Lax,
        _ => Reading::No,
    }
}

pub(super) fn integer(integer: Integer, value: &Value, how: How<'_>) -> Reading {
    match value {
        // Serde's trees have no numbers of 128 bits, and its reading of one from a tree fails even
        // for small ones.
        Value::Int(_) if integer.bits == 128 && how.buffered => Reading::No,
        // rmp-serde reads a negative one as an `i128`, and casts it.
        Value::Int(number)
            if integer.bits == 128 && *number < 0 && how.encoding == Encoding::MessagePack =>
        {
            if integer.signed {
                Reading::Yes
            } else {
                Reading::Lax
            }
        }
        Value::Int(number) => Reading::of(in_range(integer, *number)),
        // rmp-serde writes a number of 128 bits as its bytes.
        Value::Bytes(bytes) if integer.bits == 128 && how.is_direct(Encoding::MessagePack) => {
            match <[u8; 16]>::try_from(bytes.as_slice()) {
                Ok(bytes) => Reading::of(in_range(integer, i128::from_be_bytes(bytes))),
                Err(_) => Reading::No,
            }
        }
        // A list of 16 is read as its bytes too, by a mistake in rmp-serde.
        Value::List(_) if integer.bits == 128 && how.encoding == Encoding::MessagePack => {
            Reading::Lax
        }
        _ => Reading::No,
    }
}

/// Whether it is one of the numbers of the type.
pub(crate) fn in_range(integer: Integer, number: i128) -> bool {
    let fits = match (integer.signed, integer.bits) {
        (true, 128) => true,
        (false, 128) => number >= 0,
        (true, bits) => (-(1_i128 << (bits - 1))..1_i128 << (bits - 1)).contains(&number),
        (false, bits) => (0..1_i128 << bits).contains(&number),
    };
    fits && (integer.zero || number != 0)
}

pub(super) fn text(format: TextFormat, value: &Value) -> Reading {
    match value {
        Value::Text(text) => Reading::of(is_text(format, text)),
        // Serde reads text from bytes of UTF-8.
        Value::Bytes(_) => Reading::Lax,
        _ => Reading::No,
    }
}

/// Whether a text has the format.
pub(crate) fn is_text(format: TextFormat, text: &str) -> bool {
    fn is<T: FromStr>(text: &str) -> bool {
        T::from_str(text).is_ok()
    }
    match format {
        TextFormat::Ip => is::<IpAddr>(text),
        TextFormat::Ipv4 => is::<Ipv4Addr>(text),
        TextFormat::Ipv6 => is::<Ipv6Addr>(text),
        TextFormat::SocketAddress => is::<SocketAddr>(text),
        TextFormat::SocketAddressV4 => is::<SocketAddrV4>(text),
        TextFormat::SocketAddressV6 => is::<SocketAddrV6>(text),
        _ => true,
    }
}

/// Base64 in both encodings, because the tests write MessagePack without the runtime's codec, and
/// bytes in MessagePack.
pub(super) fn bytes(value: &Value) -> Reading {
    match value {
        Value::Text(text) => Reading::of(STANDARD.decode(text).is_ok()),
        Value::Bytes(_) => Reading::Yes,
        _ => Reading::No,
    }
}

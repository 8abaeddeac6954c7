//! Bytes that are sent as raw bytes if the encoding can do that.

use std::{cell::RefCell, fmt, ops::Deref};

use base64::{display::Base64Display, engine::general_purpose::STANDARD, prelude::Engine as _};
use serde::{
    Deserialize, Deserializer, Serialize, Serializer,
    de::{Error, Visitor},
};

use crate::shape::{
    ipc_type::IpcType,
    node::{Node, NodeKind},
};

/// A block of bytes that is cheap to clone.
///
/// A `Vec<u8>` is sent as an array of numbers, which takes four times its size and is slow. This
/// type is sent as base64 in JSON (RFC 4648, the standard alphabet with padding), and as raw bytes
/// in binary encodings. In binary encodings, bytes that make up most of a call's large result
/// aren't copied out of the message: they keep its memory as long as they exist.
///
/// ```
/// use ipc_runtime::Bytes;
///
/// let bytes = Bytes::from(vec![1, 2, 3]);
/// assert_eq!(bytes.len(), 3);
/// assert_eq!(&bytes[1..], [2, 3]);
/// ```
#[derive(Clone, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Bytes(bytes::Bytes);

impl Bytes {
    /// Returns the bytes as the type of the `bytes` crate, without a copy.
    pub fn into_inner(self) -> bytes::Bytes {
        self.0
    }
}

impl Deref for Bytes {
    type Target = [u8];

    fn deref(&self) -> &[u8] {
        &self.0
    }
}

impl AsRef<[u8]> for Bytes {
    fn as_ref(&self) -> &[u8] {
        &self.0
    }
}

impl From<Vec<u8>> for Bytes {
    fn from(bytes: Vec<u8>) -> Self {
        Self(bytes.into())
    }
}

impl From<bytes::Bytes> for Bytes {
    fn from(bytes: bytes::Bytes) -> Self {
        Self(bytes)
    }
}

impl From<Bytes> for bytes::Bytes {
    fn from(bytes: Bytes) -> Self {
        bytes.0
    }
}

impl From<Bytes> for Vec<u8> {
    fn from(bytes: Bytes) -> Self {
        bytes.0.into()
    }
}

impl From<&[u8]> for Bytes {
    fn from(bytes: &[u8]) -> Self {
        Self(bytes::Bytes::copy_from_slice(bytes))
    }
}

impl fmt::Debug for Bytes {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl IpcType for Bytes {
    const MUTUALLY_RECURSIVE_TYPE_MARK_ONE_FIELD_WITH_ipc_recursive: &'static Node =
        &Node::new(NodeKind::Bytes, "", &[], 0);
}

impl Serialize for Bytes {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_newtype_struct(NATIVE, &NativeBytes(self))
    }
}

struct NativeBytes<'a>(&'a [u8]);

impl Serialize for NativeBytes<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        if serializer.is_human_readable() {
            serializer.collect_str(&Base64Display::new(self.0, &STANDARD))
        } else {
            serializer.serialize_bytes(self.0)
        }
    }
}

impl<'de> Deserialize<'de> for Bytes {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        if deserializer.is_human_readable() {
            deserializer.deserialize_str(Base64)
        } else {
            deserializer.deserialize_byte_buf(Raw)
        }
    }
}

thread_local! {
    /// The payload that is being decoded on this thread, if it may be shared.
    static SOURCE: RefCell<bytes::Bytes> = const { RefCell::new(bytes::Bytes::new()) };
}

/// Decodes a payload. Bytes that make up most of it share its memory instead of being copied.
pub(crate) fn sharing<R>(payload: bytes::Bytes, decode: impl FnOnce(&[u8]) -> R) -> R {
    struct Restore(bytes::Bytes);

    impl Drop for Restore {
        fn drop(&mut self) {
            SOURCE.set(std::mem::take(&mut self.0));
        }
    }

    let _restore = Restore(SOURCE.replace(payload.clone()));
    decode(&payload)
}

/// Returns these bytes as a part of the current payload, if they make up most of it. A small part
/// isn't worth keeping all of the payload.
fn shared(bytes: &[u8]) -> Option<bytes::Bytes> {
    SOURCE.with_borrow(|source| {
        let (whole, part) = (source.as_ptr_range(), bytes.as_ptr_range());
        let is_part = whole.start <= part.start && part.end <= whole.end;
        let is_most = bytes.len() > source.len() / 2;
        (is_part && is_most).then(|| source.slice_ref(bytes))
    })
}

struct Base64;

impl Visitor<'_> for Base64 {
    type Value = Bytes;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("bytes as base64")
    }

    fn visit_str<E: Error>(self, text: &str) -> Result<Bytes, E> {
        match STANDARD.decode(text) {
            Ok(bytes) => Ok(bytes.into()),
            Err(error) => Err(E::custom(format_args!("no base64: {error}"))),
        }
    }

    /// MessagePack says whether a value is text or bytes.
    fn visit_bytes<E: Error>(self, bytes: &[u8]) -> Result<Bytes, E> {
        Ok(shared(bytes).map_or_else(|| bytes.into(), Bytes))
    }

    fn visit_byte_buf<E: Error>(self, bytes: Vec<u8>) -> Result<Bytes, E> {
        Ok(bytes.into())
    }
}

struct Raw;

impl Visitor<'_> for Raw {
    type Value = Bytes;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("bytes")
    }

    fn visit_bytes<E: Error>(self, bytes: &[u8]) -> Result<Bytes, E> {
        Ok(bytes.into())
    }

    fn visit_byte_buf<E: Error>(self, bytes: Vec<u8>) -> Result<Bytes, E> {
        Ok(bytes.into())
    }
}

/// The name of a newtype whose content has a form of its own in MessagePack. The content recognises
/// MessagePack because `is_human_readable` returns `false`; everything else gets `true`.
pub(crate) const NATIVE: &str = "$ipc_runtime::Native";

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bytes_are_base64_in_json() {
        let bytes = Bytes::from(vec![0, 255, 62, 63]);
        let json = serde_json::to_string(&bytes).unwrap();
        assert_eq!(json, "\"AP8+Pw==\"");
        assert_eq!(serde_json::from_str::<Bytes>(&json).unwrap(), bytes);
        assert!(serde_json::from_str::<Bytes>("\"AP8+Pw\"").is_err(), "padding is part of it");
        assert!(serde_json::from_str::<Bytes>("[0]").is_err());
    }

    #[cfg(feature = "msgpack")]
    #[test]
    fn bytes_share_a_payload_that_they_are_most_of_and_no_other() {
        use crate::codec::Encoding::MessagePack;

        let [small, large] = [40, 100].map(|length| Bytes::from(vec![7; length]));
        let payload = bytes::Bytes::from(MessagePack.own(&(&small, &large)));
        let decode = |payload: &[u8]| MessagePack.decode::<(Bytes, Bytes)>(payload).unwrap();
        let is_shared = |bytes: &Bytes| payload.as_ptr_range().contains(&bytes.as_ptr());

        let within = sharing(payload.clone(), decode);
        assert_eq!(within, (small, large));
        assert!(is_shared(&within.1) && !is_shared(&within.0));
        let without = decode(&payload);
        assert!(!is_shared(&without.1), "only while that payload is decoded");
        let other = sharing(bytes::Bytes::from(vec![0; 10]), |_| decode(&payload));
        assert!(!is_shared(&other.1));
    }
}

//! The result of a call, as encoded in its message.

use serde::de::DeserializeOwned;

use crate::{
    codec::{Encoding, bytes::sharing, extent::Extent},
    message::{encoded, id::Id},
};

/// In bytes. `Bytes` that are most of a result of this size or more share its memory. From smaller
/// results they are copied.
const SHARED: usize = 4 * 1024;

/// The result of a call, as encoded in its message.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Payload {
    bytes: Box<[u8]>,
    extent: Extent,
}

impl Payload {
    pub(crate) fn new(bytes: &[u8], extent: Extent) -> Self {
        Self { bytes: bytes.into(), extent }
    }

    /// The length in bytes. If the result's end isn't known, this includes what follows it in the
    /// message.
    pub(crate) fn len(&self) -> usize {
        self.bytes.len()
    }

    /// Whether the result's end is known.
    pub(crate) fn is_settled(&self) -> bool {
        self.extent == Extent::Stepped
    }

    /// Finds the result's end. `Err`: the message breaks the protocol.
    pub(crate) fn settle(self, encoding: Encoding) -> Result<Self, String> {
        if self.is_settled() {
            return Ok(self);
        }
        let bytes = encoded::result_within(encoding, &self.bytes)?.into();
        Ok(Self { bytes, extent: Extent::Stepped })
    }

    /// The id of the subscription that this result opens. Such a result is always settled.
    pub(crate) fn subscription(&self, encoding: Encoding) -> Option<Id> {
        encoded::subscription_id(encoding, &self.bytes)
    }

    /// Decodes the result as one value.
    pub(crate) fn decode<T: DeserializeOwned>(self, encoding: Encoding) -> Result<T, String> {
        let extent = self.extent;
        let decode = |bytes: &[u8]| {
            encoding.decode_to(bytes, extent).or_else(|why| match extent {
                Extent::Stepped => Err(why),
                Extent::Rest => encoded::result_within(encoding, bytes)
                    .and_then(|bytes| encoding.decode_to(&bytes, Extent::Stepped)),
            })
        };
        if self.bytes.len() < SHARED {
            decode(&self.bytes)
        } else {
            sharing(self.bytes.into(), decode)
        }
    }
}

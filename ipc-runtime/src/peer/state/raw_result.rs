//! The result of a call, as it stood in its message.

use serde::de::DeserializeOwned;

use crate::{
    codec::{Encoding, bytes::sharing, extent::Extent},
    message::{encoded, id::Id},
};

/// What is read of smaller results is copied out of them.
const SHARED: usize = 4 * 1024;

/// The result of a call, as it stood in its message.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Payload {
    bytes: Box<[u8]>,
    extent: Extent,
}

impl Payload {
    pub(crate) fn new(bytes: &[u8], extent: Extent) -> Self {
        Self { bytes: bytes.into(), extent }
    }

    /// How many bytes it has; where its end isn't known, with what else stands behind.
    pub(crate) fn len(&self) -> usize {
        self.bytes.len()
    }

    /// Whether it is known where it ends.
    pub(crate) fn is_settled(&self) -> bool {
        self.extent == Extent::Stepped
    }

    /// Finds its end. `Err`: its message breaks the protocol.
    pub(crate) fn settle(self, encoding: Encoding) -> Result<Self, String> {
        if self.is_settled() {
            return Ok(self);
        }
        let bytes = encoded::result_within(encoding, &self.bytes)?.into();
        Ok(Self { bytes, extent: Extent::Stepped })
    }

    /// The id of a subscription that it opens. Such a one is settled.
    pub(crate) fn subscription(&self, encoding: Encoding) -> Option<Id> {
        encoded::subscription_id(encoding, &self.bytes)
    }

    /// Reads it as one value.
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

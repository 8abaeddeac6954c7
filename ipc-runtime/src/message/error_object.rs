//! JSON-RPC's error object, and the codes that JSON-RPC, LSP and this project define.

use std::fmt;

use serde::{Deserialize, Deserializer, Serialize, Serializer, ser::SerializeStruct};
use serde_json::{
    Value,
    value::{RawValue, to_raw_value},
};

use crate::codec::{
    Encoding, by_encoding, extent::Extent, json::Json, raw_json::RawJson, value_codec::ValueCodec,
};

/// A JSON-RPC error object.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct ErrorObject {
    /// The error code. `docs/wire-protocol.md` lists the codes.
    pub code: i64,
    /// A sentence for people.
    pub message: String,
    /// Details as raw JSON, whatever the connection's encoding is.
    pub data: Option<Box<RawValue>>,
}

impl ErrorObject {
    /// Creates an error without details.
    ///
    /// Codes from -32768 to -32000 belong to JSON-RPC and this project. Code 1 is a method's own
    /// error.
    pub fn new(code: i64, message: impl Into<String>) -> Self {
        Self { code, message: message.into(), data: None }
    }

    /// Creates an error that tells the caller that it may not do this: code -32001. The caller gets
    /// [`ErrorKind::Unauthorized`](crate::ErrorKind::Unauthorized).
    pub fn unauthorized(message: impl Into<String>) -> Self {
        Self::new(code::UNAUTHORIZED, message)
    }

    /// Adds details.
    ///
    /// If `data` can't be serialized (NaN and infinities can't), the error is sent without it, and
    /// that is logged: the error itself matters more.
    #[must_use]
    pub fn with_data(mut self, data: &impl Serialize) -> Self {
        let mut json = Vec::new();
        let encoded = Json::encode(&mut json, data);
        if let Err(why) = &encoded {
            tracing::warn!(code = self.code, why, "an error is sent without its data");
        }
        let json = encoded.ok().and_then(|()| String::from_utf8(json).ok());
        self.data = json.and_then(|json| RawValue::from_string(json).ok());
        self
    }

    /// Decodes an error that was received.
    pub(crate) fn decode(encoding: Encoding, error: &[u8]) -> Result<Self, String> {
        by_encoding!(encoding, E => Self::decode_as::<E>(error))
    }

    fn decode_as<E: ValueCodec>(error: &[u8]) -> Result<Self, String> {
        let Object { code, message, data } =
            E::decode::<Object<E::Untyped>>(error, Extent::Stepped)?;
        Ok(Self { code, message, data: data.map(E::untyped_json).transpose()? })
    }

    /// Decodes the details as `T`; `None` if there are none, or if they are something else.
    ///
    /// ```
    /// use ipc_runtime::error::ErrorObject;
    ///
    /// let error = ErrorObject::new(503, "busy").with_data(&("minutes", 5));
    /// assert_eq!(error.data_as(), Some(("minutes".to_owned(), 5)));
    /// assert_eq!(error.data_as::<u32>(), None);
    /// assert_eq!(error.to_string(), "busy (code 503)");
    /// ```
    pub fn data_as<T: serde::de::DeserializeOwned>(&self) -> Option<T> {
        serde_json::from_str(self.data.as_ref()?.get()).ok()
    }
}

impl ErrorObject {
    /// Whether an error, as raw bytes of a message, says that the connection is about to close.
    pub(crate) fn says_closing(encoding: Encoding, error: &[u8]) -> bool {
        Self::decode(encoding, error).is_ok_and(|error| error.code == code::CLOSING)
    }

    /// Whether it says that the limit on connections is reached.
    pub(crate) fn is_no_place(&self) -> bool {
        #[derive(Deserialize)]
        struct Reached {
            limit: String,
        }
        self.code == code::LIMIT_REACHED
            && self.data_as::<Reached>().is_some_and(|reached| reached.limit == MAX_CONNECTIONS)
    }
}

impl fmt::Display for ErrorObject {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} (code {})", self.message, self.code)
    }
}

impl Serialize for ErrorObject {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let entries = if self.data.is_some() { 3 } else { 2 };
        let mut object = serializer.serialize_struct("ErrorObject", entries)?;
        object.serialize_field("code", &self.code)?;
        object.serialize_field("message", &self.message)?;
        match &self.data {
            Some(data) => object.serialize_field("data", &RawJson(data))?,
            None => object.skip_field("data")?,
        }
        object.end()
    }
}

/// The wire form of an error object, with its data as a `T`.
#[derive(Deserialize)]
#[serde(bound(deserialize = "T: Deserialize<'de>"))]
struct Object<T> {
    code: i64,
    message: String,
    #[serde(default = "Option::default", deserialize_with = "present")]
    data: Option<T>,
}

/// Data that is there, `null` included: a method's own error may be nothing else.
fn present<'de, D, T>(deserializer: D) -> Result<Option<T>, D::Error>
where
    D: Deserializer<'de>,
    T: Deserialize<'de>,
{
    T::deserialize(deserializer).map(Some)
}

/// For apps that receive an error object as a value of their own. Numbers in its data are converted
/// to serde_json's numbers.
impl<'de> Deserialize<'de> for ErrorObject {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let Object { code, message, data } = Object::<Value>::deserialize(deserializer)?;
        let data = data.map(|data| to_raw_value(&data)).transpose();
        Ok(Self { code, message, data: data.map_err(serde::de::Error::custom)? })
    }
}

/// The `data` of -32007 and -32008.
#[derive(Debug, Default, Serialize, Deserialize)]
pub(crate) struct Sizes {
    pub(crate) limit: u64,
    pub(crate) size: u64,
}

/// The codes that JSON-RPC, LSP and this project define.
pub(crate) mod code {
    pub(crate) const PARSE_ERROR: i64 = -32700;
    pub(crate) const INVALID_REQUEST: i64 = -32600;
    pub(crate) const METHOD_NOT_FOUND: i64 = -32601;
    pub(crate) const INVALID_PARAMS: i64 = -32602;
    pub(crate) const INTERNAL_ERROR: i64 = -32603;
    pub(crate) const CANCELLED: i64 = -32800;
    pub(crate) const METHOD_ERROR: i64 = 1;
    pub(crate) const UNAUTHORIZED: i64 = -32001;
    pub(crate) const HANDSHAKE_REQUIRED: i64 = -32002;
    pub(crate) const VERSION_MISMATCH: i64 = -32003;
    pub(crate) const CLOSING: i64 = -32005;
    pub(crate) const REQUEST_TOO_LARGE: i64 = -32007;
    pub(crate) const REPLY_TOO_LARGE: i64 = -32008;
    pub(crate) const LIMIT_REACHED: i64 = -32009;
}

/// The name, in an error's data, of the limit on a backend's connections.
pub(crate) const MAX_CONNECTIONS: &str = "maxConnections";

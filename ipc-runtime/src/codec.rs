//! Payloads: what stands in `params`, `result` and an error's `data`.

/// Methods of a serializer around another one that has nothing to add to them.
macro_rules! passed_on {
    ($($method:ident($($argument:ident: $kind:ty),*);)*) => {$(
        #[inline]
        fn $method(self, $($argument: $kind),*) -> Result<S::Ok, S::Error> {
            self.0.$method($($argument),*)
        }
    )*};
}

#[cfg(feature = "msgpack")]
pub(crate) mod any;
pub(crate) mod bytes;
pub(crate) mod extent;
pub(crate) mod finite;
pub(crate) mod json;
pub(crate) mod json_params;
#[cfg(feature = "msgpack")]
pub(crate) mod msgpack;
#[cfg(feature = "msgpack")]
pub(crate) mod msgpack_params;
#[cfg(feature = "msgpack")]
pub(crate) mod packed;
pub(crate) mod raw_json;

use serde::{Serialize, de::DeserializeOwned};

#[cfg(feature = "msgpack")]
use crate::codec::any::AnyValue;
use crate::{
    codec::extent::Extent,
    interface::{
        ArgumentInfo,
        arguments::{ArgumentError, decode::DecodeArguments, encode::EncodeArguments},
    },
};

/// A value without its type, under the rules of every encoding: NaN and infinities are errors.
pub(crate) fn to_value<T: Serialize + ?Sized>(value: &T) -> Result<serde_json::Value, String> {
    let value = value.serialize(finite::Finite(serde_json::value::Serializer));
    value.map_err(|error| error.to_string())
}

/// How messages are encoded on a connection: the frontend asks for one, see
/// [`FrontendBuilder::encoding`](crate::FrontendBuilder::encoding).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
#[non_exhaustive]
pub enum Encoding {
    /// Text that everybody can read. Every peer speaks it.
    #[default]
    Json,
    /// [MessagePack](https://msgpack.org): smaller and faster, above all for
    /// [`Bytes`](crate::Bytes), which travel as they are. Structs are maps with the names of their
    /// fields, so that they may grow as in JSON.
    #[cfg(feature = "msgpack")]
    MessagePack,
}

impl Encoding {
    /// Those that are built in.
    #[cfg(feature = "websocket")]
    pub(crate) const ALL: &[Self] = &[
        Self::Json,
        #[cfg(feature = "msgpack")]
        Self::MessagePack,
    ];

    /// The byte that stands for it in the native framing's preface.
    pub(crate) fn byte(self) -> u8 {
        match self {
            Self::Json => 0,
            #[cfg(feature = "msgpack")]
            Self::MessagePack => 1,
        }
    }

    pub(crate) fn from_byte(byte: u8) -> Option<Self> {
        match byte {
            0 => Some(Self::Json),
            #[cfg(feature = "msgpack")]
            1 => Some(Self::MessagePack),
            _ => None,
        }
    }

    /// Whether a message may begin with these bytes, of which there may be more or fewer than it has.
    pub(crate) fn may_begin(self, bytes: &[u8]) -> bool {
        match self {
            Self::Json => json::may_begin(bytes),
            #[cfg(feature = "msgpack")]
            Self::MessagePack => msgpack::may_begin(bytes),
        }
    }

    /// Appends a value. On an error, what was appended is for the caller to cut off.
    pub(crate) fn encode<T: Serialize + ?Sized>(
        self,
        out: &mut Vec<u8>,
        value: &T,
    ) -> Result<(), String> {
        match self {
            Self::Json => json::encode(out, value),
            #[cfg(feature = "msgpack")]
            Self::MessagePack => msgpack::encode(out, value),
        }
    }

    /// Reads a value, which must fill the payload.
    pub(crate) fn decode<T: DeserializeOwned>(self, payload: &[u8]) -> Result<T, String> {
        match self {
            Self::Json => json::decode(payload),
            #[cfg(feature = "msgpack")]
            Self::MessagePack => msgpack::decode(payload, Extent::Stepped),
        }
    }

    /// The same, whatever is known of its end.
    #[cfg_attr(not(feature = "msgpack"), expect(unused_variables, reason = "JSON always fills"))]
    pub(crate) fn decode_to<T: DeserializeOwned>(
        self,
        payload: &[u8],
        extent: Extent,
    ) -> Result<T, String> {
        match self {
            Self::Json => json::decode(payload),
            #[cfg(feature = "msgpack")]
            Self::MessagePack => msgpack::decode(payload, extent),
        }
    }

    /// Reads a value without its type, as JSON has it.
    pub(crate) fn decode_any(self, payload: &[u8]) -> Result<serde_json::Value, String> {
        match self {
            // Numbers may be kept as serde_json alone knows how.
            Self::Json => json::decode(payload),
            #[cfg(feature = "msgpack")]
            Self::MessagePack => {
                msgpack::decode(payload, Extent::Stepped).map(|AnyValue(value)| value)
            }
        }
    }

    /// Appends arguments as `params`, by position. On an error, what was appended is for the
    /// caller to cut off.
    pub(crate) fn encode_arguments<A: EncodeArguments>(
        self,
        out: &mut Vec<u8>,
        arguments: &A,
        names: &'static [ArgumentInfo],
    ) -> Result<(), ArgumentError> {
        match self {
            Self::Json => json::encode_arguments(out, arguments, names),
            #[cfg(feature = "msgpack")]
            Self::MessagePack => msgpack::encode_arguments(out, arguments, names),
        }
    }

    /// Reads `params`, by position or by name.
    #[cfg_attr(not(feature = "msgpack"), expect(unused_variables, reason = "JSON always fills"))]
    pub(crate) fn decode_arguments<A: DecodeArguments>(
        self,
        params: Option<&[u8]>,
        names: &'static [ArgumentInfo],
        extent: Extent,
    ) -> Result<A, ArgumentError> {
        match self {
            Self::Json => json_params::decode_json(params, names),
            #[cfg(feature = "msgpack")]
            Self::MessagePack => msgpack_params::decode_msgpack(params, names, extent),
        }
    }

    /// Reads `params` as one value.
    #[cfg_attr(not(feature = "msgpack"), expect(unused_variables, reason = "JSON always fills"))]
    pub(crate) fn decode_params<T: DeserializeOwned>(
        self,
        params: Option<&[u8]>,
        extent: Extent,
    ) -> Result<T, ArgumentError> {
        match self {
            Self::Json => json_params::decode_whole_json(params),
            #[cfg(feature = "msgpack")]
            Self::MessagePack => msgpack_params::decode_whole_msgpack(params, extent),
        }
    }

    /// A value of the runtime's own, which can't fail to be encoded.
    pub(crate) fn own<T: Serialize + ?Sized>(self, value: &T) -> Vec<u8> {
        let mut out = Vec::new();
        let encoded = self.encode(&mut out, value);
        debug_assert!(encoded.is_ok());
        out
    }

    /// The value that is none.
    pub(crate) fn null(self) -> &'static [u8] {
        match self {
            Self::Json => b"null",
            #[cfg(feature = "msgpack")]
            Self::MessagePack => b"\xc0",
        }
    }

    /// No arguments.
    pub(crate) fn no_params(self) -> &'static [u8] {
        match self {
            Self::Json => b"[]",
            #[cfg(feature = "msgpack")]
            Self::MessagePack => b"\x90",
        }
    }

    /// An object without members.
    pub(crate) fn empty_map(self) -> &'static [u8] {
        match self {
            Self::Json => b"{}",
            #[cfg(feature = "msgpack")]
            Self::MessagePack => b"\x80",
        }
    }

    /// Whether a value is an array, as its first byte tells.
    pub(crate) fn is_array(self, value: &[u8]) -> bool {
        match self {
            Self::Json => value.first() == Some(&b'['),
            #[cfg(feature = "msgpack")]
            Self::MessagePack => matches!(value.first(), Some(0x90..=0x9f | 0xdc | 0xdd)),
        }
    }

    /// Whether a value is an object, as its first byte tells.
    pub(crate) fn is_map(self, value: &[u8]) -> bool {
        match self {
            Self::Json => value.first() == Some(&b'{'),
            #[cfg(feature = "msgpack")]
            Self::MessagePack => matches!(value.first(), Some(0x80..=0x8f | 0xde | 0xdf)),
        }
    }

    /// Whether bytes that were cut out of a message, or are all of one, are one value.
    pub(crate) fn check(self, value: &[u8]) -> Result<(), String> {
        match self {
            Self::Json => serde_json::from_slice::<&serde_json::value::RawValue>(value)
                .map(drop)
                .map_err(|error| error.to_string()),
            #[cfg(feature = "msgpack")]
            // Nothing is cut out that wasn't stepped over value by value.
            Self::MessagePack => Ok(()),
        }
    }
}

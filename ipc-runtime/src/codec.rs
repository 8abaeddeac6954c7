//! Payloads: the values in `params`, `result` and an error's `data`.
//!
//! Every encoding implements [`ValueCodec`]. [`encodings!`] is the only list of encodings: all code
//! that chooses between them does so with [`by_encoding!`].

/// Methods of a serializer that only call the serializer that it wraps.
macro_rules! passed_on {
    ($($method:ident($($argument:ident: $kind:ty),*);)*) => {$(
        #[inline]
        fn $method(self, $($argument: $kind),*) -> Result<S::Ok, S::Error> {
            self.0.$method($($argument),*)
        }
    )*};
}

pub(crate) mod bytes;
pub(crate) mod extent;
pub(crate) mod json;
#[cfg(feature = "msgpack")]
pub(crate) mod msgpack;
pub(crate) mod raw_json;
pub(crate) mod value_codec;

use serde::{Serialize, de::DeserializeOwned};

use crate::{
    codec::{extent::Extent, value_codec::ValueCodec},
    interface::{
        ArgumentInfo,
        arguments::{ArgumentError, decode::DecodeArguments, encode::EncodeArguments},
    },
};

/// The table of encodings. It calls the macro `$then` with what it was given, followed by an entry
/// for each encoding: its name, the type that implements [`ValueCodec`] and
/// [`MessageCodec`](crate::message::message_codec::MessageCodec), and the feature that it needs.
macro_rules! encodings {
    ($then:ident! { $($given:tt)* }) => {
        $crate::codec::$then! {
            { $($given)* }

            /// JSON: text that everybody can read. Every peer supports it.
            #[default]
            Json = json::Json;

            /// [MessagePack](https://msgpack.org): smaller and faster than JSON, most of all for
            /// [`Bytes`](crate::Bytes), which are sent as raw bytes. Structs are maps with the
            /// names of their fields, so that they can grow as in JSON.
            MessagePack = msgpack::MessagePack if "msgpack";
        }
    };
}

/// Defines [`Encoding`].
macro_rules! define {
    (
        {}
        $($(#[$attribute:meta])* $name:ident = $room:ident::$codec:ident $(if $feature:literal)?;)*
    ) => {
        /// How messages are encoded on a connection. The frontend asks for an encoding with
        /// [`FrontendBuilder::encoding`](crate::FrontendBuilder::encoding).
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
        #[non_exhaustive]
        pub enum Encoding {
            $(
                $(#[$attribute])*
                $(#[cfg(feature = $feature)])?
                $name,
            )*
        }

        impl Encoding {
            /// The encodings that are compiled in.
            pub(crate) const ALL: &[Self] = &[
                $($(#[cfg(feature = $feature)])? Self::$name,)*
            ];
        }
    };
}

/// Chooses by a value of [`Encoding`]; see [`by_encoding!`].
macro_rules! choose {
    (
        { $encoding:expr, $chosen:ident, $then:expr }
        $($(#[$attribute:meta])* $name:ident = $room:ident::$codec:ident $(if $feature:literal)?;)*
    ) => {
        match $encoding {
            $(
                $(#[cfg(feature = $feature)])?
                $crate::codec::Encoding::$name => {
                    type $chosen = $crate::codec::$room::$codec;
                    $then
                }
            )*
        }
    };
}

/// `by_encoding!(encoding, E => E::NULL)`: runs an expression with the type of an encoding.
macro_rules! by_encoding {
    ($encoding:expr, $chosen:ident => $then:expr) => {
        $crate::codec::encodings!(choose! { $encoding, $chosen, $then })
    };
}

pub(crate) use {by_encoding, choose, define, encodings};

encodings!(define! {});

impl Encoding {
    /// The byte for this encoding in the native framing's preface.
    #[inline]
    pub(crate) fn byte(self) -> u8 {
        by_encoding!(self, E => E::PREFACE_BYTE)
    }

    pub(crate) fn from_byte(byte: u8) -> Option<Self> {
        Self::ALL.iter().copied().find(|encoding| encoding.byte() == byte)
    }

    /// The WebSocket subprotocol for this encoding.
    #[cfg(feature = "websocket")]
    pub(crate) fn subprotocol(self) -> &'static str {
        by_encoding!(self, E => E::SUBPROTOCOL)
    }

    /// The error for a WebSocket text message, if this encoding uses binary messages. `None`: it is
    /// text.
    #[cfg(feature = "websocket")]
    pub(crate) fn text_refusal(self) -> Option<&'static str> {
        by_encoding!(self, E => E::TEXT_REFUSAL)
    }

    /// Returns whether a message may begin with these bytes, which may end within the message or
    /// behind it.
    pub(crate) fn may_begin(self, bytes: &[u8]) -> bool {
        by_encoding!(self, E => E::may_begin(bytes))
    }

    /// Appends a value. On an error, the caller has to cut off what was appended.
    #[inline]
    pub(crate) fn encode<T: Serialize + ?Sized>(
        self,
        out: &mut Vec<u8>,
        value: &T,
    ) -> Result<(), String> {
        by_encoding!(self, E => E::encode(out, value))
    }

    /// Reads a value that fills the payload.
    #[inline]
    pub(crate) fn decode<T: DeserializeOwned>(self, payload: &[u8]) -> Result<T, String> {
        self.decode_to(payload, Extent::Stepped)
    }

    /// Reads a value that fills the payload. `extent` says what is known about the payload's end.
    #[inline]
    pub(crate) fn decode_to<T: DeserializeOwned>(
        self,
        payload: &[u8],
        extent: Extent,
    ) -> Result<T, String> {
        by_encoding!(self, E => E::decode(payload, extent))
    }

    /// Reads a value without its type, in the form that it has in JSON.
    pub(crate) fn decode_any(self, payload: &[u8]) -> Result<serde_json::Value, String> {
        by_encoding!(self, E => E::decode_any(payload))
    }

    /// Appends arguments as `params`, by position. On an error, the caller has to cut off what was
    /// appended.
    #[inline]
    pub(crate) fn encode_arguments<A: EncodeArguments>(
        self,
        out: &mut Vec<u8>,
        arguments: &A,
        names: &'static [ArgumentInfo],
    ) -> Result<(), ArgumentError> {
        by_encoding!(self, E => E::encode_arguments(out, arguments, names))
    }

    /// Reads `params`, by position or by name.
    #[inline]
    pub(crate) fn decode_arguments<A: DecodeArguments>(
        self,
        params: Option<&[u8]>,
        names: &'static [ArgumentInfo],
        extent: Extent,
    ) -> Result<A, ArgumentError> {
        by_encoding!(self, E => E::decode_arguments(params, names, extent))
    }

    /// Reads `params` as one value.
    #[inline]
    pub(crate) fn decode_params<T: DeserializeOwned>(
        self,
        params: Option<&[u8]>,
        extent: Extent,
    ) -> Result<T, ArgumentError> {
        by_encoding!(self, E => E::decode_params(params, extent))
    }

    /// Encodes a value of the runtime itself, which can't fail.
    pub(crate) fn own<T: Serialize + ?Sized>(self, value: &T) -> Vec<u8> {
        let mut out = Vec::new();
        let encoded = self.encode(&mut out, value);
        debug_assert!(encoded.is_ok());
        out
    }

    /// The null value.
    #[inline]
    pub(crate) fn null(self) -> &'static [u8] {
        by_encoding!(self, E => E::NULL)
    }

    /// `params` without arguments.
    #[inline]
    pub(crate) fn no_params(self) -> &'static [u8] {
        by_encoding!(self, E => E::EMPTY_ARRAY)
    }

    /// An object without members.
    #[inline]
    pub(crate) fn empty_map(self) -> &'static [u8] {
        by_encoding!(self, E => E::EMPTY_MAP)
    }

    /// Returns whether a value is an array, judging by its first byte.
    #[inline]
    pub(crate) fn is_array(self, value: &[u8]) -> bool {
        by_encoding!(self, E => E::is_array(value))
    }

    /// Returns whether a value is an object, judging by its first byte.
    #[inline]
    pub(crate) fn is_map(self, value: &[u8]) -> bool {
        by_encoding!(self, E => E::is_map(value))
    }
}

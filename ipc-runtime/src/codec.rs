//! Payloads: what stands in `params`, `result` and an error's `data`.
//!
//! [`ValueCodec`] is what every encoding implements, and [`encodings!`] is the one list of them:
//! nothing else chooses between encodings but by [`by_encoding!`].

/// Methods of a serializer around another one that has nothing to add to them.
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

/// The table of encodings, which it hands to the macro `$then`, behind what that is given: the name
/// of each, the type that implements [`ValueCodec`] and
/// [`MessageCodec`](crate::message::message_codec::MessageCodec), and the feature that it needs.
macro_rules! encodings {
    ($then:ident! { $($given:tt)* }) => {
        $crate::codec::$then! {
            { $($given)* }

            /// Text that everybody can read. Every peer speaks it.
            #[default]
            Json = json::Json;

            /// [MessagePack](https://msgpack.org): smaller and faster, above all for
            /// [`Bytes`](crate::Bytes), which travel as they are. Structs are maps with the names of their
            /// fields, so that they may grow as in JSON.
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
        /// How messages are encoded on a connection: the frontend asks for one, see
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
            /// Those that are built in.
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
    /// The byte that stands for it in the native framing's preface.
    #[inline]
    pub(crate) fn byte(self) -> u8 {
        by_encoding!(self, E => E::PREFACE_BYTE)
    }

    pub(crate) fn from_byte(byte: u8) -> Option<Self> {
        Self::ALL.iter().copied().find(|encoding| encoding.byte() == byte)
    }

    /// The WebSocket subprotocol that stands for it.
    #[cfg(feature = "websocket")]
    pub(crate) fn subprotocol(self) -> &'static str {
        by_encoding!(self, E => E::SUBPROTOCOL)
    }

    /// What is answered to a text message of a WebSocket, where its own are binary ones. `None`: it
    /// is text.
    #[cfg(feature = "websocket")]
    pub(crate) fn text_refusal(self) -> Option<&'static str> {
        by_encoding!(self, E => E::TEXT_REFUSAL)
    }

    /// Whether a message may begin with these bytes, of which there may be more or fewer than it has.
    pub(crate) fn may_begin(self, bytes: &[u8]) -> bool {
        by_encoding!(self, E => E::may_begin(bytes))
    }

    /// Appends a value. On an error, what was appended is for the caller to cut off.
    #[inline]
    pub(crate) fn encode<T: Serialize + ?Sized>(
        self,
        out: &mut Vec<u8>,
        value: &T,
    ) -> Result<(), String> {
        by_encoding!(self, E => E::encode(out, value))
    }

    /// Reads a value, which must fill the payload.
    #[inline]
    pub(crate) fn decode<T: DeserializeOwned>(self, payload: &[u8]) -> Result<T, String> {
        self.decode_to(payload, Extent::Stepped)
    }

    /// The same, whatever is known of its end.
    #[inline]
    pub(crate) fn decode_to<T: DeserializeOwned>(
        self,
        payload: &[u8],
        extent: Extent,
    ) -> Result<T, String> {
        by_encoding!(self, E => E::decode(payload, extent))
    }

    /// Reads a value without its type, as JSON has it.
    pub(crate) fn decode_any(self, payload: &[u8]) -> Result<serde_json::Value, String> {
        by_encoding!(self, E => E::decode_any(payload))
    }

    /// Appends arguments as `params`, by position. On an error, what was appended is for the
    /// caller to cut off.
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

    /// A value of the runtime's own, which can't fail to be encoded.
    pub(crate) fn own<T: Serialize + ?Sized>(self, value: &T) -> Vec<u8> {
        let mut out = Vec::new();
        let encoded = self.encode(&mut out, value);
        debug_assert!(encoded.is_ok());
        out
    }

    /// The value that is none.
    #[inline]
    pub(crate) fn null(self) -> &'static [u8] {
        by_encoding!(self, E => E::NULL)
    }

    /// No arguments.
    #[inline]
    pub(crate) fn no_params(self) -> &'static [u8] {
        by_encoding!(self, E => E::EMPTY_ARRAY)
    }

    /// An object without members.
    #[inline]
    pub(crate) fn empty_map(self) -> &'static [u8] {
        by_encoding!(self, E => E::EMPTY_MAP)
    }

    /// Whether a value is an array, as its first byte tells.
    #[inline]
    pub(crate) fn is_array(self, value: &[u8]) -> bool {
        by_encoding!(self, E => E::is_array(value))
    }

    /// Whether a value is an object, as its first byte tells.
    #[inline]
    pub(crate) fn is_map(self, value: &[u8]) -> bool {
        by_encoding!(self, E => E::is_map(value))
    }
}

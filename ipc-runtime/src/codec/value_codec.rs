//! What every encoding can do with values.

use serde::{Serialize, de::DeserializeOwned};
use serde_json::value::RawValue;

use crate::{
    codec::extent::Extent,
    interface::{
        ArgumentInfo,
        arguments::{ArgumentError, decode::DecodeArguments, encode::EncodeArguments},
    },
};

/// An encoding of values: of `params`, `result` and an error's `data`.
///
/// Each [`Encoding`](crate::Encoding) has an empty type that implements this trait, so that all
/// calls are static. [`MessageCodec`](crate::message::message_codec::MessageCodec) describes how
/// messages are built around these values.
pub(crate) trait ValueCodec {
    /// The byte for this encoding in the native framing's preface.
    const PREFACE_BYTE: u8;

    /// The WebSocket subprotocol for this encoding.
    #[cfg_attr(not(feature = "websocket"), allow(dead_code, reason = "for WebSockets alone"))]
    const SUBPROTOCOL: &'static str;

    /// The error for a WebSocket text message, if this encoding uses binary messages. `None`: it is
    /// text.
    #[cfg_attr(not(feature = "websocket"), allow(dead_code, reason = "for WebSockets alone"))]
    const TEXT_REFUSAL: Option<&'static str>;

    /// The null value.
    const NULL: &'static [u8];

    /// An array without elements: no arguments.
    const EMPTY_ARRAY: &'static [u8];

    /// An object without members.
    const EMPTY_MAP: &'static [u8];

    /// A value of unknown type, read so that it can be turned into JSON.
    type Untyped: DeserializeOwned;

    /// Returns the JSON of such a value.
    fn untyped_json(value: Self::Untyped) -> Result<Box<RawValue>, String>;

    /// Returns whether a message may begin with these bytes, which may end within the message or
    /// behind it.
    fn may_begin(bytes: &[u8]) -> bool;

    /// Returns whether a value is an array, judging by its first byte.
    fn is_array(value: &[u8]) -> bool;

    /// Returns whether a value is an object, judging by its first byte.
    fn is_map(value: &[u8]) -> bool;

    /// Checks that these bytes are one value. They are a part of a message, or all of it.
    fn check(value: &[u8]) -> Result<(), String>;

    /// Appends a value. On an error, the caller has to cut off what was appended.
    fn encode<T: Serialize + ?Sized>(out: &mut Vec<u8>, value: &T) -> Result<(), String>;

    /// Reads a value that fills the payload.
    fn decode<T: DeserializeOwned>(payload: &[u8], extent: Extent) -> Result<T, String>;

    /// Reads a value without its type, in the form that it has in JSON.
    fn decode_any(payload: &[u8]) -> Result<serde_json::Value, String>;

    /// Appends arguments as `params`, by position. On an error, the caller has to cut off what was
    /// appended.
    fn encode_arguments<A: EncodeArguments>(
        out: &mut Vec<u8>,
        arguments: &A,
        names: &'static [ArgumentInfo],
    ) -> Result<(), ArgumentError>;

    /// Reads `params`, by position or by name. Missing `params` mean no arguments.
    ///
    /// A method with exactly one argument may be called with an object whose only key is that
    /// argument's name. Any other object _is_ the argument.
    fn decode_arguments<A: DecodeArguments>(
        params: Option<&[u8]>,
        names: &'static [ArgumentInfo],
        extent: Extent,
    ) -> Result<A, ArgumentError>;

    /// Reads `params` as one value. For a type that can be read from null, `params` may also be
    /// missing, an empty array or an empty object.
    fn decode_params<T: DeserializeOwned>(
        params: Option<&[u8]>,
        extent: Extent,
    ) -> Result<T, ArgumentError>;
}

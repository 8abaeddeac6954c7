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

/// An encoding of values: what stands in `params`, `result` and an error's `data`.
///
/// A type without values implements it for each [`Encoding`](crate::Encoding), so that all calls are
/// static ones. How messages are built around these values is what
/// [`MessageCodec`](crate::message::message_codec::MessageCodec) says.
pub(crate) trait ValueCodec {
    /// What stands for it in the native framing's preface.
    const PREFACE_BYTE: u8;

    /// What stands for it among the subprotocols of a WebSocket.
    #[cfg_attr(not(feature = "websocket"), allow(dead_code, reason = "for WebSockets alone"))]
    const SUBPROTOCOL: &'static str;

    /// What is answered to a text message of a WebSocket, where its own are binary ones. `None`: it
    /// is text.
    #[cfg_attr(not(feature = "websocket"), allow(dead_code, reason = "for WebSockets alone"))]
    const TEXT_REFUSAL: Option<&'static str>;

    /// The value that is none.
    const NULL: &'static [u8];

    /// An array without elements: no arguments.
    const EMPTY_ARRAY: &'static [u8];

    /// An object without members.
    const EMPTY_MAP: &'static [u8];

    /// A value whose type isn't known, read so that it can become JSON.
    type Untyped: DeserializeOwned;

    /// The JSON of such a value.
    fn untyped_json(value: Self::Untyped) -> Result<Box<RawValue>, String>;

    /// Whether a message may begin with these bytes, of which there may be more or fewer than it has.
    fn may_begin(bytes: &[u8]) -> bool;

    /// Whether a value is an array, as its first byte tells.
    fn is_array(value: &[u8]) -> bool;

    /// Whether a value is an object, as its first byte tells.
    fn is_map(value: &[u8]) -> bool;

    /// Whether bytes that were cut out of a message, or are all of one, are one value.
    fn check(value: &[u8]) -> Result<(), String>;

    /// Appends a value. On an error, what was appended is for the caller to cut off.
    fn encode<T: Serialize + ?Sized>(out: &mut Vec<u8>, value: &T) -> Result<(), String>;

    /// Reads a value, which must fill the payload.
    fn decode<T: DeserializeOwned>(payload: &[u8], extent: Extent) -> Result<T, String>;

    /// Reads a value without its type, as JSON has it.
    fn decode_any(payload: &[u8]) -> Result<serde_json::Value, String>;

    /// Appends arguments as `params`, by position. On an error, what was appended is for the caller
    /// to cut off.
    fn encode_arguments<A: EncodeArguments>(
        out: &mut Vec<u8>,
        arguments: &A,
        names: &'static [ArgumentInfo],
    ) -> Result<(), ArgumentError>;

    /// Reads `params`, by position or by name; none are no arguments.
    ///
    /// A method with exactly one argument may be called with an object of exactly one key, that
    /// argument's name; any other object *is* the argument.
    fn decode_arguments<A: DecodeArguments>(
        params: Option<&[u8]>,
        names: &'static [ArgumentInfo],
        extent: Extent,
    ) -> Result<A, ArgumentError>;

    /// Reads `params` as one value. What takes nothing may be called with nothing in any form.
    fn decode_params<T: DeserializeOwned>(
        params: Option<&[u8]>,
        extent: Extent,
    ) -> Result<T, ArgumentError>;
}

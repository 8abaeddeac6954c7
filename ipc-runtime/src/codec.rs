//! Payloads: what stands in `params`, `result` and an error's `data`.

mod finite;
mod json;

use serde::{Serialize, de::DeserializeOwned};

use crate::{
    ArgumentInfo,
    arguments::{ArgumentError, DecodeArguments, EncodeArguments},
};

/// A value without its type, under the rules of every encoding: NaN and infinities are errors.
pub(crate) fn to_value<T: Serialize + ?Sized>(value: &T) -> Result<serde_json::Value, String> {
    let value = value.serialize(finite::Finite(serde_json::value::Serializer));
    value.map_err(|error| error.to_string())
}

/// How payloads are encoded on one connection.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Encoding {
    Json,
}

impl Encoding {
    /// The byte that stands for it in the native framing's preface.
    pub(crate) fn byte(self) -> u8 {
        match self {
            Self::Json => 0,
        }
    }

    pub(crate) fn from_byte(byte: u8) -> Option<Self> {
        match byte {
            0 => Some(Self::Json),
            _ => None,
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
        }
    }

    /// Reads a value, which must fill the payload.
    pub(crate) fn decode<T: DeserializeOwned>(self, payload: &[u8]) -> Result<T, String> {
        match self {
            Self::Json => json::decode(payload),
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
        }
    }

    /// Reads `params`, by position or by name.
    pub(crate) fn decode_arguments<A: DecodeArguments>(
        self,
        params: Option<&[u8]>,
        names: &'static [ArgumentInfo],
    ) -> Result<A, ArgumentError> {
        match self {
            Self::Json => crate::arguments::decode_json(params, names),
        }
    }

    /// Reads `params` as one value.
    pub(crate) fn decode_params<T: DeserializeOwned>(
        self,
        params: Option<&[u8]>,
    ) -> Result<T, ArgumentError> {
        match self {
            Self::Json => crate::arguments::decode_whole_json(params),
        }
    }
}

//! Reads arguments from a request's params in MessagePack.

use std::marker::PhantomData;

use serde::{
    Deserializer,
    de::{self, DeserializeOwned},
};

use crate::{
    codec::{
        extent::Extent,
        msgpack::{reader, text_keys::TextKeys},
    },
    interface::{
        ArgumentInfo,
        arguments::{
            ArgumentError, ArgumentErrorKind,
            decode::{
                ArgumentProgress, ArgumentStep, DecodeArguments, Params, explain,
                keys_are_of_an_argument,
            },
        },
    },
};

/// Reads `params` by position or by name.
pub(crate) fn decode_arguments<A: DecodeArguments>(
    params: Option<&[u8]>,
    names: &'static [ArgumentInfo],
    extent: Extent,
) -> Result<A, ArgumentError> {
    let mut at = ArgumentProgress::default();
    let decoded = match params {
        None => A::from_slots(A::Slots::default(), &mut at),
        Some(params) => {
            let mut reader = reader::reader(params);
            let decoded = if A::LEN == 1
                && reader::is_map(params)
                && keys_are_of_an_argument(&mut reader::reader(params), names)
            {
                A::from_whole(TextKeys(&mut reader), &mut at)
            } else {
                let params = Params { names, at: &mut at, list: PhantomData };
                TextKeys(&mut reader).deserialize_any(params)
            };
            decoded.and_then(|arguments| {
                at.step = ArgumentStep::Around;
                let fills = reader::fills(&mut reader, extent);
                if fills { Ok(arguments) } else { Err(de::Error::custom(reader::MORE)) }
            })
        }
    };
    decoded.map_err(|error| explain(&error, at, A::LEN, names))
}

/// Reads `params` as one value.
pub(crate) fn decode_params<T: DeserializeOwned>(
    params: Option<&[u8]>,
    extent: Extent,
) -> Result<T, ArgumentError> {
    let params = params.unwrap_or(b"\x90");
    reader::decode(params, extent).or_else(|why| {
        let nothing = matches!(params, b"\x90" | b"\x80");
        let unit = if nothing { reader::decode(b"\xc0", Extent::Stepped).ok() } else { None };
        unit.ok_or_else(|| ArgumentError::of_params(ArgumentErrorKind::Invalid, why))
    })
}

//! Reads arguments from a request's params in JSON: a list, an object by name, or one whole
//! argument.

use std::marker::PhantomData;

use serde::de::{DeserializeOwned, Deserializer};

use crate::{
    codec::json::key_hint::with_hint,
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

/// Reads `params` by position or by name. Missing `params`, or `null`, mean no arguments.
pub(crate) fn decode_arguments<A: DecodeArguments>(
    params: Option<&[u8]>,
    names: &'static [ArgumentInfo],
) -> Result<A, ArgumentError> {
    let mut at = ArgumentProgress::default();
    let decoded = match params {
        None => A::from_slots(A::Slots::default(), &mut at),
        Some(json) if A::LEN == 1 && is_whole_argument(json, names) => {
            let mut deserializer = serde_json::Deserializer::from_slice(json);
            A::from_whole(&mut deserializer, &mut at).and_then(|arguments| {
                at.step = ArgumentStep::Around;
                deserializer.end().map(|()| arguments)
            })
        }
        Some(json) => {
            let mut deserializer = serde_json::Deserializer::from_slice(json);
            let visitor = Params { names, at: &mut at, list: PhantomData };
            deserializer.deserialize_any(visitor).and_then(|arguments| {
                at.step = ArgumentStep::Around;
                deserializer.end().map(|()| arguments)
            })
        }
    };
    decoded.map_err(|error| explain_json(params, error, at, A::LEN, names))
}

/// Returns whether the `params` of a method with one argument are an object other than
/// `{"<its name>": …}`.
///
/// Invalid JSON isn't refused here: decoding it returns the error.
fn is_whole_argument(json: &[u8], names: &'static [ArgumentInfo]) -> bool {
    if json.iter().find(|byte| !byte.is_ascii_whitespace()) != Some(&b'{') {
        return false;
    }
    keys_are_of_an_argument(&mut serde_json::Deserializer::from_slice(json), names)
}

/// Reads `params` as one value.
pub(crate) fn decode_params<T: DeserializeOwned>(
    params: Option<&[u8]>,
) -> Result<T, ArgumentError> {
    let json = params.unwrap_or(b"[]");
    let explained = |error| explain_json(params, error, ArgumentProgress::default(), 0, &[]);
    serde_json::from_slice(json).or_else(|error| {
        let nothing = matches!(json.trim_ascii(), b"[]" | b"{}");
        let unit = if nothing { serde_json::from_slice(b"null").ok() } else { None };
        unit.ok_or_else(|| explained(error))
    })
}

#[cold]
fn explain_json(
    params: Option<&[u8]>,
    error: serde_json::Error,
    at: ArgumentProgress,
    len: usize,
    names: &'static [ArgumentInfo],
) -> ArgumentError {
    // serde_json also reports a syntax error for valid JSON that it can't decode: half a surrogate
    // pair, a number that is too large, arrays nested beyond its limit. The message around it is
    // understood, and its sender waits for an answer with its id.
    let is_json = || {
        params
            .is_none_or(|json| serde_json::from_slice::<&serde_json::value::RawValue>(json).is_ok())
    };
    if !error.is_data() && !is_json() {
        return ArgumentError::of_params(ArgumentErrorKind::Syntax, error);
    }
    // The position counts within `params`, which the caller doesn't see on its own.
    let position = format!(" at line {} column {}", error.line(), error.column());
    let text = error.to_string();
    let text = text.strip_suffix(&position).unwrap_or(&text);
    let hint = params.and_then(|json| with_hint(text, json));
    explain(&hint.as_deref().unwrap_or(text), at, len, names)
}

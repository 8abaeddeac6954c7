//! Encodes arguments as `params`.

use serde::{
    Serialize,
    ser::{SerializeSeq, Serializer},
};

use crate::interface::{
    ArgumentInfo,
    arguments::{ArgumentError, ArgumentErrorKind},
};

/// A list of arguments to be sent: `(&A, (&B, ()))`.
pub trait EncodeArguments {
    /// How many arguments there are.
    const LEN: usize;

    /// Writes each argument. `at` is the position of the one that is being written.
    fn elements<S: SerializeSeq>(&self, sequence: &mut S, at: &mut usize) -> Result<(), S::Error>;
}

impl EncodeArguments for () {
    const LEN: usize = 0;

    fn elements<S: SerializeSeq>(&self, _: &mut S, _: &mut usize) -> Result<(), S::Error> {
        Ok(())
    }
}

impl<A: Serialize + ?Sized, R: EncodeArguments> EncodeArguments for (&A, R) {
    const LEN: usize = 1 + R::LEN;

    #[inline]
    fn elements<S: SerializeSeq>(&self, sequence: &mut S, at: &mut usize) -> Result<(), S::Error> {
        sequence.serialize_element(self.0)?;
        *at += 1;
        self.1.elements(sequence, at)
    }
}

/// Writes the arguments as a sequence: `params` by position. An error names the argument.
///
/// After an error the serializer's output holds an incomplete value and must be discarded.
pub(crate) fn encode<A: EncodeArguments, S: Serializer>(
    arguments: &A,
    names: &'static [ArgumentInfo],
    serializer: S,
) -> Result<S::Ok, ArgumentError> {
    let mut at = 0;
    let written = serializer.serialize_seq(Some(A::LEN)).and_then(|mut sequence| {
        arguments.elements(&mut sequence, &mut at)?;
        sequence.end()
    });
    written.map_err(|error| {
        if at < A::LEN {
            ArgumentError::of_argument(
                ArgumentErrorKind::Invalid,
                at,
                names,
                format_args!(": {error}"),
            )
        } else {
            ArgumentError::of_params(ArgumentErrorKind::Invalid, error)
        }
    })
}

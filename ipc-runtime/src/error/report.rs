//! `Debug` of errors as their text.
//!
//! `main` prints the error that it returns by its `Debug`, and so do `unwrap` and `expect`: what people
//! see first of a mismatch should be its text, and not a line of fields.

use std::{error::Error, fmt};

use crate::{
    endpoint::EndpointError,
    error::{CallError, ConnectError, IpcError, ListenError, RegisterError},
    interface::fingerprint::ParseFingerprintError,
    store::error::StoreError,
    token::TokenError,
    version_mismatch::VersionMismatch,
};

/// Writes an error's text, and below it the causes that it doesn't tell itself.
fn write(error: &dyn Error, f: &mut fmt::Formatter<'_>) -> fmt::Result {
    let mut told = error.to_string();
    f.write_str(&told)?;
    let mut source = error.source();
    while let Some(cause) = source {
        let text = cause.to_string();
        if !told.contains(&text) {
            write!(f, "\ncaused by: {text}")?;
            told.push_str(&text);
        }
        source = cause.source();
    }
    Ok(())
}

macro_rules! debug_as_text {
    ($($error:ty),* $(,)?) => {$(
        /// The text, as [`Display`](fmt::Display) has it, and the causes that it doesn't tell.
        impl fmt::Debug for $error {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                write(self, f)
            }
        }
    )*};
}

debug_as_text! {
    ConnectError,
    EndpointError,
    IpcError,
    ListenError,
    ParseFingerprintError,
    RegisterError,
    StoreError,
    TokenError,
    VersionMismatch,
}

#[cfg(feature = "tls")]
debug_as_text! { crate::transport::tls::TlsError }

/// The text, as [`Display`](fmt::Display) has it, and the causes that it doesn't tell.
impl<E: fmt::Display> fmt::Debug for CallError<E> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Method(error) => fmt::Display::fmt(error, f),
            Self::Ipc(error) => fmt::Debug::fmt(error, f),
        }
    }
}

#[cfg(test)]
mod tests {
    use std::io;

    use super::*;

    #[derive(Debug, thiserror::Error)]
    #[error("the file can't be read")]
    struct Outer(#[source] io::Error);

    #[test]
    fn causes_that_the_text_does_not_tell_stand_below_it() {
        struct Shown<'a>(&'a dyn Error);
        impl fmt::Debug for Shown<'_> {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                write(self.0, f)
            }
        }
        let error = Outer(io::Error::other("no disk"));
        assert_eq!(format!("{:?}", Shown(&error)), "the file can't be read\ncaused by: no disk");
        let error = ConnectError::Carrier(io::Error::other("no disk"));
        assert_eq!(format!("{error:?}"), "can't connect over the given stream: no disk");
    }
}

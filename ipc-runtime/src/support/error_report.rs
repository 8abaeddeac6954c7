//! `Debug` of errors as their text.
//!
//! `main` prints the error that it returns by its `Debug`, and so do `unwrap` and `expect`: what people
//! see first of a mismatch should be its text, and not a line of fields.

use std::{error::Error, fmt};

/// Writes an error's text, and below it the causes that it doesn't tell itself.
pub(crate) fn write(error: &dyn Error, f: &mut fmt::Formatter<'_>) -> fmt::Result {
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

/// Has errors written so by their `Debug`.
macro_rules! debug_as_text {
    ($($error:ty),+ $(,)?) => {$(
        /// The text, as [`Display`](std::fmt::Display) has it, and the causes that it doesn't tell.
        impl ::std::fmt::Debug for $error {
            fn fmt(&self, f: &mut ::std::fmt::Formatter<'_>) -> ::std::fmt::Result {
                $crate::support::error_report::write(self, f)
            }
        }
    )+};
}
pub(crate) use debug_as_text;

#[cfg(test)]
mod tests {
    use std::io;

    #[derive(thiserror::Error)]
    #[error("the file can't be read")]
    struct Silent(#[source] io::Error);

    #[derive(thiserror::Error)]
    #[error("the file can't be read: {0}")]
    struct Telling(#[source] io::Error);

    debug_as_text! { Silent, Telling }

    #[test]
    fn causes_that_the_text_does_not_tell_stand_below_it() {
        let error = Silent(io::Error::other("no disk"));
        assert_eq!(format!("{error:?}"), "the file can't be read\ncaused by: no disk");
        let error = Telling(io::Error::other("no disk"));
        assert_eq!(format!("{error:?}"), "the file can't be read: no disk");
    }
}

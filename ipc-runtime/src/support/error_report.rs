//! `Debug` of errors as their text.
//!
//! `main` prints the error that it returns with its `Debug`, and so do `unwrap` and `expect`. So
//! what people see first should be the error's text, and not a line of fields.

use std::{error::Error, fmt};

/// Writes an error's text, and below it the causes that the text doesn't contain.
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

/// Implements the `Debug` of errors like that.
macro_rules! debug_as_text {
    ($($error:ty),+ $(,)?) => {$(
        /// Writes the text of [`Display`](std::fmt::Display), and the causes that it doesn't
        /// contain.
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

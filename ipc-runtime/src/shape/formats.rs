//! What features of this crate know of other crates' types: that their values are text, and of
//! which format.
//!
//! A format is told and never counts: with another set of features, an interface has the same
//! fingerprint.

use std::marker::PhantomData;

use crate::shape::{ipc_type::IpcType, name::Docs, node::Member};

/// `FormatProbe::<T>::FORMAT_PROBED` is the format of a type that a feature knows.
#[doc(hidden)]
#[derive(Debug)]
pub struct FormatProbe<T: ?Sized>(PhantomData<T>);

/// What a [`FormatProbe`] yields for a type that no feature knows.
#[doc(hidden)]
pub trait FormatProbeFallback {
    const FORMAT_PROBED: Option<&'static str> = None;
}

impl<T: ?Sized> FormatProbeFallback for FormatProbe<T> {}

#[cfg(any(feature = "chrono", feature = "jiff", feature = "url", feature = "uuid"))]
macro_rules! formats {
    ($($format:literal: [$($generics:tt)*] $ty:ty;)*) => {$(
        impl<$($generics)*> FormatProbe<$ty> {
            pub const FORMAT_PROBED: Option<&'static str> = Some($format);
        }
    )*};
}

#[cfg(feature = "chrono")]
formats! {
    "date-time": [Tz: chrono::TimeZone] chrono::DateTime<Tz>;
    "date": [] chrono::NaiveDate;
    "partial-time": [] chrono::NaiveTime;
    "partial-date-time": [] chrono::NaiveDateTime;
}

#[cfg(feature = "jiff")]
formats! {
    "date-time": [] jiff::Timestamp;
    "zoned-date-time": [] jiff::Zoned;
    "date": [] jiff::civil::Date;
    "partial-time": [] jiff::civil::Time;
    "partial-date-time": [] jiff::civil::DateTime;
    "duration": [] jiff::Span;
    "duration": [] jiff::SignedDuration;
}

#[cfg(feature = "url")]
formats! {
    "uri": [] url::Url;
}

#[cfg(feature = "uuid")]
formats! {
    "uuid": [] uuid::Uuid;
}

/// The format of what these functions write, which are named as serde's `with` names them. The
/// types of `time` are text only by such functions.
#[doc(hidden)]
pub const fn format_of_functions(functions: &str) -> Option<&'static str> {
    match functions.as_bytes() {
        b"time::serde::rfc3339" | b"time::serde::iso8601" if cfg!(feature = "time") => {
            Some("date-time")
        }
        _ => None,
    }
}

/// The part of a foreign type that tells which functions write it.
#[doc(hidden)]
pub const fn with(functions: &'static str) -> Member {
    Member::new(functions, Member::WITH, <()>::NODE, &Docs::NONE)
}

/// The part of a foreign type that tells its format, which may be unknown.
#[doc(hidden)]
pub const fn format(format: Option<&'static str>) -> Member {
    let word = match format {
        Some(format) => format,
        None => "",
    };
    Member::new(word, Member::FORMAT, <()>::NODE, &Docs::NONE)
}

//! Return types of exposed functions.

use std::{
    borrow::Cow,
    collections::{BTreeMap, BTreeSet, HashMap, HashSet, VecDeque},
    fmt,
    path::PathBuf,
    time::{Duration, SystemTime},
};

use serde::Serialize;

use crate::{codec::bytes::Bytes, peer::incoming::responder::Responder};

/// A type that an [exposed](crate::Backend::expose) function may return: a value, or a `Result`
/// whose error is sent like a method's own.
///
/// A value's type is one of the standard library's, `Bytes` or `serde_json::Value`, or made of
/// those: a number, a `String`, a `Vec<T>` or an `Option<T>` of anything that serializes. Return a
/// type of your own as an `Ok`: that way, no `Result` is ever taken for a value.
///
/// The trait is sealed: only this crate implements it.
#[diagnostic::on_unimplemented(
    message = "an exposed function can't return `{Self}`",
    label = "neither a `Result` nor a value that is known to travel",
    note = "return a `Result` of it: `Ok::<_, String>(…)` where it can't fail"
)]
pub trait FunctionOutput: sealed::Answerable {
    /// Called by the runtime.
    #[doc(hidden)]
    fn answer(self, responder: Responder);
}

mod sealed {
    pub trait Answerable {}
}

impl<T, E> sealed::Answerable for Result<T, E> {}

impl<T: Serialize, E: Serialize + fmt::Display> FunctionOutput for Result<T, E> {
    fn answer(self, responder: Responder) {
        responder.result(self);
    }
}

macro_rules! values {
    ($([$($parameter:tt)*] $type:ty;)*) => {$(
        impl<$($parameter)*> sealed::Answerable for $type {}

        impl<$($parameter)*> FunctionOutput for $type {
            fn answer(self, responder: Responder) {
                responder.value(self);
            }
        }
    )*};
}

values! {
    [] ();
    [] bool;
    [] char;
    [] i8;
    [] i16;
    [] i32;
    [] i64;
    [] i128;
    [] isize;
    [] u8;
    [] u16;
    [] u32;
    [] u64;
    [] u128;
    [] usize;
    [] f32;
    [] f64;
    [] String;
    [] &'static str;
    [] Cow<'static, str>;
    [] Bytes;
    [] Duration;
    [] PathBuf;
    [] SystemTime;
    [] serde_json::Value;
    [T: Serialize] Option<T>;
    [T: Serialize] Box<T>;
    [T: Serialize] Vec<T>;
    [T: Serialize] VecDeque<T>;
    [T: Serialize] BTreeSet<T>;
    [T: Serialize, S] HashSet<T, S>;
    [K: Serialize, V: Serialize] BTreeMap<K, V>;
    [K: Serialize, V: Serialize, S] HashMap<K, V, S>;
    [A: Serialize] (A,);
    [A: Serialize, B: Serialize] (A, B);
    [A: Serialize, B: Serialize, C: Serialize] (A, B, C);
    [A: Serialize, B: Serialize, C: Serialize, D: Serialize] (A, B, C, D);
    [A: Serialize, B: Serialize, C: Serialize, D: Serialize, E: Serialize] (A, B, C, D, E);
    [A: Serialize, B: Serialize, C: Serialize, D: Serialize, E: Serialize, F: Serialize]
        (A, B, C, D, E, F);
}

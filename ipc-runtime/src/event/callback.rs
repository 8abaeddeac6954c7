//! A callback of an event.

use std::{
    any::type_name,
    panic::{AssertUnwindSafe, catch_unwind},
    sync::atomic::{AtomicBool, Ordering},
};

use crate::support::panic_text::panic_text;

/// A function that `fire` calls.
pub(crate) struct Callback<T> {
    /// Cleared on removal: a callback that is removed during a `fire` isn't called by it any more.
    pub(super) listening: AtomicBool,
    pub(super) function: Box<dyn Fn(&T) + Send + Sync>,
}

impl<T> Callback<T> {
    pub(super) fn call(&self, value: &T) {
        if !self.listening.load(Ordering::Acquire) {
            return;
        }
        if let Err(panic) = catch_unwind(AssertUnwindSafe(|| (self.function)(value))) {
            let (event, text) = (type_name::<T>(), panic_text(&*panic));
            tracing::error!(event, panic = text, "a callback of an event panicked");
        }
    }
}

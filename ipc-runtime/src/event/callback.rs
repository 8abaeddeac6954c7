use std::{
    any::type_name,
    fmt,
    panic::{AssertUnwindSafe, catch_unwind},
    sync::{
        Weak,
        atomic::{AtomicBool, Ordering},
    },
};

use crate::support::panic_text::panic_text;

/// A function that is called by `fire`.
pub(crate) struct Callback<T> {
    /// A guard that is dropped during a `fire` stops the call that was still to come.
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

/// Keeps a callback registered: of [`Event::on`](super::Event::on), or of
/// [`Backend::on`](crate::Backend::on) and [`Frontend::on`](crate::Frontend::on). Dropping it
/// unsubscribes.
///
/// It has no type parameter: guards of different events go into one `Vec<Listening>`. It doesn't
/// keep what it listens to alive.
#[must_use = "the callback is unregistered when this is dropped"]
pub struct Listening {
    source: Weak<dyn Callbacks>,
    id: u64,
}

impl Listening {
    pub(crate) fn new(source: Weak<dyn Callbacks>, id: u64) -> Self {
        Self { source, id }
    }
}

impl Listening {
    /// Lets the callback stay as long as what it listens to.
    pub(crate) fn stay(mut self) {
        self.source = Weak::<Nobody>::new();
    }
}

/// Who never calls.
struct Nobody;

impl Callbacks for Nobody {
    fn remove(&self, _: u64) {}
}

/// Whoever calls the callbacks.
pub(crate) trait Callbacks: Send + Sync {
    fn remove(&self, id: u64);
}

impl Drop for Listening {
    fn drop(&mut self) {
        if let Some(source) = self.source.upgrade() {
            source.remove(self.id);
        }
    }
}

impl fmt::Debug for Listening {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Listening").field("id", &self.id).finish_non_exhaustive()
    }
}

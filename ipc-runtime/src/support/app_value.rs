//! What the app has given to be called.

use std::panic::{AssertUnwindSafe, catch_unwind};

use crate::support::panic_text::panic_text;

/// What the app has given to be called. Whoever lets go of it last, which may be a connection's
/// task, must not end by a panic in its drop.
pub(crate) struct AppValue<T>(Option<T>);

impl<T> AppValue<T> {
    pub(crate) fn new(given: T) -> Self {
        Self(Some(given))
    }

    /// It is always there.
    pub(crate) fn get(&self) -> Option<&T> {
        self.0.as_ref()
    }
}

impl<T> Drop for AppValue<T> {
    fn drop(&mut self) {
        let given = self.0.take();
        if let Err(panic) = catch_unwind(AssertUnwindSafe(|| drop(given))) {
            let text = panic_text(&*panic);
            tracing::error!(panic = text, "a handler panicked when it was dropped");
        }
    }
}

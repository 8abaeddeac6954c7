//! Values that the app has passed in to be called.

use std::panic::{AssertUnwindSafe, catch_unwind};

use crate::support::panic_text::panic_text;

/// A value that the app has passed in to be called. Its last owner, which may be a connection's
/// task, must not end if its drop panics.
pub(crate) struct AppValue<T>(Option<T>);

impl<T> AppValue<T> {
    pub(crate) fn new(given: T) -> Self {
        Self(Some(given))
    }

    /// Returns the value, which is always there.
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

//! How deep calls are nested in handlers.
//!
//! Two sides whose handlers call each other would deadlock if all places of both were taken by
//! handlers that wait for a place at the other side. So a call that a handler makes knows how deep
//! it is nested, and each depth has places of its own. Calls that wait for the deepest ones never
//! take their places.

use std::{
    cell::Cell,
    future::Future,
    pin::Pin,
    task::{Context, Poll},
};

/// The greatest depth with places of its own. Calls that are nested deeper share them.
pub(crate) const DEEPEST: u8 = 16;

thread_local! {
    static DEPTH: Cell<u8> = const { Cell::new(0) };
}

/// The depth of a call that is made here: 0 outside of all handlers.
pub(crate) fn depth() -> u8 {
    DEPTH.get()
}

/// How many calls may be in flight up to this depth, if the other side accepts `limit`. One place
/// for each depth is enough for the deepest waiting call to get one eventually. A peer could claim
/// any depth, so all depths together have as many places as `limit`, or one each.
pub(crate) fn places(limit: usize, depth: u8) -> usize {
    let of_each = (limit / usize::from(DEEPEST)).max(1);
    limit.saturating_add(of_each.saturating_mul(depth.min(DEEPEST).into()))
}

/// Runs a part of a handler whose own call has this depth.
pub(crate) fn inside<R>(depth: u8, run: impl FnOnce() -> R) -> R {
    struct Restore(u8);

    impl Drop for Restore {
        fn drop(&mut self) {
            DEPTH.set(self.0);
        }
    }

    let _restore = Restore(DEPTH.replace(depth.min(DEEPEST - 1) + 1));
    run()
}

/// A handler's future. Calls that it makes are nested.
pub(crate) struct Inside<F> {
    pub(crate) depth: u8,
    pub(crate) future: F,
}

impl<F: Future + Unpin> Future for Inside<F> {
    type Output = F::Output;

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<F::Output> {
        inside(self.depth, || Pin::new(&mut self.future).poll(cx))
    }
}

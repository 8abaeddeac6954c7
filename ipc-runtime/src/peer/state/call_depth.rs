//! Calls that are made inside of handlers.
//!
//! Two sides whose handlers call each other would wait for ever once all of both's places are
//! taken by handlers that wait for a place at the other side. So a call that a handler makes knows
//! how deep it is nested, and each depth has places of its own: those of the deepest calls are
//! never taken by calls that wait for them.

use std::{
    cell::Cell,
    future::Future,
    pin::Pin,
    task::{Context, Poll},
};

/// Calls that are nested deeper share the places of this depth.
pub(crate) const DEEPEST: u8 = 16;

thread_local! {
    static DEPTH: Cell<u8> = const { Cell::new(0) };
}

/// How deep a call is nested that is made here: 0 outside of all handlers.
pub(crate) fn depth() -> u8 {
    DEPTH.get()
}

/// How many calls may be in flight, up to this depth, where `limit` is told. One place for each depth
/// is enough for the deepest call that waits to get one some time. The depth is the other side's
/// word, so all of them together are as many as `limit`, or one each.
pub(crate) fn places(limit: usize, depth: u8) -> usize {
    let of_each = (limit / usize::from(DEEPEST)).max(1);
    limit.saturating_add(of_each.saturating_mul(depth.min(DEEPEST).into()))
}

/// Runs a part of a handler whose own call is nested this deep.
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

/// A handler's future: calls that it makes are nested.
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

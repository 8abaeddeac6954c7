//! A call of the peer that didn't finish at once.

use std::{
    any::Any,
    future::Future,
    panic::{AssertUnwindSafe, catch_unwind},
    pin::Pin,
    sync::Arc,
};

use futures_util::FutureExt;

use crate::{
    peer::{
        connection::called::Called,
        state::call_depth::{self, Inside},
    },
    support::{item_notes::Scoped, panic_text::panic_text, rt::spawn_blocking},
    usage::{Gauge, Gauges},
};

pub(crate) type HandlerFuture = Pin<Box<dyn Future<Output = ()> + Send>>;

/// What is left of a call that didn't finish at once.
pub(crate) struct UnfinishedCall {
    pub(crate) work: Work,
    pub(crate) called: Called,
    /// Whether it may be stopped.
    pub(crate) cancellable: bool,
    /// How deep its call is nested.
    pub(crate) depth: u8,
}

pub(crate) enum Work {
    /// Polled once.
    Begun(HandlerFuture),
    /// Of a subscription: it isn't over when the request is answered. Sources that it makes or
    /// polls tell it what isn't in their items.
    Stream(Scoped<HandlerFuture>),
    /// For a thread of its own, which it hasn't got yet.
    Blocking(Box<dyn FnOnce() + Send>),
}

impl UnfinishedCall {
    /// Ends a panic where it is one call's error. The handler's own values, and with them the
    /// responder, are dropped by the unwinding, so that is answered.
    ///
    /// Blocking work gets its thread here, and may answer before this returns. So the request has
    /// to be on the list of those that run by now: the answer takes it off.
    pub(crate) fn finish(self, gauges: &Arc<Gauges>) -> impl Future<Output = ()> + Send + use<> {
        let counted = gauges.count(Gauge::RunningHandlers);
        let Self { work, called, depth, .. } = self;
        let future = match work {
            Work::Begun(future) => future,
            Work::Stream(future) => future.boxed(),
            Work::Blocking(work) => {
                let called = called.clone();
                spawn_blocking(move || {
                    let work = || call_depth::inside(depth, work);
                    if let Err(panic) = catch_unwind(AssertUnwindSafe(work)) {
                        log_panic(&called, &*panic);
                    }
                })
                .map(drop)
                .boxed()
            }
        };
        async move {
            let _counted = counted;
            let future = Inside { depth, future };
            if let Err(panic) = AssertUnwindSafe(future).catch_unwind().await {
                log_panic(&called, &*panic);
            }
        }
    }
}

pub(crate) fn log_panic(called: &Called, panic: &(dyn Any + Send)) {
    let text = panic_text(panic);
    tracing::error!(method = called.name(), panic = text, "a handler panicked");
}

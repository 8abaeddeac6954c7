//! An incoming call that didn't finish at once.

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

/// The rest of an incoming call that didn't finish at once.
pub(crate) struct UnfinishedCall {
    pub(crate) work: Work,
    pub(crate) called: Called,
    /// Whether cancelling the call stops it.
    pub(crate) cancellable: bool,
    /// How deep the call is nested in handlers.
    pub(crate) depth: u8,
}

pub(crate) enum Work {
    /// A handler's future that was polled once.
    Begun(HandlerFuture),
    /// The future of a subscription: it goes on after the request is answered. Event sources that
    /// are created or polled in it report to its notes what their items have no room for.
    Stream(Scoped<HandlerFuture>),
    /// Work for a thread of its own, which it doesn't have yet.
    Blocking(Box<dyn FnOnce() + Send>),
}

impl UnfinishedCall {
    /// Runs the call to its end. A panic is caught here and is this call's error alone: unwinding
    /// drops the handler's own values, the responder among them, and that answers.
    ///
    /// Blocking work gets its thread before this returns, and may answer before that too. So the
    /// request has to be on the list of running requests already: the answer takes it off.
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

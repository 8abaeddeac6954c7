//! Runs handlers: at once if that is enough, else in tasks of their own.

use std::{
    panic::{AssertUnwindSafe, catch_unwind},
    sync::Arc,
    task::{Context, Poll, Waker},
};

use futures_util::{
    FutureExt,
    future::{AbortHandle, AbortRegistration, Abortable},
};
use tokio::task::coop;

use crate::{
    message::{error_object::ErrorObject, id::Id},
    peer::{
        connection::{
            Connection, DeferredCall, Phase,
            unfinished_call::{UnfinishedCall, Work, log_panic},
        },
        incoming::{
            context::Asked,
            responder::Responder,
            service::{Flow, Incoming},
            target::Target,
        },
        state::call_depth::{self, Inside},
    },
    support::{
        item_notes::{Notes, Position, Scoped},
        name::Name,
        rt::spawn,
    },
    usage::Gauge,
};

/// Begins a call. Returns the rest of it if it doesn't finish at once.
pub(crate) fn begin(
    target: &Target,
    incoming: Incoming<'_>,
    depth: u8,
    resume: Option<Position>,
) -> Option<UnfinishedCall> {
    let call = AssertUnwindSafe(|| call_depth::inside(depth, || target.call(incoming)));
    let rest = |work, cancellable| {
        Some(UnfinishedCall { work, called: target.called(), cancellable, depth })
    };
    match catch_unwind(call) {
        Ok(Flow::Done) => None,
        Ok(Flow::Subscription(future)) => {
            let notes = Notes { resume, ..Notes::default() };
            rest(Work::Stream(Scoped { notes, future }), true)
        }
        Ok(Flow::Later(mut future)) => {
            // Most handlers are done at their first poll, and need no task. They don't use the
            // driver's budget: if it were used up, ready futures would look pending. A wake-up
            // before the task exists isn't lost, since spawning polls again.
            let mut context = Context::from_waker(Waker::noop());
            let polled = catch_unwind(AssertUnwindSafe(|| {
                let future = Inside { depth, future: &mut future };
                coop::unconstrained(future).poll_unpin(&mut context)
            }));
            match polled {
                Ok(Poll::Ready(())) => None,
                Ok(Poll::Pending) => rest(Work::Begun(future), target.called().cancellable()),
                Err(panic) => {
                    log_panic(&target.called(), &*panic);
                    None
                }
            }
        }
        Ok(Flow::Blocking(work)) => rest(Work::Blocking(work), false),
        Err(panic) => {
            log_panic(&target.called(), &*panic);
            None
        }
    }
}

/// Returns what begins the call of a notification when those before it have finished.
pub(crate) fn waiting(target: &Target, params: Option<&[u8]>) -> DeferredCall {
    let (target, params) = (target.clone(), params.map(Box::<[u8]>::from));
    Box::new(move |connection| {
        let responder = notified(connection, &target, params.as_deref())?;
        let incoming = Incoming::new(params.as_deref(), responder);
        begin(&target, incoming, 0, None)
    })
}

/// Runs a channel's notifications one after another, beginning with one that didn't finish at once.
async fn run_notifications(
    connection: Arc<Connection>,
    channel: Name,
    first: UnfinishedCall,
    registration: AbortRegistration,
) {
    let mut current = Some((first, registration));
    loop {
        if let Some((call, registration)) = current.take() {
            let _ = Abortable::new(call.finish(connection.session().gauges()), registration).await;
        }
        let (next, dropped) = connection.with_state(|state| state.notifications.finished(&channel));
        if dropped > 0 {
            tell_dropped(&connection, &channel, dropped);
        }
        let Some(begin) = next else { break };
        if let Some(call) = begin(&connection) {
            let (abort, registration) = AbortHandle::new_pair();
            let goes_on = connection.with_state(|state| {
                let abort = call.cancellable.then_some(abort);
                state.notifications.goes_on(&channel, abort)
            });
            if goes_on || !call.cancellable {
                current = Some((call, registration));
            }
        }
    }
    connection.note_finished();
}

/// Returns the responder of a notification, though it sends no answer; `None` if a middleware
/// refuses the call.
pub(crate) fn notified(
    connection: &Arc<Connection>,
    target: &Target,
    params: Option<&[u8]>,
) -> Option<Responder> {
    let responder = Responder::new(connection, None, target.called(), Asked::default(), params);
    let refused = |error: &ErrorObject| {
        let (peer, why) = (connection.info().id, &*error.message);
        tracing::debug!(%peer, method = target.called().name(), why, "refused a notification");
    };
    responder.inspect_err(refused).ok()
}

/// Tells the peer that its notifications were dropped.
pub(crate) fn tell_dropped(connection: &Connection, channel: &str, count: u64) {
    let told = serde_json::json!({ "channel": channel, "n": count });
    connection.notify_peer("rpc.dropped", &told);
}

/// Lets a request that didn't finish at once go on in a task of its own.
pub(crate) fn spawn_request(connection: &Arc<Connection>, id: Id, rest: UnfinishedCall) {
    let (abort, registration) = AbortHandle::new_pair();
    let handle = rest.cancellable.then(|| abort.clone());
    let counted = connection.session().gauges().count(Gauge::Requests);
    let ended = connection.with_state(|state| {
        state.running.insert(id, handle, counted);
        matches!(state.phase, Phase::Ended(_))
    });
    if ended && rest.cancellable {
        abort.abort();
    }
    let connection = connection.clone();
    let is_stream = matches!(rest.work, Work::Stream(_));
    let rest = Abortable::new(rest.finish(connection.session().gauges()), registration);
    if is_stream {
        // Only now is its abort handle known, which its answer passes on to the subscription. It
        // still begins in the order of its message: it is polled here first.
        let mut rest = Box::pin(rest);
        let mut context = Context::from_waker(Waker::noop());
        if coop::unconstrained(&mut rest).poll_unpin(&mut context).is_pending() {
            spawn(rest.map(drop));
        }
        return;
    }
    spawn(async move {
        // Stopped or finished, the future is dropped at the end of this statement. That answers if
        // nothing else has.
        let _ = rest.await;
        connection.note_finished();
    });
}

/// Lets a notification that didn't finish at once go on in a task of its own. That task also runs
/// those of its channel that come in meanwhile.
pub(crate) fn spawn_notifications(
    connection: &Arc<Connection>,
    channel: Name,
    first: UnfinishedCall,
) {
    let (abort, registration) = AbortHandle::new_pair();
    connection.with_state(|state| {
        state.notifications.started(channel.clone(), first.cancellable.then_some(abort));
    });
    spawn(run_notifications(connection.clone(), channel, first, registration));
}

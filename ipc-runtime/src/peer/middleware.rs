//! Hooks around calls, in both directions.

use std::{
    fmt,
    panic::{AssertUnwindSafe, catch_unwind},
    sync::Arc,
    time::Duration,
};

use crate::{
    codec::Encoding,
    interface::MethodInfo,
    message::error_object::{ErrorObject, code},
    peer::session::{
        Session,
        handle::Peer,
        hooks::{CallHooks, CallOutcome, HookedCall},
    },
    support::{lock::Lock, panic_text::panic_text},
};

/// Hooks around every call, notification and opening of a subscription, in both directions: for
/// authorization by method, for metrics, or for a log.
///
/// Pass it to [`BackendBuilder::middleware`](crate::BackendBuilder::middleware) or
/// [`FrontendBuilder::middleware`](crate::FrontendBuilder::middleware). Every hook has a default
/// that does nothing; without any middleware, calls pay nothing for it. Messages between the
/// runtimes of both sides (handshake, credit, cancelling) don't pass through it.
///
/// Hooks run where messages are read and written: they have to be short, and can't wait. A panic in
/// a hook is logged; in [`incoming`](Self::incoming), it also refuses the call, with -32603.
///
/// ```
/// use std::time::Duration;
///
/// use ipc_runtime::{Backend, error::ErrorObject, middleware::{CallInfo, CallOutcome, Middleware}};
///
/// /// Who is logged in at a window; stored with `call.peer().extensions().insert(User { … })`.
/// struct User {
///     is_admin: bool,
/// }
///
/// struct Guard;
///
/// impl Middleware for Guard {
///     fn incoming(&self, call: &CallInfo<'_>) -> Result<(), ErrorObject> {
///         let user = call.peer().extensions().get::<User>();
///         let is_admin = user.is_some_and(|user| user.is_admin);
///         if call.method().starts_with("app.admin.") && !is_admin {
///             return Err(ErrorObject::unauthorized("only for administrators"));
///         }
///         Ok(())
///     }
///
///     fn handled(&self, call: &CallInfo<'_>, outcome: &CallOutcome<'_>, elapsed: Duration) {
///         println!("{} {outcome} after {elapsed:?}", call.method());
///     }
/// }
///
/// let backend = Backend::builder().middleware(Guard).build();
/// ```
pub trait Middleware: Send + Sync + 'static {
    /// Called when a call from the other side is about to be handled; its arguments aren't decoded
    /// yet.
    ///
    /// # Errors
    ///
    /// An error refuses the call: a request is answered with it, a notification is dropped.
    fn incoming(&self, call: &CallInfo<'_>) -> Result<(), ErrorObject> {
        let _ = call;
        Ok(())
    }

    /// Called exactly once for each call that [`incoming`](Self::incoming) let pass, when it has
    /// ended, or when a later middleware has refused it. For a subscription: when it was opened.
    fn handled(&self, call: &CallInfo<'_>, outcome: &CallOutcome<'_>, elapsed: Duration) {
        let _ = (call, outcome, elapsed);
    }

    /// Called when a call of this side is polled for the first time.
    fn outgoing(&self, call: &CallInfo<'_>) {
        let _ = call;
    }

    /// Called exactly once for each call that [`outgoing`](Self::outgoing) got, when it has ended.
    /// For a notification: when the operating system has taken it, or when
    /// [`Peers::notify`](crate::Peers::notify) has queued it. A notification that is dropped once
    /// it is queued is sent all the same.
    fn answered(&self, call: &CallInfo<'_>, outcome: &CallOutcome<'_>, elapsed: Duration) {
        let _ = (call, outcome, elapsed);
    }
}

/// A call, as a [`Middleware`] sees it.
#[derive(Clone, Copy)]
pub struct CallInfo<'a> {
    peer: &'a Peer,
    method: &'a str,
    info: Option<&'static MethodInfo>,
    is_notification: bool,
    params: Option<&'a [u8]>,
    encoding: Encoding,
}

impl<'a> CallInfo<'a> {
    fn new(peer: &'a Peer, call: &HookedCall<'a, Session>) -> Self {
        let &HookedCall { method, info, is_notification, params, encoding, .. } = call;
        Self { peer, method, info, is_notification, params, encoding }
    }
}

impl CallInfo<'_> {
    /// Returns the other side: the caller of an incoming call, or the side that an outgoing one
    /// calls.
    pub fn peer(&self) -> &Peer {
        self.peer
    }

    /// Returns the name on the wire: a method with its channel, or an exposed function.
    pub fn method(&self) -> &str {
        self.method
    }

    /// Returns the description of the method, if this side has it: for an incoming call of a
    /// method. `None` for exposed functions and outgoing calls.
    pub fn method_info(&self) -> Option<&'static MethodInfo> {
        self.info
    }

    /// Returns whether this is a notification, which has no answer.
    pub fn is_notification(&self) -> bool {
        self.is_notification
    }

    /// Returns the size of the arguments in bytes; 0 once the call has ended.
    pub fn size(&self) -> usize {
        self.params.map_or(0, <[u8]>::len)
    }

    /// Decodes the arguments: an array by position or an object by name. Returns `None` if there
    /// are none, if they can't be read, and once the call has ended. A log that shows them should
    /// know which of them are secret.
    pub fn params(&self) -> Option<serde_json::Value> {
        self.encoding.decode_any(self.params?).ok()
    }
}

impl fmt::Debug for CallInfo<'_> {
    /// Without the arguments, which may be secret.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("CallInfo")
            .field("method", &self.method)
            .field("peer", &self.peer.id())
            .field("is_notification", &self.is_notification)
            .field("size", &self.size())
            .finish()
    }
}

/// The hooks of one backend or frontend. A middleware may keep a [`Peer`], which knows these hooks.
/// So they are dropped at the end, once the outcome of the last call is reported.
struct Hooks(Lock<HooksState>);

struct HooksState {
    /// `None` once they are dropped.
    layers: Option<Arc<Layers>>,
    /// How many calls have an outcome that is still to be reported.
    under_way: usize,
    retired: bool,
}

impl CallHooks<Session> for Hooks {
    fn incoming(&self, call: &HookedCall<'_, Session>) -> Result<(), ErrorObject> {
        let Some(layers) = self.begin() else {
            // No middleware is left to allow it.
            let why = format!("{} did not run: this side has ended", call.method);
            return Err(ErrorObject::new(code::CLOSING, why));
        };
        let peer = Peer::new(call.session.clone());
        layers.incoming(&CallInfo::new(&peer, call)).inspect_err(|_| self.finish())
    }

    fn outgoing(&self, call: &HookedCall<'_, Session>) {
        if let Some(layers) = self.begin() {
            let peer = Peer::new(call.session.clone());
            layers.outgoing(&CallInfo::new(&peer, call));
        }
    }

    fn handled(
        &self,
        call: &HookedCall<'_, Session>,
        outcome: &CallOutcome<'_>,
        elapsed: Duration,
    ) {
        if let Some(layers) = self.layers() {
            let peer = Peer::new(call.session.clone());
            layers.handled(&CallInfo::new(&peer, call), outcome, elapsed);
            self.finish();
        }
    }

    fn answered(
        &self,
        call: &HookedCall<'_, Session>,
        outcome: &CallOutcome<'_>,
        elapsed: Duration,
    ) {
        // If there were none when the call began, there are none when it ends.
        if let Some(layers) = self.layers() {
            let peer = Peer::new(call.session.clone());
            layers.answered(&CallInfo::new(&peer, call), outcome, elapsed);
            self.finish();
        }
    }

    fn retire(&self) {
        let unused = {
            let mut state = self.0.lock();
            state.retired = true;
            state.take_unused()
        };
        drop(unused);
    }
}

impl Hooks {
    fn begin(&self) -> Option<Arc<Layers>> {
        let mut state = self.0.lock();
        let layers = state.layers.clone()?;
        state.under_way += 1;
        Some(layers)
    }

    fn layers(&self) -> Option<Arc<Layers>> {
        self.0.lock().layers.clone()
    }

    fn finish(&self) {
        let unused = {
            let mut state = self.0.lock();
            state.under_way = state.under_way.saturating_sub(1);
            state.take_unused()
        };
        // Without the lock: dropping them runs the app's code.
        drop(unused);
    }
}

impl HooksState {
    fn take_unused(&mut self) -> Option<Arc<Layers>> {
        let is_unused = self.retired && self.under_way == 0;
        if is_unused { self.layers.take() } else { None }
    }
}

/// The middleware, in the order in which it was added.
#[derive(Clone, Default)]
pub(crate) struct Layers(Vec<Arc<dyn Middleware>>);

impl Layers {
    pub(crate) fn push(&mut self, middleware: impl Middleware) {
        self.0.push(Arc::new(middleware));
    }

    /// Returns the hooks that sessions know; `None` if there is no middleware.
    pub(crate) fn into_hooks(self) -> Option<Arc<dyn CallHooks<Session>>> {
        if self.0.is_empty() {
            return None;
        }
        let layers = Some(Arc::new(self));
        let state = HooksState { layers, under_way: 0, retired: false };
        Some(Arc::new(Hooks(Lock::new(state))))
    }

    /// Asks one middleware after another, until one refuses. Those before it get that as the
    /// outcome.
    fn incoming(&self, call: &CallInfo<'_>) -> Result<(), ErrorObject> {
        for (asked, middleware) in self.0.iter().enumerate() {
            let verdict = catch_unwind(AssertUnwindSafe(|| middleware.incoming(call)));
            let refused = match verdict {
                Ok(Ok(())) => continue,
                Ok(Err(refused)) => refused,
                Err(panic) => {
                    log_panic(call, &*panic);
                    let why = format!("the middleware of {} panicked", call.method);
                    ErrorObject::new(code::INTERNAL_ERROR, why)
                }
            };
            let told = self.0.iter().take(asked);
            let outcome = CallOutcome::Error(&refused);
            told.for_each(|told| {
                guarded(call, || told.handled(call, &outcome, Duration::ZERO));
            });
            return Err(refused);
        }
        Ok(())
    }

    fn handled(&self, call: &CallInfo<'_>, outcome: &CallOutcome<'_>, elapsed: Duration) {
        self.0.iter().for_each(|it| guarded(call, || it.handled(call, outcome, elapsed)));
    }

    fn outgoing(&self, call: &CallInfo<'_>) {
        self.0.iter().for_each(|it| guarded(call, || it.outgoing(call)));
    }

    fn answered(&self, call: &CallInfo<'_>, outcome: &CallOutcome<'_>, elapsed: Duration) {
        self.0.iter().for_each(|it| guarded(call, || it.answered(call, outcome, elapsed)));
    }
}

impl fmt::Debug for Layers {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} hooks", self.0.len())
    }
}

fn guarded(call: &CallInfo<'_>, hook: impl FnOnce()) {
    if let Err(panic) = catch_unwind(AssertUnwindSafe(hook)) {
        log_panic(call, &*panic);
    }
}

fn log_panic(call: &CallInfo<'_>, panic: &(dyn std::any::Any + Send)) {
    tracing::error!(method = call.method, panic = panic_text(panic), "a middleware panicked");
}

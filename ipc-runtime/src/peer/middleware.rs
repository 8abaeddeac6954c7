//! Hooks around the calls of both directions.

use std::{
    fmt,
    panic::{AssertUnwindSafe, catch_unwind},
    sync::{Arc, MutexGuard},
    time::Duration,
};

use crate::{
    codec::Encoding,
    error::IpcError,
    interface::MethodInfo,
    message::error_object::{ErrorObject, code},
    peer::session::handle::Peer,
    support::{lock::Lock, panic_text::panic_text},
};

/// Hooks around every call, notification and opening of a subscription, in both directions: for
/// authorization by method, for metrics, for a log.
///
/// It is given to [`BackendBuilder::middleware`](crate::BackendBuilder::middleware) or
/// [`FrontendBuilder::middleware`](crate::FrontendBuilder::middleware). Every hook has a default
/// that does nothing; without any middleware, calls pay nothing for it. What the runtimes of both
/// sides say to each other (handshake, credit, cancelling) doesn't pass here.
///
/// The hooks are called where messages are read and written: they have to be short, and can't wait.
/// A panic in one is logged; in [`incoming`](Self::incoming) it refuses the call, too.
///
/// ```
/// use std::time::Duration;
///
/// use ipc_runtime::{Backend, CallInfo, ErrorObject, Middleware, Outcome};
///
/// /// Who has logged in at a window: kept there by `call.peer().insert(User { … })`.
/// struct User {
///     is_admin: bool,
/// }
///
/// struct Guard;
///
/// impl Middleware for Guard {
///     fn incoming(&self, call: &CallInfo<'_>) -> Result<(), ErrorObject> {
///         let user = call.peer().get::<User>();
///         let is_admin = user.is_some_and(|user| user.is_admin);
///         if call.method().starts_with("app.admin.") && !is_admin {
///             return Err(ErrorObject::unauthorized("only for administrators"));
///         }
///         Ok(())
///     }
///
///     fn handled(&self, call: &CallInfo<'_>, outcome: &Outcome<'_>, elapsed: Duration) {
///         println!("{} {outcome} after {elapsed:?}", call.method());
///     }
/// }
///
/// let backend = Backend::builder().middleware(Guard).build();
/// ```
pub trait Middleware: Send + Sync + 'static {
    /// A call of the other side is about to be handled; its arguments aren't decoded yet.
    ///
    /// # Errors
    ///
    /// What a request is answered with instead of being handled. A notification is dropped.
    fn incoming(&self, call: &CallInfo<'_>) -> Result<(), ErrorObject> {
        let _ = call;
        Ok(())
    }

    /// A call that [`incoming`](Self::incoming) has let pass came to its end, or was refused by a
    /// later middleware; a subscription: was opened. Called exactly once for each of those.
    fn handled(&self, call: &CallInfo<'_>, outcome: &Outcome<'_>, elapsed: Duration) {
        let _ = (call, outcome, elapsed);
    }

    /// A call of this side is polled for the first time.
    fn outgoing(&self, call: &CallInfo<'_>) {
        let _ = call;
    }

    /// A call that [`outgoing`](Self::outgoing) has seen came to its end; a notification: was
    /// handed to the operating system, or only queued by [`Peers::notify`](crate::Peers::notify). One that
    /// was dropped when it was queued is sent all the same. Called exactly once for each of those.
    fn answered(&self, call: &CallInfo<'_>, outcome: &Outcome<'_>, elapsed: Duration) {
        let _ = (call, outcome, elapsed);
    }
}

/// What a [`Middleware`] sees of a call.
#[derive(Clone, Copy)]
pub struct CallInfo<'a> {
    pub(crate) peer: &'a Peer,
    pub(crate) method: &'a str,
    pub(crate) info: Option<&'static MethodInfo>,
    pub(crate) is_notification: bool,
    pub(crate) params: Option<&'a [u8]>,
    pub(crate) encoding: Encoding,
}

impl CallInfo<'_> {
    /// The other side: who calls, or who is called.
    pub fn peer(&self) -> &Peer {
        self.peer
    }

    /// The name on the wire: a method with its channel, or an exposed function.
    pub fn method(&self) -> &str {
        self.method
    }

    /// The description of the method, where this side has it: of incoming calls that aren't for an
    /// exposed function.
    pub fn method_info(&self) -> Option<&'static MethodInfo> {
        self.info
    }

    /// Whether nobody answers it.
    pub fn is_notification(&self) -> bool {
        self.is_notification
    }

    /// How many bytes the arguments have; 0 when the call has ended.
    pub fn size(&self) -> usize {
        self.params.map_or(0, <[u8]>::len)
    }

    /// The arguments, decoded for this: an array by position or an object by name. `None` when there
    /// are none, when they can't be read, and when the call has ended. A log that shows them should
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

/// How a call has ended.
#[derive(Debug, Clone, Copy)]
#[non_exhaustive]
pub enum Outcome<'a> {
    /// With a result of so many bytes; 0 for a notification.
    #[non_exhaustive]
    Done {
        /// The result's length.
        bytes: usize,
    },
    /// With an error that travels: the method's own (code 1), or one of the protocol's.
    Error(&'a ErrorObject),
    /// Without an answer. Of outgoing calls alone.
    Failed(&'a IpcError),
    /// Nobody heard an answer: of outgoing calls, the caller has dropped it; of incoming ones, the
    /// connection has ended under the handler, or a notification was stopped amid its work. An
    /// incoming call that its caller cancels is answered with an [`Error`](Self::Error) (-32800).
    Dropped,
}

impl fmt::Display for Outcome<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Done { bytes } => {
                write!(f, "gave {bytes} {}", if *bytes == 1 { "byte" } else { "bytes" })
            }
            Self::Error(error) => write!(f, "failed: {} (code {})", error.message, error.code),
            Self::Failed(error) => write!(f, "got no answer: {error}"),
            Self::Dropped => f.write_str("was dropped"),
        }
    }
}

/// The hooks of one backend or frontend. A middleware may keep a [`Peer`], which knows these: so
/// they are let go of at the end, when the last call was told that they have seen.
#[derive(Default)]
pub(crate) struct Hooks {
    has_any: bool,
    state: Lock<State>,
}

#[derive(Default)]
struct State {
    /// `None` once they were let go of.
    layers: Option<Arc<Layers>>,
    /// Calls whose end is still to be told.
    under_way: usize,
    retired: bool,
}

impl From<Layers> for Hooks {
    fn from(layers: Layers) -> Self {
        let has_any = !layers.0.is_empty();
        let layers = has_any.then(|| Arc::new(layers));
        Self { has_any, state: Lock::new(State { layers, ..State::default() }) }
    }
}

impl Hooks {
    /// Whether there never were any.
    pub(crate) fn is_empty(&self) -> bool {
        !self.has_any
    }

    /// Nobody is served any more: they go when what is under way was told.
    pub(crate) fn retire(&self) {
        let unused = {
            let mut state = self.state();
            state.retired = true;
            state.take_unused()
        };
        drop(unused);
    }

    pub(crate) fn incoming(&self, call: &CallInfo<'_>) -> Result<(), ErrorObject> {
        let Some(layers) = self.begin() else {
            // Nobody is left to allow it.
            let why = format!("{} did not run: this side has ended", call.method);
            return Err(ErrorObject::new(code::CLOSING, why));
        };
        layers.incoming(call).inspect_err(|_| self.finish())
    }

    pub(crate) fn handled(&self, call: &CallInfo<'_>, outcome: &Outcome<'_>, elapsed: Duration) {
        if let Some(layers) = self.layers() {
            layers.handled(call, outcome, elapsed);
            self.finish();
        }
    }

    pub(crate) fn outgoing(&self, call: &CallInfo<'_>) {
        if let Some(layers) = self.begin() {
            layers.outgoing(call);
        }
    }

    pub(crate) fn answered(&self, call: &CallInfo<'_>, outcome: &Outcome<'_>, elapsed: Duration) {
        // Those that weren't there when a call began aren't when it ends.
        if let Some(layers) = self.layers() {
            layers.answered(call, outcome, elapsed);
            self.finish();
        }
    }

    fn begin(&self) -> Option<Arc<Layers>> {
        let mut state = self.state();
        let layers = state.layers.clone()?;
        state.under_way += 1;
        Some(layers)
    }

    fn layers(&self) -> Option<Arc<Layers>> {
        self.state().layers.clone()
    }

    fn finish(&self) {
        let unused = {
            let mut state = self.state();
            state.under_way = state.under_way.saturating_sub(1);
            state.take_unused()
        };
        // Without the lock: their drop is the app's.
        drop(unused);
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock()
    }
}

impl State {
    fn take_unused(&mut self) -> Option<Arc<Layers>> {
        let is_unused = self.retired && self.under_way == 0;
        if is_unused { self.layers.take() } else { None }
    }
}

/// Middleware, in the order in which it was given.
#[derive(Clone, Default)]
pub(crate) struct Layers(Vec<Arc<dyn Middleware>>);

impl Layers {
    pub(crate) fn push(&mut self, middleware: impl Middleware) {
        self.0.push(Arc::new(middleware));
    }

    /// Asks one after another, until one refuses. Those before are told what came of it.
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
            let outcome = Outcome::Error(&refused);
            told.for_each(|told| {
                guarded(call, || told.handled(call, &outcome, Duration::ZERO));
            });
            return Err(refused);
        }
        Ok(())
    }

    fn handled(&self, call: &CallInfo<'_>, outcome: &Outcome<'_>, elapsed: Duration) {
        self.0.iter().for_each(|it| guarded(call, || it.handled(call, outcome, elapsed)));
    }

    fn outgoing(&self, call: &CallInfo<'_>) {
        self.0.iter().for_each(|it| guarded(call, || it.outgoing(call)));
    }

    fn answered(&self, call: &CallInfo<'_>, outcome: &Outcome<'_>, elapsed: Duration) {
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

//! Hooks around the calls of both directions.

use std::{
    fmt,
    panic::{AssertUnwindSafe, catch_unwind},
    sync::Arc,
    time::Duration,
};

use crate::{
    ErrorObject, IpcError, MethodInfo, Peer, codec::Encoding, message::code, panic_text::panic_text,
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

    /// A call that [`outgoing`](Self::outgoing) has seen came to its end; a notification: is queued
    /// to be written. Called exactly once for each of those.
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
        self.encoding.decode(self.params?).ok()
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
    /// Its caller has dropped it, or the connection has ended under its handler.
    Dropped,
}

impl fmt::Display for Outcome<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Done { bytes } => write!(f, "gave {bytes} bytes"),
            Self::Error(error) => write!(f, "failed: {} (code {})", error.message, error.code),
            Self::Failed(error) => write!(f, "got no answer: {error}"),
            Self::Dropped => f.write_str("was dropped"),
        }
    }
}

/// The middleware of one backend or frontend, in the order in which it was given.
#[derive(Clone, Default)]
pub(crate) struct Hooks(Vec<Arc<dyn Middleware>>);

impl Hooks {
    pub(crate) fn push(&mut self, middleware: impl Middleware) {
        self.0.push(Arc::new(middleware));
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Asks one after another, until one refuses. Those before are told what came of it.
    pub(crate) fn incoming(&self, call: &CallInfo<'_>) -> Result<(), ErrorObject> {
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

    pub(crate) fn handled(&self, call: &CallInfo<'_>, outcome: &Outcome<'_>, elapsed: Duration) {
        self.0.iter().for_each(|it| guarded(call, || it.handled(call, outcome, elapsed)));
    }

    pub(crate) fn outgoing(&self, call: &CallInfo<'_>) {
        self.0.iter().for_each(|it| guarded(call, || it.outgoing(call)));
    }

    pub(crate) fn answered(&self, call: &CallInfo<'_>, outcome: &Outcome<'_>, elapsed: Duration) {
        self.0.iter().for_each(|it| guarded(call, || it.answered(call, outcome, elapsed)));
    }
}

impl fmt::Debug for Hooks {
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

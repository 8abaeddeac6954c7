//! Hooks around the calls of a session, as the code that makes and handles calls sees them.

use std::{
    fmt,
    panic::{RefUnwindSafe, UnwindSafe},
    sync::Arc,
    time::Duration,
};

use crate::{
    codec::Encoding, error::ipc_error::IpcError, interface::MethodInfo,
    message::error_object::ErrorObject,
};

/// Hooks around the calls of a session `S`. Each call that `incoming` has accepted or `outgoing`
/// has seen also gets exactly one `handled` or `answered`.
pub(crate) trait CallHooks<S>: Send + Sync + UnwindSafe + RefUnwindSafe {
    /// A call of the other side is about to be handled. `Err` refuses it.
    fn incoming(&self, call: &HookedCall<'_, S>) -> Result<(), ErrorObject>;

    /// A call of this side is about to be sent.
    fn outgoing(&self, call: &HookedCall<'_, S>);

    /// A call of the other side has ended.
    fn handled(&self, call: &HookedCall<'_, S>, outcome: &CallOutcome<'_>, elapsed: Duration);

    /// A call of this side has ended.
    fn answered(&self, call: &HookedCall<'_, S>, outcome: &CallOutcome<'_>, elapsed: Duration);

    /// There will be no more calls. The hooks are dropped when the calls in flight have been
    /// reported.
    fn retire(&self);
}

/// What hooks see of a call.
#[derive(Clone, Copy)]
pub(crate) struct HookedCall<'a, S> {
    pub(crate) session: &'a Arc<S>,
    pub(crate) method: &'a str,
    pub(crate) info: Option<&'static MethodInfo>,
    pub(crate) is_notification: bool,
    /// `None` once the call has ended.
    pub(crate) params: Option<&'a [u8]>,
    pub(crate) encoding: Encoding,
}

/// How a call has ended.
#[derive(Debug, Clone, Copy)]
#[non_exhaustive]
pub enum CallOutcome<'a> {
    /// With a result of this many bytes; 0 for a notification.
    #[non_exhaustive]
    Done {
        /// The length of the encoded result.
        bytes: usize,
    },
    /// With an error object: the method's own error (code 1), or one of the protocol's.
    Error(&'a ErrorObject),
    /// Without an answer. Outgoing calls only.
    Failed(&'a IpcError),
    /// Nobody got an answer. Outgoing: the caller has dropped the call. Incoming: the connection
    /// ended while the handler ran, or a notification's handler was stopped before its end. An
    /// incoming call that its caller cancels is answered with an [`Error`](Self::Error) (-32800).
    Dropped,
}

impl fmt::Display for CallOutcome<'_> {
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

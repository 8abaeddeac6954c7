//! Hooks around the calls of a session, as those who make and handle calls know them.

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

/// Hooks around the calls of a session `S`. Each call that one of the first two has seen, and let
/// pass, comes to its end once.
pub(crate) trait CallHooks<S>: Send + Sync + UnwindSafe + RefUnwindSafe {
    /// A call of the other side is about to be handled. `Err`: it is refused.
    fn incoming(&self, call: &HookedCall<'_, S>) -> Result<(), ErrorObject>;

    /// A call of this side is about to be sent.
    fn outgoing(&self, call: &HookedCall<'_, S>);

    /// A call of the other side has come to its end.
    fn handled(&self, call: &HookedCall<'_, S>, outcome: &CallOutcome<'_>, elapsed: Duration);

    /// A call of this side has come to its end.
    fn answered(&self, call: &HookedCall<'_, S>, outcome: &CallOutcome<'_>, elapsed: Duration);

    /// Nobody is served any more: they go when what is under way was told.
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

//! What a handler can know of the call that it handles.

use std::{fmt, sync::Arc, time::Duration};

use tokio::time::Instant;

use super::Connection;
use crate::{MethodInfo, PeerInfo};

/// What a handler can know of the call that it handles.
///
/// A method gets it by an argument `#[ipc(context)] call: &CallContext`, anywhere among its
/// arguments; clients don't see that argument.
///
/// ```
/// use ipc_runtime::{CallContext, ipc_interface};
///
/// /// Tells who asks.
/// #[ipc_interface(channel = "docs.whoami", version = "1.0.0")]
/// pub trait WhoAmI {
///     /// The number of the caller's connection.
///     async fn number(&self, #[ipc(context)] call: &CallContext) -> String;
/// }
///
/// struct Backend;
///
/// impl WhoAmI for Backend {
///     async fn number(&self, call: &CallContext) -> String {
///         format!("connection {} of {}", call.peer().id, call.peer().endpoint)
///     }
/// }
/// ```
#[derive(Clone)]
pub struct CallContext {
    connection: Arc<Connection>,
    method: &'static MethodInfo,
    deadline: Option<Instant>,
}

impl CallContext {
    pub(super) fn new(
        connection: Arc<Connection>,
        method: &'static MethodInfo,
        deadline: Option<Instant>,
    ) -> Self {
        Self { connection, method, deadline }
    }

    /// Who calls.
    pub fn peer(&self) -> &PeerInfo {
        self.connection.info()
    }

    /// The method that is called.
    pub fn method(&self) -> &'static MethodInfo {
        self.method
    }

    /// How much time is left until the caller gives up; `None` where it set no deadline for this
    /// call in particular.
    pub fn remaining(&self) -> Option<Duration> {
        self.deadline.map(|deadline| deadline.saturating_duration_since(Instant::now()))
    }
}

impl fmt::Debug for CallContext {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("CallContext")
            .field("method", &self.method.full_name)
            .field("peer", self.peer())
            .field("remaining", &self.remaining())
            .finish()
    }
}

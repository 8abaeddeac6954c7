//! What Engine.IO needs of whoever serves its sessions.

use std::sync::Arc;

use crate::transport::engine_io::socket::EngineSocket;

/// Serves Engine.IO sessions.
pub(crate) trait EngineHost: Send + Sync + 'static {
    /// A place among the connections, which a session holds for as long as it lasts.
    type Place: Send + 'static;

    /// Takes a place for a session. `Err`: a sentence that says why there is none.
    fn place(self: &Arc<Self>) -> Result<Self::Place, String>;

    /// Begins to serve a session, on a task of its own.
    fn serve(self: &Arc<Self>, socket: EngineSocket, place: Self::Place);
}

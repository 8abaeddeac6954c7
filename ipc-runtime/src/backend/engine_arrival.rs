//! HTTP connections of our own listeners, for socket.io clients.

use std::sync::Arc;

use crate::{
    backend::core::BackendCore,
    transport::{engine_io::arrival, http_arrival::HttpArrival},
};

/// Serves an HTTP connection.
pub(super) async fn serve(shared: &Arc<BackendCore>, arrival: Box<HttpArrival>) {
    // Without Engine.IO, there is no such arrival.
    let Some(server) = &shared.engine_io else { return };
    if let Err(error) = arrival::serve(*arrival, server, shared, &shared.carrier).await {
        tracing::debug!(%error, "an HTTP connection has ended");
    }
}

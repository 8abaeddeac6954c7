//! Serves a connection that came in, as long as it lasts.

use std::{
    future::Future,
    io,
    pin::Pin,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
};

use crate::support::warnings::warn_rarely;
use crate::{
    backend::{
        core::BackendCore,
        session_binding::{ReleaseGuard, SessionBinding},
    },
    peer::{
        driver::{Driver, config::Config},
        session::{Session, handle::Peer, state::ConnectionState},
    },
    peer_info::{PeerId, PeerInfo},
    transport::connected::Connected,
};

/// One of the connections that there may be.
pub(crate) struct ConnectionPermit<'a>(&'a AtomicUsize);

impl<'a> ConnectionPermit<'a> {
    pub(crate) fn take(shared: &'a BackendCore) -> Option<Self> {
        let place = Self(&shared.open);
        let open = shared.open.fetch_add(1, Ordering::Relaxed);
        if open < shared.side.limits.max_connections {
            return Some(place);
        }
        let limit = shared.side.limits.max_connections;
        let warnings = &shared.side.warnings;
        warn_rarely!(
            warnings,
            TooManyConnections,
            limit,
            "refused a connection: there are max_connections already"
        );
        None
    }
}

impl Drop for ConnectionPermit<'_> {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::Relaxed);
    }
}

/// A connection that is being opened. It is boxed because the memory for that, which is much where a
/// request for a WebSocket or a TLS handshake may come, is not needed any more when it is served.
pub(crate) type OpeningConnection<'a> =
    Pin<Box<dyn Future<Output = io::Result<Connected>> + Send + 'a>>;

/// Where a connection has come in.
#[derive(Clone)]
pub(crate) struct ConnectionSource {
    /// As its peer's endpoint.
    pub(super) endpoint: Arc<str>,
    /// No other connection ever comes in there.
    pub(super) accepts_once: bool,
}

impl ConnectionSource {
    /// One that the app itself has brought; `how`, as its peer's endpoint.
    pub(super) fn app(how: &str) -> Self {
        Self { endpoint: how.into(), accepts_once: false }
    }
}

/// Serves a connection until it ends, then waits for its peer if that may come back.
pub(crate) async fn serve(
    shared: &Arc<BackendCore>,
    source: ConnectionSource,
    opening: OpeningConnection<'_>,
    place: ConnectionPermit<'_>,
) {
    let opened = opening.await;
    let Some((binding, driver)) = begin(shared, source, opened) else { return };
    // Also when this task is dropped: whoever stops the backend waits for the last one to go.
    let _guard = ReleaseGuard(binding.clone());
    driver.run().await;
    drop(place);
    // Few connections ever come to this.
    Box::pin(binding.wait_for_return()).await;
}

/// Makes a session for a connection, unless the backend is stopped.
pub(crate) fn begin(
    shared: &Arc<BackendCore>,
    source: ConnectionSource,
    opened: io::Result<Connected>,
) -> Option<(Arc<SessionBinding>, Box<Driver>)> {
    let ConnectionSource { endpoint, accepts_once } = source;
    let Connected { carrier, credentials } = match opened {
        Ok(connected) => connected,
        Err(error) => {
            tracing::debug!(%endpoint, %error, "a connection came to nothing");
            return None;
        }
    };
    let info = PeerInfo { id: PeerId::next(), endpoint };
    tracing::debug!(peer = %info.id, endpoint = %info.endpoint, ?credentials, "connected");
    let session =
        Session::new(info, shared.side.clone(), carrier.encoding(), ConnectionState::Connecting);
    session.set_credentials(credentials);
    let binding = Arc::new(SessionBinding::new(shared.clone(), session.clone(), accepts_once));
    let config = Config {
        session: session.clone(),
        registry: shared.registry.clone(),
        handshake: shared.handshake,
        token: shared.token.clone().filter(|_| !carrier.showed_token()),
        resolver: Some(Box::new(binding.clone())),
    };
    let (_, driver) = Driver::new(carrier, config);
    let mut state = shared.state();
    if state.stopped {
        return None;
    }
    state.arriving.insert(session.info().id, Peer::new(session));
    state.had_connections = true;
    drop(state);
    Some((binding, driver))
}

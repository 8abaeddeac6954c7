//! Serves a connection that came in, for as long as it lasts.

use std::{
    future::Future,
    io,
    pin::Pin,
    sync::{Arc, atomic::Ordering},
};

#[cfg(feature = "socket-io")]
use crate::backend::engine_arrival;
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
    transport::{connected::Connected, opened::Opened},
};

/// A place among the `max_connections` of a backend, which is free again when this is dropped.
pub(crate) struct ConnectionPermit(Arc<BackendCore>);

impl ConnectionPermit {
    pub(crate) fn take(shared: &Arc<BackendCore>) -> Option<Self> {
        let place = Self(shared.clone());
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

impl Drop for ConnectionPermit {
    fn drop(&mut self) {
        self.0.open.fetch_sub(1, Ordering::Relaxed);
    }
}

/// A connection that is being opened. It is boxed because opening may take much memory, for the
/// request of a WebSocket or a TLS handshake, which isn't needed any more while the connection is
/// served.
pub(crate) type OpeningConnection<'a> =
    Pin<Box<dyn Future<Output = io::Result<Opened>> + Send + 'a>>;

/// Where a connection has come in.
#[derive(Clone)]
pub(crate) struct ConnectionSource {
    /// The endpoint that its peer shows.
    pub(super) endpoint: Arc<str>,
    /// Whether no other connection ever comes in there.
    pub(super) accepts_once: bool,
}

impl ConnectionSource {
    /// The app itself brought the connection. Its peer shows `how` as the endpoint.
    pub(super) fn app(how: &str) -> Self {
        Self { endpoint: how.into(), accepts_once: false }
    }
}

/// Serves a connection until it ends, then waits for its peer if the peer may come back.
pub(crate) async fn serve(
    shared: &Arc<BackendCore>,
    source: ConnectionSource,
    opening: OpeningConnection<'_>,
    place: ConnectionPermit,
) {
    let opened = opening.await;
    let opened = match opened {
        Ok(Opened::Peer(connected)) => Ok(connected),
        #[cfg(feature = "socket-io")]
        Ok(Opened::EngineIo(arrival)) => {
            // Its sessions have places of their own.
            drop(place);
            return engine_arrival::serve(shared, arrival).await;
        }
        Err(error) => Err(error),
    };
    let Some((binding, driver)) = begin(shared, source, opened) else { return };
    // A guard, because this task may be dropped: `stop` waits until the last connection has ended.
    let _guard = ReleaseGuard(binding.clone());
    driver.run().await;
    drop(place);
    // Boxed, because few connections ever get here.
    Box::pin(binding.wait_for_return()).await;
}

/// Makes a session for a connection. Returns `None` if the connection could not be opened or the
/// backend was stopped.
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

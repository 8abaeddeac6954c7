//! How a backend gets its connections.

use std::{io, sync::Arc, time::Duration};

#[cfg(feature = "websocket")]
use tokio_tungstenite::tungstenite::http;

#[cfg(feature = "socket-io")]
use crate::backend::engine_arrival;
#[cfg(feature = "websocket")]
use crate::transport::{
    opened::Opened,
    websocket::{self, gate::Visitor},
};
use crate::{
    backend::{
        core::{BackendCore, ServedEndpoint},
        serve::{ConnectionPermit, ConnectionSource, serve},
        turning_away::{NoPlace, turn_away},
    },
    endpoint::Endpoint,
    error::connect_error::ListenError,
    support::{
        precompiled_future::PrecompiledFuture,
        rt::{Handle, sleep, spawn},
        warnings::warn_rarely,
    },
    transport::{
        self, AnyAcceptor,
        byte_stream::{self, Io},
        carrier::{self, CloseKind},
        config::needs_runtime,
        connected::{Connected, within},
    },
};

/// How long an endpoint pauses after a failed accept, which is most often due to too many open
/// files.
const AFTER_FAILED_ACCEPT: Duration = Duration::from_millis(100);

/// Starts to serve an endpoint. Returns the one to connect to.
pub(super) fn listen(
    shared: &Arc<BackendCore>,
    endpoint: Endpoint,
) -> PrecompiledFuture<'_, Result<Endpoint, ListenError>> {
    Box::pin(async move {
        let listener = match needs_runtime().and_then(|()| takes_some(shared)) {
            Ok(()) => transport::listen(&endpoint, &shared.listen).await,
            Err(error) => Err(error),
        };
        let listener = listener.map_err(|error| ListenError::Io { endpoint, error })?;
        let endpoint = listener.endpoint();
        let mut state = shared.state();
        if state.stopped {
            return Err(ListenError::Stopped(endpoint));
        }
        let accepts_once = listener.accepts_once();
        let task = spawn(accept_all(shared.clone(), listener));
        let runtime = Handle::try_current().ok();
        let served = ServedEndpoint { endpoint: endpoint.clone(), accepts_once, task, runtime };
        state.listeners.push(served);
        tracing::info!(%endpoint, "listening");
        Ok(endpoint)
    })
}

/// Fails if the limits let no connection in. This is checked before listening, because standard
/// input and output can't be given back.
fn takes_some(shared: &BackendCore) -> io::Result<()> {
    if shared.side.limits.max_connections > 0 {
        return Ok(());
    }
    let why = "max_connections is 0, so that nobody could ever connect: set it to 1 or more";
    Err(io::Error::new(io::ErrorKind::InvalidInput, why))
}

async fn accept_all(shared: Arc<BackendCore>, mut listener: AnyAcceptor) {
    let source = ConnectionSource {
        endpoint: listener.endpoint().to_string().into(),
        accepts_once: listener.accepts_once(),
    };
    loop {
        match listener.accept().await {
            Ok(incoming) => {
                let (shared, source) = (shared.clone(), source.clone());
                let accepts_once = source.accepts_once;
                spawn(async move {
                    match ConnectionPermit::take(&shared) {
                        Some(place) => {
                            let opening = Box::pin(incoming.open(&shared.carrier));
                            serve(&shared, source, opening, place).await;
                        }
                        None => {
                            let no = NoPlace::new(&shared);
                            let message = |encoding| no.message(encoding);
                            let telling = incoming.turn_away(&shared.carrier, &no.why, message);
                            let arrived = Box::pin(turn_away(&shared, telling)).await;
                            #[cfg(feature = "socket-io")]
                            if let Some(Opened::EngineIo(arrival)) = arrived.flatten() {
                                engine_arrival::serve(&shared, arrival).await;
                            }
                            #[cfg(not(feature = "socket-io"))]
                            drop(arrived);
                        }
                    }
                    if accepts_once {
                        // Also if opening failed: no other connection will ever come in here.
                        let mut state = shared.state();
                        (state.had_connections, state.once_ended) = (true, true);
                        drop(state);
                        shared.changed.notify_waiters();
                    }
                });
            }
            Err(error) => {
                let (warnings, endpoint) = (&shared.side.warnings, &source.endpoint);
                warn_rarely!(
                    warnings, FailedAccept, %endpoint, %error,
                    "could not accept a connection"
                );
                sleep(AFTER_FAILED_ACCEPT).await;
            }
        }
    }
}

/// Serves a stream of bytes that the app has brought.
pub(super) fn accept(shared: Arc<BackendCore>, io: Box<dyn Io>) {
    shared.state().was_brought_some = true;
    spawn(async move {
        let Some(place) = ConnectionPermit::take(&shared) else {
            let telling = async {
                let carrier = byte_stream::accept(io, &shared.carrier).await?;
                let no = NoPlace::new(&shared);
                carrier::dismiss(carrier, CloseKind::Full, |encoding| no.message(encoding)).await
            };
            Box::pin(turn_away(&shared, telling)).await;
            return;
        };
        let opening = within(shared.carrier.handshake_timeout, async {
            let carrier = byte_stream::accept(io, &shared.carrier).await?;
            Ok(Connected { carrier, credentials: None }.into())
        });
        serve(&shared, ConnectionSource::app("accepted"), Box::pin(opening), place).await;
    });
}

/// Serves a WebSocket whose upgrade was answered.
#[cfg(feature = "websocket")]
pub(super) fn accept_upgraded(
    shared: Arc<BackendCore>,
    io: Box<dyn Io>,
    headers: http::HeaderMap,
    visitor: Visitor,
) {
    shared.state().was_brought_some = true;
    spawn(async move {
        let Some(place) = ConnectionPermit::take(&shared) else {
            let telling = async {
                let upgraded =
                    websocket::accept_upgraded(io, &headers, &shared.carrier, visitor).await?;
                let (carrier, no) = (upgraded.carrier, NoPlace::new(&shared));
                carrier::dismiss(carrier, CloseKind::Full, |encoding| no.message(encoding)).await
            };
            Box::pin(turn_away(&shared, telling)).await;
            return;
        };
        let opening = websocket::accept_upgraded(io, &headers, &shared.carrier, visitor);
        let opening = async { opening.await.map(Opened::from) };
        let opening = within(shared.carrier.handshake_timeout, opening);
        serve(&shared, ConnectionSource::app("upgraded"), Box::pin(opening), place).await;
    });
}

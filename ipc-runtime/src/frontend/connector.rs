//! How a frontend gets its connection.

use std::{io, sync::Arc};

#[cfg(feature = "stdio")]
use crate::transport::stdio::child;
use crate::{
    endpoint::Endpoint,
    error::{ConnectError, DisconnectReason, IpcError},
    frontend::{Frontend, builder::FrontendBuilder, reconnecting},
    peer::{
        connection,
        driver::Driver,
        handshake::{self, Handshake},
        session::{Link, Session, state::ConnectionState},
    },
    support::boxed::CompiledHere,
    transport::{
        self,
        byte_stream::{self, Io},
        config::CarrierConfig,
        connected::{Connected, unanswered, within},
    },
};

type Connecting = CompiledHere<'static, Result<Frontend, ConnectError>>;

/// Connects, and comes back if that was asked for.
pub(super) fn connect(builder: FrontendBuilder, endpoint: Endpoint) -> Connecting {
    Box::pin(async move {
        let name = endpoint.to_string().into();
        if let Err(error) = builder.check(Some(&endpoint)) {
            return Err(ConnectError::Io { endpoint, error });
        }
        let connector = Connector { endpoint, config: builder.carrier_config() };
        let connected = connector.connect().await?;
        let reconnect = builder.reconnect.clone();
        let session = builder.session(name, ConnectionState::Connecting);
        let frontend = Frontend::new(session.clone());
        greet(&session, connected, true).await?;
        if let Some(reconnect) = reconnect {
            tokio::spawn(reconnecting::keep(session, connector, reconnect));
        }
        Ok(frontend)
    })
}

/// Connects over what was connected elsewhere.
pub(super) fn over(builder: FrontendBuilder, io: Box<dyn Io>) -> Connecting {
    Box::pin(async move {
        builder.check(None).map_err(ConnectError::Carrier)?;
        let config = builder.carrier_config();
        let carrier = within(config.handshake_timeout, async {
            let carrier = byte_stream::connect(io, &config).await?;
            Ok(Connected { carrier, credentials: None })
        });
        let unanswered = |error| ConnectError::Carrier(unanswered(error, &config));
        let connected = carrier.await.map_err(unanswered)?;
        begin(builder, "the given stream".into(), connected).await
    })
}

/// Starts a backend, and connects to it.
#[cfg(feature = "stdio")]
pub(super) fn spawn(builder: FrontendBuilder, command: tokio::process::Command) -> Connecting {
    Box::pin(async move {
        let config = builder.carrier_config();
        let spawning = child::spawn(command, &config);
        let endpoint = Endpoint::Stdio;
        let name = endpoint.to_string().into();
        let connected = match builder.check(None) {
            Ok(()) => within(config.handshake_timeout, spawning).await,
            Err(error) => Err(error),
        };
        let connected = connected.map_err(|error| {
            let error = unanswered(error, &config);
            ConnectError::Io { endpoint, error }
        })?;
        begin(builder, name, connected).await
    })
}

/// Connects while the frontend is there already.
pub(super) fn connect_lazily(
    builder: FrontendBuilder,
    endpoint: Endpoint,
) -> Result<Frontend, ConnectError> {
    let name: Arc<str> = endpoint.to_string().into();
    if let Err(error) = builder.check(Some(&endpoint)) {
        return Err(ConnectError::Io { endpoint, error });
    }
    let connector = Connector { endpoint, config: builder.carrier_config() };
    let reconnect = builder.reconnect.clone();
    let session = builder.session(name, ConnectionState::Connecting);
    let frontend = Frontend::new(session.clone());
    match reconnect {
        Some(reconnect) => tokio::spawn(reconnecting::keep(session, connector, reconnect)),
        None => tokio::spawn(reconnecting::connect(session, connector)),
    };
    Ok(frontend)
}

/// Begins what can't be made again.
async fn begin(
    mut builder: FrontendBuilder,
    endpoint: Arc<str>,
    connected: Connected,
) -> Result<Frontend, ConnectError> {
    builder.reconnect = None;
    let session = builder.session(endpoint, ConnectionState::Connecting);
    let frontend = Frontend::new(session.clone());
    greet(&session, connected, true).await?;
    Ok(frontend)
}

/// Where a frontend connects to.
pub(super) struct Connector {
    endpoint: Endpoint,
    config: CarrierConfig,
}

impl Connector {
    pub(super) async fn connect(&self) -> Result<Connected, ConnectError> {
        let connected = transport::connect(&self.endpoint, &self.config).await;
        let endpoint = || self.endpoint.clone();
        connected.map_err(|error| ConnectError::Io { endpoint: endpoint(), error })
    }
}

/// What the other side will say each time.
pub(super) fn final_reason(error: &ConnectError) -> Option<DisconnectReason> {
    match error {
        ConnectError::Handshake(IpcError::VersionMismatch(mismatch)) => {
            Some(DisconnectReason::VersionMismatch(mismatch.clone()))
        }
        &ConnectError::Handshake(IpcError::ProtocolMismatch { ours, theirs, .. }) => {
            Some(DisconnectReason::ProtocolMismatch { ours, theirs })
        }
        ConnectError::Handshake(IpcError::Unauthorized { message, .. }) => {
            Some(DisconnectReason::Unauthorized(message.as_str().into()))
        }
        _ => None,
    }
}

/// Whoever is there doesn't speak the protocol, as their answer to the handshake shows.
fn not_spoken(session: &Session, reason: &DisconnectReason) -> ConnectError {
    let error = io::Error::new(io::ErrorKind::InvalidData, reason.to_string());
    match session.info().endpoint.parse() {
        Ok(endpoint) => ConnectError::Io { endpoint, error },
        // The connection was made elsewhere.
        Err(_) => ConnectError::Carrier(error),
    }
}

/// Begins a connection: from here on, both sides may call. `is_last`: if this fails there won't be
/// another attempt.
pub(super) async fn greet(
    session: &Arc<Session>,
    connected: Connected,
    is_last: bool,
) -> Result<(), ConnectError> {
    let Connected { carrier, credentials } = connected;
    session.set_credentials(credentials);
    let config = connection::Config {
        session: session.clone(),
        handshake: Handshake::Optional,
        token: None,
        resolver: None,
    };
    let (connection, driver) = Driver::new(carrier, config);
    tokio::spawn(driver.run());
    let greeted = handshake::greet(&Link::to(session.clone()), &connection).await;
    let id = match greeted {
        Ok(id) => id,
        Err(error) => {
            let error = match error {
                IpcError::Disconnected {
                    reason:
                        reason @ (DisconnectReason::Protocol(_) | DisconnectReason::StrayOutput(_)),
                    ..
                } => not_spoken(session, &reason),
                error => ConnectError::Handshake(error),
            };
            if let Some(dismissed) = connection.dismissal() {
                // It was closed while it was away.
                session.end(dismissed);
            } else if is_last || final_reason(&error).is_some() {
                // The backend may have begun to wait for it.
                connection.give_up();
            } else {
                connection.close(DisconnectReason::ClosedByPeer(None));
            }
            return Err(error);
        }
    };
    if session.connected_as(&connection, id) {
        return Ok(());
    }
    // It has ended behind its first words.
    let reason = connection.end_reason().unwrap_or(DisconnectReason::ClosedByPeer(None));
    connection.close(reason.clone());
    let (method, endpoint) = ("rpc.handshake".into(), session.info().endpoint.clone());
    let ended = IpcError::Disconnected { method, endpoint, may_have_run: true, reason };
    Err(ConnectError::Handshake(ended))
}

//! Connects a frontend, and does the handshake.

use std::{io, sync::Arc};

use crate::{
    endpoint::Endpoint,
    error::{
        connect_error::ConnectError,
        disconnect_reason::DisconnectReason,
        error_kind::ErrorKind,
        ipc_error::{ErrorDetail, IpcError},
    },
    peer::{
        driver::{Driver, config::Config},
        handshake::{ask, policy::HandshakePolicy},
        incoming::registry::Registry,
        session::{Session, link::Link},
    },
    support::rt::spawn,
    transport::{self, config::CarrierConfig, connected::Connected},
};

/// Where a frontend connects to, and with what settings.
pub(super) struct Connector {
    pub(crate) endpoint: Endpoint,
    pub(crate) config: CarrierConfig,
    /// What handles the requests of the backend.
    pub(crate) registry: Arc<Registry>,
}

impl Connector {
    pub(super) async fn connect(&self) -> Result<Connected, ConnectError> {
        let connected = transport::connect(&self.endpoint, &self.config).await;
        let endpoint = || self.endpoint.clone();
        connected.map_err(|error| ConnectError::Io { endpoint: endpoint(), error })
    }
}

/// The reason to stop trying, if the other side will give the same answer each time.
pub(super) fn final_reason(error: &ConnectError) -> Option<DisconnectReason> {
    match error {
        ConnectError::Handshake(error) => match error.detail() {
            ErrorDetail::VersionMismatch(mismatch) => {
                Some(DisconnectReason::VersionMismatch(mismatch.clone()))
            }
            &ErrorDetail::ProtocolMismatch(mismatch) => {
                Some(DisconnectReason::ProtocolMismatch(mismatch))
            }
            ErrorDetail::Answered { kind: ErrorKind::Unauthorized, error, .. } => {
                Some(DisconnectReason::Unauthorized(error.message.as_str().into()))
            }
            _ => None,
        },
        _ => None,
    }
}

/// The error for a peer that doesn't speak the protocol, as its answer to the handshake shows.
fn not_spoken(session: &Session, reason: &DisconnectReason) -> ConnectError {
    let error = io::Error::new(io::ErrorKind::InvalidData, reason.to_string());
    match session.info().endpoint.parse() {
        Ok(endpoint) => ConnectError::Io { endpoint, error },
        // No endpoint: the connection was made elsewhere.
        Err(_) => ConnectError::Carrier(error),
    }
}

/// Starts a connection, on which both sides may call from now on, and does the handshake.
/// `is_last`: if this fails, there is no other attempt.
pub(super) async fn greet(
    session: &Arc<Session>,
    registry: &Arc<Registry>,
    connected: Connected,
    is_last: bool,
) -> Result<(), ConnectError> {
    let Connected { carrier, credentials } = connected;
    session.set_credentials(credentials);
    let config = Config {
        session: session.clone(),
        registry: registry.clone(),
        handshake: HandshakePolicy::Optional,
        token: None,
        resolver: None,
    };
    let (connection, driver) = Driver::new(carrier, config);
    spawn(driver.run());
    let greeted = ask::greet(&Link::to(session.clone()), &connection).await;
    let id = match greeted {
        Ok(id) => id,
        Err(error) => {
            let error = match error.reason() {
                Some(
                    reason @ (DisconnectReason::Protocol(_) | DisconnectReason::StrayOutput(_)),
                ) => not_spoken(session, reason),
                _ => ConnectError::Handshake(error),
            };
            if let Some(dismissed) = connection.dismissal() {
                // The backend closed this frontend while it was disconnected.
                session.end(dismissed);
            } else if is_last || final_reason(&error).is_some() {
                // The backend may already be waiting for this frontend to come back.
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
    // The connection ended right after the handshake.
    let reason = connection.end_reason().unwrap_or(DisconnectReason::ClosedByPeer(None));
    connection.close(reason.clone());
    let detail = ErrorDetail::Disconnected { may_have_run: true, reason };
    let ended = IpcError::new("rpc.handshake", session.info().endpoint.clone(), detail);
    Err(ConnectError::Handshake(ended))
}

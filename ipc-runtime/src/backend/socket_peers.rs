//! How a backend serves the peers of a Socket.IO session.

#[cfg(test)]
mod tests;

use std::sync::Arc;

use crate::{
    backend::{
        core::BackendCore,
        serve::{ConnectionPermit, ConnectionSource, begin},
        session_binding::ReleaseGuard,
        turning_away::NoPlace,
    },
    interface::InterfaceInfo,
    limits::Limits,
    message::error_object::{ErrorObject, code},
    peer::handshake::hello::PROTOCOL,
    socket_io::{
        carrier::NamespaceCarrier,
        host::{SocketArrival, SocketHost},
        options::SocketOptions,
        recovery::Recovery,
        seated_peer::ServedPeer,
    },
    support::rt::timeout,
    transport::connected::Connected,
};

/// Serves the peers of one Socket.IO session.
pub(crate) struct SocketPeers {
    shared: Arc<BackendCore>,
}

impl SocketPeers {
    pub(crate) fn new(shared: Arc<BackendCore>) -> Self {
        Self { shared }
    }
}

impl SocketHost for SocketPeers {
    type Place = ConnectionPermit;

    fn protocol(&self) -> u32 {
        PROTOCOL
    }

    fn limits(&self) -> &Limits {
        &self.shared.side.limits
    }

    fn options(&self) -> &SocketOptions {
        &self.shared.socket_io
    }

    fn interface(&self, channel: &str) -> Option<&'static InterfaceInfo> {
        self.shared.registry.table().interface(channel)
    }

    fn is_stopped(&self) -> bool {
        self.shared.state().stopped
    }

    fn place(&self) -> Result<ConnectionPermit, ErrorObject> {
        ConnectionPermit::take(&self.shared).ok_or_else(|| NoPlace::new(&self.shared).error())
    }

    fn open(
        &self,
        carrier: NamespaceCarrier,
        arrival: SocketArrival,
    ) -> Result<ServedPeer, ErrorObject> {
        let shared = &self.shared;
        let SocketArrival { namespace, handshake } = arrival;
        let source = ConnectionSource::app(&format!("socket.io:{namespace}"));
        let link = carrier.link().clone();
        let connected = Connected { carrier: Box::new(carrier), credentials: None };
        let Some((binding, driver)) = begin(shared, source, Ok(connected)) else {
            return Err(ErrorObject::new(code::CLOSING, "this backend is stopping"));
        };
        let asked = shared.socket_authorizer.clone().zip(handshake);
        let time = shared.side.limits.handshake_timeout;
        Ok(Box::pin(async move {
            let _guard = ReleaseGuard(binding.clone());
            if let Some((authorizer, handshake)) = asked {
                let verdict = timeout(time, authorizer.ask(binding.peer(), handshake)).await;
                if let Err(error) = verdict.unwrap_or_else(|_| Err(undecided())) {
                    // What the error says may be the client's secret.
                    let code = error.code;
                    tracing::debug!(%namespace, code, "a socket.io client is refused by the app");
                    return link.refuse(&error);
                }
            }
            driver.run().await;
        }))
    }

    fn recovery(&self) -> Option<&Arc<Recovery>> {
        self.shared.socket_recovery.as_ref()
    }

    fn lets_in(&self, token: Option<&str>) -> bool {
        self.shared.token.as_ref().is_none_or(|known| token.is_some_and(|it| known.is(it)))
    }
}

fn undecided() -> ErrorObject {
    ErrorObject::new(code::INTERNAL_ERROR, "the backend took too long to decide")
}

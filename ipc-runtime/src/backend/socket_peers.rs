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
        host::{ServedPeer, SocketHost},
        options::SocketOptions,
    },
    transport::{carrier::Carrier, connected::Connected},
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

    fn open(
        &self,
        carrier: Box<dyn Carrier>,
        namespace: &str,
        is_further: bool,
    ) -> Result<ServedPeer, ErrorObject> {
        let shared = &self.shared;
        let place = if is_further {
            let place = ConnectionPermit::take(shared);
            Some(place.ok_or_else(|| NoPlace::new(shared).error())?)
        } else {
            None
        };
        let source = ConnectionSource::app(&format!("socket.io:{namespace}"));
        let connected = Connected { carrier, credentials: None };
        let Some((binding, driver)) = begin(shared, source, Ok(connected)) else {
            return Err(ErrorObject::new(code::CLOSING, "this backend is stopping"));
        };
        Ok(Box::pin(async move {
            let _guard = ReleaseGuard(binding);
            driver.run().await;
            drop(place);
        }))
    }
}

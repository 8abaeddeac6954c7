//! A backend with the tests' interfaces, for raw peers of any framing.

use std::{path::PathBuf, sync::Arc};

use ipc_runtime::{Backend, BackendBuilder, Endpoint};

use crate::{
    EverythingHandler, EverythingService, Framing, Gates, RawPeer, Scratch, SlowHandler,
    endpoint_of,
};

/// A backend on a local socket and on a WebSocket, which serves both of the tests' interfaces.
#[derive(Debug)]
pub struct Site {
    /// The backend.
    pub backend: Backend,
    /// What its slow handlers wait for.
    pub gates: Gates,
    /// What its other handler keeps.
    pub all: Arc<EverythingService>,
    /// The local socket.
    pub socket: PathBuf,
    /// The WebSocket.
    pub web_socket: Endpoint,
    _directory: Scratch,
}

impl Site {
    /// With the default limits.
    pub async fn new() -> Self {
        Self::of(Backend::builder()).await
    }

    /// With what was set up.
    pub async fn of(builder: BackendBuilder) -> Self {
        let backend = builder.build();
        let (gates, all) = (Gates::new(), Arc::new(EverythingService::default()));
        backend.register(SlowHandler::new(gates.clone())).unwrap();
        backend.register(EverythingHandler::new(all.clone())).unwrap();
        let directory = Scratch::new();
        let socket = directory.socket("s");
        backend.listen(endpoint_of(&socket)).await.unwrap();
        let web_socket = backend.listen("ws://127.0.0.1:0").await.unwrap();
        Self { backend, gates, all, socket, web_socket, _directory: directory }
    }

    /// Somebody who speaks this framing.
    pub async fn peer(&self, framing: Framing) -> RawPeer {
        RawPeer::connect(framing, &self.socket, &self.web_socket).await
    }
}

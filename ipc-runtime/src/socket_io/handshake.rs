//! What a client tells of itself when it joins a namespace.

use std::{fmt, sync::Arc};

use serde::de::DeserializeOwned;
use serde_json::{Map, Value};
use tokio_tungstenite::tungstenite::http::{HeaderMap, Uri};

use crate::{
    message::error_object::{ErrorObject, code},
    transport::engine_io::opening::OpeningRequest,
};

/// What a socket.io client tells of itself when it joins a namespace: the `socket.handshake` of
/// socket.io's server. See [`SocketIo::authorize`](crate::config::SocketIo::authorize).
///
/// Its `Debug` shows the namespace alone: the rest may be secret.
#[derive(Clone)]
pub struct SocketHandshake {
    namespace: Arc<str>,
    auth: Map<String, Value>,
    request: Arc<OpeningRequest>,
}

impl SocketHandshake {
    pub(crate) fn new(
        namespace: Arc<str>,
        auth: Map<String, Value>,
        request: Arc<OpeningRequest>,
    ) -> Self {
        Self { namespace, auth, request }
    }

    /// The namespace that the client joins, such as `/`.
    pub fn namespace(&self) -> &str {
        &self.namespace
    }

    /// Reads the client's `auth`, which is an object. `Err`, if it isn't a `T`: the error (-32602)
    /// for the client.
    pub fn auth<T: DeserializeOwned>(&self) -> Result<T, ErrorObject> {
        let auth = Value::Object(self.auth.clone());
        serde_json::from_value(auth).map_err(|why| {
            let namespace = &self.namespace;
            let why = format!("the client's `auth` for {namespace} doesn't fit: {why}");
            ErrorObject::new(code::INVALID_PARAMS, why)
        })
    }

    /// The headers of the request by which the client has connected. A later request of
    /// long-polling may have others.
    pub fn headers(&self) -> &HeaderMap {
        &self.request.headers
    }

    /// The target of that request. Its query has what the client's option `query` says.
    pub fn uri(&self) -> &Uri {
        &self.request.uri
    }
}

impl fmt::Debug for SocketHandshake {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SocketHandshake")
            .field("namespace", &self.namespace)
            .finish_non_exhaustive()
    }
}

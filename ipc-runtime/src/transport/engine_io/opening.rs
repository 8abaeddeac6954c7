//! The request that opens a session.

use std::sync::Arc;

use tokio_tungstenite::tungstenite::http::{HeaderMap, Uri, request::Parts};

/// What counts of the request that opens a session.
pub(crate) struct SessionOpening {
    pub(super) showed_token: bool,
    /// The request, if somebody wants to see it later.
    pub(super) request: Option<Arc<OpeningRequest>>,
}

/// The head of the request that has opened a session.
pub(crate) struct OpeningRequest {
    pub(crate) uri: Uri,
    pub(crate) headers: HeaderMap,
}

impl SessionOpening {
    pub(super) fn new(head: &Parts, showed_token: bool, keeps_request: bool) -> Self {
        let request = || OpeningRequest { uri: head.uri.clone(), headers: head.headers.clone() };
        Self { showed_token, request: keeps_request.then(|| Arc::new(request())) }
    }
}

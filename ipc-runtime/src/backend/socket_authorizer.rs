//! The app's decision on which socket.io clients may join.

use std::{fmt, future::Future, panic::AssertUnwindSafe, pin::Pin, sync::Arc};

use futures_util::FutureExt;

use crate::{
    message::error_object::{ErrorObject, code},
    peer::session::handle::Peer,
    socket_io::handshake::SocketHandshake,
};

type Deciding = Pin<Box<dyn Future<Output = Result<(), ErrorObject>> + Send>>;

/// Asks the app whether a client may join.
#[derive(Clone)]
pub(crate) struct SocketAuthorizer(Arc<dyn Fn(Peer, SocketHandshake) -> Deciding + Send + Sync>);

impl SocketAuthorizer {
    pub(super) fn new<F, R>(authorize: F) -> Self
    where
        F: Fn(Peer, SocketHandshake) -> R + Send + Sync + 'static,
        R: Future<Output = Result<(), ErrorObject>> + Send + 'static,
    {
        Self(Arc::new(move |peer, handshake| Box::pin(authorize(peer, handshake))))
    }

    pub(super) async fn ask(
        &self,
        peer: Peer,
        handshake: SocketHandshake,
    ) -> Result<(), ErrorObject> {
        let asking = AssertUnwindSafe(async { (self.0)(peer, handshake).await });
        asking.catch_unwind().await.unwrap_or_else(|_| {
            tracing::error!("SocketIo::authorize panicked, and the client is refused");
            Err(ErrorObject::new(code::INTERNAL_ERROR, "the backend failed to decide"))
        })
    }
}

impl fmt::Debug for SocketAuthorizer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("SocketAuthorizer(..)")
    }
}

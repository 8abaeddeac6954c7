//! The other side of a connection, as the app sees it.

use std::{fmt, sync::Arc};

use tokio::sync::watch;

use crate::{
    error::disconnect_reason::DisconnectReason,
    peer::session::{Session, extensions::Extensions, state::ConnectionState},
    peer_info::{PeerCredentials, PeerId},
};

/// The other side of a connection: to a backend one of its frontends (a window, say), to a
/// frontend its backend.
///
/// A handler gets it from [`CallContext::peer`](crate::CallContext::peer), a factory of handlers
/// from [`Backend::register_with`](crate::Backend::register_with), everybody else from
/// [`Backend::peers`](crate::Backend::peers).
///
/// It is cheap to clone, and doesn't keep the connection open. A peer whose connection was lost and
/// who may come back ([`Limits::session_grace`](crate::Limits::session_grace)) is away: its clients'
/// calls fail with [`ErrorKind::NotConnected`](crate::ErrorKind::NotConnected) meanwhile. When it has gone for good they fail with
/// [`ErrorKind::Disconnected`](crate::ErrorKind::Disconnected).
///
/// ```
/// use ipc_runtime::{Backend, CallContext, Frontend, ipc_interface};
///
/// /// What a backend may ask of a window.
/// #[ipc_interface(channel = "docs.window", version = "1.0.0")]
/// pub trait Window {
///     /// What its title bar says.
///     fn title(&self) -> String;
/// }
///
/// /// What a window may ask of the backend.
/// #[ipc_interface(channel = "docs.greeter", version = "1.0.0")]
/// pub trait Greeter {
///     /// Greets whoever calls.
///     async fn greet(&self, #[ipc(context)] call: &CallContext) -> String;
/// }
///
/// struct Politely;
///
/// impl Greeter for Politely {
///     async fn greet(&self, call: &CallContext) -> String {
///         let window: WindowClient = call.peer().client();
///         match window.title().await {
///             Ok(title) => format!("hello, {title}"),
///             Err(error) => format!("hello, whoever you are ({error})"),
///         }
///     }
/// }
///
/// struct Editor;
///
/// impl Window for Editor {
///     fn title(&self) -> String {
///         "editor".into()
///     }
/// }
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// let backend = Backend::new();
/// backend.register(GreeterHandler::new(Politely))?;
/// backend.listen("memory:docs-peer").await?;
///
/// let frontend = Frontend::connect("memory:docs-peer").await?;
/// frontend.register(WindowHandler::new(Editor))?;
/// let greeter: GreeterClient = frontend.open().await?;
/// assert_eq!(greeter.greet().await?, "hello, editor");
/// # Ok(())
/// # }
/// ```
#[derive(Clone)]
pub struct Peer {
    pub(crate) session: Arc<Session>,
}

impl Peer {
    pub(crate) fn new(session: Arc<Session>) -> Self {
        Self { session }
    }

    pub(crate) fn session(&self) -> &Arc<Session> {
        &self.session
    }

    /// Its number, unique in this process.
    pub fn id(&self) -> PeerId {
        self.session.info().id
    }

    /// What it calls itself ([`FrontendBuilder::name`](crate::FrontendBuilder::name)), for people to
    /// read: nobody has checked it. `None` of clients that don't say, and in a frontend until hands
    /// were shaken.
    pub fn name(&self) -> Option<Arc<str>> {
        self.session.told_name()
    }

    /// The endpoint that its connection came in by, or was made to.
    pub fn endpoint(&self) -> &Arc<str> {
        &self.session.info().endpoint
    }

    /// Who the operating system says it is; `None` where it doesn't say.
    pub fn credentials(&self) -> Option<PeerCredentials> {
        self.session.credentials()
    }

    /// What the app keeps with this peer: who has logged in there, say.
    pub fn extensions(&self) -> Extensions<'_> {
        Extensions::new(&self.session)
    }

    /// Whether the connection is there; `false` also while the peer is away.
    pub fn is_connected(&self) -> bool {
        self.session.connectivity().is_connected()
    }

    /// How it stands with the connection, now and whenever that changes.
    pub fn state(&self) -> watch::Receiver<ConnectionState> {
        self.session.connectivity().watch()
    }

    /// Waits until the connection has ended for good, and tells why: that of a peer that may come
    /// back hasn't, when it is lost.
    pub async fn closed(&self) -> DisconnectReason {
        self.session.ended().await
    }

    /// Writes what is queued, for two seconds at most, then ends the connection for good. Calls in
    /// flight fail with [`ErrorKind::Disconnected`](crate::ErrorKind::Disconnected), on both sides.
    ///
    /// A frontend that [reconnects](crate::FrontendBuilder::reconnect) is told not to come back, and
    /// is closed. One that is away has gone at once, and is told when it returns, within
    /// [`Limits::session_grace`](crate::Limits::session_grace) from now; of those,
    /// [`Limits::max_disconnected_peers`](crate::Limits::max_disconnected_peers) are remembered. Dropping the future
    /// doesn't undo it.
    pub async fn close(&self) {
        self.session.dismiss();
        self.session.ended().await;
    }
}

impl PartialEq for Peer {
    fn eq(&self, other: &Self) -> bool {
        Arc::ptr_eq(&self.session, &other.session)
    }
}

impl Eq for Peer {}

impl fmt::Debug for Peer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Peer")
            .field("id", &self.id())
            .field("name", &self.name())
            .field("endpoint", self.endpoint())
            .field("credentials", &self.credentials())
            .field("connected", &self.is_connected())
            .finish()
    }
}

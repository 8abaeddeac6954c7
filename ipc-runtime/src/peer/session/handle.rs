//! The other side of a connection, as the app sees it.

use std::{fmt, sync::Arc};

use tokio::sync::watch;

use crate::{
    error::disconnect_reason::DisconnectReason,
    peer::session::{Session, extensions::Extensions, state::ConnectionState},
    peer_info::{PeerCredentials, PeerId},
};

/// The other side of a connection: for a backend, one of its frontends (a window, for example); for
/// a frontend, its backend.
///
/// A handler gets it from [`CallContext::peer`](crate::CallContext::peer), a factory of handlers
/// from [`Backend::register_with`](crate::Backend::register_with), and other code from
/// [`Backend::peers`](crate::Backend::peers).
///
/// It is cheap to clone, and doesn't keep the connection open. While a peer is disconnected and may
/// come back ([`Limits::session_grace`](crate::Limits::session_grace)), its clients' calls fail
/// with [`ErrorKind::NotConnected`](crate::ErrorKind::NotConnected). When it is gone for good, they
/// fail with [`ErrorKind::Disconnected`](crate::ErrorKind::Disconnected).
///
/// ```
/// use ipc_runtime::{Backend, CallContext, Frontend, ipc_interface};
///
/// /// What a backend can ask of a window.
/// #[ipc_interface(channel = "docs.window", version = "1.0.0")]
/// pub trait Window {
///     /// The text of its title bar.
///     fn title(&self) -> String;
/// }
///
/// /// What a window can ask of the backend.
/// #[ipc_interface(channel = "docs.greeter", version = "1.0.0")]
/// pub trait Greeter {
///     /// Greets the caller.
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

    /// Returns the peer's number, which is unique in this process.
    pub fn id(&self) -> PeerId {
        self.session.info().id
    }

    /// Returns the name that the peer announced
    /// ([`FrontendBuilder::name`](crate::FrontendBuilder::name)). It is for people to read: nobody
    /// has checked it. `None` if the peer has announced none; in a frontend also before the
    /// handshake.
    pub fn name(&self) -> Option<Arc<str>> {
        self.session.told_name()
    }

    /// Returns the endpoint of the connection: in a backend the one that it listens on, in a
    /// frontend the one that it connected to. For a connection that the app has made itself, it is
    /// `accepted` or `upgraded` in the backend, and `the given stream` in the frontend.
    pub fn endpoint(&self) -> &Arc<str> {
        &self.session.info().endpoint
    }

    /// Returns who the peer is according to the operating system; `None` if the system doesn't say.
    pub fn credentials(&self) -> Option<PeerCredentials> {
        self.session.credentials()
    }

    /// Returns the values that the app keeps for this peer: for example, who has logged in there.
    pub fn extensions(&self) -> Extensions<'_> {
        Extensions::new(&self.session)
    }

    /// Returns whether the connection is up. `false` also while the peer is disconnected and may
    /// come back.
    pub fn is_connected(&self) -> bool {
        self.session.connectivity().is_connected()
    }

    /// Returns a watch of the connection's state. It holds the newest state, and reports changes.
    pub fn state(&self) -> watch::Receiver<ConnectionState> {
        self.session.connectivity().watch()
    }

    /// Waits until the connection has ended for good, and returns the reason. A lost connection of
    /// a peer that may come back hasn't ended for good.
    pub async fn closed(&self) -> DisconnectReason {
        self.session.ended().await
    }

    /// Writes what is queued, for at most two seconds, then ends the connection for good. Calls in
    /// flight fail with [`ErrorKind::Disconnected`](crate::ErrorKind::Disconnected) on both sides.
    ///
    /// A frontend that [reconnects](crate::FrontendBuilder::reconnect) is told not to come back,
    /// and is closed. If it is disconnected at that time, the peer is gone at once, and the
    /// frontend learns of it when it reconnects within
    /// [`Limits::session_grace`](crate::Limits::session_grace) from now. At most
    /// [`Limits::max_disconnected_peers`](crate::Limits::max_disconnected_peers) such frontends are
    /// remembered.
    ///
    /// Dropping the future doesn't undo the closing.
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

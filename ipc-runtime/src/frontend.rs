//! The side that connects.

pub(crate) mod builder;
pub(crate) mod connecting;
pub(crate) mod connector;
pub(crate) mod reconnecting;

use std::{fmt, panic::Location, sync::Arc};

use serde::{Serialize, de::DeserializeOwned};
use tokio::{
    io::{AsyncRead, AsyncWrite},
    sync::watch,
};

use crate::{
    endpoint::{Endpoint, EndpointError},
    error::{
        connect_error::ConnectError, disconnect_reason::DisconnectReason, ipc_error::IpcError,
        register_error::RegisterError,
    },
    interface::Compat,
    peer::{
        client::{
            by_name,
            caller::{Caller, Client},
        },
        incoming::{
            registry::{Registered, Registry},
            service::Service,
        },
        outgoing::call::{Call, Notification},
        session::{Session, handle::Peer, link::Link, state::ConnectionState},
    },
    registration::Registration,
    usage::Usage,
};

/// The side that connects: it opens clients of the backend's interfaces. It may also have handlers
/// of its own, which the backend calls through its [`Peer`].
///
/// A frontend is cheap to clone. Its connection stays open while the frontend, one of its clients,
/// calls or subscriptions, or a replica of a store exists. When the last of them is dropped, the
/// connection ends as with [`close`](Self::close), but nobody waits for it: before the process
/// exits, call `close`. A handler doesn't keep the connection open, unless it holds one of those
/// itself.
///
/// When the connection ends, calls in flight fail at once with
/// [`ErrorKind::Disconnected`](crate::ErrorKind::Disconnected), and so do later calls. A frontend
/// can also reconnect, see [`FrontendBuilder::reconnect`](crate::FrontendBuilder::reconnect).
///
/// See [`Backend`](crate::Backend) for an example of both sides.
#[derive(Clone)]
pub struct Frontend {
    link: Link,
    peer: Peer,
    registry: Arc<Registry>,
}

impl Frontend {
    /// Connects to a backend with the default limits, and does the handshake.
    ///
    /// # Errors
    ///
    /// See [`FrontendBuilder::connect`](crate::FrontendBuilder::connect).
    pub async fn connect<E>(endpoint: E) -> Result<Self, ConnectError>
    where
        E: TryInto<Endpoint>,
        E::Error: Into<EndpointError>,
    {
        Self::builder().connect(endpoint).await
    }

    /// Connects over a stream that was connected elsewhere, with the default limits.
    ///
    /// # Errors
    ///
    /// See [`FrontendBuilder::over`](crate::FrontendBuilder::over).
    pub async fn over<T>(io: T) -> Result<Self, ConnectError>
    where
        T: AsyncRead + AsyncWrite + Send + Unpin + 'static,
    {
        Self::builder().over(io).await
    }

    /// Starts a backend process and connects to its standard input and output, with the default
    /// limits.
    ///
    /// # Errors
    ///
    /// See [`FrontendBuilder::spawn`](crate::FrontendBuilder::spawn).
    #[cfg(feature = "stdio")]
    pub async fn spawn(command: impl Into<tokio::process::Command>) -> Result<Self, ConnectError> {
        Self::builder().spawn(command).await
    }

    fn new(session: Arc<Session>, registry: Arc<Registry>) -> Self {
        Self { link: Link::owning(session.clone()), peer: Peer::new(session), registry }
    }

    /// Adds the handler of an interface. From now on, the backend may call it through its [`Peer`].
    /// If the backend may call it at once, add it before connecting, with
    /// [`FrontendBuilder::register`](crate::FrontendBuilder::register). The handler is dropped when
    /// the connection ends for good.
    ///
    /// # Errors
    ///
    /// [`RegisterError::ChannelTaken`] when the interface's channel has a handler already,
    /// [`RegisterError::NameTaken`] when an exposed function has the name of one of its methods.
    #[track_caller]
    pub fn register(&self, handler: impl Service) -> Result<Registration, RegisterError> {
        let registered = Registered::shared(handler, Location::caller());
        let registration = self.registry.register(registered);
        self.link.session().release_again();
        registration
    }

    pub(crate) fn registry(&self) -> &Arc<Registry> {
        &self.registry
    }

    /// Opens a client of an interface, after a check that both sides fit.
    ///
    /// # Errors
    ///
    /// - [`ErrorKind::VersionMismatch`](crate::ErrorKind::VersionMismatch) when they don't fit; it
    ///   names what differs.
    /// - [`ErrorKind::NotFound`](crate::ErrorKind::NotFound) when the backend doesn't know the
    ///   channel.
    /// - [`ErrorKind::Disconnected`](crate::ErrorKind::Disconnected) when the connection has ended.
    /// - [`ErrorKind::NotConnected`](crate::ErrorKind::NotConnected) while there is no connection
    ///   yet or it is being made again, unless [calls wait](crate::config::CallsWhileDisconnected)
    ///   for that.
    /// - [`ErrorKind::DeadlineExceeded`](crate::ErrorKind::DeadlineExceeded) when there is no
    ///   answer within [`Limits::handshake_timeout`](crate::Limits::handshake_timeout).
    pub async fn open<C: Client>(&self) -> Result<C, IpcError> {
        by_name::open(&self.link, None).await
    }

    /// As [`open`](Self::open), by another rule for versions than that of the interface or of
    /// [`FrontendBuilder::compat`](crate::FrontendBuilder::compat).
    ///
    /// With [`Compat::Used`], it succeeds as soon as one method can be called: one that looks the
    /// same on both sides, or that differs so that both understand each other, as
    /// [`Compatibility`](crate::compatibility::Compatibility) says. Each call of another method
    /// fails with [`ErrorKind::VersionMismatch`](crate::ErrorKind::VersionMismatch) before it is
    /// sent; [`usable`](crate::usable) tells so at once. What fits is found out anew on each
    /// connection: a backend that was replaced while the frontend reconnected may serve other
    /// methods.
    ///
    /// ```
    /// use ipc_runtime::{Backend, ErrorKind, Frontend, interface::Compat, ipc_interface, usable};
    ///
    /// mod old {
    ///     /// What the backend serves: of an earlier release.
    ///     #[ipc_runtime::ipc_interface(channel = "docs.used", version = "1.0.0")]
    ///     pub trait Files {
    ///         fn count(&self) -> u32;
    ///     }
    /// }
    ///
    /// #[ipc_interface(channel = "docs.used", version = "1.1.0")]
    /// pub trait Files {
    ///     fn count(&self) -> u32;
    ///     fn sum(&self) -> u64;
    /// }
    ///
    /// struct Disk;
    ///
    /// impl old::Files for Disk {
    ///     fn count(&self) -> u32 {
    ///         3
    ///     }
    /// }
    ///
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// let backend = Backend::new();
    /// backend.register(old::FilesHandler::new(Disk))?;
    /// backend.listen("memory:docs-used").await?;
    ///
    /// let frontend = Frontend::connect("memory:docs-used").await?;
    /// let refused = frontend.open::<FilesClient>().await.unwrap_err();
    /// assert_eq!(refused.kind(), ErrorKind::VersionMismatch);
    ///
    /// let files: FilesClient = frontend.open_with(Compat::Used).await?;
    /// assert_eq!(files.count().await?, 3);
    /// assert_eq!(files.sum().await.unwrap_err().kind(), ErrorKind::VersionMismatch);
    /// assert!(usable(&files, &["count"]).await.is_ok());
    /// assert!(usable(&files, &["count", "sum"]).await.is_err());
    /// # Ok(())
    /// # }
    /// ```
    pub async fn open_with<C: Client>(&self, compat: Compat) -> Result<C, IpcError> {
        by_name::open(&self.link, Some(compat)).await
    }

    /// Returns a client of an interface at once. Both sides are compared before its first call is
    /// sent. If they don't fit, each of its calls fails as [`open`](Self::open) would.
    pub fn client<C: Client>(&self) -> C {
        C::from_caller(Caller::new(self.link.clone(), C::INTERFACE))
    }

    /// Calls a method by its name on the wire (`demo.files.list`), without an interface: for tools,
    /// and for
    /// [servers that aren't written with this crate](crate::FrontendBuilder::plain_json_rpc).
    /// `params` must serialize as a sequence (by position), as a map or struct (by name), or as
    /// `()`. Versions aren't compared.
    ///
    /// Deadline, cancelling and errors are as for every [`Call`]. A method's own error is
    /// [`ErrorKind::Remote`](crate::ErrorKind::Remote).
    ///
    /// ```
    /// # use ipc_runtime::{Backend, Frontend, ipc_interface};
    /// # /// Adds numbers.
    /// # #[ipc_interface(channel = "docs.sum", version = "1.0.0")]
    /// # pub trait Sum { /// Adds.
    /// #   fn add(&self, a: i64, b: i64) -> i64; }
    /// # struct Pocket;
    /// # impl Sum for Pocket { fn add(&self, a: i64, b: i64) -> i64 { a + b } }
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// # let backend = Backend::new();
    /// # backend.register(SumHandler::new(Pocket))?;
    /// # backend.listen("memory:docs-dynamic").await?;
    /// # let frontend = Frontend::connect("memory:docs-dynamic").await?;
    /// let sum: i64 = frontend.call("docs.sum.add", &(2, 3)).await?;
    /// assert_eq!(sum, 5);
    /// # Ok(())
    /// # }
    /// ```
    pub fn call<T: DeserializeOwned>(
        &self,
        method: impl Into<String>,
        params: &(impl Serialize + ?Sized),
    ) -> Call<T, IpcError> {
        by_name::call(&self.link, method.into(), params)
    }

    /// Notifies a method by its name on the wire; see [`call`](Self::call).
    pub fn notify(
        &self,
        method: impl Into<String>,
        params: &(impl Serialize + ?Sized),
    ) -> Notification {
        by_name::notify(&self.link, method.into(), params)
    }

    /// Returns the backend, as this frontend's handlers see it. Clients that are made from it don't
    /// keep the connection open.
    pub fn peer(&self) -> &Peer {
        &self.peer
    }

    /// Returns what the frontend holds at the moment.
    pub fn usage(&self) -> Usage {
        let session = self.link.session();
        let mut usage = session.gauges().usage();
        session.add_usage(&mut usage);
        usage
    }

    /// Whether the frontend is connected now.
    pub fn is_connected(&self) -> bool {
        self.peer.is_connected()
    }

    /// Returns a watch channel with the current state of the connection.
    pub fn state(&self) -> watch::Receiver<ConnectionState> {
        self.peer.state()
    }

    /// Waits until the connection has ended for good, and returns the reason.
    pub async fn closed(&self) -> DisconnectReason {
        self.peer.closed().await
    }

    /// Writes what is queued, for at most two seconds, then ends the connection for all clones and
    /// clients. Calls in flight fail with
    /// [`ErrorKind::Disconnected`](crate::ErrorKind::Disconnected). Dropping the future doesn't
    /// undo it.
    pub async fn close(&self) {
        self.peer.close().await;
    }
}

impl fmt::Debug for Frontend {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Frontend").field("peer", self.peer()).finish()
    }
}

//! How stock socket.io clients are served.

use std::{future::Future, time::Duration};

use crate::{
    backend::socket_authorizer::SocketAuthorizer,
    limits::Limits,
    message::error_object::ErrorObject,
    peer::session::handle::Peer,
    socket_io::{
        acknowledgement::Acknowledgement, handshake::SocketHandshake, options::SocketOptions,
    },
    transport::engine_io::config::EngineConfig,
};

/// How a backend serves stock socket.io clients (`socket.io-client` 4): over WebSockets, HTTP
/// long-polling, and the upgrade from the one to the other, as socket.io's own server does. The
/// defaults are those of socket.io. See
/// [`BackendBuilder::socket_io`](crate::BackendBuilder::socket_io).
///
/// Each `ws://` and `wss://` endpoint of the backend then answers requests at the
/// [path](Self::path). If the app has an HTTP server of its own, that passes them on:
/// [`Backend::poll`](crate::Backend::poll) and [`Backend::upgrade`](crate::Backend::upgrade).
///
/// Pages are let in by the same rules as on WebSockets: by
/// [`origins`](crate::BackendBuilder::origins), by the host, and by the cookie with the token, in
/// each request. A page of another origin that may connect gets the answers that CORS needs, with
/// credentials.
///
/// ```
/// use ipc_runtime::{Backend, config::SocketIo};
///
/// let backend = Backend::builder().socket_io(SocketIo::new()).build();
/// ```
///
/// # What clients write
///
/// | client | backend |
/// | --- | --- |
/// | `io(url, { auth: { token } })` | the [token](crate::BackendBuilder::token). What is refused is a `connect_error`, whose `data` has the `code` |
/// | `auth: { uses: { "demo.arm": "1.7.8" } }` | versions are compared, as in the handshake of our own clients |
/// | `socket.emit("demo.arm.move", 1, 2)` | a notification, or a method whose answer nobody wants |
/// | `await socket.emitWithAck("demo.arm.move", 1, 2)` | its result, or [an error](Self::acknowledge) |
/// | `socket.emitWithAck("set", "speed", 3)` | a function: `backend.expose("set", \|(name, value): (String, u32)\| …)`. What is emitted are the fields of the tuple, also if it is a single object |
/// | `socket.on("news", …)` | [`Peer::notify`](crate::Peer::notify), and that of [groups](crate::Group) |
/// | `socket.on("confirm", (text, answer) => answer(true))` | [`Peer::call`](crate::Peer::call), and clients of interfaces. An answer that is nothing but `{ error: { code, message } }` is an error |
/// | `socket.on("demo.arm.moves", …)` | items of a subscription: `{ subscription, result }`, and `{ subscription, done }` at its end. `emitWithAck` of the method gives the number `subscription`, and `emitWithAck("rpc.unsubscribe", number)` ends it |
/// | `io(url + "/demo.arm")` | a [namespace](Self::namespace) |
/// | `Buffer`, `Uint8Array` | [`Bytes`](crate::Bytes) |
///
/// A client that has connected again is a new [`Peer`](crate::Peer), unless it
/// [may have the old one back](Self::connection_state_recovery).
#[derive(Debug, Clone)]
pub struct SocketIo {
    path: String,
    ping_interval: Duration,
    ping_timeout: Duration,
    upgrade_timeout: Duration,
    max_payload: Option<usize>,
    polling: bool,
    web_socket: bool,
    options: SocketOptions,
    authorizer: Option<SocketAuthorizer>,
}

impl Default for SocketIo {
    fn default() -> Self {
        Self::new()
    }
}

impl SocketIo {
    /// The defaults of socket.io.
    pub fn new() -> Self {
        Self {
            path: "/socket.io".to_owned(),
            ping_interval: Duration::from_secs(25),
            ping_timeout: Duration::from_secs(20),
            upgrade_timeout: Duration::from_secs(10),
            max_payload: None,
            polling: true,
            web_socket: true,
            options: SocketOptions::default(),
            authorizer: None,
        }
    }

    /// Sets the path, which is the option `path` of the clients; default: `/socket.io/`. A slash at
    /// its end makes no difference. It counts on the backend's own endpoints: an app's own HTTP
    /// server decides itself what it passes on.
    ///
    /// Without a slash at its beginning, [`listen`](crate::Backend::listen) on a WebSocket returns
    /// an error.
    pub fn path(mut self, path: impl Into<String>) -> Self {
        let path: String = path.into();
        self.path = path.trim_end_matches('/').to_owned();
        self
    }

    /// Sets how long after each answer of a client it gets the next ping; default: 25 seconds. It
    /// is told to the client, which takes the backend for gone when no ping comes.
    pub fn ping_interval(mut self, interval: Duration) -> Self {
        self.ping_interval = interval;
        self
    }

    /// Sets how long a client may take to answer a ping before its session ends; default: 20
    /// seconds. [`Limits::heartbeat`] doesn't count for these clients.
    pub fn ping_timeout(mut self, timeout: Duration) -> Self {
        self.ping_timeout = timeout;
        self
    }

    /// Sets how long a client may take to go on with a WebSocket after it has opened one; default:
    /// 10 seconds. Then that WebSocket is closed, and polling goes on.
    pub fn upgrade_timeout(mut self, timeout: Duration) -> Self {
        self.upgrade_timeout = timeout;
        self
    }

    /// Sets how many bytes a client may send in one request or in one message of a WebSocket;
    /// default: [`Limits::max_message_bytes`], which is also the most. It is told to the client,
    /// which splits what it sends by requests.
    pub fn max_payload(mut self, bytes: usize) -> Self {
        self.max_payload = Some(bytes);
        self
    }

    /// Sets whether clients may use HTTP long-polling; default: `true`. Clients begin with it
    /// unless they have the option `transports: ["websocket"]`.
    pub fn polling(mut self, allow: bool) -> Self {
        self.polling = allow;
        self
    }

    /// Sets whether clients may use WebSockets; default: `true`.
    pub fn web_socket(mut self, allow: bool) -> Self {
        self.web_socket = allow;
        self
    }

    /// Sets what acknowledgements are called with; default: [`Acknowledgement::ResultOrError`].
    pub fn acknowledge(mut self, acknowledgement: Acknowledgement) -> Self {
        self.options.acknowledgement = acknowledgement;
        self
    }

    /// Sets how many [`Bytes`](crate::Bytes) a message to a client may hold; default: 10, since
    /// stock clients end their session at a packet with more. A result with more becomes an error
    /// (-32603), a call fails, and a notification is dropped and logged.
    pub fn max_attachments(mut self, count: usize) -> Self {
        self.options.max_attachments = count;
        self
    }

    /// Sets whether a client that has lost its connection may have its peers back, which socket.io
    /// calls connection state recovery; default: `false`.
    ///
    /// With `true`, a peer whose client is away stays for [`Limits::session_grace`], with its
    /// groups, data and subscriptions. Notifications to it wait, up to
    /// [`Limits::max_queued_bytes`]; after that, it is held for a slow reader. Calls to it fail
    /// with [`ErrorKind::Disconnected`](crate::ErrorKind::Disconnected), also those that it has yet
    /// to answer, and what its own calls have started goes on. It counts as connected all the time,
    /// so that neither [`peer_disconnected`](crate::Backend::peer_disconnected) nor
    /// [`Peer::state`](crate::Peer::state) tell anything.
    ///
    /// When the client is back, its `socket.recovered` is `true`, and it gets all the events that
    /// it missed, also those that were on their way when the connection broke. For that, a listener
    /// of the client gets another argument behind those of each event, as with socket.io: the
    /// event's offset. If the client comes too late, has missed more than is kept, or has been one
    /// too many of [`Limits::max_disconnected_peers`], it is a new peer, and `socket.recovered` is
    /// `false`.
    pub fn connection_state_recovery(mut self, recovers: bool) -> Self {
        self.options.recovers = recovers;
        self
    }

    /// Adds a namespace, such as `/admin`, in which clients call functions by their names.
    ///
    /// The namespace `/` is always there, with everything by its full name. So is one for each
    /// channel: in `/demo.files`, the event `list` calls `demo.files.list`. Each namespace that a
    /// client joins is a peer of its own.
    pub fn namespace(mut self, name: impl AsRef<str>) -> Self {
        self.options.declare(name.as_ref());
        self
    }

    /// Has the app decide whether a client may join a namespace, as the `io.use` of socket.io's
    /// server does. The last function that is set counts.
    ///
    /// It gets what the client tells of itself, and the peer that it will be: what the function
    /// notes in [`Peer::extensions`](crate::Peer::extensions), handlers find. With `Err`, the
    /// client gets a `connect_error` with the error's message, and its code and data in `data`. So
    /// it does if the function panics, or takes longer than [`Limits::handshake_timeout`].
    ///
    /// Until it has decided, nothing more is read from this client, in its other namespaces
    /// neither, and [`Backend::stop`](crate::Backend::stop) waits for it. What it sends to the peer
    /// is lost, and calls of the peer get no answer: the client isn't there yet.
    ///
    /// If the backend requires a [token](crate::BackendBuilder::token), clients without it never
    /// get here. A client that [has its peer back](Self::connection_state_recovery) isn't asked
    /// again.
    ///
    /// ```
    /// use ipc_runtime::{
    ///     Backend,
    ///     config::{SocketHandshake, SocketIo},
    ///     error::ErrorObject,
    /// };
    ///
    /// #[derive(serde::Deserialize)]
    /// struct Login {
    ///     user: String,
    ///     password: String,
    /// }
    ///
    /// struct User(String);
    ///
    /// let socket_io = SocketIo::new().authorize(|peer, handshake: SocketHandshake| async move {
    ///     let Login { user, password } = handshake.auth()?;
    ///     if password != "open sesame" {
    ///         return Err(ErrorObject::unauthorized("wrong password"));
    ///     }
    ///     peer.extensions().insert(User(user));
    ///     Ok(())
    /// });
    /// let backend = Backend::builder().socket_io(socket_io).build();
    /// ```
    pub fn authorize<F, R>(mut self, authorize: F) -> Self
    where
        F: Fn(Peer, SocketHandshake) -> R + Send + Sync + 'static,
        R: Future<Output = Result<(), ErrorObject>> + Send + 'static,
    {
        self.authorizer = Some(SocketAuthorizer::new(authorize));
        self
    }

    pub(super) fn authorizer(&self) -> Option<&SocketAuthorizer> {
        self.authorizer.as_ref()
    }

    pub(super) fn options(&self) -> &SocketOptions {
        &self.options
    }

    pub(super) fn fault(&self) -> Option<String> {
        let fits = |byte: u8| byte.is_ascii_graphic() && !b"?#".contains(&byte);
        let is_path = self.path.is_empty() || self.path.starts_with('/');
        if !is_path || !self.path.bytes().all(fits) {
            return Some(format!("SocketIo::path: {:?} is no path as in /socket.io/", self.path));
        }
        if self.ping_interval.is_zero() || self.ping_timeout.is_zero() {
            return Some("SocketIo: no client answers a ping in no time at all".to_owned());
        }
        None
    }

    pub(super) fn engine_config(self, limits: &Limits) -> EngineConfig {
        let defaults = EngineConfig::new(limits);
        let max_payload = self.max_payload.unwrap_or(usize::MAX).min(defaults.max_payload);
        EngineConfig {
            path: self.path.into(),
            ping_interval: self.ping_interval,
            ping_timeout: self.ping_timeout,
            upgrade_timeout: self.upgrade_timeout,
            max_payload,
            polling: self.polling,
            web_socket: self.web_socket,
            keeps_requests: self.authorizer.is_some(),
            ..defaults
        }
    }
}

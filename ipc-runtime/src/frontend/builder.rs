//! How a frontend is set up.

use std::{fmt, io, panic::Location, sync::Arc};

#[cfg(feature = "tls")]
use crate::transport::tls::TlsTrust;
use crate::{
    codec::Encoding,
    endpoint::Endpoint,
    error::{disconnect_reason::DisconnectReason, register_error::RegisterError},
    framing::plain::Framing,
    frontend::Frontend,
    interface::Compat,
    limits::Limits,
    peer::{
        incoming::{
            registry::{Registered, Registry},
            service::Service,
        },
        middleware::{Layers, Middleware},
        session::{LocalSide, Session, state::ConnectionState},
    },
    peer_info::{PeerId, PeerInfo},
    reconnect::Reconnect,
    token::Token,
    transport::config::{CarrierConfig, needs_runtime},
};

/// Sets up a [`Frontend`].
#[derive(Default)]
#[must_use = "it becomes a frontend by `connect` or `over`"]
pub struct FrontendBuilder {
    limits: Limits,
    registry: Option<Arc<Registry>>,
    hooks: Layers,
    name: Option<Box<str>>,
    token: Option<Token>,
    #[cfg(feature = "tls")]
    trust: TlsTrust,
    pub(super) reconnect: Option<Reconnect>,
    compat: Option<Compat>,
    encoding: Encoding,
    plain: Option<Framing>,
}

impl FrontendBuilder {
    /// Sets the limits; default: [`Limits::default`].
    pub fn limits(mut self, limits: Limits) -> Self {
        self.limits = limits;
        self
    }

    /// Sets which versions of the backend's interfaces fit; default: what each interface says
    /// itself.
    ///
    /// With [`Compat::Used`](crate::interface::Compat::Used), a backend of any version will do, as
    /// long as one method of an interface fits: see [`Frontend::open_with`].
    pub fn compat(mut self, compat: Compat) -> Self {
        self.compat = Some(compat);
        self
    }

    /// Sets how messages are encoded; default: [`Encoding::Json`]. The backend has to support it: a
    /// backend that is built without the feature of that encoding refuses the connection.
    pub fn encoding(mut self, encoding: Encoding) -> Self {
        self.encoding = encoding;
        self
    }

    /// Connects to a plain JSON-RPC 2.0 server, which isn't written with this crate: a language
    /// server, a server made with vscode-jsonrpc, or whatever answers JSON-RPC on a WebSocket.
    /// Default: to a [`Backend`](crate::Backend) of this crate.
    ///
    /// Only the app's own messages are sent: no preface, no handshake, no `rpc.ping`, and no
    /// notifications of the runtime. `framing` says how messages are separated on a stream of bytes
    /// (`unix:`, `local:`, `pipe:`, [`spawn`](Self::spawn), [`over`](Self::over)). A WebSocket has
    /// messages of its own, whatever `framing` says. On it no subprotocol is asked for, and JSON is
    /// sent as text, and accepted as text or binary.
    ///
    /// - [`Frontend::call`] and [`notify`](Frontend::notify) send `params` as they serialize: a
    ///   struct or map as an object, which is what the methods of a language server take, and a
    ///   tuple as an array. With `()`, `params` is left out. Ids are integers below 2^31.
    /// - Functions that you [expose](Frontend#method.expose) answer the server's requests.
    ///   [`on`](Frontend#method.on) gets its notifications, here also those whose names begin with
    ///   `$/`.
    /// - When a call is dropped or its deadline passes, `$/cancelRequest` is sent. It belongs to
    ///   the Language Server Protocol, and other servers ignore it. The server still has to answer
    ///   the request, which counts among [`Limits::max_in_flight`] until then.
    /// - [`Frontend::open`] and [`client`](Frontend::client) compare nothing. They work for
    ///   interfaces whose methods the server has under the name `<channel>.<method>`, or with what
    ///   `#[ipc(name = "…")]` says behind the dot, and with arguments by position. Subscriptions
    ///   and stream arguments belong to this crate's own protocol: they fail with
    ///   [`ErrorKind::Unsupported`](crate::ErrorKind::Unsupported).
    /// - An error of the server is [`ErrorKind::NotFound`](crate::ErrorKind::NotFound) (-32601),
    ///   [`InvalidArguments`](crate::ErrorKind::InvalidArguments) (-32602),
    ///   [`HandlerFailed`](crate::ErrorKind::HandlerFailed) (-32603) or
    ///   [`Cancelled`](crate::ErrorKind::Cancelled) (-32800). All other codes are the server's own,
    ///   and are [`Remote`](crate::ErrorKind::Remote).
    /// - When the server's output ends, the connection ends, and calls in flight fail at once. With
    ///   [`reconnect`](Self::reconnect) the frontend connects again, always with `resumed: false`.
    ///   On a WebSocket, a silent server is noticed by WebSocket pings ([`Limits::heartbeat`]); on
    ///   a stream of bytes, only by the deadlines of calls.
    ///
    /// Connecting fails, with an error that says so, if [`encoding`](Self::encoding) or
    /// [`token`](Self::token) was set to something that such a server doesn't know. A
    /// [`name`](Self::name) isn't sent.
    ///
    /// ```
    /// use ipc_runtime::{Frontend, config::Framing};
    /// use serde_json::{Value, json};
    ///
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// # use tokio::io::{AsyncReadExt, AsyncWriteExt};
    /// # let (stream, mut server) = tokio::io::duplex(1024);
    /// # tokio::spawn(async move {
    /// #     let mut asked = vec![0; 1024];
    /// #     let read = server.read(&mut asked).await.unwrap();
    /// #     let (_, body) = std::str::from_utf8(&asked[..read]).unwrap().split_once("\r\n\r\n").unwrap();
    /// #     let asked: Value = serde_json::from_str(body).unwrap();
    /// #     assert_eq!(asked["params"], json!({ "rootUri": null, "capabilities": {} }));
    /// #     let answer = json!({ "jsonrpc": "2.0", "id": asked["id"], "result": { "capabilities": {} } });
    /// #     let answer = answer.to_string();
    /// #     let frame = format!("Content-Length: {}\r\n\r\n{answer}", answer.len());
    /// #     server.write_all(frame.as_bytes()).await.unwrap();
    /// #     let _ = server.read(&mut [0]).await;
    /// # });
    /// // Or `.connect("unix:…")`, or `.spawn(Command::new("rust-analyzer"))`.
    /// let server = Frontend::builder().plain_json_rpc(Framing::ContentLength).over(stream).await?;
    /// let client = json!({ "rootUri": null, "capabilities": {} });
    /// let answer: Value = server.call("initialize", &client).await?;
    /// assert!(answer["capabilities"].is_object());
    /// # Ok(())
    /// # }
    /// ```
    pub fn plain_json_rpc(mut self, framing: Framing) -> Self {
        self.plain = Some(framing);
        self
    }

    /// Makes the frontend reconnect by itself when its connection is lost, for example because the
    /// backend was restarted or the machine slept. Default: it doesn't, and is closed when that
    /// happens. This is for [`connect`](Self::connect) and
    /// [`connect_lazily`](Self::connect_lazily); a connection that was made
    /// [elsewhere](Self::over), or to a process that was started, can't be made again.
    ///
    /// - Calls in flight fail with [`ErrorKind::Disconnected`](crate::ErrorKind::Disconnected),
    ///   which says whether they may have run. Only calls of methods marked `#[ipc(idempotent)]`
    ///   are retried. Calls made while disconnected fail or wait, see
    ///   [`CallsWhileDisconnected`](crate::config::CallsWhileDisconnected).
    /// - Subscriptions are opened again. What was missed is replayed if the source can do that, see
    ///   [`EmitterBuilder::replay`](crate::event::EmitterBuilder::replay). Otherwise the next item
    ///   is [`ErrorKind::Gap`](crate::ErrorKind::Gap).
    /// - Versions are compared each time. If the backend comes back in a version that doesn't fit,
    ///   the frontend is closed:
    ///   [`DisconnectReason::VersionMismatch`](crate::error::DisconnectReason). It is also closed
    ///   if the backend refuses its [`token`](Self::token).
    /// - Meanwhile, [`Frontend::state`] is [`ConnectionState::Reconnecting`].
    /// - To the backend it is the same [`Peer`](crate::Peer) as before, if it is back within
    ///   [`Limits::session_grace`]. `resumed` of [`ConnectionState::Connected`] says whether it is.
    ///
    /// A backend that closes this frontend with [`Peer::close`](crate::Peer::close) doesn't want it
    /// back, so the frontend is closed. If it is disconnected at that time, it is closed when it
    /// reconnects.
    ///
    /// ```no_run
    /// use ipc_runtime::{Frontend, Reconnect};
    ///
    /// # async fn example() -> Result<(), ipc_runtime::ConnectError> {
    /// let frontend = Frontend::builder().reconnect(Reconnect::default()).connect("local:app").await?;
    /// # Ok(())
    /// # }
    /// ```
    pub fn reconnect(mut self, reconnect: Reconnect) -> Self {
        self.reconnect = Some(reconnect);
        self
    }

    /// Sets the name of this frontend, for people to read. The backend gets it from
    /// [`Peer::name`](crate::Peer::name). Default: none.
    pub fn name(mut self, name: impl Into<Box<str>>) -> Self {
        self.name = Some(name.into());
        self
    }

    /// Sets the secret that the backend requires
    /// ([`BackendBuilder::token`](crate::BackendBuilder::token)). It is sent with the handshake on
    /// each connection, on any carrier, and never in a URL. Default: none.
    ///
    /// If the token is wrong, connecting fails with
    /// [`ErrorKind::Unauthorized`](crate::ErrorKind::Unauthorized). A frontend that
    /// [reconnects](Self::reconnect) to a backend with another token is closed:
    /// [`DisconnectReason::Unauthorized`](crate::error::DisconnectReason).
    pub fn token(mut self, token: Token) -> Self {
        self.token = Some(token);
        self
    }

    /// Sets which certificates of a backend are trusted at a `wss://` endpoint; default: those that
    /// the system trusts, [`TlsTrust::system`].
    ///
    /// ```no_run
    /// use ipc_runtime::{Frontend, tls::TlsTrust};
    ///
    /// # async fn example() -> Result<(), Box<dyn std::error::Error>> {
    /// let trust = TlsTrust::nobody().and_pem_file("own-authority.pem")?;
    /// let frontend = Frontend::builder().tls(trust).connect("wss://panel.example:7443").await?;
    /// # Ok(())
    /// # }
    /// ```
    #[cfg(feature = "tls")]
    pub fn tls(mut self, trust: TlsTrust) -> Self {
        self.trust = trust;
        self
    }

    /// Adds hooks around every call. They run after those that were added before.
    pub fn middleware(mut self, middleware: impl Middleware) -> Self {
        self.hooks.push(middleware);
        self
    }

    /// Adds the handler of an interface before there is a connection, so that it is there for the
    /// first call of the backend; see [`Frontend::register`].
    ///
    /// # Errors
    ///
    /// [`RegisterError::ChannelTaken`] when the interface's channel has a handler already,
    /// [`RegisterError::NameTaken`] when an exposed function has the name of one of its methods.
    #[track_caller]
    pub fn register(mut self, handler: impl Service) -> Result<Self, RegisterError> {
        let registered = Registered::shared(handler, Location::caller());
        self.registry().register(registered)?;
        Ok(self)
    }

    pub(crate) fn is_plain(&self) -> bool {
        self.plain.is_some()
    }

    pub(crate) fn registry(&mut self) -> &Arc<Registry> {
        self.registry.get_or_insert_default()
    }

    pub(super) fn carrier_config(&self) -> CarrierConfig {
        CarrierConfig {
            #[cfg(feature = "tls")]
            trust: self.trust.clone(),
            encoding: self.encoding,
            plain: self.plain,
            ..CarrierConfig::new(&self.limits)
        }
    }

    /// Checks that there is a runtime and that the settings go together. `endpoint`: where to
    /// connect to; `None` for a stream of bytes.
    pub(super) fn check(&self, endpoint: Option<&Endpoint>) -> io::Result<()> {
        needs_runtime()?;
        if let Some(Endpoint::WebSocket { port: 0, .. }) = endpoint {
            let why = "port 0 is for listening, where it means any free one: connect to the endpoint \
                       that `Backend::listen` gives";
            return Err(io::Error::new(io::ErrorKind::InvalidInput, why));
        }
        let Some(framing) = self.plain else { return Ok(()) };
        let why = match endpoint {
            _ if self.encoding != Encoding::Json => {
                "a plain JSON-RPC server speaks JSON alone: leave out .encoding(…)"
            }
            _ if self.token.is_some() => {
                "a plain JSON-RPC server isn't shown a token, which goes into the handshake: leave \
                 out .token(…), and log in by a method of the server"
            }
            Some(endpoint) if endpoint.has_messages() => return Ok(()),
            _ if framing.of_stream().is_none() => {
                "Framing::WebSocket is for ws:// and wss://: a stream of bytes needs \
                 Framing::ContentLength or Framing::Newline"
            }
            _ => return Ok(()),
        };
        Err(io::Error::new(io::ErrorKind::InvalidInput, why))
    }

    /// Makes the frontend's session from all settings. It doesn't start the task that reconnects.
    pub(super) fn session(self, endpoint: Arc<str>, state: ConnectionState) -> Arc<Session> {
        let info = PeerInfo { id: PeerId::next(), endpoint };
        let Self {
            limits, registry, hooks, name, token, reconnect, compat, encoding, plain, ..
        } = self;
        let side = LocalSide {
            name,
            token,
            reconnect,
            compat,
            is_of_one: true,
            is_plain: plain.is_some(),
            ..LocalSide::new(limits, registry.unwrap_or_default(), hooks.into_hooks())
        };
        Session::new(info, side.into(), encoding, state)
    }
}

impl Clone for FrontendBuilder {
    /// Has the same handlers. From here on, each builder adds its own, and each frontend drops its
    /// own.
    fn clone(&self) -> Self {
        Self {
            limits: self.limits.clone(),
            registry: self.registry.as_ref().map(|registry| registry.copy()),
            hooks: self.hooks.clone(),
            name: self.name.clone(),
            token: self.token.clone(),
            #[cfg(feature = "tls")]
            trust: self.trust.clone(),
            reconnect: self.reconnect.clone(),
            compat: self.compat,
            encoding: self.encoding,
            plain: self.plain,
        }
    }
}

impl fmt::Debug for FrontendBuilder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("FrontendBuilder").field("limits", &self.limits).finish_non_exhaustive()
    }
}

impl Frontend {
    /// Returns a builder that sets up a frontend.
    pub fn builder() -> FrontendBuilder {
        FrontendBuilder::default()
    }
}

impl Frontend {
    /// Creates a frontend that has no connection, and never will: each call of its clients fails
    /// with [`ErrorKind::NotConnected`](crate::ErrorKind::NotConnected). Use it for code that needs
    /// a client even where there is no backend.
    pub fn unconnected() -> Self {
        let why = DisconnectReason::NeverConnected("it was made without one".into());
        let state = ConnectionState::Disconnected(why);
        let mut builder = FrontendBuilder::default();
        let registry = builder.registry().clone();
        Self::new(builder.session("nowhere".into(), state), registry)
    }
}

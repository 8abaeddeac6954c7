//! Bytes in, bytes out: everything that knows what a connection is made of, and nothing that knows
//! what is said on it.
//!
//! [`Endpoint`] names a place; [`connect`] and [`listen`] turn it into [`Carrier`]s, which carry
//! frames. [`byte_stream`] makes a carrier of any `AsyncRead + AsyncWrite`.

pub(crate) mod byte_stream;
pub(crate) mod carrier;
#[cfg(feature = "local")]
pub(crate) mod local;
pub(crate) mod memory;
pub(crate) mod quote;
pub(crate) mod read_buffer;
#[cfg(feature = "stdio")]
pub(crate) mod stdio;
pub(crate) mod stray_output;
#[cfg(feature = "tls")]
pub(crate) mod tls;
#[cfg(feature = "websocket")]
pub(crate) mod websocket;

use std::{future::Future, io, sync::Arc, time::Duration};

#[cfg(all(unix, feature = "local"))]
use crate::transport::local::unix as local_socket;
#[cfg(all(windows, feature = "local"))]
use crate::transport::local::windows as local_socket;
#[cfg(feature = "tls")]
use crate::transport::tls::{TlsIdentity, TlsTrust};
#[cfg(feature = "websocket")]
use crate::transport::websocket::{gate::OriginPolicy, ticket};
use crate::{
    codec::Encoding,
    endpoint::Endpoint,
    framing::plain,
    limits::Limits,
    message,
    peer_info::PeerCredentials,
    support::warnings::Warnings,
    transport::carrier::{Carrier, CloseKind, dismiss},
};

/// Sockets and timers are a runtime's: tokio panics where there is none.
pub(crate) fn needs_runtime() -> io::Result<()> {
    let why = "this thread belongs to no tokio runtime: call it in async code that one runs, or hold \
               the guard of tokio::runtime::Handle::enter";
    let is_there = tokio::runtime::Handle::try_current();
    is_there.map(drop).map_err(|_| io::Error::new(io::ErrorKind::Unsupported, why))
}

/// What connections of one listener or frontend are set up with.
#[derive(Debug, Clone)]
pub(crate) struct CarrierConfig {
    /// The largest message that is taken in, in bytes.
    pub(crate) max_message_bytes: usize,
    /// What a connection that is made asks for.
    pub(crate) encoding: Encoding,
    /// The server that is connected to knows nothing of this project, and frames messages so.
    pub(crate) plain: Option<plain::Framing>,
    /// How long the first bytes may take.
    pub(crate) handshake_timeout: Duration,
    /// What is said to somebody whose first bytes aren't understood: words of the protocol, which
    /// isn't known here.
    pub(crate) not_understood: fn(&str) -> Vec<u8>,
    /// The same for somebody who isn't let in.
    #[cfg_attr(
        not(all(unix, feature = "local")),
        allow(dead_code, reason = "others aren't known")
    )]
    pub(crate) not_let_in: fn(Encoding, &str) -> Vec<u8>,
    /// What was warned of lately.
    pub(crate) warnings: Arc<Warnings>,
    #[cfg(feature = "websocket")]
    pub(crate) origins: OriginPolicy,
    /// What may be shown when a WebSocket is opened.
    #[cfg(feature = "websocket")]
    pub(crate) ticket: Option<ticket::Ticket>,
    /// Why these two are none.
    #[cfg(feature = "websocket")]
    pub(crate) fault: Option<Arc<str>>,
    /// Whom the connecting side believes.
    #[cfg(feature = "tls")]
    pub(crate) trust: TlsTrust,
}

impl CarrierConfig {
    pub(crate) fn new(limits: &Limits) -> Self {
        Self {
            max_message_bytes: limits.message_bytes(),
            encoding: Encoding::default(),
            plain: None,
            handshake_timeout: limits.handshake_timeout,
            not_understood: message::not_understood,
            not_let_in: message::not_let_in,
            #[cfg(feature = "websocket")]
            origins: OriginPolicy::default(),
            #[cfg(feature = "websocket")]
            ticket: None,
            #[cfg(feature = "websocket")]
            fault: None,
            warnings: Arc::default(),
            #[cfg(feature = "tls")]
            trust: TlsTrust::default(),
        }
    }
}

/// A carrier that is ready for frames, and what is known of who is at its other end.
pub(crate) struct Connected {
    pub(crate) carrier: Box<dyn Carrier>,
    pub(crate) credentials: Option<PeerCredentials>,
}

/// Connects to an endpoint.
pub(crate) async fn connect(endpoint: &Endpoint, config: &CarrierConfig) -> io::Result<Connected> {
    let connecting = async {
        match endpoint {
            #[cfg(feature = "local")]
            Endpoint::Local(_) | Endpoint::Unix(_) | Endpoint::Pipe(_) => {
                local_socket::connect(endpoint, config).await
            }
            #[cfg(feature = "websocket")]
            Endpoint::WebSocket { .. } => websocket::connect(endpoint, config).await,
            Endpoint::Memory(name) => {
                let io = memory::connect(name)?;
                let carrier = byte_stream::connect(Box::new(io), config).await?;
                Ok(Connected { carrier, credentials: None })
            }
            #[allow(unreachable_patterns, reason = "which kinds are left depends on the features")]
            other => Err(other.not_built_in()),
        }
    };
    let connected = within(config.handshake_timeout, connecting).await;
    match endpoint {
        Endpoint::WebSocket { .. } => connected,
        _ => connected.map_err(|error| unanswered(error, config)),
    }
}

/// What to do where it isn't a backend of this crate that listens.
pub(crate) const PLAIN_HINT: &str = "if it is a JSON-RPC server that isn't written with \
    ipc-runtime, connect by Frontend::builder().plain_json_rpc(…)";

/// Says what may be the cause where the preface of the native framing wasn't answered.
pub(crate) fn unanswered(error: io::Error, config: &CarrierConfig) -> io::Error {
    let may_be_plain = matches!(
        error.kind(),
        io::ErrorKind::TimedOut
            | io::ErrorKind::UnexpectedEof
            | io::ErrorKind::InvalidData
            | io::ErrorKind::BrokenPipe
            | io::ErrorKind::ConnectionReset
            | io::ErrorKind::ConnectionAborted
    );
    if config.plain.is_some() || !may_be_plain {
        return error;
    }
    io::Error::new(error.kind(), format!("{error}; {PLAIN_HINT}"))
}

/// The backend has answered that it speaks another encoding than was asked for.
fn not_spoken(encoding: Encoding) -> io::Error {
    let why = format!(
        "the backend doesn't speak {encoding:?}: build it with that feature of ipc-runtime, or ask \
         for Encoding::Json"
    );
    io::Error::new(io::ErrorKind::Unsupported, why)
}

/// Gives a new connection this long to say who it is.
pub(crate) async fn within(
    time: Duration,
    opening: impl Future<Output = io::Result<Connected>>,
) -> io::Result<Connected> {
    tokio::time::timeout(time, opening).await.unwrap_or_else(|_| {
        let message = format!("the other side said nothing within {time:?}");
        Err(io::Error::new(io::ErrorKind::TimedOut, message))
    })
}

/// How listeners are made.
#[derive(Debug, Clone, Default)]
pub(crate) struct ListenOptions {
    /// What is wrong with who may open a WebSocket.
    #[cfg(feature = "websocket")]
    pub(crate) fault: Option<Arc<str>>,
    /// Lets WebSockets be bound to addresses that other machines can reach.
    pub(crate) allow_remote: bool,
    /// Who the listening side is, over TLS.
    #[cfg(feature = "tls")]
    pub(crate) identity: Option<TlsIdentity>,
}

/// Listens on an endpoint.
#[cfg_attr(not(feature = "websocket"), expect(unused_variables, reason = "WebSockets have them"))]
pub(crate) async fn listen(endpoint: &Endpoint, options: &ListenOptions) -> io::Result<Listener> {
    match endpoint {
        #[cfg(feature = "local")]
        Endpoint::Local(_) | Endpoint::Unix(_) | Endpoint::Pipe(_) => {
            local_socket::Listener::bind(endpoint).await.map(Listener::Local)
        }
        #[cfg(feature = "websocket")]
        Endpoint::WebSocket { .. } => {
            websocket::Listener::bind(endpoint, options).await.map(Listener::WebSocket)
        }
        Endpoint::Memory(name) => memory::Listener::bind(name).map(Listener::Memory),
        #[cfg(feature = "stdio")]
        Endpoint::Stdio => stdio::Listener::bind().map(Listener::Stdio),
        #[allow(unreachable_patterns, reason = "which kinds are left depends on the features")]
        other => Err(other.not_built_in()),
    }
}

/// Returns when a listener that was dropped is gone for everybody else, too.
#[cfg_attr(
    not(all(windows, feature = "local")),
    expect(unused_variables, reason = "named pipes alone linger")
)]
pub(crate) async fn wait_until_free(endpoint: &Endpoint) {
    #[cfg(all(windows, feature = "local"))]
    if let Endpoint::Local(_) | Endpoint::Pipe(_) = endpoint {
        local_socket::wait_until_free(endpoint).await;
    }
}

/// A place where connections come in. Dropping it gives the place free.
pub(crate) enum Listener {
    #[cfg(feature = "local")]
    Local(local_socket::Listener),
    #[cfg(feature = "websocket")]
    WebSocket(websocket::Listener),
    Memory(memory::Listener),
    #[cfg(feature = "stdio")]
    Stdio(stdio::Listener),
}

impl Listener {
    /// The endpoint to connect to: with the real port where port 0 was asked for.
    pub(crate) fn endpoint(&self) -> Endpoint {
        match self {
            #[cfg(feature = "local")]
            Self::Local(listener) => listener.endpoint(),
            #[cfg(feature = "websocket")]
            Self::WebSocket(listener) => listener.endpoint(),
            Self::Memory(listener) => listener.endpoint(),
            #[cfg(feature = "stdio")]
            Self::Stdio(listener) => listener.endpoint(),
        }
    }

    /// Waits for the next connection. Nothing was read from it yet: [`Incoming::open`] does.
    pub(crate) async fn accept(&mut self) -> io::Result<Incoming> {
        match self {
            #[cfg(feature = "local")]
            Self::Local(listener) => listener.accept().await.map(Incoming::Local),
            #[cfg(feature = "websocket")]
            Self::WebSocket(listener) => listener.accept().await.map(Incoming::WebSocket),
            Self::Memory(listener) => listener.accept().await.map(Incoming::Memory),
            #[cfg(feature = "stdio")]
            Self::Stdio(listener) => listener.accept().await.map(Incoming::Stdio),
        }
    }
}

/// A connection that has come in and has said nothing yet.
pub(crate) enum Incoming {
    #[cfg(feature = "local")]
    Local(local_socket::Incoming),
    #[cfg(feature = "websocket")]
    WebSocket(websocket::Incoming),
    Memory(tokio::io::DuplexStream),
    #[cfg(feature = "stdio")]
    Stdio(stdio::OwnStdio),
}

impl Incoming {
    /// Finds out what is spoken, and refuses whom this side doesn't talk to.
    pub(crate) async fn open(self, config: &CarrierConfig) -> io::Result<Connected> {
        let opening = async {
            match self {
                #[cfg(feature = "local")]
                Self::Local(incoming) => incoming.open(config).await,
                #[cfg(feature = "websocket")]
                Self::WebSocket(incoming) => incoming.open(config).await,
                #[cfg(feature = "stdio")]
                Self::Stdio(io) => io.open(config).await,
                Self::Memory(io) => {
                    let carrier = byte_stream::accept(Box::new(io), config).await?;
                    Ok(Connected { carrier, credentials: None })
                }
            }
        };
        within(config.handshake_timeout, opening).await
    }

    /// Tells a connection that there is no place for it. `why` is a sentence, where no messages are
    /// spoken yet.
    #[cfg_attr(not(feature = "websocket"), expect(unused_variables, reason = "WebSockets have it"))]
    pub(crate) async fn turn_away(
        self,
        config: &CarrierConfig,
        why: &str,
        message: impl FnOnce(Encoding) -> Vec<u8>,
    ) -> io::Result<()> {
        match self {
            #[cfg(feature = "websocket")]
            Self::WebSocket(incoming) => incoming.turn_away(why).await,
            other => dismiss(other.open(config).await?.carrier, CloseKind::Full, message).await,
        }
    }
}

//! Bytes in, bytes out: everything that knows what a connection is made of, and nothing that knows
//! what is said on it.
//!
//! [`Endpoint`] names a place; [`connect`] and [`listen`] turn it into [`Carrier`]s, which carry
//! frames. [`byte_stream`] makes a carrier of any `AsyncRead + AsyncWrite`.

pub(crate) mod byte_stream;
pub(crate) mod carrier;
pub(crate) mod config;
pub(crate) mod connected;
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

use std::io;

#[cfg(all(unix, feature = "local"))]
use crate::transport::local::unix as local_socket;
#[cfg(all(windows, feature = "local"))]
use crate::transport::local::windows as local_socket;
use crate::{
    codec::Encoding,
    endpoint::Endpoint,
    transport::{
        carrier::{CloseKind, dismiss},
        config::{CarrierConfig, ListenOptions},
        connected::{Connected, unanswered, within},
    },
};

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

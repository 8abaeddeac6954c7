//! The settings of carriers.

use std::{io, sync::Arc, time::Duration};

#[cfg(feature = "socket-io")]
use crate::transport::engine_io::config::EngineConfig;
#[cfg(feature = "tls")]
use crate::transport::tls::TlsIdentity;
#[cfg(feature = "tls")]
use crate::transport::tls::TlsTrust;
#[cfg(feature = "websocket")]
use crate::transport::websocket::origins::OriginPolicy;
#[cfg(feature = "websocket")]
use crate::transport::websocket::token_check;
use crate::{
    codec::Encoding,
    framing::plain,
    limits::Limits,
    support::{rt::Handle, warnings::Warnings},
};

/// Checks that this thread belongs to a tokio runtime: sockets and timers need one, and tokio
/// panics without it.
pub(crate) fn needs_runtime() -> io::Result<()> {
    let why = "this thread belongs to no tokio runtime: call it in async code that one runs, or hold \
               the guard of tokio::runtime::Handle::enter";
    let is_there = Handle::try_current();
    is_there.map(drop).map_err(|_| io::Error::new(io::ErrorKind::Unsupported, why))
}

/// The settings for the connections of one listener or frontend.
#[derive(Debug, Clone)]
pub(crate) struct CarrierConfig {
    /// The largest accepted message, in bytes.
    pub(crate) max_message_bytes: usize,
    /// The encoding that a connecting frontend asks for.
    pub(crate) encoding: Encoding,
    /// The framing of the server, if that is a plain JSON-RPC server.
    pub(crate) plain: Option<plain::Framing>,
    /// How long a new connection may take to exchange its first bytes.
    pub(crate) handshake_timeout: Duration,
    /// Builds the answer to a peer whose first bytes aren't understood. It is passed in, since this
    /// module doesn't know the protocol.
    pub(crate) not_understood: fn(&str) -> Vec<u8>,
    /// Builds the answer to a peer that isn't let in.
    #[cfg_attr(
        not(all(unix, feature = "local")),
        allow(dead_code, reason = "others aren't known")
    )]
    pub(crate) not_let_in: fn(Encoding, &str) -> Vec<u8>,
    /// Which warnings were logged recently.
    pub(crate) warnings: Arc<Warnings>,
    #[cfg(feature = "websocket")]
    pub(crate) origins: OriginPolicy,
    /// How socket.io clients are served, if they are.
    #[cfg(feature = "socket-io")]
    pub(crate) engine_io: Option<Arc<EngineConfig>>,
    /// The token that a client may show when it opens a WebSocket.
    #[cfg(feature = "websocket")]
    pub(crate) token_check: Option<token_check::TokenCheck>,
    /// What is wrong with `origins` or `token_check`. If set, no WebSocket is accepted.
    #[cfg(feature = "websocket")]
    pub(crate) fault: Option<Arc<str>>,
    /// Which certificates the connecting side trusts.
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
            not_understood: crate::message::refusals::not_understood,
            not_let_in: crate::message::refusals::not_let_in,
            #[cfg(feature = "websocket")]
            origins: OriginPolicy::default(),
            #[cfg(feature = "socket-io")]
            engine_io: None,
            #[cfg(feature = "websocket")]
            token_check: None,
            #[cfg(feature = "websocket")]
            fault: None,
            warnings: Arc::default(),
            #[cfg(feature = "tls")]
            trust: TlsTrust::default(),
        }
    }
}

/// The settings of listeners.
#[derive(Debug, Clone, Default)]
pub(crate) struct ListenOptions {
    /// What is wrong with the rules on who may open a WebSocket. If set, listening fails.
    #[cfg(feature = "websocket")]
    pub(crate) fault: Option<Arc<str>>,
    /// Allows WebSockets to bind to addresses that other machines can reach.
    pub(crate) allow_remote: bool,
    /// The listening side's identity over TLS.
    #[cfg(feature = "tls")]
    pub(crate) identity: Option<TlsIdentity>,
}

//! What carriers are set up with.

use std::{io, sync::Arc, time::Duration};

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

/// Sockets and timers are a runtime's: tokio panics where there is none.
pub(crate) fn needs_runtime() -> io::Result<()> {
    let why = "this thread belongs to no tokio runtime: call it in async code that one runs, or hold \
               the guard of tokio::runtime::Handle::enter";
    let is_there = Handle::try_current();
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
    pub(crate) token_check: Option<token_check::TokenCheck>,
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
            not_understood: crate::message::refusals::not_understood,
            not_let_in: crate::message::refusals::not_let_in,
            #[cfg(feature = "websocket")]
            origins: OriginPolicy::default(),
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

//! Transports: what a connection is made of. This module doesn't know what is said on it.
//!
//! [`Endpoint`] names an address; [`connect`] and [`listen`] turn it into carriers
//! ([`carrier::Carrier`]), which carry frames. [`byte_stream`] makes a carrier of any
//! `AsyncRead + AsyncWrite`.

pub(crate) mod byte_stream;
pub(crate) mod carrier;
pub(crate) mod carrier_kind;
pub(crate) mod config;
pub(crate) mod connected;
#[cfg(feature = "socket-io")]
pub(crate) mod engine_io;
#[cfg(feature = "socket-io")]
pub(crate) mod http_arrival;
#[cfg(feature = "local")]
pub(crate) mod local;
pub(crate) mod memory;
pub(crate) mod opened;
pub(crate) mod quote;
pub(crate) mod read_buffer;
#[cfg(feature = "websocket")]
pub(crate) mod refusal;
#[cfg(feature = "stdio")]
pub(crate) mod stdio;
pub(crate) mod stray_output;
#[cfg(feature = "tls")]
pub(crate) mod tls;
#[cfg(feature = "websocket")]
pub(crate) mod websocket;

use std::io;

#[cfg(feature = "local")]
use crate::transport::local::LocalSockets;
#[cfg(feature = "stdio")]
use crate::transport::stdio::StandardStreams;
#[cfg(feature = "websocket")]
use crate::transport::websocket::WebSockets;
use crate::{
    codec::Encoding,
    endpoint::Endpoint,
    transport::{
        carrier_kind::{Acceptor, Arrival, CarrierKind},
        config::{CarrierConfig, ListenOptions},
        connected::{Connected, unanswered, within},
        memory::MemoryPipes,
        opened::Opened,
    },
};

/// Generates everything that chooses between the kinds of carriers from the table below.
macro_rules! carriers {
    ($($(#[$built_in:meta])? $endpoint:pat => $kind:ident,)+) => {
        async fn connect_by_kind(
            endpoint: &Endpoint,
            config: &CarrierConfig,
        ) -> io::Result<Connected> {
            match endpoint {
                $($(#[$built_in])? $endpoint => $kind::connect(endpoint, config).await,)+
                #[allow(unreachable_patterns, reason = "which are left depends on the features")]
                other => Err(other.not_built_in()),
            }
        }

        /// Listens on an endpoint.
        pub(crate) async fn listen(
            endpoint: &Endpoint,
            options: &ListenOptions,
        ) -> io::Result<AnyAcceptor> {
            match endpoint {
                $($(#[$built_in])? $endpoint => {
                    $kind::listen(endpoint, options).await.map(AnyAcceptor::$kind)
                })+
                #[allow(unreachable_patterns, reason = "which are left depends on the features")]
                other => Err(other.not_built_in()),
            }
        }

        /// Returns once clients can't reach a dropped listener any more.
        pub(crate) async fn wait_until_free(endpoint: &Endpoint) {
            match endpoint {
                $($(#[$built_in])? $endpoint => $kind::wait_until_free(endpoint).await,)+
                #[allow(unreachable_patterns, reason = "which are left depends on the features")]
                _ => {}
            }
        }

        /// See [`Acceptor`].
        pub(crate) enum AnyAcceptor {
            $($(#[$built_in])? $kind(<$kind as CarrierKind>::Acceptor),)+
        }

        impl AnyAcceptor {
            pub(crate) fn endpoint(&self) -> Endpoint {
                match self {
                    $($(#[$built_in])? Self::$kind(acceptor) => acceptor.endpoint(),)+
                }
            }

            /// Whether it accepts exactly one connection.
            pub(crate) fn accepts_once(&self) -> bool {
                match self {
                    $($(#[$built_in])? Self::$kind(_) => $kind::ACCEPTS_ONCE,)+
                }
            }

            pub(crate) async fn accept(&mut self) -> io::Result<AnyArrival> {
                match self {
                    $($(#[$built_in])? Self::$kind(acceptor) => {
                        acceptor.accept().await.map(AnyArrival::$kind)
                    })+
                }
            }
        }

        /// See [`Arrival`].
        pub(crate) enum AnyArrival {
            $($(#[$built_in])?
            $kind(<<$kind as CarrierKind>::Acceptor as Acceptor>::Arrival),)+
        }

        impl AnyArrival {
            async fn open_by_kind(self, config: &CarrierConfig) -> io::Result<Opened> {
                match self {
                    $($(#[$built_in])? Self::$kind(arrival) => arrival.open(config).await,)+
                }
            }

            pub(crate) async fn turn_away(
                self,
                config: &CarrierConfig,
                why: &str,
                message: impl FnOnce(Encoding) -> Vec<u8> + Send,
            ) -> io::Result<Option<Opened>> {
                match self {
                    $($(#[$built_in])? Self::$kind(arrival) => {
                        arrival.turn_away(config, why, message).await
                    })+
                }
            }
        }
    };
}

// The table: each kind of carrier with the feature that enables it, and its endpoints.
carriers! {
    #[cfg(feature = "local")]
    Endpoint::Local(_) | Endpoint::Unix(_) | Endpoint::Pipe(_) => LocalSockets,
    #[cfg(feature = "websocket")]
    Endpoint::WebSocket { .. } => WebSockets,
    #[cfg(feature = "stdio")]
    Endpoint::Stdio => StandardStreams,
    Endpoint::Memory(_) => MemoryPipes,
}

/// Connects to an endpoint.
pub(crate) async fn connect(endpoint: &Endpoint, config: &CarrierConfig) -> io::Result<Connected> {
    let connected = within(config.handshake_timeout, connect_by_kind(endpoint, config)).await;
    if endpoint.has_messages() {
        return connected;
    }
    connected.map_err(|error| unanswered(error, config))
}

impl AnyArrival {
    /// See [`Arrival::open`]. Fails after `handshake_timeout`.
    pub(crate) async fn open(self, config: &CarrierConfig) -> io::Result<Opened> {
        within(config.handshake_timeout, self.open_by_kind(config)).await
    }
}

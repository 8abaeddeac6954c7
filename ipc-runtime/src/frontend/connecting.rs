//! The ways that a frontend connects: to an endpoint, over a stream, to a process that it starts, lazily.

use std::sync::Arc;

use tokio::io::{AsyncRead, AsyncWrite};

#[cfg(feature = "stdio")]
use crate::transport::stdio::child;
use crate::{
    endpoint::{Endpoint, EndpointError},
    error::connect_error::ConnectError,
    frontend::{
        Frontend,
        builder::FrontendBuilder,
        connector::{Connector, greet},
        reconnecting,
    },
    peer::session::state::ConnectionState,
    support::{precompiled_future::PrecompiledFuture, rt},
    transport::{
        byte_stream::{self, Foreign, Io},
        connected::{Connected, unanswered, within},
    },
};

pub(crate) type Connecting = PrecompiledFuture<'static, Result<Frontend, ConnectError>>;

/// Connects, and comes back if that was asked for.
pub(crate) fn connect(mut builder: FrontendBuilder, endpoint: Endpoint) -> Connecting {
    Box::pin(async move {
        let name = endpoint.to_string().into();
        if let Err(error) = builder.check(Some(&endpoint)) {
            return Err(ConnectError::Io { endpoint, error });
        }
        let (config, registry) = (builder.carrier_config(), builder.registry().clone());
        let connector = Connector { endpoint, config, registry };
        let connected = connector.connect().await?;
        let reconnect = builder.reconnect.clone();
        let session = builder.session(name, ConnectionState::Connecting);
        let frontend = Frontend::new(session.clone(), connector.registry.clone());
        greet(&session, &connector.registry, connected, true).await?;
        if let Some(reconnect) = reconnect {
            rt::spawn(reconnecting::keep(session, connector, reconnect));
        }
        Ok(frontend)
    })
}

/// Connects over what was connected elsewhere.
pub(crate) fn over(builder: FrontendBuilder, io: Box<dyn Io>) -> Connecting {
    Box::pin(async move {
        builder.check(None).map_err(ConnectError::Carrier)?;
        let config = builder.carrier_config();
        let carrier = within(config.handshake_timeout, async {
            let carrier = byte_stream::connect(io, &config).await?;
            Ok(Connected { carrier, credentials: None })
        });
        let unanswered = |error| ConnectError::Carrier(unanswered(error, &config));
        let connected = carrier.await.map_err(unanswered)?;
        begin(builder, "the given stream".into(), connected).await
    })
}

/// Starts a backend, and connects to it.
#[cfg(feature = "stdio")]
pub(crate) fn spawn(builder: FrontendBuilder, command: tokio::process::Command) -> Connecting {
    Box::pin(async move {
        let config = builder.carrier_config();
        let spawning = child::spawn(command, &config);
        let endpoint = Endpoint::Stdio;
        let name = endpoint.to_string().into();
        let connected = match builder.check(None) {
            Ok(()) => within(config.handshake_timeout, spawning).await,
            Err(error) => Err(error),
        };
        let connected = connected.map_err(|error| {
            let error = unanswered(error, &config);
            ConnectError::Io { endpoint, error }
        })?;
        begin(builder, name, connected).await
    })
}

/// Connects while the frontend is there already.
pub(crate) fn connect_lazily(
    mut builder: FrontendBuilder,
    endpoint: Endpoint,
) -> Result<Frontend, ConnectError> {
    let name: Arc<str> = endpoint.to_string().into();
    if let Err(error) = builder.check(Some(&endpoint)) {
        return Err(ConnectError::Io { endpoint, error });
    }
    let (config, registry) = (builder.carrier_config(), builder.registry().clone());
    let connector = Connector { endpoint, config, registry };
    let reconnect = builder.reconnect.clone();
    let session = builder.session(name, ConnectionState::Connecting);
    let frontend = Frontend::new(session.clone(), connector.registry.clone());
    match reconnect {
        Some(reconnect) => rt::spawn(reconnecting::keep(session, connector, reconnect)),
        None => rt::spawn(reconnecting::connect(session, connector)),
    };
    Ok(frontend)
}

/// Begins what can't be made again.
pub(crate) async fn begin(
    mut builder: FrontendBuilder,
    endpoint: Arc<str>,
    connected: Connected,
) -> Result<Frontend, ConnectError> {
    builder.reconnect = None;
    let registry = builder.registry().clone();
    let session = builder.session(endpoint, ConnectionState::Connecting);
    let frontend = Frontend::new(session.clone(), registry.clone());
    greet(&session, &registry, connected, true).await?;
    Ok(frontend)
}

impl FrontendBuilder {
    /// Connects to a backend, and shakes hands with it.
    ///
    /// # Errors
    ///
    /// [`ConnectError`] when the endpoint is none, nobody listens there, or whoever does speaks
    /// another protocol or doesn't let this one in, all within [`Limits::handshake_timeout`](crate::Limits::handshake_timeout).
    pub async fn connect<E>(self, endpoint: E) -> Result<Frontend, ConnectError>
    where
        E: TryInto<Endpoint>,
        E::Error: Into<EndpointError>,
    {
        let endpoint = endpoint.try_into().map_err(Into::into)?;
        connect(self, endpoint).await
    }

    /// Connects over a connection that was made elsewhere: any stream of bytes in both
    /// directions, with a backend at its other end.
    ///
    /// # Errors
    ///
    /// [`ConnectError`] when no backend answers within [`Limits::handshake_timeout`](crate::Limits::handshake_timeout).
    pub async fn over<T>(self, io: T) -> Result<Frontend, ConnectError>
    where
        T: AsyncRead + AsyncWrite + Send + Unpin + 'static,
    {
        over(self, Box::new(Foreign(io))).await
    }

    /// Starts a backend, and connects to its standard input and output, where it listens on
    /// `stdio:`. What it writes to standard error goes where this process's does.
    ///
    /// The process belongs to the connection: when that ends, its input is closed, and if it isn't
    /// gone after two seconds, it is killed. When the process ends, so does the connection, as soon as
    /// what it had written is read. Nothing else may be written to its standard output
    /// ([`DisconnectReason::StrayOutput`](crate::error::DisconnectReason::StrayOutput)); what a
    /// [plain server](Self::plain_json_rpc) writes there that is no message is skipped and logged.
    ///
    /// # Errors
    ///
    /// [`ConnectError`] when it can't be started, ends or says something else than a backend does, or
    /// doesn't answer within [`Limits::handshake_timeout`](crate::Limits::handshake_timeout). The text says how it ended, or shows what
    /// it said.
    #[cfg(feature = "stdio")]
    pub async fn spawn(
        self,
        command: impl Into<tokio::process::Command>,
    ) -> Result<Frontend, ConnectError> {
        spawn(self, command.into()).await
    }

    /// A frontend at once, whose connection is made meanwhile. Where nobody listens yet it tries again,
    /// after delays as those of [`Reconnect::default`](crate::Reconnect::default), until it is connected or closed. Calls
    /// made before fail with [`ErrorKind::NotConnected`](crate::ErrorKind::NotConnected);
    /// [`Frontend::state`] tells how it stands, and while it is `Reconnecting` why the last attempt
    /// failed. A refusal that will be the same each time (another version, a wrong token) ends it.
    ///
    /// Without [`reconnect`](Self::reconnect) it connects once: the loss of the connection is its end.
    ///
    /// # Errors
    ///
    /// [`ConnectError`] when the endpoint is none, or doesn't go with what was set up, or where this
    /// thread belongs to no tokio runtime.
    pub fn connect_lazily<E>(self, endpoint: E) -> Result<Frontend, ConnectError>
    where
        E: TryInto<Endpoint>,
        E::Error: Into<EndpointError>,
    {
        let endpoint = endpoint.try_into().map_err(|error| ConnectError::Endpoint(error.into()))?;
        connect_lazily(self, endpoint)
    }
}

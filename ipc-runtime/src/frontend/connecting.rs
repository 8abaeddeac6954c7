//! How a frontend connects: to an endpoint, over a stream, to a process that it starts, or lazily.

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

/// Connects to an endpoint, and reconnects later if that was asked for.
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

/// Connects over a stream that was connected elsewhere.
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

/// Returns a frontend at once, and connects it in the background.
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

/// Begins a connection that can't be made again.
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
    /// Connects to a backend, and does the handshake. Dropping the future closes the connection.
    ///
    /// # Errors
    ///
    /// [`ConnectError`] when the text is no valid endpoint, when nothing listens there, or when
    /// what listens there speaks another protocol, refuses this frontend or doesn't answer.
    /// Connecting and the handshake may each take
    /// [`Limits::handshake_timeout`](crate::Limits::handshake_timeout).
    pub async fn connect<E>(self, endpoint: E) -> Result<Frontend, ConnectError>
    where
        E: TryInto<Endpoint>,
        E::Error: Into<EndpointError>,
    {
        let endpoint = endpoint.try_into().map_err(Into::into)?;
        connect(self, endpoint).await
    }

    /// Connects over a stream that was connected elsewhere: any stream of bytes in both directions,
    /// with a backend at its other end.
    ///
    /// # Errors
    ///
    /// [`ConnectError`] when no backend answers within
    /// [`Limits::handshake_timeout`](crate::Limits::handshake_timeout), or when the backend refuses
    /// this frontend.
    pub async fn over<T>(self, io: T) -> Result<Frontend, ConnectError>
    where
        T: AsyncRead + AsyncWrite + Send + Unpin + 'static,
    {
        over(self, Box::new(Foreign(io))).await
    }

    /// Starts a backend process and connects to its standard input and output, where the backend
    /// listens on `stdio:`. Its standard error goes where this process's does, unless the command
    /// says otherwise.
    ///
    /// The process belongs to the connection. When the connection ends, the process's input is
    /// closed, and if the process hasn't ended two seconds later, it is killed. When the process
    /// ends, the connection ends too, as soon as what the process has written is read. Nothing else
    /// may be written to its standard output
    /// ([`DisconnectReason::StrayOutput`](crate::error::DisconnectReason::StrayOutput)). If a
    /// [plain server](Self::plain_json_rpc) writes something there that is no message, it is
    /// skipped and logged.
    ///
    /// # Errors
    ///
    /// [`ConnectError`] when the process can't be started, ends, writes what no backend writes, or
    /// doesn't answer within [`Limits::handshake_timeout`](crate::Limits::handshake_timeout). The
    /// text says how the process ended, or shows what it wrote.
    #[cfg(feature = "stdio")]
    pub async fn spawn(
        self,
        command: impl Into<tokio::process::Command>,
    ) -> Result<Frontend, ConnectError> {
        spawn(self, command.into()).await
    }

    /// Returns a frontend at once, and connects it in the background. If an attempt fails, for
    /// example because nothing listens yet, the frontend tries again until it is connected, is
    /// closed, or has used up its [`max_attempts`](crate::Reconnect::max_attempts). The delays are
    /// those of [`reconnect`](Self::reconnect) if that is set, otherwise those of
    /// [`Reconnect::default`](crate::Reconnect::default).
    ///
    /// Calls made before the frontend is connected fail with
    /// [`ErrorKind::NotConnected`](crate::ErrorKind::NotConnected), or
    /// [wait](crate::config::CallsWhileDisconnected). While it tries again, [`Frontend::state`] is
    /// `Reconnecting` and says why the last attempt failed. If the backend refuses the frontend for
    /// a reason that stays the same (another version, a wrong token), the frontend is closed.
    ///
    /// Without [`reconnect`](Self::reconnect) it connects only once: when that connection is lost,
    /// the frontend is closed.
    ///
    /// # Errors
    ///
    /// [`ConnectError`] when the text is no valid endpoint, when the endpoint doesn't go with the
    /// other settings, or when this thread belongs to no tokio runtime.
    pub fn connect_lazily<E>(self, endpoint: E) -> Result<Frontend, ConnectError>
    where
        E: TryInto<Endpoint>,
        E::Error: Into<EndpointError>,
    {
        let endpoint = endpoint.try_into().map_err(|error| ConnectError::Endpoint(error.into()))?;
        connect_lazily(self, endpoint)
    }
}

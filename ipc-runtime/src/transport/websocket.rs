//! WebSockets, with `tokio-tungstenite`. Each WebSocket message carries one message: text for JSON,
//! binary for MessagePack.

pub(crate) mod carrier;
pub(crate) mod frames;
pub(crate) mod gate;
pub(crate) mod http_refusal;
pub(crate) mod io_error;
pub(crate) mod local_page;
pub(crate) mod metered;
pub(crate) mod origins;
pub(crate) mod request;
pub(crate) mod subprotocols;
#[cfg(feature = "tls")]
pub(crate) mod tls;
pub(crate) mod token_check;
pub(crate) mod upgrade;

use std::{future::poll_fn, io, net::SocketAddr, task::Poll, time::Duration};

use socket2::{SockRef, TcpKeepalive};
use tokio::{
    io::AsyncWriteExt,
    net::{TcpListener, TcpStream},
};
use tokio_tungstenite::{
    WebSocketStream, client_async_with_config,
    tungstenite::{
        self,
        client::IntoClientRequest,
        error::ProtocolError,
        handshake::server::{ErrorResponse, Response, write_response},
        http::{self, HeaderValue, header::SEC_WEBSOCKET_PROTOCOL},
        protocol::{Role, WebSocketConfig},
    },
};

#[cfg(feature = "socket-io")]
use crate::transport::http_arrival::HttpArrival;
use crate::{
    codec::Encoding,
    endpoint::Endpoint,
    support::warnings::warn_rarely,
    transport::{
        byte_stream::Io,
        carrier_kind::{Acceptor, Arrival, CarrierKind},
        config::{CarrierConfig, ListenOptions},
        connected::{Connected, PLAIN_HINT},
        opened::Opened,
        websocket::{
            carrier::{Shown, WebSocket},
            gate::{Door, REFUSED_ORIGIN, UpgradeGate, Visitor},
            http_refusal::HttpRefusal,
            io_error::into_io,
            metered::Metered,
            request::RequestHead,
        },
    },
};

/// The size of a connection's read buffer, in bytes. tungstenite allocates it immediately.
const READ_BUFFER: usize = 8 * 1024;

/// The size in bytes up to which messages are gathered before they are written.
const WRITE_BUFFER: usize = 64 * 1024;

/// How long a connection must be idle before the operating system checks whether the other machine
/// is there.
const UNTIL_PROBED: Duration = Duration::from_secs(60);

/// The interval of these checks, on systems where it can be set. The number of checks is the
/// system's: nine on Linux.
#[allow(dead_code, reason = "not every system can be told")]
const BETWEEN_PROBES: Duration = Duration::from_secs(15);

pub(in crate::transport) fn web_socket_config(max_message_bytes: usize) -> WebSocketConfig {
    WebSocketConfig::default()
        .read_buffer_size(READ_BUFFER)
        .write_buffer_size(WRITE_BUFFER)
        .max_message_size(Some(max_message_bytes))
        .max_frame_size(Some(max_message_bytes))
}

/// WebSockets, over TLS or without.
pub(crate) enum WebSockets {}

impl CarrierKind for WebSockets {
    type Acceptor = WebSocketAcceptor;

    async fn connect(endpoint: &Endpoint, config: &CarrierConfig) -> io::Result<Connected> {
        connect(endpoint, config).await
    }

    async fn listen(endpoint: &Endpoint, options: &ListenOptions) -> io::Result<WebSocketAcceptor> {
        WebSocketAcceptor::bind(endpoint, options).await
    }
}

/// Connects to a WebSocket.
async fn connect(endpoint: &Endpoint, config: &CarrierConfig) -> io::Result<Connected> {
    let Endpoint::WebSocket { host, port, tls, .. } = endpoint else {
        return Err(endpoint.not_built_in());
    };
    if *tls && !cfg!(feature = "tls") {
        return Err(endpoint.not_built_in());
    }
    let stream = TcpStream::connect((host.as_str(), *port)).await.map_err(|error| {
        let hint = match error.kind() {
            io::ErrorKind::ConnectionRefused => ": nobody listens there; is the backend running?",
            _ => "",
        };
        io::Error::new(error.kind(), format!("{error}{hint}"))
    })?;
    stream.set_nodelay(true)?;
    keep_alive(&stream);
    let mut request = endpoint.to_string().into_client_request().map_err(into_io)?;
    let encoding = config.encoding;
    let asked = HeaderValue::from_static(encoding.subprotocol());
    let is_plain = config.plain.is_some();
    if !is_plain {
        request.headers_mut().insert(SEC_WEBSOCKET_PROTOCOL, asked.clone());
    }
    let stream: Box<dyn Io> = match tls {
        #[cfg(feature = "tls")]
        true => tls::connect(stream, host, config.trust.config().await?).await?,
        _ => Box::new(stream),
    };
    let stream = Metered::new(stream);
    let upgraded = client_async_with_config(
        request,
        stream,
        Some(web_socket_config(config.max_message_bytes)),
    )
    .await;
    let (stream, response) = upgraded.map_err(|error| match error {
        tungstenite::Error::Protocol(ProtocolError::SecWebSocketSubProtocolError(_))
            if !is_plain =>
        {
            not_chosen(encoding)
        }
        error => into_io(error),
    })?;
    match response.headers().get(SEC_WEBSOCKET_PROTOCOL) {
        _ if is_plain => {}
        Some(chosen) if chosen == asked => {}
        _ => return Err(not_chosen(encoding)),
    }
    let shown = Shown { encoding: (!is_plain).then_some(encoding), ..Shown::default() };
    let carrier = Box::new(WebSocket::new(stream, shown, config));
    Ok(Connected { carrier, credentials: None })
}

/// The error for a server that chose another subprotocol than was requested, or none.
fn not_chosen(encoding: Encoding) -> io::Error {
    let asked = encoding.subprotocol();
    let why =
        format!("a WebSocket server answers there, but it doesn't speak {asked}; {PLAIN_HINT}");
    io::Error::new(io::ErrorKind::InvalidData, why)
}

impl Io for TcpStream {}

/// Makes the operating system check whether the other machine is there. Without a heartbeat,
/// nothing else notices that it is gone.
fn keep_alive(stream: &TcpStream) {
    let times = TcpKeepalive::new().with_time(UNTIL_PROBED);
    #[cfg(any(
        target_os = "linux",
        target_os = "android",
        target_os = "macos",
        target_os = "ios",
        target_os = "freebsd",
        target_os = "netbsd",
        windows
    ))]
    let times = times.with_interval(BETWEEN_PROBES);
    // If the connection has already ended, reading reports it.
    let _ = SockRef::from(stream).set_tcp_keepalive(&times);
}

/// A TCP port that accepts WebSockets.
pub(crate) struct WebSocketAcceptor {
    endpoint: Endpoint,
    host: String,
    /// One for each address of the host.
    listeners: Vec<TcpListener>,
    security: Security,
}

impl WebSocketAcceptor {
    async fn bind(endpoint: &Endpoint, options: &ListenOptions) -> io::Result<Self> {
        let Endpoint::WebSocket { host, port, path, tls } = endpoint else {
            return Err(endpoint.not_built_in());
        };
        if let Some(fault) = &options.fault {
            return Err(io::Error::new(io::ErrorKind::InvalidInput, fault.as_ref()));
        }
        let security = Security::new(endpoint, options)?;
        let mut addresses = Vec::new();
        for address in tokio::net::lookup_host((host.as_str(), *port)).await? {
            if !addresses.contains(&address) {
                addresses.push(address);
            }
        }
        if !options.allow_remote && !addresses.iter().all(|address| address.ip().is_loopback()) {
            return Err(io::Error::new(
                io::ErrorKind::PermissionDenied,
                format!(
                    "{host} can be reached from other machines: bind to 127.0.0.1, or say \
                     Backend::builder().allow_remote(true)"
                ),
            ));
        }
        let listeners = bind_all(&addresses).await.map_err(|error| {
            let message = match error.kind() {
                io::ErrorKind::AddrInUse => {
                    format!("port {port} of {host} is in use: port 0 picks a free one")
                }
                _ => format!("can't bind port {port} of {host}: {error}"),
            };
            io::Error::new(error.kind(), message)
        })?;
        let mut port = *port;
        for listener in &listeners {
            let bound = listener.local_addr()?;
            port = bound.port();
            if !*tls && !bound.ip().is_loopback() {
                tracing::warn!(address = %bound, "other machines can reach this, and all travels in the clear: use wss://");
            }
        }
        let (host, path) = (host.clone(), path.clone());
        let endpoint = Endpoint::WebSocket { host: host.clone(), port, path, tls: *tls };
        Ok(Self { endpoint, host, listeners, security })
    }
}

impl Acceptor for WebSocketAcceptor {
    type Arrival = WebSocketArrival;

    fn endpoint(&self) -> Endpoint {
        self.endpoint.clone()
    }

    async fn accept(&mut self) -> io::Result<WebSocketArrival> {
        let accepting = poll_fn(|cx| {
            let accepted = |listener: &TcpListener| match listener.poll_accept(cx) {
                Poll::Ready(accepted) => Some(accepted),
                Poll::Pending => None,
            };
            self.listeners.iter().find_map(accepted).map_or(Poll::Pending, Poll::Ready)
        });
        let (stream, _) = accepting.await?;
        // So that a busy listener doesn't starve the others.
        self.listeners.rotate_left(1);
        Ok(WebSocketArrival { stream, host: self.host.clone(), security: self.security.clone() })
    }
}

/// Binds all addresses of a name, at one port. If another program held one of them, clients that
/// try that address first would take it for this backend.
async fn bind_all(addresses: &[SocketAddr]) -> io::Result<Vec<TcpListener>> {
    /// A port that is free at one address may be taken at another.
    const TRIES: usize = 16;
    let picks = addresses.iter().all(|address| address.port() == 0);
    let mut bound = bind_at_one_port(addresses).await;
    for _ in 1..TRIES {
        let is_taken = |error: &io::Error| error.kind() == io::ErrorKind::AddrInUse;
        if !picks || !bound.as_ref().is_err_and(is_taken) {
            break;
        }
        bound = bind_at_one_port(addresses).await;
    }
    bound
}

async fn bind_at_one_port(addresses: &[SocketAddr]) -> io::Result<Vec<TcpListener>> {
    let mut listeners: Vec<TcpListener> = Vec::new();
    let mut missing = io::Error::new(io::ErrorKind::NotFound, "it has no address");
    for address in addresses {
        let mut address = *address;
        if let Some(first) = listeners.first() {
            address.set_port(first.local_addr()?.port());
        }
        match TcpListener::bind(address).await {
            Ok(listener) => listeners.push(listener),
            Err(error)
                if matches!(
                    error.kind(),
                    io::ErrorKind::AddrInUse | io::ErrorKind::PermissionDenied
                ) =>
            {
                return Err(error);
            }
            // A name may have addresses that the machine doesn't have, such as IPv6 ones.
            Err(error) => missing = error,
        }
    }
    if listeners.is_empty() { Err(missing) } else { Ok(listeners) }
}

/// Whether a port speaks TLS, and with which identity.
#[derive(Clone)]
enum Security {
    Plain,
    #[cfg(feature = "tls")]
    Tls(crate::transport::tls::TlsIdentity),
}

impl Security {
    #[cfg_attr(not(feature = "tls"), expect(unused_variables, reason = "TLS has them"))]
    fn new(endpoint: &Endpoint, options: &ListenOptions) -> io::Result<Self> {
        match endpoint {
            Endpoint::WebSocket { tls: false, .. } => Ok(Self::Plain),
            #[cfg(feature = "tls")]
            Endpoint::WebSocket { tls: true, .. } => {
                options.identity.clone().map(Self::Tls).ok_or_else(|| {
                    let message = "wss:// needs a certificate: Backend::builder()\
                                   .tls(TlsIdentity::from_pem_files(…)?)";
                    io::Error::new(io::ErrorKind::InvalidInput, message)
                })
            }
            other => Err(other.not_built_in()),
        }
    }

    fn is_tls(&self) -> bool {
        !matches!(self, Self::Plain)
    }

    async fn open(self, stream: TcpStream) -> io::Result<Box<dyn Io>> {
        match self {
            Self::Plain => Ok(Box::new(stream)),
            #[cfg(feature = "tls")]
            Self::Tls(identity) => tls::accept(stream, identity.config()).await,
        }
    }
}

/// A TCP connection from which nothing was read yet.
pub(crate) struct WebSocketArrival {
    stream: TcpStream,
    host: String,
    security: Security,
}

impl Arrival for WebSocketArrival {
    async fn open(self, config: &CarrierConfig) -> io::Result<Opened> {
        self.stream.set_nodelay(true)?;
        keep_alive(&self.stream);
        let (host, is_tls) = (self.host, self.security.is_tls());
        let mut io = self.security.open(self.stream).await?;
        let read = request::read(&mut io).await?;
        #[cfg(feature = "socket-io")]
        let read = match read {
            Ok(head) if is_engine_io(&head, config) => {
                return Ok(http_arrival(head, io, host, is_tls));
            }
            read => read,
        };
        let door = Door::Own { host: &host, is_tls };
        let admitted = read.and_then(|RequestHead { request, read, length }| {
            let (response, visitor) = admit(&request, config, door)?;
            let early = "wait for the answer to this request before you send more";
            if length < read.len() {
                return Err(HttpRefusal::bad(early));
            }
            Ok((response, visitor, request))
        });
        let (response, visitor, request) = match admitted {
            Ok(admitted) => admitted,
            Err(refusal) => {
                note(refusal, config);
                refusal.send(io).await?;
                return Err(io::Error::new(io::ErrorKind::PermissionDenied, refusal.why));
            }
        };
        let mut answer = Vec::new();
        write_response(&mut answer, &response).map_err(into_io)?;
        io.write_all(&answer).await?;
        io.flush().await?;
        accept_upgraded(io, request.headers(), config, visitor).await.map(Into::into)
    }

    /// Answers that the limit on connections is reached, whatever the request asks for.
    async fn turn_away(
        self,
        config: &CarrierConfig,
        why: &str,
        _: impl FnOnce(Encoding) -> Vec<u8> + Send,
    ) -> io::Result<Option<Opened>> {
        self.stream.set_nodelay(true)?;
        let (host, is_tls) = (self.host, self.security.is_tls());
        let mut io = self.security.open(self.stream).await?;
        let read = request::read(&mut io).await?;
        // It may belong to a session that has its place already.
        #[cfg(feature = "socket-io")]
        if let Ok(head) = read {
            if is_engine_io(&head, config) {
                return Ok(Some(http_arrival(head, io, host, is_tls)));
            }
        }
        // Errors in the request can be reported when there is room again.
        #[cfg(not(feature = "socket-io"))]
        let _ = (read, host, is_tls, config);
        http_refusal::send(io, http::StatusCode::SERVICE_UNAVAILABLE, why).await?;
        Ok(None)
    }
}

/// Whether this begins an Engine.IO session, or belongs to one.
#[cfg(feature = "socket-io")]
fn is_engine_io(head: &RequestHead, config: &CarrierConfig) -> bool {
    let path = head.request.uri().path();
    config.engine_io.as_ref().is_some_and(|engine_io| engine_io.is_path(path))
}

#[cfg(feature = "socket-io")]
fn http_arrival(head: RequestHead, io: Box<dyn Io>, host: String, is_tls: bool) -> Opened {
    let RequestHead { request, read, length } = head;
    let is_followed = length < read.len();
    let read = read.into();
    Opened::EngineIo(Box::new(HttpArrival { io, request, read, is_followed, host, is_tls }))
}

/// The answer that accepts the upgrade, and to whom. `Err` if the request is refused.
fn admit<B>(
    request: &http::Request<B>,
    config: &CarrierConfig,
    door: Door<'_>,
) -> Result<(Response, Visitor), HttpRefusal> {
    let response = upgrade::answer(request)?;
    let headers = request.headers();
    let visitor = gate(config, door).check(headers, request.uri().authority())?;
    Ok((subprotocols::choose_subprotocol(headers, response)?, visitor))
}

/// Creates the carrier of a WebSocket whose upgrade was answered.
async fn accepted(io: Box<dyn Io>, shown: Shown, config: &CarrierConfig) -> Connected {
    let socket = Some(web_socket_config(config.max_message_bytes));
    let mut io = Metered::new(io);
    io.frames.begin();
    let stream = WebSocketStream::from_raw_socket(io, Role::Server, socket).await;
    Connected { carrier: Box::new(WebSocket::new(stream, shown, config)), credentials: None }
}

/// The answer to a WebSocket request that arrived at the app's own HTTP server. `is_full` is set if
/// the limit on connections is reached, and is the sentence to answer.
#[expect(clippy::result_large_err, reason = "both are answers to be sent")]
pub(crate) fn upgrade<B>(
    request: &http::Request<B>,
    config: &CarrierConfig,
    is_full: Option<&str>,
) -> Result<Response, ErrorResponse> {
    let admitted = is_set_up(config).and_then(|()| admit(request, config, Door::App));
    let refused = |refusal: HttpRefusal| {
        note(refusal, config);
        refusal.response()
    };
    let (response, _) = admitted.map_err(refused)?;
    match is_full {
        Some(why) => Err(http_refusal::answer(http::StatusCode::SERVICE_UNAVAILABLE, why)),
        None => Ok(response),
    }
}

/// Who has sent this request. `Err` if nobody who gets a WebSocket.
pub(crate) fn check_upgraded(
    head: &http::request::Parts,
    config: &CarrierConfig,
) -> Result<Visitor, HttpRefusal> {
    is_set_up(config)?;
    gate(config, Door::App).check(&head.headers, head.uri.authority())
}

pub(in crate::transport) fn is_set_up(config: &CarrierConfig) -> Result<(), HttpRefusal> {
    let Some(fault) = &config.fault else { return Ok(()) };
    warn_rarely!(
        config.warnings, FaultySetup, %fault,
        "no WebSocket is taken: the backend is set up wrongly"
    );
    let status = http::StatusCode::INTERNAL_SERVER_ERROR;
    Err(HttpRefusal { status, why: "this backend is set up wrongly: its log says how" })
}

fn note(refusal: HttpRefusal, config: &CarrierConfig) {
    let why = refusal.why;
    match refusal.status {
        http::StatusCode::UNAUTHORIZED => {
            warn_rarely!(config.warnings, WrongToken, why, "refused a WebSocket");
        }
        http::StatusCode::FORBIDDEN => {
            warn_rarely!(config.warnings, RefusedWebSocket, why, "refused a WebSocket");
        }
        // Anything may connect to a port by mistake.
        _ => tracing::debug!(why, "refused a WebSocket"),
    }
}

pub(in crate::transport) fn gate<'a>(config: &'a CarrierConfig, door: Door<'a>) -> UpgradeGate<'a> {
    UpgradeGate { origins: &config.origins, token_check: config.token_check.as_ref(), door }
}

/// Takes over a stream whose upgrade was already answered. `Err` if its visitor was only told why
/// it isn't let in.
pub(crate) async fn accept_upgraded(
    io: Box<dyn Io>,
    headers: &http::HeaderMap,
    config: &CarrierConfig,
    visitor: Visitor,
) -> io::Result<Connected> {
    let Visitor::Client { showed_token } = visitor else {
        note(REFUSED_ORIGIN, config);
        local_page::refuse(io, headers).await?;
        return Err(io::Error::new(io::ErrorKind::PermissionDenied, REFUSED_ORIGIN.why));
    };
    let shown = Shown {
        encoding: subprotocols::asked_encoding(headers),
        promise: subprotocols::promises_handshake(headers),
        token: showed_token,
    };
    Ok(accepted(io, shown, config).await)
}

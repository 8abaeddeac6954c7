//! WebSockets, by way of `tokio-tungstenite`. A text message carries one JSON message.

mod frames;
mod gate;
mod metered;
mod refusal;
mod refusals;
mod request;
mod ticket;
#[cfg(feature = "tls")]
mod tls;
mod upgrade;

use std::{
    future::poll_fn,
    io,
    net::SocketAddr,
    pin::Pin,
    task::{Context, Poll, ready},
};

use futures_util::{Sink, Stream};
use tokio::{
    io::AsyncWriteExt,
    net::{TcpListener, TcpStream},
};
use tokio_tungstenite::{
    WebSocketStream, client_async_with_config,
    tungstenite::{
        self, Message,
        client::IntoClientRequest,
        error::{CapacityError, ProtocolError},
        handshake::server::{ErrorResponse, Response, write_response},
        http::{self, HeaderValue, header::SEC_WEBSOCKET_PROTOCOL},
        protocol::{CloseFrame, Role, WebSocketConfig, frame::coding::CloseCode},
    },
};

pub use gate::OriginPolicy;
use gate::{Door, Gate};
use metered::Metered;
pub(crate) use refusal::Refusal;
pub(crate) use refusals::Refusals;
use request::Head;
pub(crate) use ticket::Ticket;

use super::{
    Carrier, CarrierConfig, CloseKind, Connected, Endpoint, Frame, Input, ListenOptions, Outgoing,
    PLAIN_HINT, byte_stream::Io,
};
use crate::{
    codec::Encoding,
    framing::{End, Framing},
};

/// The subprotocol that stands for an encoding.
fn subprotocol(encoding: Encoding) -> &'static str {
    match encoding {
        Encoding::Json => "ipc.v1.json",
        #[cfg(feature = "msgpack")]
        Encoding::MessagePack => "ipc.v1.msgpack",
    }
}

/// tungstenite allocates its read buffer at once, for each connection.
const READ_BUFFER: usize = 8 * 1024;

/// Messages are gathered up to this size before they are written.
const WRITE_BUFFER: usize = 64 * 1024;

fn web_socket_config(config: &CarrierConfig) -> WebSocketConfig {
    WebSocketConfig::default()
        .read_buffer_size(READ_BUFFER)
        .write_buffer_size(WRITE_BUFFER)
        .max_message_size(Some(config.max_message_bytes))
        .max_frame_size(Some(config.max_message_bytes))
}

/// Connects to a WebSocket.
pub(super) async fn connect(endpoint: &Endpoint, config: &CarrierConfig) -> io::Result<Connected> {
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
    let mut request = endpoint.to_string().into_client_request().map_err(into_io)?;
    let encoding = config.encoding;
    let asked = HeaderValue::from_static(subprotocol(encoding));
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
    let upgraded = client_async_with_config(request, stream, Some(web_socket_config(config))).await;
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
    let shown = Shown { encoding: (!is_plain).then_some(encoding), token: false };
    let carrier = Box::new(WebSocket::new(stream, shown, config));
    Ok(Connected { carrier, credentials: None })
}

/// The server has chosen another subprotocol than was asked for, or none.
fn not_chosen(encoding: Encoding) -> io::Error {
    let asked = subprotocol(encoding);
    let why =
        format!("a WebSocket server answers there, but it doesn't speak {asked}; {PLAIN_HINT}");
    io::Error::new(io::ErrorKind::InvalidData, why)
}

impl Io for TcpStream {}

/// A TCP port that WebSockets come in by.
pub(crate) struct Listener {
    endpoint: Endpoint,
    host: String,
    /// One for each address.
    listeners: Vec<TcpListener>,
    security: Security,
}

impl Listener {
    pub(super) async fn bind(endpoint: &Endpoint, options: &ListenOptions) -> io::Result<Self> {
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

    pub(super) fn endpoint(&self) -> Endpoint {
        self.endpoint.clone()
    }

    pub(super) async fn accept(&mut self) -> io::Result<Incoming> {
        let accepting = poll_fn(|cx| {
            let accepted = |listener: &TcpListener| match listener.poll_accept(cx) {
                Poll::Ready(accepted) => Some(accepted),
                Poll::Pending => None,
            };
            self.listeners.iter().find_map(accepted).map_or(Poll::Pending, Poll::Ready)
        });
        let (stream, _) = accepting.await?;
        // So that a busy one doesn't keep the others waiting.
        self.listeners.rotate_left(1);
        Ok(Incoming { stream, host: self.host.clone(), security: self.security.clone() })
    }
}

/// Binds all addresses of a name, at one port: somebody else who had one of them would be taken for
/// this backend by whoever tries that one first.
async fn bind_all(addresses: &[SocketAddr]) -> io::Result<Vec<TcpListener>> {
    /// A free port of one address may be taken at another.
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
            // A name may have addresses that the machine doesn't, such as those of IPv6.
            Err(error) => missing = error,
        }
    }
    if listeners.is_empty() { Err(missing) } else { Ok(listeners) }
}

/// Whether TLS is spoken on a port, and as whom.
#[derive(Clone)]
enum Security {
    Plain,
    #[cfg(feature = "tls")]
    Tls(crate::TlsIdentity),
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

/// A TCP connection that has said nothing yet.
pub(crate) struct Incoming {
    stream: TcpStream,
    host: String,
    security: Security,
}

impl Incoming {
    pub(super) async fn open(self, config: &CarrierConfig) -> io::Result<Connected> {
        self.stream.set_nodelay(true)?;
        let door = Door::Own { host: &self.host, is_tls: self.security.is_tls() };
        let mut io = self.security.open(self.stream).await?;
        let admitted = request::read(&mut io).await?.and_then(|Head { request, is_followed }| {
            let admitted = admit(&request, config, door)?;
            let early = "wait for the answer to this request before you send more";
            if is_followed { Err(Refusal::bad(early)) } else { Ok(admitted) }
        });
        let (response, shown) = match admitted {
            Ok(admitted) => admitted,
            Err(refusal) => {
                config.refusals.note(refusal);
                refusal.send(io).await?;
                return Err(io::Error::new(io::ErrorKind::PermissionDenied, refusal.why));
            }
        };
        let mut answer = Vec::new();
        write_response(&mut answer, &response).map_err(into_io)?;
        io.write_all(&answer).await?;
        io.flush().await?;
        Ok(accepted(io, shown, config).await)
    }

    /// Answers that there is no place for it, whatever the request asks for.
    pub(super) async fn turn_away(self, why: &str) -> io::Result<()> {
        self.stream.set_nodelay(true)?;
        let mut io = self.security.open(self.stream).await?;
        // What is wrong with it can be told when there is a place again.
        let _ = request::read(&mut io).await?;
        refusal::send(io, http::StatusCode::SERVICE_UNAVAILABLE, why).await
    }
}

/// The answer that upgrades, and what was shown by the request; `Err`: it gets none.
fn admit<B>(
    request: &http::Request<B>,
    config: &CarrierConfig,
    door: Door<'_>,
) -> Result<(Response, Shown), Refusal> {
    let response = upgrade::answer(request)?;
    let headers = request.headers();
    let token = gate(config, door).check(headers, request.uri().authority())?;
    let response = gate::choose_subprotocol(headers, response)?;
    Ok((response, Shown { encoding: gate::asked_encoding(headers), token }))
}

/// A WebSocket whose upgrade was answered.
async fn accepted(io: Box<dyn Io>, shown: Shown, config: &CarrierConfig) -> Connected {
    let socket = Some(web_socket_config(config));
    let mut io = Metered::new(io);
    io.frames.begin();
    let stream = WebSocketStream::from_raw_socket(io, Role::Server, socket).await;
    Connected { carrier: Box::new(WebSocket::new(stream, shown, config)), credentials: None }
}

/// The answer to a request for a WebSocket that came in at the app's own HTTP server. `is_full`: why
/// there is no place for it.
#[expect(clippy::result_large_err, reason = "both are answers to be sent")]
pub(crate) fn upgrade<B>(
    request: &http::Request<B>,
    config: &CarrierConfig,
    is_full: Option<&str>,
) -> Result<Response, ErrorResponse> {
    let admitted = is_set_up(config).and_then(|()| admit(request, config, Door::App));
    let refused = |refusal: Refusal| {
        config.refusals.note(refusal);
        refusal.response()
    };
    let (response, _) = admitted.map_err(refused)?;
    match is_full {
        Some(why) => Err(refusal::answer(http::StatusCode::SERVICE_UNAVAILABLE, why)),
        None => Ok(response),
    }
}

/// Whether whoever sent these headers has shown a token; `Err`: isn't let in.
pub(crate) fn check_upgraded(
    headers: &http::HeaderMap,
    config: &CarrierConfig,
) -> Result<bool, Refusal> {
    is_set_up(config)?;
    gate(config, Door::App).check(headers, None)
}

fn is_set_up(config: &CarrierConfig) -> Result<(), Refusal> {
    let Some(fault) = &config.fault else { return Ok(()) };
    tracing::error!(%fault, "no WebSocket is taken: the backend is set up wrongly");
    let status = http::StatusCode::INTERNAL_SERVER_ERROR;
    Err(Refusal { status, why: "this backend is set up wrongly: its log says how" })
}

fn gate<'a>(config: &'a CarrierConfig, door: Door<'a>) -> Gate<'a> {
    Gate { origins: &config.origins, ticket: config.ticket.as_ref(), door }
}

/// Takes over a stream whose upgrade was answered.
pub(crate) async fn accept_upgraded(
    io: Box<dyn Io>,
    headers: &http::HeaderMap,
    config: &CarrierConfig,
    showed_token: bool,
) -> Connected {
    let shown = Shown { encoding: gate::asked_encoding(headers), token: showed_token };
    accepted(io, shown, config).await
}

/// What the other side has shown when the WebSocket was opened.
#[derive(Debug, Clone, Copy, Default)]
struct Shown {
    /// That it knows the protocol: it asked for it by name, in this encoding.
    encoding: Option<Encoding>,
    token: bool,
}

struct WebSocket {
    stream: WebSocketStream<Metered>,
    received: Option<Received>,
    /// The closing handshake was begun.
    closing: bool,
    shown: Shown,
    /// The other side is a plain JSON-RPC server, whose JSON may come in either kind of message.
    is_plain: bool,
}

enum Received {
    Message(tungstenite::Bytes),
    MessageTaken(tungstenite::Bytes),
    TooLarge(u64),
    /// Text where binary messages are spoken, or the reverse.
    OfTheOtherKind,
}

impl WebSocket {
    fn new(stream: WebSocketStream<Metered>, shown: Shown, config: &CarrierConfig) -> Self {
        let is_plain = config.plain.is_some();
        let mut carrier = Self { stream, received: None, closing: false, shown, is_plain };
        carrier.limit_messages(config.max_message_bytes);
        carrier
    }
}

impl Carrier for WebSocket {
    fn poll_read(&mut self, cx: &mut Context<'_>) -> Poll<io::Result<Input>> {
        loop {
            let next = Pin::new(&mut self.stream).poll_next(cx);
            if !matches!(next, Poll::Ready(Some(Ok(_)))) {
                // Whatever came ahead of it was handed on.
                if let Some(size) = self.stream.get_mut().refused.take() {
                    self.received = Some(Received::TooLarge(size));
                    return Poll::Ready(Ok(Input::More));
                }
            }
            let received = match ready!(next) {
                None => return Poll::Ready(Ok(Input::End(End::Closed))),
                Some(Ok(Message::Text(text))) if self.encoding() == Encoding::Json => {
                    Received::Message(text.into())
                }
                Some(Ok(Message::Binary(bytes)))
                    if self.is_plain || self.encoding() != Encoding::Json =>
                {
                    Received::Message(bytes)
                }
                Some(Ok(Message::Text(_) | Message::Binary(_))) => Received::OfTheOtherKind,
                Some(Ok(_)) => continue,
                Some(Err(tungstenite::Error::Capacity(CapacityError::MessageTooLong {
                    size,
                    ..
                }))) => Received::TooLarge(size as u64),
                Some(Err(
                    tungstenite::Error::ConnectionClosed | tungstenite::Error::AlreadyClosed,
                )) => return Poll::Ready(Ok(Input::End(End::Closed))),
                Some(Err(error)) => return Poll::Ready(Err(into_io(error))),
            };
            self.received = Some(received);
            return Poll::Ready(Ok(Input::More));
        }
    }

    fn next_frame(&mut self) -> Option<Frame<'_>> {
        match self.received.take()? {
            Received::Message(bytes) => {
                // Kept, so that the frame can borrow from it.
                match self.received.insert(Received::MessageTaken(bytes)) {
                    Received::MessageTaken(bytes) => Some(Frame::Message(bytes)),
                    _ => None,
                }
            }
            Received::MessageTaken(_) => None,
            Received::TooLarge(size) => Some(Frame::TooLarge { prefix: &[], size, fatal: true }),
            Received::OfTheOtherKind => Some(Frame::Broken {
                why: match self.encoding() {
                    Encoding::Json => {
                        "binary messages are MessagePack, which isn't spoken here: send JSON as text"
                    }
                    #[cfg(feature = "msgpack")]
                    Encoding::MessagePack => {
                        "text is JSON, which isn't spoken here: send MessagePack as binary messages"
                    }
                },
                fatal: false,
            }),
        }
    }

    fn unfinished(&self) -> Option<u64> {
        let frames = &self.stream.get_ref().frames;
        frames.is_amid().then_some(frames.read)
    }

    fn limit_messages(&mut self, bytes: usize) {
        self.stream.get_mut().limit = bytes as u64;
    }

    /// Messages are queued with a length ahead of each, which is where they are cut apart.
    fn framing(&self) -> Framing {
        Framing::Native
    }

    fn encoding(&self) -> Encoding {
        self.shown.encoding.unwrap_or_default()
    }

    fn knows_protocol(&self) -> bool {
        self.shown.encoding.is_some()
    }

    fn showed_token(&self) -> bool {
        self.shown.token
    }

    fn poll_write(&mut self, cx: &mut Context<'_>, out: &mut Outgoing) -> Poll<io::Result<()>> {
        while let Some((header, rest)) = out.unwritten().split_first_chunk::<4>() {
            ready!(Pin::new(&mut self.stream).poll_ready(cx)).map_err(into_io)?;
            let length = u32::from_le_bytes(*header) as usize;
            let payload = &rest[..length];
            let message = match self.encoding() {
                Encoding::Json => {
                    let text = std::str::from_utf8(payload)
                        .map_err(|error| io::Error::new(io::ErrorKind::InvalidData, error))?;
                    Message::Text(text.into())
                }
                #[cfg(feature = "msgpack")]
                Encoding::MessagePack => Message::Binary(payload.to_vec().into()),
            };
            Pin::new(&mut self.stream).start_send(message).map_err(into_io)?;
            out.advance(header.len() + length);
        }
        Pin::new(&mut self.stream).poll_flush(cx).map_err(into_io)
    }

    fn written(&self) -> Option<u64> {
        Some(self.stream.get_ref().written)
    }

    fn poll_close(&mut self, cx: &mut Context<'_>, why: CloseKind) -> Poll<io::Result<()>> {
        if !self.closing {
            ready!(Pin::new(&mut self.stream).poll_ready(cx)).map_err(into_io)?;
            let code = match why {
                CloseKind::Normal => CloseCode::Away,
                CloseKind::TooLarge => CloseCode::Size,
                CloseKind::Refused => CloseCode::Policy,
                CloseKind::Full => CloseCode::Again,
            };
            let frame = CloseFrame { code, reason: "".into() };
            Pin::new(&mut self.stream).start_send(Message::Close(Some(frame))).map_err(into_io)?;
            self.closing = true;
        }
        ready!(Pin::new(&mut self.stream).poll_flush(cx)).map_err(into_io)?;
        // The peer's own close frame, so that it has read what was said before the socket goes.
        loop {
            match ready!(Pin::new(&mut self.stream).poll_next(cx)) {
                Some(Ok(_)) => {}
                Some(Err(_)) | None => return Poll::Ready(Ok(())),
            }
        }
    }
}

fn into_io(error: tungstenite::Error) -> io::Error {
    match error {
        tungstenite::Error::Io(error) => error,
        // A process that has ended says no goodbye.
        tungstenite::Error::Protocol(ProtocolError::ResetWithoutClosingHandshake) => {
            io::ErrorKind::ConnectionReset.into()
        }
        // The other side has said goodbye, and takes nothing more.
        error @ (tungstenite::Error::ConnectionClosed
        | tungstenite::Error::AlreadyClosed
        | tungstenite::Error::Protocol(ProtocolError::SendAfterClosing)) => {
            io::Error::new(io::ErrorKind::BrokenPipe, error)
        }
        tungstenite::Error::Http(response) => {
            let why = response.body().as_deref().map(String::from_utf8_lossy).unwrap_or_default();
            let status = response.status();
            let message = format!("the WebSocket server refused the upgrade: {status} {why}");
            io::Error::new(io::ErrorKind::PermissionDenied, message.trim_end().to_owned())
        }
        error => io::Error::new(io::ErrorKind::InvalidData, error),
    }
}

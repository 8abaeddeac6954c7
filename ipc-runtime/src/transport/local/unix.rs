//! Unix sockets: where their files are and who may use them.

use std::{
    io,
    path::{Path, PathBuf},
    time::Duration,
};

use tokio::net::{UnixListener, UnixStream};

use crate::{
    endpoint::Endpoint,
    peer_info::PeerCredentials,
    support::{
        rt::{Instant, sleep},
        warnings::warn_rarely,
    },
    transport::{
        byte_stream,
        carrier::{CloseKind, dismiss},
        carrier_kind::{Acceptor, Arrival},
        config::CarrierConfig,
        connected::Connected,
        local::{
            directory,
            socket::Socket,
            socket_file::{SocketFile, check_length},
        },
        opened::Opened,
    },
};

/// How long to wait before a full accept queue is tried again. The pause doubles each time, up to
/// the longest.
const FIRST_PAUSE: Duration = Duration::from_millis(1);
const LONGEST_PAUSE: Duration = Duration::from_millis(100);

/// Connects to a Unix socket.
pub(super) async fn connect(endpoint: &Endpoint, config: &CarrierConfig) -> io::Result<Connected> {
    let path = path_of(endpoint)?;
    check_length(&path)?;
    let stream = open(&path, config.handshake_timeout).await?;
    let incoming = LocalArrival { stream, user: directory::own_uid()? };
    let Known { socket, credentials, stranger } = incoming.known()?;
    if let Some(user) = stranger {
        return Err(io::Error::new(
            io::ErrorKind::PermissionDenied,
            format!("the other side runs as {user}, this side as user {}", directory::own_uid()?),
        ));
    }
    let carrier = byte_stream::connect(Box::new(socket), config).await?;
    Ok(Connected { carrier, credentials: Some(credentials) })
}

/// Connects. While the accept queue is full, waits for at most `time`.
async fn open(path: &Path, time: Duration) -> io::Result<UnixStream> {
    let give_up = Instant::now().checked_add(time);
    let mut pause = FIRST_PAUSE;
    loop {
        match UnixStream::connect(path).await {
            // On Linux, only a full queue is reported like this. Other systems refuse the
            // connection instead.
            Err(error) if error.kind() == io::ErrorKind::WouldBlock => {
                if give_up.is_some_and(|at| Instant::now() + pause >= at) {
                    return Err(queue_is_full(path));
                }
                sleep(pause).await;
                pause = (pause * 2).min(LONGEST_PAUSE);
            }
            connected => return connected.map_err(|error| unreachable(&error, path)),
        }
    }
}

/// A bound Unix socket. Dropping this removes its file.
pub(crate) struct LocalAcceptor {
    endpoint: Endpoint,
    /// Dropped before the listener. As long as the listener exists, no other backend takes the file
    /// for a dead one's and replaces it. Otherwise this would remove the other backend's file.
    _file: SocketFile,
    listener: UnixListener,
    user: u32,
}

impl LocalAcceptor {
    pub(super) async fn bind(endpoint: &Endpoint) -> io::Result<Self> {
        let (file, listener) = SocketFile::listen(&path_of(endpoint)?).await?;
        Ok(Self { endpoint: endpoint.clone(), _file: file, listener, user: directory::own_uid()? })
    }
}

impl Acceptor for LocalAcceptor {
    type Arrival = LocalArrival;

    fn endpoint(&self) -> Endpoint {
        self.endpoint.clone()
    }

    async fn accept(&mut self) -> io::Result<LocalArrival> {
        let (stream, _) = self.listener.accept().await?;
        Ok(LocalArrival { stream, user: self.user })
    }
}

/// A connection whose peer isn't known yet.
pub(crate) struct LocalArrival {
    stream: UnixStream,
    user: u32,
}

impl Arrival for LocalArrival {
    async fn open(self, config: &CarrierConfig) -> io::Result<Opened> {
        let own = self.user;
        let Known { socket, credentials, stranger } = self.known()?;
        if let Some(user) = stranger {
            warn_rarely!(
                config.warnings, OtherUser, %user, own,
                "refused a connection of another user"
            );
            let why = format!("only user {own} is served here, and you are {user}");
            let carrier = byte_stream::accept(Box::new(socket), config).await?;
            let told = |encoding| (config.not_let_in)(encoding, &why);
            dismiss(carrier, CloseKind::Refused, told).await?;
            return Err(io::Error::new(io::ErrorKind::PermissionDenied, why));
        }
        let carrier = byte_stream::accept(Box::new(socket), config).await?;
        Ok(Connected { carrier, credentials: Some(credentials) }.into())
    }
}

impl LocalArrival {
    /// Asks the operating system who the peer is. Root is let in, since it may do anything to this
    /// process anyway.
    fn known(self) -> io::Result<Known> {
        let credentials = self.stream.peer_cred()?;
        let user = credentials.uid();
        let stranger = (user != self.user && user != 0).then(|| format!("user {user}"));
        let credentials = PeerCredentials { user: Some(user), process: credentials.pid() };
        Ok(Known { socket: Socket::new(self.stream.into_std()?)?, credentials, stranger })
    }
}

/// A connection whose peer is known.
struct Known {
    socket: Socket,
    credentials: PeerCredentials,
    /// The peer's user, if that user isn't let in.
    stranger: Option<String>,
}

/// The path of an endpoint's socket.
fn path_of(endpoint: &Endpoint) -> io::Result<PathBuf> {
    match endpoint {
        Endpoint::Local(name) => Ok(directory::prepare()?.join(format!("{name}.sock"))),
        Endpoint::Unix(path) => Ok(path.clone()),
        other => Err(other.not_built_in()),
    }
}

fn queue_is_full(path: &Path) -> io::Error {
    let message = format!(
        "the accept queue of {} is full and stays so: the backend accepts too slowly, or is frozen",
        path.display()
    );
    io::Error::new(io::ErrorKind::TimedOut, message)
}

fn unreachable(error: &io::Error, path: &Path) -> io::Error {
    let path = path.display();
    let message = match error.kind() {
        io::ErrorKind::NotFound => format!("there is no socket {path}: is the backend running?"),
        io::ErrorKind::ConnectionRefused => {
            format!("nobody listens on {path} any more: the backend has ended")
        }
        _ => format!("can't connect to {path}: {error}"),
    };
    io::Error::new(error.kind(), message)
}

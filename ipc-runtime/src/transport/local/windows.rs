//! Windows named pipes: their names and who may open them.

use std::{
    io,
    pin::Pin,
    task::{Context, Poll},
    time::Duration,
};

use interprocess::{
    local_socket::{
        GenericNamespaced, ListenerOptions, ToNsName,
        tokio::{Listener, Stream, prelude::*},
    },
    os::windows::{
        local_socket::ListenerOptionsExt as _,
        named_pipe::local_socket::tokio::Stream as PipeStream,
        security_descriptor::SecurityDescriptor,
    },
};
use tokio::{
    io::{AsyncRead, AsyncWrite, ReadBuf},
    net::windows::named_pipe::{ClientOptions, NamedPipeClient},
};
use widestring::U16CString;

use crate::{
    endpoint::Endpoint,
    peer_info::PeerCredentials,
    support::rt::sleep,
    transport::{
        byte_stream::{self, Foreign, Io},
        carrier_kind::{Acceptor, Arrival},
        config::CarrierConfig,
        connected::Connected,
        opened::Opened,
    },
};

/// Who may open our pipes, in the security descriptor definition language: the owner (`S-1-3-4`,
/// OWNER RIGHTS) has all access (`GA`), nobody else has any, and nothing is inherited (`P`).
///
/// Without a descriptor, Windows lets everybody read from a pipe, anonymous users included, and
/// lets administrators and the system write to it. The owner is determined by the token of the
/// process that creates the pipe: the process's user, or the administrators group for an elevated
/// process. So
///
/// - an elevated frontend reaches an ordinary backend of the same user, since it has that user,
///   too;
/// - an ordinary frontend doesn't reach an elevated backend, since its token has the administrators
///   group only for denials. That boundary is Windows' own, and isn't lifted unasked;
/// - processes of a low integrity level or in an app container, such as a browser's, reach no
///   backend: a pipe has the medium level unless it says otherwise, and this one names no app
///   packages;
/// - another user's process can't add an instance of its own to the pipe, and so get the next
///   connection: that requires the right to write.
///
/// The user's own SID would be narrower for elevated processes, but asking for it requires unsafe
/// code. The system and administrators aren't listed and needn't be: they can take ownership of
/// what they can't open.
///
/// `interprocess` does two more things, for which no descriptor is needed. It refuses clients of
/// other machines. It creates the first instance as such, so that `listen` fails if somebody
/// already has the name.
const OWNER_ALONE: &str = "D:P(A;;GA;;;S-1-3-4)";

/// All instances of the pipe have a client.
const ERROR_PIPE_BUSY: i32 = 231;

/// Among other things: the name is too long.
const ERROR_INVALID_NAME: i32 = 123;

/// How long to wait before a busy pipe is tried again. A listener creates the next instance as soon
/// as it has a client, so a pipe is rarely busy for longer than that takes.
const BUSY_PAUSE: Duration = Duration::from_millis(10);

/// How often `wait_until_free` looks at a pipe before it takes it for somebody else's.
const MOST_LOOKS: u32 = 20;

/// Connects to a named pipe, and waits while it is busy.
pub(super) async fn connect(endpoint: &Endpoint, config: &CarrierConfig) -> io::Result<Connected> {
    let name = name_of(endpoint)?;
    let path = format!(r"\\.\pipe\{name}");
    let stream = open(&path).await.map_err(|error| {
        let message = match error.kind() {
            io::ErrorKind::NotFound => format!("there is no pipe {path}: is the backend running?"),
            io::ErrorKind::PermissionDenied => format!(
                "{path} belongs to a backend of another user, or of an elevated process: {error}"
            ),
            _ => format!("can't connect to {path}: {error}{}", hint(&error)),
        };
        io::Error::new(error.kind(), message)
    })?;
    let carrier = byte_stream::connect(Box::new(Foreign(stream)), config).await?;
    Ok(Connected { carrier, credentials: None })
}

/// Opens a pipe with tokio: the backend can then identify this user but not act as them. While the
/// pipe is busy, this waits without a thread, so it can be cancelled.
async fn open(path: &str) -> io::Result<NamedPipeClient> {
    loop {
        match ClientOptions::new().open(path) {
            Err(error) if error.raw_os_error() == Some(ERROR_PIPE_BUSY) => {
                sleep(BUSY_PAUSE).await;
            }
            opened => return opened,
        }
    }
}

/// Returns once a pipe whose listener was dropped accepts no more clients, or after `MOST_LOOKS`
/// looks.
///
/// The instance that waits for the next client disappears some time after its handle was closed,
/// when the system has cancelled the wait. Until then clients can connect to it, and are then
/// disconnected.
pub(super) async fn wait_until_free(endpoint: &Endpoint) {
    let Ok(name) = name_of(endpoint) else { return };
    let path = format!(r"\\.\pipe\{name}");
    for _ in 0..MOST_LOOKS {
        // The pipe is gone, or has only connections that are still open.
        let Ok(client) = ClientOptions::new().open(&path) else { return };
        drop(client);
        sleep(BUSY_PAUSE).await;
    }
}

/// A named pipe.
pub(crate) struct LocalAcceptor {
    endpoint: Endpoint,
    listener: Listener,
}

impl LocalAcceptor {
    pub(super) async fn bind(endpoint: &Endpoint) -> io::Result<Self> {
        let name = name_of(endpoint)?;
        let options = ListenerOptions::new()
            .name(name.as_str().to_ns_name::<GenericNamespaced>()?)
            .security_descriptor(owner_alone()?);
        let listener = options.create_tokio().map_err(|error| {
            let message = match error.kind() {
                io::ErrorKind::AddrInUse | io::ErrorKind::PermissionDenied => {
                    format!(r"\\.\pipe\{name} is in use: another backend listens there")
                }
                _ => format!(r"can't make \\.\pipe\{name}: {error}{}", hint(&error)),
            };
            io::Error::new(error.kind(), message)
        })?;
        Ok(Self { endpoint: endpoint.clone(), listener })
    }
}

impl Acceptor for LocalAcceptor {
    type Arrival = LocalArrival;

    fn endpoint(&self) -> Endpoint {
        self.endpoint.clone()
    }

    async fn accept(&mut self) -> io::Result<LocalArrival> {
        let Stream::NamedPipe(pipe) = self.listener.accept().await?;
        Ok(LocalArrival(Accepted(pipe)))
    }
}

/// An accepted connection from which nothing was read yet.
pub(crate) struct LocalArrival(Accepted);

impl Arrival for LocalArrival {
    async fn open(self, config: &CarrierConfig) -> io::Result<Opened> {
        // The descriptor has let the client in. Its user isn't known as a number on Windows.
        let process = self.0.0.inner().client_process_id().ok();
        let process = process.and_then(|process| i32::try_from(process).ok());
        let credentials = process.map(|id| PeerCredentials { user: None, process: Some(id) });
        let carrier = byte_stream::accept(Box::new(self.0), config).await?;
        Ok(Connected { carrier, credentials }.into())
    }
}

/// The listening end of a connection.
///
/// If one is dropped after something was written, `interprocess` has a thread wait until the client
/// has read everything, and only then closes it. At first there is one such thread for the whole
/// process, so a client that doesn't read would delay the closing of all other connections. Nothing
/// is lost without this wait: what was written before one end is closed can still be read from the
/// other end.
struct Accepted(PipeStream);

impl Drop for Accepted {
    fn drop(&mut self) {
        self.0.inner().assume_flushed();
    }
}

impl Io for Accepted {
    /// A pipe can't be closed in one direction only.
    fn half_closes(&self) -> bool {
        false
    }

    fn resets(&self) -> bool {
        false
    }
}

impl AsyncRead for Accepted {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        Pin::new(&mut self.0).poll_read(cx, buffer)
    }
}

impl AsyncWrite for Accepted {
    fn poll_write(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.0).poll_write(cx, bytes)
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.0).poll_flush(cx)
    }

    fn poll_shutdown(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        self.poll_flush(cx)
    }
}

fn owner_alone() -> io::Result<SecurityDescriptor> {
    let text = U16CString::from_str_truncate(OWNER_ALONE);
    SecurityDescriptor::deserialize(&text)
}

/// The pipe's name after `\\.\pipe\`. Those names are shared by the whole machine, so the name of a
/// `local:` endpoint includes the user: two users who run the same app don't conflict.
fn name_of(endpoint: &Endpoint) -> io::Result<String> {
    match endpoint {
        Endpoint::Local(name) => Ok(match std::env::var("USERNAME") {
            Ok(user) => format!("ipc-runtime.{}.{name}", user.replace('\\', ".")),
            Err(_) => format!("ipc-runtime.{name}"),
        }),
        Endpoint::Pipe(name) => Ok(name.clone()),
        other => Err(other.not_built_in()),
    }
}

fn hint(error: &io::Error) -> &'static str {
    match error.raw_os_error() {
        Some(ERROR_INVALID_NAME) => r" (with \\.\pipe\ ahead, a name has at most 256 characters)",
        _ => "",
    }
}

#[cfg(test)]
mod tests {
    use tokio::io::{AsyncReadExt, AsyncWriteExt};

    use super::*;

    #[test]
    fn the_security_descriptor_is_one() {
        owner_alone().unwrap();
    }

    #[test]
    fn a_name_of_the_users_own_holds_the_user() {
        let own = name_of(&Endpoint::Local("app".into())).unwrap();
        assert!(own.starts_with("ipc-runtime.") && own.ends_with(".app"), "{own}");
        assert_eq!(name_of(&Endpoint::Pipe("app".into())).unwrap(), "app");
    }

    #[tokio::test]
    async fn a_pipe_with_the_descriptor_takes_one_client_after_the_other() {
        let name = format!("ipc-runtime-unit-{}", std::process::id());
        let mut listener = LocalAcceptor::bind(&Endpoint::Pipe(name.clone())).await.unwrap();
        let path = format!(r"\\.\pipe\{name}");
        for _ in 0..3 {
            let (client, incoming) = tokio::join!(open(&path), listener.accept());
            let (mut client, LocalArrival(mut server)) = (client.unwrap(), incoming.unwrap());
            client.write_all(b"there").await.unwrap();
            let mut heard = [0; 5];
            server.read_exact(&mut heard).await.unwrap();
            assert_eq!(&heard, b"there");
            server.write_all(b"back!").await.unwrap();
            client.read_exact(&mut heard).await.unwrap();
            assert_eq!(&heard, b"back!");
        }
    }
}

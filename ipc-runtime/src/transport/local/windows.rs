//! Windows named pipes: what they are called and who may open them.

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
    },
};

/// Who may open a pipe of ours, in the security descriptor definition language: everything (`GA`)
/// to the owner (`S-1-3-4`, OWNER RIGHTS) and nothing to anybody else, with nothing inherited (`P`).
///
/// Without a descriptor, Windows lets everybody read from a pipe, anonymous users too, and
/// administrators and the system write to it. Who owns it is said by the token of the process that
/// makes it: its user, or for an elevated process the group of administrators. So
///
/// - an elevated frontend reaches an ordinary backend of the same user, whose user it has too;
/// - an ordinary frontend doesn't reach an elevated backend: its token has that group for refusals
///   only. That is Windows' own boundary between the two, and not one to be lifted unasked;
/// - processes of a low integrity level or in an app container, such as a browser's, reach none: a
///   pipe is of medium level unless it says otherwise, and it names no app packages;
/// - another user's process can't add an instance of its own to the pipe, which is how it would get
///   at the next connection: that takes rights to write.
///
/// The user's own SID would say it more narrowly for elevated processes, but asking for it takes
/// unsafe code. The system and administrators aren't listed and need not be: what they could not
/// open they can take.
///
/// Two things more are `interprocess`'s and no matter of a descriptor: clients of other machines are
/// refused, and the first instance is made as such, so that `listen` fails where somebody has the
/// name already.
const OWNER_ALONE: &str = "D:P(A;;GA;;;S-1-3-4)";

/// All instances of the pipe have their client.
const ERROR_PIPE_BUSY: i32 = 231;

/// A name that is too long, among other things.
const ERROR_INVALID_NAME: i32 = 123;

/// How long to wait until a busy pipe is tried again. A listener makes the next instance as soon as
/// it has a client, so that it is rarely busy for longer than that takes.
const BUSY_PAUSE: Duration = Duration::from_millis(10);

/// How often a pipe is looked at until it is taken for somebody else's.
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

/// By tokio itself: it lets the backend know who this is and not act as this user, and waiting for
/// a busy pipe takes no thread there, so that it can be given up.
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

/// Returns when nobody waits for clients at a pipe whose listener was dropped.
///
/// The instance that waits for the next client goes when the system has taken that back, which is some
/// time after its handle was closed. Until then clients get through to it, and are hung up on.
pub(super) async fn wait_until_free(endpoint: &Endpoint) {
    let Ok(name) = name_of(endpoint) else { return };
    let path = format!(r"\\.\pipe\{name}");
    for _ in 0..MOST_LOOKS {
        // Not there, or nothing but connections that are still open.
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

/// A connection that has said nothing yet.
pub(crate) struct LocalArrival(Accepted);

impl Arrival for LocalArrival {
    async fn open(self, config: &CarrierConfig) -> io::Result<Connected> {
        // The descriptor has let it in; its user has no number here.
        let process = self.0.0.inner().client_process_id().ok();
        let process = process.and_then(|process| i32::try_from(process).ok());
        let credentials = process.map(|id| PeerCredentials { user: None, process: Some(id) });
        let carrier = byte_stream::accept(Box::new(self.0), config).await?;
        Ok(Connected { carrier, credentials })
    }
}

/// The listening end of a connection.
///
/// When one is dropped with something written, `interprocess` has a thread wait until the client has
/// read all of it, and close it then. There is one such thread for the whole process to begin with: a
/// client that doesn't read would keep the connections of all others from being closed. Nothing is
/// lost without: what was written before an end is closed can still be read from the other one.
struct Accepted(PipeStream);

impl Drop for Accepted {
    fn drop(&mut self) {
        self.0.inner().assume_flushed();
    }
}

impl Io for Accepted {
    /// A pipe can't be closed in one direction.
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

/// The pipe's name behind `\\.\pipe\`. Those names are the whole machine's, so that a name of the
/// user's own holds the user: two who run the same app don't get in each other's way.
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

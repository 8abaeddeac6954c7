//! `memory:` endpoints: a backend and its frontends in one process, for tests and for apps that
//! run both halves together.

use std::{collections::HashMap, io, sync::LazyLock};

use tokio::{
    io::DuplexStream,
    sync::mpsc::{self, UnboundedReceiver, UnboundedSender},
};

use crate::{endpoint::Endpoint, support::lock::Lock};

/// How much one side may write before the other has read.
const PIPE_BYTES: usize = 64 * 1024;

/// Who listens in this process, by name.
static LISTENERS: LazyLock<Lock<HashMap<String, UnboundedSender<DuplexStream>>>> =
    LazyLock::new(Lock::default);

fn listeners() -> std::sync::MutexGuard<'static, HashMap<String, UnboundedSender<DuplexStream>>> {
    LISTENERS.lock()
}

/// Connects to a listener of this process.
pub(super) fn connect(name: &str) -> io::Result<DuplexStream> {
    let (ours, theirs) = tokio::io::duplex(PIPE_BYTES);
    let delivered = listeners().get(name).is_some_and(|listener| listener.send(theirs).is_ok());
    if delivered {
        Ok(ours)
    } else {
        Err(io::Error::new(
            io::ErrorKind::ConnectionRefused,
            format!("nobody in this process listens on memory:{name}"),
        ))
    }
}

/// A name that connections come in by.
pub(crate) struct Listener {
    name: String,
    incoming: UnboundedReceiver<DuplexStream>,
}

impl Listener {
    pub(super) fn bind(name: &str) -> io::Result<Self> {
        let mut listeners = listeners();
        if listeners.contains_key(name) {
            return Err(io::Error::new(
                io::ErrorKind::AddrInUse,
                format!("memory:{name} is in use in this process"),
            ));
        }
        // Unbounded: each entry is a connection that its maker holds the other end of, and the
        // accepting task takes them out without waiting for anything else.
        let (sender, incoming) = mpsc::unbounded_channel();
        listeners.insert(name.to_owned(), sender);
        Ok(Self { name: name.to_owned(), incoming })
    }

    pub(super) fn endpoint(&self) -> Endpoint {
        Endpoint::Memory(self.name.clone())
    }

    pub(super) async fn accept(&mut self) -> io::Result<DuplexStream> {
        // The registry holds a sender for as long as this listener lives.
        self.incoming.recv().await.ok_or_else(|| io::ErrorKind::BrokenPipe.into())
    }
}

impl Drop for Listener {
    fn drop(&mut self) {
        listeners().remove(&self.name);
    }
}

//! `memory:` endpoints: a backend and its frontends in one process, for tests and for apps that run
//! both halves together.

use std::{collections::HashMap, io, sync::LazyLock};

use tokio::{
    io::DuplexStream,
    sync::mpsc::{self, UnboundedReceiver, UnboundedSender},
};

use crate::{
    endpoint::Endpoint,
    support::lock::Lock,
    transport::{
        byte_stream,
        carrier_kind::{Acceptor, Arrival, CarrierKind},
        config::{CarrierConfig, ListenOptions},
        connected::Connected,
        opened::Opened,
    },
};

/// How many bytes one side may write before the other reads them.
const PIPE_BYTES: usize = 64 * 1024;

/// The listeners of this process, by name.
static LISTENERS: LazyLock<Lock<HashMap<String, UnboundedSender<DuplexStream>>>> =
    LazyLock::new(Lock::default);

fn listeners() -> std::sync::MutexGuard<'static, HashMap<String, UnboundedSender<DuplexStream>>> {
    LISTENERS.lock()
}

/// Connections inside this process.
pub(crate) enum MemoryPipes {}

impl CarrierKind for MemoryPipes {
    type Acceptor = MemoryAcceptor;

    async fn connect(endpoint: &Endpoint, config: &CarrierConfig) -> io::Result<Connected> {
        let io = connect(name_of(endpoint)?)?;
        let carrier = byte_stream::connect(Box::new(io), config).await?;
        Ok(Connected { carrier, credentials: None })
    }

    async fn listen(endpoint: &Endpoint, _: &ListenOptions) -> io::Result<MemoryAcceptor> {
        MemoryAcceptor::bind(name_of(endpoint)?)
    }
}

fn name_of(endpoint: &Endpoint) -> io::Result<&str> {
    match endpoint {
        Endpoint::Memory(name) => Ok(name),
        other => Err(other.not_built_in()),
    }
}

/// Connects to a listener of this process.
fn connect(name: &str) -> io::Result<DuplexStream> {
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

/// Accepts the connections to one name.
pub(crate) struct MemoryAcceptor {
    name: String,
    incoming: UnboundedReceiver<DuplexStream>,
}

impl MemoryAcceptor {
    fn bind(name: &str) -> io::Result<Self> {
        let mut listeners = listeners();
        if listeners.contains_key(name) {
            return Err(io::Error::new(
                io::ErrorKind::AddrInUse,
                format!("memory:{name} is in use in this process"),
            ));
        }
        // Unbounded: each entry is a connection whose other end its creator holds, and the
        // accepting task takes entries without waiting for anything else.
        let (sender, incoming) = mpsc::unbounded_channel();
        listeners.insert(name.to_owned(), sender);
        Ok(Self { name: name.to_owned(), incoming })
    }
}

impl Acceptor for MemoryAcceptor {
    type Arrival = MemoryArrival;

    fn endpoint(&self) -> Endpoint {
        Endpoint::Memory(self.name.clone())
    }

    async fn accept(&mut self) -> io::Result<MemoryArrival> {
        // The registry holds a sender as long as this listener exists.
        let io = self.incoming.recv().await.ok_or(io::ErrorKind::BrokenPipe)?;
        Ok(MemoryArrival(io))
    }
}

/// The listening end of a connection.
pub(crate) struct MemoryArrival(DuplexStream);

impl Arrival for MemoryArrival {
    async fn open(self, config: &CarrierConfig) -> io::Result<Opened> {
        let carrier = byte_stream::accept(Box::new(self.0), config).await?;
        Ok(Connected { carrier, credentials: None }.into())
    }
}

impl Drop for MemoryAcceptor {
    fn drop(&mut self) {
        listeners().remove(&self.name);
    }
}

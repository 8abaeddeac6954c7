//! Windows named pipes.

use std::io;

use interprocess::local_socket::{
    ConnectOptions, GenericNamespaced, ListenerOptions, ToNsName,
    tokio::{Listener as RawListener, Stream, prelude::*},
};

use crate::transport::{
    CarrierConfig, Connected, Endpoint,
    byte_stream::{self, Foreign},
};

/// Connects to a named pipe.
pub(crate) async fn connect(endpoint: &Endpoint, config: &CarrierConfig) -> io::Result<Connected> {
    let name = name_of(endpoint)?;
    let stream =
        ConnectOptions::new().name(name.to_ns_name::<GenericNamespaced>()?).connect_tokio().await;
    let stream = stream.map_err(|error| {
        let message = match error.kind() {
            io::ErrorKind::NotFound => {
                format!("there is no pipe \\\\.\\pipe\\{name}: is the backend running?")
            }
            _ => format!("can't connect to \\\\.\\pipe\\{name}: {error}"),
        };
        io::Error::new(error.kind(), message)
    })?;
    let carrier = byte_stream::connect(Box::new(Foreign(stream)), config).await?;
    Ok(Connected { carrier, credentials: None })
}

/// A named pipe.
pub(crate) struct Listener {
    endpoint: Endpoint,
    listener: RawListener,
}

impl Listener {
    pub(crate) async fn bind(endpoint: &Endpoint) -> io::Result<Self> {
        let name = name_of(endpoint)?;
        let options = ListenerOptions::new().name(name.to_ns_name::<GenericNamespaced>()?);
        let listener = options.create_tokio().map_err(|error| {
            let message = match error.kind() {
                io::ErrorKind::AddrInUse | io::ErrorKind::PermissionDenied => {
                    format!("\\\\.\\pipe\\{name} is in use: another backend listens there")
                }
                _ => format!("can't make \\\\.\\pipe\\{name}: {error}"),
            };
            io::Error::new(error.kind(), message)
        })?;
        Ok(Self { endpoint: endpoint.clone(), listener })
    }

    pub(crate) fn endpoint(&self) -> Endpoint {
        self.endpoint.clone()
    }

    pub(crate) async fn accept(&mut self) -> io::Result<Incoming> {
        self.listener.accept().await.map(Incoming)
    }
}

/// A connection that has said nothing yet.
pub(crate) struct Incoming(Stream);

impl Incoming {
    pub(crate) async fn open(self, config: &CarrierConfig) -> io::Result<Connected> {
        let carrier = byte_stream::accept(Box::new(Foreign(self.0)), config).await?;
        Ok(Connected { carrier, credentials: None })
    }
}

fn name_of(endpoint: &Endpoint) -> io::Result<&str> {
    match endpoint {
        Endpoint::Local(name) | Endpoint::Pipe(name) => Ok(name),
        other => Err(other.not_built_in()),
    }
}

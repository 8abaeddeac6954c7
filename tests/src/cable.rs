//! A way to a backend that can be cut.

use std::sync::{Arc, Mutex};

use ipc_runtime::Endpoint;
use tokio::{
    io::{AsyncRead, AsyncWrite, copy_bidirectional},
    net::{TcpListener, TcpStream, UnixListener, UnixStream},
    task::{AbortHandle, JoinHandle, JoinSet},
};

use crate::Scratch;

/// Carries connections on to a `unix:` or `ws:` endpoint, until it is cut.
#[derive(Debug)]
pub struct Cable {
    endpoint: Endpoint,
    carried: Arc<Mutex<Vec<AbortHandle>>>,
    listening: JoinHandle<()>,
    _directory: Scratch,
}

trait Io: AsyncRead + AsyncWrite + Send + Unpin {}
impl<T: AsyncRead + AsyncWrite + Send + Unpin> Io for T {}

enum Listener {
    Unix(UnixListener),
    Tcp(TcpListener),
}

impl Listener {
    async fn accept(&self) -> Box<dyn Io> {
        match self {
            Self::Unix(listener) => Box::new(listener.accept().await.unwrap().0),
            Self::Tcp(listener) => {
                let (stream, _) = listener.accept().await.unwrap();
                stream.set_nodelay(true).unwrap();
                Box::new(stream)
            }
        }
    }
}

async fn connect(to: &Endpoint) -> std::io::Result<Box<dyn Io>> {
    Ok(match to {
        Endpoint::Unix(path) => Box::new(UnixStream::connect(path).await?),
        Endpoint::WebSocket { host, port, .. } => {
            let stream = TcpStream::connect((host.as_str(), *port)).await?;
            stream.set_nodelay(true)?;
            Box::new(stream)
        }
        other => panic!("there is no cable to {other}"),
    })
}

impl Cable {
    /// One to this endpoint.
    pub async fn to(endpoint: &Endpoint) -> Self {
        let directory = Scratch::new();
        let (listener, near) = match endpoint {
            Endpoint::Unix(_) => {
                let path = directory.join("cable");
                (Listener::Unix(UnixListener::bind(&path).unwrap()), Endpoint::Unix(path))
            }
            Endpoint::WebSocket { path, .. } => {
                let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
                let port = listener.local_addr().unwrap().port();
                (Listener::Tcp(listener), format!("ws://127.0.0.1:{port}{path}").parse().unwrap())
            }
            other => panic!("there is no cable to {other}"),
        };
        let (far, carried) = (endpoint.clone(), Arc::new(Mutex::new(Vec::new())));
        let all = carried.clone();
        let listening = tokio::spawn(async move {
            let mut tasks = JoinSet::new();
            loop {
                let mut near = listener.accept().await;
                // Who is not there isn't reached through here either.
                let Ok(mut far) = connect(&far).await else { continue };
                let carrying = tasks.spawn(async move {
                    let _ = copy_bidirectional(&mut near, &mut far).await;
                });
                all.lock().unwrap().push(carrying);
            }
        });
        Self { endpoint: near, carried, listening, _directory: directory }
    }

    /// Where to connect to.
    pub fn endpoint(&self) -> &Endpoint {
        &self.endpoint
    }

    /// Cuts every connection that there is now. Both ends find it closed.
    pub fn cut(&self) {
        let carried = std::mem::take(&mut *self.carried.lock().unwrap());
        carried.iter().for_each(AbortHandle::abort);
    }

    /// Cuts every connection, and carries no other.
    pub fn cut_for_good(&self) {
        self.listening.abort();
        self.cut();
    }
}

impl Drop for Cable {
    fn drop(&mut self) {
        self.listening.abort();
    }
}

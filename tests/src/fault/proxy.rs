//! Stands between real sockets.

use std::{
    collections::VecDeque,
    io,
    path::PathBuf,
    sync::{Arc, Mutex},
};

use ipc_runtime::Endpoint;
use tokio::{
    io::{AsyncRead, AsyncWrite, copy_bidirectional},
    net::{TcpListener, TcpStream, UnixListener, UnixStream},
    task::{AbortHandle, JoinSet},
};

use super::{
    faulty::{Faulty, Traffic},
    plan::Plan,
};
use crate::Scratch;

/// Stands between frontends and a backend, on sockets of the backend's own kind.
#[derive(Debug)]
pub struct Proxy {
    endpoint: String,
    shared: Arc<Shared>,
    accepting: AbortHandle,
    _directory: Scratch,
}

/// Of the connections to come: how each goes. Of those that were there: what went through.
#[derive(Debug, Default)]
struct Shared {
    plans: Mutex<VecDeque<Plan>>,
    traffic: Mutex<Vec<Traffic>>,
}

enum Target {
    Unix(UnixListener, PathBuf),
    Tcp(TcpListener, String),
}

trait Stream: AsyncRead + AsyncWrite + Send + Unpin {}

impl<T: AsyncRead + AsyncWrite + Send + Unpin> Stream for T {}

impl Target {
    async fn accept(&self) -> io::Result<(Box<dyn Stream>, Box<dyn Stream>)> {
        Ok(match self {
            Self::Unix(listener, path) => {
                let (near, _) = listener.accept().await?;
                (Box::new(near), Box::new(UnixStream::connect(path).await?))
            }
            Self::Tcp(listener, address) => {
                let (near, _) = listener.accept().await?;
                let far = TcpStream::connect(address).await?;
                near.set_nodelay(true)?;
                far.set_nodelay(true)?;
                (Box::new(near), Box::new(far))
            }
        })
    }
}

impl Proxy {
    /// In front of a `unix:` or `ws:` endpoint. What goes by no plan goes through.
    pub async fn before(target: &Endpoint) -> Self {
        let directory = Scratch::new();
        let target = target.to_string();
        let (listening, endpoint) = if let Some(path) = target.strip_prefix("unix:") {
            let own = directory.join("p");
            let listener = UnixListener::bind(&own).unwrap();
            (Target::Unix(listener, path.into()), format!("unix:{}", own.display()))
        } else if let Some(address) = target.strip_prefix("ws://") {
            let address = address.split('/').next().unwrap_or_default().to_owned();
            let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
            let own = listener.local_addr().unwrap();
            (Target::Tcp(listener, address), format!("ws://{own}"))
        } else {
            panic!("no proxy for {target}")
        };
        let shared = Arc::new(Shared::default());
        let accepting = tokio::spawn(accept(listening, shared.clone())).abort_handle();
        Self { endpoint, shared, accepting, _directory: directory }
    }

    /// Where to connect to.
    pub fn endpoint(&self) -> &str {
        &self.endpoint
    }

    /// How the connection goes that comes next, or behind those that were planned before.
    pub fn plan(&self, plan: Plan) {
        self.shared.plans.lock().unwrap().push_back(plan);
    }

    /// What has gone through each connection until now. What this side sent is what frontends did.
    pub fn traffic(&self) -> Vec<Traffic> {
        self.shared.traffic.lock().unwrap().clone()
    }
}

impl Drop for Proxy {
    fn drop(&mut self) {
        self.accepting.abort();
    }
}

async fn accept(target: Target, shared: Arc<Shared>) {
    let mut connections = JoinSet::new();
    loop {
        // The backend may be away; whoever came finds the end.
        let Ok((mut near, far)) = target.accept().await else { continue };
        let plan = shared.plans.lock().unwrap().pop_front().unwrap_or_default();
        let mut far = Faulty::new(far, plan);
        shared.traffic.lock().unwrap().push(far.traffic());
        // An error is what was planned; both ends are dropped by it.
        connections.spawn(async move { copy_bidirectional(&mut near, &mut far).await });
    }
}

//! A JSON-RPC server that knows nothing of the library: the test speaks for it, in each framing by
//! [`on_every_plain_framing!`](crate::on_every_plain_framing).

use ipc_runtime::{Endpoint, Frontend, FrontendBuilder};
use tokio::net::TcpListener;
use tokio_tungstenite::{
    accept_hdr_async,
    tungstenite::handshake::server::{ErrorResponse, Request, Response},
};

use crate::{Framing, LocalListener, RawPeer, Scratch, WebSocket, endpoint_of, in_time};

/// A JSON-RPC server that knows nothing of the library.
#[derive(Debug)]
pub struct PlainServer {
    /// What it speaks.
    pub framing: Framing,
    listener: Listener,
    /// Where it listens.
    pub endpoint: Endpoint,
    _directory: Scratch,
}

#[derive(Debug)]
enum Listener {
    Local(LocalListener),
    Tcp(TcpListener),
}

impl PlainServer {
    /// It listens.
    pub async fn new(framing: Framing) -> Self {
        let directory = Scratch::new();
        let (listener, endpoint) = if framing == Framing::WebSocket {
            let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
            let endpoint = format!("ws://{}/rpc", listener.local_addr().unwrap());
            (Listener::Tcp(listener), endpoint)
        } else {
            let path = directory.socket("s");
            let listener = LocalListener::bind(&path).unwrap();
            (Listener::Local(listener), endpoint_of(&path))
        };
        Self { framing, listener, endpoint: endpoint.parse().unwrap(), _directory: directory }
    }

    /// A frontend that is told what it will talk to.
    pub fn builder(&self) -> FrontendBuilder {
        Frontend::builder().plain_json_rpc(match self.framing {
            Framing::Newline => ipc_runtime::config::Framing::Newline,
            Framing::ContentLength => ipc_runtime::config::Framing::ContentLength,
            Framing::WebSocket => ipc_runtime::config::Framing::WebSocket,
            Framing::Native => panic!("a plain server doesn't speak it"),
        })
    }

    /// The next connection. By a WebSocket, no subprotocol is asked for.
    pub async fn accept(&self) -> RawPeer {
        match &self.listener {
            Listener::Local(listener) => {
                RawPeer::serve(self.framing, in_time(listener.accept()).await.unwrap())
            }
            Listener::Tcp(listener) => {
                let (stream, _) = in_time(listener.accept()).await.unwrap();
                #[expect(clippy::result_large_err, reason = "it is tungstenite's")]
                let check = |request: &Request, response: Response| -> Result<_, ErrorResponse> {
                    let asked = request.headers().get("sec-websocket-protocol");
                    assert!(asked.is_none(), "{asked:?}");
                    Ok(response)
                };
                let stream = in_time(accept_hdr_async(stream, check)).await.unwrap();
                RawPeer::serve_web_socket(WebSocket { stream, subprotocol: None })
            }
        }
    }

    /// Takes a WebSocket, whatever it asks for, and chooses no subprotocol.
    pub async fn accept_any(&self) {
        let Listener::Tcp(listener) = &self.listener else { panic!("no WebSocket") };
        let (stream, _) = in_time(listener.accept()).await.unwrap();
        let _stream = in_time(tokio_tungstenite::accept_async(stream)).await;
        std::future::pending().await
    }

    /// A frontend that is connected, and the server's end of it.
    pub async fn connected(&self, builder: FrontendBuilder) -> (Frontend, RawPeer) {
        let connect = builder.connect(&self.endpoint);
        let (frontend, raw) = tokio::join!(in_time(connect), self.accept());
        (frontend.unwrap(), raw)
    }
}

/// Makes a test with a plain server of each framing of each function:
/// `async fn name(server: PlainServer)`.
#[macro_export]
macro_rules! on_every_plain_framing {
    ($($name:ident),* $(,)?) => {$(
        mod $name {
            use $crate::{Framing, PlainServer, waiting::whole_test};

            #[tokio::test]
            async fn newline() {
                whole_test(super::$name(PlainServer::new(Framing::Newline).await)).await;
            }

            #[tokio::test]
            async fn content_length() {
                whole_test(super::$name(PlainServer::new(Framing::ContentLength).await)).await;
            }

            #[tokio::test]
            async fn web_socket() {
                whole_test(super::$name(PlainServer::new(Framing::WebSocket).await)).await;
            }
        }
    )*};
}

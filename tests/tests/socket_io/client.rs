//! A client that speaks Socket.IO by hand, and a backend for it.

use futures_util::SinkExt;
use ipc_runtime::{Backend, BackendBuilder, Endpoint, Peer, config::SocketIo};
use ipc_tests::{
    EverythingHandler, EverythingService, FeedHandler, Gates, SlowHandler, Source, WebSocket,
    eventually,
};
use serde_json::Value;
use tokio_tungstenite::tungstenite::{Bytes, Message};

/// A backend that serves socket.io, and where it does.
pub(crate) struct Served {
    pub(crate) backend: Backend,
    pub(crate) endpoint: Endpoint,
    pub(crate) gates: Gates,
}

/// A backend with the tests' interfaces.
pub(crate) async fn served() -> Served {
    served_by(Backend::builder().socket_io(SocketIo::new())).await
}

pub(crate) async fn served_by(builder: BackendBuilder) -> Served {
    let (backend, gates) = (builder.build(), Gates::new());
    backend.register(SlowHandler::new(gates.clone())).unwrap();
    backend.register(EverythingHandler::new(EverythingService::default())).unwrap();
    backend.register(FeedHandler::new(Source::default())).unwrap();
    let endpoint = backend.listen("ws://127.0.0.1:0").await.unwrap();
    Served { backend, endpoint, gates }
}

impl Served {
    /// The only peer, which is there before its client knows that it has joined.
    pub(crate) fn peer(&self) -> Peer {
        let peers: Vec<_> = self.backend.peers().into_iter().collect();
        assert_eq!(peers.len(), 1);
        peers[0].clone()
    }

    pub(crate) async fn has_peers(&self, count: usize) {
        eventually("there are so many peers", || self.backend.peers().into_iter().count() == count)
            .await;
    }
}

/// A client on a WebSocket.
pub(crate) struct Client {
    pub(crate) socket: WebSocket,
}

impl Client {
    /// Opens a session. No namespace is joined yet.
    pub(crate) async fn connect(served: &Served) -> Self {
        Self::connect_with(served, &[]).await
    }

    pub(crate) async fn connect_with(served: &Served, headers: &[(&str, &str)]) -> Self {
        Self::connect_to(&served.endpoint, headers).await
    }

    pub(crate) async fn connect_to(endpoint: &Endpoint, headers: &[(&str, &str)]) -> Self {
        let url = format!("{endpoint}/socket.io/?EIO=4&transport=websocket");
        let mut socket = WebSocket::connect_url(&url, headers).await.unwrap();
        match socket.next_message().await {
            Some(Message::Text(open)) if open.starts_with('0') => Self { socket },
            other => panic!("the session didn't open: {other:?}"),
        }
    }

    /// Opens a session, and joins `/`.
    pub(crate) async fn joined(served: &Served) -> Self {
        let mut client = Self::connect(served).await;
        assert!(client.asks("0", "0").await["sid"].is_string());
        client
    }

    pub(crate) async fn say(&mut self, packet: &str) {
        self.socket.send(format!("4{packet}")).await;
    }

    /// Says it, and reads what comes back. `false`: the session is over.
    pub(crate) async fn try_say(&mut self, packet: &str) -> bool {
        let message = Message::text(format!("4{packet}"));
        if self.socket.stream.send(message).await.is_err() {
            return false;
        }
        matches!(self.socket.next_message().await, Some(Message::Text(text)) if text.as_str() != "1")
    }

    pub(crate) async fn attach(&mut self, bytes: &[u8]) {
        let message = Message::Binary(Bytes::copy_from_slice(bytes));
        self.socket.stream.send(message).await.unwrap();
    }

    /// The next packet of Socket.IO. Pings are answered.
    pub(crate) async fn hear(&mut self) -> String {
        loop {
            match self.socket.next_message().await {
                Some(Message::Text(text)) if text.as_str() == "2" => self.socket.send("3").await,
                Some(Message::Text(text)) if text.starts_with('4') => return text[1..].to_owned(),
                other => panic!("no packet came: {other:?}"),
            }
        }
    }

    pub(crate) async fn hear_bytes(&mut self) -> Vec<u8> {
        match self.socket.next_message().await {
            Some(Message::Binary(bytes)) => bytes.to_vec(),
            other => panic!("no attachment came: {other:?}"),
        }
    }

    /// The JSON of the next packet, behind this head.
    pub(crate) async fn hear_json(&mut self, head: &str) -> Value {
        let packet = self.hear().await;
        let content = packet.strip_prefix(head).unwrap_or_else(|| panic!("{packet}"));
        serde_json::from_str(content).unwrap_or_else(|error| panic!("{packet}: {error}"))
    }

    pub(crate) async fn asks(&mut self, packet: &str, head: &str) -> Value {
        self.say(packet).await;
        self.hear_json(head).await
    }

    /// Checks that all is well.
    pub(crate) async fn is_served(&mut self) {
        let sum = self.asks("2777[\"test.everything.add\",2,3]", "3777").await;
        assert_eq!(sum, serde_json::json!([5]));
    }

    /// Waits until the backend has ended the session, and checks that it said nothing before.
    pub(crate) async fn ends(mut self) {
        loop {
            match self.socket.next_message().await {
                // The packets that close a session, or ask whether anybody is there.
                Some(Message::Text(text)) if matches!(text.as_str(), "1" | "2") => {}
                Some(Message::Close(_)) | None => return,
                other => panic!("it goes on: {other:?}"),
            }
        }
    }
}

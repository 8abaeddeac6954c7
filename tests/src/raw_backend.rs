//! A frontend whose backend is the test itself.

use ipc_runtime::{Frontend, Limits};
use serde_json::Value;

use crate::{FeedClient, Frames, LocalListener, Scratch, endpoint_of, in_time};

/// A frontend whose backend is the test itself, which speaks raw frames.
#[derive(Debug)]
pub struct RawBackend {
    /// The frontend.
    pub frontend: Frontend,
    /// The backend's end.
    pub raw: Frames,
    _directory: Scratch,
}

impl RawBackend {
    /// A frontend that was greeted, and has opened nothing yet.
    pub async fn new(limits: Limits) -> Self {
        let directory = Scratch::new();
        let path = directory.socket("s");
        let listener = LocalListener::bind(&path).unwrap();
        let connecting = tokio::spawn(async move {
            let endpoint = endpoint_of(&path);
            Frontend::builder().limits(limits).connect(endpoint).await.unwrap()
        });
        let mut raw = Frames::accept(in_time(listener.accept()).await.unwrap()).await;
        raw.handshake(16).await;
        Self { frontend: in_time(connecting).await.unwrap(), raw, _directory: directory }
    }

    /// The same, and a client of [`Feed`](crate::Feed) that it has opened.
    pub async fn feed(limits: Limits) -> (Self, FeedClient) {
        let mut raw_backend = Self::new(limits).await;
        let frontend = raw_backend.frontend.clone();
        let opening = tokio::spawn(async move { frontend.open::<FeedClient>().await.unwrap() });
        raw_backend.raw.handshake(16).await;
        (raw_backend, in_time(opening).await.unwrap())
    }

    /// Takes a request of this method. Gives its id.
    pub async fn asked(&mut self, method: &str) -> Value {
        let request = self.raw.next().await;
        assert_eq!(request["method"], method, "{request}");
        assert!(request["id"].is_u64(), "{request}");
        request["id"].clone()
    }

    /// Sends a message.
    pub async fn say(&mut self, message: Value) {
        self.raw.send(message.to_string()).await;
    }
}

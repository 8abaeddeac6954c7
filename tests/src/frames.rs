//! A raw peer of the native framing, over a local socket.

use std::path::Path;

use serde_json::Value;
use tokio::io::{AsyncReadExt, AsyncWriteExt};

use crate::{LocalStream, in_time};

/// What a client says first, and its listener echoes.
pub const PREFACE: &[u8; 5] = b"IPC\x01\x00";

/// A raw peer of the native framing.
#[derive(Debug)]
pub struct Frames {
    /// The socket.
    pub stream: LocalStream,
}

impl Frames {
    /// Connects to a socket, and agrees on the framing.
    pub async fn connect(path: impl AsRef<Path>) -> Self {
        let mut stream = LocalStream::connect(path).await.unwrap();
        stream.write_all(PREFACE).await.unwrap();
        let mut echo = [0; PREFACE.len()];
        in_time(stream.read_exact(&mut echo)).await.unwrap();
        assert_eq!(&echo, PREFACE);
        Self { stream }
    }

    /// Takes the other end of a connection that a frontend of the library makes.
    pub async fn accept(mut stream: LocalStream) -> Self {
        let mut preface = [0; PREFACE.len()];
        in_time(stream.read_exact(&mut preface)).await.unwrap();
        assert_eq!(&preface, PREFACE);
        stream.write_all(PREFACE).await.unwrap();
        Self { stream }
    }

    /// Writes bytes as they are.
    pub async fn write(&mut self, bytes: &[u8]) {
        in_time(self.stream.write_all(bytes)).await.unwrap();
    }

    /// Writes one frame.
    pub async fn send(&mut self, text: impl AsRef<[u8]>) {
        self.write(&frame(text)).await;
    }

    /// The next frame; `None` at the end.
    pub async fn next_text(&mut self) -> Option<String> {
        let mut header = [0; 4];
        in_time(self.stream.read_exact(&mut header)).await.ok()?;
        let mut payload = vec![0; u32::from_le_bytes(header) as usize];
        in_time(self.stream.read_exact(&mut payload)).await.ok()?;
        Some(String::from_utf8(payload).unwrap())
    }

    /// The next message.
    ///
    /// # Panics
    ///
    /// At the end.
    pub async fn next(&mut self) -> Value {
        let text = self.next_text().await.expect("the connection has ended");
        serde_json::from_str(&text).unwrap()
    }

    /// Sends a message, and gives the next one that comes.
    pub async fn ask(&mut self, text: impl AsRef<str>) -> Value {
        self.send(text.as_ref()).await;
        self.next().await
    }

    /// Answers a handshake, telling this limit.
    pub async fn handshake(&mut self, max_in_flight: u64) {
        let hello = self.next().await;
        assert_eq!(hello["method"], "rpc.handshake");
        let answer = serde_json::json!({
            "jsonrpc": "2.0",
            "id": hello["id"],
            "result": {
                "protocol": 1,
                "uses": hello["params"]["uses"],
                "limits": { "maxMessageBytes": 1 << 24, "maxInFlight": max_in_flight },
            },
        });
        self.send(answer.to_string()).await;
    }
}

/// One frame.
pub fn frame(text: impl AsRef<[u8]>) -> Vec<u8> {
    let text = text.as_ref();
    let length = u32::try_from(text.len()).unwrap();
    [&length.to_le_bytes(), text].concat()
}

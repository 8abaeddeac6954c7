//! A raw peer that speaks WebSocket.

use futures_util::{SinkExt, StreamExt};
use ipc_runtime::Endpoint;
use serde_json::Value;
use tokio::net::TcpStream;
use tokio_tungstenite::{
    WebSocketStream, client_async,
    tungstenite::{
        Error, Message,
        client::IntoClientRequest,
        http::{HeaderName, HeaderValue, Response},
    },
};

use crate::in_time;

/// A raw peer that speaks WebSocket.
#[derive(Debug)]
pub struct WebSocket {
    /// The connection.
    pub stream: WebSocketStream<TcpStream>,
    /// The subprotocol that the other side chose.
    pub subprotocol: Option<String>,
}

/// The other side's refusal: its status and its words.
#[derive(Debug, PartialEq, Eq)]
pub struct Refused(pub u16, pub String);

impl WebSocket {
    /// Connects, with more headers than a WebSocket needs, or others: `host` too.
    pub async fn connect(endpoint: &Endpoint, headers: &[(&str, &str)]) -> Result<Self, Refused> {
        Self::connect_url(&endpoint.to_string(), headers).await
    }

    /// Connects to a URL, which may have a path and a query.
    pub async fn connect_url(url: &str, headers: &[(&str, &str)]) -> Result<Self, Refused> {
        let address = url.trim_start_matches("ws://").split('/').next().unwrap_or_default();
        let stream = TcpStream::connect(address).await.unwrap();
        let mut request = url.into_client_request().unwrap();
        for (name, value) in headers {
            let name: HeaderName = name.parse().unwrap();
            request.headers_mut().insert(name, HeaderValue::from_str(value).unwrap());
        }
        match in_time(client_async(request, stream)).await {
            Ok((stream, response)) => Ok(Self { stream, subprotocol: subprotocol(&response) }),
            Err(Error::Http(response)) => {
                let body = response.body().clone().unwrap_or_default();
                let status = response.status().as_u16();
                Err(Refused(status, String::from_utf8_lossy(&body).into_owned()))
            }
            Err(error) => panic!("{error}"),
        }
    }

    /// Sends text.
    pub async fn send(&mut self, text: impl Into<String>) {
        in_time(self.stream.send(Message::text(text.into()))).await.unwrap();
    }

    /// The next message of any kind; `None` at the end.
    pub async fn next_message(&mut self) -> Option<Message> {
        in_time(self.stream.next()).await?.ok()
    }

    /// The next message of text, and what it says. Pings ahead of it are answered.
    ///
    /// # Panics
    ///
    /// When something else comes.
    pub async fn next_text(&mut self) -> Value {
        loop {
            match self.next_message().await {
                Some(Message::Ping(_)) => {}
                Some(Message::Text(text)) => return serde_json::from_str(&text).unwrap(),
                other => panic!("no text came: {other:?}"),
            }
        }
    }

    /// The next message of any kind, which is one of text.
    ///
    /// # Panics
    ///
    /// When something else comes.
    pub async fn next(&mut self) -> Value {
        match self.next_message().await {
            Some(Message::Text(text)) => serde_json::from_str(&text).unwrap(),
            other => panic!("no text came: {other:?}"),
        }
    }

    /// Sends a message, and gives the next one that comes.
    pub async fn ask(&mut self, text: impl Into<String>) -> Value {
        self.send(text).await;
        self.next().await
    }

    /// Skips what comes until the close frame, and gives its code.
    pub async fn close_code(&mut self) -> Option<u16> {
        loop {
            match self.next_message().await? {
                Message::Close(frame) => return frame.map(|frame| frame.code.into()),
                _ => continue,
            }
        }
    }
}

fn subprotocol(response: &Response<Option<Vec<u8>>>) -> Option<String> {
    let chosen = response.headers().get("sec-websocket-protocol")?;
    Some(chosen.to_str().unwrap().to_owned())
}

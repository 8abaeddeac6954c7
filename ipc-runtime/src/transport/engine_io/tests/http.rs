//! A client that speaks HTTP and WebSockets as bytes.

use std::time::Duration;

use futures_util::{SinkExt, StreamExt};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
};
use tokio_tungstenite::{
    WebSocketStream, client_async,
    tungstenite::{
        self, Message,
        client::IntoClientRequest,
        http::{HeaderMap, HeaderName, HeaderValue},
    },
};

use crate::{support::rt::timeout, transport::engine_io::tests::echo::EchoSite};

const PATIENCE: Duration = Duration::from_secs(20);

pub(super) async fn in_time<T>(future: impl Future<Output = T>) -> T {
    timeout(PATIENCE, future).await.expect("it takes too long")
}

/// A connection that is kept.
pub(super) struct Http {
    pub(super) stream: TcpStream,
    host: String,
}

#[derive(Debug)]
pub(super) struct Answer {
    pub(super) status: u16,
    pub(super) headers: HeaderMap,
    pub(super) body: String,
}

impl Answer {
    pub(super) fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name).map(|value| value.to_str().unwrap())
    }

    /// The status and the code of a refusal.
    pub(super) fn refusal(&self) -> (u16, u64) {
        let body: serde_json::Value = serde_json::from_str(&self.body).unwrap();
        assert!(body["message"].is_string(), "{body}");
        (self.status, body["code"].as_u64().unwrap())
    }
}

pub(super) type Headers<'a> = &'a [(&'a str, &'a str)];

impl Http {
    pub(super) async fn connect(site: &EchoSite) -> Self {
        let stream = TcpStream::connect(&site.address).await.unwrap();
        Self { stream, host: site.address.clone() }
    }

    pub(super) async fn send(
        &mut self,
        method: &str,
        target: &str,
        headers: Headers<'_>,
        body: &str,
    ) {
        let mut head = format!("{method} {target} HTTP/1.1\r\nHost: {}\r\n", self.host);
        for (name, value) in headers {
            head.push_str(&format!("{name}: {value}\r\n"));
        }
        if method == "POST" {
            head.push_str(&format!("Content-Length: {}\r\n", body.len()));
        }
        let request = format!("{head}\r\n{body}");
        self.stream.write_all(request.as_bytes()).await.unwrap();
    }

    pub(super) async fn answer(&mut self) -> Answer {
        in_time(async {
            let mut bytes = Vec::new();
            let end = loop {
                if let Some(at) = bytes.windows(4).position(|four| four == b"\r\n\r\n") {
                    break at + 4;
                }
                assert!(self.stream.read_buf(&mut bytes).await.unwrap() > 0, "no answer");
            };
            let head = String::from_utf8(bytes[..end].to_vec()).unwrap();
            let mut lines = head.lines();
            let status = lines.next().unwrap().split(' ').nth(1).unwrap().parse().unwrap();
            let mut headers = HeaderMap::new();
            for (name, value) in lines.filter_map(|line| line.split_once(": ")) {
                headers.append(
                    HeaderName::from_bytes(name.as_bytes()).unwrap(),
                    HeaderValue::from_str(value).unwrap(),
                );
            }
            let length = headers.get("content-length").map(|length| length.to_str().unwrap());
            let length: usize = length.map_or(0, |length| length.parse().unwrap());
            let mut body = bytes.split_off(end);
            while body.len() < length {
                assert!(self.stream.read_buf(&mut body).await.unwrap() > 0, "half an answer");
            }
            Answer { status, headers, body: String::from_utf8(body).unwrap() }
        })
        .await
    }

    pub(super) async fn get(&mut self, target: &str) -> Answer {
        self.get_with(target, &[]).await
    }

    pub(super) async fn get_with(&mut self, target: &str, headers: Headers<'_>) -> Answer {
        self.send("GET", target, headers, "").await;
        self.answer().await
    }

    pub(super) async fn post(&mut self, target: &str, body: &str) -> Answer {
        self.send("POST", target, &[], body).await;
        self.answer().await
    }
}

pub(super) const OPEN: &str = "/socket.io/?EIO=4&transport=polling";

/// A client that polls, with a connection for each direction.
pub(super) struct Poller {
    pub(super) gets: Http,
    pub(super) posts: Http,
    pub(super) target: String,
    pub(super) sid: String,
}

impl Poller {
    pub(super) async fn open(site: &EchoSite) -> Self {
        Self::open_with(site, &[]).await
    }

    pub(super) async fn open_with(site: &EchoSite, headers: Headers<'_>) -> Self {
        let mut gets = Http::connect(site).await;
        let answer = gets.get_with(OPEN, headers).await;
        assert_eq!(answer.status, 200, "{answer:?}");
        let sid = open_data(&answer.body)["sid"].as_str().unwrap().to_owned();
        let posts = Http::connect(site).await;
        Self { gets, posts, target: format!("{OPEN}&sid={sid}"), sid }
    }

    pub(super) async fn get(&mut self) -> Answer {
        self.gets.get(&self.target).await
    }

    pub(super) async fn post(&mut self, body: &str) -> Answer {
        self.posts.post(&self.target, body).await
    }

    /// Begins a GET, whose answer [`answer`](Self::answer) waits for.
    pub(super) async fn begin_get(&mut self) {
        self.gets.send("GET", &self.target, &[], "").await;
    }

    /// Waits until the server has the GET that was begun.
    pub(super) async fn until_get(&self, site: &EchoSite) {
        let is_there = |site: &EchoSite| site.server.session(&self.sid).unwrap().has_get();
        site.until(is_there).await;
    }

    /// Waits until the server has a POST that it hasn't answered.
    pub(super) async fn until_post(&self, site: &EchoSite) {
        let is_there = |site: &EchoSite| site.server.session(&self.sid).unwrap().has_post();
        site.until(is_there).await;
    }

    /// Checks that the server knows nothing of the session any more.
    pub(super) async fn is_gone(&mut self, site: &EchoSite) {
        let answer = Http::connect(site).await.get(&self.target).await;
        assert_eq!(answer.refusal(), (400, 1));
    }
}

pub(super) fn open_data(packet: &str) -> serde_json::Value {
    serde_json::from_str(packet.strip_prefix('0').unwrap()).unwrap()
}

pub(super) struct Ws(pub(super) WebSocketStream<TcpStream>);

impl Ws {
    pub(super) async fn connect(site: &EchoSite, query: &str) -> Result<Self, (u16, String)> {
        Self::connect_with(site, query, &[]).await
    }

    /// `Err`: the status and the body of the refusal.
    pub(super) async fn connect_with(
        site: &EchoSite,
        query: &str,
        headers: Headers<'_>,
    ) -> Result<Self, (u16, String)> {
        let stream = TcpStream::connect(&site.address).await.unwrap();
        let url = format!("ws://{}/socket.io/?{query}", site.address);
        let mut request = url.into_client_request().unwrap();
        for (name, value) in headers {
            let name = HeaderName::from_bytes(name.as_bytes()).unwrap();
            request.headers_mut().insert(name, value.parse().unwrap());
        }
        match in_time(client_async(request, stream)).await {
            Ok((stream, _)) => Ok(Self(stream)),
            Err(tungstenite::Error::Http(response)) => {
                let body = response.body().clone().unwrap_or_default();
                Err((response.status().as_u16(), String::from_utf8(body).unwrap()))
            }
            Err(error) => panic!("{error}"),
        }
    }

    pub(super) async fn open(site: &EchoSite) -> Self {
        let mut ws = Self::connect(site, "EIO=4&transport=websocket").await.unwrap();
        assert!(ws.text().await.starts_with('0'));
        ws
    }

    /// Upgrades a session to a new WebSocket.
    pub(super) async fn upgrade(site: &EchoSite, sid: &str) -> Result<Self, (u16, String)> {
        Self::connect(site, &format!("EIO=4&transport=websocket&sid={sid}")).await
    }

    pub(super) async fn send(&mut self, text: &str) {
        self.0.send(Message::text(text)).await.unwrap();
    }

    pub(super) async fn send_binary(&mut self, bytes: &'static [u8]) {
        self.0.send(Message::binary(bytes)).await.unwrap();
    }

    /// The next message, or `None` at the end.
    pub(super) async fn next(&mut self) -> Option<Message> {
        in_time(self.0.next()).await?.ok()
    }

    pub(super) async fn text(&mut self) -> String {
        match self.next().await {
            Some(Message::Text(text)) => text.to_string(),
            other => panic!("{other:?}"),
        }
    }

    /// Waits until the other side has closed it, and answers that. The close code, if there is one.
    pub(super) async fn closed(&mut self) -> Option<u16> {
        let mut code = None;
        while let Some(message) = self.next().await {
            if let Message::Close(Some(frame)) = message {
                code = Some(frame.code.into());
            }
        }
        code
    }
}

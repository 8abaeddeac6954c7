//! A raw peer of any framing, so that one test says the same in each of them, by
//! [`on_every_framing!`](crate::on_every_framing).

use std::path::Path;

use ipc_runtime::Endpoint;
use serde_json::{Value, json};
use tokio::io::{
    AsyncBufReadExt, AsyncReadExt, AsyncWriteExt, BufReader, ReadHalf, WriteHalf, split,
};
use tokio_tungstenite::tungstenite::{
    Message,
    protocol::frame::{
        Frame,
        coding::{Data, OpCode},
    },
};

use crate::{LocalStream, WebSocket, frames::PREFACE, in_time};

/// How messages are cut apart.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Framing {
    /// A newline behind each, over a local socket.
    Newline,
    /// A length ahead of each, over a local socket.
    Native,
    /// LSP's headers ahead of each, over a local socket.
    ContentLength,
    /// Text over a WebSocket.
    WebSocket,
}

impl Framing {
    /// All of them.
    pub const ALL: [Self; 4] = [Self::Newline, Self::Native, Self::ContentLength, Self::WebSocket];

    /// Those that are streams of bytes.
    pub const STREAMS: [Self; 3] = [Self::Newline, Self::Native, Self::ContentLength];

    /// Those that know where a message ends whatever is in it.
    pub const WITH_LENGTHS: [Self; 3] = [Self::Native, Self::ContentLength, Self::WebSocket];

    /// One message with what this framing puts around it; of a WebSocket, that is nothing.
    pub fn frame(self, message: impl AsRef<[u8]>) -> Vec<u8> {
        let message = message.as_ref();
        match self {
            Self::Newline => [message, b"\n"].concat(),
            Self::Native => crate::frames::frame(message),
            Self::ContentLength => {
                let headers = format!("Content-Length: {}\r\n\r\n", message.len());
                [headers.as_bytes(), message].concat()
            }
            Self::WebSocket => message.to_owned(),
        }
    }
}

/// A peer that speaks one framing, and knows nothing of the library.
#[derive(Debug)]
pub struct RawPeer {
    /// What it speaks.
    pub framing: Framing,
    carrier: Carrier,
    asked: u64,
}

#[derive(Debug)]
enum Carrier {
    Stream { reader: BufReader<ReadHalf<LocalStream>>, writer: WriteHalf<LocalStream> },
    WebSocket(Box<WebSocket>),
}

impl RawPeer {
    /// Connects to a local socket, or for [`Framing::WebSocket`] to the other endpoint.
    pub async fn connect(framing: Framing, socket: &Path, web_socket: &Endpoint) -> Self {
        let carrier = if framing == Framing::WebSocket {
            let connected = WebSocket::connect(web_socket, &[]).await;
            Carrier::WebSocket(Box::new(connected.unwrap()))
        } else {
            let (reader, writer) = split(LocalStream::connect(socket).await.unwrap());
            Carrier::Stream { reader: BufReader::new(reader), writer }
        };
        let mut peer = Self { framing, carrier, asked: 0 };
        if framing == Framing::Native {
            peer.write(PREFACE).await;
            let mut echo = [0; PREFACE.len()];
            let Carrier::Stream { reader, .. } = &mut peer.carrier else { unreachable!() };
            in_time(reader.read_exact(&mut echo)).await.unwrap();
            assert_eq!(&echo, PREFACE);
        }
        peer
    }

    /// The side that listens, over a stream of bytes: nothing is said by itself.
    pub fn serve(framing: Framing, stream: LocalStream) -> Self {
        let (reader, writer) = split(stream);
        let carrier = Carrier::Stream { reader: BufReader::new(reader), writer };
        Self { framing, carrier, asked: 0 }
    }

    /// The side that listens, over a WebSocket that was accepted.
    pub fn serve_web_socket(web_socket: WebSocket) -> Self {
        let carrier = Carrier::WebSocket(Box::new(web_socket));
        Self { framing: Framing::WebSocket, carrier, asked: 0 }
    }

    /// Sends a binary message.
    pub async fn send_binary(&mut self, message: impl AsRef<[u8]>) {
        use futures_util::SinkExt;

        let Carrier::WebSocket(web_socket) = &mut self.carrier else { panic!("no WebSocket") };
        let message = Message::binary(message.as_ref().to_owned());
        in_time(web_socket.stream.send(message)).await.unwrap();
    }

    /// Writes bytes of the stream as they are.
    pub async fn write(&mut self, bytes: impl AsRef<[u8]>) {
        in_time(self.try_write(bytes)).await.unwrap();
    }

    /// The same, as far as the other side takes it.
    pub async fn try_write(&mut self, bytes: impl AsRef<[u8]>) -> std::io::Result<()> {
        match &mut self.carrier {
            Carrier::Stream { writer, .. } => writer.write_all(bytes.as_ref()).await,
            Carrier::WebSocket(_) => panic!("a WebSocket is no stream of bytes"),
        }
    }

    /// The same, also below a WebSocket: bytes of its frames.
    pub async fn try_write_below(&mut self, bytes: impl AsRef<[u8]>) -> std::io::Result<()> {
        match &mut self.carrier {
            Carrier::Stream { writer, .. } => writer.write_all(bytes.as_ref()).await,
            Carrier::WebSocket(web_socket) => {
                web_socket.stream.get_mut().write_all(bytes.as_ref()).await
            }
        }
    }

    /// Reads some bytes as they come, also below a WebSocket: whole messages can't be read any
    /// more.
    pub async fn read_below(&mut self, bytes: &mut [u8]) -> usize {
        let reading = async {
            match &mut self.carrier {
                Carrier::Stream { reader, .. } => reader.read(bytes).await,
                Carrier::WebSocket(web_socket) => web_socket.stream.get_mut().read(bytes).await,
            }
        };
        in_time(reading).await.unwrap()
    }

    /// Sends one message, be it text or not.
    pub async fn send(&mut self, message: impl AsRef<[u8]>) {
        let message = message.as_ref();
        if let Carrier::WebSocket(web_socket) = &mut self.carrier {
            use futures_util::SinkExt;

            // By the frame, since a message of text could not hold what is no UTF-8.
            let text = OpCode::Data(Data::Text);
            let frame = Frame::message(message.to_owned(), text, true);
            let sent = in_time(web_socket.stream.send(Message::Frame(frame))).await;
            return sent.unwrap();
        }
        self.write(self.framing.frame(message)).await;
    }

    /// The same, as far as the other side takes it.
    pub async fn try_send(&mut self, message: &str) -> std::io::Result<()> {
        match &mut self.carrier {
            Carrier::Stream { .. } => self.try_write(self.framing.frame(message)).await,
            Carrier::WebSocket(web_socket) => {
                use futures_util::SinkExt;

                let sent = web_socket.stream.send(Message::text(message)).await;
                sent.map_err(std::io::Error::other)
            }
        }
    }

    /// The next message, as its text; `None` at the end.
    pub async fn next_text(&mut self) -> Option<String> {
        let reader = match &mut self.carrier {
            Carrier::Stream { reader, .. } => reader,
            Carrier::WebSocket(web_socket) => loop {
                match web_socket.next_message().await? {
                    Message::Text(text) => return Some(text.to_string()),
                    Message::Close(_) => return None,
                    _ => continue,
                }
            },
        };
        let message = match self.framing {
            Framing::Newline => {
                let mut line = Vec::new();
                // A reset is an end too: the other side has closed with something unread.
                let _ = in_time(reader.read_until(b'\n', &mut line)).await;
                (line.pop() == Some(b'\n')).then_some(line)?
            }
            Framing::Native => {
                let mut header = [0; 4];
                in_time(reader.read_exact(&mut header)).await.ok()?;
                let mut payload = vec![0; u32::from_le_bytes(header) as usize];
                in_time(reader.read_exact(&mut payload)).await.ok()?;
                payload
            }
            Framing::ContentLength | Framing::WebSocket => {
                let mut header = String::new();
                in_time(reader.read_line(&mut header)).await.ok()?;
                let length = header.strip_prefix("Content-Length: ")?.strip_suffix("\r\n").unwrap();
                let mut end = [0; 2];
                in_time(reader.read_exact(&mut end)).await.ok()?;
                assert_eq!(&end, b"\r\n");
                let mut payload = vec![0; length.parse().unwrap()];
                in_time(reader.read_exact(&mut payload)).await.ok()?;
                payload
            }
        };
        Some(String::from_utf8(message).unwrap())
    }

    /// The next message.
    ///
    /// # Panics
    ///
    /// At the end.
    pub async fn next(&mut self) -> Value {
        let text = self.next_text().await;
        let text = text.unwrap_or_else(|| panic!("{:?}: the connection has ended", self.framing));
        serde_json::from_str(&text).unwrap_or_else(|error| panic!("{error}: {text}"))
    }

    /// Sends a message, and gives the next one that comes.
    pub async fn ask(&mut self, message: impl AsRef<[u8]>) -> Value {
        self.send(message).await;
        self.next().await
    }

    /// Sends a message as far as the other side takes it, and gives the text of the next one that
    /// comes; `None` at the end.
    pub async fn try_ask_text(&mut self, message: &str) -> Option<String> {
        match &mut self.carrier {
            Carrier::Stream { .. } => {
                let framed = self.framing.frame(message);
                in_time(self.try_write(framed)).await.ok()?;
            }
            Carrier::WebSocket(web_socket) => {
                use futures_util::SinkExt;

                in_time(web_socket.stream.send(Message::text(message))).await.ok()?;
            }
        }
        self.next_text().await
    }

    /// Asks something that is always answered, and finds that answer next: nothing else has come.
    #[track_caller]
    pub fn hears_nothing_else(&mut self) -> impl Future<Output = ()> {
        let caller = std::panic::Location::caller();
        async move {
            self.asked += 1;
            let id = format!("ping {}", self.asked);
            let ping = json!({ "jsonrpc": "2.0", "id": id, "method": "rpc.ping" });
            let answer = self.ask(ping.to_string()).await;
            let expected = json!({ "jsonrpc": "2.0", "id": id, "result": null });
            assert_eq!(answer, expected, "{:?}, asked at {caller}", self.framing);
        }
    }

    /// Has nothing but the end to read.
    pub async fn has_ended(&mut self) {
        assert_eq!(self.next_text().await, None, "{:?}", self.framing);
    }

    /// Says that nothing more comes, which a named pipe has no way to.
    #[cfg(unix)]
    pub async fn finish(&mut self) {
        match &mut self.carrier {
            Carrier::Stream { writer, .. } => in_time(writer.shutdown()).await.unwrap(),
            Carrier::WebSocket(web_socket) => in_time(web_socket.stream.close(None)).await.unwrap(),
        }
    }
}

/// Makes a test in each framing of each function: `async fn name(framing: Framing)`.
#[macro_export]
macro_rules! on_every_framing {
    ($($name:ident),* $(,)?) => {$(
        mod $name {
            #[tokio::test]
            async fn newline() {
                $crate::waiting::whole_test(super::$name($crate::Framing::Newline)).await;
            }

            #[tokio::test]
            async fn native() {
                $crate::waiting::whole_test(super::$name($crate::Framing::Native)).await;
            }

            #[tokio::test]
            async fn content_length() {
                $crate::waiting::whole_test(super::$name($crate::Framing::ContentLength)).await;
            }

            #[tokio::test]
            async fn web_socket() {
                $crate::waiting::whole_test(super::$name($crate::Framing::WebSocket)).await;
            }
        }
    )*};
}

//! A raw peer: JSON, one message a line, over a local socket.

use std::path::Path;

use serde_json::Value;
use tokio::io::{
    AsyncBufReadExt, AsyncReadExt, AsyncWriteExt, BufReader, ReadHalf, WriteHalf, split,
};

use crate::{LocalStream, in_time};

/// A raw peer that speaks lines of JSON.
#[derive(Debug)]
pub struct Lines {
    reader: BufReader<ReadHalf<LocalStream>>,
    writer: WriteHalf<LocalStream>,
}

impl Lines {
    /// Connects to a socket, and says nothing.
    pub async fn connect(path: impl AsRef<Path>) -> Self {
        let (reader, writer) = split(LocalStream::connect(path).await.unwrap());
        Self { reader: BufReader::new(reader), writer }
    }

    /// Writes text as it is.
    pub async fn write(&mut self, text: impl AsRef<[u8]>) {
        in_time(self.writer.write_all(text.as_ref())).await.unwrap();
    }

    /// Writes text as it is, as far as the other side takes it.
    pub async fn try_write(&mut self, text: impl AsRef<[u8]>) -> std::io::Result<()> {
        in_time(self.writer.write_all(text.as_ref())).await
    }

    /// Says that nothing more comes, which a named pipe has no way to.
    #[cfg(unix)]
    pub async fn finish(&mut self) {
        in_time(self.writer.shutdown()).await.unwrap();
    }

    /// The next line as it is; `None` at the end.
    pub async fn next_text(&mut self) -> Option<String> {
        let mut line = Vec::new();
        // A reset is an end too: the other side has closed with something of ours unread.
        let _ = in_time(self.reader.read_until(b'\n', &mut line)).await;
        if line.is_empty() {
            return None;
        }
        let line = String::from_utf8(line).unwrap();
        assert!(line.ends_with('\n'), "a line that doesn't end: {line}");
        Some(line.trim_end().to_owned())
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

    /// Writes a message, and gives the next one that comes.
    pub async fn ask(&mut self, text: impl AsRef<str>) -> Value {
        self.write(format!("{}\n", text.as_ref())).await;
        self.next().await
    }

    /// The error code of the answer.
    pub async fn ask_code(&mut self, text: impl AsRef<str>) -> i64 {
        let answer = self.ask(text).await;
        answer["error"]["code"].as_i64().unwrap_or_else(|| panic!("no error: {answer}"))
    }

    /// Everything until the other side closes.
    pub async fn rest(&mut self) -> String {
        let mut rest = Vec::new();
        let _ = in_time(self.reader.read_to_end(&mut rest)).await;
        String::from_utf8(rest).unwrap()
    }
}

//! What the fuzz targets in `fuzz/` run on what they are given, and what a test runs on the inputs
//! that they have found. Nothing in here is part of the public API: it is there under
//! `--cfg fuzzing` and in tests alone.

use std::time::Duration;

use tokio::io::{AsyncReadExt, AsyncWriteExt, DuplexStream, duplex};

use crate::{
    backend::Backend,
    codec::Encoding,
    error::ipc_error::IpcError,
    framing::{
        StreamFraming, native,
        replay::decode,
        sniffing::{PREFACE, Sniffed, preface, sniff},
    },
    frontend::Frontend,
    interface::Schema,
    ipc_interface,
    message::{self, batch, encoded},
    support::rt::timeout,
};

const JSON: Encoding = Encoding::Json;

/// What a handshake is about.
#[ipc_interface(channel = "fuzz", version = "1.2.3")]
trait Probe {
    /// Answers.
    fn ping(&self, text: String) -> u32;
}

struct Answers;

impl Probe for Answers {
    fn ping(&self, _text: String) -> u32 {
        7
    }
}

/// One message: read as serde_json reads it.
pub fn envelope(data: &[u8]) {
    message::reference::compare(data);
    for end in [data.len() / 2, data.len().saturating_sub(1), data.len()] {
        let _ = message::envelope::id_in_prefix(JSON, &data[..end]);
        let _ = message::envelope::item_in_prefix(JSON, &data[..end]);
    }
    if batch::is_batch(JSON, data) {
        for message in batch::split_batch(data, usize::MAX).unwrap_or_default() {
            message::reference::compare(message);
        }
    }
    if let Some(params) = encoded::item_params(JSON, data) {
        let _ = (params.event_of_subscription(), params.event_of_stream());
    }
    let _ = encoded::parse_progress(JSON, data);
}

/// One message of MessagePack; or of JSON, which says the same when it is packed.
#[cfg(feature = "msgpack")]
pub fn packed_envelope(data: &[u8]) {
    message::reference::compare_packed(data);
    let Some((depth, json)) = data.split_first() else { return };
    if let Ok(message) = serde_json::from_slice(json) {
        message::reference::compare_encodings(&message, usize::from(*depth));
    }
}

/// Frames in pieces: they are found where they are found when all comes at once. The first byte is
/// the limit, the next ones tell the pieces.
fn framing(framing: StreamFraming, data: &[u8]) {
    let [limit, count, rest @ ..] = data else { return };
    let (pieces, bytes) = rest.split_at(rest.len().min(usize::from(*count % 16)));
    let pieces: Vec<usize> =
        pieces.iter().cycle().take(4 * pieces.len()).map(|piece| usize::from(*piece)).collect();
    let limit = usize::from(*limit) * 4;
    let at_once = decode(framing, bytes, &[], limit);
    assert_eq!(decode(framing, bytes, &pieces, limit), at_once);
    assert_eq!(decode(framing, bytes, &vec![1; bytes.len()], limit), at_once);
}

/// Native frames.
pub fn native_framing(data: &[u8]) {
    framing(StreamFraming::Native, data);
}

/// Lines, or values as they are typed.
pub fn newline_framing(data: &[u8]) {
    framing(StreamFraming::Newline, data);
}

/// Headers and payloads.
pub fn content_length_framing(data: &[u8]) {
    framing(StreamFraming::ContentLength, data);
}

/// First bytes: what is told of few of them holds when there are more.
pub fn sniffing(data: &[u8]) {
    let mut told = Sniffed::Undecided;
    for length in 0..=data.len().min(64) {
        let now = sniff(&data[..length]);
        assert!(told == Sniffed::Undecided || told == now, "{told:?}, then {now:?}");
        assert!(now != Sniffed::Undecided || length < PREFACE);
        told = now;
    }
}

/// The params of a handshake, as a backend hears them, and its answer, as a frontend does: whatever
/// they are, the backend goes on answering, and the frontend's opening ends.
pub fn hello(data: &[u8]) {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_time().build();
    #[expect(clippy::expect_used, clippy::panic, reason = "it is what is looked for")]
    runtime.expect("a runtime").block_on(async {
        let both = async {
            backend_hears(data).await;
            frontend_hears(data).await;
        };
        if timeout(Duration::from_secs(5), both).await.is_err() {
            panic!("it hangs");
        }
    });
}

/// The text of a schema: what was read is written so that it is read as the same, and is compared.
pub fn schema(data: &[u8]) {
    let Ok(text) = std::str::from_utf8(data) else { return };
    let Ok(schema) = text.parse::<Schema>() else { return };
    let written = schema.to_string();
    if written.len() > Schema::MAX_TEXT {
        return;
    }
    let again = written.parse::<Schema>();
    let read = again.as_ref().map(ToString::to_string);
    assert_eq!(read.as_deref(), Ok(&*written));
    if let Ok(again) = again {
        assert_eq!(schema.compare(&again).is_empty(), again.compare(&schema).is_empty());
    }
}

async fn say(io: &mut DuplexStream, parts: &[&[u8]]) {
    let mut frame = Vec::new();
    native::write(&mut frame, |out| parts.iter().for_each(|part| out.extend_from_slice(part)));
    // Whoever has closed has heard enough.
    let _ = io.write_all(&frame).await;
}

/// One frame, as text; `None` at the end.
async fn next(io: &mut DuplexStream) -> Option<String> {
    let mut header = [0; 4];
    io.read_exact(&mut header).await.ok()?;
    let mut payload = vec![0; u32::from_le_bytes(header) as usize];
    io.read_exact(&mut payload).await.ok()?;
    Some(String::from_utf8_lossy(&payload).into_owned())
}

async fn backend_hears(params: &[u8]) {
    let backend = Backend::new();
    let registered = backend.register(ProbeHandler::new(Answers));
    let (mut far, near) = duplex(1 << 20);
    backend.accept(near);
    let _ = far.write_all(&preface(JSON)).await;
    let mut echo = [0; PREFACE];
    let _ = far.read_exact(&mut echo).await;
    let hello = br#"{"jsonrpc":"2.0","id":1,"method":"rpc.handshake","params":"#;
    say(&mut far, &[hello, params, b"}"]).await;
    say(&mut far, &[br#"{"jsonrpc":"2.0","id":"behind","method":"rpc.ping"}"#]).await;
    while let Some(said) = next(&mut far).await {
        if said.contains("\"behind\"") {
            drop(registered);
            return;
        }
    }
    #[expect(clippy::panic, reason = "it is what is looked for")]
    {
        panic!("the connection has ended");
    }
}

async fn frontend_hears(result: &[u8]) {
    let (mut far, near) = duplex(1 << 20);
    let answers = async move {
        let mut first = [0; PREFACE];
        let _ = far.read_exact(&mut first).await;
        let _ = far.write_all(&first).await;
        // The first greets, the second asks for the interface. An answer that is none at all is
        // followed by the end, so that nobody waits for a deadline.
        for answer in [br#"{"protocol":1}"#, result] {
            let asked = next(&mut far).await.unwrap_or_default();
            if let Ok(message::Message::Request { id, .. }) =
                message::envelope::parse(JSON, asked.as_bytes(), usize::MAX)
            {
                let reply = format!(r#"{{"jsonrpc":"2.0","id":{id},"result":"#);
                say(&mut far, &[reply.as_bytes(), answer, b"}"]).await;
            }
        }
    };
    let opens = async {
        let Ok(frontend) = Frontend::over(near).await else { return };
        let opened = frontend.open::<ProbeClient>().await.map(drop);
        if let Some(mismatch) = opened.as_ref().err().and_then(IpcError::version_mismatch) {
            let _ = mismatch.to_string();
        }
        frontend.close().await;
    };
    futures_util::future::join(answers, opens).await;
}

#[cfg(all(test, not(fuzzing)))]
#[allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::print_stdout,
    reason = "a test fails by panicking, and tells its figures"
)]
mod tests {
    use std::{fs, path::Path};

    /// Runs a target on each file of its corpus; gives how many there are.
    fn replay(target: &str, run: fn(&[u8])) -> usize {
        let directory = Path::new(env!("CARGO_MANIFEST_DIR")).join("../fuzz/corpus").join(target);
        let files = fs::read_dir(&directory).unwrap_or_else(|error| panic!("{target}: {error}"));
        let run = |file: fs::DirEntry| run(&fs::read(file.path()).unwrap());
        files.map(|file| run(file.unwrap())).count()
    }

    #[test]
    fn fuzz_corpus_is_replayed() {
        for (target, run) in [
            ("envelope", super::envelope as fn(&[u8])),
            #[cfg(feature = "msgpack")]
            ("packed_envelope", super::packed_envelope),
            ("native_framing", super::native_framing),
            ("newline_framing", super::newline_framing),
            ("content_length_framing", super::content_length_framing),
            ("sniffing", super::sniffing),
            ("hello", super::hello),
            ("schema", super::schema),
        ] {
            let count = replay(target, run);
            assert!(count > 0, "nothing for {target}");
            println!("{target}: {count} inputs");
        }
    }
}

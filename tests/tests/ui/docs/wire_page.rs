//! The conversations of `docs/wire-protocol.md`, held with a backend: what the page shows it to
//! answer is what it answers, word for word.

use ipc_runtime::{
    Backend, Bytes, CallContext, Stream, Token,
    event::Emitter,
    ipc_interface,
    store::{Key, Store},
};
use ipc_tests::{Framing, RawPeer, Scratch, endpoint_of};

use super::read;

#[allow(unreachable_pub, reason = "the example's own file, which the page quotes")]
#[path = "../../../../examples/quickstart/src/interface.rs"]
mod interface;

use interface::{FileError, FileInfo, Files, FilesHandler, Kind};

/// One small file.
#[derive(Default)]
struct Folder {
    pings: std::sync::atomic::AtomicU32,
}

impl Folder {
    fn look(name: &str) -> Result<(), FileError> {
        match name {
            _ if name.contains("..") => Err(FileError::Outside(name.to_owned())),
            "." | "a.txt" => Ok(()),
            _ => Err(FileError::NotFound(name.to_owned())),
        }
    }
}

impl Files for Folder {
    fn ping(&self) -> u32 {
        self.pings.fetch_add(1, std::sync::atomic::Ordering::Relaxed) + 1
    }

    fn list(&self, dir: &str) -> Result<Vec<FileInfo>, FileError> {
        Self::look(dir)?;
        Ok(vec![FileInfo { name: "a.txt".to_owned(), kind: Kind::File, size: 6 }])
    }

    fn read(&self, path: &str) -> Result<Bytes, FileError> {
        Self::look(path)?;
        Ok(b"hello\n".to_vec().into())
    }

    async fn changed(&self, _: &str) -> Result<(), FileError> {
        std::future::pending().await
    }

    fn log(&self, _: &CallContext, _: String) {}
}

#[ipc_interface(channel = "demo.clock", version = "1.0.0")]
trait Clock {
    #[ipc(subscription)]
    fn countdown(&self, from: u32) -> impl Stream<Item = u32>;
    #[ipc(subscription)]
    fn alarms(&self) -> impl Stream<Item = String>;
}

struct Quartz {
    alarms: Emitter<String>,
}

impl Clock for Quartz {
    fn countdown(&self, from: u32) -> impl Stream<Item = u32> {
        futures_util::stream::iter((0..from).rev())
    }

    fn alarms(&self) -> impl Stream<Item = String> {
        self.alarms.event().listen()
    }
}

/// What a conversation is held with: nothing but the files unless it speaks of more.
fn backend(block: &str) -> Backend {
    let backend = match block.contains("\"token\"") {
        true => Backend::builder().token(Token::generate().unwrap()).build(),
        false => Backend::new(),
    };
    backend.register(FilesHandler::new(Folder::default())).unwrap();
    backend.expose("add", async |(a, b): (i64, i64)| a + b).unwrap();
    if block.contains("demo.clock") {
        // Six alarms, of which the last is kept.
        let alarms = Emitter::builder().replay(1).build();
        (1..=5).for_each(|hour| alarms.fire(format!("{hour} o'clock")));
        alarms.fire("tea".to_owned());
        backend.register(ClockHandler::new(Quartz { alarms })).unwrap();
    }
    if block.contains("ipc.store") {
        fill(&backend);
    }
    backend
}

fn fill(backend: &Backend) {
    // Nine revisions, of which the seventh is that of the one value that is left.
    let (store, zoom) = (Store::new(), Key::<u32>::new("zoom"));
    for value in 94..=100 {
        store.set(&zoom, &value).unwrap();
    }
    let gone = Key::<u32>::new("gone");
    store.set(&gone, &0).unwrap();
    store.remove(&gone).unwrap();
    store.serve(backend).unwrap();
}

/// The messages of a block, and which way they go. What is indented goes on the line before.
fn conversation(block: &str) -> Vec<(char, String)> {
    let mut messages: Vec<(char, String)> = Vec::new();
    for line in block.lines() {
        match line.chars().next() {
            Some(way @ ('→' | '←')) => {
                messages.push((way, line.trim_start_matches(way).trim().to_owned()));
            }
            _ => messages.last_mut().expect("a message").1.push_str(line.trim()),
        }
    }
    messages
}

fn blocks(page: &str) -> Vec<&str> {
    let fenced = page.split("```text\n").skip(1);
    fenced.map(|rest| rest.split("\n```").next().unwrap()).collect()
}

/// Without what is drawn by chance, or counts what all connections have had.
fn settled(message: &str, is_subscribed: bool) -> String {
    let mut settled = message.to_owned();
    let digit = |c: char| c.is_ascii_digit();
    let hexadecimal = |c: char| c.is_ascii_hexdigit();
    let drawn: [(&str, &dyn Fn(char) -> bool); 4] = [
        ("\"epoch\":", &digit),
        ("\"session\":\"", &hexadecimal),
        ("\"subscription\":", &digit),
        // The answer to a request that subscribes.
        ("\"result\":", &|c| is_subscribed && digit(c)),
    ];
    for (before, drawn) in drawn {
        let parts = settled.split(before).enumerate();
        let parts =
            parts.map(|(at, part)| if at == 0 { part } else { part.trim_start_matches(drawn) });
        settled = parts.collect::<Vec<_>>().join(before);
    }
    settled
}

/// Whether the page shows that message, where `…` is left out.
fn shows(shown: &str, said: &str) -> bool {
    // With white space beside it, as a reader likes it.
    let mut parts = shown.split('…').map(|part| part.trim_matches([',', ' ']));
    let Some(mut rest) = said.strip_prefix(parts.next().unwrap_or_default()) else { return false };
    for part in parts {
        let Some(at) = rest.find(part) else { return false };
        rest = &rest[at + part.len()..];
    }
    rest.is_empty() || shown.ends_with('…')
}

async fn hold(block: &str) -> Result<(), String> {
    let backend = backend(block);
    let directory = Scratch::new();
    let socket = directory.socket("page");
    let endpoint = backend.listen(endpoint_of(&socket)).await.unwrap();
    // By this framing, since others get no session.
    let mut peer = RawPeer::connect(Framing::Native, &socket, &endpoint).await;

    let messages = conversation(block);
    if let [('←', alone)] = &messages[..] {
        // What it answers is a message of that size.
        let size = alone.split("\"size\":").nth(1).unwrap();
        let size: usize = size.trim_end_matches('}').parse().unwrap();
        let mut large =
            r#"{"jsonrpc":"2.0","id":9,"method":"demo.files.read","params":[""#.to_owned();
        large.extend(std::iter::repeat_n('x', size - large.len() - "\"]}".len()));
        peer.send(large + "\"]}").await;
    }
    let mut subscribing = Vec::new();
    let mut messages = messages.iter().peekable();
    while messages.peek().is_some() {
        while let Some((_, message)) = messages.next_if(|(way, _)| *way == '→') {
            peer.send(message).await;
            if ["demo.clock.", "ipc.store.watch"].iter().any(|method| message.contains(method)) {
                let id = message.split("\"id\":").nth(1).unwrap().split(',').next().unwrap();
                subscribing.push(format!("\"id\":{id},"));
            }
        }
        let mut shown = Vec::new();
        while let Some((_, message)) = messages.next_if(|(way, _)| *way == '←') {
            shown.push(message.clone());
        }
        let mut said = Vec::new();
        for _ in &shown {
            said.push(peer.next_text().await.ok_or("the connection has ended")?);
        }
        // Answers come in their order and notifications in theirs; how the two mingle is open.
        shown.sort_by_key(|message| !message.contains("\"id\":"));
        said.sort_by_key(|message| !message.contains("\"id\":"));
        for (shown, said) in shown.iter().zip(&said) {
            let subscribes = subscribing.iter().any(|id| shown.contains(id.as_str()));
            if !shows(&settled(shown, subscribes), &settled(said, subscribes)) {
                return Err(format!("the page shows\n  {shown}\nand a backend says\n  {said}"));
            }
        }
    }
    Ok(())
}

#[tokio::test]
async fn a_backend_says_what_the_page_shows() {
    let page = read("docs/wire-protocol.md");
    let blocks: Vec<_> = blocks(&page).into_iter().filter(|block| block.contains('←')).collect();
    assert!(blocks.len() > 10, "{blocks:?}");
    let mut wrong = Vec::new();
    for block in blocks {
        wrong.extend(ipc_tests::in_time(hold(block)).await.err());
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n\n"));
}

/// What -32003 brings along.
#[tokio::test]
async fn a_version_that_does_not_fit_is_told_as_the_page_shows() {
    let page = read("docs/wire-protocol.md");
    let shown = blocks(&page).into_iter().find(|block| block.contains("\"methods\":"));
    let shown: String = shown.unwrap().lines().map(str::trim).collect();
    let message = r#"{"jsonrpc":"2.0","id":1,"method":"rpc.handshake","params":{"protocol":1,"uses":[{"channel":"demo.files","version":"1.4.0","fingerprint":"2:0000000000000000"}]}}"#;

    let (backend, directory) = (backend(""), Scratch::new());
    let socket = directory.socket("page");
    let endpoint = backend.listen(endpoint_of(&socket)).await.unwrap();
    let mut peer = RawPeer::connect(Framing::Native, &socket, &endpoint).await;
    peer.send(message).await;
    let said = peer.next_text().await.unwrap();
    let data = said.split("\"data\":").nth(1).unwrap();
    assert!(shows(&(shown.trim_end_matches('}').to_owned() + "…"), data), "{shown}\n{data}");
}

//! The other process of the tests that need one.
//!
//! - `serve ENDPOINT`: serves both of the tests' interfaces, prints `ready ENDPOINT`, and ends when
//!   its standard input does.
//! - `listen ENDPOINT`: listens, prints `ok ENDPOINT` or `error: …`, and ends.
//! - `say SOCKET TEXT`: connects to a Unix socket, writes the text, prints what it hears until the
//!   end, and ends. A backslash and a zero in the text are a zero byte, which no argument can hold.
//! - `ping ENDPOINT`: connects and calls, prints `ok` or `error: …`, and ends.
//! - `notify ENDPOINT COUNT`: connects, sends so many notifications one after another, and ends as
//!   soon as the last one is done, without a goodbye.
//! - `notify-back ENDPOINT COUNT`: listens, and does the same to the first peer that comes.
//! - `exhausted ENDPOINT`: connects, opens files until it may not open one more, then sends and
//!   gets texts larger than a socket's buffer. Prints `ok` or `error: …`, and ends.
//! - `stay ENDPOINT`: connects, prints `connected`, says nothing until its standard input ends, and
//!   calls then. Prints `ok` if the connection was the same all the while, or `error: …`, and ends.

use std::io::Write;

use ipc_runtime::{Backend, Frontend, Reconnect};
use ipc_tests::{
    ArchiveClient, EverythingClient, EverythingHandler, EverythingService, Gates, SlowClient,
    SlowHandler,
};
use tokio::io::AsyncReadExt;

type Failure = Box<dyn std::error::Error>;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Failure> {
    let arguments: Vec<_> = std::env::args().skip(1).collect();
    let told = match arguments.iter().map(String::as_str).collect::<Vec<_>>()[..] {
        ["serve", endpoint] => return serve(endpoint).await,
        ["listen", endpoint] => listen(endpoint).await,
        ["ping", endpoint] => ping(endpoint).await,
        ["exhausted", endpoint] => exhausted(endpoint).await,
        ["stay", endpoint] => stay(endpoint).await,
        ["notify", endpoint, count] => return notify(endpoint, count.parse()?).await,
        ["notify-back", endpoint, count] => return notify_back(endpoint, count.parse()?).await,
        #[cfg(unix)]
        ["say", endpoint, text] => say(endpoint, text).await,
        _ => {
            Err("serve, listen, ping, notify, notify-back, exhausted, stay or say, and an endpoint"
                .into())
        }
    };
    let told = told.unwrap_or_else(|error| format!("error: {error}"));
    writeln!(std::io::stdout(), "{told}")?;
    Ok(())
}

async fn serve(endpoint: &str) -> Result<(), Failure> {
    let backend = Backend::new();
    backend.register(SlowHandler::new(Gates::new()))?;
    backend.register(EverythingHandler::new(EverythingService::default()))?;
    let endpoint = backend.listen(endpoint).await?;
    writeln!(std::io::stdout(), "ready {endpoint}")?;
    let _ = tokio::io::stdin().read(&mut [0]).await;
    Ok(())
}

async fn listen(endpoint: &str) -> Result<String, Failure> {
    let endpoint = Backend::new().listen(endpoint).await?;
    Ok(format!("ok {endpoint}"))
}

async fn ping(endpoint: &str) -> Result<String, Failure> {
    let frontend = Frontend::connect(endpoint).await?;
    let slow: SlowClient = frontend.open().await?;
    slow.ping().await?;
    Ok("ok".into())
}

async fn notify(endpoint: &str, count: u32) -> Result<(), Failure> {
    let frontend = Frontend::connect(endpoint).await?;
    let everything: EverythingClient = frontend.open().await?;
    for number in 0..count {
        everything.mark(number).await?;
    }
    std::process::exit(0)
}

async fn notify_back(endpoint: &str, count: u32) -> Result<(), Failure> {
    let backend = Backend::new();
    let mut peers = backend.peer_connected().listen();
    backend.listen(endpoint).await?;
    let peer = peers.next().await.ok_or("nobody comes")?;
    let everything: EverythingClient = peer.client();
    for number in 0..count {
        everything.mark(number).await?;
    }
    std::process::exit(0)
}

async fn exhausted(endpoint: &str) -> Result<String, Failure> {
    let frontend = Frontend::connect(endpoint).await?;
    let everything: EverythingClient = frontend.open().await?;
    let mut files = Vec::new();
    while let Ok(file) = std::fs::File::open(std::env::current_exe()?) {
        files.push(file);
    }
    for text in ["x".to_owned(), "y".repeat(4_000_000), "z".repeat(300_000), "x".to_owned()] {
        let told = everything.echo(text.clone()).await?;
        if told != text {
            return Err(format!("{} bytes came back, not {}", told.len(), text.len()).into());
        }
    }
    drop(files);
    Ok("ok".into())
}

async fn stay(endpoint: &str) -> Result<String, Failure> {
    let builder = Frontend::builder().reconnect(Reconnect::default());
    let frontend = builder.connect(endpoint).await?;
    let archive: ArchiveClient = frontend.open().await?;
    let mut states = frontend.state();
    states.borrow_and_update();
    writeln!(std::io::stdout(), "connected")?;
    let _ = tokio::io::stdin().read(&mut [0]).await;
    archive.waiting().await?;
    if states.has_changed()? {
        return Err(format!("the connection was lost: {:?}", *states.borrow()).into());
    }
    Ok("ok".into())
}

#[cfg(unix)]
async fn say(endpoint: &str, text: &str) -> Result<String, Failure> {
    use tokio::io::AsyncWriteExt;

    let path = endpoint.trim_start_matches("unix:");
    let mut stream = tokio::net::UnixStream::connect(path).await?;
    let text = text.replace("\\0", "\0");
    stream.write_all(text.as_bytes()).await?;
    let mut heard = Vec::new();
    // A reset is an end too: the other side doesn't read what it is sent.
    let _ = stream.read_to_end(&mut heard).await;
    Ok(String::from_utf8_lossy(&heard).into_owned())
}

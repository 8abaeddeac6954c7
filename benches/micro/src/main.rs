//! What the steps of one call cost by themselves, in one thread and without a socket. The envelope,
//! the framings and the dispatch are private, so they are reached by public API: requests as bytes
//! into `Backend::accept` over a stream in memory, and calls of a client over the same.
//!
//! A figure is the time of one request of 64 that are written at once. The difference between two
//! lines is what the step costs in which they differ.

use std::io;

use divan::{Bencher, counter::ItemsCount};
use ipc_runtime::{Backend, Encoding, Frontend, ipc_interface};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt, DuplexStream, duplex},
    runtime::{Builder, Runtime},
};

/// Requests in flight at once.
const WINDOW: usize = 64;

#[ipc_interface(channel = "micro", version = "1.0.0")]
trait Micro {
    fn sync(&self, number: u32) -> u32;
    async fn ready(&self, number: u32) -> u32;
    async fn pending(&self, number: u32) -> u32;
}

struct Server;

impl Micro for Server {
    fn sync(&self, number: u32) -> u32 {
        number
    }

    async fn ready(&self, number: u32) -> u32 {
        number
    }

    async fn pending(&self, number: u32) -> u32 {
        tokio::task::yield_now().await;
        number
    }
}

fn main() {
    divan::Divan::from_args().run_benches();
}

type Outcome<T> = Result<T, Box<dyn std::error::Error>>;

/// A benchmark that can't be set up has no other way to say so.
fn must(outcome: Outcome<()>) {
    if let Err(error) = outcome {
        panic!("{error}");
    }
}

fn runtime() -> io::Result<Runtime> {
    Builder::new_current_thread().enable_all().build()
}

/// A backend, and the other end of a connection to it.
fn backend() -> Outcome<(Backend, DuplexStream)> {
    let backend = Backend::new();
    backend.register(MicroHandler::new(Server))?;
    let (here, there) = duplex(256 * 1024);
    backend.accept(there);
    Ok((backend, here))
}

/// Has one request sent in a window of as many, again and again, and as many replies read.
fn requests(bencher: Bencher, preface: &[u8], request: &[u8]) -> Outcome<()> {
    let runtime = runtime()?;
    let (_backend, mut stream, reply) = runtime.block_on(async {
        let (backend, mut stream) = backend()?;
        stream.write_all(preface).await?;
        stream.read_exact(&mut vec![0; preface.len()]).await?;
        // The same request has the same reply, so its length is learnt from the first.
        stream.write_all(request).await?;
        let mut reply = vec![0; 4096];
        let length = stream.read(&mut reply).await?;
        Outcome::Ok((backend, stream, length))
    })?;
    let window = request.repeat(WINDOW);
    let mut replies = vec![0; reply * WINDOW];
    bencher.counter(ItemsCount::new(WINDOW)).bench_local(|| {
        runtime.block_on(async {
            stream.write_all(&window).await?;
            stream.read_exact(&mut replies).await
        })
    });
    Ok(())
}

const USUAL: &str = r#"{"jsonrpc":"2.0","id":1,"method":"micro.sync","params":[7]}"#;

/// The envelope, whose one pass knows the usual order of members.
#[divan::bench_group]
mod envelope {
    use super::{Bencher, USUAL, must, requests};

    #[divan::bench]
    fn usual_order(bencher: Bencher) {
        must(requests(bencher, b"", format!("{USUAL}\n").as_bytes()));
    }

    #[divan::bench]
    fn unusual_order(bencher: Bencher) {
        let request = r#"{"params":[7],"method":"micro.sync","id":1,"jsonrpc":"2.0"}"#;
        must(requests(bencher, b"", format!("{request}\n").as_bytes()));
    }

    #[divan::bench]
    fn with_spaces(bencher: Bencher) {
        let request = r#"{ "jsonrpc": "2.0", "id": 1, "method": "micro.sync", "params": [ 7 ] }"#;
        must(requests(bencher, b"", format!("{request}\n").as_bytes()));
    }

    #[divan::bench]
    fn params_by_name(bencher: Bencher) {
        let request = r#"{"jsonrpc":"2.0","id":1,"method":"micro.sync","params":{"number":7}}"#;
        must(requests(bencher, b"", format!("{request}\n").as_bytes()));
    }
}

/// The same request in each framing.
#[divan::bench_group]
mod framing {
    use super::{Bencher, USUAL, must, requests};

    #[divan::bench]
    fn newline(bencher: Bencher) {
        must(requests(bencher, b"", format!("{USUAL}\n").as_bytes()));
    }

    #[divan::bench]
    fn content_length(bencher: Bencher) {
        let request = format!("Content-Length: {}\r\n\r\n{USUAL}", USUAL.len());
        must(requests(bencher, b"", request.as_bytes()));
    }

    #[divan::bench]
    fn native(bencher: Bencher) {
        must((|| {
            let mut request = u32::try_from(USUAL.len())?.to_le_bytes().to_vec();
            request.extend_from_slice(USUAL.as_bytes());
            requests(bencher, b"IPC\x01\x00", &request)
        })());
    }
}

/// What becomes of a request: answered where it was read, polled once, or spawned.
#[divan::bench_group]
mod dispatch {
    use super::{Bencher, Outcome, USUAL, must, requests};

    fn of(bencher: Bencher, method: &str) -> Outcome<()> {
        let request = USUAL.replace("micro.sync", method);
        requests(bencher, b"", format!("{request}\n").as_bytes())
    }

    #[divan::bench]
    fn sync(bencher: Bencher) {
        must(of(bencher, "micro.sync"));
    }

    #[divan::bench]
    fn ready_at_once(bencher: Bencher) {
        must(of(bencher, "micro.ready"));
    }

    #[divan::bench]
    fn no_such_method(bencher: Bencher) {
        must(of(bencher, "micro.none"));
    }
}

/// Both sides of a call: client, two carriers in memory, both encodings.
#[divan::bench_group]
mod call {
    use super::{
        Backend, Bencher, Encoding, Frontend, ItemsCount, MicroClient, MicroHandler, Outcome,
        Server, WINDOW, backend, must, runtime,
    };

    /// Calls `$method` of a client 64 times at once.
    macro_rules! calls {
        ($bencher:ident, $client:expr, $method:ident) => {{
            let runtime = runtime()?;
            let (_backend, client): (Backend, MicroClient) = runtime.block_on($client)?;
            $bencher.counter(ItemsCount::new(WINDOW)).bench_local(|| {
                let calls = (0..WINDOW as u32).map(|number| client.$method(number));
                runtime.block_on(futures_util::future::try_join_all(calls))
            });
            Ok(())
        }};
    }

    async fn over_duplex(encoding: Encoding) -> Outcome<(Backend, MicroClient)> {
        let (backend, stream) = backend()?;
        let frontend = Frontend::builder().encoding(encoding).over(stream).await?;
        Ok((backend, frontend.open().await?))
    }

    async fn over_memory(name: &str) -> Outcome<(Backend, MicroClient)> {
        let backend = Backend::new();
        backend.register(MicroHandler::new(Server))?;
        backend.listen(name).await?;
        Ok((backend, Frontend::connect(name).await?.open().await?))
    }

    #[divan::bench]
    fn json(bencher: Bencher) {
        must((|| calls!(bencher, over_duplex(Encoding::Json), sync))());
    }

    #[divan::bench]
    fn msgpack(bencher: Bencher) {
        must((|| calls!(bencher, over_duplex(Encoding::MessagePack), sync))());
    }

    #[divan::bench]
    fn memory_endpoint(bencher: Bencher) {
        must((|| calls!(bencher, over_memory("memory:micro"), sync))());
    }

    #[divan::bench]
    fn handler_that_waits(bencher: Bencher) {
        must((|| calls!(bencher, over_duplex(Encoding::Json), pending))());
    }
}

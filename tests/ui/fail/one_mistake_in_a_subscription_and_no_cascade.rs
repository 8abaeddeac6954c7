// The trait is implemented and its client used as it was meant.
use futures_util::stream;
use ipc_runtime::{Frontend, Stream, Streaming, ipc_interface};

#[ipc_interface(channel = "demo.files", version = "1.2.0")]
trait Files {
    #[ipc(subscription, no_cancel)]
    async fn ticks(&self) -> impl Stream<Item = u64>;
    async fn tocks(&self, first: String) -> Result<impl Stream<Item = u64>, String>;
    #[ipc(subscription)]
    async fn watch(&self, dir: &str) -> Result<impl Stream<Item = u64> + 'static, String>;
    #[ipc(subscription)]
    async fn sums(&self, numbers: Streaming<u64>) -> Vec<String>;
}

struct Disk;

impl Files for Disk {
    async fn ticks(&self) -> impl Stream<Item = u64> {
        stream::iter(0..9)
    }

    async fn tocks(&self, _: String) -> Result<impl Stream<Item = u64>, String> {
        Ok(stream::iter(0..9))
    }

    async fn watch(&self, dir: &str) -> Result<impl Stream<Item = u64>, String> {
        Ok(stream::iter(dir.bytes().map(u64::from)))
    }

    async fn sums(&self, _: Streaming<u64>) -> Vec<String> {
        Vec::new()
    }
}

async fn uses(frontend: &Frontend) -> Result<(), Box<dyn std::error::Error>> {
    let files: FilesClient = frontend.open().await?;
    let _: Option<Result<u64, _>> = files.ticks().await?.next().await;
    let _: Option<Result<u64, _>> = files.tocks("a".to_owned()).await?.next().await;
    let _: Option<Result<u64, _>> = files.watch("/").await?.next().await;
    let numbers = Streaming::new(stream::iter(0..9));
    let _: Option<Result<String, _>> = files.sums(numbers).await?.next().await;
    println!("{:?}", FilesHandler::new(Disk));
    Ok(())
}

fn main() {
    let _ = uses;
}

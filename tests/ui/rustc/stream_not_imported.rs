use ipc_runtime::ipc_interface;

#[ipc_interface(channel = "demo.files", version = "1.0.0")]
trait Files {
    #[ipc(subscription)]
    async fn watch(&self, dir: String) -> Result<impl Stream<Item = u64>, String>;
    async fn upload(&self, chunks: Streaming<u64>) -> u64;
}

fn main() {}

use ipc_runtime::{Stream, Streaming, ipc_interface};

#[ipc_interface(channel = "demo.files", version = "1.0.0")]
trait Files {
    #[ipc(subscription)]
    async fn watch(&self, dir: String) -> impl Stream<Item = Streaming<u64>>;
}

fn main() {}

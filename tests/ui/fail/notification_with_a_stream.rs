use ipc_runtime::{Streaming, ipc_interface};

#[ipc_interface(channel = "demo.files", version = "1.0.0")]
trait Files {
    #[ipc(notification)]
    async fn upload(&self, chunks: Streaming<u64>);
}

fn main() {}

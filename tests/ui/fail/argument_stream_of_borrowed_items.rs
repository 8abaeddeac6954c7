use ipc_runtime::{Streaming, ipc_interface};

#[ipc_interface(channel = "demo.files", version = "1.0.0")]
trait Files {
    async fn upload(&self, chunks: Streaming<&str>) -> u64;
}

fn main() {}

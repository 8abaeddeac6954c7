use ipc_runtime::{Streaming, ipc_interface};

#[ipc_interface(channel = "demo.files", version = "1.0.0")]
trait Files {
    async fn download(&self) -> Result<Streaming<u64>, String>;
}

fn main() {}

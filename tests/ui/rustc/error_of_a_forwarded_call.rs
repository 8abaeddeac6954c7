use ipc_runtime::{IpcError, ipc_interface};

#[ipc_interface(channel = "demo.files", version = "1.0.0")]
trait Files {
    async fn size(&self) -> Result<u64, IpcError>;
}

fn main() {}

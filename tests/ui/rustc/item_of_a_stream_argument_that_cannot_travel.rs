use ipc_runtime::{Streaming, ipc_interface};

struct Change {
    name: String,
}

#[ipc_interface(channel = "demo.files", version = "1.0.0")]
trait Files {
    async fn upload(&self, changes: Streaming<Change>) -> u64;
}

fn main() {}

use ipc_runtime::ipc_interface;
use std::sync::Arc;

#[ipc_interface(channel = "demo.files", version = "1.0.0")]
trait Files {
    async fn size(self: Arc<Self>) -> u64;
}

fn main() {}

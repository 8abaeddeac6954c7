use ipc_runtime::ipc_interface;

#[ipc_interface(channel = "demo.files", version = "1.0.0", client = "Files Client", handler = "")]
trait Files {
    async fn size(&self) -> u64;
}

fn main() {}

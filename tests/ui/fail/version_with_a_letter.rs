use ipc_runtime::ipc_interface;

#[ipc_interface(channel = "demo.files", version = "v1.2.0")]
trait Files {
    async fn size(&self) -> u64;
}

fn main() {}

use ipc_runtime::ipc_interface;

#[ipc_interface(channel = "demo.files")]
trait Files {
    async fn size(&self) -> u64;
}

fn main() {}

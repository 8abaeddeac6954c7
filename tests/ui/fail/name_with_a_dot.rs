use ipc_runtime::ipc_interface;

#[ipc_interface(channel = "demo", version = "1.0.0")]
trait Files {
    #[ipc(name = "files.size")]
    async fn size(&self) -> u64;
}

fn main() {}

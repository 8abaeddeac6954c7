use ipc_runtime::ipc_interface;

#[ipc_interface(version = "1.0.0")]
trait Files {
    async fn size(&self) -> u64;
}

fn main() {}

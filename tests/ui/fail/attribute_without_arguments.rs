use ipc_runtime::ipc_interface;

#[ipc_interface]
trait Files {
    async fn size(&self) -> u64;
}

fn main() {}

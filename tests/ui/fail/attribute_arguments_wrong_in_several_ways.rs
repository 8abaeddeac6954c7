use ipc_runtime::ipc_interface;

#[ipc_interface(channel "demo.files", versoin = "1.0.0", compat = "exakt", "x", rename_all)]
trait Files {
    async fn size(&self) -> u64;
}

fn main() {}

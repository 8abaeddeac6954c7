use ipc_runtime::ipc_interface;

const VERSION: &str = "1.0.0";

#[ipc_interface(channel = stringify!(files), version = VERSION)]
trait Files {
    #[ipc(name = env!("CARGO_PKG_NAME"))]
    async fn size(&self) -> u64;
}

fn main() {}

use ipc_runtime::ipc_interface;

#[ipc_interface(channel = "demo.files", version = "1.0.0")]
trait Files {
    async fn read(&self, mut from: u64) -> Vec<u8>;
}

fn main() {}

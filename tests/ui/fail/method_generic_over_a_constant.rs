use ipc_runtime::ipc_interface;

#[ipc_interface(channel = "demo.files", version = "1.0.0")]
trait Files {
    async fn write<const N: usize>(&self, content: [u8; N]);
}

fn main() {}

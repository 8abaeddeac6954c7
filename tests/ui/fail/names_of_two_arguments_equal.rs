use ipc_runtime::ipc_interface;

#[ipc_interface(channel = "demo.files", version = "1.0.0")]
trait Files {
    async fn copy(&self, from: &str, #[ipc(name = "from")] to: &str);
}

fn main() {}

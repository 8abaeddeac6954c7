use ipc_runtime::ipc_interface;

#[ipc_interface(channel = "demo.files", version = "1.0.0", lock = "../ipc.lock")]
trait Files {
    async fn list(&self) -> Vec<String>;
}

fn main() {}

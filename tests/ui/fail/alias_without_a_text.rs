use ipc_runtime::ipc_interface;

#[ipc_interface(channel = "demo.files", version = "1.0.0")]
trait Files {
    #[ipc(alias)]
    async fn search(&self) -> Vec<String>;
}

fn main() {}

use ipc_runtime::ipc_interface;

#[ipc_interface(channel = "demo.files", version = "1.0.0")]
trait Files {
    #[ipc(alias = "find")]
    async fn list(&self) -> Vec<String>;
    #[ipc(alias = "look", alias = "find")]
    async fn search(&self) -> Vec<String>;
}

fn main() {}

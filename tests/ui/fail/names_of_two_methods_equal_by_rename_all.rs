use ipc_runtime::ipc_interface;

#[ipc_interface(channel = "demo.files", version = "1.0.0", rename_all = "camelCase")]
trait Files {
    #[ipc(name = "readDir")]
    async fn list(&self) -> Vec<String>;
    async fn read_dir(&self, path: &str) -> Vec<String>;
}

fn main() {}

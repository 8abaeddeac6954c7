use ipc_runtime::{Stream, ipc_interface};

#[ipc_interface(channel = "demo.files", version = "1.0.0")]
trait Files {
    async fn watch(&self, dir: String) -> Result<impl Stream<Item = u64>, String>;
}

fn main() {}

use ipc_runtime::{CallContext, ipc_interface};

#[ipc_interface(channel = "demo.files", version = "1.0.0")]
trait Files {
    async fn open(&self, #[ipc(as = "a text")] path: String);
    async fn close(&self, #[ipc(as = "String")] path: &std::path::Path);
    async fn list(&self, #[ipc(context, as = "String", lossy)] context: &CallContext);
}

fn main() {}

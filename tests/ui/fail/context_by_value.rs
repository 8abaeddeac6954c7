use ipc_runtime::{CallContext, ipc_interface};

#[ipc_interface(channel = "demo.files", version = "1.0.0")]
trait Files {
    async fn read(&self, #[ipc(context)] call: CallContext) -> Vec<u8>;
}

fn main() {}

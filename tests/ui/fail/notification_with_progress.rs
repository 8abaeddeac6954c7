use ipc_runtime::{CallContext, ipc_interface};

#[ipc_interface(channel = "demo.files", version = "1.0.0")]
trait Files {
    #[ipc(notification)]
    async fn index(&self, #[ipc(context)] call: &CallContext<u64>);
}

fn main() {}

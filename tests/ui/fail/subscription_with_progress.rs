use ipc_runtime::{CallContext, Stream, ipc_interface};

#[ipc_interface(channel = "demo.files", version = "1.0.0")]
trait Files {
    #[ipc(subscription)]
    async fn watch(&self, #[ipc(context)] call: &CallContext<u64>) -> impl Stream<Item = u64>;
}

fn main() {}

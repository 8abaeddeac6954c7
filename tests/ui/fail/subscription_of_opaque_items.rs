use ipc_runtime::{Stream, ipc_interface};

#[ipc_interface(channel = "demo.files", version = "1.0.0")]
trait Files {
    #[ipc(subscription)]
    async fn watch(&self, dir: String) -> impl Stream<Item = impl Send>;
}

fn main() {}

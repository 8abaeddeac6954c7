use ipc_runtime::{Stream, ipc_interface};

struct Change {
    name: String,
}

#[ipc_interface(channel = "demo.files", version = "1.0.0")]
trait Files {
    #[ipc(subscription)]
    async fn watch(&self, dir: String) -> Result<impl Stream<Item = Change>, String>;
}

fn main() {}

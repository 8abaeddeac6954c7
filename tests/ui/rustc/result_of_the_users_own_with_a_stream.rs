use ipc_runtime::{Stream, ipc_interface};

pub struct Result<T, E> {
    pub value: T,
    pub error: E,
}

#[ipc_interface(channel = "demo.files", version = "1.0.0")]
trait Files {
    #[ipc(subscription)]
    async fn watch(&self, dir: String) -> Result<impl Stream<Item = u64>, String>;
}

fn main() {}

use ipc_runtime::{ipc_interface, ipc_type};

mod outcome {
    #[ipc_runtime::ipc_type]
    pub struct Result {
        pub size: u64,
    }
}

#[ipc_interface(channel = "demo.files", version = "1.0.0")]
trait Files {
    async fn size(&self, path: &str) -> outcome::Result;
}

#[ipc_type]
struct Other;

fn main() {}

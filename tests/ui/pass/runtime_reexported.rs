mod framework {
    pub mod ipc {
        pub use ipc_runtime::*;
    }
}

mod inner {
    use crate::framework::ipc::{ipc_interface, ipc_type};

    #[ipc_type(crate = "crate::framework::ipc")]
    pub struct FileInfo {
        pub name: String,
    }

    #[ipc_interface(crate = "crate::framework::ipc", channel = "demo.files", version = "1.0.0")]
    pub trait Files {
        async fn stat(&self, path: &str) -> FileInfo;
    }
}

fn stat(files: &inner::FilesClient) {
    let _ = files.stat("/");
}

fn main() {
    let _ = stat;
}

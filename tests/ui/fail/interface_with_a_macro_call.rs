use ipc_runtime::ipc_interface;

macro_rules! size {
    () => {
        async fn size(&self) -> u64;
    };
}

#[ipc_interface(channel = "demo.files", version = "1.0.0")]
trait Files {
    size!();
}

fn main() {}

use ipc_runtime::ipc_interface;

#[ipc_interface(channel = "demo.files", version = "1.0.0")]
fn size() -> u64 {
    1
}

fn main() {
    size();
}

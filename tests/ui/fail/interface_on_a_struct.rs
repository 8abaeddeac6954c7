use ipc_runtime::ipc_interface;

#[ipc_interface(channel = "demo.files", version = "1.0.0")]
struct Files {
    size: u64,
}

fn main() {
    let _ = Files { size: 1 };
}

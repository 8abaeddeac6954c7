use ipc_runtime::ipc_type;

#[ipc_type(channel = "demo.files")]
struct File {
    name: String,
}

fn main() {}

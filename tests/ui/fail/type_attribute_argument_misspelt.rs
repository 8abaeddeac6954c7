use ipc_runtime::ipc_type;

#[ipc_type(crat = "::ipc_runtime")]
struct File {
    name: String,
}

fn main() {}

use ipc_runtime::ipc_type;

struct Owner;

#[ipc_type]
struct FileInfo {
    name: String,
    owner: Owner,
}

fn main() {}

use ipc_runtime::ipc_type;

#[ipc_type]
#[ipc(recursive)]
struct Folder {
    parent: Option<Box<Folder>>,
}

fn main() {}

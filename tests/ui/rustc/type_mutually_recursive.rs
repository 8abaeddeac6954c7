use ipc_runtime::ipc_type;

#[ipc_type]
struct Folder {
    entries: Vec<Entry>,
}

#[ipc_type]
struct Entry {
    folder: Option<Folder>,
}

fn main() {}

use ipc_runtime::ipc_type;

#[ipc_type]
enum Entry {
    #[ipc(recursive)]
    Folder(Vec<Entry>),
    File,
}

fn main() {}

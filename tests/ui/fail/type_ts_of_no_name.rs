use ipc_runtime::ipc_type;

#[ipc_type]
#[ipc(ts = "File Entry")]
struct Entry {
    name: String,
}

#[ipc_type]
#[ipc(ts = "string")]
struct Text(String);

#[ipc_type]
#[ipc(ts)]
enum Kind {
    File,
}

fn main() {}

use ipc_runtime::ipc_type;

#[ipc_type]
struct File<'a> {
    name: &'a str,
}

fn main() {
    let _ = File { name: "" };
}

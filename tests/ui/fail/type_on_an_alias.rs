use ipc_runtime::ipc_type;

#[ipc_type]
type Names = Vec<String>;

fn main() {
    let _: Names = Vec::new();
}

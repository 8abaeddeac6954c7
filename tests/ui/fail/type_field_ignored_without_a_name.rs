use ipc_runtime::ipc_type;

#[ipc_type]
struct Range(u64, #[ipc(ignored)] u64);

fn main() {}

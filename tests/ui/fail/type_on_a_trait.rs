use ipc_runtime::ipc_type;

#[ipc_type]
trait Files {
    fn size(&self) -> u64;
}

fn main() {}

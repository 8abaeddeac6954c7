use ipc_runtime::ipc_interface;

#[ipc_interface(channel = "demo.files", version = env!("NO_SUCH_VARIABLE_IS_SET"))]
trait Files {
    async fn size(&self) -> u64;
}

fn main() {}

use ipc_runtime::ipc_interface;

#[ipc_interface(channel = "demo.files", version = "1.0.0")]
trait Files {
    fn size(&self) -> impl Future<Output = u64> + Send;
}

fn main() {}

use ipc_runtime::ipc_interface;

#[ipc_interface(channel = "demo.files", version = "1.0.0")]
trait Files {
    async fn on_change(&self, callback: Box<dyn Fn(u64) + Send>);
}

fn main() {}

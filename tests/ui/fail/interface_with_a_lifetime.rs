use ipc_runtime::ipc_interface;

#[ipc_interface(channel = "demo.files", version = "1.0.0")]
trait Files<'a> {
    async fn read(&self, name: &'a str);
}

fn main() {}

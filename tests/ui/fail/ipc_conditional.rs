use ipc_runtime::ipc_interface;

#[ipc_interface(channel = "demo.files", version = "1.0.0")]
trait Files {
    #[cfg_attr(unix, ipc(notification))]
    async fn log(&self, line: &str);
}

fn main() {}

use ipc_runtime::ipc_interface;

#[ipc_interface(channel = "demo.files", version = "1.2", compat = "caret")]
trait Files {
    async fn size(&mut self) -> u64;
    #[ipc(notification)]
    async fn log(&self, line: &str) -> bool;
    async fn read(&self, names: Vec<&str>, (from, to): (u64, u64)) -> &str;
    fn close();
}

fn main() {}

use ipc_runtime::ipc_interface;

#[ipc_interface(channel = "demo.files", version = "1.0.0")]
trait Files {
    #[ipc(subscription)]
    async fn watch(&self, dir: String) -> futures_util::stream::BoxStream<'static, u64>;
}

fn main() {}

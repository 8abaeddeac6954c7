use ipc_runtime::ipc_interface;

struct Filter {
    suffix: String,
}

#[ipc_interface(channel = "demo.files", version = "1.0.0")]
trait Files {
    async fn list(&self, filter: &Filter, others: &[Filter], last: Option<&Filter>);
}

fn main() {}

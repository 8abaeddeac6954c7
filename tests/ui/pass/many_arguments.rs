use ipc_runtime::{CallContext, Client, ipc_interface};

#[ipc_interface(channel = "demo.numbers", version = "1.0.0")]
trait Numbers {
    #[allow(clippy::too_many_arguments)]
    async fn sum(
        &self,
        a: u8,
        b: &u8,
        c: Option<u8>,
        d: Option<&u8>,
        e: &str,
        f: &[u8],
        g: (u8, u8),
        #[ipc(context)] context: &CallContext,
        h: [u8; 4],
        i: String,
        j: Vec<String>,
        k: &std::path::Path,
        l: bool,
        m: Option<&str>,
        n: Option<String>,
    ) -> u64;
    async fn none(&self);
}

fn main() {
    assert_eq!(NumbersClient::INTERFACE.methods[0].arguments.len(), 14);
    assert_eq!(NumbersClient::INTERFACE.methods[1].arguments.len(), 0);
}

use ipc_runtime::{Client, ipc_interface};

#[ipc_interface(channel = "demo.private", version = "1.0.0")]
trait Private {
    async fn size(&self) -> u64;
}

mod inner {
    use ipc_runtime::ipc_interface;

    #[ipc_interface(channel = "demo.limited", version = "1.0.0")]
    pub(super) trait Limited {
        async fn size(&self) -> u64;
    }

    #[ipc_interface(channel = "demo.within", version = "1.0.0")]
    pub(in crate::inner) trait Within {
        async fn size(&self) -> u64;
    }

    pub fn within() -> &'static str {
        <WithinClient as ipc_runtime::Client>::INTERFACE.channel
    }
}

fn main() {
    assert_eq!(PrivateClient::INTERFACE.channel, "demo.private");
    assert_eq!(inner::LimitedClient::INTERFACE.channel, "demo.limited");
    assert_eq!(inner::within(), "demo.within");
}
